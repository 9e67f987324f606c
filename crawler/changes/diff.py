"""The change set of one crawl: what its snapshot adds to, alters in and takes from the graph of the one before.

changes.json              the crawl, its numbers, and how much of everything the graph holds afterwards
<table>.put.parquet       rows that are new or not as they were, whole; `added` tells which
<table>.del.parquet       keys of rows that are no more: a placeholder that was found, a licence no model carries
popularity.put.parquet    downloads and likes of models that changed in nothing else; dataset_popularity, of data sets
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from crawler import manifests
from crawler.changes.resolved import resolve_datasets
from crawler.changes.tables import DATASETS, LABELS, MODELS, POPULAR, TABLES, TYPES, GraphTable
from crawler.crawl_warnings import CrawlWarning
from crawler.errors import HubGenealogyError
from crawler.files import built_at, is_there, sha256_of, writing
from crawler.manifests import ChangesManifest, DatasetNumbers, SnapshotManifest
from crawler.snapshot.database import Limits, database, number
from crawler.snapshot.parquet import WAY_OUT, check_file, check_table, damaged, reading
from crawler.snapshot.read import check, create
from crawler.snapshot.tables import TABLES as SNAPSHOT_TABLES
from crawler.state import State

# The columns of each file, with their DuckDB types.
FILES = {f"{table.name}.{verb}": table.written(verb) for table in TABLES for verb in ("put", "del")} | {
    f"{table.popularity}.put": {name: table.written("put")[name] for name in ("key", *table.uncompared)}
    for table in POPULAR
}


@dataclass(frozen=True)
class ChangeSet:
    """A change set on the disk."""

    folder: Path

    @property
    def manifest(self) -> ChangesManifest:
        """The content of `changes.json`."""
        return manifests.read(self.folder / "changes.json", ChangesManifest)

    def file(self, table: str, verb: str) -> Path:
        """The rows of `table` that are put or deleted (`verb` is put or del). There is none where there are no rows."""
        return self.folder / f"{table}.{verb}.parquet"

    def check(self) -> None:
        """Raise HubGenealogyError where a file is missing, damaged or not as the manifest says."""
        manifest = self.manifest
        listed = {}
        for name in FILES:
            table, _dot, verb = name.partition(".")
            file = self.file(table, verb)
            rows = manifest.rows.get(table, {}).get(verb, 0)
            if rows:
                check_file(file, rows, manifest.sha256.get(file.name))
                listed[name] = file, rows
            elif is_there(file):
                raise HubGenealogyError(f"{file} is there, but its manifest lists no rows of it: {WAY_OUT}")
        with reading(self.folder) as db:
            for name, (file, rows) in listed.items():
                check_table(db, file, FILES[name], rows, hashed=file.name in manifest.sha256)


def check_order(state: State) -> None:
    """Raise HubGenealogyError where the change sets of `state` do not follow one another: the graph would lack one."""
    before = None
    for crawl in state.crawls(state.changes):
        previous = ChangeSet(state.changes / crawl).manifest.previous
        if previous != before:
            raise HubGenealogyError(
                f"{state.changes / crawl} follows crawl {previous}, but the change set before it is that of {before}: restore "
                "the one that is missing from a backup"
            )
        before = crawl


def last_complete(state: State) -> ChangesManifest | None:
    """The newest crawl that saw the whole listing."""
    manifests = (ChangeSet(state.changes / crawl).manifest for crawl in reversed(state.crawls(state.changes)))
    return next((manifest for manifest in manifests if manifest.complete), None)


def diff(
    previous: Path | None,
    snapshot: Path,
    folder: Path,
    limits: Limits | None = None,
    *,
    datasets: tuple[Path | None, Path | None] = (None, None),
) -> ChangesManifest:
    """Write the change set `folder` between two snapshots and return its manifest. Pure: files in, files out.

    `datasets` are the newest snapshots of the data sets at the time of each, where there is one.

    Raises HubGenealogyError for a damaged snapshot or a full disk, and AssertionError where the numbers do not add up,
    which is a bug.
    """
    snapshots = [previous, snapshot, *datasets]
    for read in dict.fromkeys(filter(None, snapshots)):
        check(read)
    with (
        writing(f"the change set {folder}"),
        built_at(folder) as temporary,
        database(temporary, "diff", *snapshots, limits=limits) as db,
        damaged(snapshot),
    ):
        open_tables(db, "old", previous, datasets[0])
        open_tables(db, "new", snapshot, datasets[1])
        for table in TABLES:
            _compare(db, table)
        rows = {table.name: _write(db, table, temporary) for table in TABLES}
        rows |= {table.popularity: {"put": _write_popularity(db, table, temporary), "del": 0} for table in POPULAR}
        numbers = _numbers(db)
        removed = numbers.pop("models_removed")
        made = manifests.read(snapshot / "snapshot.json", SnapshotManifest)
        of_datasets = _manifest(datasets[1])
        manifest = ChangesManifest(
            crawl=made.crawl,
            previous=made.previous,
            kind=made.kind,
            started_at=made.started_at,
            finished_at=made.finished_at,
            complete=made.complete,
            datasets=of_datasets.crawl if of_datasets else None,
            dataset_walk=_of_datasets(db, of_datasets) if of_datasets and of_datasets.crawl == made.crawl else None,
            warnings=(*made.warnings, *_about_datasets(of_datasets, made.crawl)),
            retirement_refused=made.retirement_refused,
            models_seen=made.models_seen,
            rejected=made.rejected,
            profile=made.profile,
            versions=made.versions,
            **numbers,
            models_removed=removed or None,
            rows_written=sum(sum(rows[table.name].values()) for table in TABLES),
            rows=rows,
            sha256={file.name: sha256_of(file) for file in sorted(temporary.glob("*.parquet"))},
            totals={
                name: sum(number(db, f"SELECT count(*) FROM new.g_{table}") for table in tables)  # noqa: S608  # our own names
                for name, tables in ({label: (table,) for label, table in LABELS.items()} | TYPES).items()
            },
        )
        manifests.write(temporary / "changes.json", manifest)
    return manifest


def _about_datasets(made: SnapshotManifest | None, crawl: str) -> list[CrawlWarning]:
    """The warnings of this crawl's walk over the data sets, if it did one."""
    return [warning.about("data sets") for warning in made.warnings] if made and made.crawl == crawl else []


def _manifest(snapshot: Path | None) -> SnapshotManifest | None:
    return None if snapshot is None else manifests.read(snapshot / "snapshot.json", SnapshotManifest)


def open_tables(db: duckdb.DuckDBPyConnection, schema: str, models: Path | None, datasets: Path | None) -> None:
    """Make a view `g_<table>` in the new schema `schema` for each table of the graph that these snapshots decide."""
    for part, snapshot in ((schema, models), (f"{schema}_datasets", datasets)):
        db.execute(f"CREATE SCHEMA {part}")
        for name in SNAPSHOT_TABLES:
            create(db, f"{part}.{name}", name, snapshot)
    made = _manifest(models)
    resolve_datasets(db, schema, spelled=made is None or made.spells_datasets)
    for table in TABLES:
        db.execute(f"CREATE VIEW {schema}.g_{table.name} AS {table.select.format(s=schema)}")


def _compare(db: duckdb.DuckDBPyConnection, table: GraphTable) -> None:
    """Make a table of the rows that were added or removed, or that differ in anything. Everything else follows from it."""
    on, first = ", ".join(table.keys), table.keys[0]
    popular = " OR ".join(f"n.{name} IS DISTINCT FROM o.{name}" for name in table.uncompared) or "false"
    status = "o.status AS old, n.status AS new," if table.has_status else ""
    new, old = f"new.g_{table.name}", f"old.g_{table.name}"
    if table.popularity and number(db, f"SELECT count(*) FROM {old}"):  # noqa: S608  # our own names
        unlike = _unlike(db, table)
        new, old = (f"(FROM {rows} SEMI JOIN {unlike} USING (key))" for rows in (new, old))
    db.execute(f"""
        CREATE TABLE {table.name}_change AS
        SELECT {on}, {status} o.{first} IS NULL AS added, n.{first} IS NULL AS removed,
               {_differs(table)} AS differs, {popular} AS popularity
        FROM {new} n FULL JOIN {old} o USING ({on})
        WHERE added OR removed OR differs OR popularity""")  # noqa: S608  # our own names


def _unlike(db: duckdb.DuckDBPyConnection, table: GraphTable) -> str:
    """Make a table of the keys of repositories that are not alike in both snapshots; return its name.

    Their rows are too wide to join all of them, so hashes are compared. Two different rows have the same hash of 64 bits once in
    2^64, and then they still differ in the revision, unless only what is not in the repository changed.
    """
    columns = ", ".join([*table.others, *(column.property_name for column in table.properties)])
    rows = "(SELECT key, revision, hash({columns}) AS row FROM {schema}.g_{table})"
    new, old = (rows.format(columns=columns, schema=schema, table=table.name) for schema in ("new", "old"))
    db.execute(f"""
        CREATE TABLE {table.name}_unlike AS SELECT key FROM {new} n FULL JOIN {old} o USING (key)
        WHERE n.row IS DISTINCT FROM o.row OR n.revision IS DISTINCT FROM o.revision""")  # noqa: S608  # our own names
    return f"{table.name}_unlike"


def _write(db: duckdb.DuckDBPyConnection, table: GraphTable, folder: Path) -> dict[str, int]:
    change, on = f"{table.name}_change", ", ".join(table.keys)
    new = f"new.g_{table.name} n JOIN {change} USING ({on})"
    put, gone = (folder / f"{table.name}.{verb}.parquet" for verb in ("put", "del"))
    return {
        "put": _copy(db, table, f"n.*, added FROM {new}", "(added OR differs) AND NOT removed", put),
        "del": _copy(db, table, f"{on} FROM {change}", "removed", gone),
    }


def _write_popularity(db: duckdb.DuckDBPyConnection, table: GraphTable, folder: Path) -> int:
    values = ", ".join(f"n.{name}" for name in table.uncompared)
    rows = f"key, {values} FROM new.g_{table.name} n JOIN {table.name}_change USING (key)"
    which = "popularity AND NOT added AND NOT differs AND NOT removed"
    return _copy(db, table, rows, which, folder / f"{table.popularity}.put.parquet")


def _differs(table: GraphTable) -> str:
    names = [*table.others, *(column.property_name for column in table.properties if column.compared)]
    compared = [name for name in names if name not in table.keys]
    return " OR ".join(f"n.{name} IS DISTINCT FROM o.{name}" for name in compared) or "false"


def _copy(db: duckdb.DuckDBPyConnection, table: GraphTable, rows: str, which: str, path: Path) -> int:
    """Write those of `rows` that changed as `which` says; return how many. `rows` is what follows SELECT in a query.

    Most files of a night have no rows, and an empty file costs more than a look at what changed.
    """
    if not number(db, f"SELECT count(*) FROM {table.name}_change WHERE {which}"):  # noqa: S608  # our own names, no value of a file
        return 0
    target, order = str(path).replace("'", "''"), ", ".join(table.keys)
    return number(db, f"COPY (SELECT {rows} WHERE {which} ORDER BY {order}) TO '{target}' (COMPRESSION zstd)")


def _of_datasets(db: duckdb.DuckDBPyConnection, made: SnapshotManifest) -> DatasetNumbers:
    return DatasetNumbers(
        complete=made.complete,
        seen=made.models_seen,
        rejected=made.rejected,
        requests=made.requests,
        **_of_listed(db, DATASETS, "data sets"),
    )


def _of_listed(db: duckdb.DuckDBPyConnection, table: GraphTable, things: str) -> dict[str, int]:
    """What the crawl did to the set of listed models or data sets, and how many are `listed` now."""
    one = db.execute(f"""
        SELECT count(*) FILTER (new = 'listed' AND old IS DISTINCT FROM 'listed') AS added,
               count(*) FILTER (new = 'listed' AND old = 'listed' AND differs) AS changed,
               count(*) FILTER (old = 'listed' AND new IS DISTINCT FROM 'listed') AS retired,
               count(*) FILTER (old = 'gone' AND new IS NULL) AS removed,
               (SELECT count(*) FROM old.g_{table.name} WHERE status = 'listed') AS before,
               (SELECT count(*) FROM new.g_{table.name} WHERE status = 'listed') AS after
        FROM {table.name}_change""").fetchone()  # noqa: S608  # our own names
    assert one is not None  # noqa: S101  # an aggregate has a row
    added, changed, retired, removed, before, after = one
    if before + added - retired != after:
        raise AssertionError(f"the {things} do not add up: {before} + {added} - {retired} is not {after}")
    return {"added": added, "changed": changed, "retired": retired, "removed": removed, "listed": after}


def _numbers(db: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """What the crawl did to the set of listed models and to the set of current edges."""
    of_models = _of_listed(db, MODELS, "models")
    del of_models["listed"]
    # A current edge to a placeholder that was found is the same edge afterwards, with another parent.
    one = db.execute("""
        WITH lost AS (SELECT child, declared_as FROM derived_from_change JOIN old.g_derived_from USING (child, parent)
                      WHERE removed AND old = 'current'),
        moved AS (SELECT child, parent, new FROM derived_from_change c JOIN new.g_derived_from n USING (child, parent)
                  WHERE added AND EXISTS (SELECT 1 FROM lost l WHERE l.child = c.child
                                          AND list_has_any(l.declared_as, n.declared_as)))
        SELECT count(*) FILTER (c.new = 'current' AND old IS DISTINCT FROM 'current' AND m.child IS NULL),
               count(*) FILTER (old = 'current' AND c.new = 'withdrawn'),
               count(*) FILTER (m.child IS NOT NULL OR (NOT added AND NOT removed AND differs AND c.new = old)),
               (SELECT count(*) FROM old.g_derived_from WHERE status = 'current') AS before,
               (SELECT count(*) FROM new.g_derived_from WHERE status = 'current') AS after,
               (SELECT count(*) FROM moved WHERE new = 'current') AS moved,
               (SELECT count(*) FROM lost) AS lost
        FROM derived_from_change c LEFT JOIN moved m USING (child, parent)""").fetchone()
    assert one is not None  # noqa: S101  # an aggregate has a row
    edges_added, edges_withdrawn, edges_changed, edges_before, edges_after, moved, lost = one
    if edges_before + edges_added + moved - edges_withdrawn - lost != edges_after:
        raise AssertionError(
            f"the edges do not add up: {edges_before} + {edges_added} + {moved} - {edges_withdrawn} - {lost} is not {edges_after}"
        )
    return {
        **{f"models_{name}": count for name, count in of_models.items()},
        "edges_added": edges_added,
        "edges_changed": edges_changed,
        "edges_withdrawn": edges_withdrawn,
    }
