"""The evidence for each parent of a model: every declaration, how it became a model, and what was rejected.

It is read from the last snapshot, which keeps the single declarations and the rejections. The graph does not.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from crawler.answers.names import LONGEST_NAME, choose, from_address, most_alike, unknown
from crawler.records.evidence import all_sources
from crawler.records.naming import Bearer
from crawler.records.weights import SET_SQL
from crawler.snapshot.parquet import reading
from crawler.snapshot.read import check, create

COLUMNS = ("parent", "parent_status", "link", "relation", "source", "spelling", "claimed", "resolved_by", "rule", "why")

# How a spelling became a model: what `resolved_by` says, in words.
RESOLVED_BY = {
    "base_models": "the Hub itself gives this model, by its key, as the base model",
    "current_id": "the current name of a listed model",
    "gone_id": "the last name of a model that is gone",
    "former_name": "an earlier name of this model",
    "other_case": "the name of this model alone, in another case",
    "legacy_name": "a name from before names had owners, whose successor the Hub has shown",
    "redirect": "the Hub redirects from this name to the model",
    "first_meaning": "the model that had this name when the child first declared it",
    "absent": "no listing ever held this name",
}
RULES = {
    "files": "no relation is declared; the child's own files show it",
    "name": "no parent is declared; name, architecture and size agree, and only one model has that name",
}
REJECTED = {
    "itself": "it is the model itself",
    "circular": "the parent descends from this model, so the text speaks of what was made from it",
}
SAME_FILES = "both hold the same weight files"
# What `name_doubt` of a link says.
NAME_DOUBTS = {
    "reused": "another model has taken the name since: see the saved query reused_names",
    "younger": "the model is younger than the declaration, so the name may have been another model's then",
}

_BEARERS = """
SELECT key, id, status, id AS name, false AS former, false AS learned FROM models
WHERE key = $name OR id = $name OR id_lower = lower($name)
UNION ALL
SELECT m.key, m.id, m.status, n.id, true, n.origin <> 'rename' FROM names n JOIN models m ON m.key = n.model
WHERE n.id_lower = lower($name)
"""
_SAME_LAST_PART = """
SELECT key, id, status, id FROM models WHERE NOT contains($name, '/') AND ends_with(id_lower, '/' || lower($name)) LIMIT 2
"""
# `most_alike` chooses among these as it does for `query`, whose candidates come from an index of the graph.
_ALIKE = """
SELECT id FROM (
    SELECT id, CASE WHEN contains($name, '/') THEN id_lower ELSE split_part(id_lower, '/', -1) END AS compared
    FROM (SELECT id, id_lower FROM models UNION SELECT id, id_lower FROM names)
)
ORDER BY jaro_winkler_similarity(compared, lower($name)) DESC, id LIMIT 300
"""
_EVIDENCE = """
WITH evidence AS (
    SELECT e.parent, e.status, e.relation, d.source, d.spelling, d.relation AS claimed, e.step AS resolved_by, e.rule,
           e.name_doubt, 1 AS rank
    FROM edges e JOIN declared d ON d.child = e.child AND list_contains(e.declared_as, d.spelling)
    WHERE e.child = $key AND e.status = 'current'
    UNION ALL
    SELECT e.parent, e.status, e.relation, 'imported:' || f.name, f.parent, f.relation, e.step, NULL, e.name_doubt, 1
    FROM edges e JOIN findings f ON list_contains(e.sources, 'imported:' || f.name) AND list_contains(e.declared_as, f.parent)
    JOIN (SELECT id_lower, key AS model FROM models UNION SELECT id_lower, model FROM names) c
        ON c.id_lower = lower(f.child) AND c.model = e.child
    WHERE e.child = $key AND e.status = 'current'
    UNION ALL
    SELECT e.parent, e.status, e.relation, 'card_text', s.target, s.relation, e.step, 'text:' || s.rule, e.name_doubt, 1
    FROM edges e JOIN said s ON s.child = e.child AND list_contains(e.declared_as, s.target)
    WHERE e.child = $key AND e.status = 'current' AND list_contains(e.sources, 'card_text')
    UNION ALL
    SELECT parent, status, relation, 'files', NULL, 'copy', NULL, NULL, NULL, 1
    FROM edges WHERE child = $key AND status = 'current' AND list_contains(sources, 'files')
    UNION ALL
    SELECT parent, status, relation, 'inferred', NULL, relation, NULL, rule, NULL, 2
    FROM edges WHERE child = $key AND status = 'current' AND list_contains(sources, 'inferred')
    UNION ALL
    SELECT parent, status, relation, unnest(sources), array_to_string(declared_as, ', '), NULL, step, rule, NULL, 3
    FROM edges WHERE child = $key AND status = 'withdrawn'
)
SELECT m.id, m.status, e.status, e.relation, e.source, e.spelling, e.claimed, e.resolved_by, e.rule, e.name_doubt,
       (SELECT min(o.name) FROM weights o JOIN weights p USING (sha256)
        WHERE o.model = $key AND p.model = e.parent AND e.source = 'files') AS file
FROM evidence e JOIN models m ON m.key = e.parent
ORDER BY e.status, m.id, m.key, e.rank, list_position($sources, e.source), e.spelling, e.claimed
"""
# Older models that hold some files of a set of the model's (SET_SQL), but not the whole set: of each file, the oldest.
_PARTS = f"""
WITH own AS (SELECT name, sha256, {SET_SQL} AS part FROM weights WHERE model = $key),
sizes AS (SELECT part, count(DISTINCT sha256) AS files FROM own GROUP BY part),
older AS (
    SELECT w.sha256, arg_min(m.key, (coalesce(m.created_at, 'infinity'), m.key)) AS holder
    FROM weights w JOIN models m ON m.key = w.model JOIN models c ON c.key = $key
    WHERE w.sha256 IN (SELECT sha256 FROM own)
      AND (coalesce(m.created_at, 'infinity'), m.key) < (coalesce(c.created_at, 'infinity'), c.key)
    GROUP BY w.sha256
),
whole AS (
    SELECT o.part, o.files, h.model FROM (SELECT part, list_sort(list(DISTINCT sha256)) AS files FROM own GROUP BY part) o
    JOIN (SELECT model, {SET_SQL} AS part, list_sort(list(DISTINCT sha256)) AS files FROM weights
          WHERE model IN (SELECT holder FROM older) GROUP BY ALL) h ON h.files = o.files
)
SELECT m.id, m.status, min(o.name), count(DISTINCT o.sha256), s.files
FROM own o JOIN older USING (sha256) JOIN sizes s USING (part) JOIN models m ON m.key = older.holder
ANTI JOIN whole w ON w.part = o.part AND w.model = older.holder
GROUP BY m.id, m.key, m.status, o.part, s.files
ORDER BY m.id, m.key, o.part
"""  # noqa: S608  # our own text
# The fields of `rejected` that concern parents.
NAMES_A_PARENT = (
    "(field IN ('baseModels', 'tags', 'cardData', 'card_text', 'files') OR starts_with(field, 'imported:')"
    " OR starts_with(field, 'cardData.base_model')"
    " OR starts_with(field, 'config.peft'))"
)
_REJECTED = f"""
SELECT field, value, reason FROM rejected WHERE model = $key AND {NAMES_A_PARENT} ORDER BY ALL
"""  # noqa: S608  # our own text


def explain(snapshot: Path, text: str, endpoint: str) -> tuple[str, list[tuple[Any, ...]]]:
    """The name of the model that `text` means, and a row (see COLUMNS) for each piece of evidence about its parents.

    The row of a rejected declaration has no parent, and the field as its `source`. Raises HubGenealogyError, with the
    nearest names, if no model has that name.
    """
    name = from_address(text, endpoint)
    check(snapshot)
    with reading(snapshot) as db:
        for table in ("models", "names", "declared", "findings", "said", "weights", "edges", "rejected"):
            create(db, table, table, snapshot)
        bearers = [Bearer(*row) for row in db.execute(_BEARERS, {"name": name}).fetchall()]
        model = choose(name, bearers) or _by_last_part(db, name)
        if model is None:
            alike = db.execute(_ALIKE, {"name": name[:LONGEST_NAME]}).fetchall()
            raise unknown(name, most_alike(name, (row[0] for row in alike)))
        return model.id, list(_rows(db, model.key))


def _by_last_part(db: duckdb.DuckDBPyConnection, name: str) -> Bearer | None:
    """The only model whose name without its owner is `name`."""
    models = [Bearer(*row) for row in db.execute(_SAME_LAST_PART, {"name": name}).fetchall()]
    return models[0] if len(models) == 1 else None


def _sources(db: duckdb.DuckDBPyConnection) -> list[str]:
    return all_sources([name for (name,) in db.execute("SELECT DISTINCT name FROM findings").fetchall()])


def _rows(db: duckdb.DuckDBPyConnection, key: str) -> Iterator[tuple[Any, ...]]:
    for *row, resolved_by, rule, doubt, file in db.execute(_EVIDENCE, {"key": key, "sources": _sources(db)}).fetchall():
        inferred = row[4] == "inferred"
        if inferred:
            why = RULES[rule.partition(":")[0]]
        elif row[4] == "files":
            why = SAME_FILES + (f", such as {file}" if file else "")
        else:
            why = RESOLVED_BY[resolved_by]
        if row[2] == "withdrawn":
            why = ("not so any more: " if row[4] == "files" else "not declared any more; before: ") + why
        if doubt is not None:
            why += "; " + NAME_DOUBTS[doubt]
        yield (*row, resolved_by, rule if inferred or row[4] == "card_text" else None, why)
    for parent, status, file, equal, files in db.execute(_PARTS, {"key": key}).fetchall():
        why = f"it holds {equal} of this model's {files} weight files of this kind, such as {file}; the sets differ: no link"
        yield (parent, status, "partial", None, "files", None, None, None, None, why)
    for field, value, reason in db.execute(_REJECTED, {"key": key}).fetchall():
        why = REJECTED.get(reason, f"names no model: {reason.replace('_', ' ')}")
        if field == "files":
            why = f"{SAME_FILES}, but other links say that it descends from this model"
        yield (None, None, "rejected", None, field, value, None, None, None, why)
