"""A table of a snapshot, whichever version wrote it."""

from pathlib import Path

import duckdb

from crawler.snapshot.columns import LINK, MODEL, defaults
from crawler.snapshot.tables import TABLES, ddl

_DEFAULTS = {"models": defaults(MODEL), "edges": defaults(LINK)}


def create(db: duckdb.DuckDBPyConnection, name: str, table: str, snapshot: Path | None) -> None:
    """Make `name` of the rows of `table` in `snapshot`: a view of the file, or an empty table where there is none.

    A column that the file lacks, because an earlier version wrote it, has its default, else null.
    """
    columns, default = TABLES[table], _DEFAULTS.get(table, {})
    file = None if snapshot is None else snapshot / f"{table}.parquet"
    if file is None or not file.exists():
        db.execute(f"CREATE TABLE {name} ({ddl(columns)})")
        return
    path = str(file).replace("'", "''")
    written = {row[0] for row in db.execute(f"DESCRIBE SELECT * FROM read_parquet('{path}')").fetchall()}  # noqa: S608  # our own names
    select = ", ".join(
        f'"{column}"::{kind} AS "{column}"' if column in written
        else f'({default.get(column, "NULL")})::{kind} AS "{column}"'
        for column, kind in columns.items()
    )  # fmt: skip
    db.execute(f"CREATE VIEW {name} AS SELECT {select} FROM read_parquet('{path}')")  # noqa: S608  # our own names
