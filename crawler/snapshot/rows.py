"""From archived pages to typed rows, while the walk still waits for the next page: batches of pages, each read by `batch`.

The batches lie in the archive, in `rows/`. They can be removed at any time: they are made again from the pages.
"""

import atexit
import gc
import os
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Self

from crawler.files import built_at, writing
from crawler.hub.archive import Archive, Page
from crawler.snapshot.batch import can_be_copied, is_made, make

# Below this, starting processes costs more than they save.
BATCH_PAGES = 40
WORKERS = min(4, os.cpu_count() or 1)


class PageRows:
    """The rows of one archive's pages. Use it in a `with` block, which ends its processes.

    `earlier` is an archive whose rows are copied where the record is the same.
    """

    def __init__(self, archive: Archive, earlier: Archive | None = None) -> None:
        self._archive = archive
        self._earlier = [folder for folder in _folders(earlier) if can_be_copied(folder)] if earlier else []
        self._pool: ProcessPoolExecutor | None = None
        self._begun: dict[int, tuple[Sequence[Page], Future[None]]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=error is None, cancel_futures=True)

    def begin(self, pages: Sequence[Page]) -> None:
        """Read, in the background, every whole batch of the pages so far."""
        for number in range(len(self._begun), len(pages) // BATCH_PAGES):
            self._begin(number, pages)

    def finish(self, pages: Sequence[Page]) -> list[Path]:
        """Read what is left; return the folders of all batches, each with a file for every kind of row."""
        count = -(-len(pages) // BATCH_PAGES)
        for number in range(count):
            if count > 1 and WORKERS > 1 and number not in self._begun:
                self._begin(number, pages)
        folders = []
        for number in range(count):
            folder = self._archive.folder / "rows" / f"{number + 1:05d}"
            batch, begun = _batch(pages, number), self._begun.get(number)
            if begun is not None:
                begun[1].result()
            # Pages that were dropped since, at the end of an interrupted walk, are in no batch any more.
            if begun is None or begun[0] != batch:
                _make_where_needed(self._archive.folder, batch, self._earlier, folder)
            folders.append(folder)
        return folders

    def _begin(self, number: int, pages: Sequence[Page]) -> None:
        if self._pool is None:
            # Fresh processes: a fork would copy the threads' locks of DuckDB and of the driver.
            self._pool = ProcessPoolExecutor(WORKERS, get_context("spawn"), initializer=_begin_worker)
        folder = self._archive.folder / "rows" / f"{number + 1:05d}"
        batch = _batch(pages, number)
        made = self._pool.submit(_make_where_needed, self._archive.folder, batch, self._earlier, folder)
        self._begun[number] = batch, made


def has_rows(archive: Archive) -> bool:
    """Whether an archive still has rows that can be copied."""
    return (archive.folder / "rows").is_dir()


def remove_rows(archive: Archive) -> None:
    """Remove the rows of an archive, from which no later crawl copies."""
    shutil.rmtree(archive.folder / "rows", ignore_errors=True)


def _folders(archive: Archive) -> Iterator[Path]:
    return (folder for folder in sorted((archive.folder / "rows").glob("?????")) if folder.name.isdigit())


def _batch(pages: Sequence[Page], number: int) -> Sequence[Page]:
    return pages[number * BATCH_PAGES : (number + 1) * BATCH_PAGES]


def _make_where_needed(archive: Path, pages: Sequence[Page], earlier: Sequence[Path], folder: Path) -> None:
    if is_made(folder, pages):
        return
    shutil.rmtree(folder, ignore_errors=True)
    with writing(f"the rows {folder}"), built_at(folder) as temporary:
        make(Archive(archive), pages, earlier, temporary)


def _begin_worker() -> None:
    # A batch is a hundred thousand objects and no circle: see `crawler.crawl`.
    gc.set_threshold(100_000)
    _end_with_parent()


def _end_with_parent() -> None:
    """Let this worker end when the crawl is killed: it would wait for work for ever, with the crawl's output open."""
    parent = parent_process()
    if parent is not None:
        # While the thread waits, DuckDB's module cannot be unloaded in order, and would say so: leave without that.
        atexit.register(os._exit, 0)
        Thread(target=_wait_and_end, args=(parent.sentinel,), daemon=True).start()


def _wait_and_end(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
