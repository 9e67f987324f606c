"""What an answer rests on: the crawls that the graph holds, how old they are, and what they cannot know."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

import neo4j

from crawler.answers.library import SavedQuery
from crawler.errors import HubGenealogyError
from crawler.readable import counted, duration

# Answers of these topics follow links, and only declared links are known.
LINEAGE_TOPICS = ("genealogy", "propagation")
KNOWN_ONLY = "known lineage only: docs/lineage.md says what is missing"

Remark = tuple[int, str]
"""A level of the log and a message."""

_CRAWLS = """
MATCH (c:Crawl) WHERE c.made_from IS NOT NULL AND c.state = 'loaded'
RETURN c.id AS id, c.kind AS kind, c.started_at AS started_at, c.complete AS complete, coalesce(c.refusals, []) AS refusals,
       coalesce(c.edges_withdrawn, 0) > 0 AS withdrew, coalesce(c.models_removed, 0) AS removed
ORDER BY id
"""


@dataclass(frozen=True)
class Crawl:
    """A crawl that the graph holds."""

    id: str
    kind: str
    started_at: datetime
    complete: bool
    refusals: tuple[str, ...]
    """What its safety checks refused, in words."""

    def __str__(self) -> str:
        return f"{self.id} of {self.started_at:%Y-%m-%d %H:%M} UTC"


@dataclass(frozen=True)
class Context:
    """The first crawl of the graph, the newest, and the newest that saw the whole listing, if one did."""

    first: Crawl
    last: Crawl
    sweep: Crawl | None
    has_withdrawn: bool
    """Whether a crawl has ever withdrawn a link."""
    removed: int = 0
    """How many models crawls have removed, because they had been gone for longer than `keep.gone`."""

    def check_time(self, name: str, value: str, now: datetime) -> Iterator[Remark]:
        """Check a value of `as_of` or `since`; yield a remark where it asks for more than the graph can know.

        Raises HubGenealogyError for an `as_of` before the first crawl, of which nothing is known, and for any time in the
        future.
        """
        begins, ends = _span(value)
        known = (
            f"this graph knows the time of its only crawl, {self.first}"
            if self.first == self.last
            else f"this graph knows the time from its first crawl, {self.first}, to its last, {self.last}"
        )
        if begins > now:
            raise HubGenealogyError(f"{name}={value} is in the future (UTC): {known}")
        if ends < self.first.started_at:
            if name == "as_of":
                raise HubGenealogyError(f"as_of={value} is before the first crawl: {known}")
            yield logging.WARNING, f"{name}={value} is before the first crawl: {known}"
        if begins > self.last.started_at:
            yield logging.WARNING, f"{name}={value} is after the last crawl: {known}"

    def remarks(self, query: SavedQuery, now: datetime) -> Iterator[Remark]:
        """What an answer ends with: its crawl, how old that is, and what it does not tell."""
        limits = f"; {KNOWN_ONLY}" if query.topic in LINEAGE_TOPICS else ""
        yield logging.INFO, f"as of crawl {_aged(self.last, now)}{limits}"
        if self.removed and limits:
            models = counted(self.removed, "model", "models")
            text = f"removed after having been gone for longer than keep.gone, and missing here: {models} of the Hub"
            yield logging.INFO, text
        if not self.last.complete:
            whole = f"the last that did is {_aged(self.sweep, now)}" if self.sweep else "none has done so yet"
            text = f"that crawl did not see the whole listing; {whole}: what is gone since then counts as listed"
            yield logging.INFO, text
        for refusal in self.last.refusals:
            yield logging.WARNING, f"a safety check of that crawl refused part of it: {refusal}"

    def as_json(self, now: datetime) -> dict[str, Any]:
        """The crawls, for programs: `crawl` as the answer stands, `complete_crawl` or null, and `first_crawl`."""
        return {
            "crawl": _as_json(self.last, now) | {"refusals": list(self.last.refusals)},
            "complete_crawl": self.sweep and _as_json(self.sweep, now),
            "first_crawl": _as_json(self.first, now),
        }


def read(session: neo4j.Session) -> Context:
    """The context of a graph that holds at least one crawl."""
    rows = session.execute_read(lambda transaction: transaction.run(_CRAWLS).data())
    crawls = [
        Crawl(row["id"], row["kind"], row["started_at"].to_native(), row["complete"], tuple(row["refusals"]))
        for row in rows
    ]
    return Context(
        first=crawls[0],
        last=crawls[-1],
        sweep=next((crawl for crawl in reversed(crawls) if crawl.complete), None),
        has_withdrawn=any(row["withdrew"] for row in rows),
        removed=sum(row["removed"] for row in rows),
    )


def _aged(crawl: Crawl, now: datetime) -> str:
    return f"{crawl}, {duration(max((now - crawl.started_at).total_seconds(), 0))} ago"


def _as_json(crawl: Crawl, now: datetime) -> dict[str, Any]:
    hours = round((now - crawl.started_at).total_seconds() / 3600, 2)
    return {
        "id": crawl.id,
        "kind": crawl.kind,
        "started_at": crawl.started_at,
        "age_hours": hours,
        "complete": crawl.complete,
    }


def _span(as_of: str) -> tuple[datetime, datetime]:
    """The first and the last moment that a value of `as_of` means: a day, or a moment."""
    moment = datetime.fromisoformat(as_of)
    if len(as_of) > len("2025-03-01"):
        return moment, moment
    day = moment.date()
    return datetime.combine(day, time.min, UTC), datetime.combine(day, time.max, UTC)
