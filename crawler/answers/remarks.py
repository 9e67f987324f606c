"""What is to be said beside the rows of an answer: where it may be cut, what an empty one means, what it leaves out."""

import logging
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import neo4j

from crawler.answers.checks import MAX_PATH_LENGTH
from crawler.answers.context import Remark
from crawler.answers.library import SavedQuery
from crawler.answers.parameters import FILTERS
from crawler.answers.plan import notifications
from crawler.answers.run import answer, count, explain
from crawler.readable import counted

# The server's codes for a label, a relationship type and a property key that the graph does not have.
UNKNOWN_NAMES = ("01N50", "01N51", "01N52")
# An answer of at most this many rows is compared, row by row, with the answer that includes withdrawn links.
COMPARED_ROWS = 1000
# How many seconds a further question about an answer may take at least.
PATIENCE = 5
# The columns, in a query that follows paths, that say how far away something is.
DEPTHS = ("depth", "other_depth", "step")
UNCLEAR = "unclear"


class Watched:
    """Rows on their way: counted, timed, and how deep the deepest is."""

    def __init__(self, query: SavedQuery, rows: Iterator[list[Any]]) -> None:
        self.count = 0
        self.deepest = 0
        self.unclear = 0
        """Rows about a model whose dependence nobody declares."""
        self.seen: set[str] = set()
        """The first COMPARED_ROWS rows, as text."""
        self._rows = rows
        self._began = time.monotonic()
        self._classes = [i for i, column in enumerate(query.columns) if column.name == "class"]
        self._depths = [i for i, column in enumerate(query.columns) if column.name in DEPTHS and query.traverses]

    def __iter__(self) -> Iterator[list[Any]]:
        for row in self._rows:
            self.count += 1
            if self.count <= COMPARED_ROWS:
                self.seen.add(repr(row))
            self.unclear += any(row[place] == UNCLEAR for place in self._classes)
            for place in self._depths:
                self.deepest = max(self.deepest, row[place] or 0)
            yield row

    @property
    def seconds(self) -> float:
        """How long the answer has taken so far."""
        return time.monotonic() - self._began


def of_unknown_names(
    session: neo4j.Session, query: SavedQuery, values: dict[str, Any], timeout: timedelta
) -> Iterator[Remark]:
    """Labels, types and properties in the query that the graph lacks: a mistyped one gives empty cells or no row."""
    for one in notifications(explain(session, query, values, timeout)):
        if one.status in UNKNOWN_NAMES:
            message = one.message.partition(". ")[2] or one.message
            yield logging.WARNING, f"{query.path}:{one.line}: {message}"


def of_the_rows(query: SavedQuery, values: dict[str, Any], watched: Watched) -> Iterator[Remark]:
    """How many rows there were; where an answer may be cut; what an empty one means."""
    yield logging.INFO, f"{query.name}: {counted(watched.count, 'row', 'rows')} in {watched.seconds:.1f} s"
    if watched.count == 0:
        yield logging.INFO, f"no rows: {query.empty}"
        if query.traverses and values.get("along") and "kind" in values and not values["kind"]:
            along = ",".join(values["along"])
            yield (
                logging.INFO,
                f"along={along} asks that every step be of that kind; kind={along} asks it of a row's own step only",
            )
    if watched.unclear:
        what = counted(watched.unclear, "row is", "rows are")
        text = "the kind of a step is not declared, or a link is only inferred; that does not mean that the models are safe"
        yield logging.INFO, f"{what} unclear: {text}"
    limit = values.get("limit")
    if limit is not None and watched.count >= limit:
        rows = counted(limit, "row", "rows")
        yield logging.WARNING, f"the limit of {rows} that was asked for is reached: there may be more"
    bound = min(values.get("max_depth") or MAX_PATH_LENGTH, MAX_PATH_LENGTH)
    if watched.deepest >= bound:
        steps = counted(bound, "step", "steps")
        yield logging.WARNING, f"paths were followed for {steps} and no further: there may be more beyond"


def of_filters(
    session: neo4j.Session, query: SavedQuery, values: dict[str, Any], watched: Watched, timeout: timedelta
) -> Iterator[Remark]:
    """Of an answer without rows: how many there are without its filters, so that nobody takes it for the whole answer."""
    given = {name: ",".join(values[name]) for name in FILTERS if values.get(name)}
    if watched.count or not given:
        return
    patience = min(timeout, timedelta(seconds=PATIENCE + 2 * watched.seconds))
    rows = count(session, query, values | dict.fromkeys(given), patience)
    filters = " and ".join(f"{name}={value}" for name, value in given.items())
    there = "may be rows" if rows is None else f"{'is' if rows == 1 else 'are'} {counted(rows, 'row', 'rows')}"
    yield logging.INFO, f"without {filters}, there {there}"


def of_withdrawn_links(
    session: neo4j.Session, query: SavedQuery, values: dict[str, Any], watched: Watched, timeout: timedelta
) -> Iterator[Remark]:
    """How many rows more there would be with the links that are no longer declared; where as many, how many others.

    The query is asked again, for a count only, and for little longer than it took before.
    """
    patience = min(timeout, timedelta(seconds=PATIENCE + 2 * watched.seconds))
    whole = {**values, "limit": None} if "limit" in values else values
    cut = values.get("limit") is not None and watched.count >= values["limit"]
    rows = count(session, query, whole, patience) if cut else watched.count
    following = {**whole, "include_withdrawn": True}
    more = count(session, query, following, patience)
    if rows is None or more is None:
        yield logging.INFO, "links that are no longer declared are left out; --include-withdrawn follows them too"
    elif more > rows:
        what = counted(more - rows, "more row rests", "more rows rest")
        yield logging.INFO, f"{what} on links that are no longer declared; --include-withdrawn shows all"
    elif more < rows:
        text = f"with links that are no longer declared, there are {more} rows instead of {rows}; --include-withdrawn shows them"
        yield logging.INFO, text
    elif not cut and rows <= COMPARED_ROWS:
        with answer(session, query, following, timeout) as others:
            different = sum(repr(row) not in watched.seen for row in others)
        if different:
            what = counted(different, "row is", "rows are")
            yield (
                logging.INFO,
                f"{what} different with links that are no longer declared; --include-withdrawn shows them",
            )
