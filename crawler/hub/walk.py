"""The walk over the Hub's whole model list: oldest first, page by page, into the archive.

In ascending order of creation, the walk meets everything that exists throughout it exactly once: new models come at the
end. A walk that ended did not necessarily see everything: `verdict` decides that, with its reasons.
"""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from urllib.parse import urlencode

from crawler.crawl_warnings import CrawlWarning
from crawler.errors import HubGenealogyError
from crawler.hub.archive import Archive, Page
from crawler.hub.client import Answer, HubClient
from crawler.manifests import CrawlManifest
from crawler.records.bounds import bounds_of
from crawler.records.record import EXPAND
from crawler.signals import finishing

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Verdict:
    """Whether a walk saw everything, and if not, why."""

    complete: bool
    reasons: tuple[CrawlWarning, ...] = ()


def first_url(endpoint: str, page_size: int, kind: str) -> str:
    """The address of the first page, with the fields that a crawl uses.

    A full crawl asks for the oldest models first, an increment for the last modified.
    """
    order = [("sort", "createdAt"), ("direction", "1")] if kind == "full" else [("sort", "lastModified")]
    query = [*order, ("limit", str(page_size)), *(("expand", field) for field in EXPAND)]
    return f"{endpoint}/api/models?{urlencode(query)}"


def walk(
    client: HubClient,
    archive: Archive,
    *,
    clock: Callable[[], datetime],
    progress: Callable[[int], None],
) -> list[Page]:
    """Walk the listing from where `archive` stands to its end, or as far as its crawl asks; return every page.

    An increment ends below the time `since`, a sample after `max_models`. `progress` receives the number of models so
    far. Errors as for `HubClient.page`; the pages so far are kept.
    """
    crawl = archive.crawl
    pages = archive.pages()
    while pages and pages[-1].models == 0:
        # Empty pages at the end of an interrupted walk were part of the fault: ask for them again.
        archive.drop_last(pages.pop())
    visited = {page.url for page in pages}
    seen = sum(page.models for page in pages)
    url = pages[-1].next if pages else first_url(client.endpoint, crawl.page_size, crawl.kind)
    if pages:
        logger.info("the walk goes on after page %d (%d models)", len(pages), seen)
    clock_checked = False
    while url is not None and not _far_enough(pages, seen, crawl):
        answer = client.page(url, visited)
        if not clock_checked:
            check_clock(answer.date, clock(), crawl.max_clock_skew)
            clock_checked = True
        if answer.next is None or not _goes_on(answer, pages, crawl.kind):
            # This is the last page, or one that lost its Link, its models or its order in transit. Asking twice is cheap.
            answer = client.page(url, visited)
        visited.add(url)
        page = _page(len(pages) + 1, url, answer, clock())
        with finishing():
            archive.add(page, answer.body)
        pages.append(page)
        seen += page.models
        progress(seen)
        url = page.next
    return pages


def check_clock(hub: datetime | None, now: datetime, limit: float | None) -> None:
    """Refuse to crawl by a clock that is more than `limit` seconds away from the Hub's: HubGenealogyError.

    Times of a wrong clock would stay in the graph, and increments would miss what changed meanwhile.
    """
    if hub is None or limit is None or abs((now - hub).total_seconds()) <= limit:
        return
    raise HubGenealogyError(
        f"this machine's clock says {now:%Y-%m-%d %H:%M:%S} UTC, the Hub's {hub:%Y-%m-%d %H:%M:%S}: set the clock right "
        "(NTP), or raise hub.max_clock_skew, and run the same command again"
    )


def _goes_on(answer: Answer, pages: list[Page], kind: str) -> bool:
    """Whether the page has models and, in a full walk, they come after those of the pages before it."""
    if not answer.models or kind != "full":
        return bool(answer.models)
    first = bounds_of(answer.models).first_key
    before = next((page.last for page in reversed(pages) if page.last is not None), None)
    return first is None or before is None or first > before


def _far_enough(pages: list[Page], seen: int, crawl: CrawlManifest) -> bool:
    if crawl.max_models is not None and seen >= crawl.max_models:
        return True
    # Stopping at the mark itself would lose what changed in the same millisecond.
    return bool(pages) and crawl.since is not None and _time(pages[-1].last_modified_at) < crawl.since


def _time(text: str | None) -> datetime:
    """An ISO 8601 time. Unparseable text becomes datetime.max, so it never ends a walk early."""
    return _readable(text) or datetime.max.replace(tzinfo=UTC)


def _readable(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _page(number: int, url: str, answer: Answer, now: datetime) -> Page:
    ends = bounds_of(answer.models)
    return Page(
        number=number,
        url=url,
        next=answer.next,
        sha256=hashlib.sha256(answer.body).hexdigest(),
        bytes=len(answer.body),
        models=len(answer.models),
        first=ends.first_key,
        last=ends.last_key,
        last_created_at=ends.last_created_at,
        fetched_at=now.isoformat(timespec="milliseconds"),
        hub_date=answer.date.isoformat() if answer.date else None,
        first_modified_at=ends.first_modified_at,
        last_modified_at=ends.last_modified_at,
    )


def verdict(pages: list[Page], crawl: CrawlManifest) -> Verdict:
    """Whether `pages` are the whole listing, for the crawl that the archive's `crawl.json` describes.

    An increment never is the whole.
    """
    reasons = []
    if not pages or sum(page.models for page in pages) == 0:
        reasons.append(CrawlWarning("empty_listing"))
    if crawl.max_models is not None:
        reasons.append(CrawlWarning.of("sample", models=crawl.max_models))
    elif crawl.kind == "full" and pages and pages[-1].next is not None:
        reasons.append(CrawlWarning("link_back"))
    # The last page may be empty, where the listing ends with a full one.
    reasons += [CrawlWarning.of("empty_page", page=page.number) for page in pages[:-1] if page.models == 0][:1]
    if disorder := _disorder(pages, crawl.kind):
        reasons.append(disorder)
    if crawl.kind == "full" and crawl.max_tail_age is not None and pages:
        reasons += filter(None, [_stale(pages, timedelta(seconds=crawl.max_tail_age), crawl.max_clock_skew)])
    return Verdict(complete=crawl.kind == "full" and not reasons, reasons=tuple(reasons))


def high_water_mark(pages: list[Page], result: Verdict, crawl: CrawlManifest) -> datetime | None:
    """The time up to which every change is known after this walk; None where the walk adds nothing to that.

    After a complete sweep its start, by the Hub's clock where it says the time; after an increment the first row's time:
    what changed during the walk comes again.
    """
    if crawl.kind == "full":
        start = _readable(pages[0].hub_date) if pages else None
        return (start or crawl.started_at) if result.complete else None
    return _readable(pages[0].first_modified_at) if pages and not result.reasons else None


def _disorder(pages: list[Page], kind: str) -> CrawlWarning | None:
    """An order that is not the one asked for: pages may be missing, or the end may not be the end."""
    if kind == "full":
        bounds = [(page, page.first, page.last) for page in pages if page.first is not None and page.last is not None]
        order, pairs = "creation", [(b[0], a[2], b[1]) for a, b in pairwise(bounds)]
    else:
        times = [
            (p, p.last_modified_at, p.first_modified_at) for p in pages if p.last_modified_at and p.first_modified_at
        ]
        # A model that changes during the walk moves to the front and shifts the others back: equal times may repeat.
        order, pairs = "modification", [(b[0], b[2], a[1]) for a, b in pairwise(times) if b[2] != a[1]]
    for page, before, after in pairs:
        if str(after) <= str(before):
            return CrawlWarning.of("disorder", page=page.number, order=order)
    return None


def _stale(pages: list[Page], limit: timedelta, skew: float | None) -> CrawlWarning | None:
    newest = next((page.last_created_at for page in reversed(pages) if page.last_created_at is not None), None)
    created = _readable(newest)
    if created is None:
        return CrawlWarning.of("no_creation_time", found=newest)
    age = datetime.fromisoformat(pages[-1].fetched_at) - created
    if skew is not None and -age > timedelta(seconds=skew):
        return CrawlWarning.of("created_in_future", ahead=str(-age))
    if age <= limit:
        return None
    return CrawlWarning.of("stale", age=str(age), limit=str(limit))
