"""The HTTP client of the Hub: rate limits, retries, refusals, and what counts as a page.

| the Hub answers | the client |
|---|---|
| 429 | waits for the next rate window; this uses no patience, unless a day of windows lets nothing through |
| 408, 425, 5xx, no connection, no data, a transfer cut off | retries until `hub.patience` is used up, then exit 75 |
| 200 with a malformed page: HTML, cut JSON, a Link back, more models than asked for | retries a few times, then exit 75 |
| a Link to another host | follows it at the configured endpoint |
| a Link to anything but the listing | exit 1 |
| 400, 401, 403, 404 | exit 1 with the Hub's reason: a retry would not help |
"""

import logging
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import httpx2
import tenacity

from crawler.errors import HubGenealogyError, HubUnreachableError
from crawler.hub.archive import Detail, Publisher
from crawler.hub.rates import CACHED_FILES, LONGEST_WAIT, Windows, until_reset
from crawler.hub.transport import (
    BrokenAnswerError,
    Received,
    StatusError,
    Transport,
    one_line,
    unreachable,
)
from crawler.readable import duration
from crawler.records.listed import kept_records
from crawler.records.listings import MODELS, Listing
from crawler.records.page import PageError, read_page
from crawler.records.record import identity
from crawler.records.weights import WeightFile, weight_files
from crawler.settings import Settings

logger = logging.getLogger(__name__)
# huggingface_hub logs to stderr as text; propagate its messages to our handlers instead.
logging.getLogger("huggingface_hub").handlers.clear()
logging.getLogger("huggingface_hub").propagate = True

RETRIED_STATUSES = frozenset({408, 425, 429, 500, 501, 502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 529, 530})
# A model that the Hub does not show: missing, private, blocked, removed for good or by law.
HIDDEN = frozenset({401, 403, 404, 410, 451})
# Give up after this many malformed pages in a row.
MAX_MALFORMED_PAGES = 6
# Of a card's text, so much is read: what a model derives from stands at its beginning.
LONGEST_CARD = 2**20
# Where the text of a repository's card is, below its name.
CARD = "/resolve/main/README.md"
ORGANISATION, PERSON = "organisation", "person"
# What the Hub says of an owner, by kind. The wrong kind answers 404. Owners whom many models follow are mostly organisations.
OVERVIEWS = {ORGANISATION: "/api/organizations/{}/overview", PERSON: "/api/users/{}/overview"}
# A failure that passes within these seconds is no warning: they happen every night.
SOON = 60.0
# The Hub's rate windows last 300 s. A day of windows that let no request through is an outage.
WINDOWS_A_DAY = 288


@dataclass(frozen=True)
class Answer:
    """A page: its bytes as received, what is kept of each record, the address of the next one, and the Hub's clock."""

    body: bytes
    models: list[bytes]
    next: str | None
    date: datetime | None = None


class HubClient:
    """Sends requests to one endpoint. The token is sent only there.

    Several threads may ask at a time. `sleep` and `monotonic` can be replaced in tests: all waiting happens here, none inside
    huggingface_hub.
    """

    def __init__(
        self,
        settings: Settings,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._transport = Transport(settings, monotonic)
        self.endpoint = self._transport.endpoint
        self._patience: float = settings["hub.patience"].total_seconds()
        self._sleep, self._monotonic = sleep, monotonic
        self._windows = Windows(sleep, monotonic)

    def page(self, url: str, walked: frozenset[str] | set[str] = frozenset(), at_most: int | None = None) -> Answer:
        """Get the page at `url`, of at most `at_most` models; its Link must not lead to an address in `walked`.

        Raises HubUnreachableError (75) when patience is used up or the page stays malformed, and HubGenealogyError
        where a retry would not help.
        """
        answer: Answer = self._patiently(lambda: self._page(url, walked, at_most), url)
        return answer

    def following(self, link: str, url: str) -> str:
        """Return the address of the page that `link`, found on the page at `url`, leads to; errors as for `follow`."""
        return follow(self._transport, link, url)

    def detail(self, name: str, patience: timedelta | None = None, listing: Listing = MODELS) -> Detail:
        """Get the Hub's record of the repository `name` of a listing, following redirects; raises the same errors as `page`.

        `patience` limits the time for retries, if it is shorter than `hub.patience`.
        """
        place = f"{self.endpoint}/api/{listing.name}/"
        url = f"{place}{quote(name, safe='/')}"
        answer: Detail = self._patiently(lambda: self._detail(url, place)[0], url, patience)
        return answer

    def files(self, name: str, patience: timedelta | None = None) -> tuple[Detail, tuple[WeightFile, ...]]:
        """Get the same record, and the files that hold its weights; raises the same errors."""
        place = f"{self.endpoint}/api/{MODELS.name}/"
        url = f"{place}{quote(name, safe='/')}"
        answer: tuple[Detail, tuple[WeightFile, ...]] = self._patiently(
            lambda: self._detail(url, place, "blobs=true"), url, patience
        )
        return answer

    def card(self, name: str, patience: timedelta | None = None) -> tuple[Detail, bytes]:
        """Get the first LONGEST_CARD bytes of the README of the repository `name`; raises the same errors.

        Where the Hub does not give the file, the status says so: the token is never sent to another host. A redirect to another
        name is no answer (status 0): the name was given up since it was listed.
        """
        url = f"{self.endpoint}/{quote(name, safe='/')}{CARD}"
        answer: tuple[Detail, bytes] = self._patiently(lambda: self._card(url), url, patience)
        return answer

    def owner(self, name: str, patience: timedelta | None = None) -> tuple[int, Publisher | None]:
        """Ask whether the owner `name` is an organisation or a person; raises the same errors as `page`.

        Returns the status of the last answer with it; 404 means that the Hub knows neither.
        """
        status = 404
        for kind, path in OVERVIEWS.items():
            url = f"{self.endpoint}{path.format(quote(name, safe=''))}"
            answer: tuple[int, Publisher | None] = self._patiently(partial(self._owner, url, kind), url, patience)
            status, publisher = answer
            if status != 404:
                return status, publisher
        return status, None

    def _owner(self, url: str, kind: str) -> tuple[int, Publisher | None]:
        try:
            received = self._get(url)
        except StatusError as error:
            if error.status in HIDDEN:
                return error.status, None
            raise
        if received.status != 200:
            return received.status, None
        verified = _record(received.body).get("isVerified") if kind == ORGANISATION else None
        return 200, Publisher(kind, verified if isinstance(verified, bool) else None)

    def _card(self, url: str) -> tuple[Detail, bytes]:
        try:
            received = self._get(url, LONGEST_CARD)
            if 300 <= received.status < 400:
                target = self._transport.here(received.location or url, url)
                if (received.location or "").endswith(CARD):
                    return Detail(0), b""
                if target is None or not target.startswith(f"{self.endpoint}{CACHED_FILES}"):
                    return Detail(received.status), b""
                received = self._get(target, LONGEST_CARD)
        except StatusError as error:
            if error.status in HIDDEN:
                return Detail(error.status), b""
            raise
        return Detail(received.status), received.body if received.status == 200 else b""

    def _page(self, url: str, walked: frozenset[str] | set[str], at_most: int | None) -> Answer:
        received = self._get(url)
        models = page_models(received, at_most)
        following = next_page(self._transport, received, url)
        if following is not None and (following == url or following in walked):
            raise BrokenAnswerError("its Link leads back to an earlier page")
        return Answer(received.body, models, following, received.date)

    def _detail(self, url: str, place: str, query: str = "") -> tuple[Detail, tuple[WeightFile, ...]]:
        for _hop in range(5):
            try:
                # A redirect need not repeat the query.
                received = self._get(f"{url.partition('?')[0]}?{query}" if query else url)
            except StatusError as error:
                if error.status in HIDDEN:
                    return Detail(error.status), ()
                raise
            if received.status == 200:
                return _detail(received.body)
            target = self._transport.here(received.location or url, url)
            if target is None or not target.startswith(place):
                break
            url = target
        raise BrokenAnswerError("its redirects lead nowhere")

    def _get(self, url: str, first: int | None = None) -> Received:
        """Send one request as soon as the rate window of its bucket allows it."""
        with self._windows.sending(url) as sent:
            try:
                received = self._transport.get(url, first)
            except StatusError as error:
                sent.rate = error.rate if error.status != 429 else None  # `_patiently` waits
                raise
            sent.rate = received.rate
            return received

    def _patiently(self, ask: Callable[[], Any], url: str, at_most: timedelta | None = None) -> Any:
        seconds = self._patience if at_most is None else min(self._patience, at_most.total_seconds())
        patience = _Patience(seconds, self._monotonic)
        policy = tenacity.Retrying(
            retry=tenacity.retry_if_exception(_passes),
            wait=patience.wait,
            stop=patience.is_over,
            sleep=self._sleep,
            before_sleep=patience.say,
            reraise=True,
        )
        try:
            answer = policy(ask)
        except BrokenAnswerError as error:
            raise HubUnreachableError(
                f"the Hub's answer for {url} stays malformed ({error}): run the same command again later, it resumes from there"
            ) from None
        except StatusError as error:
            if error.status in RETRIED_STATUSES:
                raise HubUnreachableError(
                    f"the Hub at {self.endpoint} {error}: run the same command again later, it resumes from there"
                ) from None
            raise HubGenealogyError(f"the Hub refuses {url} with {error.status}: {_explained(error, url)}") from None
        except httpx2.HTTPError as error:
            raise HubUnreachableError(
                f"{unreachable(self.endpoint, error)}, then run the same command again, it resumes from there"
            ) from None
        patience.say_it_is_over()
        return answer


class _Patience:
    """Retry budget of one request. Rate-limit waits are free for up to a day."""

    def __init__(self, seconds: float, monotonic: Callable[[], float]) -> None:
        self._left = seconds
        self._monotonic, self._since = monotonic, monotonic()
        self._warned = False
        self._backoff = tenacity.wait_exponential_jitter(initial=1, max=LONGEST_WAIT)
        self._over = False
        self._broken = self._windows = 0

    def wait(self, state: tenacity.RetryCallState) -> float:
        """Return the seconds until the next attempt. tenacity calls this before `is_over`."""
        seconds = _rate_wait(_error(state))
        self._windows = self._windows + 1 if seconds is not None else 0
        if seconds is not None and self._windows <= WINDOWS_A_DAY:
            return seconds
        self._over = self._left <= 0
        seconds = min(self._backoff(state), max(self._left, 0.0))
        self._left -= seconds
        return seconds

    def is_over(self, state: tenacity.RetryCallState) -> bool:
        error = _error(state)
        self._broken = self._broken + 1 if isinstance(error, BrokenAnswerError | httpx2.DecodingError) else 0
        return self._over or self._broken >= MAX_MALFORMED_PAGES

    def say(self, state: tenacity.RetryCallState) -> None:
        """Say what went wrong, and how long the wait is: as a warning only if it may not pass soon."""
        seconds = state.next_action.sleep if state.next_action else 0
        if 0 < self._windows <= WINDOWS_A_DAY:
            level = logging.INFO
        else:
            level = logging.WARNING if self._monotonic() + seconds - self._since > SOON else logging.DEBUG
        self._warned |= level == logging.WARNING
        logger.log(level, "the Hub: %s; asking again in %.0f s", _named(_error(state)), seconds)

    def say_it_is_over(self) -> None:
        """Say that what was warned of has passed."""
        if self._warned:
            logger.info("the Hub answers again, after %s", duration(self._monotonic() - self._since))


def page_models(received: Received, at_most: int | None) -> list[bytes]:
    """Return what is kept of each record of a page, as JSON.

    Raises BrokenAnswerError for a malformed page, or one of more than `at_most`.
    """
    if received.status != 200:
        raise BrokenAnswerError(f"status {received.status}")
    try:
        return kept_records(received.body, at_most)
    except PageError as error:
        raise BrokenAnswerError(str(error)) from None


def next_page(transport: Transport, received: Received, url: str) -> str | None:
    """Return the address of the page after `url` at the configured endpoint; None on the last page.

    Raises HubGenealogyError for a Link to anything but this listing: a retry would not help.
    """
    return None if received.link is None else follow(transport, received.link, url)


def follow(transport: Transport, link: str, url: str) -> str:
    """Return the address at the configured endpoint that `link`, from the page at `url`, leads to.

    Raises HubGenealogyError if that is no page of the listing, BrokenAnswerError if it is no address.
    """
    target = transport.here(link, url)
    if target is None or urlsplit(target).path != urlsplit(url).path:
        raise HubGenealogyError(
            f"the Link of {url} leads to {one_line(link, 200)!r}, which is no page of this listing: set HF_ENDPOINT "
            "to the Hub, or to a mirror that serves its listing"
        )
    return target


def _record(body: bytes) -> dict[str, Any]:
    try:
        [record] = read_page(b"[" + body + b"]", 1)
    except (PageError, ValueError):
        raise BrokenAnswerError("a detail answer that is no JSON") from None
    if not isinstance(record, dict):
        raise BrokenAnswerError("a detail answer that is no JSON object")
    return record


def _detail(body: bytes) -> tuple[Detail, tuple[WeightFile, ...]]:
    record = _record(body)
    found = identity(record)
    if found is None:
        raise BrokenAnswerError("a detail answer without _id and id")
    private, disabled = record.get("private") is True, record.get("disabled") is True
    return Detail(200, *found, private=private, disabled=disabled), weight_files(record.get("siblings"))


def _error(state: tenacity.RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None


def _explained(error: StatusError, url: str) -> str:
    """Say why the Hub refuses `url`, and what to do about it."""
    reason = error.reason or "no reason given"
    if error.status == 401:
        return f"{reason}; check HF_TOKEN"
    if error.status == 400 and "expand" in reason:
        # The Hub lists the fields it knows, not the unknown one.
        asked = [value for name, value in parse_qsl(urlsplit(url).query) if name in ("expand", "expand[]")]
        unknown = [name for name in asked if not re.search(rf"\b{re.escape(name)}\b", reason)]
        return f"it does not know the field {', '.join(unknown)}: {reason}" if unknown else reason
    return reason


def _rate_wait(error: BaseException | None) -> float | None:
    """Return the seconds to wait if `error` says that the rate window is used up, else None."""
    if not isinstance(error, StatusError) or error.status != 429:
        return None
    return until_reset(error.rate) if error.rate is not None and error.rate.remaining == 0 else None


def _passes(error: BaseException) -> bool:
    if isinstance(error, StatusError):
        return error.status in RETRIED_STATUSES
    return isinstance(error, BrokenAnswerError | httpx2.TransportError | httpx2.DecodingError)


def _named(error: BaseException | None) -> str:
    ours = isinstance(error, BrokenAnswerError | StatusError)
    return one_line(str(error) if ours else f"{type(error).__name__}: {error}", 200)
