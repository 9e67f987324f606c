"""Whether the Hub gives what a crawl needs: two small pages as a crawl asks for them, and no second attempt."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import httpx2  # the transport of huggingface_hub: its errors are what its functions raise

from crawler.errors import HubGenealogyError
from crawler.hub.client import RETRIED_STATUSES, next_page, page_models
from crawler.hub.transport import BrokenAnswerError, Received, StatusError, Transport, unreachable
from crawler.hub.walk import first_url
from crawler.operations.check import Check, fail, ok, warn
from crawler.operations.clock import check_hub_clock
from crawler.records.listings import MODELS
from crawler.records.page import read_record
from crawler.settings import Settings

if TYPE_CHECKING:
    from huggingface_hub.utils import RateLimitInfo

SECONDS = 15.0
PAGE_SIZE = 10
# Fields that the Hub gives for every model, among those that a crawl relies on.
ALWAYS_GIVEN = ("createdAt", "lastModified", "tags", "downloads", "likes")


class _NoListingError(Exception):
    """The Hub answers, but not with what a walk needs."""


def check_hub(settings: Settings) -> Iterator[Check]:
    """Whether the Hub can be asked, whether its clock agrees with this one, and whether its listing can be walked."""
    try:
        transport = Transport(settings, at_most=SECONDS)
        url = first_url(transport.endpoint, PAGE_SIZE, "full", MODELS)
        received = transport.get(url)
        now = datetime.now(UTC)
    except HubGenealogyError as error:
        yield fail("hub", str(error))
    except StatusError as error:
        yield _refused(settings, error)
    except (httpx2.HTTPError, BrokenAnswerError) as error:
        yield fail("hub", unreachable(settings["hub.endpoint"], error))
    else:
        if refused := settings.token_refused:
            yield warn("token", refused)
        access = "the token is accepted" if _with_token(settings) else "no token (HF_TOKEN: a higher quota)"
        yield ok("hub", f"{transport.endpoint} answers; {access}; {_quota(received.rate)}")
        yield check_hub_clock(received.date, now, settings["hub.max_clock_skew"])
        yield _listing(transport, received, url)


def _listing(transport: Transport, received: Received, url: str) -> Check:
    try:
        count = _walk(transport, received, url)
    except HubGenealogyError as error:
        return fail("listing", str(error))
    except (_NoListingError, BrokenAnswerError) as error:
        return fail(
            "listing", f"{transport.endpoint} serves no listing that can be walked ({error}): check HF_ENDPOINT"
        )
    except StatusError as error:
        said = f"the second page of {transport.endpoint} {error}"
        if error.status in RETRIED_STATUSES:
            return warn("listing", f"{said}: a crawl asks again until hub.patience is used up")
        return fail(
            "listing", f"{said} ({error.reason or 'no reason given'}): its Link cannot be followed; check HF_ENDPOINT"
        )
    except httpx2.HTTPError as error:
        return fail("listing", unreachable(transport.endpoint, error))
    return ok(
        "listing",
        f"{count} models in order of creation, with the fields of every model and a Link that can be followed",
    )


def _walk(transport: Transport, received: Received, url: str) -> int:
    """Check the first page and the one that it links to; return how many models are on them."""
    pages = [_records(received)]
    following = next_page(transport, received, url)
    if following is not None:
        if following == url:
            raise _NoListingError("the Link of its first page leads back to that page")
        pages.append(_records(transport.get(following)))
    elif len(pages[0]) >= PAGE_SIZE:
        raise _NoListingError(f"its first page of {len(pages[0])} models has no Link to a second one")
    if not pages[0]:
        raise _NoListingError("it lists no model")
    for page in filter(None, pages):
        found = {name for record in page if isinstance(record, dict) for name in record}
        if lacking := [name for name in ("_id", "id", *ALWAYS_GIVEN) if name not in found]:
            raise _NoListingError(f"its models come without {', '.join(lacking)}")
    records = [record for page in pages for record in page]
    keys = [str(record.get("_id")) for record in records if isinstance(record, dict)]
    if any(after <= before for before, after in pairwise(keys)):
        raise _NoListingError("its models do not come in order of creation, oldest first, each once")
    return len(records)


def _records(received: Received) -> list[Any]:
    return [read_record(kept) for kept in page_models(received, PAGE_SIZE)]


def _refused(settings: Settings, error: StatusError) -> Check:
    endpoint, status = settings["hub.endpoint"], error.status
    if status == 429:
        quota = _quota(error.rate)
        return warn("hub", f"{endpoint} answers 429, the quota is used up: {quota}; a crawl waits for more")
    if status in RETRIED_STATUSES:
        return warn("hub", f"{endpoint} answers {status}: a crawl asks again until hub.patience is used up")
    if status in (401, 403) and _with_token(settings):
        return fail("hub", f"{endpoint} refuses the token with {status}: put a valid read token into HF_TOKEN")
    return fail("hub", f"{endpoint} answers {status} ({error.reason[:300] or 'no reason given'}): check HF_ENDPOINT")


def _with_token(settings: Settings) -> bool:
    return bool((settings["hub.token"] or "").strip()) and settings.token_refused is None


def _quota(rate: "RateLimitInfo | None") -> str:
    if rate is None:
        return "it names no quota"
    of = f" of {rate.limit}" if rate.limit is not None else ""
    return f"{rate.remaining}{of} requests left for {rate.reset_in_seconds} s"
