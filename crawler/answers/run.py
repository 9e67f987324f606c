"""A saved query put to the graph: read-only, with a time-out, its rows as they come; or explained, and not run."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import neo4j
from neo4j.exceptions import ClientError

from crawler.answers.library import SavedQuery
from crawler.errors import HubGenealogyError
from crawler.graph.connection import Graph

# Rows that the server may send ahead of the reader: what bounds the memory of an answer.
FETCH_SIZE = 10_000


@contextmanager
def read_session(graph: Graph, *, telling: bool = False) -> Iterator[neo4j.Session]:
    """A session that cannot write. A young graph lacks properties that a query names: that is nothing to warn of.

    A `telling` one hands on everything that the server has to say.
    """
    with graph.driver.session(
        database=graph.database,
        default_access_mode=neo4j.READ_ACCESS,
        fetch_size=FETCH_SIZE,
        notifications_min_severity=neo4j.NotificationMinimumSeverity.INFORMATION if telling else None,
        notifications_disabled_classifications=[]
        if telling
        else [neo4j.NotificationDisabledClassification.UNRECOGNIZED],
    ) as session:
        yield session


@contextmanager
def answer(
    session: neo4j.Session,
    query: SavedQuery,
    values: Mapping[str, Any],
    timeout: timedelta,
) -> Iterator[Iterator[list[Any]]]:
    """Run `query`; inside the block, its rows arrive as they are read, in the order of its declared columns.

    The statement is the text of the file; what a user typed is in `values` alone.
    Raises HubGenealogyError where the time-out is reached, also in the middle of the rows, or where the server refuses
    the statement. It is not tried again: rows that were passed on cannot be taken back.
    """
    try:
        with session.begin_transaction(timeout=timeout.total_seconds()) as transaction:
            yield (record.values() for record in transaction.run(query.statement, dict(values)))
    except ClientError as error:
        raise _understood(query, error, timeout) from None


def explain(
    session: neo4j.Session, query: SavedQuery, values: Mapping[str, Any], timeout: timedelta
) -> neo4j.ResultSummary:
    """What the server would do for `query`, and what it has to say of it; nothing is run.

    Places in it are lines of the file. Raises HubGenealogyError as `answer` does.
    """
    statement = f"EXPLAIN {query.text.rstrip().removesuffix(';')}"
    try:
        with session.begin_transaction(timeout=timeout.total_seconds()) as transaction:
            return transaction.run(statement, dict(values)).consume()
    except ClientError as error:
        raise _understood(query, error, timeout, first_line=1) from None


def _understood(
    query: SavedQuery, error: ClientError, timeout: timedelta, first_line: int | None = None
) -> ClientError | HubGenealogyError:
    """The one line that an error of the server comes to, where it is about the query: whoever wrote it can act on it."""
    code = error.code or ""
    if "TransactionTimedOut" in code:
        return HubGenealogyError(
            f"{query.name} was stopped after {timeout.total_seconds():g} s: ask for less, or raise query.timeout",
        )
    if not code.startswith("Neo.ClientError.Statement."):
        return error
    message = " ".join((error.message or "").split())
    place = re.search(r"\(line (\d+), column (\d+)[^)]*\)+", message)
    if place is None:
        return HubGenealogyError(f"{query.path}: {message[:300]}")
    first = query.text[: query.text.find(query.statement)].count("\n") + 1 if first_line is None else first_line
    return HubGenealogyError(f"{query.path}:{first + int(place[1]) - 1}: {message[: place.start()].strip()[:300]}")
