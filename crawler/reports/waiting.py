"""Which names of findings no model bears today, by the last snapshot."""

from collections.abc import Sequence
from pathlib import Path

from crawler.snapshot.parquet import reading
from crawler.snapshot.read import check, create


def unknown_names(snapshot: Path | None, pairs: Sequence[tuple[str, str]]) -> tuple[list[str], list[str]]:
    """Of pairs of a child and a parent: the children that are not listed, and the parents that are no model, under any name."""
    if snapshot is None:
        return sorted({child for child, _ in pairs}), sorted({parent for _, parent in pairs})
    check(snapshot)
    with reading(snapshot) as db:
        for table in ("models", "names"):
            create(db, table, table, snapshot)
        db.execute(
            "CREATE TEMP TABLE pairs AS SELECT unnest($children) AS child, unnest($parents) AS parent",
            {"children": [child for child, _ in pairs], "parents": [parent for _, parent in pairs]},
        )
        db.execute(
            "CREATE TEMP VIEW known AS SELECT id_lower, status FROM models"
            " UNION ALL SELECT n.id_lower, m.status FROM names n JOIN models m ON m.key = n.model"
        )
        unknown = [
            db.execute(
                f"SELECT DISTINCT {column} FROM pairs WHERE lower({column}) NOT IN (SELECT id_lower FROM known WHERE {known})"  # noqa: S608  # our own text
                " ORDER BY 1"
            ).fetchall()
            for column, known in (("child", "status = 'listed'"), ("parent", "status <> 'absent'"))
        ]
    children, parents = ([name for (name,) in rows] for rows in unknown)
    return children, parents
