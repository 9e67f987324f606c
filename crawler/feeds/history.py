"""What the crawls did to a family, read from the change sets: they are kept for ever, and the graph is made of them.

The graph itself knows when a link came and went, but of names, access, revisions and relations only what they are today.
What the change sets say of a crawl is the same on every later day, so what is told of a crawl never changes.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from crawler.cases import adopt
from crawler.cases.adopt import ABSENT, Change
from crawler.cases.form import Facts
from crawler.changes.diff import FILES, ChangeSet
from crawler.changes.fold import selected
from crawler.changes.tables import TABLES
from crawler.feeds.family import LINK, MEMBER, NAMING, Family, Rows, Subject
from crawler.snapshot.columns import defaults
from crawler.snapshot.parquet import check_file, read_parquet, reading

# The tables of the change sets that are read, with their columns.
_READ = {"models": MEMBER, "derived_from": LINK, "trained_on": NAMING}
_BY_NAME = {table.name: table for table in TABLES}
_MEMORY = "2GB"


@dataclass(frozen=True)
class Step:
    """What one crawl did to a family."""

    crawl: str
    began: datetime
    ended: datetime
    changes: tuple[Change, ...]
    tops: frozenset[str]
    """The keys of what is watched itself."""
    name: str | None
    """The name of the first of these, as it was then."""


@dataclass(frozen=True)
class Past:
    """What the crawls did to a family."""

    origin: str
    """The first key that a model had, else the key of the subject: it never changes."""
    steps: tuple[Step, ...]
    """Of the newest crawls that touched the family, oldest first."""
    earlier: int
    """How many crawls touched it before these."""
    since: datetime | None
    """The end of the first crawl that knew anything of it."""


@contextmanager
def opened(sets: Sequence[ChangeSet]) -> Iterator["History"]:
    """What these change sets tell: all there are up to some crawl, oldest first. HubGenealogyError where one is damaged."""
    with reading(*(one.folder for one in sets), memory=_MEMORY) as db:
        yield History(db, sets)


class History:
    """Change sets, oldest first. Each row of a view has the number of its set as `turn`, and says whether it is deleted."""

    def __init__(self, db: duckdb.DuckDBPyConnection, sets: Sequence[ChangeSet]) -> None:
        self._db = db
        self._sets = sets
        self._manifests = [one.manifest for one in sets]
        for name in _READ:
            db.execute(f"CREATE VIEW {name} AS {' UNION ALL '.join(self._files(name))}")
        db.execute("CREATE TABLE pairs AS SELECT DISTINCT parent, child FROM derived_from")

    def past(self, subject: Subject, most: int) -> Past:
        """What the newest crawls did to a family, of `most` crawls at most."""
        starts = self._starts(subject)
        rows = self._rows(subject, starts)
        touched = [turn for turn, _ in _states(rows, subject, starts)]
        told = touched[-most:]
        compared = touched[-most - 1 :]  # the one before is what the first is compared with
        steps, known = [], list[Facts]()
        for turn, family in _states(rows, subject, starts):
            if turn not in compared:
                continue
            found = family.facts()
            if turn in told:
                manifest, changes = self._manifests[turn], tuple(adopt.changes(known, found))
                times, tops = (manifest.started_at, manifest.finished_at), family.tops
                name = next((one.id for one in found if one.key in tops[:1]), None)
                steps.append(Step(manifest.crawl, *times, changes, frozenset(tops), name))
            known = found
        return Past(
            origin=starts[-1] if subject.about == "model" else subject.key,
            steps=tuple(steps),
            earlier=len(touched) - len(told),
            since=self._manifests[touched[0]].finished_at if touched else None,
        )

    def _files(self, name: str) -> Iterator[str]:
        """The SQL that reads each file of a table; first that of an empty one."""
        columns = {column: FILES[f"{name}.put"][column] for column in _READ[name]}
        known = {column: value for column, value in defaults(_BY_NAME[name].properties).items() if column in columns}
        nothing = ", ".join(f'NULL::{kind} AS "{column}"' for column, kind in columns.items())
        yield f"SELECT 0 AS turn, false AS deleted, {nothing} WHERE false"
        for turn, (one, manifest) in enumerate(zip(self._sets, self._manifests, strict=True)):
            for verb in ("put", "del"):
                file, rows = one.file(name, verb), manifest.rows.get(name, {}).get(verb, 0)
                if rows:
                    check_file(file, rows, manifest.sha256.get(file.name))
                    read = selected(self._db, file, columns, known if verb == "put" else {})
                    yield f"SELECT {turn}, {verb == 'del'}, {read} FROM {read_parquet(file)}"  # noqa: S608  # our own names

    def _starts(self, subject: Subject) -> list[str]:
        """The keys that a family hangs from, whenever it did: of a model, the one of today, and the first that it had."""
        if subject.about == "dataset":
            return self._keys(
                "SELECT DISTINCT model FROM trained_on WHERE dataset = lower($key) ORDER BY 1", subject.key
            )
        if subject.about == "owner":
            return self._keys("SELECT DISTINCT key FROM models WHERE owner = $key ORDER BY 1", subject.key)
        # Others may have named it before it was listed; the placeholder goes when the model comes.
        named = f"""
            WITH first AS (SELECT turn, lower(id) AS name FROM models WHERE key = $key ORDER BY turn LIMIT 1)
            SELECT key FROM models m JOIN first f ON m.turn = f.turn AND m.key = '{ABSENT}' || f.name WHERE deleted"""  # noqa: S608  # our own names
        return [subject.key, *self._keys(named, subject.key)]

    def _keys(self, query: str, key: str) -> list[str]:
        return [str(found) for (found,) in self._db.execute(query, {"key": key}).fetchall()]

    def _rows(self, subject: Subject, starts: Sequence[str]) -> Rows:
        self._db.execute(
            """
            CREATE OR REPLACE TABLE family AS
            WITH RECURSIVE below(key) AS (
              SELECT unnest($starts::VARCHAR[]) UNION SELECT child FROM pairs JOIN below ON parent = below.key)
            SELECT key FROM below""",
            {"starts": list(starts)},
        )
        members, links = (self._of_family(*table) for table in (("models", "key"), ("derived_from", "parent")))
        naming = "SELECT turn, deleted, model FROM trained_on WHERE dataset = lower($key) ORDER BY ALL"
        of_dataset = subject.about == "dataset"
        return Rows(members, links, self._db.execute(naming, {"key": subject.key}).fetchall() if of_dataset else ())

    def _of_family(self, name: str, key: str) -> list[tuple[Any, ...]]:
        columns = ", ".join(("turn", "deleted", *_READ[name]))
        query = f"SELECT {columns} FROM {name} SEMI JOIN family ON family.key = {name}.{key} ORDER BY ALL"  # noqa: S608  # our own names
        return self._db.execute(query).fetchall()


def _states(rows: Rows, subject: Subject, starts: Sequence[str]) -> Iterator[tuple[int, Family]]:
    """The family after each turn in which anything of it differs."""
    family = Family(subject, starts)
    for turn, written in rows.turns():
        if family.take(written):
            yield turn, family
