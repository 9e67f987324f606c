"""Whether the disk has room for one more crawl, asked before the walk: a disk that fills up costs half an hour."""

import shutil

from crawler.errors import HubGenealogyError
from crawler.files import size_of
from crawler.state import State

# The Hub grows, a night may change more than the last one did, and a local graph grows on the same disk.
MARGIN = 1.5
# While a snapshot is made, temporary files take this many times its size: measured, 7 at 100,000 models, 14 at 3,100,000.
TEMPORARY = 15


def readable_size(size: int) -> str:
    """`size` bytes for people: 340 MB, 1.2 GB."""
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= factor:
            number = size / factor
            return f"{number:.1f} {unit}" if number < 10 and unit == "GB" else f"{number:.0f} {unit}"
    return f"{size} B"


def needed_space(state: State, min_free: int, max_temporary: int) -> int:
    """How many bytes the next crawl needs, judged by what is kept of the last ones; never less than `min_free`.

    Temporary files count too, up to `max_temporary`; what an interrupted walk has fetched is there.
    """
    done = set(state.crawls(state.changes))
    archives = {
        crawl: size_of(state.archives / crawl) + size_of(state.datasets.archives / crawl)
        for crawl in state.crawls(state.archives)
    }
    # The largest, not the last: that may have been a sample.
    archive = max((size for crawl, size in archives.items() if crawl in done), default=0)
    fetched = sum(size for crawl, size in archives.items() if crawl not in done)
    last = state.last_snapshot()
    datasets = state.dataset_snapshot(last)
    snapshot = sum(size_of(folder) for folder in (state.snapshots / last, datasets) if folder) if last else 0
    changes = size_of(state.changes / max(done)) if done else 0
    temporary = min(TEMPORARY * snapshot, max_temporary)
    return max(min_free, int(MARGIN * (archive + snapshot + changes + temporary)) - fetched)


def check_space(state: State, *, min_free: int, max_temporary: int) -> None:
    """Make sure that the next crawl has room; HubGenealogyError, with how much it needs, where it has not."""
    needed, free = needed_space(state, min_free, max_temporary), shutil.disk_usage(state.home).free
    if free < needed:
        raise HubGenealogyError(
            f"the disk of {state.home} has {readable_size(free)} free and a crawl needs {readable_size(needed)}: free "
            "some space, keep less (keep.archives, keep.snapshots), or move the folder and set HUB_GENEALOGY_HOME"
        )
