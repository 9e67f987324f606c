"""The walk over the data sets that a crawl does beside that over the models: whether it is due, and its archive.

Both walks run the same code. What differs is the listing and the settings: nothing is inferred of data sets.
"""

from dataclasses import dataclass, replace
from typing import Any

from crawler import manifests
from crawler.files import is_there, writing
from crawler.hub.archive import Archive
from crawler.hub.walk import OVERLAP
from crawler.manifests import CrawlManifest, SnapshotManifest
from crawler.records.listings import DATASETS
from crawler.snapshot.build import is_due
from crawler.state import State

# What the settings of the walk over the models are in that over the data sets.
_OF_DATASETS: dict[str, Any] = {
    "listing": DATASETS.name, "expand": DATASETS.expand, "rules": (), "imports": (),
    "enrich_cards": 0, "enrich_owners": 0, "enrich_files": 0,
}  # fmt: skip
_CADENCES = {"on": "sweep", "weekly": "weekly", "off": "never"}


@dataclass(frozen=True)
class DatasetWalks:
    """The walks over the data sets in one state folder."""

    state: State
    setting: str
    """`datasets.crawl`: on, weekly or off."""

    def archive(self, crawl: str) -> Archive:
        """The archive of the data sets of a crawl. It has no files where the crawl does not walk them."""
        return Archive(self.state.datasets.archives / crawl)

    def begin(self, crawl: CrawlManifest) -> None:
        """Begin the walk of this crawl where it is due."""
        cadence, before = _CADENCES[self.setting], self._last(crawl.crawl)
        mark = before.mark if before else None
        if cadence == "never" or not is_due(cadence, crawl.started_at, before.started_at if before else None):
            return
        if crawl.kind == "incremental" and mark is None:
            return  # the next full crawl walks them for the first time
        with writing(f"the state folder {self.state.home}"):
            for folder in (self.state.datasets.archives, self.state.datasets.snapshots):
                folder.mkdir(parents=True, exist_ok=True)
        since = mark - OVERLAP if crawl.kind == "incremental" and mark else None
        self.archive(crawl.crawl).begin(replace(crawl, since=since, **_OF_DATASETS))

    def restate(self, crawl: CrawlManifest) -> None:
        """Let an interrupted walk go on with the settings of today, or leave it out where its pages would not fit."""
        archive = self.archive(crawl.crawl)
        if is_there(archive.folder / "crawl.json") and archive.crawl.expand == DATASETS.expand:
            archive.restate(replace(crawl, since=archive.crawl.since, **_OF_DATASETS))
            return
        archive.remove()

    def pending(self, crawl: str) -> bool:
        """Whether this crawl walks the data sets, and has not ended that."""
        archive = self.archive(crawl)
        return is_there(archive.folder / "crawl.json") and archive.walk is None

    def lists_any(self, crawl: str) -> bool:
        """Whether the last walk before this crawl left any data sets that are listed."""
        last = self._last(crawl)
        return last is not None and last.profile["models_listed"] != 0

    def _last(self, crawl: str) -> SnapshotManifest | None:
        folder = self.state.dataset_snapshot(crawl)
        return manifests.read(folder / "snapshot.json", SnapshotManifest) if folder else None
