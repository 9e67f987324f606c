"""What a page says about the order of the listing: its first and last key and time.

Only what the parser takes counts. A record with an odd key, name or time must not decide whether the walk is in order.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from crawler.records.page import read_record
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


def bounds_of(page: Sequence[bytes]) -> Bounds:
    """The bounds of the records of a page. Only those at its ends are read."""
    return Bounds(
        first_key=_first_key(_models(page)),
        last_key=_first_key(_models(reversed(page))),
        last_created_at=_first_time("createdAt", _models(reversed(page))),
        first_modified_at=_first_time("lastModified", _models(page)),
        last_modified_at=_first_time("lastModified", _models(reversed(page))),
    )


def _models(page: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    return (record for record in map(read_record, page) if identity(record) is not None)


def _first_key(models: Iterator[dict[str, Any]]) -> str | None:
    first = None
    for model in models:
        if _OBJECT_ID.fullmatch(model["_id"]):
            return str(model["_id"])
        # A mirror may have keys of its own form. Where it has, all of them count.
        first = first or model["_id"]
    return first


def _first_time(field: str, models: Iterator[dict[str, Any]]) -> str | None:
    return next((model[field] for model in models if read_time(model.get(field)) is not None), None)
