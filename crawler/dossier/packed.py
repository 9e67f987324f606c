"""The descendants of a large dossier in short: what many of them share stands once.

With a whole row for each, the page of 30,000 models would be twice as large. docs/report-data.md describes both forms
for programs, and `--check` reads both.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from crawler.dossier.form import Relative, copied


class Shared(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What descendants with the same way from their parent on have in common."""

    klass: str
    certainty: str
    link_status: str
    status: str
    path: tuple[str, ...]
    """Without the descendant, which it begins with."""
    steps: tuple[str, ...]
    evidence: tuple[int, ...]
    dataset: str | None = None


class Own(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What differs from one descendant to the next."""

    shared: int
    """The place of what it shares in the list of that, counted from 0."""
    id: str
    key: str
    owner: str | None
    license: str | None
    gated: str | None
    children: int
    downloads: int | None


class Packed(Struct, frozen=True, kw_only=True):
    """The two fields that stand for `descendants`."""

    shared: tuple[Shared, ...]
    descendants: tuple[Own, ...]


def packed(descendants: Iterable[Relative]) -> Packed:
    """The descendants in short, in their order."""
    places: dict[Shared, int] = {}
    rows = []
    for one in descendants:
        shared = copied(Shared, one, path=one.path[1:])
        rows.append(copied(Own, one, shared=places.setdefault(shared, len(places))))
    return Packed(shared=tuple(places), descendants=tuple(rows))


def unpacked(content: Mapping[str, Any]) -> dict[str, Any]:
    """The content of a report with whole rows, as the report of a small family has them.

    Raises msgspec.ValidationError for a row that refers to nothing.
    """
    found = msgspec.convert(content, Packed)
    if any(not 0 <= own.shared < len(found.shared) for own in found.descendants):
        raise msgspec.ValidationError("a row of `descendants` refers to nothing in `shared`")
    rows = [_row(own, found.shared[own.shared]) for own in found.descendants]
    return {**{name: value for name, value in content.items() if name != "shared"}, "descendants": rows}


def _row(own: Own, shared: Shared) -> dict[str, Any]:
    row = msgspec.structs.asdict(shared) | msgspec.structs.asdict(own)
    row |= {"depth": len(shared.steps), "path": (own.id, *shared.path), "class": row.pop("klass")}
    del row["shared"]
    return row
