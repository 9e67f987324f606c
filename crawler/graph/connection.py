"""The database behind the graph: the one that NEO4J_URI names, or a local server that is started here."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, LiteralString

import neo4j
from neo4j.exceptions import (
    AuthError,
    ClientError,
    ConfigurationError,
    ServiceUnavailable,
    SessionExpired,
    TransientError,
)

from crawler.connection import Connection
from crawler.errors import GraphUnreachableError, HubGenealogyError, UsageError
from crawler.settings import Settings

__all__ = ["Connection", "Graph", "connection_for", "open_connection", "open_graph"]

# How long a managed transaction goes on trying while the server is away: a restart of Neo4j takes less.
RETRY_SECONDS = 300.0


@dataclass(frozen=True)
class Graph:
    """An open driver and the database it works on."""

    driver: neo4j.Driver
    database: str

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
    return Connection(
        uri=settings["neo4j.uri"],
        username=settings["neo4j.username"],
        password=settings["neo4j.password"] or "",
        database=settings["neo4j.database"],
    )


@contextmanager
def open_graph(settings: Settings) -> Iterator[Graph]:
    """Open the graph that the settings name.

    Raises GraphUnreachableError (75) where no server answers, now or in the middle of the work; HubGenealogyError where
    it refuses the name, the password or the database, or has too little memory; UsageError for an address that is none.
    """
    with open_connection(connection_for(settings)) as graph:
        yield graph


@contextmanager
def open_connection(connection: Connection) -> Iterator[Graph]:
    """Open the graph behind `connection`; errors as for `open_graph`."""
    where = connection.uri
    try:
        driver = neo4j.GraphDatabase.driver(
            where,
            auth=(connection.username, connection.password),
            user_agent="hub-genealogy",
            max_transaction_retry_time=RETRY_SECONDS,
            connection_timeout=10.0,
            notifications_min_severity=neo4j.NotificationMinimumSeverity.OFF,
        )
    except (ConfigurationError, ValueError) as error:
        raise UsageError(f"NEO4J_URI is no address of a Neo4j server: {error}") from None
    with driver:
        try:
            # One attempt, at once: `verify_connectivity` would not notice a database that does not exist.
            with driver.session(database=connection.database) as session:
                session.run("RETURN 1").consume()
            yield Graph(driver, connection.database)
        except AuthError:
            raise HubGenealogyError(
                f"{where} refuses the user {connection.username!r} or its password: check NEO4J_USERNAME and NEO4J_PASSWORD"
            ) from None
        except (ServiceUnavailable, SessionExpired, TransientError) as error:
            if isinstance(error, TransientError) and "Memory" in (error.code or ""):
                raise HubGenealogyError(
                    f"the Neo4j at {where} has too little memory for this: give it more heap (neo4j.heap, where it is the "
                    "local one), or ask for less"
                ) from None
            reason = " ".join(str(error).split())[:200]
            raise GraphUnreachableError(
                f"no Neo4j answers at {where} ({reason}): start it, or unset NEO4J_URI to use a local one"
            ) from None
        except ClientError as error:
            if error.code == "Neo.ClientError.Database.DatabaseNotFound":
                raise HubGenealogyError(
                    f"{where} has no database {connection.database!r}: check NEO4J_DATABASE"
                ) from None
            raise
