"""DuckDB as the snapshot and the changes use it: a file of its own, bounded memory, errors that a user understands."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from crawler import machine
from crawler.errors import HubGenealogyError
from crawler.files import FULL_DISK
from crawler.settings import Settings
from crawler.snapshot.parquet import confine, damaged

MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class Limits:
    """What DuckDB may take: bytes of memory, threads, and bytes on the disk for what does not fit into the memory."""

    memory: int = min(max(machine.memory() // 16, 500 * MEBIBYTE), 4096 * MEBIBYTE)
    threads: int = machine.processors()
    temporary: int = 10240 * MEBIBYTE

    @classmethod
    def from_settings(cls, settings: Settings) -> "Limits":
        """What is set, and what follows from the machine where nothing is."""
        return cls(
            settings["duckdb.memory"] or cls.memory,
            settings["duckdb.threads"] or cls.threads,
            settings["disk.max_temporary"],
        )


@contextmanager
def database(
    folder: Path, name: str, *others: Path | None, limits: Limits | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB database in `folder`, removed at the end, that spills to disk beyond the memory of `limits`.

    It reaches nothing but `folder` and `others`. Raises HubGenealogyError, with the settings to change, where the limits
    are too narrow.
    """
    limits = limits or Limits()
    path = folder / f"{name}.duckdb"
    try:
        connection = duckdb.connect(config={"autoinstall_known_extensions": "false"})
        try:
            file, spill = (str(p).replace("'", "''") for p in (path, folder / f"{name}.spill"))
            connection.execute(f"SET memory_limit = '{limits.memory} bytes'")
            connection.execute(f"SET threads = {limits.threads}")
            connection.execute(f"SET temp_directory = '{spill}'")
            connection.execute(f"SET max_temp_directory_size = '{limits.temporary} bytes'")
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
    except duckdb.OutOfMemoryException as error:
        raise HubGenealogyError(
            f"{folder} cannot be made with {limits.memory // MEBIBYTE} MiB of memory and {limits.temporary // MEBIBYTE} MiB of "
            "temporary files: raise duckdb.memory or disk.max_temporary, or lower duckdb.threads"
        ) from error
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
