"""The models that the simulated Hub holds: looked up by `_id` and by name, walked in any order the Hub offers.

A record is kept as its JSON text, beside the JSON text of the fields that were last asked for, so that a page is a join
of ready-made pieces.
"""

import gzip
import json
import re
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from demo.simulated_hub.fields import NEVER_ABSENT

Key = tuple[float, str]  # the place of a model in an order: its rank, then its _id

SORTS = frozenset({"createdAt", "lastModified", "downloads", "likes", "trendingScore"})
_HEAD = re.compile(rb'\{"_id":"([0-9a-f]+)","id":"([\w./-]+)"[,}]')


def dumps(value: Any) -> bytes:
    """`value` as compact JSON in UTF-8; what UTF-8 cannot hold (a lone surrogate) is escaped."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()


def read_lines(path: Path) -> Iterator[bytes]:
    """The lines of a JSON Lines file, compressed or not, without the empty ones."""
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as lines:
        for line in lines:
            if stripped := line.strip():
                yield stripped


class Row:
    """One model."""

    __slots__ = ("_projected", "hub_id", "name", "raw")

    def __init__(self, raw: bytes) -> None:
        head = _HEAD.match(raw)
        if head is None:
            record = json.loads(raw)
            raw = dumps({"_id": record.pop("_id"), "id": record.pop("id"), **record})
            head = _HEAD.match(raw)
        if head is None:
            raise ValueError(f"a record needs a hexadecimal _id and an id that can be a name: {raw[:200]!r}")
        self.hub_id, self.name = head[1].decode(), head[2].decode()
        self.raw = raw  # the record as JSON
        self._projected: tuple[tuple[str, ...], bytes] = ((), b"")

    @property
    def record(self) -> dict[str, Any]:
        """Everything that is known of it."""
        parsed: dict[str, Any] = json.loads(self.raw)
        return parsed

    @property
    def private(self) -> bool:
        """Whether only its owner may see it."""
        return b'"private":true' in self.raw and self.record.get("private") is True

    def projected(self, fields: tuple[str, ...]) -> bytes:
        """The record as JSON with these fields, as far as the model has them; kept for the next who asks the same."""
        if self._projected[0] != fields:
            record = {"modelId": self.name, **NEVER_ABSENT} | self.record
            self._projected = fields, dumps({name: record[name] for name in fields if name in record})
        return self._projected[1]


def created_at(hub_id: str) -> str:
    """When a model was created, as its `_id` says."""
    return datetime.fromtimestamp(int(hub_id[:8], 16), UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def sort_value(row: Row, sort: str) -> Any:
    """What the model is sorted by."""
    return created_at(row.hub_id) if sort == "createdAt" else row.record.get(sort)


def rank(value: Any, *, ascending: bool) -> float:
    """A number that grows in the wanted direction; what is missing or odd counts as 0."""
    number = 0.0
    if isinstance(value, int | float):
        number = value
    elif isinstance(value, str):
        try:
            number = datetime.fromisoformat(value).timestamp()
        except ValueError:
            number = 0.0
    return number if ascending else -number


def place(row: Row, sort: str, *, ascending: bool) -> Key:
    """Where the model stands in an order."""
    if sort == "createdAt":  # the same as below, without a text in between
        seconds = int(row.hub_id[:8], 16)
        return (seconds if ascending else -seconds), row.hub_id
    return rank(row.record.get(sort), ascending=ascending), row.hub_id


class Listing:
    """All models, the names that lead to them, and the orders in which they are walked."""

    def __init__(self, lines: Iterable[bytes] = ()) -> None:
        self.rows: dict[str, Row] = {}
        self.redirects: dict[str, str] = {}  # lower-cased former name: the name it leads to
        self._names: dict[str, str] = {}  # lower-cased name: _id
        self._hidden: set[str] = set()
        self._orders: dict[tuple[str, bool], list[Key]] = {}
        for line in lines:
            self.put(Row(line))

    def find(self, model: str) -> Row | None:
        """The model of this `_id` or name, in whatever case."""
        return self.rows.get(model) or self.rows.get(self._names.get(model.lower(), ""))

    def put(self, row: Row) -> None:
        """Add a model, or replace the one with its `_id`."""
        self.remove(row.hub_id)
        self.rows[row.hub_id] = row
        self._names[row.name.lower()] = row.hub_id
        if self._is_listed(row):
            self._enter(row)

    def remove(self, hub_id: str) -> None:
        """Forget a model."""
        row = self.rows.get(hub_id)
        if row is None:
            return
        self._leave(row)
        del self.rows[hub_id]
        if self._names.get(row.name.lower()) == hub_id:
            del self._names[row.name.lower()]

    def hide(self, row: Row, *, hidden: bool) -> None:
        """Leave a model out of the listing while its detail call still answers, or list it again."""
        self._leave(row)
        if hidden:
            self._hidden.add(row.hub_id)
        else:
            self._hidden.discard(row.hub_id)
        if self._is_listed(row):
            self._enter(row)

    def listed(self) -> Iterator[Row]:
        """The models that a whole walk shows now, in the order of their `_id`."""
        return (self.rows[hub_id] for _, hub_id in self.order("createdAt", ascending=True))

    def order(self, sort: str, *, ascending: bool) -> list[Key]:
        """The keys of all listed models in the order asked for."""
        order = self._orders.get((sort, ascending))
        if order is None:
            rows = filter(self._is_listed, self.rows.values())
            order = sorted(place(row, sort, ascending=ascending) for row in rows)
            self._orders[sort, ascending] = order
        return order

    def forget_orders(self) -> None:
        """Before many changes: sorting once afterwards is cheaper than keeping the orders right."""
        self._orders.clear()

    def _is_listed(self, row: Row) -> bool:
        return row.hub_id not in self._hidden and not row.private

    def _enter(self, row: Row) -> None:
        for (sort, ascending), order in self._orders.items():
            insort(order, place(row, sort, ascending=ascending))

    def _leave(self, row: Row) -> None:
        for (sort, ascending), order in self._orders.items():
            key = place(row, sort, ascending=ascending)
            at = bisect_left(order, key)
            if order[at : at + 1] == [key]:
                del order[at]


def first_after(order: list[Key], key: Key | None) -> int:
    """Where a walk goes on that has seen everything up to `key`."""
    return 0 if key is None else bisect_right(order, key)
