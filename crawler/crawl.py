"""The nightly job: walk, snapshot, changes, load; and what is left of one that was interrupted.

Each stage leaves its result in the state folder, whole or not at all, so a run that was killed at any moment goes on
from the last stage that ended: an interrupted walk is resumed and becomes this run's crawl; a walk that had ended is
first made into snapshot and changes, and then a new one follows.
"""

import logging
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from crawler import __version__
from crawler.changes.diff import ChangeSet, diff
from crawler.graph.connection import Graph, open_graph
from crawler.graph.load import load
from crawler.graph.state import check_belongs, standing
from crawler.hub.archive import Archive
from crawler.hub.client import HubClient
from crawler.hub.walk import verdict, walk
from crawler.logs import Progress
from crawler.records.record import EXPAND
from crawler.settings import Settings
from crawler.snapshot.build import build
from crawler.state import State, read_json

logger = logging.getLogger(__name__)

Clock = Callable[[], datetime]
# In a walk that is resumed, these must be as they were: the pages would not fit together otherwise.
_SAME_WALK = ("kind", "endpoint", "page_size", "max_models", "expand")


def utc_now() -> datetime:
    """The time of day."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Options:
    """What the command line asks of one crawl."""

    max_models: int | None = None
    accept_vanished: bool = False
    dry_run: bool = False


@dataclass
class Stopwatch:
    """Seconds spent in each stage."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time one stage."""
        start = time.monotonic()
        try:
            yield
        finally:
            self.seconds[name] = round(self.seconds.get(name, 0.0) + time.monotonic() - start, 2)


def crawl(settings: Settings, options: Options, clock: Clock = utc_now) -> dict[str, Any]:
    """Run one crawl and return its summary: the fields of `crawl --format json`.

    Raises LockHeldError where another process works on the state, HubUnreachableError or GraphUnreachableError where
    waiting did not help, and HubGenealogyError for what is wrong with the state or the graph; what was done is kept.
    """
    state = State(settings.home)
    with ExitStack() as stack:
        stack.enter_context(state.locked())
        if options.dry_run:
            return _dry_run(state, settings, options, clock)
        # Before the walk: whoever has to mend the database should hear of it now, not in half an hour.
        graph = stack.enter_context(open_graph(settings))
        check_belongs(standing(graph), state)
        _finish_interrupted(state)
        watch = Stopwatch()
        archive = _resumable(state, settings, options, clock) or _begin(state, settings, options, clock)
        manifest = _derive(archive, state, settings, watch, clock)
        with watch.stage("load"):
            _load(graph, state, settings)
    return _summary(manifest, watch)


def load_pending(settings: Settings) -> list[str]:
    """Apply the change sets that the graph lacks; return their crawls."""
    state = State(settings.home)
    with state.locked(), open_graph(settings) as graph:
        _finish_interrupted(state)
        return _load(graph, state, settings)


def _load(graph: Graph, state: State, settings: Settings) -> list[str]:
    progress = Progress("load")
    try:
        return load(
            graph,
            state,
            batch_rows=settings["load.batch_rows"],
            progress=lambda table, rows: progress(rows, f"rows of {table}"),
        )
    finally:
        progress.done()


def _dry_run(state: State, settings: Settings, options: Options, clock: Clock) -> dict[str, Any]:
    """Walk, and compute what would change, in a folder that goes away: the state stays as it is."""
    watch = Stopwatch()
    with TemporaryDirectory(prefix="dry-run-", dir=state.home) as folder:
        shadow = State(Path(folder))
        last = state.last_snapshot()
        if last is not None:
            (shadow.snapshots / last).symlink_to(state.snapshots / last, target_is_directory=True)
        archive = _begin(shadow, settings, options, clock)
        return _summary(_derive(archive, shadow, settings, watch, clock), watch)


def _finish_interrupted(state: State) -> None:
    """Make snapshot and changes of crawls whose walk had ended when they were interrupted."""
    for folder in (state.archives, state.snapshots, state.changes):
        for left in folder.glob("*.tmp"):
            shutil.rmtree(left)
    done = set(state.crawls(state.changes))
    for name in state.crawls(state.archives):
        archive = Archive(state.archives / name)
        if name not in done and (archive.folder / "crawl.json").exists() and archive.walk is not None:
            logger.info("crawl %s was interrupted after its walk: finishing it first", name)
            _snapshot_and_changes(archive, state, Stopwatch())


def _resumable(state: State, settings: Settings, options: Options, clock: Clock) -> Archive | None:
    """The archive of a walk that was interrupted, if it may go on; one that may not is thrown away."""
    done = set(state.crawls(state.changes))
    open_walks = [name for name in state.crawls(state.archives) if name not in done]
    for name in open_walks:
        archive = Archive(state.archives / name)
        if (archive.folder / "crawl.json").exists():
            was = archive.crawl
            now = _flags(settings, options)
            age = clock() - datetime.fromisoformat(was["started_at"])
            limit: timedelta = settings["sweep.resume_within"]
            other = [key for key in _SAME_WALK if was.get(key) != now[key]]
            if age <= limit and not other:
                archive.restate(was | now)
                return archive
            reason = f"it began {age} ago" if age > limit else f"{', '.join(other)} changed"
            logger.warning("the interrupted walk of crawl %s starts over: %s", name, reason)
        shutil.rmtree(archive.folder)
    return None


def _flags(settings: Settings, options: Options) -> dict[str, Any]:
    """Everything that a walk and its snapshot depend on, beside the pages and the times."""
    tail_age: timedelta | None = settings["sweep.max_tail_age"]
    return {
        "kind": "full",
        "endpoint": settings["hub.endpoint"],
        "page_size": min(settings["hub.page_size"], 1000),
        "max_models": options.max_models,
        "expand": list(EXPAND),
        "max_tail_age": None if tail_age is None else tail_age.total_seconds(),
        "max_vanished_share": settings["sweep.max_vanished_share"],
        "accept_vanished": options.accept_vanished,
        "popularity": settings["popularity.cadence"],
    }


def _begin(state: State, settings: Settings, options: Options, clock: Clock) -> Archive:
    known = {name for folder in (state.archives, state.snapshots, state.changes) for name in state.crawls(folder)}
    last = max(known, default="000000-")
    started = clock()
    if previous := state.last_snapshot():
        # Times in the graph must not run backwards, even where a clock did.
        before = datetime.fromisoformat(read_json(state.snapshots / previous / "snapshot.json")["started_at"])
        before += timedelta(milliseconds=1)
        started = max(started, before)
    name = f"{int(last.partition('-')[0]) + 1:06d}-{started:%Y%m%dT%H%M%SZ}"
    archive = Archive(state.archives / name)
    archive.begin(
        {
            "crawl": name,
            "started_at": started.isoformat(timespec="milliseconds"),
            "version": __version__,
            **_flags(settings, options),
        }
    )
    return archive


def _derive(archive: Archive, state: State, settings: Settings, watch: Stopwatch, clock: Clock) -> dict[str, Any]:
    flags = archive.crawl
    progress = Progress("walk")
    with watch.stage("walk"):
        try:
            pages = walk(
                HubClient(settings), archive, page_size=flags["page_size"], max_models=flags["max_models"],
                clock=clock, progress=progress,
            )  # fmt: skip
        finally:
            progress.done()
        limit = flags["max_tail_age"]
        result = verdict(
            pages,
            max_models=flags["max_models"],
            max_tail_age=None if limit is None else timedelta(seconds=limit),
        )
        archive.end(
            {
                "complete": result.complete,
                "reasons": list(result.reasons),
                "finished_at": pages[-1].fetched_at if pages else flags["started_at"],
            }
        )
    return _snapshot_and_changes(archive, state, watch)


def _snapshot_and_changes(archive: Archive, state: State, watch: Stopwatch) -> dict[str, Any]:
    name = archive.folder.name
    previous = next((crawl for crawl in reversed(state.crawls(state.snapshots)) if crawl < name), None)
    snapshot = state.snapshots / name
    with watch.stage("snapshot"):
        if not snapshot.exists():
            build(archive, state.snapshot(previous), snapshot)
    with watch.stage("changes"):
        if not (state.changes / name).exists():
            diff(state.snapshot(previous), snapshot, state.changes / name)
    return ChangeSet(state.changes / name).manifest


def _summary(manifest: dict[str, Any], watch: Stopwatch) -> dict[str, Any]:
    """The fields of `crawl --format json`, in their order."""
    asked_for_less = manifest["kind"] != "full" or any(w.startswith("a sample of") for w in manifest["warnings"])
    refused = manifest["retirement_refused"] or (not manifest["complete"] and not asked_for_less)
    names = (
        "crawl", "kind", "complete", "models_seen", "models_added", "models_changed", "models_retired", "edges_added",
        "edges_changed", "edges_withdrawn", "rejected", "rows_written",
    )  # fmt: skip
    return {
        **{name: manifest[name] for name in names},
        "exit_code": 3 if refused else 0,
        "seconds": {stage: watch.seconds.get(stage, 0.0) for stage in ("walk", "snapshot", "changes", "load")},
        "warnings": manifest["warnings"],
    }
