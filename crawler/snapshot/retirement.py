"""Which of the models that a crawl did not list any more may count as gone, and why none may where none may.

A walk that ended well can still have a hole. So before anything is retired, a sample of what vanished is asked for, one
by one: a model that answers under the `_id` it always had was missed by the walk, and then nothing is believed gone.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass

import duckdb

from crawler.crawl_warnings import CrawlWarning
from crawler.hub.archive import Archive, Detail, DetailAnswer
from crawler.manifests import CrawlManifest
from crawler.snapshot.number import number

logger = logging.getLogger(__name__)

Ask = Callable[[str], Detail]
# Here it is; missing or private. Others, such as 403 from something in between, say nothing of the model.
TELLING = frozenset({200, 401, 404, 410})


@dataclass(frozen=True)
class Retirement:
    """The decision: whether the rows of the table `vanished` are retired; where a safety check refused, why."""

    vanished: int
    accepted: bool
    refused_because: CrawlWarning | None = None
    has_hole: bool = False


def decide(db: duckdb.DuckDBPyConnection, archive: Archive, *, complete: bool, ask: Ask | None) -> Retirement:
    """Decide on the table `vanished` and fill the table `confirmed` with the keys that are known to be gone.

    `ask` gives the Hub's answer for a name; answers are kept in the archive and not asked for again. Without it, only
    what the archive holds counts.
    """
    crawl = archive.crawl
    db.execute("CREATE TABLE confirmed (key VARCHAR)")
    vanished = number(db, "SELECT count(*) FROM vanished")
    listed = number(db, "SELECT count(*) FROM old_models WHERE status = 'listed'")
    if not complete or vanished == 0:
        return Retirement(vanished, accepted=complete)
    limit, share = crawl.max_vanished_share, vanished / listed
    if share > limit and not crawl.accept_vanished:
        reason = CrawlWarning(
            "vanished_share", {"vanished": vanished, "listed": listed, "share": share, "limit": limit}
        )
        return Retirement(vanished, accepted=False, refused_because=reason)
    asked = _ask_sample(db, archive, crawl, ask)
    answers = {key: answer for key, answer in asked.items() if answer.detail.status in TELLING}
    if asked and not answers:
        status = next(iter(asked.values())).detail.status
        reason = CrawlWarning("vanished_unknown", {"asked": len(asked), "status": status})
        return Retirement(vanished, accepted=False, refused_because=reason)
    there = {key: a for key, a in answers.items() if a.detail.key == key and not a.detail.private}
    # A disabled model may be out of the listing and is still there: it stays as it was.
    db.execute("DELETE FROM vanished WHERE list_contains($keys, key)", {"keys": list(there)})
    missed = [answer for answer in there.values() if not answer.detail.disabled]
    if missed:
        reason = CrawlWarning("hole", {"missed": len(missed), "asked": len(answers), "example": missed[0].name})
        return Retirement(vanished, accepted=False, refused_because=reason, has_hole=True)
    gone = [key for key in answers if key not in there]
    db.execute("INSERT INTO confirmed SELECT unnest($keys::VARCHAR[])", {"keys": gone})
    return Retirement(vanished, accepted=True)


def _ask_sample(
    db: duckdb.DuckDBPyConnection, archive: Archive, crawl: CrawlManifest, ask: Ask | None
) -> dict[str, DetailAnswer]:
    sample = db.execute(
        "SELECT key, o.id FROM vanished JOIN old_models o USING (key) ORDER BY md5(key || $crawl) LIMIT $size",
        {"crawl": crawl.crawl, "size": crawl.confirm_sample},
    ).fetchall()
    answers = {answer.key: answer for answer in archive.details() if answer.key is not None}
    for key, name in sample:
        if key not in answers and ask is not None:
            answers[key] = DetailAnswer(key, name, ask(name))
            archive.add_detail(answers[key])
    if sample and ask is not None:
        logger.info("asked for %d of the vanished models one by one", len(sample))
    return {key: answers[key] for key, _name in sample if key in answers}
