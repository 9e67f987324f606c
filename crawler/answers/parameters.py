"""The values of a query's parameters: read from text and checked. They never become part of the statement."""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

from crawler.answers.checks import MAX_PATH_LENGTH
from crawler.answers.library import Parameter, SavedQuery
from crawler.errors import UsageError, nearest
from crawler.records import words

RELATIONS = tuple(words.RELATIONS)
# What the lists that restrict an answer may hold, in whichever query, and a spelling that is taken too.
FILTERS = {
    "kind": RELATIONS,
    "along": RELATIONS,
    "status": tuple(words.STATUSES),
    "owner_kind": ("organisation", "person", "unknown"),
}
SPELLINGS = {"quantised": "quantized"}
PERIODS = ("day", "month", "year")
ORDERS = ("important", "name")


def _string(text: str) -> str:
    if not text:
        raise ValueError("a text that is not empty")
    return text


def _integer(text: str) -> int:
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", text):
        raise ValueError("a whole number")
    return int(text)


def _float(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError("a number")
    return number


def _boolean(text: str) -> bool:
    try:
        return {"true": True, "false": False}[text.lower()]
    except KeyError:
        raise ValueError("true or false") from None


def moment(text: str) -> str:
    """The time as ISO 8601 text, which the statement parses; a day without a time stays a day.

    Raises ValueError, with what is expected, for any other text.
    """
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            return date.fromisoformat(text).isoformat()
        time = datetime.fromisoformat(text)
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).isoformat()
    except ValueError:
        raise ValueError("a day or a time such as 2025-03-01 or 2025-03-01T06:00:00Z") from None


def _strings(text: str) -> list[str]:
    parts = [part.strip() for part in text.split(",")]
    if not all(parts):
        raise ValueError("texts, separated by commas")
    return parts


_READERS: dict[str, Callable[[str], Any]] = {
    "string": _string,
    "integer": _integer,
    "float": _float,
    "boolean": _boolean,
    "datetime": moment,
    "list<string>": _strings,
}


def _positive(value: int) -> str | None:
    return None if value > 0 else "a whole number above 0"


def _depth(value: int) -> str | None:
    return None if 0 < value <= MAX_PATH_LENGTH else f"a whole number from 1 to {MAX_PATH_LENGTH}"


def _period(value: str, meaning: str) -> str | None:
    """The periods are those that the query's own text names; any other one would count nothing."""
    periods = [period for period in PERIODS if re.search(rf"\b{period}\b", meaning)] or PERIODS
    return None if value in periods else f"one of {', '.join(periods)}"


def filter_values(name: str, text: str) -> list[str]:
    """The values of a filter. Raises ValueError, with what is expected, for any other text."""
    value = [SPELLINGS.get(one, one) for one in _strings(text)]
    if not set(value) <= set(FILTERS[name]):
        raise ValueError(f"some of {', '.join(FILTERS[name])}")
    return value


def _order(value: str) -> str | None:
    return None if value in ORDERS else f"one of {', '.join(ORDERS)}"


# Further checks of the parameters that mean the same in every query.
_COMMON: dict[str, Callable[[Any], str | None]] = {
    "limit": _positive,
    "max_depth": _depth,
    "order": _order,
}


def values(query: SavedQuery, given: Iterable[str], *, allow_missing: bool = False) -> dict[str, Any]:
    """The value of every parameter of `query`, from texts `name=value`; a list may be spread over several of them.

    A value that is empty or `null` means the default. Raises UsageError for a parameter that is unknown, missing,
    mistyped or given twice, and says which values it takes. With `allow_missing`, a missing required parameter is an
    empty text; that is enough to explain the query without running it.
    """
    known = {parameter.name: parameter for parameter in query.parameters}
    texts: dict[str, str] = {}
    for entry in given:
        name, equals, text = entry.partition("=")
        if not equals:
            raise UsageError(f"a parameter is given as name=value, not {entry!r}")
        if name not in known:
            hint = nearest(name, known) or f"; it takes {', '.join(known) or 'none'}"
            raise UsageError(f"{query.name} has no parameter {name!r}{hint}")
        if text in {"", "null"}:
            continue
        if name in texts and not known[name].type.startswith("list"):
            raise UsageError(f"{query.name}: the parameter {name!r} is given twice: {texts[name]!r} and {text!r}")
        texts[name] = f"{texts[name]},{text}" if name in texts else text
    found = {
        name: ""
        if allow_missing and parameter.required and name not in texts
        else _value(query, parameter, texts.get(name))
        for name, parameter in known.items()
    }
    if contradiction := contradicts(found.get("kind"), found.get("along")):
        raise UsageError(f"{query.name}: {contradiction}")
    return found


def contradicts(kind: Sequence[str] | None, along: Sequence[str] | None) -> str | None:
    """Why no path can match both, if none can."""
    if kind and along and set(kind).isdisjoint(along):
        left_out = f"along={','.join(along)} leaves out kind={','.join(kind)}"
        return f"{left_out}, so no path can match: add the kind of the last step to along"
    return None


def _value(query: SavedQuery, parameter: Parameter, text: str | None) -> Any:
    if text is None:
        if parameter.required:
            raise UsageError(
                f"{query.name} needs the parameter {parameter.name!r}: {parameter.meaning} (-p {parameter.name}=…)",
            )
        return parameter.default
    restricts = parameter.type.startswith("list") and parameter.name in FILTERS
    try:
        value: Any = filter_values(parameter.name, text) if restricts else _READERS[parameter.type](text)
    except ValueError as error:
        expected: str | None = str(error)
    else:
        if parameter.name == "by":
            expected = _period(value, parameter.meaning)
        else:
            expected = _COMMON[parameter.name](value) if parameter.name in _COMMON else None
        if expected is None:
            return value
    raise UsageError(f"{query.name}: the parameter {parameter.name!r} takes {expected}, not {text!r}")
