"""DuckDB as the snapshot and the changes use it: a file of its own, bounded memory, errors that a user understands."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from crawler.files import FULL_DISK
from crawler.snapshot.parquet import confine, damaged

MEMORY = "1500MB"


@contextmanager
def database(folder: Path, name: str, *others: Path | None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB database in `folder`, removed at the end, that spills to disk beyond a fixed amount of memory.

    It reaches nothing but `folder` and `others`.
    """
    path = folder / f"{name}.duckdb"
    try:
        connection = duckdb.connect(config={"autoinstall_known_extensions": "false"})
        try:
            file, spill = (str(p).replace("'", "''") for p in (path, folder / f"{name}.spill"))
            connection.execute(f"SET memory_limit = '{MEMORY}'")
            connection.execute(f"SET temp_directory = '{spill}'")
            # Nothing recovers this file after a crash: no write-ahead log, and no sync after every statement.
            connection.execute(f"ATTACH '{file}' AS work (RECOVERY_MODE no_wal_writes)")
            connection.execute("USE work")
            connection.execute("SET preserve_insertion_order = false")
            connection.execute("SET enable_progress_bar = false")
            confine(connection, folder, *filter(None, others))
            yield connection
        finally:
            connection.close()
            path.unlink(missing_ok=True)
    except duckdb.Error as error:
        # DuckDB has its own errors for a full disk: they become the system's, which `writing` explains.
        full = [number for number in FULL_DISK if os.strerror(number) in str(error)]
        if full:
            raise OSError(full[0], os.strerror(full[0])) from error
        if isinstance(error, duckdb.IOException):
            with damaged(folder):
                raise
        raise


def make_table(db: duckdb.DuckDBPyConnection, view: str) -> None:
    """Make a table of what may be a view, so that it can be changed."""
    db.execute(f"CREATE TABLE {view}_rows AS FROM {view}")
    found = db.execute("SELECT count(*) FROM duckdb_views() WHERE view_name = $view", {"view": view}).fetchone()
    db.execute(f"DROP {'VIEW' if found and found[0] else 'TABLE'} {view}")
    db.execute(f"ALTER TABLE {view}_rows RENAME TO {view}")


def number(db: duckdb.DuckDBPyConnection, query: str) -> int:
    """The first column of the first row of `query`, as a whole number."""
    row = db.execute(query).fetchone()
    return int(row[0]) if row else 0


def naive_utc(moment: datetime) -> datetime:
    """A time as the tables hold it: UTC, without the offset."""
    return moment.astimezone(UTC).replace(tzinfo=None)
