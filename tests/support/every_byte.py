"""Where a name still stands below a folder: every byte of every file is looked at, in whatever is packed, too."""

import gzip
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb


def holding(folder: Path, name: str) -> list[str]:
    """The files below `folder` that hold `name`, in any case; their own names count, too."""
    found = []
    for path in sorted(folder.rglob("*")):
        where = str(path.relative_to(folder))
        if name.lower() in where.lower() or (
            path.is_file() and any(_holds(content, name) for content in _contents(path))
        ):
            found.append(where)
    return found


def _holds(content: bytes, name: str) -> bool:
    lower = content.lower()
    # Java and Windows write text with two bytes for each letter, too.
    return any(name.lower().encode(encoding) in lower for encoding in ("utf-8", "utf-16-le", "utf-16-be"))


def _contents(path: Path) -> Iterator[bytes]:
    raw = path.read_bytes()
    yield raw
    if raw.startswith(b"\x1f\x8b"):
        yield gzip.decompress(raw)
    if raw.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(path) as packed:
            yield from map(packed.read, packed.namelist())
    if raw.startswith(b"PAR1"):
        # zstd in the pages of its columns; the least and the greatest value of each stand in its footer as they are.
        with duckdb.connect() as db:
            rows = db.execute("SELECT * FROM read_parquet($file, hive_partitioning = false)", {"file": [str(path)]})
            yield repr(rows.fetchall()).encode()
    if raw.startswith(b"SQLite format 3\0"):
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
            yield "\n".join(db.iterdump()).encode()
