"""A table of a snapshot, whichever version wrote it."""

from pathlib import Path

import duckdb

from crawler import manifests
from crawler.errors import HubGenealogyError
from crawler.files import is_there
from crawler.manifests import SnapshotManifest
from crawler.snapshot.columns import LINK, MODEL, defaults
from crawler.snapshot.parquet import WAY_OUT, check_file, check_table, columns, read_parquet, reading
from crawler.snapshot.tables import TABLES, ddl

_DEFAULTS = {"models": defaults(MODEL), "edges": defaults(LINK)}
# The tables of every version. Manifests of earlier versions do not list their tables.
_ALWAYS = ("models", "declared", "names", "edges", "rejected")


def check(snapshot: Path) -> None:
    """Raise HubGenealogyError where a table of `snapshot` is missing, damaged or not as its manifest says."""
    manifest = manifests.read(snapshot / "snapshot.json", SnapshotManifest)
    tables = {}
    for table in TABLES:
        file = snapshot / f"{table}.parquet"
        rows, sha256 = manifest.rows.get(table), manifest.sha256.get(file.name)
        if rows is None and sha256 is None and not is_there(file) and (manifest.rows or table not in _ALWAYS):
            continue
        if rows is None and manifest.rows:
            raise HubGenealogyError(f"{file} is there, but its manifest does not list it: {WAY_OUT}")
        check_file(file, rows, sha256)
        tables[table] = file, rows, sha256
    with reading(snapshot) as db:
        for table, (file, rows, sha256) in tables.items():
            check_table(db, file, TABLES[table], rows, hashed=sha256 is not None)


def create(db: duckdb.DuckDBPyConnection, name: str, table: str, snapshot: Path | None) -> None:
    """Make `name` of the rows of `table` in `snapshot`: a view of the file, or an empty table where there is none.

    A column that the file lacks, because an earlier version wrote it, has its default, else null. See `check` for what
    must be there.
    """
    known, default = TABLES[table], _DEFAULTS.get(table, {})
    file = None if snapshot is None else snapshot / f"{table}.parquet"
    if file is None or not is_there(file):
        db.execute(f"CREATE TABLE {name} ({ddl(known)})")
        return
    written = columns(db, file)
    select = ", ".join(
        f'"{column}"::{kind} AS "{column}"' if column in written
        else f'({default.get(column, "NULL")})::{kind} AS "{column}"'
        for column, kind in known.items()
    )  # fmt: skip
    db.execute(f"CREATE VIEW {name} AS SELECT {select} FROM {read_parquet(file)}")  # noqa: S608  # our own names
