"""The tables that papers on the Hub's model supply chain print, counted from one snapshot.

The figures count what the graph also holds: listed models and current links, without links of a model to itself. "A
First Look at Model Supply Chain" (2025) prints most of them for the Hub of that time.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from crawler import manifests
from crawler.manifests import SnapshotManifest
from crawler.reports.lineage import NAMES_A_PARENT
from crawler.snapshot.build import CHECKS, UNEXPLAINED
from crawler.snapshot.parquet import reading
from crawler.snapshot.read import check, create
from crawler.snapshot.tables import TABLES

COLUMNS = ("table", "figure", "count", "share")
Row = tuple[str, str, int, float | None]

_VIEWS = """
CREATE VIEW licensed AS SELECT key, licenses[1] AS license FROM models;
CREATE VIEW links AS
SELECT e.* FROM edges e JOIN models c ON c.key = e.child
WHERE e.status = 'current' AND e.child <> e.parent AND c.status = 'listed';
"""

# Title of each table of figures → a query for its rows: figure, count, and the number that the share is of (or null).
_QUERIES = {
    "models": """
        SELECT figure, n, whole FROM (
            SELECT 1 AS rank, 'listed' AS figure, count(*) FILTER (status = 'listed') AS n, NULL AS whole FROM models
            UNION ALL SELECT 2, 'derived: with a parent', (SELECT count(DISTINCT child) FROM links), count(*)
                      FROM models WHERE status = 'listed'
            UNION ALL SELECT 3, 'with several parents',
                      (SELECT count(*) FROM (SELECT child FROM links GROUP BY child HAVING count(*) > 1)),
                      (SELECT count(DISTINCT child) FROM links)
            UNION ALL SELECT 4, 'gone', count(*), NULL FROM models WHERE status = 'gone'
            UNION ALL SELECT 5, 'absent: named as a parent, never listed', count(*), NULL FROM models WHERE status = 'absent')
        ORDER BY rank""",
    "relations of links": """
        SELECT relation, count(*), (SELECT count(*) FROM links) FROM links GROUP BY relation ORDER BY count(*) DESC, relation""",
    "relations of derived models": """
        SELECT relation, count(DISTINCT child), (SELECT count(DISTINCT child) FROM links) FROM links
        GROUP BY relation ORDER BY 2 DESC, relation""",
    "evidence for links": """
        SELECT array_to_string(sources, ', '), count(*), (SELECT count(*) FROM links)
        FROM links GROUP BY ALL ORDER BY 2 DESC, 1""",
    "how parents were found": """
        SELECT coalesce(step, 'inferred: ' || rule, 'identical weight files'), count(*), (SELECT count(*) FROM links)
        FROM links GROUP BY ALL ORDER BY 2 DESC, 1""",
    "relations read from files": """
        SELECT rule, count(*), (SELECT count(*) FROM links) FROM links WHERE starts_with(rule, 'files:')
        GROUP BY ALL ORDER BY 2 DESC, 1""",
    "declarations": """
        SELECT d.source || coalesce(': ' || d.relation, ''), count(*), (SELECT count(*) FROM declared)
        FROM declared d GROUP BY ALL ORDER BY 2 DESC, 1""",
    "declarations rejected": f"""
        SELECT field || ': ' || reason, count(*), NULL FROM rejected
        WHERE {NAMES_A_PARENT} GROUP BY ALL ORDER BY 2 DESC, 1""",  # noqa: S608  # our own text
    "declarations unexplained": f"""
        SELECT 'of a listed model, neither a link nor rejected', ({CHECKS[UNEXPLAINED]}), NULL""",
    "said outside the tags only": """
        SELECT source, count(*), NULL FROM (
            SELECT child, parent, unnest(sources) AS source FROM links WHERE NOT list_has_any(sources, ['hub', 'tag']))
        GROUP BY source ORDER BY count(*) DESC, source""",
    "parents per model": """
        SELECT parents::VARCHAR, count(*), (SELECT count(DISTINCT child) FROM links)
        FROM (SELECT count(*) AS parents FROM links GROUP BY child) GROUP BY parents ORDER BY parents""",
    "parents by status": """
        SELECT p.status, count(*), (SELECT count(*) FROM links)
        FROM links l JOIN models p ON p.key = l.parent GROUP BY ALL ORDER BY count(*) DESC, p.status""",
    "licences along links": """
        SELECT CASE WHEN c.license IS NULL AND p.license IS NULL THEN 'neither states one'
                    WHEN p.license IS NULL THEN 'the child alone states one'
                    WHEN c.license IS NULL THEN 'the parent alone states one'
                    WHEN c.license = p.license THEN 'the same' ELSE 'another' END AS figure,
               count(*), (SELECT count(*) FROM links)
        FROM links l JOIN licensed c ON c.key = l.child JOIN licensed p ON p.key = l.parent
        GROUP BY figure ORDER BY count(*) DESC, figure""",
    "most frequent changes of licence": """
        SELECT p.license || ' → ' || c.license, count(*), (SELECT count(*) FROM links)
        FROM links l JOIN licensed c ON c.key = l.child JOIN licensed p ON p.key = l.parent
        WHERE c.license <> p.license GROUP BY ALL ORDER BY 2 DESC, 1 LIMIT 20""",
    "largest families": """
        SELECT root, size, (SELECT count(*) FROM models WHERE status = 'listed') FROM families
        WHERE kind = 'family' ORDER BY size DESC, root LIMIT 10""",
}


def figures(snapshot: Path) -> Iterator[Row]:
    """Rows of (table, figure, count, share of the whole or None) for the snapshot in that folder."""
    yield from _profile(manifests.read(snapshot / "snapshot.json", SnapshotManifest).profile)
    check(snapshot)
    with reading(snapshot) as db:
        for name in TABLES:
            create(db, name, name, snapshot)
        db.execute(_VIEWS)
        for title, query in _QUERIES.items():
            for figure, count, whole in db.execute(query).fetchall():
                yield title, figure, count, round(count / whole, 6) if whole else None


def in_sections(rows: Iterable[Row]) -> Iterator[tuple[str, int | None, float | None]]:
    """The rows for people, without the column `table`: below its title, indented."""
    for number, (title, table) in enumerate(groupby(rows, key=itemgetter(0))):
        if number:
            yield "", None, None
        yield title, None, None
        for _title, figure, count, share in table:
            yield f"  {figure}", count, share


def _profile(profile: dict[str, Any]) -> Iterator[Row]:
    """What the snapshot has counted for the whole graph, gone and absent models included."""
    if not profile:
        return
    yield "families", "families of two models or more", profile["families"], None
    yield "families", "models in the largest", profile["largest_family"], None
    yield "families", "models on cycles", profile["models_on_cycles"], None
    yield "families", "links in the longest chain", profile["longest_chain"], None
    members = sum(profile["depth_profile"])
    for generation, count in enumerate(profile["depth_profile"]):
        yield "depth: longest way from a root", str(generation), count, round(count / members, 6)
    for power, count in enumerate(profile["family_size_profile"]):
        if count:
            name = f"{2**power} to {2 ** (power + 1) - 1} models"
            yield "sizes of families", name, count, round(count / profile["families"], 6)
