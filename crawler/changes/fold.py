"""Change sets as one: the rows that the graph holds after the last of them, without the way there.

Applied in order, they leave of each key the row that was put last, unless it was deleted afterwards. Popularity has files
of its own, which count where they are newer than that row.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import duckdb

from crawler.changes.diff import FILES, ChangeSet
from crawler.changes.tables import GraphTable
from crawler.files import is_there
from crawler.snapshot.parquet import columns, read_parquet


def values(
    db: duckdb.DuckDBPyConnection, file: Path, known: Mapping[str, str], default: Mapping[str, str]
) -> dict[str, str]:
    """The columns of a file of a change set as expressions over it, in the types that this version knows.

    A column that the file lacks, because an earlier version wrote it, has its default, or is left out. Names and types are
    those of this program, whatever the file says.
    """
    written = columns(db, file)
    found = {name: f'"{name}"::{kind}' for name, kind in known.items() if name in written}
    return found | {name: value for name, value in default.items() if name not in written}


def fold(db: duckdb.DuckDBPyConnection, sets: Sequence[ChangeSet], table: GraphTable) -> bool:
    """Make the view `table.name` of the rows that `sets` leave in the graph; False where they leave none.

    Its columns are the keys, the other ends and the properties of the table. `sets` are all there are, oldest first.
    """
    known = {name: kind for name, kind in FILES[f"{table.name}.put"].items() if name != "added"}
    puts, dels = _files(sets, table.name, "put"), _files(sets, table.name, "del")
    if not puts:
        return False
    rows = _union(
        f"SELECT {selected(db, file, known, table.defaults)}, {turn} AS turn FROM {read_parquet(file)}"  # noqa: S608  # our own names
        for turn, file in puts.items()
    )
    if len(puts) > 1 or dels:
        keys = ", ".join(table.keys)
        # Of each key, when it was put or deleted last. Only these are compared: the rows themselves are too wide.
        of_key = dict.fromkeys(table.keys, "VARCHAR")
        turns = _union(
            f"SELECT {selected(db, file, of_key, table.earlier)}, {turn} AS turn FROM {read_parquet(file)}"  # noqa: S608  # likewise
            for turn, file in (puts | dels).items()
        )
        db.execute(f"CREATE TABLE last_{table.name} AS SELECT {keys}, max(turn) AS turn FROM ({turns}) GROUP BY ALL")  # noqa: S608  # likewise
        rows = f"SELECT * FROM ({rows}) SEMI JOIN last_{table.name} USING ({keys}, turn)"  # noqa: S608  # likewise
    if table.popularity:
        rows = _with_popularity(db, sets, table, rows)
    db.execute(f"CREATE VIEW {table.name} AS SELECT * EXCLUDE (turn) FROM ({rows})")  # noqa: S608  # likewise
    return True


def _files(sets: Sequence[ChangeSet], table: str, verb: str) -> dict[int, Path]:
    """The files with their turn: in a change set, what is deleted goes after what is put."""
    files = {2 * number + (verb == "del"): one.file(table, verb) for number, one in enumerate(sets)}
    return {turn: file for turn, file in files.items() if is_there(file)}


def selected(db: duckdb.DuckDBPyConnection, file: Path, known: Mapping[str, str], default: Mapping[str, str]) -> str:
    """The columns of a file of a change set as SQL selects them; one that it lacks, and that has no default, is null."""
    found = values(db, file, known, default)
    return ", ".join(f'({found.get(name, "NULL")})::{kind} AS "{name}"' for name, kind in known.items())


def _with_popularity(db: duckdb.DuckDBPyConnection, sets: Sequence[ChangeSet], table: GraphTable, rows: str) -> str:
    files = _files(sets, table.popularity, "put")
    if not files:
        return rows
    names = table.uncompared
    known = {name: kind for name, kind in FILES[f"{table.popularity}.put"].items() if name in names}
    every = _union(
        f"SELECT key, {turn} AS turn, {selected(db, file, known, {})} FROM {read_parquet(file)}"  # noqa: S608  # our own names
        for turn, file in files.items()
    )
    packed = ", ".join(f"{name} := {name}" for name in names)
    db.execute(f"""
        CREATE TABLE last_{table.popularity} AS
        SELECT key, max(turn) AS turn, arg_max(struct_pack({packed}), turn) AS newest FROM ({every}) GROUP BY key""")  # noqa: S608  # likewise
    newest = ", ".join(f"CASE WHEN p.turn > r.turn THEN p.newest.{name} ELSE r.{name} END AS {name}" for name in names)
    return f"SELECT r.* REPLACE ({newest}) FROM ({rows}) r LEFT JOIN last_{table.popularity} p USING (key)"  # noqa: S608  # likewise


def _union(parts: Iterable[str]) -> str:
    return " UNION ALL ".join(parts)
