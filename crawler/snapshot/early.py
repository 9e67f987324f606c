"""A snapshot that begins in a thread, while the crawl waits for the Hub."""

from collections.abc import Iterator
from concurrent.futures import wait
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb

from crawler.hub.archive import Archive
from crawler.manifests import WalkManifest
from crawler.questions.at_once import started
from crawler.snapshot.build import Draft, drafted
from crawler.snapshot.database import Limits
from crawler.snapshot.rows import PageRows

# Seconds. An interrupt ends one statement, and the next one may begin before it is seen.
_AGAIN = 0.1


class EarlyDraft:
    """The draft of a snapshot, begun at once. Use it in a `with` block, which ends it where `draft` was not reached.

    `walk` is how the walk ended: the archive says so only when what the crawl walks besides has ended, too.
    """

    def __init__(
        self,
        archive: Archive,
        rows: PageRows,
        previous: Path | None,
        folder: Path,
        limits: Limits,
        *,
        walk: WalkManifest,
    ) -> None:
        self._databases: list[duckdb.DuckDBPyConnection] = []
        self._left_to_do = ExitStack()
        drafting = drafted(archive, rows, previous, folder, limits, walk=walk, opened=self._databases.append)
        self._begun = started(self._left_to_do.enter_context, drafting)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        while not wait([self._begun], timeout=_AGAIN).done:
            for database in self._databases:
                database.interrupt()
        self._left_to_do.__exit__(kind, error, trace)

    @contextmanager
    def draft(self) -> Iterator[Draft]:
        """The draft, as `drafted` gives it: what was wrong with it shows now."""
        draft = self._begun.result()
        with self._left_to_do.pop_all():
            yield draft
