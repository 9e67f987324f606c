"""Run a saved query on the graph, read-only and with a time-out, and pass on its rows as they arrive; or only explain it."""

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

# How many rows the server may send ahead of the reader. This bounds the memory that an answer needs.
FETCH_SIZE = 10_000


@contextmanager
def read_session(graph: Graph, *, all_notifications: bool = False) -> Iterator[neo4j.Session]:
    """A session that cannot write.

    By default, the server does not warn about properties that the graph lacks, since a young graph lacks many. With
    `all_notifications`, it sends every notification.
    """
    with graph.driver.session(
        database=graph.database,
        default_access_mode=neo4j.READ_ACCESS,
        fetch_size=FETCH_SIZE,
        notifications_min_severity=neo4j.NotificationMinimumSeverity.INFORMATION if all_notifications else None,
        notifications_disabled_classifications=[]
        if all_notifications
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
    """Run `query`. Inside the block, its rows arrive as they are read, in the order of its declared columns.

    The statement is the text of the file; user input is only in `values`.
    Raises HubGenealogyError if the time-out is reached, even in the middle of the rows, or if the server refuses the
    statement. It never retries, because rows that were passed on cannot be taken back.
    """
    try:
        with session.begin_transaction(timeout=timeout.total_seconds()) as transaction:
            yield (record.values() for record in transaction.run(query.statement, dict(values)))
    except ClientError as error:
        raise _understood(query, error, timeout) from None


def count(session: neo4j.Session, query: SavedQuery, values: Mapping[str, Any], timeout: timedelta) -> int | None:
    """How many rows `query` has, counted by the server; None if that takes longer than `timeout`."""
    statement = f"CALL () {{\n{query.statement}\n}}\nRETURN count(*) AS rows"
    try:
        with session.begin_transaction(timeout=timeout.total_seconds()) as transaction:
            return int(transaction.run(statement, dict(values)).single(strict=True)["rows"])
    except ClientError as error:
        if "TransactionTimedOut" in (error.code or ""):
            return None
        raise _understood(query, error, timeout) from None


def explain(
    session: neo4j.Session, query: SavedQuery, values: Mapping[str, Any], timeout: timedelta
) -> neo4j.ResultSummary:
    """The server's plan for `query` and its notifications, without running the query.

    Lines are those of the file. Raises HubGenealogyError as `answer` does.
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
    """An error of the server about the query as one line that its author can act on; any other error unchanged."""
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
