"""The profile of the whole graph, stored on the `Crawl` node: numbers that take the graph database long to count."""

from typing import Any

import duckdb

from crawler.snapshot.database import number
from crawler.snapshot.scripts import run

_COUNTS = {
    "models_listed": "SELECT count(*) FROM models WHERE status = 'listed'",
    "models_gone": "SELECT count(*) FROM models WHERE status = 'gone'",
    "models_absent": "SELECT count(*) FROM models WHERE status = 'absent'",
    "edges_current": "SELECT count(*) FROM edges WHERE status = 'current'",
    "edges_withdrawn": "SELECT count(*) FROM edges WHERE status = 'withdrawn'",
    "families": "SELECT count(*) FROM family",
    "largest_family": "SELECT coalesce(max(size), 0) FROM family",
    "models_on_cycles": "SELECT count(*) FROM on_cycle",
    "longest_chain": "SELECT coalesce(max(depth), 0) FROM family",
}


def make_profile(db: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """The counts, and lists of counts, of a snapshot whose families have been found."""
    run(db, "17_profile")
    return {
        **{name: number(db, query) for name, query in _COUNTS.items()},
        "depth_profile": _histogram(db, "SELECT generation AS value FROM figures"),
        # The length of the binary form: exact where a logarithm might round.
        "family_size_profile": _histogram(db, "SELECT length(bin(size)) - 1 AS value FROM family"),
        **{name: counts[0] for name, counts in _columns(db, "FROM coverage").items()},
        **{f"growth_{name}": counts for name, counts in _columns(db, "FROM growth ORDER BY months").items()},
    }


def _histogram(db: duckdb.DuckDBPyConnection, query: str) -> list[int]:
    """How often each of the values 0, 1, 2, … occurs in `query`."""
    counted = dict(db.execute(f"SELECT value, count(*) FROM ({query}) GROUP BY value").fetchall())  # noqa: S608  # our own query
    return [counted.get(value, 0) for value in range(max(counted, default=-1) + 1)]


def _columns(db: duckdb.DuckDBPyConnection, query: str) -> dict[str, list[Any]]:
    """Each column that `query` gives, by its name."""
    result = db.execute(query)
    names = [column[0] for column in result.description or ()]
    rows = result.fetchall()
    return {name: [row[column] for row in rows] for column, name in enumerate(names)}
