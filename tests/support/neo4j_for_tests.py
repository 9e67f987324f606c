"""A real Neo4j for tests: the one at NEO4J_URI if it may be erased, else one in Docker, else a local one.

The release is the one that users run; NEO4J_FOR_TESTS=newest asks for the newest calendar release instead, which the
Cypher must run on unchanged (make test-newest).
"""

import gc
import os
import re
import secrets
import signal
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import docker  # type: ignore[import-untyped]  # it ships no type information
import neo4j

from crawler.errors import HubGenealogyError
from crawler.graph import schema
from crawler.graph.connection import Connection, Graph
from crawler.local.configuration import CONFIGURATION
from crawler.local.jars import LOCK, Lock, read_lock
from crawler.settings import Settings

HEAP, PAGE_CACHE = "512m", "128m"
BATCH = 10_000
# A test fills an emptied graph. Replanning every query each time, and compiling the hottest code a second time, would take
# two fifths of the server's processor time.
KEEP_PLANS = "dbms.cypher.min_replan_interval=1h\ndbms.cypher.statistics_divergence_threshold=1.0\n"
COMPILE_ONCE = "-XX:TieredStopAtLevel=1"
# A statement that makes or drops a constraint or an index, and the name.
_SCHEMA_STATEMENT = re.compile(r"^(CREATE|DROP) (?:CONSTRAINT|(?:[A-Z]+ )?INDEX) (\w+)")
LOCKS = {"": LOCK, "newest": Path(__file__).with_name("neo4j-newest.lock.json")}


def lock_for_tests() -> Lock:
    """What a Neo4j that is started for the tests consists of."""
    asked = os.environ.get("NEO4J_FOR_TESTS", "")
    if asked not in LOCKS:
        raise HubGenealogyError(f"NEO4J_FOR_TESTS is {asked!r}: leave it out, or say newest")
    return read_lock(LOCKS[asked])


@contextmanager
def neo4j_for_tests(settings: Settings, say: Callable[[str], None]) -> Iterator[Connection]:
    """Start or find a database that tests may erase; `say` is told which one.

    Raises HubGenealogyError when there is none: a run without a database would show nothing.
    """
    uri = settings["neo4j.uri"]
    # Of several workers of a run, the first one uses it: each needs a graph to itself.
    if uri and settings["neo4j.disposable"] and os.environ.get("PYTEST_XDIST_WORKER", "gw0") == "gw0":
        say(f"tests use, and erase, the Neo4j at {uri}")
        yield Connection(uri, settings["neo4j.username"], settings["neo4j.password"] or "", settings["neo4j.database"])
        return
    if uri:
        say(f"tests leave {uri} alone: HUB_GENEALOGY_NEO4J_DISPOSABLE=true would let them erase it")
    with ExitStack() as stack:
        connection = _in_docker(stack, say) if _docker_answers() else None
        yield connection or _local(stack, say)


def _docker_answers() -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # a client that finds no daemon leaves its socket open
        try:
            client = docker.from_env(timeout=10)
        except docker.errors.DockerException:
            return False
        finally:
            gc.collect()
        with client:
            return bool(client.ping())


def _in_docker(stack: ExitStack, say: Callable[[str], None]) -> Connection | None:
    image = f"neo4j:{lock_for_tests().version}-community"
    password = secrets.token_urlsafe(24)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # testcontainers warns about its own use of its own functions
        from testcontainers.community.neo4j import Neo4jContainer  # noqa: PLC0415 - looks for a daemon when imported

        container = Neo4jContainer(image, password=password, username="neo4j")
        container.with_env("NEO4J_server_memory_heap_max__size", HEAP)
        container.with_env("NEO4J_server_memory_pagecache_size", PAGE_CACHE)
        try:
            stack.enter_context(container)
        except (docker.errors.DockerException, OSError) as error:
            say(f"Docker answers, but {image} does not start there ({' '.join(str(error).split())[:200]})")
            return None
        say(f"tests use Neo4j in Docker ({image})")
        return Connection(container.get_connection_url(), "neo4j", password)


def _local(stack: ExitStack, say: Callable[[str], None]) -> Connection:
    try:
        from crawler.local.server import LocalServer  # noqa: PLC0415 - its packages are the optional extra `local`

        class ServerForTests(LocalServer):
            def _options(self) -> list[str]:
                return [*super()._options(), COMPILE_ONCE]

        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hub-genealogy-tests-")))
        server = ServerForTests(home, heap=HEAP, page_cache=PAGE_CACHE, lock=lock_for_tests())
        signal.signal(
            signal.SIGTERM, signal.default_int_handler
        )  # a run that is ended stops its server, as with Ctrl-C
        stack.callback(server.stop)
        # The tests of the local server have its usual ports to themselves.
        of_tests: dict[str, Any] = {"BOLT_PORT": 17687, "HTTP_PORT": 17474, "CONFIGURATION": CONFIGURATION + KEEP_PLANS}
        with mock.patch.multiple("crawler.local.server", **of_tests):
            try:
                connection = server.start()
            except HubGenealogyError as error:
                say(f"the local Neo4j did not start ({error}); trying once more")
                connection = server.start()
    except HubGenealogyError as error:
        raise HubGenealogyError(
            f"no Neo4j for the tests: {error}. Start Docker, or set NEO4J_URI to a database that may be erased, with "
            "HUB_GENEALOGY_NEO4J_DISPOSABLE=true",
        ) from None
    say(f"tests use a local Neo4j at {connection.uri}")
    return connection


def empty(graph: Graph) -> None:
    """Leave nothing in the graph but the schema, applied as a crawl applies it.

    The server keeps its constraints, its indexes and the plans of its queries, unless a test has changed the schema:
    making all of that anew takes longer than most tests.
    """
    _delete_nodes(graph.driver, graph.database, "NOT n:SchemaMigration")
    known = schema.migrations()
    with graph.session() as session:
        indexes = set(session.run("SHOW INDEXES YIELD name, type WHERE type <> 'LOOKUP' RETURN name").value("name"))
        notes = session.run("MATCH (s:SchemaMigration) RETURN s.checksum AS checksum").value("checksum")
    if indexes != _left_by(known) or sorted(notes) != sorted(one.checksum for one in known):
        erase(graph.driver, graph.database)
        schema.apply(graph)


def _left_by(migrations: Iterable[schema.Migration]) -> set[str]:
    """The names of the constraints and indexes that are there when all of `migrations` were applied."""
    names = set[str]()
    for migration in migrations:
        for statement in migration.statements:
            if found := _SCHEMA_STATEMENT.search(statement):
                names = names | {found[2]} if found[1] == "CREATE" else names - {found[2]}
    return names


def erase(driver: neo4j.Driver, database: str) -> None:
    """Erase every constraint, index, relationship and node; the two lookup indexes of every database stay."""
    with driver.session(database=database) as session:
        for name in session.run("SHOW CONSTRAINTS YIELD name ORDER BY name").value("name"):
            session.run(f"DROP CONSTRAINT {_quoted(name)} IF EXISTS").consume()
        indexes = session.run("SHOW INDEXES YIELD name, type WHERE type <> 'LOOKUP' RETURN name ORDER BY name")
        for name in indexes.value("name"):
            session.run(f"DROP INDEX {_quoted(name)} IF EXISTS").consume()
    _delete_nodes(driver, database, "true")


def _delete_nodes(driver: neo4j.Driver, database: str, condition: str) -> None:
    # The relationships first: nodes with theirs fill the memory of a transaction.
    with driver.session(database=database) as session:
        session.run(f"MATCH ()-[r]->() CALL (r) {{ DELETE r }} IN TRANSACTIONS OF {BATCH} ROWS").consume()
        session.run(
            f"MATCH (n) WHERE {condition} CALL (n) {{ DETACH DELETE n }} IN TRANSACTIONS OF {BATCH} ROWS"
        ).consume()


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
