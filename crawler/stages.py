"""The stages of one crawl before the graph: walk, questions, snapshot, changes; and the recovery of interrupted crawls.

Each stage writes its result to the state folder atomically. After a kill, the next run continues after the last
finished stage. It resumes an interrupted walk as its own crawl. If the walks had ended, it first makes the snapshot and
the changes of that crawl, then starts a new one.
"""

import logging
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from crawler import __version__, findings, ledger, manifests
from crawler.cases import register
from crawler.changes.diff import ChangeSet, diff, last_complete
from crawler.crawl_warnings import CrawlWarning
from crawler.dataset_walks import DatasetWalks
from crawler.errors import HubGenealogyError, UsageError
from crawler.files import is_there, writing
from crawler.hub.archive import Archive, DamagedArchiveError, Page
from crawler.hub.client import HubClient
from crawler.hub.walk import OVERLAP, high_water_mark, next_url, verdict, walk
from crawler.logs import Progress
from crawler.manifests import ChangesManifest, CrawlManifest, SnapshotManifest, WalkManifest
from crawler.questions.ask import ask
from crawler.questions.question import ENRICHING, Question
from crawler.records.listings import LISTINGS, MODELS
from crawler.settings import Settings
from crawler.snapshot import beside
from crawler.snapshot.build import drafted
from crawler.snapshot.database import Limits
from crawler.snapshot.rows import PageRows, has_rows, remove_rows
from crawler.state import State
from crawler.stopwatch import Stopwatch

logger = logging.getLogger(__name__)

Clock = Callable[[], datetime]
# A walk is resumed only if these are unchanged: otherwise its pages would not fit together.
_SAME_WALK = ("kind", "endpoint", "page_size", "max_models", "expand")


def utc_now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Options:
    """The command-line options of one crawl."""

    incremental: bool = False
    max_models: int | None = None
    accept_vanished: bool = False
    accept_withdrawn: bool = False
    dry_run: bool = False


class Stages:
    """The stages of a crawl with given options, in one state folder."""

    def __init__(self, state: State, settings: Settings, options: Options, clock: Clock) -> None:
        self._state = state
        self._settings = settings
        self._options = options
        self._clock = clock
        self._client = HubClient(settings)
        self._limits = Limits.from_settings(settings)
        self._forgotten = ledger.read(state.home)
        self._datasets = DatasetWalks(state, settings["datasets.crawl"])
        self.watch = Stopwatch()

    def finish_interrupted(self) -> None:
        """Make the snapshot and the changes of crawls that were interrupted after their walks ended.

        Where the walk over the data sets can still be resumed, that is left to `resumable`.
        """
        state = self._state
        for folder in (*state.walked, state.changes):
            for left in folder.glob("*.tmp"):
                with writing(f"the state folder {state.home}"):
                    shutil.rmtree(left)
        for archive in self._unfinished():
            try:
                if archive.walk is not None and not self._resumes_datasets(archive):
                    logger.info("crawl %s was interrupted after its walk: finishing it first", archive.folder.name)
                    with self._rows(archive) as rows:
                        self._snapshots_and_changes(archive, rows, Stopwatch())
            except DamagedArchiveError as error:
                logger.warning("%s: removed", error)
                self._remove(archive)

    def _resumes_datasets(self, archive: Archive) -> bool:
        """Whether an interrupted walk over the data sets can be resumed. Where not, it is left out, with a warning."""
        name = archive.folder.name
        if not self._datasets.pending(name):
            return False
        reason = self._why_not(archive)
        if reason is not None:
            self._note(archive, self._not_walked(name, f"its walk was interrupted: {reason}"))
            self._datasets.archive(name).remove()
        return reason is None

    def resumable(self) -> Archive | None:
        """Return the archive of an interrupted walk that can be resumed, if any. Others are removed."""
        for archive in self._unfinished():
            reason = self._why_not(archive)
            if reason is None:
                archive.restate(replace(archive.crawl, **self._flags()))
                self._copy_findings(archive)
                self._datasets.restate(archive.crawl)
                return archive
            logger.warning("the interrupted walk of crawl %s starts over: %s", archive.folder.name, reason)
            self._remove(archive)
        return None

    def _remove(self, archive: Archive) -> None:
        self._datasets.archive(archive.folder.name).remove()
        archive.remove()

    def begin(self) -> Archive:
        """Begin the archive of a new crawl; raise UsageError for an increment without a complete crawl before it."""
        state = self._state
        known = {name for folder in (state.archives, state.snapshots, state.changes) for name in state.crawls(folder)}
        started = self._clock()
        flags = self._flags()
        last = state.last_snapshot()
        before = manifests.read(state.snapshots / last / "snapshot.json", SnapshotManifest) if last else None
        if before is not None:
            self._check_last_start(before, started)
            # Times in the graph must increase, even if the clock was set back a little.
            started = max(started, before.started_at + timedelta(milliseconds=1))
        if self._options.incremental:
            if before is None or before.mark is None:
                raise UsageError(
                    "there is no complete crawl that an increment could add to: run `hub-genealogy crawl` first"
                )
            flags["since"] = before.mark - OVERLAP
        number = int(max(known, default="000000-").partition("-")[0]) + 1
        name = f"{number:06d}-{started:%Y%m%dT%H%M%SZ}"
        archive = Archive(state.archives / name)
        started = started.replace(microsecond=started.microsecond // 1000 * 1000)  # what the tables hold
        archive.begin(CrawlManifest(crawl=name, started_at=started, version=__version__, **flags))
        self._copy_findings(archive)
        self._datasets.begin(archive.crawl)
        return archive

    def _check_last_start(self, last: SnapshotManifest, now: datetime) -> None:
        """Refuse to continue after a crawl that started in the future: its times would hide later changes."""
        limit: timedelta | None = self._settings["hub.max_clock_skew"]
        if limit is not None and last.started_at - now > limit:
            raise HubGenealogyError(
                f"the last crawl, {last.crawl}, started at {last.started_at:%Y-%m-%d %H:%M} UTC, but this machine's clock says "
                f"{now:%Y-%m-%d %H:%M}: set the clock right; if it is right, the last crawl was made with a wrong one: move "
                f"archive/{last.crawl}, snapshots/{last.crawl} and changes/{last.crawl} out of {self._settings.home}, then run "
                "hub-genealogy rebuild and crawl again"
            )

    def derive(self, archive: Archive) -> ChangesManifest:
        """Finish the walks of `archive`'s crawl, make its snapshots and changes, and return the manifest of the change set."""
        with self._rows(archive) as rows:
            if archive.walk is None:
                with self.watch.stage("walk"):
                    archive.end(self._walked(archive, rows[0]))
            return self._snapshots_and_changes(archive, rows, self.watch)

    def _walk_datasets(self, archive: Archive, rows: PageRows) -> None:
        """Walk the data sets, whose rows are `rows`; where that cannot be done, the archive of the models has a warning."""
        datasets, problem = self._datasets.archive(archive.folder.name), None
        try:
            with self.watch.stage("walk"), self.watch.part("datasets"):
                datasets.end(self._walked(datasets, rows))
        except HubGenealogyError as error:
            # The models do not wait for them: a mirror may list none.
            problem = self._not_walked(archive.folder.name, str(error))
        self._note(archive, problem)

    def _not_walked(self, crawl: str, why: str) -> CrawlWarning:
        kind = "not_walked" if self._datasets.lists_any(crawl) else "never_walked"
        return CrawlWarning.of(kind, why=why).about("data sets")

    def _note(self, archive: Archive, problem: CrawlWarning | None) -> None:
        """Let the archive of the models say what is wrong with the walk over the data sets, in place of what it said before."""
        own = (one for one in archive.ended.warnings if one.things == "models")
        archive.end(replace(archive.ended, warnings=(*own, *filter(None, [problem]))))

    def _walked(self, archive: Archive, rows: PageRows) -> WalkManifest:
        """Walk a listing to its end; return what the walk came to."""
        crawl = archive.crawl
        progress = Progress("walk over the data sets" if crawl.listing == "datasets" else "walk", self._expected(crawl))
        seen = sum(page.models for page in archive.pages())

        def arrived(pages: list[Page]) -> None:
            nonlocal seen
            seen += pages[-1].models
            progress(seen)
            rows.begin(pages)

        try:
            pages = walk(self._client, archive, clock=self._clock, arrived=arrived, forgotten=self._forgotten)
        finally:
            progress.done()
        result = verdict(pages, crawl)
        warnings = result.reasons
        if crawl.listing == "datasets" and not self._datasets.lists_any(archive.folder.name):
            # A mirror may have models only: an empty list is no part of what was there.
            warnings = tuple(
                CrawlWarning("nothing_listed") if one.kind == "empty_listing" else one for one in result.reasons
            )
        return WalkManifest(
            complete=result.complete,
            warnings=warnings,
            mark=high_water_mark(pages, result, crawl),
            finished_at=datetime.fromisoformat(pages[-1].fetched_at) if pages else crawl.started_at,
        )

    def _copy_findings(self, archive: Archive) -> None:
        home = self._state.home
        findings.hand_on(home / findings.FOLDER, archive.folder / findings.FOLDER, archive.crawl.imports)

    @contextmanager
    def _rows(self, archive: Archive) -> Iterator[tuple[PageRows, PageRows]]:
        """The rows of the models, and those of the data sets."""
        with (
            self._page_rows(archive) as models,
            self._page_rows(self._datasets.archive(archive.folder.name)) as datasets,
        ):
            yield models, datasets

    def _page_rows(self, archive: Archive) -> PageRows:
        """The rows of `archive`, copied where a record is as it was in the newest archive that still has rows."""
        others = self._archives(archive.folder.parent)
        earlier = [a for a in others if a.folder.name < archive.folder.name and has_rows(a)]
        begun = is_there(archive.folder / "crawl.json")
        return PageRows(archive, earlier[-1] if begun and archive.crawl.kind == "full" and earlier else None)

    def _expected(self, crawl: CrawlManifest) -> int | None:
        """About how many repositories the walk will meet: as many as the last complete one, or as the sample is to have."""
        if crawl.kind == "incremental" or crawl.listing == "datasets":
            return None
        last = last_complete(self._state)
        known = [last.models_seen] if last else []
        return min([*known, *filter(None, [crawl.max_models])], default=None)

    def _unfinished(self) -> list[Archive]:
        done = set(self._state.crawls(self._state.changes))
        return [archive for archive in self._archives(self._state.archives) if archive.folder.name not in done]

    def _archives(self, folder: Path) -> list[Archive]:
        return [Archive(folder / name) for name in self._state.crawls(folder)]

    def _why_not(self, archive: Archive) -> str | None:
        """Say why an interrupted walk cannot be resumed; None if it can."""
        if not is_there(archive.folder / "crawl.json"):
            return "it had not begun"
        try:
            was, now = archive.crawl, self._flags()
            next_url(self._client, archive.pages(), was)
        except DamagedArchiveError as error:
            return str(error)
        age = self._clock() - was.started_at
        if age > self._settings["sweep.resume_within"]:
            return f"it began {age} ago"
        changed = [key for key in _SAME_WALK if getattr(was, key) != now[key]]
        return f"{', '.join(changed)} changed" if changed else None

    def _flags(self) -> dict[str, Any]:
        """Return everything, besides the pages and the times, that a walk and its snapshot depend on."""
        settings, options = self._settings, self._options
        tail_age: timedelta | None = settings["sweep.max_tail_age"]
        clock_skew: timedelta | None = settings["hub.max_clock_skew"]
        keep_gone: timedelta | None = settings["keep.gone"]
        return {
            "kind": "incremental" if options.incremental else "full",
            "endpoint": settings["hub.endpoint"],
            "page_size": min(settings["hub.page_size"], 1000),
            "max_models": options.max_models,
            "expand": MODELS.expand,
            "max_tail_age": None if tail_age is None else tail_age.total_seconds(),
            "max_clock_skew": None if clock_skew is None else clock_skew.total_seconds(),
            "max_vanished_share": settings["sweep.max_vanished_share"],
            "confirm_sample": settings["sweep.confirm_sample"],
            "accept_vanished": options.accept_vanished,
            "max_withdrawn_share": settings["sweep.max_withdrawn_share"],
            "max_fill_drop": settings["sweep.max_fill_drop"],
            "accept_withdrawn": options.accept_withdrawn,
            "popularity": settings["popularity.cadence"],
            "redirects": settings["lineage.redirects"],
            "enrich_cards": settings["enrich.cards"],
            "enrich_owners": settings["enrich.owners"],
            "enrich_files": settings["enrich.files"],
            "rules": tuple(settings["lineage.rules"]),
            "imports": tuple(findings.names(self._state.home / findings.FOLDER)),
            "keep_gone": None if keep_gone is None else keep_gone.total_seconds(),
        }

    def _in_open_cases(self) -> set[str]:
        """The keys of the models that open cases concern."""
        if self._settings["enrich.files"] == 0:
            return set()
        try:
            with register.opened(self._state.home, register.acting(self._clock()), look=True) as cases:
                found = cases.cases() if cases else []
                return {member.facts.key for case in found for member in cases.members(case.id)} if cases else set()
        except HubGenealogyError as error:
            logger.warning("models of open cases are not asked about first: %s", error)
            return set()

    def _snapshots_and_changes(
        self, archive: Archive, rows: tuple[PageRows, PageRows], watch: Stopwatch
    ) -> ChangesManifest:
        state, name = self._state, archive.folder.name
        previous = _before(name, state.crawls(state.snapshots))
        compared = _before(name, state.crawls(state.changes))
        if compared is not None and previous != compared:
            raise HubGenealogyError(
                f"the last change set before crawl {name} is that of {compared}, the last snapshot that of "
                f"{previous or 'none'}: restore what is missing in {state.home} from a backup"
            )
        datasets, before = self._datasets.archive(archive.folder.name), state.dataset_snapshot(previous)
        known = ChangeSet(state.changes / compared).manifest.datasets if compared else None
        if compared is not None and known != (before.name if before else None):
            raise HubGenealogyError(
                f"the change set of crawl {compared} has the data sets of crawl {known}, which "
                f"{state.datasets.snapshots} lacks: restore that from a backup"
            )
        with watch.stage("snapshot"):
            models = state.snapshot(previous), state.snapshots / name
            # The Hub's rate limit bounds the walk over the data sets, too: the tables of the models are made beside it.
            meanwhile = partial(self._walk_datasets, archive, rows[1]) if self._datasets.pending(name) else None
            self._snapshot(archive, rows[0], *models, meanwhile=meanwhile)
            if is_there(datasets.folder / "walk.json"):
                with watch.part("datasets"):
                    self._snapshot(datasets, rows[1], before, state.datasets.snapshots / name, naming=models)
        with watch.stage("changes"):
            if not (state.changes / name).exists():
                diff(
                    state.snapshot(previous), state.snapshots / name, state.changes / name, self._limits,
                    datasets=(before, state.dataset_snapshot(name)),
                )  # fmt: skip
        # The next full walk copies from the last one: an increment has too few rows, and those of older ones are old.
        for one in (archive, datasets):
            others = [a for a in self._archives(one.folder.parent) if a.folder.name < name]
            for other in others if archive.crawl.kind == "full" and is_there(one.folder) else [one]:
                remove_rows(other)
        return ChangeSet(state.changes / name).manifest

    def _snapshot(
        self,
        archive: Archive,
        rows: PageRows,
        previous: Path | None,
        folder: Path,
        *,
        naming: tuple[Path | None, Path | None] = (None, None),
        meanwhile: Callable[[], None] | None = None,
    ) -> None:
        """Make the snapshot of a walk.

        `naming`: of one over the data sets, the snapshot of the models before it, and that of this crawl. `meanwhile` is
        called beside the making of the tables.
        """
        if folder.exists():
            return
        listing = LISTINGS[archive.crawl.listing]
        before, now = naming
        with drafted(archive, rows, previous, folder, self._limits, naming=now, naming_before=before) as draft:
            questions = draft.questions(self._in_open_cases() if listing is MODELS else ())
            if self._options.dry_run:  # the answers would be thrown away
                questions = _unenriched(questions)
            ask(questions, archive, self._client, self._forgotten)
            if meanwhile is not None:
                with beside.making(draft):
                    meanwhile()
            draft.finish()


def _unenriched(questions: list[Question]) -> list[Question]:
    """Those that a dry run asks; says how many the others are, and what they take."""
    for topic in ENRICHING:
        if many := sum(question.topic == topic for question in questions):
            logger.info(
                "a crawl would ask the Hub %d questions more (%s), with at most %d requests",
                many, topic.name, many * topic.requests,
            )  # fmt: skip
    return [question for question in questions if question.topic not in ENRICHING]


def _before(crawl: str, crawls: list[str]) -> str | None:
    """The last of `crawls` before `crawl`."""
    return max((other for other in crawls if other < crawl), default=None)
