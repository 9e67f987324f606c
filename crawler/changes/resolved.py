"""Which data sets the models name as their training data, of the snapshots of both.

A spelling means what `crawler.snapshot.named` says. One that means nothing becomes an absent data set.
"""

import duckdb

from crawler.snapshot.named import make_meaning, make_named
from crawler.snapshot.scripts import run


def resolve_datasets(db: duckdb.DuckDBPyConnection, schema: str, *, spelled: bool) -> None:
    """Make `trained` (what each model names) and `every_dataset` (absent ones too) in the schema `schema`.

    `spelled`: whether the graph has the spellings; in that of a snapshot that an earlier version made, they are null.
    """
    run(db, "00_meaning")
    tables = f"{schema}_datasets"
    make_named(db, f"{schema}.models", into=f"{tables}.named")
    make_meaning(db, f"{tables}.named", f"{tables}.models", f"{tables}.names", f"{tables}.meaning")
    db.execute(_TRAINED.format(s=schema, spelled="spelled" if spelled else "NULL"))


# The names are few and the models many: names are resolved once each. Nearly every model names a data set by one spelling:
# only the others are grouped. The data sets are wide, so they are not copied.
_TRAINED = """
CREATE TABLE {s}_datasets.resolved AS
SELECT n.model, n.target, n.sources, coalesce(f.key, m.key, 'absent:' || lower(n.target)) AS key
FROM {s}_datasets.named n JOIN {s}_datasets.meaning m USING (target) LEFT JOIN {s}_datasets.meant f USING (model, target);

CREATE TABLE {s}_datasets.respelled AS
SELECT model, key FROM {s}_datasets.resolved GROUP BY ALL HAVING count(*) > 1;

CREATE TABLE {s}.trained AS
SELECT model, dataset_key, sources, {spelled} AS declared_as FROM (
    SELECT model, key AS dataset_key, [target] AS spelled, list_reverse_sort(sources) AS sources
    FROM {s}_datasets.resolved ANTI JOIN {s}_datasets.respelled USING (model, key)
    UNION ALL
    SELECT model, key AS dataset_key, list_sort(list(DISTINCT target)) AS spelled,
           list_reverse_sort(list_distinct(flatten(list(r.sources)))) AS sources
    FROM {s}_datasets.resolved r SEMI JOIN {s}_datasets.respelled USING (model, key) GROUP BY ALL);

CREATE TABLE {s}_datasets.former AS
SELECT model, list_sort(list(DISTINCT id)) AS former_names FROM {s}_datasets.names GROUP BY model;

CREATE TABLE {s}_datasets.absent AS
SELECT key, min(target) AS id, min(lower(target)) AS id_lower, 'absent' AS status
FROM {s}_datasets.resolved ANTI JOIN {s}_datasets.models USING (key) GROUP BY key;

CREATE VIEW {s}.every_dataset AS
SELECT m.*, f.former_names FROM {s}_datasets.models m LEFT JOIN {s}_datasets.former f ON f.model = m.key
UNION ALL BY NAME
FROM {s}_datasets.absent;
"""
