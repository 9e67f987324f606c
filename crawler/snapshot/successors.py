"""What became of the names that no listing holds: the Hub is asked, and redirects from a name to the model it is today.

So many names a crawl, each again after a month at the earliest; the answers are part of the archive, so that the
snapshot stays a pure function of it.
"""

import logging
from datetime import timedelta

import duckdb

from crawler.errors import HubGenealogyError
from crawler.hub.archive import Archive, Detail, DetailAnswer
from crawler.snapshot.retirement import TELLING, Ask

logger = logging.getLogger(__name__)

ASKED_FOR = timedelta(days=30)
# So many failures in a row, and the rest is left for another night: lineage can wait, the crawl cannot.
FAILURES = 3


def ask_names(db: duckdb.DuckDBPyConnection, archive: Archive, ask: Ask | None) -> None:
    """Fill the table `answered` with what the Hub says of absent names: those never asked first, by their names.

    `ask` gives the Hub's answer for a name; without it, what the archive holds must do. A name of which the Hub would
    not say anything is kept with the status 0 and comes last the next time.
    """
    crawl = archive.crawl
    answers = {answer.name: answer.detail for answer in archive.details() if answer.key is None}
    due = [] if ask is None else _due(db, crawl.redirects)
    failures = 0
    for name in due:
        if name in answers or ask is None:
            continue
        try:
            answers[name] = ask(name)
            failures = 0
        except HubGenealogyError as error:
            answers[name] = Detail(0)
            failures += 1
            logger.warning("the Hub says nothing of %s: %s", name, error)
        archive.add_detail(DetailAnswer(None, name, answers[name]))
        if failures == FAILURES:
            logger.warning("no more names are asked for tonight: the next crawl goes on with them")
            break
    db.execute("CREATE TABLE answered (name VARCHAR, status INTEGER, key VARCHAR, id VARCHAR)")
    rows = [(n, d.status, None if d.private else d.key, d.id) for n, d in answers.items()]
    if rows:
        db.executemany("INSERT INTO answered VALUES (?, ?, ?, ?)", rows)
        found = sum(row[2] is not None for row in rows)
        logger.info("asked for %d names that no listing holds: %d lead to a model", len(rows), found)


def _due(db: duckdb.DuckDBPyConnection, budget: int) -> list[str]:
    found = db.execute(
        """
        SELECT min(r.target) AS name FROM reference r
        LEFT JOIN old_asked a ON lower(a.name) = r.target_lower
        WHERE r.step = 'absent'
          AND (a.name IS NULL OR NOT list_contains($telling, a.status) OR a.asked_at <= getvariable('now') - $wait::INTERVAL)
          AND r.target_lower NOT IN (SELECT id_lower FROM names)
        GROUP BY r.target_lower
        ORDER BY min(a.asked_at) NULLS FIRST, name
        LIMIT $budget""",
        {"telling": sorted(TELLING), "wait": ASKED_FOR, "budget": budget},
    ).fetchall()
    return [name for (name,) in found]
