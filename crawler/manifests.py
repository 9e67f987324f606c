"""The manifests of a crawl's folders: what each stage did, typed, read and checked in one place.

crawl.json      archive: how the crawl was asked for, written when it begins
walk.json       archive: what the walk came to, written when it ends
snapshot.json   snapshot: what the snapshot holds
changes.json    change set: what it changes in the graph

A manifest carries the version of its layout; one of an earlier layout is migrated while it is read.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec

from crawler.crawl_warnings import CrawlWarning, from_text
from crawler.errors import HubGenealogyError
from crawler.state import read_json, write_json

LAYOUT = 2

Kind = Literal["full", "incremental"]


@dataclass(frozen=True, kw_only=True)
class CrawlManifest:
    """How a crawl was asked for: everything that its walk and its snapshot depend on, beside the pages.

    Times are aware datetimes; `max_tail_age` and `max_clock_skew` are in seconds (None: no limit); shares are fractions.
    """

    crawl: str
    kind: Kind
    started_at: datetime
    version: str = ""
    endpoint: str = ""
    page_size: int = 1000
    max_models: int | None = None
    since: datetime | None = None
    """An increment ends at the first page whose models were all last modified before this time."""
    expand: tuple[str, ...] = ()
    max_tail_age: float | None = None
    max_clock_skew: float | None = None
    max_vanished_share: float = 1.0
    confirm_sample: int = 0
    accept_vanished: bool = False
    max_withdrawn_share: float = 1.0
    max_fill_drop: float = 1.0
    accept_withdrawn: bool = False
    popularity: str = "weekly"
    redirects: int = 0
    rules: tuple[str, ...] = ()
    layout: int = LAYOUT


@dataclass(frozen=True, kw_only=True)
class WalkManifest:
    """What a walk came to. `warnings`: why it did not see everything; `mark`: up to when every change is known."""

    complete: bool
    finished_at: datetime
    mark: datetime | None = None
    warnings: tuple[CrawlWarning, ...] = ()
    layout: int = LAYOUT


@dataclass(frozen=True, kw_only=True)
class SnapshotManifest:
    """What a snapshot holds.

    `previous` is the crawl it was made from; `mark` the time up to which every change is known; `popularity_at` when
    downloads and likes were refreshed; `vanished` how many listed models the walk did not meet; `fields` the order of the
    bits in `models.fields`; `fill_rates` the share of this crawl's records that carry each field; `rows` how many rows each
    table has (earlier versions did not say).
    """

    crawl: str
    previous: str | None
    kind: Kind
    started_at: datetime
    finished_at: datetime
    complete: bool
    warnings: tuple[CrawlWarning, ...] = ()
    vanished: int
    retirement_refused: bool
    popularity_at: datetime | None
    mark: datetime | None
    models_seen: int
    rejected: int
    fields: tuple[str, ...] = ()
    fill_rates: dict[str, float] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    profile: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    layout: int = LAYOUT


@dataclass(frozen=True, kw_only=True)
class ChangesManifest:
    """What a change set changes. `rows`: table → put and del → rows; `totals`: label or type → its number afterwards."""

    crawl: str
    previous: str | None
    kind: Kind
    started_at: datetime
    finished_at: datetime
    complete: bool
    warnings: tuple[CrawlWarning, ...] = ()
    retirement_refused: bool = False
    models_seen: int
    models_added: int
    models_changed: int
    models_retired: int
    edges_added: int
    edges_changed: int
    edges_withdrawn: int
    rejected: int
    rows_written: int
    rows: dict[str, dict[str, int]]
    totals: dict[str, int]
    profile: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    layout: int = LAYOUT

    @property
    def refused(self) -> bool:
        """Whether a safety check refused part of the crawl."""
        return any(warning.refuses for warning in self.warnings)

    @property
    def refusals(self) -> list[str] | None:
        """What safety checks refused, in words; None: nothing."""
        return [warning.text for warning in self.warnings if warning.refuses] or None


Manifest = TypeVar("Manifest", CrawlManifest, WalkManifest, SnapshotManifest, ChangesManifest)


def write(path: Path, manifest: CrawlManifest | WalkManifest | SnapshotManifest | ChangesManifest) -> None:
    """Write a manifest, whole or not at all."""
    write_json(path, msgspec.to_builtins(manifest))


def read(path: Path, kind: type[Manifest]) -> Manifest:
    """Read a manifest of any layout up to this one; HubGenealogyError for one that is damaged or newer."""
    content = read_json(path)
    layout = content.get("layout", 1)
    if not isinstance(layout, int) or not 1 <= layout <= LAYOUT:
        raise HubGenealogyError(
            f"{path} was written by a newer hub-genealogy (layout {layout}, this one knows {LAYOUT}): upgrade this installation"
        )
    try:
        for version in range(layout, LAYOUT):
            content = MIGRATIONS[version](content)
        return msgspec.convert(content, kind)
    except (msgspec.ValidationError, TypeError, AttributeError) as error:
        raise HubGenealogyError(
            f"{path} does not hold what this program writes ({error}): restore it from a backup"
        ) from None


def _type_warnings(content: dict[str, Any]) -> dict[str, Any]:
    """Layout 1 kept warnings as text; of a walk, under the name `reasons`."""
    texts = content.pop("reasons", None) or content.pop("warnings", None) or []
    return {**content, "warnings": [msgspec.to_builtins(from_text(text)) for text in texts], "layout": 2}


# Layout → how a manifest of that layout becomes one of the next.
MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {1: _type_warnings}
