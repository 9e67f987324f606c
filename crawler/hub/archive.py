"""The archive of one walk: of every page the values that the parser reads, as received, with address and SHA-256.

Earlier versions stored whole pages; those are read too.

crawl.json     written first: the crawl, its start, its flags
pages/000001.json.gz …
pages.jsonl    one line a page, added when its file is safe on the disk: the walk resumes from the last whole line
walk.json      written when the walk ended: whether it saw everything
details.jsonl  one line a question about a single repository, with the Hub's answer
"""

import gzip
import hashlib
import shutil
import zlib
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import msgspec

from crawler import manifests
from crawler.cards.said import Said
from crawler.errors import HubGenealogyError
from crawler.files import (
    DamagedFileError,
    append_line,
    is_there,
    keep_lines,
    open_regular,
    read_bytes,
    read_lines,
    replacing,
    sync_folder,
    writing,
)
from crawler.manifests import CrawlManifest, Extent, Manifest, Sha256, WalkManifest
from crawler.records.weights import WeightFile


class DamagedArchiveError(HubGenealogyError):
    """The archive does not hold the bytes that were stored."""


@dataclass(frozen=True)
class Page:
    """One line of the index. `next` is the address of the following page as the Hub gave it; None on the last page."""

    number: int
    url: str
    next: str | None
    sha256: Sha256
    bytes: Annotated[int, msgspec.Meta(ge=0, le=1 << 28)]
    models: Annotated[int, msgspec.Meta(ge=0, le=1 << 28)]
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
class Publisher:
    """What the Hub says of an owner: `kind` is person or organisation; `verified` is said of organisations only."""

    kind: str
    verified: bool | None = None


@dataclass(frozen=True)
class DetailAnswer:
    """A name that the Hub was asked about, and the answer. `key` is the key of the model that had the name, if any."""

    key: str | None
    name: str
    detail: Detail
    topic: str
    """The topic of the question: crawler/questions/question.py."""
    revision: str | None = None
    """Of topics card and files: the model's revision by the listing when it was asked about."""
    weights: tuple[WeightFile, ...] = ()
    """Of topic files: the files that hold its weights."""
    said: tuple[Said, ...] = ()
    """Of topic card: the parents that the text of the card names."""
    reader: int | None = None
    """Of topic card: the version of the rules that read the text."""
    publisher: Publisher | None = None
    """Of topic owner: what the Hub says of the owner; None where it knows no such owner."""


class Archive:
    """Open the archive in `folder`, new or resumed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.index_file = folder / "pages.jsonl"
        self.answers_file = folder / "details.jsonl"
        self._walk = folder / "walk.json"
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
        """Note the result of the walk, and what its index of pages is."""
        with writing(self._what):
            walk = replace(walk, crawl=self.crawl.crawl, pages=extent_of(self.index_file))
            manifests.write(self._walk, walk)

    def all_asked(self) -> None:
        """Note that every question has been asked: fewer answers than now are a damage from now on."""
        walk = self.walk
        answers = extent_of(self.answers_file)
        if walk is not None and walk.answers != answers:
            with writing(self._what):
                manifests.write(self._walk, replace(walk, answers=answers))

    @property
    def crawl(self) -> CrawlManifest:
        """The manifest that `begin` or `restate` wrote."""
        return self._manifest(self.folder / "crawl.json", CrawlManifest)

    @property
    def walk(self) -> WalkManifest | None:
        """The manifest that `end` wrote; None while the walk is not finished."""
        return self._manifest(self._walk, WalkManifest) if is_there(self._walk) else None

    @property
    def ended(self) -> WalkManifest:
        """The same, where the caller promises that the walk is finished."""
        walk = self.walk
        assert walk is not None, f"{self.folder} is not finished"  # noqa: S101  # the caller's promise
        return walk

    def remove(self) -> None:
        """Remove the folder, where there is one."""
        with writing(self._what):
            if is_there(self.folder):
                shutil.rmtree(self.folder)

    def _manifest(self, path: Path, kind: type[Manifest]) -> Manifest:
        try:
            return manifests.read(path, kind)
        except DamagedFileError as error:
            raise DamagedArchiveError(str(error)) from None

    def pages(self) -> list[Page]:
        """Return the pages on disk, in order."""
        walk = self.walk
        lines = self._lines(self.index_file, walk.pages if walk else None)
        for part in (self.folder / "pages", self.folder / "rows"):
            if part.is_symlink():
                raise _damaged(part, "it is a symbolic link")
        try:
            return [_page(line, number) for number, line in enumerate(lines, start=1)]
        except (ValueError, OverflowError) as error:
            raise _damaged(self.index_file, error) from None

    def _lines(self, path: Path, extent: Extent | None) -> list[dict[str, Any]]:
        try:
            lines = read_lines(path)
            whole = extent is None or extent == extent_of(path, extent.bytes)
        except OSError as error:
            raise HubGenealogyError(
                f"{path} cannot be read ({error.strerror or error}): make it readable, then try again"
            ) from None
        except ValueError as error:
            raise _damaged(path, error) from None
        if not whole:
            raise _damaged(path, "it is not what was written")
        return lines

    def add(self, page: Page, body: bytes) -> None:
        """Store a page: first its bytes, then its line in the index. Each is synced before the next step."""
        with writing(self._what):
            with replacing(self.page_file(page.number), mode=0o600) as file:
                pack(body, file)
            append_line(self.index_file, asdict(page))

    def drop_last(self, page: Page) -> None:
        """Remove `page`, the last one, from the index."""
        with writing(self._what):
            keep_lines(self.index_file, page.number - 1)

    def details(self) -> list[DetailAnswer]:
        """Return the answers to the questions of this crawl."""
        walk = self.walk
        lines = self._lines(self.answers_file, walk.answers if walk else None)
        try:
            # An earlier version asked about vanished models by their key, and about absent names without one.
            return [
                msgspec.convert(
                    {"topic": "absent_name" if line["key"] is None else "vanished"}
                    | {name: value for name, value in line.items() if value is not None or name != "topic"},
                    DetailAnswer,
                )
                for line in lines
            ]
        except (ValueError, LookupError) as error:
            raise _damaged(self.answers_file, error) from None

    def add_detail(self, answer: DetailAnswer) -> None:
        """Store the answer to one question."""
        with writing(self._what):
            append_line(self.answers_file, asdict(answer))

    def read(self, page: Page) -> bytes:
        """Return the bytes of `page` as stored; raise DamagedArchiveError if the file no longer holds them."""
        path = self.page_file(page.number)
        try:
            with open_regular(path) as file, gzip.GzipFile(fileobj=file) as packed:
                # One byte more than there may be: nothing unpacks to more than its index says.
                body = packed.read(page.bytes + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise _damaged(path, error) from None
        if hashlib.sha256(body).hexdigest() != page.sha256:
            raise DamagedArchiveError(
                f"{path} is not what was stored (SHA-256 differs): the archive is damaged; crawl anew"
            )
        return body

    def page_file(self, number: int) -> Path:
        """Where the page of this number is."""
        return self.folder / "pages" / f"{number:06d}.json.gz"


def pack(body: bytes, file: BinaryIO) -> None:
    """Write the bytes of a page, compressed.

    gzip stores no file name and no time, so the same page gives the same file. The fastest level takes a third of the time of
    the default one, and a third more of the disk.
    """
    with gzip.GzipFile(filename="", mode="wb", fileobj=file, compresslevel=1, mtime=0) as compressed:
        compressed.write(body)


def _damaged(path: Path, why: object) -> DamagedArchiveError:
    return DamagedArchiveError(f"{path} cannot be read ({str(why)[:300]}): the archive is damaged; crawl anew")


def _page(line: dict[str, Any], number: int) -> Page:
    """A line of the index; ValueError where it is not that of page `number`."""
    page = msgspec.convert(line, Page)
    datetime.fromisoformat(page.fetched_at).astimezone()
    if page.number != number:
        raise ValueError(f"page {page.number} is in line {number}")
    return page


def extent_of(path: Path, length: int | None = None) -> Extent:
    """The first `length` bytes of a file, or all of them; those of a file that is not there yet are none."""
    content = read_bytes(path)[:length] if is_there(path) else b""
    return Extent(len(content), hashlib.sha256(content).hexdigest())
