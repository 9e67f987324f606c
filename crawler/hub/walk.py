"""The walk over the Hub's whole model list: oldest first, page by page, into the archive.

By creation time, ascending, nothing that exists throughout the walk can be missed or met twice: new models come at the
end. A walk that ended is not yet a walk that saw everything: `verdict` says which, with its reasons.
"""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

from crawler.hub.archive import Archive, Page
from crawler.hub.client import Answer, HubClient
from crawler.records.record import EXPAND

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Verdict:
    """Whether a walk saw everything; where not, why not."""

    complete: bool
    reasons: tuple[str, ...] = ()


def first_url(endpoint: str, page_size: int) -> str:
    """The address of the first page: sorted by creation, ascending, with the fields a crawl uses."""
    query = [("sort", "createdAt"), ("direction", "1"), ("limit", str(page_size)), *(("expand", f) for f in EXPAND)]
    return f"{endpoint}/api/models?{urlencode(query)}"


def walk(
    client: HubClient,
    archive: Archive,
    *,
    page_size: int,
    max_models: int | None,
    clock: Callable[[], datetime],
    progress: Callable[[int], None],
) -> list[Page]:
    """Walk the listing from where `archive` stands to its end, or until `max_models` are in; return every page.

    `progress` is told the number of models so far. Errors as for `HubClient.page`; what was walked is kept.
    """
    archive.mend()
    pages = archive.pages()
    visited = {page.url for page in pages}
    seen = sum(page.models for page in pages)
    url = pages[-1].next if pages else first_url(client.endpoint, page_size)
    if pages:
        logger.info("the walk goes on after page %d (%d models)", len(pages), seen)
    while url is not None and url not in visited and (max_models is None or seen < max_models):
        answer = client.page(url, visited)
        if answer.next is None:
            # The last page, or one whose Link was lost on the way: once in a walk, asking twice costs little.
            answer = client.page(url, visited)
        visited.add(url)
        page = _page(len(pages) + 1, url, answer, clock())
        archive.add(page, answer.body)
        pages.append(page)
        seen += page.models
        progress(seen)
        url = page.next
    return pages


def _page(number: int, url: str, answer: Answer, now: datetime) -> Page:
    keys = [key for record in answer.models if isinstance(key := _field(record, "_id"), str)]
    created = [time for record in answer.models if isinstance(time := _field(record, "createdAt"), str)]
    return Page(
        number=number,
        url=url,
        next=answer.next,
        sha256=hashlib.sha256(answer.body).hexdigest(),
        bytes=len(answer.body),
        models=len(answer.models),
        first=keys[0] if keys else None,
        last=keys[-1] if keys else None,
        last_created_at=created[-1] if created else None,
        fetched_at=now.isoformat(timespec="milliseconds"),
    )


def _field(record: Any, name: str) -> Any:
    return record.get(name) if isinstance(record, dict) else None


def verdict(pages: list[Page], *, max_models: int | None, max_tail_age: timedelta | None) -> Verdict:
    """Whether `pages` are the whole listing. `max_tail_age` None: the age of the newest model says nothing here."""
    reasons = []
    models = sum(page.models for page in pages)
    if not pages or models == 0:
        return Verdict(complete=False, reasons=("the listing is empty",))
    if max_models is not None:
        reasons.append(f"a sample of {max_models} models was asked for")
    elif pages[-1].next is not None:
        reasons.append("the last page links back to a page that was walked")
    named = [page for page in pages if page.first is not None and page.last is not None]
    for before, after in pairwise(named):
        if str(after.first) <= str(before.last):
            reasons.append(f"page {after.number} does not come after page {before.number} in order of creation")
            break
    if max_tail_age is not None and (stale := _stale(pages, max_tail_age)):
        reasons.append(stale)
    return Verdict(complete=not reasons, reasons=tuple(reasons))


def _stale(pages: list[Page], limit: timedelta) -> str | None:
    newest = next((page.last_created_at for page in reversed(pages) if page.last_created_at is not None), None)
    try:
        created = datetime.fromisoformat(newest or "")
    except ValueError:
        return f"the newest model has no readable time of creation ({newest!r})"
    if created.tzinfo is None:
        created = created.replace(tzinfo=UTC)
    age = datetime.fromisoformat(pages[-1].fetched_at) - created
    if age <= limit:
        return None
    return f"the newest model is {age} old, above sweep.max_tail_age ({limit}): a part of the listing may be missing"
