"""The tables of snapshots and change sets without the names of forgotten owners.

Only columns in which a repository or an owner is named change. Each value that has a name in it is replaced wherever it stands;
no row is added, left out or counted differently.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from crawler import manifests
from crawler.changes.diff import FILES
from crawler.changes.tables import POPULAR
from crawler.changes.tables import TABLES as GRAPH_TABLES
from crawler.crawl_warnings import CrawlWarning
from crawler.files import is_there, sha256_of, writing
from crawler.forgetting.settle import new_of, place, settle
from crawler.manifests import ChangesManifest, SnapshotManifest
from crawler.records.forgetting import Forgotten
from crawler.snapshot.database import Limits, database
from crawler.snapshot.parquet import columns, damaged, read_parquet, reading
from crawler.snapshot.tables import TABLES

# Tables in which no repository and no owner is named.
_NAMELESS = {"licenses"}
# Columns that name one, in whichever table.
_NAMING = frozenset(
    {
        "key", "id", "id_lower", "owner", "name", "datasets", "dataset", "new_version", "cycle", "child", "parent", "model",
        "spelling", "target", "declared_as", "former_names", "dataset_key", "value", "head", "root", "chain", "source", "note",
    }
)  # fmt: skip
# Columns that are computed from the name of their model.
_COMPUTED = {
    table.name: {column.name: column.value for column in table.columns if column.name in ("url", "short_name")}
    for table in POPULAR
}
_KEYS = {table.name: table.keys for table in GRAPH_TABLES} | {table.popularity: ("key",) for table in POPULAR}
# Lists that the snapshot sorts.
_SORTED = frozenset({"declared_as", "former_names"})


@dataclass(frozen=True)
class Tables:
    """What replaces names in tables: the forgotten owners, and the name where it is known, which makes the search fast."""

    forgotten: Forgotten
    name: str | None
    limits: Limits

    def snapshot(self, folder: Path) -> bool:
        """Rewrite the tables of a snapshot; say whether anything changed."""
        file = folder / "snapshot.json"
        return self._rewrite(file, manifests.read(file, SnapshotManifest), list(TABLES))

    def change_set(self, folder: Path) -> bool:
        """Rewrite the tables of a change set; say whether anything changed."""
        file = folder / "changes.json"
        return self._rewrite(file, manifests.read(file, ChangesManifest), list(FILES))

    def mentions(self, folder: Path) -> bool:
        """Whether a snapshot or a change set has a name in it."""
        files = [file for table in (*TABLES, *FILES) if is_there(file := folder / f"{table}.parquet")]
        with reading(folder) as db:
            return any(next(self._replaced(db, file, column), None) for file in files for column in _naming(db, file))

    def _rewrite(self, file: Path, manifest: SnapshotManifest | ChangesManifest, tables: list[str]) -> bool:
        folder = file.parent
        files = [folder / f"{table}.parquet" for table in tables]
        for one in files:
            settle(one, _has_hash(manifest.sha256.get(one.name)))
        with writing(f"{folder}"), database(folder, "forget", limits=self.limits) as db, damaged(folder):
            changed = [one for one in files if is_there(one) and self._write(db, one)]
        warnings = tuple(CrawlWarning(one.kind, self.forgotten.value(one.numbers)) for one in manifest.warnings)
        if not changed and warnings == manifest.warnings:
            return False
        hashes = manifest.sha256 | {one.name: sha256_of(new_of(one)) for one in changed}
        with writing(f"{folder}"):
            manifests.write(file, replace(manifest, sha256=hashes, warnings=warnings))
            place(changed)
        return True

    def _write(self, db: duckdb.DuckDBPyConnection, file: Path) -> bool:
        """Write the new content of a table beside it, where a name is in it."""
        written = columns(db, file)
        found = {column: pairs for column in _naming(db, file) if (pairs := list(self._replaced(db, file, column)))}
        if not found:
            return False
        for column, pairs in found.items():
            kind = written[column]
            db.execute(f'CREATE OR REPLACE TEMP TABLE of_{column} (old {kind}, "new" {kind})')
            db.executemany(f"INSERT INTO of_{column} VALUES (?, ?)", pairs)  # noqa: S608  # our own name
        joins = " ".join(f'LEFT JOIN of_{column} ON of_{column}.old = t."{column}"' for column in found)
        values = _as({column: f'coalesce(of_{column}."new", t."{column}")' for column in found})
        renamed = "of_id.old IS NOT NULL" if "id" in found else "false"
        rows = f"SELECT t.* REPLACE ({values}), {renamed} AS renamed FROM {read_parquet(file)} t {joins}"  # noqa: S608  # our own names
        computed = _as(
            {
                name: f'CASE WHEN renamed AND "{name}" IS NOT NULL THEN {value} ELSE "{name}" END'
                for name, value in _COMPUTED.get(file.name.partition(".")[0], {}).items()
                if name in written
            }
        )
        replaced = f" REPLACE ({computed})" if computed else ""
        order = ", ".join(f'"{name}"' for name in _order(file, written))
        target = str(new_of(file)).replace("'", "''")
        db.execute(
            f"COPY (SELECT * EXCLUDE (renamed){replaced} FROM ({rows}) ORDER BY {order}) TO '{target}'"  # noqa: S608  # our own names
            " (FORMAT parquet, COMPRESSION zstd)"
        )
        return True

    def _replaced(self, db: duckdb.DuckDBPyConnection, file: Path, column: str) -> Iterator[tuple[Any, Any]]:
        """The values of a column with a name in them, and what they become."""
        holds = "true" if self.name is None else f'contains(lower("{column}"::VARCHAR), $name)'
        found = db.execute(
            f'SELECT DISTINCT "{column}" FROM {read_parquet(file)} WHERE "{column}" IS NOT NULL AND {holds}',  # noqa: S608  # our own names
            {} if self.name is None else {"name": self.name.lower()},
        )
        while rows := found.fetchmany(10_000):
            for (value,) in rows:
                new = self.forgotten.value(value)
                if new != value:
                    yield value, sorted(set(new)) if column in _SORTED else new


def _has_hash(listed: str | None) -> Callable[[Path], bool]:
    return lambda file: sha256_of(file) == listed


def _naming(db: duckdb.DuckDBPyConnection, file: Path) -> list[str]:
    if file.name.partition(".")[0] in _NAMELESS:
        return []
    return [name for name, kind in columns(db, file).items() if name in _NAMING and "VARCHAR" in kind]


def _order(file: Path, written: Mapping[str, str]) -> list[str]:
    """The columns by which a table is sorted: in a change set, those that tell its rows apart."""
    table, _dot, verb = file.name.removesuffix(".parquet").partition(".")
    return list(_KEYS[table]) if verb else list(written)[:3]


def _as(values: Mapping[str, str]) -> str:
    return ", ".join(f'{value} AS "{name}"' for name, value in values.items())
