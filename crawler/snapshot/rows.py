"""From archived pages to typed rows: the pure parser, run over every page, into files that DuckDB reads."""

import json
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import fields
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from pathlib import Path
from threading import Thread
from typing import Any, TextIO

from crawler.hub.archive import Archive, Page, records
from crawler.records.declarations import Declared
from crawler.records.record import Dataset, Model, Parsed, parse
from crawler.records.values import Rejected
from crawler.snapshot.tables import PAGE_ROWS

# Below this, starting processes costs more than they save.
PAGES_A_TASK = 40
_NAMES = {kind: tuple(field.name for field in fields(kind)) for kind in (Model, Declared, Rejected)}
WORKERS = min(4, os.cpu_count() or 1)


def write_rows(archive: Archive, pages: list[Page], folder: Path) -> None:
    """Parse every object of `pages` into `folder`/models-*.jsonl, declared-*.jsonl and rejected-*.jsonl."""
    tasks = [pages[start : start + PAGES_A_TASK] for start in range(0, len(pages), PAGES_A_TASK)]
    if len(tasks) <= 1 or WORKERS == 1:
        for number, task in enumerate(tasks):
            _write(archive.folder, task, folder, number)
        return
    # Fresh processes: a fork would copy the threads' locks of DuckDB and of the driver.
    with ProcessPoolExecutor(WORKERS, get_context("spawn"), initializer=_end_with_parent) as pool:
        for done in [pool.submit(_write, archive.folder, task, folder, n) for n, task in enumerate(tasks)]:
            done.result()


def _end_with_parent() -> None:
    """Let this worker end when the crawl is killed: it would wait for work for ever, with the crawl's output open."""
    parent = parent_process()
    if parent is not None:
        Thread(target=_wait_and_end, args=(parent.sentinel,), daemon=True).start()


def _wait_and_end(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def _write(archive: Path, pages: list[Page], folder: Path, number: int) -> None:
    files = {name: (folder / f"{name}-{number:05d}.jsonl").open("w", encoding="ascii") for name in PAGE_ROWS}
    try:
        for page, place, record in records(Archive(archive), pages):
            _write_one(parse(record), page, place, files)
    finally:
        for file in files.values():
            file.close()


def _write_one(parsed: Parsed, page: int, place: int, files: Mapping[str, TextIO]) -> None:
    at: dict[str, Any] = {"page": page, "place": place}
    if parsed.model is not None:
        _line(files["models"], at, parsed.model)
        at["child"] = parsed.model.key
        for position, declared in enumerate(parsed.declared):
            at["position"] = position
            _line(files["declared"], at, declared)
    for rejected in parsed.rejected:
        _line(files["rejected"], {"page": page, "place": place}, rejected)


def _line(file: TextIO, at: dict[str, Any], row: Model | Declared | Rejected) -> None:
    names = _NAMES[type(row)]
    file.write(json.dumps(at | {name: getattr(row, name) for name in names}, default=_datasets))
    file.write("\n")


def _datasets(dataset: Dataset) -> dict[str, Any]:
    return {"id": dataset.id, "sources": dataset.sources}


def row_files(folder: Path, name: str) -> Iterator[str]:
    """The files of one kind of row that `write_rows` made."""
    return (str(path) for path in sorted(folder.glob(f"{name}-*.jsonl")))
