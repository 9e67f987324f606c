"""Parquet files of the state folder. They may come from a stranger's backup: nothing that they say becomes SQL."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from crawler.errors import HubGenealogyError

WAY_OUT = "restore it from a backup that you trust, or make it again from its archive as docs/operations.md says"
_NAME = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)


def confine(db: duckdb.DuckDBPyConnection, *places: Path) -> None:
    """Let `db` read and write nothing outside these files and folders from now on; no statement can take that back."""
    db.execute("SET allowed_directories = $folders", {"folders": [str(place) for place in places if place.is_dir()]})
    db.execute("SET allowed_paths = $files", {"files": [str(place) for place in places if not place.is_dir()]})
    db.execute("SET enable_external_access = false")
    db.execute("SET lock_configuration = true")


@contextmanager
def reading(*places: Path, memory: str | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB that reaches these files and folders alone; HubGenealogyError where one of them is damaged."""
    with duckdb.connect(config={"autoinstall_known_extensions": "false"}) as db, damaged(places[0]):
        if memory is not None:
            db.execute("SET memory_limit = $memory", {"memory": memory})
        confine(db, *places)
        yield db


@contextmanager
def damaged(path: Path) -> Iterator[None]:
    """Turn what DuckDB says of a file that it cannot read into one line that names `path`."""
    try:
        yield
    except (
        duckdb.IOException,
        duckdb.InvalidInputException,
        duckdb.ConversionException,
        duckdb.BinderException,
    ) as error:
        reason = ascii(str(error).splitlines()[0][:200]).strip("'\"")
        raise HubGenealogyError(f"{path} cannot be read ({reason}): {WAY_OUT}") from error


def columns(db: duckdb.DuckDBPyConnection, file: Path) -> set[str]:
    """The names of the columns of `file`; HubGenealogyError for a file that this program cannot have written."""
    with damaged(file):
        described = db.execute("DESCRIBE SELECT * FROM read_parquet($path)", {"path": str(file)}).fetchall()
    names = {str(row[0]) for row in described}
    for name in sorted(names):
        if not _NAME.fullmatch(name):
            raise HubGenealogyError(
                f"{file} has a column that no version of this program writes ({name[:60]!a}): {WAY_OUT}"
            )
    return names


def check_rows(db: duckdb.DuckDBPyConnection, file: Path, expected: int) -> None:
    """Raise HubGenealogyError where `file` is missing, is not ours, or does not have as many rows as its manifest says."""
    if not file.exists():
        raise HubGenealogyError(f"{file} is missing, but its manifest lists {expected} rows: {WAY_OUT}")
    columns(db, file)
    with damaged(file):
        row = db.execute("SELECT sum(num_rows) FROM parquet_file_metadata($path)", {"path": str(file)}).fetchone()
    found = row[0] if row else 0
    if found != expected:
        raise HubGenealogyError(f"{file} has {found} rows, but its manifest lists {expected}: {WAY_OUT}")
