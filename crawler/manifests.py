"""The manifests of a crawl's folders: what each stage did, typed, read and checked in one place.

crawl.json      archive: how the crawl was asked for, written when it begins
walk.json       archive: what the walk came to, written when it ends
snapshot.json   snapshot: what the snapshot holds
changes.json    change set: what it changes in the graph

A manifest carries the version of its layout; one of an earlier layout is migrated while it is read. It also says what the
other files of its folder must be. A reader checks that before it believes one of them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import msgspec

from crawler.crawl_warnings import CrawlWarning, from_text
from crawler.errors import HubGenealogyError
from crawler.files import DamagedFileError, read_json, write_json

LAYOUT = 2

Kind = Literal["full", "incremental"]
ListingName = Literal["models", "datasets"]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
Seconds = Annotated[float, msgspec.Meta(ge=0, le=1e9)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
Sha256 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
Profile = dict[str, int | list[int | str]]
# The years of times that can be compared in every time zone.
YEARS = range(1970, 9990)


@dataclass(frozen=True)
class Extent:
    """How far a file that only grows must be there: its first `bytes` bytes, and their SHA-256."""

    bytes: Count
    sha256: Sha256


@dataclass(frozen=True, kw_only=True)
class CrawlManifest:
    """How a crawl was asked for: everything that its walk and its snapshot depend on, beside the pages.

    Times are aware datetimes; `max_tail_age`, `max_clock_skew` and `keep_gone` are in seconds (None: no limit); shares are
    fractions.
    """

    crawl: str
    kind: Kind
    started_at: Moment
    listing: ListingName = "models"
    """Which of the Hub's listings is walked."""
    version: str = ""
    endpoint: str = ""
    page_size: Count = 1000
    max_models: Count | None = None
    since: Moment | None = None
    """An increment ends at the first page whose models were all last modified before this time."""
    expand: tuple[str, ...] = ()
    max_tail_age: Seconds | None = None
    max_clock_skew: Seconds | None = None
    max_vanished_share: Share = 1.0
    confirm_sample: Count = 0
    accept_vanished: bool = False
    max_withdrawn_share: Share = 1.0
    max_fill_drop: Share = 1.0
    accept_withdrawn: bool = False
    popularity: str = "weekly"
    redirects: Count = 0
    enrich_cards: Count = 0
    enrich_owners: Count = 0
    enrich_files: Count = 0
    rules: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
    """The names of the imported findings, which are in the folder `evidence` of the archive."""
    keep_gone: Seconds | None = None
    layout: int = LAYOUT


@dataclass(frozen=True, kw_only=True)
class WalkManifest:
    """What a walk came to. `warnings`: why it did not see everything; `mark`: up to when every change is known.

    `pages` is the whole index of the pages; `answers` the answers of the Hub when every question had been asked, None
    before. Earlier versions wrote none of these, nor the crawl.
    """

    complete: bool
    finished_at: Moment
    mark: Moment | None = None
    warnings: tuple[CrawlWarning, ...] = ()
    crawl: str | None = None
    pages: Extent | None = None
    answers: Extent | None = None
    layout: int = LAYOUT


@dataclass(frozen=True, kw_only=True)
class SnapshotManifest:
    """What a snapshot holds.

    `previous` is the crawl it was made from; `mark` the time up to which every change is known; `popularity_at` when
    downloads and likes were refreshed; `vanished` how many listed models the walk did not meet; `fields` the order of the
    bits in `models.fields`; `fill_rates` the share of this crawl's records that carry each field; `rows` how many rows each
    table has, `sha256` the hash of each file (earlier versions did not say).
    """

    crawl: str
    previous: str | None
    kind: Kind
    started_at: Moment
    finished_at: Moment
    complete: bool
    warnings: tuple[CrawlWarning, ...] = ()
    vanished: Count
    retirement_refused: bool
    popularity_at: Moment | None
    mark: Moment | None
    models_seen: Count
    rejected: Count
    # Bits of a number of 64 with a sign.
    fields: Annotated[tuple[str, ...], msgspec.Meta(max_length=62)] = ()
    fill_rates: dict[str, Share] = field(default_factory=dict)
    rows: dict[str, Count] = field(default_factory=dict)
    sha256: dict[str, Sha256] = field(default_factory=dict)
    profile: Profile = field(default_factory=dict)
    requests: Count = 0
    """The pages that the Hub sent for it, and the single questions that it answered. Earlier versions did not count them."""
    spells_datasets: bool = False
    """Whether the graph has the spellings of data sets that its models name; that of earlier versions had none."""
    versions: dict[str, str] = field(default_factory=dict)
    layout: int = LAYOUT


@dataclass(frozen=True, kw_only=True)
class DatasetNumbers:
    """What a walk over the data sets came to, and what it changed."""

    complete: bool
    seen: Count
    listed: Count
    """How many are listed afterwards."""
    added: Count
    changed: Count
    retired: Count
    removed: Count
    rejected: Count
    requests: Count


@dataclass(frozen=True, kw_only=True)
class ChangesManifest:
    """What a change set changes.

    `models_removed`: how many `keep.gone` removed; None where it removed none. `rows`: table → put and del → rows;
    `totals`: label or type → its number afterwards; `sha256`: file → its hash (earlier versions did not say).
    """

    crawl: str
    previous: str | None
    kind: Kind
    started_at: Moment
    finished_at: Moment
    complete: bool
    datasets: str | None = None
    """The crawl that walked the data sets last."""
    dataset_walk: DatasetNumbers | None = None
    """None where this crawl did not walk them; earlier versions did not say."""
    warnings: tuple[CrawlWarning, ...] = ()
    retirement_refused: bool = False
    models_seen: Count
    models_added: Count
    models_changed: Count
    models_retired: Count
    models_removed: Count | None = None
    edges_added: Count
    edges_changed: Count
    edges_withdrawn: Count
    rejected: Count
    rows_written: Count
    rows: dict[str, dict[str, Count]]
    totals: dict[str, Count]
    sha256: dict[str, Sha256] = field(default_factory=dict)
    profile: Profile = field(default_factory=dict)
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
    """Read the manifest of a crawl's folder, of any layout up to this one.

    DamagedFileError for one that does not hold what this program writes, or belongs to another crawl; HubGenealogyError for
    one that cannot be read or is newer.
    """
    content = read_json(path)
    layout = content.get("layout", 1)
    if type(layout) is not int or not 1 <= layout <= LAYOUT:
        raise HubGenealogyError(
            f"{path} was written by a newer hub-genealogy (layout {layout!r:.20}, this one knows {LAYOUT}): upgrade this "
            "installation"
        )
    try:
        for version in range(layout, LAYOUT):
            content = MIGRATIONS[version](content)
        manifest = msgspec.convert(content, kind)
        _check_times(manifest)
    except (ValueError, TypeError, AttributeError, LookupError) as error:
        raise DamagedFileError(
            f"{path} does not hold what this program writes ({str(error)[:300]}): restore it from a backup"
        ) from None
    if manifest.crawl is not None and manifest.crawl != path.parent.name.removesuffix(".tmp"):
        raise DamagedFileError(f"{path} is that of crawl {manifest.crawl[:60]!a}: restore it from a backup")
    return manifest


def _check_times(manifest: Any) -> None:
    for part in fields(manifest):
        value = getattr(manifest, part.name)
        if isinstance(value, datetime) and value.year not in YEARS:
            raise ValueError(f"{part.name} is {value}")


def _type_warnings(content: dict[str, Any]) -> dict[str, Any]:
    """Layout 1 kept warnings as text; of a walk, under the name `reasons`."""
    texts = content.pop("reasons", None) or content.pop("warnings", None) or []
    return {**content, "warnings": [msgspec.to_builtins(from_text(text)) for text in texts], "layout": 2}


# Layout → how a manifest of that layout becomes one of the next.
MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {1: _type_warnings}
