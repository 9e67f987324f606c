"""From one crawl's archive and the snapshot before it to the snapshot after it: a pure function, in DuckDB.

No clock and no network: the times, the flags, the verdict and the Hub's answers all come from the archive, so the same
files give the same snapshot on any day. What the Hub should be asked first is chosen in a draft: see `drafted`.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from crawler import __version__, manifests
from crawler.errors import HubGenealogyError
from crawler.files import built_at, sha256_of, writing
from crawler.hub.archive import Archive
from crawler.manifests import SnapshotManifest
from crawler.questions.question import ABSENT_NAME, CONCLUSIVE_STATUSES, VANISHED, Question
from crawler.records.evidence import DECLARED, all_sources, certainty_sql
from crawler.records.licenses import LICENSES
from crawler.records.used import EXPAND
from crawler.records.weights import SET_SQL
from crawler.snapshot import choose, guards, inference
from crawler.snapshot.database import Limits, database, naive_utc, number
from crawler.snapshot.families import find_families
from crawler.snapshot.found import read_absent, read_enrichment, read_findings, read_owners, read_said, read_weights
from crawler.snapshot.guards import Withdrawal
from crawler.snapshot.named import keep_first_meanings, read_named
from crawler.snapshot.parquet import WAY_OUT, damaged, read_parquet
from crawler.snapshot.profile import make_profile
from crawler.snapshot.read import check, create
from crawler.snapshot.retirement import Retirement, decide
from crawler.snapshot.rows import PageRows
from crawler.snapshot.scripts import run, set_variables
from crawler.snapshot.tables import PAGE_ROWS, TABLES, ddl

# How many of its first columns tell the rows of a table apart, where that is not three.
_TELL_APART = {"models": 1, "edges": 2}
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
        "SELECT count(*) FROM old_models o ANTI JOIN models USING (key) ANTI JOIN removed USING (key) WHERE o.status <> 'absent'"
    ),
    UNEXPLAINED: (
        "SELECT count(*) FROM declared d JOIN models m ON m.key = d.child AND m.status = 'listed'"
        " ANTI JOIN (SELECT child, unnest(declared_as) AS spelling FROM edges WHERE status = 'current') e"
        " ON e.child = d.child AND e.spelling = d.spelling"
    ),
    "texts and findings of listed models without a current edge": (
        "SELECT count(*) FROM elsewhere f"
        " ANTI JOIN (SELECT child, unnest(declared_as) AS spelling, sources FROM edges WHERE status = 'current') e"
        " ON e.child = f.child AND e.spelling = f.spelling AND list_contains(e.sources, f.source)"
        " ANTI JOIN dropped d ON d.model = f.child AND d.field = f.source AND d.value = f.spelling"
    ),
    "copies of listed models without a current edge": (
        "SELECT count(*) FROM copies ANTI JOIN closing USING (child, parent) ANTI JOIN"
        " (SELECT child, parent FROM edges WHERE status = 'current' AND list_contains(sources, 'files')) e USING (child, parent)"
    ),
    "edges whose child or parent is no model": (
        "SELECT count(*) FROM edges WHERE child NOT IN (SELECT key FROM models) OR parent NOT IN (SELECT key FROM models)"
    ),
    "keys that stand twice": (
        "SELECT (SELECT count(*) - count(DISTINCT key) FROM models) + (SELECT count(*) - count(DISTINCT (child, parent))"
        " FROM edges) + (SELECT count(*) - count(DISTINCT (id_lower, model)) FROM names)"
    ),
}


def build(archive: Archive, previous: Path | None, folder: Path) -> SnapshotManifest:
    """Make the snapshot `folder` from `archive` and the snapshot `previous`, with the answers that the archive holds."""
    with PageRows(archive) as rows, drafted(archive, rows, previous, folder) as draft:
        return draft.finish()


@contextmanager
def drafted(
    archive: Archive,
    rows: PageRows,
    previous: Path | None,
    folder: Path,
    limits: Limits | None = None,
    *,
    naming: Path | None = None,
    naming_before: Path | None = None,
) -> Iterator["Draft"]:
    """A snapshot in the making. Inside the block: `questions`, whose answers go into the archive, then `finish`.

    `rows` are those of the archive's pages, whose walk has ended. `naming` is a snapshot of models, for one of data sets: the
    Hub is asked about the data sets that they name, too; `naming_before` is the one before it. The folder appears whole at the
    end of the block, or not at all. Raises HubGenealogyError for a damaged archive or snapshot or a full disk, and
    AssertionError where the numbers do not add up, which is a bug.
    """
    if previous is not None:
        check(previous)
    batches = rows.finish(archive.pages())
    with (
        writing(f"the snapshot {folder}"),
        built_at(folder) as temporary,
        database(temporary, "build", previous, naming, naming_before, *batches, limits=limits) as db,
    ):
        read_named(db, naming, naming_before)
        draft = Draft(db, archive, previous, temporary, batches=batches)
        yield draft
        assert draft.finished, "a draft was not finished"  # noqa: S101  # the caller's promise


class Draft:
    """A snapshot in the making: its tables in `db`, its files in `folder`."""

    def __init__(
        self,
        db: duckdb.DuckDBPyConnection,
        archive: Archive,
        previous: Path | None,
        folder: Path,
        *,
        batches: Sequence[Path],
    ) -> None:
        """Read the archive and the snapshot before, and resolve every declared parent as far as that is known."""
        self.finished = False
        self._made: SnapshotManifest | None = None
        self._db, self._archive, self._folder = db, archive, folder
        self._crawl = archive.crawl
        self._walk = archive.ended
        self._before = manifests.read(previous / "snapshot.json", SnapshotManifest) if previous else None
        _read(db, batches, previous)
        set_variables(
            db,
            now=naive_utc(self._crawl.started_at),
            refresh=self._refreshes_popularity,
            objects=sum(page.models for page in archive.pages()),
            sources=all_sources(self._crawl.imports),
            declared_sources=list(DECLARED),
        )
        db.execute(f"CREATE MACRO certainty(sources, generated) AS {certainty_sql('generated')}")
        db.execute(f"CREATE MACRO set_of(name) AS {SET_SQL}")
        read_findings(db, archive)
        inference.prepare(db, self._crawl.rules)
        guards.align_fields(db, self._before)
        run(db, "00_meaning", "01_seen")
        self._rates = guards.fill_rates(db)
        self._falls = guards.fallen_fields(db, self._crawl, self._before)
        guards.keep_fallen(db, self._falls)
        self._vanished = number(db, "SELECT count(*) FROM vanished")
        self._retirement = self._decide_retirement(answered=False)
        self._resolve()

    def questions(self, first: Collection[str] = ()) -> list[Question]:
        """What the Hub should be asked before the snapshot is finished, in order. Files of the models `first` come first.

        The choice leaves no trace but in the answers, so the snapshot depends on nothing else.
        """
        vanished = choose.vanished_models(self._db, self._crawl) if self._retirement.accepted else []
        return [
            *vanished,
            *choose.absent_names(self._db, self._crawl),
            *choose.files(self._db, self._crawl, first),
            *choose.cards(self._db, self._crawl),
            *choose.owners(self._db, self._crawl),
        ]

    def make(self) -> SnapshotManifest:
        """Make the tables of the snapshot, with the answers that are in the archive by now.

        The manifest that is returned lacks the warnings of the archive.
        """
        db = self._db
        self._retire()
        self._fill_answered()
        set_variables(db, gone_before=self._gone_before)
        run(db, "05_elsewhere", "11_ending")
        keep_first_meanings(db)
        run(db, "12_removed")
        withdrawal = guards.decide_withdrawal(db, self._crawl, self._falls)
        set_variables(db, withdraw=withdrawal.accepted)
        run(db, "13_edges", "14_rest")
        _check(db, self._before)
        find_families(db)
        manifest = self._manifest(withdrawal)
        _write_tables(db, self._folder)
        files = (self._folder / f"{table}.parquet" for table in TABLES)
        self._made = replace(manifest, sha256={file.name: sha256_of(file) for file in files})
        return self._made

    def interrupt(self) -> None:
        """End the statement that runs in another thread; DuckDB raises an error there."""
        self._db.interrupt()

    def finish(self) -> SnapshotManifest:
        """Finish the snapshot, with the warnings that its archive has by now; return its `snapshot.json`."""
        made = self._made or self.make()
        manifest = replace(made, warnings=(*self._archive.ended.warnings, *made.warnings))
        manifests.write(self._folder / "snapshot.json", manifest)
        self.finished = True
        return manifest

    @property
    def _refreshes_popularity(self) -> bool:
        last = self._before.popularity_at if self._before else None
        return is_due(self._crawl.popularity, self._crawl.started_at, last)

    @property
    def _gone_before(self) -> datetime | None:
        """What has been gone since before this time is removed; None where this crawl does not decide what is gone."""
        keep = self._crawl.keep_gone
        if keep is None or not (self._walk.complete and self._retirement.accepted):
            return None
        return naive_utc(self._crawl.started_at - timedelta(seconds=keep))

    def _decide_retirement(self, *, answered: bool) -> Retirement:
        return decide(
            self._crawl,
            complete=self._walk.complete,
            vanished=self._vanished,
            listed=number(self._db, "SELECT count(*) FROM old_models WHERE status = 'listed'"),
            answers=[a for a in self._archive.details() if a.topic == VANISHED.name] if answered else [],
            unaskable=choose.unaskable(self._db) if answered else [],
        )

    def _resolve(self) -> None:
        """Make models, names and references of what is known so far."""
        complete = self._walk.complete and not self._retirement.has_hole
        set_variables(self._db, retire=self._retirement.accepted, complete=complete)
        run(self._db, "02_models", "04_resolve")

    def _retire(self) -> None:
        """Decide again, by what the Hub said of the vanished models; what was resolved before is made anew if need be."""
        assumed, self._retirement = self._retirement, self._decide_retirement(answered=True)
        there, confirmed = list(self._retirement.still_there), list(self._retirement.confirmed)
        if there or self._retirement.accepted != assumed.accepted:
            self._db.execute("DELETE FROM vanished WHERE list_contains($keys, key)", {"keys": there})
            self._resolve()
        if confirmed:
            self._db.execute(
                "UPDATE real SET gone_reason = 'deleted_or_private'"
                " WHERE list_contains($keys, key) AND key IN (SELECT key FROM vanished)",
                {"keys": confirmed},
            )

    def _fill_answered(self) -> None:
        """Make the tables of what the Hub said: `answered` of absent names, `enrichment` of single models."""
        answers = self._archive.details()
        read_absent(self._db, answers)
        read_enrichment(self._db, answers)
        read_said(self._db, answers)
        read_weights(self._db, answers)
        read_owners(self._db, answers)
        set_variables(self._db, asked_for=ABSENT_NAME.ask_again_after, conclusive=sorted(CONCLUSIVE_STATUSES))

    def _manifest(self, withdrawal: Withdrawal) -> SnapshotManifest:
        db, crawl, before, retirement = self._db, self._crawl, self._before, self._retirement
        falls = [fall.warning for fall in self._falls]
        return SnapshotManifest(
            crawl=crawl.crawl,
            previous=before.crawl if before else None,
            kind=crawl.kind,
            started_at=crawl.started_at,
            finished_at=self._walk.finished_at,
            complete=self._walk.complete and not retirement.has_hole,
            warnings=(
                *falls,
                *filter(None, [retirement.refused_because, retirement.waits_because, withdrawal.refused_because]),
            ),
            vanished=self._vanished,
            retirement_refused=retirement.refused_because is not None,
            popularity_at=crawl.started_at if self._refreshes_popularity else before.popularity_at if before else None,
            # A crawl that cannot vouch for its own mark leaves the last one.
            mark=(None if retirement.has_hole else self._walk.mark) or (before.mark if before else None),
            models_seen=number(db, "SELECT count(*) FROM seen"),
            rejected=number(db, "SELECT count(*) FROM page_rejected"),
            fields=EXPAND,
            fill_rates=self._rates,
            profile=make_profile(db),
            requests=len(self._archive.pages()) + len(self._archive.details()),
            spells_datasets=True,
            rows={table: number(db, f"SELECT count(*) FROM {table}") for table in TABLES},  # noqa: S608  # our own names
            versions={"hub-genealogy": __version__, "duckdb": duckdb.__version__},
        )


def is_due(cadence: str, started_at: datetime, last: datetime | None) -> bool:
    """Whether a crawl that starts at `started_at` does what is done weekly, every sweep or never, last done at `last`."""
    if last is None or cadence == "sweep":
        return True
    if cadence == "never":
        return False
    # One ISO week, not seven days: a nightly crawl that starts a minute earlier must not slip by a day each week.
    return naive_utc(started_at).isocalendar()[:2] != naive_utc(last).isocalendar()[:2]


def _read(db: duckdb.DuckDBPyConnection, batches: Sequence[Path], previous: Path | None) -> None:
    for name, columns in PAGE_ROWS.items():
        if not batches:
            db.execute(f"CREATE TABLE page_{name} ({ddl(columns)})")
            continue
        rows = read_parquet(*(batch / f"{name}.parquet" for batch in batches))
        names = ", ".join(f'"{column}"' for column in columns)
        # Of the models, each script needs few columns: a view reads no others. The rest is small, and is added to.
        kind = "VIEW" if name == "models" else "TABLE"
        with damaged(batches[0].parent):
            db.execute(f"CREATE {kind} page_{name} AS SELECT {names} FROM {rows}")  # noqa: S608  # our own names
    for name in TABLES:
        if name == "models":
            create(db, "old_models", name, previous)
            continue
        create(db, f"old_file_{name}", name, previous)
        # Read once: the tables are joined again and again.
        with damaged(previous or Path(name)):
            db.execute(f"CREATE TABLE old_{name} AS FROM old_file_{name}")
    db.execute(f"CREATE TABLE known_licenses ({ddl(TABLES['licenses'])})")
    db.executemany(
        "INSERT INTO known_licenses VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [tuple(getattr(licence, column) for column in TABLES["licenses"]) for licence in LICENSES.values()],
    )


def _write_tables(db: duckdb.DuckDBPyConnection, folder: Path) -> None:
    for table, columns in TABLES.items():
        names = ", ".join(f'"{name}"::{kind} AS "{name}"' for name, kind in columns.items())
        order = ", ".join(f'"{name}"' for name in list(columns)[: _TELL_APART.get(table, 3)])
        path = str(folder / f"{table}.parquet").replace("'", "''")
        db.execute(f"COPY (SELECT {names} FROM {table} ORDER BY {order}) TO '{path}' (COMPRESSION zstd)")  # noqa: S608  # our own names


def _check(db: duckdb.DuckDBPyConnection, before: SnapshotManifest | None) -> None:
    for what, query in CHECKS.items():
        count = number(db, query)
        if count and before is not None and not before.sha256:
            raise HubGenealogyError(
                f"the snapshot does not add up: {count} {what}. The last snapshot, {before.crawl}, may be damaged; an "
                f"earlier version wrote it without hashes: {WAY_OUT}"
            )
        if count:
            raise AssertionError(f"the snapshot does not add up: {count} {what}")
