"""A graph in which nothing is gone, withdrawn or absent yet: Neo4j Browser shows no warning beside an answer."""

import re
from pathlib import Path

import neo4j

from crawler.answers.plan import notifications
from crawler.exports import favourites
from crawler.graph import schema
from crawler.graph.connection import open_connection
from crawler.local.server import LocalServer
from tests.support.lineage_graph import LIBRARY
from tests.support.neo4j_for_tests import lock_for_tests

FAVOURITES = {query.name: query.text for query in LIBRARY.values()} | {
    path.stem: path.read_text(encoding="utf-8")
    for path in (favourites.FIND, *sorted(favourites.PICTURES.glob("*.cypher")))
}


def warned_of(driver: neo4j.Driver) -> set[str]:
    """The favourites of which the server says something."""
    found = set()
    for name, text in FAVOURITES.items():
        values = dict.fromkeys(re.findall(r"\$(\w+)", text))
        summary = driver.execute_query(f"EXPLAIN {text.rstrip().removesuffix(';')}", values).summary
        if notifications(summary):
            found.add(name)
    return found


def test_the_server_has_nothing_to_say_against_a_favourite_once_the_schema_is_applied(tmp_path: Path) -> None:
    """On a server of its own, because a database never forgets a name that it has held."""
    local = LocalServer(tmp_path / "home", heap="512m", page_cache="64m", lock=lock_for_tests())
    try:
        connection = local.start()
        auth = (connection.username, connection.password)
        with neo4j.GraphDatabase.driver(connection.uri, auth=auth) as driver:
            assert {"descendants", "surroundings", "churn"} <= warned_of(driver)
            with open_connection(connection) as graph:
                schema.apply(graph)
            assert warned_of(driver) == set()
    finally:
        local.stop()
