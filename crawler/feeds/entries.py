"""What a feed says: an entry for each crawl in which anything happened, the most important first, in a bounded number of lines.

An entry is made of what its crawl found and of nothing later. So it never changes, and a reader shows it once.
"""

import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from urllib.parse import quote

from crawler.cases.form import FOUND, Event
from crawler.dossier.form import HUB
from crawler.feeds.history import Step
from crawler.pictures.labels import clean
from crawler.records.forgetting import is_stand_in
from crawler.records.words import CLASSES

# The lines of an entry: some of each kind, so that a thousand new models do not hide the one that is gone.
LINES = 60
# Longer names are cut. The Hub's own bound is 193 characters.
_LONGEST = 200
# How many names of parents a line has.
_NAMED = 3
_SHOWN_REVISION = 10
_CLASSES = ("itself", "trained_on", *CLASSES)


@dataclass(frozen=True)
class Line:
    """One thing that happened to one model."""

    name: str
    url: str | None
    """Its page on the Hub, or that of its owner where it is not listed."""
    what: str
    """What there is to say beside the name."""


@dataclass(frozen=True)
class Part:
    """What happened of one kind."""

    words: str
    count: int
    lines: tuple[Line, ...]
    """The most important ones."""


@dataclass(frozen=True)
class Entry:
    """What one crawl found."""

    crawl: str
    at: datetime
    parts: tuple[Part, ...]
    way: str
    """The command that shows all of it."""

    @property
    def title(self) -> str:
        """The counts."""
        return ", ".join(f"{part.count:,} {part.words}" for part in self.parts)

    @property
    def left_out(self) -> int:
        """How many things it has no line for."""
        return sum(part.count - len(part.lines) for part in self.parts)


@dataclass(frozen=True)
class Feed:
    """What happened to what is watched."""

    key: str
    """What tells it from the other feeds of the same state; it never changes."""
    title: str
    url: str | None
    """The page on the Hub of what is watched."""
    since: datetime
    """When it was first known: the time of a feed without entries."""
    entries: tuple[Entry, ...]
    """The newest comes first."""
    earlier: int
    """How many crawls are left out: older than those of the entries."""


@dataclass(frozen=True)
class Found:
    """Something that a crawl found of one model, wherever that is written down."""

    kind: str
    details: Mapping[str, Any]
    status: str
    rank: tuple[int, int, str]
    """Its place among those of its kind."""


def of_step(step: Step, way: str) -> Entry | None:
    """The entry of a crawl; None where nothing happened."""
    found = []
    for change in step.changes:
        facts = change.after
        rank = _CLASSES.index(facts.klass) if facts.klass in _CLASSES else len(_CLASSES)
        # What happened to what is watched comes before its descendants.
        place = (-1 if facts.key in step.tops else rank, facts.depth, facts.id)
        found.append(Found(change.kind, change.details, facts.status, place))
    return _entry(step.crawl, step.ended, found, way)


def of_events(events: Iterable[Event], way: str) -> Iterator[Entry]:
    """The entries of the trail of a case, oldest first. What its handler wrote into it is no part of them."""
    told = [event for event in events if event.kind in FOUND and "crawl" in event.details]
    for crawl, of_crawl in groupby(told, lambda event: str(event.details["crawl"])):
        of_this = list(of_crawl)
        found = [_of_event(event) for event in of_this]
        entry = _entry(crawl, of_this[0].at, found, way)
        if entry is not None:
            yield entry


def _of_event(event: Event) -> Found:
    details = event.details
    status = "gone" if event.kind == "vanished" else str(details.get("status", "listed"))
    klass = details.get("to") if event.kind in ("new", "reclassified") else None
    rank = _CLASSES.index(klass) if klass in _CLASSES else len(_CLASSES)
    return Found(event.kind, details, status, (rank, 0, str(details.get("id", ""))))


def _entry(crawl: str, at: datetime, found: Sequence[Found], way: str) -> Entry | None:
    counts = Counter(one.kind for one in found)
    if not counts:
        return None
    room = _rooms([counts[kind] for kind in FOUND if counts[kind]])
    parts = []
    for kind, lines in zip((kind for kind in FOUND if counts[kind]), room, strict=True):
        of_kind = sorted((one for one in found if one.kind == kind), key=lambda one: one.rank)
        parts.append(Part(FOUND[kind], counts[kind], tuple(map(_line, of_kind[:lines]))))
    return Entry(crawl, at, tuple(parts), way)


def _rooms(counts: Sequence[int]) -> list[int]:
    """How many lines each kind gets: an equal share, and what the smaller ones leave."""
    rooms, left = dict.fromkeys(range(len(counts)), 0), LINES
    for place, kind in enumerate(sorted(rooms, key=lambda kind: counts[kind])):
        rooms[kind] = min(counts[kind], left // (len(counts) - place))
        left -= rooms[kind]
    return list(rooms.values())


def _line(one: Found) -> Line:
    details = one.details
    name = str(details.get("id") or details.get("to") or "?")
    return Line(shown(name), address(name, one.status), _what(one))


def _what(one: Found) -> str:
    before, after = (one.details.get(end) for end in ("from", "to"))
    said = {
        "renamed": f"was {shown(str(before))}",
        "reparented": f"parents: {_names(before)} → {_names(after)}",
        "changed": f"{str(before)[:_SHOWN_REVISION]} → {str(after)[:_SHOWN_REVISION]}",
        "gated": f"access: {before} → {after}",
        "reclassified": f"{before} → {after}".replace("_", " "),
    }
    if one.kind != "new":
        return said.get(one.kind, "")
    made = one.details.get("dataset")
    through = [f"by {shown(str(made))}"] if made else []
    marks = [str(after).replace("_", " "), *through, *(status for status in (one.status,) if status != "listed")]
    return ", ".join([*marks, *(["no longer declared"] if one.details.get("link_status") == "withdrawn" else [])])


def _names(names: Any) -> str:
    every = list(map(str, names)) if isinstance(names, list | tuple) else []
    more = [f"{len(every) - _NAMED} more"] if len(every) > _NAMED else []
    return ", ".join([*map(shown, every[:_NAMED]), *more]) or "none"


def shown(name: str) -> str:
    """A name as a document may hold it: characters that XML cannot hold, or that steer what is seen, are written out."""
    return clean(name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…")


def address(name: str, status: str = "listed") -> str | None:
    """The nearest page of the Hub: that of a model, or of the owner of one that is gone. Forgotten owners have none."""
    if is_stand_in(name.removeprefix("datasets/")):
        return None
    if status != "listed":
        name = name.rpartition("/")[0] if status == "gone" else ""
    return f"{HUB}/{quote(name, safe='/', errors='replace')}" if name and len(name) <= _LONGEST else None


def command(*arguments: str) -> str:
    """A command as a shell takes it, whatever names it holds."""
    return " ".join(map(shlex.quote, ("hub-genealogy", *arguments)))
