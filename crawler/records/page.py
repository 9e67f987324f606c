"""Reading a page of the listing: a record that cannot be read is lost alone, not with the other records of its page."""

import json
import re
from dataclasses import dataclass
from typing import Any

from crawler.records.redaction import redacted

# A page of a thousand complete records has a hundred thousand. Each takes up to 230 bytes of memory.
MOST_VALUES = 2_000_000
# Looking through so many signs takes some seconds. A page that has more is not looked through.
MOST_SIGNS = 20_000_000
# A string is one token, so that brackets in it are not taken for structure. A string without an end reaches to the end of
# the text: a page may be cut off inside one.
_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{},]', re.DOTALL)
_LEGIBLE = re.compile(r"[A-Za-z0-9_-]{1,64}")
_KEY = re.compile(rf'\s*\{{\s*"_id"\s*:\s*"({_LEGIBLE.pattern})"')


class PageError(Exception):
    """The bytes are not a page of the listing."""


@dataclass(frozen=True)
class UnreadableRecord:
    """A record that JSON cannot parse, such as one nested 10,000 levels deep. `key` is its `_id`, if that is legible.

    `text` is its beginning, as much as an operator needs to find it.
    """

    key: str | None
    text: str


def read_page(body: bytes, at_most: int | None = None) -> list[Any]:
    """The records of a page: JSON values, and an UnreadableRecord for each record that cannot be parsed.

    Raises PageError unless the body is one whole JSON array: for a page cut short, HTML, an object; and for an array of
    more than `at_most` records. If a page has more than MOST_VALUES values, the largest records are unreadable.
    """
    if has_too_many_values(body):
        return _one_by_one(body, at_most)
    try:
        page = json.loads(body)
    except (ValueError, RecursionError):
        return _one_by_one(body, at_most)
    if not isinstance(page, list):
        raise PageError(f"a JSON {type(page).__name__} instead of an array")
    if at_most is not None and len(page) > at_most:
        raise too_many(at_most)
    return page


def has_too_many_values(body: bytes) -> bool:
    """Whether a page may have more than MOST_VALUES values: those that seem to stand within texts count too."""
    # In front of every value stands one of these, or a colon after a key.
    return len(body) > MOST_VALUES and sum(body.count(sign) for sign in (b"{", b"[", b",")) > MOST_VALUES


def too_many(at_most: int) -> PageError:
    """The error for a page of more than `at_most` records."""
    return PageError(f"more than {at_most:,} records, though no more were asked for")


def _one_by_one(body: bytes, at_most: int | None) -> list[Any]:
    text = body.decode("utf-8", errors="replace").strip()
    if not text.startswith("["):
        raise PageError(f"no JSON array, but {text[:60]!r}" if text else "an empty body")
    elements = _split(text, at_most)
    # The smallest first: a record of millions of values costs itself, and not its neighbours.
    room, readable = MOST_VALUES, set()
    for number in sorted(range(len(elements)), key=lambda i: elements[i][1]):
        room -= elements[number][1]
        if room < 0:
            break
        readable.add(number)
    records = [read_record(text) if i in readable else _unreadable(text) for i, (text, _) in enumerate(elements)]
    if all(isinstance(record, UnreadableRecord) for record in records):
        raise PageError("a JSON array of which nothing can be read")
    return records


def _split(text: str, at_most: int | None) -> list[tuple[str, int]]:
    """The text of each element of an array, and about how many values it holds."""
    elements: list[tuple[str, int]] = []
    depth, start, signs, before = 0, 1, 0, 0
    for token in _TOKEN.finditer(text):
        sign = token[0][0]
        if sign == '"':
            continue
        signs += 1
        if sign in "[{":
            depth += 1
        elif sign in "]}":
            depth -= 1
        if (sign == "," and depth == 1) or depth == 0:
            elements.append((text[start : token.start()], signs - before))
            start, before = token.end(), signs
            if at_most is not None and len(elements) > at_most:
                raise too_many(at_most)
            if depth == 0:
                break
        elif signs > MOST_SIGNS:
            raise PageError(f"more than {MOST_SIGNS:,} values")
    if depth != 0 or start != len(text):
        raise PageError("a JSON array that is cut off or broken")
    return elements


def read_record(text: str | bytes) -> Any:
    """One record of a page: a JSON value, or an UnreadableRecord. Of bytes that are no UTF-8, as much is read as can be."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        legible = text if isinstance(text, str) else text.decode("utf-8", errors="replace")
        return read_record(legible) if isinstance(error, UnicodeDecodeError) else _unreadable(legible)


def _unreadable(text: str) -> UnreadableRecord:
    key = _KEY.match(text)
    return UnreadableRecord(key[1] if key else None, _beginning(text))


def kept_unreadable(record: Any) -> UnreadableRecord | None:
    """The record that could not be read, of what the archive keeps in its place; None for any other object."""
    if not isinstance(record, dict) or len(record) != 1:
        return None
    match record:
        case {"...": [key, str() as text]}:
            legible = isinstance(key, str) and _LEGIBLE.fullmatch(key)
            return UnreadableRecord(key if legible else None, _beginning(text))
    return None


def _beginning(text: str) -> str:
    # Cut behind what is masked, so that no half of an address is left; the cut may make another one of it.
    return redacted(redacted(text[:1000])[:80])
