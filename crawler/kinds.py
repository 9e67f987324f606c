"""What can stand in a setting: each function reads the text of one kind of value, or raises ValueError with what is wanted."""

import math
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from crawler.cards import TRUSTED
from crawler.records.rules import DEFAULT_RULES, RULES


def text(value: str) -> str:
    """Any text."""
    return value


def whole(value: str) -> int:
    """A whole number above 0."""
    if not re.fullmatch(r"[0-9]{1,12}", value) or int(value) == 0:
        raise ValueError("a whole number above 0")
    return int(value)


def count(value: str) -> int:
    """A whole number, 0 too."""
    return 0 if value == "0" else whole(value)


def months(least: int) -> Callable[[str], int]:
    """A number of months, not below that."""

    def read(value: str) -> int:
        if not re.fullmatch(r"[0-9]{1,3}", value) or not least <= int(value) <= 120:
            raise ValueError(f"a whole number of months from {least} to 120")
        return int(value)

    return read


def share(value: str) -> float:
    """A fraction from 0 to 1."""
    try:
        fraction = float(value)
    except ValueError:
        fraction = math.nan
    if not 0 <= fraction <= 1:
        raise ValueError("a fraction from 0 to 1, such as 0.02")
    return fraction


def duration(value: str) -> timedelta:
    """A length of time."""
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?) *(s|m|h|d)", value)
    if match is None:
        raise ValueError("a time such as 30s, 10m, 6h or 7d")
    unit = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}[
        match[2]
    ]
    try:
        return float(match[1]) * unit
    except OverflowError:
        raise ValueError("a time such as 30s, 10m, 6h or 7d: it is too long") from None


def duration_or_off(value: str) -> timedelta | None:
    """A length of time, or None for `off`."""
    if value.lower() in {"off", "false"}:
        return None
    try:
        return duration(value)
    except ValueError as error:
        raise ValueError(f"{error}, or off") from None


def flag(value: str) -> bool:
    """Yes or no."""
    if value.lower() in {"true", "yes", "on", "1"}:
        return True
    if value.lower() in {"false", "no", "off", "0"}:
        return False
    raise ValueError("true or false")


def memory(value: str) -> str:
    """A size as Java takes it."""
    if not re.fullmatch(r"[0-9]+[mMgG]", value):
        raise ValueError("a size such as 512m or 2g")
    return value.lower()


def size(value: str) -> int:
    """A size in bytes."""
    number, unit = int(memory(value)[:-1]), value[-1].lower()
    return number << (30 if unit == "g" else 20)


def endpoint(value: str) -> str:
    """The address of a Hub."""
    if value.partition("://")[2].partition("/")[0].find("@") > 0:
        raise ValueError("an address without a user and a password: put a token into HF_TOKEN")
    try:
        # Reading the port is what finds one that is none, or half an IPv6 address.
        whole = urlsplit(value).hostname and urlsplit(value).port != 0
    except ValueError:
        whole = None
    if not whole or not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", value):
        raise ValueError("an address such as https://huggingface.co")
    return value.rstrip("/")


def uri(value: str) -> str:
    """The address of a Neo4j."""
    if "@" in value:
        raise ValueError("an address without a user and a password: set NEO4J_USERNAME and NEO4J_PASSWORD")
    if not re.match(r"(bolt|neo4j)(\+s|\+ssc)?://", value):
        raise ValueError("an address such as bolt://127.0.0.1:7687 or neo4j+s://graph.example.org")
    return value


def one_of(*choices: str) -> Callable[[str], str]:
    """One of `choices`."""

    def read(value: str) -> str:
        if value not in choices:
            raise ValueError(f"{', '.join(choices[:-1])} or {choices[-1]}")
        return value

    return read


_TEXT_RULES = tuple(f"text:{sentence}" for sentence in TRUSTED)
LINK_RULES = (*RULES, *_TEXT_RULES)
DEFAULT_LINK_RULES = (*DEFAULT_RULES, *_TEXT_RULES)


def rules(value: str) -> tuple[str, ...]:
    """Some of the rules that make links, in their order: those of inference, then the sentences of cards, `text:…`."""
    named = [] if value.lower() in {"off", "none"} else [part.strip() for part in value.split(",") if part.strip()]
    if unknown := [rule for rule in named if rule not in LINK_RULES]:
        raise ValueError(f"off, or some of {', '.join(LINK_RULES)} with commas; {unknown[0]!r} is none")
    return tuple(rule for rule in LINK_RULES if rule in named)


def watched(value: str) -> tuple[tuple[str, str], ...]:
    """What feeds are about: pairs of model, dataset, owner or case, and which; each once."""
    found = {}
    for part in filter(None, map(str.strip, re.split(r"[,\n]", value))):
        about, _colon, name = part.partition(":")
        pair = (about, name.strip()) if about in {"dataset", "owner", "case"} else ("model", part)
        if not pair[1] or (about == "case" and not re.fullmatch(r"[1-9][0-9]{0,8}", pair[1])):
            raise ValueError("a list such as maker/model, dataset:maker/set, owner:maker, case:1")
        found[pair] = pair
    return tuple(found)


def path(value: str) -> Path:
    """A path; `~` is the user's home."""
    if "\0" in value:
        raise ValueError("a path: no path holds a null character")
    try:
        named = Path(value).expanduser()
    except RuntimeError:
        raise ValueError("a folder: nobody has that home") from None
    str(named).encode()
    return named


def prom(value: str) -> Path:
    """A file of Prometheus' textfile collector."""
    if not value.endswith(".prom"):
        raise ValueError("a file whose name ends in .prom: the collector reads no other")
    return path(value)
