"""The nightly job: one crawl from the Hub to the graph, by one writer."""

import gc
import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from crawler import findings, ledger
from crawler.cases.follow import Followed, Follower
from crawler.cases.register import acting
from crawler.errors import HubGenealogyError
from crawler.feeds.watch import Kept, Watcher
from crawler.files import is_there, read_bytes, replacing, writing
from crawler.forgetting.run import Changed, finish
from crawler.graph import schema
from crawler.graph.bulk import Bulk
from crawler.graph.connection import check_there, open_graph
from crawler.graph.foreign import check_ours_or_unused
from crawler.graph.lease import leased
from crawler.graph.load import Loader
from crawler.graph.state import standing
from crawler.logs import Progress
from crawler.manifests import ChangesManifest
from crawler.operations import metrics
from crawler.operations.last_run import noted
from crawler.operations.metrics import failure_noted
from crawler.operations.retention import prune
from crawler.operations.space import check_space
from crawler.settings import Settings
from crawler.snapshot.database import Limits
from crawler.stages import Clock, Options, Stages, utc_now
from crawler.state import State
from crawler.stopwatch import Stopwatch

logger = logging.getLogger(__name__)


def crawl(settings: Settings, options: Options, clock: Clock = utc_now) -> dict[str, Any]:
    """Run one crawl and return its summary: the fields of `crawl --format json`.

    Raises LockHeldError if another process works on the state or the graph, HubUnreachableError or
    GraphUnreachableError if retries did not help, and HubGenealogyError if the state or the graph is at fault. Finished
    work is kept.
    """
    # A page is a hundred thousand objects and no circle: counting them after every 700 takes a quarter of reading them.
    gc.set_threshold(100_000)
    state = State(settings.home)
    if options.dry_run:
        with state.locked():
            _check_ledger(state)
            return _dry_run(state, settings, options, clock)
    textfile = settings["metrics.textfile"]
    # Open the graph before the walk: a fault should show now, not after half an hour.
    with (
        state.locked(),
        noted(state.home, "crawl", clock) as ending,
        failure_noted(textfile, clock),
        writing_to_graph(state, settings, may_be_new=True) as loader,
    ):
        _finish_forgetting(loader, settings)
        loader.prepare()
        stages = Stages(state, settings, options, clock)
        stages.finish_interrupted()
        _prune(state, settings)  # before the walk too, which may need the space
        check_space(state, min_free=settings["disk.min_free"], max_temporary=settings["disk.max_temporary"])
        manifest = stages.derive(stages.resumable() or stages.begin())
        with stages.watch.stage("load"):
            loader.load()
            by = acting(clock())
            followed = Follower(loader.graph, state.home, by).follow(manifest.crawl, refused=manifest.refused)
            kept = Watcher(settings, state, by).keep(loader.graph, manifest.crawl)
        _prune(state, settings)
        summary = _summary(manifest, stages.watch, followed, kept)
        metrics.write(textfile, summary, clock())
        ending.exit_code = summary["exit_code"]
        ending.reason = "; ".join(warning.text for warning in manifest.warnings if warning.refuses) or None
    return summary


def load(settings: Settings) -> list[str]:
    """Apply the change sets that the graph lacks; return their crawls. Raises the errors of `crawl`."""
    check_there(settings)  # before a state folder is made
    state = State(settings.home)
    with state.locked(), noted(state.home, "load", utc_now), writing_to_graph(state, settings) as loader:
        _finish_forgetting(loader, settings)
        Stages(state, settings, Options(), utc_now).finish_interrupted()
        crawls = loader.load()
        _mirror_cases(loader)
        return crawls


def rebuild(settings: Settings) -> list[str]:
    """Rebuild the graph from the change sets alone, offline; return their crawls."""
    check_there(settings)  # before a state folder is made
    state = State(settings.home)
    with state.locked(), noted(state.home, "rebuild", utc_now), writing_to_graph(state, settings) as loader:
        _finish_forgetting(loader, settings)
        crawls = loader.rebuild()
        _mirror_cases(loader)
        return crawls


def forget(settings: Settings, name: str) -> Changed:
    """Forget an owner: replace its name everywhere, and let no crawl take it in again. Raises the errors of `crawl`."""
    state = State(settings.home)
    with state.locked(), noted(state.home, "forget", utc_now), writing_to_graph(state, settings) as loader:
        if not ledger.is_unfinished(state.home):
            loader.load()  # what a crawl that was killed left to do
        ledger.add(state.home, name)
        changed = finish(loader, Limits.from_settings(settings), acting(utc_now()), name)
        _mirror_cases(loader)
        _keep_feeds(loader, settings)
        return changed


def _check_ledger(state: State) -> None:
    if state.forgets and not is_there(state.home / ledger.FILE):
        raise HubGenealogyError(
            f"{state.home / ledger.FILE} is missing: without it, the names of forgotten owners would be taken in again; restore "
            "it from a backup, or run hub-genealogy forget again for each of them"
        )


def _finish_forgetting(loader: Loader, settings: Settings) -> None:
    """Go on with forgetting an owner where that was interrupted. HubGenealogyError where the ledger is lost."""
    _check_ledger(loader.state)
    if ledger.is_unfinished(loader.state.home):
        logger.info("forgetting an owner was interrupted: finishing it first")
        left = finish(loader, Limits.from_settings(settings), acting(utc_now())).left_in_database
        if left:
            logger.warning("%s", left)


def _mirror_cases(loader: Loader) -> None:
    done = Followed()
    Follower(loader.graph, loader.state.home, acting(utc_now())).mirror(done)
    for problem in done.problems:
        logger.warning("%s", problem)


def _keep_feeds(loader: Loader, settings: Settings) -> None:
    """Write the watched feeds anew, which may hold the name of an owner who is forgotten now."""
    at = next(reversed(loader.state.crawls(loader.state.changes)), None)
    kept = Watcher(settings, loader.state, acting(utc_now())).keep(loader.graph, at) if at else None
    for problem in kept.problems if kept else ():
        logger.warning("%s", problem)


@contextmanager
def writing_to_graph(state: State, settings: Settings, *, may_be_new: bool = False) -> Iterator[Loader]:
    """Hold the lease on the graph of `state`. The caller holds the lock of the state."""
    progress = Progress("load")
    with open_graph(settings, may_be_new=may_be_new) as graph:
        check_ours_or_unused(graph)
        if standing(graph).state_id is None:
            schema.apply(graph)  # the lease needs its constraint
        with leased(graph, state.id) as lease:
            try:
                yield Loader(
                    graph,
                    state,
                    lease,
                    batch_rows=settings["load.batch_rows"],
                    progress=lambda table, rows: progress(rows, f"rows of {table}"),
                    bulk=_bulk(settings),
                )
            finally:
                progress.done()


def _bulk(settings: Settings) -> Bulk | None:
    if settings["neo4j.uri"] is not None:
        return None
    from crawler.local.server import LocalServer  # noqa: PLC0415  # its packages are the optional extra `local`

    server, limits = LocalServer.from_settings(settings), Limits.from_settings(settings)
    return Bulk(server, settings["load.bulk_rows"], settings["load.bulk_share"], limits)


def _prune(state: State, settings: Settings) -> None:
    prune(state, archives=settings["keep.archives"], snapshots=settings["keep.snapshots"])


def _dry_run(state: State, settings: Settings, options: Options, clock: Clock) -> dict[str, Any]:
    """Walk and compute the changes in a temporary folder; the state is not modified."""
    with TemporaryDirectory(prefix="dry-run-", dir=state.home) as folder:
        shadow = State(Path(folder))
        if is_there(state.home / ledger.FILE):
            with replacing(shadow.home / ledger.FILE, mode=0o600) as copy:
                copy.write(read_bytes(state.home / ledger.FILE))
        imports = state.home / findings.FOLDER
        findings.hand_on(imports, shadow.home / findings.FOLDER, findings.names(imports))
        last = state.last_snapshot()
        if last is not None:
            with writing(f"a copy of the snapshot {last}"):
                shutil.copytree(state.snapshots / last, shadow.snapshots / last)
                datasets = state.dataset_snapshot(last)
                if datasets is not None:
                    shutil.copytree(datasets, shadow.datasets.snapshots / datasets.name)
        stages = Stages(shadow, settings, options, clock)
        return _summary(stages.derive(stages.begin()), stages.watch, Followed(), None)


def _summary(manifest: ChangesManifest, watch: Stopwatch, followed: Followed, kept: Kept | None) -> dict[str, Any]:
    """Return the fields of `crawl --format json`, in order.

    `cases` is null where no register was read, `feeds` where no feed is watched, `datasets` where these were not walked. The
    `seconds` of the data sets are those of their walk and their snapshot, which `walk` and `snapshot` contain.
    """
    walk = manifest.dataset_walk
    names = (
        "crawl", "kind", "complete", "models_seen", "models_added", "models_changed", "models_retired", "edges_added",
        "edges_changed", "edges_withdrawn", "rejected", "rows_written",
    )  # fmt: skip
    return {
        **{name: getattr(manifest, name) for name in names},
        "models_removed": manifest.models_removed or 0,
        **{name: manifest.profile[name] for name in ("models_listed", "edges_current")},
        "datasets": {**asdict(walk), "seconds": watch.seconds.get("datasets", 0.0)} if walk else None,
        "exit_code": 3 if manifest.refused else 0,
        "seconds": {stage: watch.seconds.get(stage, 0.0) for stage in ("walk", "snapshot", "changes", "load")},
        "cases": {**followed.terms, "found": dict(followed.found)} if followed.terms else None,
        "feeds": {"written": kept.written, "unchanged": kept.unchanged} if kept else None,
        "warnings": [
            *(warning.text for warning in manifest.warnings),
            *followed.problems,
            *(kept.problems if kept else ()),
        ],
    }
