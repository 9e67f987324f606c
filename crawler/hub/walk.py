"""The walk over one of the Hub's listings: oldest first, page by page, into the archive.

In ascending order of creation, a walk sees every repository that exists throughout it exactly once: new ones come at the
end. A walk that reaches the end may still have missed models: `verdict` decides, and gives its reasons.
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
from crawler.hub.archive import Archive, DamagedArchiveError, Page
from crawler.hub.client import Answer, HubClient
from crawler.hub.transport import BrokenAnswerError
from crawler.manifests import CrawlManifest
from crawler.readable import duration
from crawler.records.bounds import bounds_of
from crawler.records.forgetting import Forgotten
from crawler.records.listings import LISTINGS, Listing
from crawler.signals import finishing

logger = logging.getLogger(__name__)

# An increment reads this far back beyond its mark: clocks differ, and the listing shows changes late.
OVERLAP = timedelta(days=1)


@dataclass(frozen=True)
class Verdict:
    """Whether a walk saw every model; if not, the reasons."""

    complete: bool
    reasons: tuple[CrawlWarning, ...] = ()


def first_url(endpoint: str, page_size: int, kind: str, listing: Listing) -> str:
    """Return the address of the first page, with the fields that a crawl uses.

    A full crawl sorts by creation, oldest first; an increment sorts by modification, newest first.
    """
    order = [("sort", "createdAt"), ("direction", "1")] if kind == "full" else [("sort", "lastModified")]
    query = [*order, ("limit", str(page_size)), *(("expand", field) for field in listing.expand)]
    return f"{endpoint}/api/{listing.name}?{urlencode(query)}"


def walk(
    client: HubClient,
    archive: Archive,
    *,
    clock: Callable[[], datetime],
    arrived: Callable[[list[Page]], None],
    forgotten: Forgotten,
) -> list[Page]:
    """Walk the listing from the last archived page to the end; return all pages.

    An increment ends at the first page older than `since`, a sample after `max_models` models. `arrived` receives the
    pages so far after each one. No stored page has the name of a `forgotten` owner.

    Raises the errors of `HubClient.page`; the archived pages are kept.
    """
    crawl = archive.crawl
    pages = archive.pages()
    while pages and pages[-1].models == 0:
        # Empty pages at the end of an interrupted walk were part of the fault: request them again.
        archive.drop_last(pages.pop())
    visited = {page.url for page in pages}
    seen = sum(page.models for page in pages)
    url = next_url(client, pages, crawl)
    if pages:
        logger.info("resuming the walk after page %d (%d models)", len(pages), seen)
    clock_checked = False
    while url is not None and not _far_enough(pages, seen, crawl):
        answer = client.page(url, visited, crawl.page_size)
        if not clock_checked:
            check_clock(answer.date, clock(), crawl.max_clock_skew)
            clock_checked = True
        if answer.next is None or not _goes_on(answer, pages, crawl.kind):
            # Either the last page, or a page that lost its Link, its models or its order. A second request is cheap.
            answer = client.page(url, visited, crawl.page_size)
        visited.add(url)
        stored = forgotten.page(b"[" + b",".join(answer.models) + b"]")
        page = _page(len(pages) + 1, url, answer, stored, clock())
        with finishing():
            archive.add(page, stored)
        pages.append(page)
        seen += page.models
        arrived(pages)
        url = page.next
    return pages


def next_url(client: HubClient, pages: list[Page], crawl: CrawlManifest) -> str | None:
    """Return the address with which a walk goes on after `pages`; None if they reach the end.

    The archive may come from somebody else: its address is held to what an address from the Hub is held to. Raises
    DamagedArchiveError.
    """
    first = first_url(client.endpoint, crawl.page_size, crawl.kind, LISTINGS[crawl.listing])
    link = pages[-1].next if pages else first
    try:
        return None if link is None else client.following(link, first)
    except (HubGenealogyError, BrokenAnswerError) as error:
        raise DamagedArchiveError(f"its page {len(pages)} does not lead to a page of the Hub ({error})") from None


def check_clock(hub: datetime | None, now: datetime, limit: float | None) -> None:
    """Raise HubGenealogyError if this machine's clock differs from the Hub's by more than `limit` seconds.

    Wrong times would stay in the graph, and increments would miss the changes in between.
    """
    if hub is None or limit is None or abs((now - hub).total_seconds()) <= limit:
        return
    raise HubGenealogyError(
        f"this machine's clock says {now:%Y-%m-%d %H:%M:%S} UTC, the Hub's {hub:%Y-%m-%d %H:%M:%S}: set the clock right "
        "(NTP), or raise hub.max_clock_skew, and run the same command again"
    )


def _goes_on(answer: Answer, pages: list[Page], kind: str) -> bool:
    """Whether the page has models and, in a full walk, they are newer than those of the previous pages."""
    if not answer.models or kind != "full":
        return bool(answer.models)
    first = bounds_of(answer.models).first_key
    before = next((page.last for page in reversed(pages) if page.last is not None), None)
    return first is None or before is None or first > before


def _far_enough(pages: list[Page], seen: int, crawl: CrawlManifest) -> bool:
    if crawl.max_models is not None and seen >= crawl.max_models:
        return True
    # The comparison is strict: other models may have changed in the same millisecond as the mark.
    return bool(pages) and crawl.since is not None and _time(pages[-1].last_modified_at) < crawl.since


def _time(text: str | None) -> datetime:
    """Parse an ISO 8601 time. Unparseable text becomes datetime.max, so it never ends a walk early."""
    return _readable(text) or datetime.max.replace(tzinfo=UTC)


def _readable(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _page(number: int, url: str, answer: Answer, stored: bytes, now: datetime) -> Page:
    ends = bounds_of(answer.models)
    return Page(
        number=number,
        url=url,
        next=answer.next,
        sha256=hashlib.sha256(stored).hexdigest(),
        bytes=len(stored),
        received_sha256=hashlib.sha256(answer.body).hexdigest(),
        received_bytes=len(answer.body),
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
    """Decide whether `pages` are the whole listing. `crawl` is the manifest of the walk.

    An increment is never complete.
    """
    reasons = []
    if not pages or sum(page.models for page in pages) == 0:
        reasons.append(CrawlWarning("empty_listing"))
    if crawl.max_models is not None:
        reasons.append(CrawlWarning.of("sample", models=crawl.max_models))
    elif crawl.kind == "full" and pages and pages[-1].next is not None:
        reasons.append(CrawlWarning("link_back"))
    # The last page may be empty if the page before it was full.
    reasons += [CrawlWarning.of("empty_page", page=page.number) for page in pages[:-1] if page.models == 0][:1]
    if disorder := _disorder(pages, crawl.kind):
        reasons.append(disorder)
    if crawl.kind == "full" and crawl.max_tail_age is not None and pages:
        reasons += filter(None, [_stale(pages, timedelta(seconds=crawl.max_tail_age), crawl.max_clock_skew)])
    return Verdict(complete=crawl.kind == "full" and not reasons, reasons=tuple(reasons))


def high_water_mark(pages: list[Page], result: Verdict, crawl: CrawlManifest) -> datetime | None:
    """Return the time up to which this walk saw every change; None if it does not extend the previous mark.

    For a complete sweep, this is its start by the Hub's clock (the `Date` header of the first page). For an increment, it
    is the time of the first row. Models that change during the walk are seen again by the next one.
    """
    if crawl.kind == "full":
        start = _readable(pages[0].hub_date) if pages else None
        return (start or crawl.started_at) if result.complete else None
    return _readable(pages[0].first_modified_at) if pages and not result.reasons else None


def _disorder(pages: list[Page], kind: str) -> CrawlWarning | None:
    """Warn about pages out of order: some may be missing, or the last one may not be the end of the listing."""
    if kind == "full":
        bounds = [(page, page.first, page.last) for page in pages if page.first is not None and page.last is not None]
        order, pairs = "creation", [(b[0], a[2], b[1]) for a, b in pairwise(bounds)]
    else:
        times = [
            (p, p.last_modified_at, p.first_modified_at) for p in pages if p.last_modified_at and p.first_modified_at
        ]
        # A model that changes during the walk moves to the front and shifts the others back, so equal times may repeat.
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
        return CrawlWarning.of("created_in_future", ahead=duration(-age.total_seconds()))
    if age <= limit:
        return None
    return CrawlWarning.of("stale", age=duration(age.total_seconds()), limit=duration(limit.total_seconds()))
