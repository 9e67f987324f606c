"""What to ask the Hub before the snapshot is finished: which repositories and owners, in which order, how many a night."""

from collections.abc import Collection

import duckdb

from crawler.cards import READER
from crawler.manifests import CrawlManifest
from crawler.questions.question import ABSENT_NAME, CARD, CONCLUSIVE_STATUSES, FILES, OWNER, VANISHED, Question
from crawler.records.forgetting import STAND_IN


def vanished_models(db: duckdb.DuckDBPyConnection, crawl: CrawlManifest) -> list[Question]:
    """A sample of the table `vanished`, `sweep.confirm_sample` of them, the same one whenever it is drawn."""
    found = db.execute(
        "SELECT key, o.id FROM vanished JOIN old_models o USING (key) WHERE NOT regexp_matches(o.id, $stand_in)"
        " ORDER BY md5(key || $crawl) LIMIT $size",
        {"crawl": crawl.crawl, "size": crawl.confirm_sample, "stand_in": STAND_IN},
    ).fetchall()
    return [Question(VANISHED, name, key) for key, name in found]


def unaskable(db: duckdb.DuckDBPyConnection) -> list[str]:
    """The keys of those in `vanished` whose owner is forgotten: they have no name to ask for."""
    found = db.execute(
        "SELECT key FROM vanished JOIN old_models o USING (key) WHERE regexp_matches(o.id, $stand_in) ORDER BY key",
        {"stand_in": STAND_IN},
    ).fetchall()
    return [key for (key,) in found]


def absent_names(db: duckdb.DuckDBPyConnection, crawl: CrawlManifest) -> list[Question]:
    """Declared names that no listing holds, `lineage.redirects` of them: those never asked for first, then by name.
    The stand-in of a forgotten owner's is no name. Names that models give to data sets count where those are walked.

    A name without a conclusive answer is due again in the next crawl, after those that have none.
    """
    found = db.execute(
        """
        SELECT min(r.target) AS name
        FROM (SELECT target, target_lower FROM reference WHERE step = 'absent'
              UNION ALL
              SELECT target, lower(target) FROM set_named WHERE lower(target) NOT IN (SELECT id_lower FROM real)) r
        LEFT JOIN old_asked a ON lower(a.name) = r.target_lower
        WHERE (a.name IS NULL OR NOT list_contains($conclusive, a.status)
               OR a.asked_at <= getvariable('now') - $again_after::INTERVAL)
          AND r.target_lower NOT IN (SELECT id_lower FROM names)
          AND NOT regexp_matches(r.target, $stand_in)
        GROUP BY r.target_lower
        ORDER BY min(a.asked_at) NULLS FIRST, name
        LIMIT $budget""",
        {
            "conclusive": sorted(CONCLUSIVE_STATUSES),
            "again_after": ABSENT_NAME.ask_again_after,
            "budget": crawl.redirects,
            "stand_in": STAND_IN,
        },
    ).fetchall()
    return [Question(ABSENT_NAME, name) for (name,) in found]


def files(db: duckdb.DuckDBPyConnection, crawl: CrawlManifest, first: Collection[str]) -> list[Question]:
    """Listed models whose weight files are not known at their revision, `enrich.files` of them: those of `first`, then those
    that declare no parent, then the others, of which an undeclared model may be a copy. What has no weights is not asked about.
    Within each, those that gave no answer come last, then downloads decide.

    A model with the stand-in of a forgotten owner has no name to ask for.
    """
    if crawl.enrich_files == 0:
        return []
    db.execute(
        "CREATE OR REPLACE TEMP TABLE first_asked AS SELECT unnest($first::VARCHAR[]) AS key", {"first": sorted(first)}
    )
    found = db.execute(
        """
        SELECT m.id, m.key, m.revision FROM real m
        LEFT JOIN first_asked f USING (key)
        LEFT JOIN old_enriched e ON e.model = m.key AND e.topic = $topic
        WHERE m.status = 'listed'
          AND (e.model IS NULL OR e.status = 0 OR e.revision IS DISTINCT FROM m.revision)
          AND (f.key IS NOT NULL OR m.weight_formats[1] IS NOT NULL)
          AND NOT regexp_matches(m.id, $stand_in)
        ORDER BY f.key IS NULL, f.key IS NULL AND m.key IN (SELECT child FROM reference), coalesce(e.status = 0, false),
                 m.downloads DESC NULLS LAST, m.key
        LIMIT $budget""",
        {"topic": FILES.name, "budget": crawl.enrich_files, "stand_in": STAND_IN},
    ).fetchall()
    return [Question(FILES, name, key, revision) for name, key, revision in found]


def cards(db: duckdb.DuckDBPyConnection, crawl: CrawlManifest) -> list[Question]:
    """Listed models whose card has not been read at their revision, or only by older rules, `enrich.cards` of them.

    Those that are new or changed come first, then those that declare no parent, then downloads decide. What gave no answer
    comes after these, and last the models whose record has no front matter of a card: most of them have no card.
    """
    if crawl.enrich_cards == 0:
        return []
    found = db.execute(
        """
        SELECT m.id, m.key, m.revision FROM real m
        LEFT JOIN old_enriched e ON e.model = m.key AND e.topic = $topic
        WHERE m.status = 'listed'
          AND (e.model IS NULL OR e.status = 0 OR e.revision IS DISTINCT FROM m.revision
               OR (e.status = 200 AND e.reader IS DISTINCT FROM $reader))
          AND NOT regexp_matches(m.id, $stand_in)
        ORDER BY NOT coalesce(m.has_card, false), coalesce(e.status = 0, false),
                 NOT (e.revision IS DISTINCT FROM m.revision AND (e.model IS NOT NULL OR m.listed_at = getvariable('now'))),
                 m.key IN (SELECT child FROM reference), m.downloads DESC NULLS LAST, m.key
        LIMIT $budget""",
        {"topic": CARD.name, "reader": READER, "budget": crawl.enrich_cards, "stand_in": STAND_IN},
    ).fetchall()
    return [Question(CARD, name, key, revision) for name, key, revision in found]


def owners(db: duckdb.DuckDBPyConnection, crawl: CrawlManifest) -> list[Question]:
    """Owners of listed models of whom the Hub was not asked within 90 days, `enrich.owners` of them.

    Those come first whose models other models declare as their parent most often, then downloads decide. What gave no answer
    comes after these.
    """
    if crawl.enrich_owners == 0:
        return []
    found = db.execute(
        """
        WITH followed AS (SELECT parent, count(DISTINCT child) AS children FROM reference GROUP BY parent),
        publisher AS (
            SELECT m.owner AS name, coalesce(sum(f.children), 0) AS children, coalesce(sum(m.downloads), 0) AS downloads
            FROM real m LEFT JOIN followed f ON f.parent = m.key
            WHERE m.status = 'listed' AND m.owner IS NOT NULL AND NOT regexp_matches(m.owner, $stand_in)
            GROUP BY m.owner
        )
        SELECT p.name FROM publisher p LEFT JOIN old_owners o USING (name)
        WHERE o.name IS NULL OR NOT list_contains($conclusive, o.status)
           OR o.asked_at <= getvariable('now') - $again_after::INTERVAL
        ORDER BY coalesce(NOT list_contains($conclusive, o.status), false), p.children DESC, p.downloads DESC, p.name
        LIMIT $budget""",
        {
            "conclusive": sorted(CONCLUSIVE_STATUSES),
            "again_after": OWNER.ask_again_after,
            "budget": crawl.enrich_owners,
            "stand_in": STAND_IN,
        },
    ).fetchall()
    return [Question(OWNER, name) for (name,) in found]
