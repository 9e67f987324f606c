"""What to ask the Hub before the snapshot is finished: which repositories, in which order, how many a night."""

import duckdb

from crawler.manifests import CrawlManifest
from crawler.questions.question import ABSENT_NAME, CONCLUSIVE_STATUSES, VANISHED, Question


def vanished_models(db: duckdb.DuckDBPyConnection, crawl: CrawlManifest) -> list[Question]:
    """A sample of the table `vanished`, `sweep.confirm_sample` of them, the same one whenever it is drawn."""
    found = db.execute(
        "SELECT key, o.id FROM vanished JOIN old_models o USING (key) ORDER BY md5(key || $crawl) LIMIT $size",
        {"crawl": crawl.crawl, "size": crawl.confirm_sample},
    ).fetchall()
    return [Question(VANISHED, name, key) for key, name in found]


def absent_names(db: duckdb.DuckDBPyConnection, crawl: CrawlManifest) -> list[Question]:
    """Declared names that no listing holds, `lineage.redirects` of them: those never asked for first, then by name.

    A name without a conclusive answer is due again in the next crawl, after those that have none.
    """
    found = db.execute(
        """
        SELECT min(r.target) AS name FROM reference r
        LEFT JOIN old_asked a ON lower(a.name) = r.target_lower
        WHERE r.step = 'absent'
          AND (a.name IS NULL OR NOT list_contains($conclusive, a.status)
               OR a.asked_at <= getvariable('now') - $again_after::INTERVAL)
          AND r.target_lower NOT IN (SELECT id_lower FROM names)
        GROUP BY r.target_lower
        ORDER BY min(a.asked_at) NULLS FIRST, name
        LIMIT $budget""",
        {
            "conclusive": sorted(CONCLUSIVE_STATUSES),
            "again_after": ABSENT_NAME.ask_again_after,
            "budget": crawl.redirects,
        },
    ).fetchall()
    return [Question(ABSENT_NAME, name) for (name,) in found]
