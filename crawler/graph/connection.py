"""The database behind the graph: the one that NEO4J_URI names, or a local server that is started here."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString

import neo4j
from neo4j.exceptions import (
    AuthError,
    ConfigurationError,
    ConnectionPoolError,
    DriverError,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
    TransientError,
)

from crawler.connection import Connection, wrong_password
from crawler.errors import GraphUnreachableError, HubGenealogyError, TryLaterError, UsageError
from crawler.settings import Settings
from crawler.state import holds_state, way_to_a_state

logger = logging.getLogger(__name__)

__all__ = ["Connection", "Graph", "connection_for", "open_connection", "open_graph"]

# How long a managed transaction goes on trying while the server is away: a restart of Neo4j takes less.
RETRY_SECONDS = 300.0


@dataclass(eq=False)
class Graph:
    """An open driver and the database it works on."""

    driver: neo4j.Driver
    database: str

    def move(self, connection: Connection) -> None:
        """Go on with a server that was started anew, at another address if need be."""
        before, self.driver = self.driver, _driver(connection)
        before.close()

    def session(self, access: str = neo4j.WRITE_ACCESS) -> neo4j.Session:
        """A session on the graph's database."""
        return self.driver.session(database=self.database, default_access_mode=access)

    def read(self, statement: LiteralString, **values: Any) -> list[neo4j.Record]:
        """The rows of `statement`, in a transaction that the driver repeats while the server is away."""
        with self.session(neo4j.READ_ACCESS) as session:
            return session.execute_read(lambda tx: list(tx.run(statement, values)))

    def write(self, statement: LiteralString, **values: Any) -> list[neo4j.Record]:
        """The same for a statement that writes; it must be idempotent, as its answer may be lost after its commit."""
        with self.session() as session:
            return session.execute_write(lambda tx: list(tx.run(statement, values)))


def connection_for(settings: Settings) -> Connection:
    """The connection that the settings name; without `neo4j.uri`, the local server's, which is started if need be."""
    if settings["neo4j.uri"] is None:
        from crawler.local.server import LocalServer  # noqa: PLC0415  # its packages are the optional extra `local`

        return LocalServer.from_settings(settings).start()
    if settings.password_refused:
        raise UsageError(settings.password_refused)
    return Connection(
        uri=settings["neo4j.uri"],
        username=settings["neo4j.username"],
        password=settings["neo4j.password"] or "",
        database=settings["neo4j.database"],
    )


def check_there(settings: Settings) -> None:
    """HubGenealogyError where the graph would be that of a state folder without one."""
    if settings["neo4j.uri"] is None and not holds_state(settings.home):
        raise HubGenealogyError(f"there is no graph in {settings.home}: {way_to_a_state(settings.home)}")


@contextmanager
def open_graph(settings: Settings, *, may_be_new: bool = False) -> Iterator[Graph]:
    """Open the graph that the settings name. Unless it `may_be_new`, no server is started for a state folder without one.

    Raises GraphUnreachableError (75) if no server answers, at the start or later; TryLaterError (75) for any other temporary
    error; UsageError for a malformed address; HubGenealogyError for every other error of the driver.
    """
    if not may_be_new:
        check_there(settings)
    with open_connection(connection_for(settings)) as graph:
        yield graph


@contextmanager
def open_connection(connection: Connection) -> Iterator[Graph]:
    """Open the graph behind `connection`; errors as for `open_graph`."""
    try:
        graph = Graph(_driver(connection), connection.database)
    except (ConfigurationError, ValueError) as error:
        raise UsageError(f"NEO4J_URI is no address of a Neo4j server: {error}") from None
    try:
        # One attempt, at once: `verify_connectivity` would not notice a database that does not exist.
        with graph.session() as session:
            session.run("RETURN 1").consume()
        yield graph
    except (DriverError, Neo4jError) as error:
        logger.debug("the driver's own words", exc_info=error)
        raise _understood(error, connection) from None
    finally:
        graph.driver.close()


def _driver(connection: Connection) -> neo4j.Driver:
    return neo4j.GraphDatabase.driver(
        connection.uri,
        auth=connection.auth,
        user_agent="hub-genealogy",
        max_transaction_retry_time=RETRY_SECONDS,
        connection_timeout=10.0,
        notifications_min_severity=neo4j.NotificationMinimumSeverity.OFF,
    )


def _cause(error: BaseException) -> str | None:
    """What the system said of a connection that failed; the driver wraps it in the addresses that it tried."""
    while error.__cause__ is not None:
        error = error.__cause__
    return error.strerror if isinstance(error, OSError) else None


def _died_of_memory(password_file: Path | None) -> bool:
    """Whether the local server of this password ended because its heap was full. Each start empties this log."""
    if password_file is None:
        return False
    try:
        return "OutOfMemoryError" in (password_file.parent / "logs" / "neo4j.out").read_text(errors="replace")
    except OSError:
        return False


def _understood(error: DriverError | Neo4jError, connection: Connection) -> HubGenealogyError:
    """An error of the driver as one line that says what to do; TryLaterError where it passes by itself."""
    where, file = connection.uri, connection.password_file
    code = (error.code or "") if isinstance(error, Neo4jError) else ""
    reason = " ".join(((error.message if isinstance(error, Neo4jError) else None) or str(error)).split())[:300]
    kind: type[HubGenealogyError] = HubGenealogyError
    if isinstance(error, AuthError):
        text = (
            wrong_password(f"the Neo4j at {where}", file)
            if file
            else f"{where} refuses the user {connection.username!r} or its password: check NEO4J_USERNAME and NEO4J_PASSWORD"
        )
    elif code == "Neo.ClientError.Security.AuthenticationRateLimit":
        kind = TryLaterError
        text = (
            f"{where} was given a wrong password too often and refuses the user {connection.username!r} for a while: check "
            "NEO4J_USERNAME and NEO4J_PASSWORD, and try again in a minute"
        )
    elif code == "Neo.ClientError.Database.DatabaseNotFound":
        text = f"{where} has no database {connection.database!r}: check NEO4J_DATABASE"
    elif isinstance(error, TransientError) and "Memory" in code:
        text = (
            f"the Neo4j at {where} has too little memory for this: give it more heap (neo4j.heap, where it is the local "
            "one), or ask for less"
        )
    elif isinstance(error, ServiceUnavailable | SessionExpired | ConnectionPoolError) and _died_of_memory(file):
        text = (
            f"the Neo4j at {where} ended for lack of memory: set neo4j.heap to more than it had, or ask for less; the next "
            "command starts it again"
        )
    elif isinstance(error, ServiceUnavailable | SessionExpired | ConnectionPoolError):
        kind = GraphUnreachableError
        way_out = "hub-genealogy db start" if file else "start it, or unset NEO4J_URI to use a local one"
        text = f"no Neo4j answers at {where} ({_cause(error) or reason}): {way_out}"
    elif isinstance(error, TransientError):
        kind = TryLaterError
        text = f"the Neo4j at {where} cannot do this now ({reason}): try again later"
    elif isinstance(error, ConfigurationError):
        text = f"what answers at {where} cannot be used ({reason}): Neo4j 5.26 or newer is needed"
    elif isinstance(error, Neo4jError):
        text = f"the Neo4j at {where} refuses this ({code}): {reason}"
    else:
        text = (
            f"the driver of the Neo4j at {where} failed ({type(error).__name__}: {reason}): -v shows where; report it"
        )
    return kind(text)
