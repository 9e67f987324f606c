"""One number out of DuckDB."""

import duckdb


def number(db: duckdb.DuckDBPyConnection, query: str) -> int:
    """The first column of the first row of `query`."""
    row = db.execute(query).fetchone()
    return int(row[0]) if row else 0
