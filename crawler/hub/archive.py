"""The archive of one walk: every page's bytes exactly as received, compressed, with their address and SHA-256.

crawl.json     written first: the crawl, its start, its flags
pages/000001.json.gz …
pages.jsonl    one line a page, added when its file is safe on the disk: the walk resumes from the last whole line
walk.json      written last: when the walk ended and whether it saw everything
"""

import errno
import gzip
import hashlib
import json
import os
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from crawler.errors import HubGenealogyError
from crawler.records.page import read_page
from crawler.state import read_json, sync_folder, write_json, writing


@dataclass(frozen=True)
class Page:
    """One line of the index. `next` is the address of the page after this one, as the Hub gave it; None on the last."""

    number: int
    url: str
    next: str | None
    sha256: str
    bytes: int
    models: int
    first: str | None
    last: str | None
    last_created_at: str | None
    fetched_at: str


class Archive:
    """The archive in `folder`, new or resumed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._index = folder / "pages.jsonl"
        self._what = f"the archive {folder}"

    def begin(self, crawl: dict[str, Any]) -> None:
        """Start an archive: `crawl` is everything about the crawl that its snapshot depends on, beside the pages."""
        with writing(self._what):
            (self.folder / "pages").mkdir(parents=True)
            sync_folder(self.folder.parent)
            write_json(self.folder / "crawl.json", crawl)

    def restate(self, crawl: dict[str, Any]) -> None:
        """Write `crawl.json` again, for a walk that is resumed with other limits."""
        with writing(self._what):
            write_json(self.folder / "crawl.json", crawl)

    def end(self, walk: dict[str, Any]) -> None:
        """Close the archive with the verdict on the walk."""
        with writing(self._what):
            write_json(self.folder / "walk.json", walk)

    @property
    def crawl(self) -> dict[str, Any]:
        """What `begin` was given."""
        return read_json(self.folder / "crawl.json")

    @property
    def walk(self) -> dict[str, Any] | None:
        """What `end` was given; None while the walk goes on."""
        path = self.folder / "walk.json"
        return read_json(path) if path.exists() else None

    def pages(self) -> list[Page]:
        """The pages that are safe on the disk, in order."""
        if not self._index.exists():
            return []
        lines = self._index.read_bytes().split(b"\n")[:-1]  # what follows the last line end was cut off by a kill
        try:
            return [Page(**json.loads(line)) for line in lines]
        except (TypeError, ValueError) as error:
            raise HubGenealogyError(
                f"{self._index} cannot be read ({error}): the archive is damaged; crawl anew"
            ) from None

    def add(self, page: Page, body: bytes) -> None:
        """Keep a page: first its bytes, then its line in the index, each safe on the disk before the next step."""
        with writing(self._what):
            path = self._path(page.number)
            temporary = path.with_suffix(".tmp")
            with temporary.open("wb") as file:
                # No file name and no time in the header: the same page gives the same file.
                with gzip.GzipFile(filename="", mode="wb", fileobj=file, compresslevel=6, mtime=0) as compressed:
                    compressed.write(body)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
            sync_folder(path.parent)
            line = json.dumps(asdict(page)).encode() + b"\n"
            # Unbuffered: what the disk did not take must not be tried again when the file is closed.
            with self._index.open("ab", buffering=0) as file:
                start = file.tell()
                if file.write(line) != len(line):
                    os.truncate(self._index, start)
                    raise OSError(errno.ENOSPC, "the line was cut off")
                os.fsync(file.fileno())

    def mend(self) -> None:
        """Cut off the half line that a kill may have left at the end of the index."""
        if self._index.exists():
            content = self._index.read_bytes()
            whole = content.rfind(b"\n") + 1
            if whole < len(content):
                with writing(self._what):
                    os.truncate(self._index, whole)

    def read(self, page: Page) -> bytes:
        """The bytes of `page` as they were received; HubGenealogyError where they are not those any more."""
        path = self._path(page.number)
        try:
            body = gzip.decompress(path.read_bytes())
        except (OSError, EOFError, zlib.error) as error:
            raise HubGenealogyError(f"{path} cannot be read ({error}): the archive is damaged; crawl anew") from None
        if hashlib.sha256(body).hexdigest() != page.sha256:
            raise HubGenealogyError(
                f"{path} is not what the Hub sent (SHA-256 differs): the archive is damaged; crawl anew"
            )
        return body

    def _path(self, number: int) -> Path:
        return self.folder / "pages" / f"{number:06d}.json.gz"


def records(archive: Archive, pages: list[Page]) -> Iterator[tuple[int, int, Any]]:
    """Every object of `pages` with its page and its place on it."""
    for page in pages:
        for position, record in enumerate(read_page(archive.read(page))):
            yield page.number, position, record
