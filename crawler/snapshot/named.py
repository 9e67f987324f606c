"""Which data sets the models name, of a snapshot of the data sets and one of the models: what each spelling means.

A name means what 00_meaning.sql says, then what the Hub said of names that no data set bears, else nothing. A spelling that a
model has named without a break keeps the data set that it first meant, whoever bears the name today, as that of a parent
does (07_first_meaning.sql). Where that differs from what the name means today, the table `meant` of the snapshot has it.
"""

from pathlib import Path

import duckdb

from crawler.snapshot.database import number
from crawler.snapshot.read import create
from crawler.snapshot.tables import TABLES, ddl

_MEANING = """
CREATE TABLE {into}_bearer AS
SELECT id, id_lower, key, status, false AS former FROM {repositories} WHERE status <> 'absent'
UNION ALL
SELECT n.id, n.id_lower, m.key, m.status, true FROM {names} n JOIN {repositories} m ON m.key = n.model WHERE n.origin = 'rename';

CREATE TABLE {into}_successor AS
SELECT n.id_lower, arg_max(m.key, (m.status = 'listed', m.key)) AS key
FROM {names} n JOIN {repositories} m ON m.key = n.model WHERE n.origin <> 'rename' GROUP BY n.id_lower;

CREATE TABLE {into} AS
SELECT m.target, coalesce(m.key, s.key) AS key, m.step
FROM meaning_of('{wanted}', '{into}_bearer') m
LEFT JOIN {into}_successor s ON s.id_lower = lower(m.target);
"""
_NAMED = """
CREATE TABLE {into} AS
SELECT key AS model, d.id AS target, d.sources AS sources FROM (SELECT key, unnest(datasets) AS d FROM {models});
"""
# A match in another case is a guess, which an exact match may correct.
_MEANT = """
CREATE TABLE meant AS
SELECT n.model, n.target, coalesce(f.key, b.key) AS key
FROM set_named n SEMI JOIN set_named_before USING (model, target)
JOIN dataset_meaning t USING (target)
LEFT JOIN old_meant f USING (model, target)
LEFT JOIN dataset_meaning_before b ON b.target = n.target AND b.step <> 'other_case'
SEMI JOIN real r ON r.key = coalesce(f.key, b.key)
WHERE coalesce(f.key, b.key) IS DISTINCT FROM t.key;

CREATE TABLE named_keys AS
SELECT DISTINCT coalesce(m.key, t.key) AS key
FROM set_named n JOIN dataset_meaning t USING (target) LEFT JOIN meant m USING (model, target);
"""


def make_meaning(db: duckdb.DuckDBPyConnection, wanted: str, repositories: str, names: str, into: str) -> None:
    """Make the table `into` of what each target of the table `wanted` means, of these repositories and their earlier names."""
    db.execute(_MEANING.format(wanted=wanted, repositories=repositories, names=names, into=into))


def make_named(db: duckdb.DuckDBPyConnection, models: str, into: str) -> None:
    """Make the table `into` of what each model of the table `models` calls its data sets, and where it does."""
    db.execute(_NAMED.format(into=into, models=models))


def read_named(db: duckdb.DuckDBPyConnection, models: Path | None, before: Path | None) -> None:
    """Make the tables `set_named` and `set_named_before` of what the models of two snapshots call their data sets."""
    for name, snapshot in (("set_named", models), ("set_named_before", before)):
        create(db, f"{name}_models", "models", snapshot)
        make_named(db, f"{name}_models", into=name)


def keep_first_meanings(db: duckdb.DuckDBPyConnection) -> None:
    """Make the tables `meant`, and `named_keys` of the data sets that models name; empty ones where no model names any."""
    if number(db, "SELECT count(*) FROM set_named") == 0:
        db.execute(f"CREATE TABLE meant ({ddl(TABLES['meant'])}); CREATE TABLE named_keys (key VARCHAR)")
        return
    make_meaning(db, "set_named", "real", "names", "dataset_meaning")
    make_meaning(db, "set_named", "old_models", "old_names", "dataset_meaning_before")
    db.execute(_MEANT)
