"""Reading a page of the listing: a record that cannot be read is lost alone, not with the other records of its page."""

import json
import re
from dataclasses import dataclass
from typing import Any

from crawler.records.redaction import redacted

# A string is one token, so that brackets in it are not taken for structure. A string without an end reaches to the end of
# the text: a page may be cut off inside one.
_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{},]', re.DOTALL)
_KEY = re.compile(r'\s*\{\s*"_id"\s*:\s*"([A-Za-z0-9_-]{1,64})"')


class PageError(Exception):
    """The bytes are not a page of the listing."""


@dataclass(frozen=True)
class UnreadableRecord:
    """A record that JSON cannot parse, such as one nested 10,000 levels deep. `key` is its `_id`, if that is legible.

    `text` is its beginning, as much as an operator needs to find it.
    """

    key: str | None
    text: str


def read_page(body: bytes) -> list[Any]:
    """The records of a page: JSON values, and an UnreadableRecord for each record that cannot be parsed.

    Raises PageError unless the body is one whole JSON array: for a page cut short, HTML, an object.
    """
    try:
        page = json.loads(body)
    except (ValueError, RecursionError):
        return _one_by_one(body)
    if not isinstance(page, list):
        raise PageError(f"a JSON {type(page).__name__} instead of an array")
    return page


def _one_by_one(body: bytes) -> list[Any]:
    text = body.decode("utf-8", errors="replace").strip()
    if not text.startswith("["):
        raise PageError(f"no JSON array, but {text[:60]!r}" if text else "an empty body")
    elements, depth, start = [], 0, 1
    for token in _TOKEN.finditer(text):
        sign = token[0][0]
        if sign in "[{":
            depth += 1
        elif sign in "]}":
            depth -= 1
        if (sign == "," and depth == 1) or depth == 0:
            elements.append(text[start : token.start()])
            start = token.end()
        if depth == 0:
            break
    if depth != 0 or start != len(text):
        raise PageError("a JSON array that is cut off or broken")
    records = [_read(element) for element in elements]
    if all(isinstance(record, UnreadableRecord) for record in records):
        raise PageError("a JSON array of which nothing can be read")
    return records


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        key = _KEY.match(text)
        return UnreadableRecord(key[1] if key else None, redacted(text[:1000])[:80])
