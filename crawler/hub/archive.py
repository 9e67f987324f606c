"""The archive of one walk: of every page the values that the parser reads, as received, with address and SHA-256.

Earlier versions stored whole pages; those are read too.

crawl.json     written first: the crawl, its start, its flags
pages/000001.json.gz …
pages.jsonl    one line a page, added when its file is safe on the disk: the walk resumes from the last whole line
walk.json      written last: when the walk ended and whether it saw everything
"""

import gzip
import hashlib
import os
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from crawler import manifests
from crawler.errors import HubGenealogyError
from crawler.manifests import CrawlManifest, WalkManifest
from crawler.records.page import read_page
from crawler.records.used import read_kept_page
from crawler.state import append_line, read_lines, sync_folder, writing


class DamagedArchiveError(HubGenealogyError):
    """The archive does not hold the bytes that were stored."""


@dataclass(frozen=True)
class Page:
    """One line of the index. `next` is the address of the following page as the Hub gave it; None on the last page."""

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
    first_modified_at: str | None = None
    last_modified_at: str | None = None
    hub_date: str | None = None
    """When the page was answered, by the Hub's clock (its `Date` header)."""
    received_sha256: str | None = None
    """Of the page as the Hub sent it, and its size; `sha256` and `bytes` are of what is stored. Earlier versions: None."""
    received_bytes: int | None = None


@dataclass(frozen=True)
class Detail:
    """The Hub's answer for one name: the status, and the `_id`, name and flags of the repository it leads to."""

    status: int
    key: str | None = None
    id: str | None = None
    private: bool = False
    disabled: bool = False


@dataclass(frozen=True)
class DetailAnswer:
    """A name that the Hub was asked about, and the answer. `key` is the key of the model that had the name, if any."""

    key: str | None
    name: str
    detail: Detail
    topic: str
    """The topic of the question: crawler/questions/question.py."""


class Archive:
    """Open the archive in `folder`, new or resumed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._index = folder / "pages.jsonl"
        self._what = f"the archive {folder}"

    def begin(self, crawl: CrawlManifest) -> None:
        """Begin the archive. `crawl` holds everything, besides the pages, that the snapshot depends on."""
        with writing(self._what):
            self.folder.mkdir(mode=0o700, parents=True)
            (self.folder / "pages").mkdir(mode=0o700)
            sync_folder(self.folder.parent)
            manifests.write(self.folder / "crawl.json", crawl)

    def restate(self, crawl: CrawlManifest) -> None:
        """Rewrite `crawl.json`, for a walk that is resumed with other limits."""
        with writing(self._what):
            manifests.write(self.folder / "crawl.json", crawl)

    def end(self, walk: WalkManifest) -> None:
        """Close the archive with the result of the walk."""
        with writing(self._what):
            manifests.write(self.folder / "walk.json", walk)

    @property
    def crawl(self) -> CrawlManifest:
        """The manifest that `begin` or `restate` wrote."""
        return manifests.read(self.folder / "crawl.json", CrawlManifest)

    @property
    def walk(self) -> WalkManifest | None:
        """The manifest that `end` wrote; None while the walk is not finished."""
        path = self.folder / "walk.json"
        return manifests.read(path, WalkManifest) if path.exists() else None

    def pages(self) -> list[Page]:
        """Return the pages on disk, in order."""
        try:
            return [Page(**line) for line in read_lines(self._index)]
        except (TypeError, ValueError) as error:
            raise DamagedArchiveError(
                f"{self._index} cannot be read ({error}): the archive is damaged; crawl anew"
            ) from None

    def add(self, page: Page, body: bytes) -> None:
        """Store a page: first its bytes, then its line in the index. Each is synced before the next step."""
        with writing(self._what):
            path = self._path(page.number)
            temporary = path.with_suffix(".tmp")
            with open(temporary, "wb", opener=_private) as file:  # pathlib has no opener
                # gzip stores no file name and no time, so the same page gives the same file.
                with gzip.GzipFile(filename="", mode="wb", fileobj=file, compresslevel=6, mtime=0) as compressed:
                    compressed.write(body)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
            sync_folder(path.parent)
            append_line(self._index, asdict(page))

    def drop_last(self, page: Page) -> None:
        """Remove `page`, the last one, from the index."""
        with writing(self._what):
            lines = self._index.read_bytes().splitlines(keepends=True)
            os.truncate(self._index, sum(map(len, lines[: page.number - 1])))

    def details(self) -> list[DetailAnswer]:
        """Return the answers to the questions of this crawl."""
        lines = read_lines(self.folder / "details.jsonl")
        return [
            # An earlier version asked about vanished models by their key, and about absent names without one.
            DetailAnswer(
                key=line["key"],
                name=line["name"],
                detail=Detail(**line["detail"]),
                topic=line.get("topic") or ("absent_name" if line["key"] is None else "vanished"),
            )
            for line in lines
        ]

    def add_detail(self, answer: DetailAnswer) -> None:
        """Store the answer to one question."""
        with writing(self._what):
            append_line(self.folder / "details.jsonl", asdict(answer))

    def read(self, page: Page) -> bytes:
        """Return the bytes of `page` as stored; raise DamagedArchiveError if the file no longer holds them."""
        path = self._path(page.number)
        try:
            body = gzip.decompress(path.read_bytes())
        except (OSError, EOFError, zlib.error) as error:
            raise DamagedArchiveError(f"{path} cannot be read ({error}): the archive is damaged; crawl anew") from None
        if hashlib.sha256(body).hexdigest() != page.sha256:
            raise DamagedArchiveError(
                f"{path} is not what was stored (SHA-256 differs): the archive is damaged; crawl anew"
            )
        return body

    def _path(self, number: int) -> Path:
        return self.folder / "pages" / f"{number:06d}.json.gz"


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def records(archive: Archive, pages: list[Page]) -> Iterator[tuple[int, int, Any]]:
    """Yield every object of `pages`, with the number of its page and its position on the page."""
    for page in pages:
        read = read_page if page.received_sha256 is None else read_kept_page
        for position, record in enumerate(read(archive.read(page))):
            yield page.number, position, record
