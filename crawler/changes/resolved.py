"""Which data sets the models name as their training data, of the snapshots of both.

A data set has the key that its name means today: by the rule of `00_meaning.sql`, then by what the Hub said of names that no
data set bears. A name that means none becomes an absent data set.
"""

import duckdb

from crawler.snapshot.scripts import run


def resolve_datasets(db: duckdb.DuckDBPyConnection, schema: str, *, spelled: bool) -> None:
    """Make the tables `trained` (what each model names) and `every_dataset` (absent ones too) in the schema `schema`.

    `spelled`: whether the graph has the spellings; in that of a snapshot that an earlier version made, they are null.
    """
    run(db, "00_meaning")
    db.execute(_TRAINED.format(s=schema, spelled="spelled" if spelled else "NULL"))


# The names are few and the models many: names are resolved once each.
_TRAINED = """
CREATE TABLE {s}_datasets.named AS
SELECT key AS model, d.id AS target, d.sources AS sources FROM (SELECT key, unnest(datasets) AS d FROM {s}.models);

CREATE TABLE {s}_datasets.bearer AS
SELECT id, id_lower, key, status, false AS former FROM {s}_datasets.models WHERE status <> 'absent'
UNION ALL
SELECT n.id, n.id_lower, m.key, m.status, true
FROM {s}_datasets.names n JOIN {s}_datasets.models m ON m.key = n.model WHERE n.origin = 'rename';

CREATE TABLE {s}_datasets.successor AS
SELECT n.id_lower, arg_max(m.key, (m.status = 'listed', m.key)) AS key
FROM {s}_datasets.names n JOIN {s}_datasets.models m ON m.key = n.model WHERE n.origin <> 'rename' GROUP BY n.id_lower;

CREATE TABLE {s}_datasets.meaning AS
SELECT m.target, coalesce(m.key, s.key, 'absent:' || lower(m.target)) AS key
FROM meaning_of('{s}_datasets.named', '{s}_datasets.bearer') m
LEFT JOIN {s}_datasets.successor s ON s.id_lower = lower(m.target);

CREATE TABLE {s}.trained AS
SELECT model, dataset_key, sources, {spelled} AS declared_as FROM (
    SELECT n.model, m.key AS dataset_key, list_sort(list(DISTINCT n.target)) AS spelled,
           list_reverse_sort(list_distinct(flatten(list(n.sources)))) AS sources
    FROM {s}_datasets.named n JOIN {s}_datasets.meaning m USING (target) GROUP BY ALL);

CREATE TABLE {s}.every_dataset AS
SELECT m.*, f.former_names FROM {s}_datasets.models m
LEFT JOIN (SELECT model, list_sort(list(DISTINCT id)) AS former_names FROM {s}_datasets.names GROUP BY model) f ON f.model = m.key
UNION ALL BY NAME
SELECT key, min(target) AS id, min(lower(target)) AS id_lower, 'absent' AS status
FROM {s}_datasets.meaning ANTI JOIN {s}_datasets.models USING (key) GROUP BY key;
"""
