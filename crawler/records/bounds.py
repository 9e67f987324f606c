"""What a page says about the order of the listing: its first and last key and time.

Only what the parser takes counts. A record with an odd key, name or time must not decide whether the walk is in order.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from crawler.records.record import identity
from crawler.records.values import read_time

# The form of the Hub's own keys. A key of another form is a model's, but says nothing about the order of those.
_OBJECT_ID = re.compile(r"[0-9a-f]{24}")


@dataclass(frozen=True, slots=True)
class Bounds:
    """The first and the last of a page's keys and times, as the Hub wrote them; None where the page has none."""

    first_key: str | None
    last_key: str | None
    last_created_at: str | None
    first_modified_at: str | None
    last_modified_at: str | None


def bounds_of(page: list[Any]) -> Bounds:
    """The bounds of the objects of a page."""
    models = [record for record in page if identity(record) is not None]
    keys = [record["_id"] for record in models]
    # A mirror may have keys of its own form. Where it has, all of them count.
    ordered = [key for key in keys if _OBJECT_ID.fullmatch(key)] or keys
    return Bounds(
        first_key=ordered[0] if ordered else None,
        last_key=ordered[-1] if ordered else None,
        last_created_at=_first_time("createdAt", reversed(models)),
        first_modified_at=_first_time("lastModified", models),
        last_modified_at=_first_time("lastModified", reversed(models)),
    )


def _first_time(field: str, records: Iterable[dict[str, Any]]) -> str | None:
    return next((record[field] for record in records if read_time(record.get(field)) is not None), None)
