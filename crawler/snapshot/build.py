"""From one crawl's archive and the snapshot before it to the snapshot after it: a pure function, in DuckDB.

No clock and no network: the times, the flags and the verdict all come from the archive, so the same files give the
same snapshot on any day.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from crawler import __version__, manifests
from crawler.hub.archive import Archive
from crawler.manifests import SnapshotManifest
from crawler.records.evidence import CERTAINTY_SQL, SOURCES
from crawler.records.licenses import LICENSES
from crawler.snapshot import inference
from crawler.snapshot.families import find_families
from crawler.snapshot.number import number
from crawler.snapshot.profile import make_profile
from crawler.snapshot.read import create
from crawler.snapshot.retirement import Ask, decide
from crawler.snapshot.rows import row_files, write_rows
from crawler.snapshot.scripts import run, set_variables
from crawler.snapshot.successors import ASKED_FOR, ask_names
from crawler.snapshot.tables import PAGE_ROWS, TABLES, ddl
from crawler.state import FULL_DISK, built_at, writing

MEMORY = "1500MB"

UNEXPLAINED = "declared parents of listed models without a current edge"
# What must hold of every snapshot: each query counts the rows that break the promise "nothing dropped".
CHECKS = {
    "objects of the pages that are neither a model nor rejected": (
        "SELECT getvariable('objects') - (SELECT count(*) FROM page_models)"
        " - (SELECT count(*) FROM page_rejected WHERE field IN ('record', '_id', 'id', 'private'))"
    ),
    "models seen that are not in the snapshot as listed": (
        "SELECT count(*) FROM seen ANTI JOIN (SELECT key FROM models WHERE status = 'listed') USING (key)"
    ),
    "models known before that the snapshot lost": (
        "SELECT count(*) FROM old_models o ANTI JOIN models m USING (key) WHERE o.status <> 'absent'"
    ),
    UNEXPLAINED: (
        "SELECT count(*) FROM declared d JOIN models m ON m.key = d.child AND m.status = 'listed'"
        " ANTI JOIN (SELECT child, unnest(declared_as) AS spelling FROM edges WHERE status = 'current') e"
        " ON e.child = d.child AND e.spelling = d.spelling"
    ),
    "edges whose child or parent is no model": (
        "SELECT count(*) FROM edges WHERE child NOT IN (SELECT key FROM models) OR parent NOT IN (SELECT key FROM models)"
    ),
    "keys that stand twice": (
        "SELECT (SELECT count(*) - count(DISTINCT key) FROM models) + (SELECT count(*) - count(DISTINCT (child, parent))"
        " FROM edges) + (SELECT count(*) - count(DISTINCT (id_lower, model)) FROM names)"
    ),
}


@contextmanager
def database(folder: Path, name: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB database in `folder`, removed at the end, that spills to disk beyond a fixed amount of memory."""
    path = folder / f"{name}.duckdb"
    try:
        connection = duckdb.connect(str(path), config={"autoinstall_known_extensions": "false"})
        try:
            spill = str(folder / f"{name}.spill").replace("'", "''")
            connection.execute(f"SET memory_limit = '{MEMORY}'")
            connection.execute(f"SET temp_directory = '{spill}'")
            connection.execute("SET preserve_insertion_order = false")
            connection.execute("SET enable_progress_bar = false")
            yield connection
        finally:
            connection.close()
            for left in (path, path.with_suffix(".duckdb.wal")):
                left.unlink(missing_ok=True)
    except duckdb.Error as error:
        # DuckDB has its own errors for a full disk: they become the system's, which `writing` explains.
        full = [number for number in FULL_DISK if os.strerror(number) in str(error)]
        if full:
            raise OSError(full[0], os.strerror(full[0])) from error
        raise


def naive_utc(moment: datetime) -> datetime:
    """A time as the tables hold it: UTC, without the offset."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def build(
    archive: Archive, previous: Path | None, folder: Path, ask: Ask | None = None, look_up: Ask | None = None
) -> SnapshotManifest:
    """Make the snapshot `folder` from `archive` and the snapshot `previous`; return its `snapshot.json`.

    `ask` and `look_up` are the one way out to the network: the Hub's answers for a model that vanished and for a name
    that no listing holds. They go into the archive; without them, what the archive holds must do. The folder appears
    whole or not at all. Raises HubGenealogyError for a damaged archive or a full disk, and AssertionError where the
    numbers do not add up, which is a bug.
    """
    crawl, walk = archive.crawl, archive.walk
    assert walk is not None, f"{archive.folder} is not finished"  # noqa: S101  # the caller's promise
    before = manifests.read(previous / "snapshot.json", SnapshotManifest) if previous else None
    with writing(f"the snapshot {folder}"), built_at(folder) as temporary, database(temporary, "build") as db:
        pages = archive.pages()
        write_rows(archive, pages, temporary)
        _read(db, temporary, previous)
        started = naive_utc(crawl.started_at)
        refresh = popularity_due(crawl.popularity, crawl.started_at, before.popularity_at if before else None)
        set_variables(
            db, now=started, refresh=refresh, objects=sum(page.models for page in pages), sources=list(SOURCES)
        )
        db.execute(f"CREATE MACRO certainty(sources) AS {CERTAINTY_SQL}")
        run(db, "0_seen")
        retirement = decide(db, archive, complete=walk.complete, ask=ask)
        complete = walk.complete and not retirement.has_hole
        set_variables(db, retire=retirement.accepted, complete=complete)
        inference.prepare(db, crawl.rules)
        for script in ("1_models", "2_names", "3_resolve"):
            run(db, script)
        ask_names(db, archive, look_up)
        set_variables(db, asked_for=ASKED_FOR)
        for script in ("3_successors", "4_evidence", "4_undeclared", "4_inferred", "4_edges", "5_rest"):
            run(db, script)
        _check(db)
        find_families(db)
        profile = make_profile(db)
        for table, columns in TABLES.items():
            names = ", ".join(f'"{name}"::{kind} AS "{name}"' for name, kind in columns.items())
            order = ", ".join(f'"{name}"' for name in list(columns)[:3])
            path = str(temporary / f"{table}.parquet").replace("'", "''")
            db.execute(f"COPY (SELECT {names} FROM {table} ORDER BY {order}) TO '{path}' (COMPRESSION zstd)")  # noqa: S608  # our own names
        for left in temporary.glob("*.jsonl"):
            left.unlink()
        manifest = SnapshotManifest(
            crawl=crawl.crawl,
            previous=before.crawl if before else None,
            kind=crawl.kind,
            started_at=crawl.started_at,
            finished_at=walk.finished_at,
            complete=complete,
            warnings=(*walk.warnings, *filter(None, [retirement.refused_because])),
            vanished=retirement.vanished,
            retirement_refused=retirement.refused_because is not None,
            popularity_at=crawl.started_at if refresh else before.popularity_at if before else None,
            # A crawl that cannot vouch for its own mark leaves the last one.
            mark=(None if retirement.has_hole else walk.mark) or (before.mark if before else None),
            models_seen=number(db, "SELECT count(*) FROM seen"),
            rejected=number(db, "SELECT count(*) FROM page_rejected"),
            profile=profile,
            versions={"hub-genealogy": __version__, "duckdb": duckdb.__version__},
        )
        manifests.write(temporary / "snapshot.json", manifest)
    return manifest


def popularity_due(cadence: str, started_at: datetime, last: datetime | None) -> bool:
    """Whether a crawl that starts at `started_at` refreshes downloads and likes, last refreshed at `last`."""
    if last is None or cadence == "sweep":
        return True
    if cadence == "never":
        return False
    # One ISO week, not seven days: a nightly crawl that starts a minute earlier must not slip by a day each week.
    return naive_utc(started_at).isocalendar()[:2] != naive_utc(last).isocalendar()[:2]


def _read(db: duckdb.DuckDBPyConnection, rows: Path, previous: Path | None) -> None:
    for name, columns in PAGE_ROWS.items():
        db.execute(f"CREATE TABLE page_{name} ({ddl(columns)})")
        if files := list(row_files(rows, name)):
            kinds = "{" + ", ".join(f"'{column}': '{kind}'" for column, kind in columns.items()) + "}"
            db.execute(
                f"INSERT INTO page_{name} BY NAME SELECT * FROM read_json($files, format = 'newline_delimited',"  # noqa: S608  # our own names
                f" columns = {kinds}, maximum_object_size = 67108864)",
                {"files": files},
            )
    for name in TABLES:
        create(db, f"old_file_{name}", name, previous)
        # Read once: the tables are joined again and again.
        db.execute(f"CREATE TABLE old_{name} AS FROM old_file_{name}")
    db.execute(f"CREATE TABLE known_licenses ({ddl(TABLES['licenses'])})")
    db.executemany(
        "INSERT INTO known_licenses VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (k.id, k.name, k.spdx, k.family, k.commercial_use, k.share_alike, k.use_restrictions)
            for k in LICENSES.values()
        ],
    )


def _check(db: duckdb.DuckDBPyConnection) -> None:
    for what, query in CHECKS.items():
        count = number(db, query)
        if count:
            raise AssertionError(f"the snapshot does not add up: {count} {what}")
