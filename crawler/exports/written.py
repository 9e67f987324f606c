"""Documents in JSON, written as they are made: of a large family, a whole document would take several times its memory."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from crawler.logs import printable_json


@dataclass(frozen=True, slots=True)
class Named:
    """The members of a long object with their names."""

    members: Iterable[tuple[str, Any]]


def pieces(document: Mapping[str, Any]) -> Iterator[str]:
    """The text of an object: a line for each field, and for each member of an iterator, which becomes a list, or of `Named`."""
    separator = "{\n"
    for name, value in document.items():
        yield f"{separator}{_text(name)}: "
        if isinstance(value, Named):
            yield from _members("{", (f"{_text(name)}: {_text(member)}" for name, member in value.members), "}")
        elif isinstance(value, Iterator):
            yield from _members("[", map(_text, value), "]")
        else:
            yield _text(value)
        separator = ",\n"
    yield "\n}\n"


def _members(opening: str, texts: Iterable[str], closing: str) -> Iterator[str]:
    yield opening
    separator = "\n"
    for text in texts:
        yield separator
        yield text
        separator = ",\n"
    yield f"\n{closing}"


def _text(value: Any) -> str:
    return printable_json(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
