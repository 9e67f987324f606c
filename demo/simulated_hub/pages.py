"""One page of the listing: what was asked for, which models answer it, and where the next page begins."""

import base64
import binascii
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl, urlencode

from demo.simulated_hub.fields import ALWAYS, DEFAULT, VALID
from demo.simulated_hub.listing import SORTS, Key, Listing, Row, created_at, dumps, first_after, rank, sort_value

MAX_LIMIT = 1000


class BadRequestError(Exception):
    """The Hub answers 400 with this text."""


@dataclass(frozen=True, kw_only=True)
class Query:
    """The parameters of a listing request."""

    pairs: tuple[tuple[str, str], ...]  # as they came, without the cursor: the next link repeats them
    sort: str
    ascending: bool
    limit: int
    fields: tuple[str, ...]
    tags: tuple[str, ...]
    author: str
    search: str
    cursor: str | None
    after: Key | None

    @property
    def selects(self) -> bool:
        """Whether the query leaves models out."""
        return bool(self.tags or self.author or self.search)


@dataclass(frozen=True, kw_only=True)
class Page:
    """The models of one answer, and the query string of the next one."""

    ids: tuple[str, ...]
    records: list[bytes]
    next_query: str | None
    same_place_query: str  # asks for this very page by another cursor


def parse(query_string: str, kind: str) -> Query:
    """Read the parameters as the Hub does for this listing; `expand[]` is another spelling of `expand`."""
    pairs = [
        ("expand" if name == "expand[]" else name, value)
        for name, value in parse_qsl(query_string, keep_blank_values=True)
    ]
    if unknown := {name for name, _ in pairs} - _PARAMETERS:
        raise BadRequestError(f"The simulated Hub does not know the parameters {sorted(unknown)}")
    last = dict(pairs)
    sort = last.get("sort", "trendingScore")
    if sort not in SORTS:
        raise BadRequestError(f'"sort" must be one of [{", ".join(sorted(SORTS))}]')
    ascending = _ascending(last.get("direction", "-1"))
    cursor = last.get("cursor")
    expand = tuple(dict.fromkeys(value for name, value in pairs if name == "expand"))
    return Query(
        pairs=tuple(pair for pair in pairs if pair[0] != "cursor"),
        sort=sort,
        ascending=ascending,
        limit=_limit(last.get("limit", str(MAX_LIMIT))),
        fields=(*ALWAYS, *(checked_expand(expand, VALID[kind][0]) or DEFAULT)),
        tags=tuple(value for name, value in pairs if name == "filter" and value),
        author=last.get("author", ""),
        search=last.get("search", "").lower(),
        cursor=cursor,
        after=None if cursor is None else _position(cursor, sort, ascending=ascending),
    )


_PARAMETERS = {"sort", "direction", "limit", "expand", "filter", "author", "search", "cursor"}


def checked_expand(names: tuple[str, ...], valid: frozenset[str]) -> tuple[str, ...]:
    """The asked-for fields, unless one of them does not exist: then none is given."""
    if set(names) - valid:
        raise BadRequestError(f'"expand" must be one of [{", ".join(sorted(valid))}]')
    return tuple(map(sys.intern, names))  # so that comparing two choices of fields compares addresses


def page(listing: Listing, query: Query) -> Page:
    """The models that come after the query's cursor."""
    order = listing.order(query.sort, ascending=query.ascending)
    start = first_after(order, query.after)
    if query.selects:
        found = list(islice(_selected(listing, query, order, start), query.limit + 1))
    else:
        found = [listing.rows[hub_id] for _, hub_id in order[start : start + query.limit + 1]]
    rows = found[: query.limit]
    return Page(
        ids=tuple([row.hub_id for row in rows]),
        records=[row.projected(query.fields) for row in rows],
        next_query=query_after(query, rows[-1]) if len(found) > len(rows) else None,
        same_place_query=_with_cursor(query, {**_same_place(query), "$comment": "nothing here yet"}),
    )


def query_after(query: Query, row: Row) -> str:
    """The query of the page that begins behind `row`."""
    return _with_cursor(query, _predicate(row, query))


def _ascending(direction: str) -> bool:
    if direction not in {"1", "-1"}:
        raise BadRequestError('"direction" must be one of [-1, 1]')
    return direction == "1"


def _limit(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise BadRequestError('"limit" must be a positive number')
    return min(int(text), MAX_LIMIT)


def _selected(listing: Listing, query: Query, order: list[Key], start: int) -> Iterator[Row]:
    words = [dumps(word) for word in query.tags]
    for at in range(start, len(order)):
        row = listing.rows[order[at][1]]
        if query.search not in row.name.lower() or not all(word in row.raw for word in words):
            continue
        if query.author and query.author != row.name.rpartition("/")[0]:
            continue
        if not words or set(query.tags) <= set(row.record.get("tags", ())):
            yield row


def _predicate(row: Row, query: Query) -> dict[str, Any]:
    """What is true of every model after `row`, in the Hub's own manner."""
    if query.sort == "createdAt" and query.ascending:
        return {"_id": {"$gt": row.hub_id}}
    value = sort_value(row, query.sort)
    beyond = "$gt" if query.ascending else "$lt"
    return {"$or": [{query.sort: value, "_id": {"$gt": row.hub_id}}, {query.sort: {beyond: value}}]}


def _same_place(query: Query) -> dict[str, Any]:
    return {} if query.cursor is None else _decoded(query.cursor)


def _with_cursor(query: Query, predicate: dict[str, Any]) -> str:
    cursor = base64.b64encode(dumps(predicate)).decode()
    return urlencode([*query.pairs, ("cursor", cursor)])


def _decoded(cursor: str) -> dict[str, Any]:
    try:
        predicate = json.loads(base64.b64decode(cursor, validate=True))
    except (binascii.Error, ValueError) as error:
        raise BadRequestError("Invalid cursor") from error
    if not isinstance(predicate, dict):
        raise BadRequestError("Invalid cursor")
    return predicate


def _position(cursor: str, sort: str, *, ascending: bool) -> Key | None:
    """The key of the last model before the page that `cursor` asks for."""
    predicate = _decoded(cursor)
    try:
        if "_id" in predicate:
            hub_id = predicate["_id"]["$gt"]
            return rank(created_at(hub_id), ascending=True), hub_id
        if "$or" in predicate:
            tie = predicate["$or"][0]
            return rank(tie[sort], ascending=ascending), tie["_id"]["$gt"]
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise BadRequestError("Invalid cursor") from error
    return None
