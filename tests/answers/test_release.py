"""The queries are tried on the release that users run, and on the newest one besides (make test-newest)."""

import neo4j
import pytest

from crawler import settings
from crawler.errors import HubGenealogyError
from crawler.graph.connection import Connection
from crawler.local.jars import read_lock
from tests.support.neo4j_for_tests import LOCKS, lock_for_tests


def test_the_server_is_of_the_release_that_was_asked_for(connection: Connection) -> None:
    if connection.uri == settings.load()["neo4j.uri"]:
        pytest.skip("the server at NEO4J_URI is of whatever release it is")
    auth = (connection.username, connection.password)
    with neo4j.GraphDatabase.driver(connection.uri, auth=auth) as driver:
        found = driver.execute_query(
            "CALL dbms.components() YIELD name, versions WHERE name = 'Neo4j Kernel' RETURN versions"
        )
    assert [record["versions"] for record in found.records] == [[lock_for_tests().version]]


def test_the_newest_release_is_a_calendar_release_without_what_the_tests_do_not_need() -> None:
    lock = read_lock(LOCKS["newest"])
    assert lock.version.startswith("2026.")
    assert {jar.coordinate for jar in lock.jars} >= set(lock.roots)
    assert lock.main != read_lock().main


def test_a_release_that_nobody_knows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEO4J_FOR_TESTS", "latest")
    with pytest.raises(HubGenealogyError, match="NEO4J_FOR_TESTS is 'latest': leave it out, or say newest"):
        lock_for_tests()
