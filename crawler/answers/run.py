"""A saved query put to the graph: read-only, with a time-out, its rows as they come."""

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
FETCH_SIZE = 1000


@contextmanager
def read_session(graph: Graph) -> Iterator[neo4j.Session]:
    """A session that cannot write. A young graph lacks properties that a query names: that is nothing to warn of."""
    with graph.driver.session(
        database=graph.database,
        default_access_mode=neo4j.READ_ACCESS,
        fetch_size=FETCH_SIZE,
        notifications_disabled_classifications=[neo4j.NotificationDisabledClassification.UNRECOGNIZED],
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
    Raises HubGenealogyError where the time-out is reached, also in the middle of the rows. It is not tried again: rows
    that were passed on cannot be taken back.
    """
    try:
        with session.begin_transaction(timeout=timeout.total_seconds()) as transaction:
            yield (record.values() for record in transaction.run(query.statement, dict(values)))
    except ClientError as error:
        if "TransactionTimedOut" not in (error.code or ""):
            raise
        raise HubGenealogyError(
            f"{query.name} was stopped after {timeout.total_seconds():g} s: ask for less, or raise query.timeout",
        ) from None
