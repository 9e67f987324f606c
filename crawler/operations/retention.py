"""What a state folder need not keep: old archives, old snapshots, and what a run that was killed left behind."""

import logging
import shutil
from pathlib import Path

from crawler.files import sync_folder
from crawler.state import State

logger = logging.getLogger(__name__)


def prune(state: State, *, archives: int, snapshots: int) -> list[Path]:
    """Remove all but the newest `archives` and `snapshots`; return what went. The caller holds the lock.

    Change sets stay for ever: the graph is rebuilt from them. An archive whose crawl has no change set yet is still
    needed, and so is the snapshot that it will be compared with.
    """
    done = set(state.crawls(state.changes))
    kept = state.crawls(state.snapshots)
    unfinished = min((crawl for crawl in state.crawls(state.archives) if crawl not in done), default=None)
    needed = max((crawl for crawl in kept if unfinished is not None and crawl < unfinished), default=None)
    old = [
        *(
            folder / crawl
            for folder in (state.archives, state.datasets.archives)
            for crawl in [c for c in state.crawls(folder) if c in done][:-archives]
        ),
        *(state.snapshots / crawl for crawl in kept[:-snapshots] if needed is None or crawl < needed),
        *_old_datasets(state, [*kept[-snapshots:], *([needed] if needed else [])]),
    ]
    gone = []
    for folder in old:
        try:
            # Renamed first: what a kill leaves of it is no archive any more, and the next crawl removes it.
            doomed = folder.rename(folder.with_name(folder.name + ".tmp"))
            sync_folder(folder.parent)
            shutil.rmtree(doomed)
        except OSError as error:
            # The crawl is done and the graph is right: no reason to fail, but the disk fills up.
            logger.warning("%s is not needed any more and cannot be removed: %s", folder, error)
        else:
            gone.append(folder)
    for folder in state.home.glob("dry-run-*"):  # a dry run removes its folder itself, unless it was killed
        shutil.rmtree(folder, ignore_errors=True)
        gone.append(folder)
    return gone


def _old_datasets(state: State, kept: list[str]) -> list[Path]:
    """The snapshots of the data sets before the one that the oldest of the `kept` snapshots of models goes with."""
    known = [state.datasets.snapshots / crawl for crawl in state.crawls(state.datasets.snapshots)]
    needed = state.dataset_snapshot(min(kept, default=None))
    return [] if needed is None else known[: known.index(needed)]
