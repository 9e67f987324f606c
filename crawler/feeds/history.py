"""What the crawls did to a family, read from the change sets: they are kept for ever, and the graph is made of them.

The graph itself knows when a link came and went, but of names, access, revisions and relations only what they are today.
What the change sets say of a crawl is the same on every later day, so what is told of a crawl never changes.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import duckdb

from crawler.cases import adopt
from crawler.cases.adopt import ABSENT, Change
from crawler.cases.form import Facts
from crawler.changes.diff import FILES, ChangeSet
from crawler.changes.fold import selected
from crawler.changes.tables import TABLES
from crawler.feeds.family import LINK, MEMBER, NAMING, SET, SET_LINK, Family, Rows, Subject
from crawler.snapshot.parquet import check_file, read_parquet, reading

# The tables of the change sets that are read, with their columns.
_READ = {
    "models": MEMBER,
    "derived_from": LINK,
    "trained_on": NAMING,
    "datasets": SET,
    "dataset_derived_from": SET_LINK,
}
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
    """The first key that a model had, the first name of a data set that was named before it was listed, else the key of the
    subject: it never changes.
    """
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
        rows, family_before = self._read(subject)
        touched = [turn for turn, _ in _states(rows, family_before())]
        told = touched[-most:]
        compared = touched[-most - 1 :]  # the one before is what the first is compared with
        steps, known = [], list[Facts]()
        for turn, family in _states(rows, family_before()):
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
            origin=self._origin(subject),
            steps=tuple(steps),
            earlier=len(touched) - len(told),
            since=self._manifests[touched[0]].finished_at if touched else None,
        )

    def _files(self, name: str) -> Iterator[str]:
        """The SQL that reads each file of a table; first that of an empty one."""
        columns = {column: FILES[f"{name}.put"][column] for column in _READ[name]}
        table = _BY_NAME[name]
        known = {
            verb: {column: value for column, value in given.items() if column in columns}
            for verb, given in (("put", table.defaults), ("del", table.earlier))
        }
        nothing = ", ".join(f'NULL::{kind} AS "{column}"' for column, kind in columns.items())
        yield f"SELECT 0 AS turn, false AS deleted, {nothing} WHERE false"
        for turn, (one, manifest) in enumerate(zip(self._sets, self._manifests, strict=True)):
            for verb in ("put", "del"):
                file, rows = one.file(name, verb), manifest.rows.get(name, {}).get(verb, 0)
                if rows:
                    check_file(file, rows, manifest.sha256.get(file.name))
                    read = selected(self._db, file, columns, known[verb])
                    yield f"SELECT {turn}, {verb == 'del'}, {read} FROM {read_parquet(file)}"  # noqa: S608  # our own names

    def _read(self, subject: Subject) -> tuple[Rows, Callable[[], Family]]:
        """All that was ever written of a family, and the family before the first turn."""
        origins = self._keys_of(subject.key, "datasets") if subject.about == "dataset" else []
        starts = self._starts(subject, origins)
        return self._rows(starts, origins), lambda: Family(subject, starts, origins)

    def _starts(self, subject: Subject, origins: Sequence[str]) -> list[str]:
        """The keys of the models that a family hangs from, whenever it did."""
        if subject.about == "dataset":
            self._below("sets", origins, "dataset_derived_from")
            return self._keys(
                "SELECT DISTINCT model FROM trained_on SEMI JOIN sets ON sets.key = dataset_key ORDER BY 1"
            )
        if subject.about == "owner":
            return self._keys("SELECT DISTINCT key FROM models WHERE owner = $key ORDER BY 1", key=subject.key)
        return self._keys_of(subject.key, "models")

    def _keys_of(self, key: str, table: str) -> list[str]:
        """The key of today of a model or a data set, and the first that it had.

        Others may have named it before it was listed; the placeholder goes when it comes.
        """
        named = f"""
            WITH first AS (SELECT turn, lower(id) AS name FROM {table} WHERE key = $key ORDER BY turn LIMIT 1)
            SELECT key FROM {table} m JOIN first f ON m.turn = f.turn AND m.key = '{ABSENT}' || f.name WHERE deleted"""  # noqa: S608  # our own names
        return [key, *self._keys(named, key=key)]

    def _origin(self, subject: Subject) -> str:
        if subject.about == "owner":
            return subject.key
        first = self._keys_of(subject.key, f"{subject.about}s")[-1]
        if subject.about == "model" or not first.startswith(ABSENT):
            return first
        named = self._keys("SELECT id FROM datasets WHERE key = $key AND NOT deleted ORDER BY turn LIMIT 1", key=first)
        return next(iter(named), first)

    def _keys(self, query: str, **values: str) -> list[str]:
        return [str(found) for (found,) in self._db.execute(query, values).fetchall()]

    def _below(self, name: str, starts: Sequence[str], links: str) -> None:
        """Make the table `name` of the keys of all that these links ever led to from `starts`, and of these."""
        self._db.execute(
            f"""
            CREATE OR REPLACE TABLE {name} AS
            WITH RECURSIVE below(key) AS (
              SELECT unnest($starts::VARCHAR[]) UNION SELECT child FROM {links} JOIN below ON parent = below.key)
            SELECT key FROM below""",  # noqa: S608  # our own names
            {"starts": list(starts)},
        )

    def _rows(self, starts: Sequence[str], origins: Sequence[str]) -> Rows:
        """The rows of the models below `starts`; of a data set, also those of the data sets below `origins`."""
        self._below("family", starts, "pairs")
        rows = Rows(self._of("family", "models", "key"), self._of("family", "derived_from", "parent"))
        if not origins:
            return rows
        return replace(
            rows,
            naming=self._of("sets", "trained_on", "dataset_key"),
            sets=self._of("sets", "datasets", "key"),
            set_links=self._of("sets", "dataset_derived_from", "parent"),
        )

    def _of(self, keys: str, table: str, key: str) -> list[tuple[Any, ...]]:
        columns = ", ".join(("turn", "deleted", *_READ[table]))
        query = f"SELECT {columns} FROM {table} t SEMI JOIN {keys} k ON k.key = t.{key} ORDER BY ALL"  # noqa: S608  # our own names
        return self._db.execute(query).fetchall()


def _states(rows: Rows, family: Family) -> Iterator[tuple[int, Family]]:
    """The family after each turn in which anything of it differs."""
    for turn, written in rows.turns():
        if family.take(written):
            yield turn, family
