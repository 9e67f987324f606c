"""One batch of archived pages as typed rows: `models`, `declared` and `rejected` in Parquet, and `made.json` over them.

A record that is byte for byte what it was in an earlier crawl, downloads and likes aside, is not parsed again: its rows are
copied from that crawl's batches. They are what parsing would give, so the rows stay a function of the pages alone.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import duckdb
import msgspec

from crawler.files import read_bytes, replacing, sha256_of
from crawler.hub.archive import Archive, DamagedArchiveError, Page
from crawler.records import record as parser
from crawler.records.listings import LISTINGS
from crawler.records.page import PageError, read_page, read_record
from crawler.records.record import Model, Parsed
from crawler.snapshot.parquet import confine, literal
from crawler.snapshot.tables import PAGE_ROWS, ddl

# `_cut` computes the fingerprint of a record. It is null if the page could not be cut into records.
BATCH_ROWS = PAGE_ROWS | {"models": PAGE_ROWS["models"] | {"fingerprint": "UBIGINT"}}
MEMORY = "300MB"
_SAME = ("earlier_page", "earlier_place", "page", "place", "downloads", "likes")
# The end of a record as it is kept: crawler/records/used.py.
_POPULARITY = re.compile(rb',"downloads":(\d{1,15}),"likes":(\d{1,15})\}')
_KEY = re.compile(rb'\{"_id":"([A-Za-z0-9_-]+)"')


class Made(msgspec.Struct, frozen=True):
    """What `made.json` says of a batch: of which pages it is made, by which parser, and the SHA-256 of its files."""

    pages: tuple[str, ...]
    parser: str
    files: dict[str, str]


class _Cut(NamedTuple):
    """A record as it is kept. Of almost all, the key and the popularity at the end are found without reading the rest."""

    written: bytes
    fingerprint: int
    key: str | None = None
    downloads: bytes = b""
    likes: bytes = b""


# Where the rows of a record are in an earlier crawl's batches: its key, its fingerprint, its page and its place.
_Known = tuple[str, int, int, int]
_RECORDS = msgspec.json.Decoder(list[msgspec.Raw])


@cache
def parser_version() -> str:
    """A digest of the parser's source: rows that another parser made are not copied."""
    digest = hashlib.sha256()
    for source in sorted(Path(parser.__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()


def is_made(folder: Path, pages: Sequence[Page]) -> bool:
    """Whether `folder` holds the rows of these pages, undamaged and by this parser."""
    made = _made(folder)
    return made is not None and made.pages == _names(pages)


def can_be_copied(folder: Path) -> bool:
    """Whether `folder` holds rows of any pages, undamaged and by this parser."""
    return _made(folder) is not None


def _made(folder: Path) -> Made | None:
    try:
        made = msgspec.json.decode(read_bytes(folder / "made.json"), type=Made)
        return made if made.parser == parser_version() and made.files == _digests(folder) else None
    except (OSError, msgspec.MsgspecError, ValueError, RecursionError):  # ValueError: a text that is not UTF-8
        return None


def make(archive: Archive, pages: Sequence[Page], earlier: Sequence[Path], folder: Path) -> None:
    """Write the rows of `pages` into `folder`; `earlier` are batches whose rows can be copied."""
    with duckdb.connect(config={"autoinstall_known_extensions": "false"}) as db:
        db.execute("SET memory_limit = $memory", {"memory": MEMORY})
        db.execute("SET threads = 1")
        confine(db, folder, *earlier)
        made = _Batch(db, archive, pages, earlier, folder)
        made.write()
    result = Made(_names(pages), parser_version(), _digests(folder))
    with replacing(folder / "made.json") as file:
        file.write(msgspec.json.encode(result))


def _names(pages: Sequence[Page]) -> tuple[str, ...]:
    return tuple(f"{page.number}:{page.sha256}" for page in pages)


def _digests(folder: Path) -> dict[str, str]:
    return {name: sha256_of(folder / f"{name}.parquet") for name in BATCH_ROWS}


class _Batch:
    """The rows of one batch on their way into its files."""

    def __init__(
        self,
        db: duckdb.DuckDBPyConnection,
        archive: Archive,
        pages: Sequence[Page],
        earlier: Sequence[Path],
        folder: Path,
    ) -> None:
        self._db, self._archive, self._pages, self._folder = db, archive, pages, folder
        self._earlier = {name: [literal(batch / f"{name}.parquet") for batch in earlier] for name in BATCH_ROWS}

    def write(self) -> None:
        names = [*BATCH_ROWS, "same"]
        paths = {name: self._folder / f"{name}.jsonl" for name in names}
        files = {name: path.open("wb") for name, path in paths.items()}
        try:
            self._parse(files)
        finally:
            for file in files.values():
                file.close()
        kinds = ", ".join(f"'{name}': 'BIGINT'" for name in _SAME)
        self._db.execute(
            "CREATE TABLE same AS SELECT * FROM read_csv($path, auto_detect = false, delim = ',', header = false,"  # noqa: S608  # our own names
            f" hive_partitioning = false, columns = {{{kinds}}})",
            {"path": literal(paths["same"])},
        )
        for name, columns in BATCH_ROWS.items():
            self._write_table(name, columns, paths[name])
        for path in paths.values():
            path.unlink()

    def _write_table(self, name: str, columns: Mapping[str, str], parsed: Path) -> None:
        db = self._db
        db.execute(f"CREATE TABLE {name} ({ddl(dict(columns))})")
        if parsed.stat().st_size:
            kinds = "{" + ", ".join(f"'{column}': '{kind}'" for column, kind in columns.items()) + "}"
            db.execute(
                f"INSERT INTO {name} BY NAME SELECT * FROM read_json($file, format = 'newline_delimited',"  # noqa: S608  # our own names
                f" hive_partitioning = false, columns = {kinds}, maximum_object_size = 67108864)",
                {"file": literal(parsed)},
            )
        if self._earlier[name]:
            popularity = ", s.downloads AS downloads, s.likes AS likes" if name == "models" else ""
            db.execute(
                f"INSERT INTO {name} BY NAME SELECT e.* REPLACE (s.page AS page, s.place AS place{popularity})"  # noqa: S608  # our own names
                " FROM read_parquet($files, hive_partitioning = false) e JOIN same s"
                " ON e.page = s.earlier_page AND e.place = s.earlier_place",
                {"files": self._earlier[name]},
            )
        file = str(self._folder / f"{name}.parquet").replace("'", "''")
        order = "page, place, position" if name == "declared" else "page, place"
        db.execute(f"COPY (FROM {name} ORDER BY {order}) TO '{file}' (COMPRESSION zstd)")

    def _parse(self, files: Mapping[str, BinaryIO]) -> None:
        pages = [(page.number, self._archive.read(page)) for page in self._pages]
        cut = [(number, _records(body)) for number, body in pages]
        parse = LISTINGS[self._archive.crawl.listing].parse
        known = self._known([record.key for _, records in cut for record in records or () if record.key])
        for (number, body), (_, records) in zip(pages, cut, strict=True):
            if records is None:
                try:
                    page = read_page(body)
                except PageError as error:
                    raise DamagedArchiveError(
                        f"page {number} of {self._archive.folder} cannot be read ({error}): the archive is damaged; crawl anew"
                    ) from None
                for place, record in enumerate(page):
                    _write_parsed(parse(record), number, place, None, files)
                continue
            for place, (written, fingerprint, key, downloads, likes) in enumerate(records):
                before = known.get(key) if key else None
                if before and before[1] == fingerprint:
                    row = (before[2], before[3], number, place, downloads, likes)
                    files["same"].write(b"%d,%d,%d,%d,%b,%b\n" % row)
                else:
                    _write_parsed(parse(read_record(written)), number, place, fingerprint, files)

    def _known(self, keys: list[str]) -> dict[str, _Known]:
        """Earlier rows of these keys. Of a key that stands twice, either will do: the fingerprint decides."""
        if not self._earlier["models"] or not keys:
            return {}
        found: list[_Known] = self._db.execute(
            "SELECT key, fingerprint, page, place FROM read_parquet($files, hive_partitioning = false)"
            " WHERE key BETWEEN $first AND $last AND fingerprint IS NOT NULL",
            {"files": self._earlier["models"], "first": min(keys), "last": max(keys)},
        ).fetchall()
        return {row[0]: row for row in found}


def _records(body: bytes) -> list[_Cut] | None:
    """The records of a page; None where msgspec cannot tell them apart: `read_page` then reads what it can."""
    try:
        return [_cut(bytes(record)) for record in _RECORDS.decode(body)]
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return None


def _cut(written: bytes) -> _Cut:
    """The fingerprint is a hash of the record without its popularity, or of all of it where it has another form."""
    end = written.rfind(b',"downloads":')
    key, popularity = _KEY.match(written), _POPULARITY.fullmatch(written, max(end, 0))
    if key is None or popularity is None:
        return _Cut(written, _fingerprint(written))
    return _Cut(written, _fingerprint(written[:end]), key[1].decode(), popularity[1], popularity[2])


def _fingerprint(written: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(written, digest_size=8).digest())


def _write_parsed(
    parsed: Parsed, page: int, place: int, fingerprint: int | None, files: Mapping[str, BinaryIO]
) -> None:
    at: dict[str, Any] = {"page": page, "place": place}
    if parsed.model is not None:
        _line(files["models"], at | {"fingerprint": fingerprint}, parsed.model)
        for position, declared in enumerate(parsed.declared):
            _line(files["declared"], at | {"child": parsed.model.key, "position": position}, declared)
    for rejected in parsed.rejected:
        _line(files["rejected"], at, rejected)


def _line(file: BinaryIO, at: dict[str, Any], row: Model | Any) -> None:
    file.write(msgspec.json.encode(at)[:-1] + b"," + msgspec.json.encode(row)[1:] + b"\n")
