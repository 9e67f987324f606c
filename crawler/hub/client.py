"""The Hub over HTTP: how fast it may be asked, what is waited out, what is refused, and what counts as a page.

| what comes | what is done |
|---|---|
| 429 | the rate window's end is waited for; costs no patience, unless a day of windows lets nothing through |
| 408, 425, 5xx, no connection, silence, a transfer cut off | asked again until `hub.patience` is used up: exit 75 |
| 200 with what is no page: HTML, cut JSON, a Link back | asked again some times, then exit 75 |
| a Link to another host | followed on the set endpoint |
| a Link to something else than the listing | exit 1 |
| 400, 401, 403, 404 | the request itself is refused: exit 1 with the Hub's reason |
"""

import logging
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import httpx2
import tenacity
from huggingface_hub.utils import RateLimitInfo

from crawler.errors import HubGenealogyError, HubUnreachableError
from crawler.hub.archive import Detail
from crawler.hub.transport import (
    BrokenAnswerError,
    Received,
    StatusError,
    Transport,
    one_line,
    unreachable,
)
from crawler.records.page import PageError, read_page
from crawler.settings import Settings

logger = logging.getLogger(__name__)
# The client writes to stderr by itself, as text; its lines belong among ours.
logging.getLogger("huggingface_hub").handlers.clear()
logging.getLogger("huggingface_hub").propagate = True

PASSING = frozenset({408, 425, 429, 500, 501, 502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 529, 530})
# A model that the Hub does not show: missing, private, blocked, removed for good or by law.
HIDDEN = frozenset({401, 403, 404, 410, 451})
# An answer that is no page so often in a row is not going to heal while we wait.
BROKEN_ATTEMPTS = 6
LONGEST_WAIT = 300.0
# The Hub's rate windows are 300 s long: a day in which none lets one request through is an outage.
WINDOWS_A_DAY = 288


@dataclass(frozen=True)
class Answer:
    """A page: its bytes as received, the objects in it, the address of the next one, and the Hub's clock."""

    body: bytes
    models: list[Any]
    next: str | None
    date: datetime | None = None


class HubClient:
    """Asks the Hub at one endpoint; the token goes there and nowhere else.

    `sleep` and `monotonic` are the clock: all waiting is done here, none inside the library.
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
        self._window_ends: float | None = None

    def page(self, url: str, walked: frozenset[str] | set[str] = frozenset()) -> Answer:
        """The page at `url`, whose Link must not lead to one of `walked`.

        Raises HubUnreachableError (75) when patience is used up or the answer stays no page, HubGenealogyError for
        what no waiting mends.
        """
        answer: Answer = self._patiently(lambda: self._page(url, walked), url)
        return answer

    def detail(self, name: str, patience: timedelta | None = None) -> Detail:
        """What the Hub answers for the repository `name`, redirects followed; errors as for `page`.

        `patience`: how long an outage is waited out, where that is less than for a page.
        """
        url = f"{self.endpoint}/api/models/{quote(name, safe='/')}"
        answer: Detail = self._patiently(lambda: self._detail(url), url, patience)
        return answer

    def _page(self, url: str, walked: frozenset[str] | set[str]) -> Answer:
        received = self._get(url)
        models = page_models(received)
        following = next_page(self._transport, received, url)
        if following is not None and (following == url or following in walked):
            raise BrokenAnswerError("its Link leads back to a page that was walked")
        return Answer(received.body, models, following, received.date)

    def _detail(self, url: str) -> Detail:
        for _hop in range(5):
            try:
                received = self._get(url)
            except StatusError as error:
                if error.status in HIDDEN:
                    return Detail(error.status)
                raise
            if received.status == 200:
                return _detail(received.body)
            target = self._transport.here(received.location or url, url)
            if target is None or not target.startswith(f"{self.endpoint}/api/models/"):
                break
            url = target
        raise BrokenAnswerError("its redirects lead nowhere")

    def _get(self, url: str) -> Received:
        """One request, once the rate window allows it."""
        if self._window_ends is not None:
            self._sleep(max(0.0, self._window_ends - self._monotonic()))
            self._window_ends = None
        received = self._transport.get(url)
        self._note_rate(received.rate)
        return received

    def _note_rate(self, rate: RateLimitInfo | None) -> None:
        """Wait for the next window once this one is used up, except for one request in a hundred, left to others."""
        if rate is not None and rate.remaining <= max(1, (rate.limit or 0) // 100):
            seconds = _until_reset(rate)
            logger.info("the rate window is used up: going on in %d s", seconds)
            self._window_ends = self._monotonic() + seconds

    def _patiently(self, ask: Callable[[], Any], url: str, at_most: timedelta | None = None) -> Any:
        patience = _Patience(self._patience if at_most is None else min(self._patience, at_most.total_seconds()))
        policy = tenacity.Retrying(
            retry=tenacity.retry_if_exception(_passes),
            wait=patience.wait,
            stop=patience.is_over,
            sleep=self._sleep,
            before_sleep=_say,
            reraise=True,
        )
        try:
            return policy(ask)
        except BrokenAnswerError as error:
            raise HubUnreachableError(
                f"the Hub's answer for {url} stays broken ({error}): run the same command again later, it goes on from there"
            ) from None
        except StatusError as error:
            if error.status in PASSING:
                raise HubUnreachableError(
                    f"the Hub at {self.endpoint} {error}: run the same command again later, it goes on from there"
                ) from None
            raise HubGenealogyError(f"the Hub refuses {url} with {error.status}: {_explained(error, url)}") from None
        except httpx2.HTTPError as error:
            raise HubUnreachableError(
                f"{unreachable(self.endpoint, error)}, then run the same command again, it goes on from there"
            ) from None


class _Patience:
    """How long one answer is waited for. Waiting for a rate window uses none of it, for a day of windows in a row."""

    def __init__(self, seconds: float) -> None:
        self._left = seconds
        self._backoff = tenacity.wait_exponential_jitter(initial=1, max=LONGEST_WAIT)
        self._over = False
        self._broken = self._windows = 0

    def wait(self, state: tenacity.RetryCallState) -> float:
        """The seconds until the next attempt; asked before `is_over`."""
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
        return self._over or self._broken >= BROKEN_ATTEMPTS


def page_models(received: Received) -> list[Any]:
    """The objects of a page; BrokenAnswerError for what is no page."""
    if received.status != 200:
        raise BrokenAnswerError(f"status {received.status}")
    try:
        return read_page(received.body)
    except PageError as error:
        raise BrokenAnswerError(str(error)) from None


def next_page(transport: Transport, received: Received, url: str) -> str | None:
    """Where the page after the one at `url` is, on the set endpoint; None on the last page.

    Raises HubGenealogyError for a Link to something else than this listing, which asking again does not mend.
    """
    if received.link is None:
        return None
    target = transport.here(received.link, url)
    if target is None or urlsplit(target).path != urlsplit(url).path:
        raise HubGenealogyError(
            f"the Link of {url} leads to {one_line(received.link, 200)!r}, which is no page of this listing: set HF_ENDPOINT "
            "to the Hub, or to a mirror that serves its listing"
        )
    return target


def _detail(body: bytes) -> Detail:
    try:
        [record] = read_page(b"[" + body + b"]")
    except (PageError, ValueError):
        raise BrokenAnswerError("a detail answer that is no JSON") from None
    key, name = (record.get("_id"), record.get("id")) if isinstance(record, dict) else (None, None)
    if not isinstance(key, str) or not isinstance(name, str):
        raise BrokenAnswerError("a detail answer without _id and id")
    return Detail(200, key, name, private=record.get("private") is True, disabled=record.get("disabled") is True)


def _error(state: tenacity.RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None


def _explained(error: StatusError, url: str) -> str:
    """Why the Hub refuses `url`, and what follows from that."""
    reason = error.reason or "no reason given"
    if error.status == 401:
        return f"{reason}; check HF_TOKEN"
    if error.status == 400 and "expand" in reason:
        # It says what it knows, not what it did not.
        asked = [value for name, value in parse_qsl(urlsplit(url).query) if name in ("expand", "expand[]")]
        unknown = [name for name in asked if not re.search(rf"\b{re.escape(name)}\b", reason)]
        return f"it does not know the field {', '.join(unknown)}: {reason}" if unknown else reason
    return reason


def _until_reset(rate: RateLimitInfo) -> float:
    """Seconds to wait until the rate window has ended; where that is said to be far off, to the next look at it."""
    return min(rate.reset_in_seconds, LONGEST_WAIT) + 1


def _rate_wait(error: BaseException | None) -> float | None:
    """Seconds to wait, where `error` says that the rate window is used up."""
    if not isinstance(error, StatusError) or error.status != 429:
        return None
    return _until_reset(error.rate) if error.rate is not None and error.rate.remaining == 0 else None


def _passes(error: BaseException) -> bool:
    if isinstance(error, StatusError):
        return error.status in PASSING
    return isinstance(error, BrokenAnswerError | httpx2.TransportError | httpx2.DecodingError)


def _say(state: tenacity.RetryCallState) -> None:
    seconds = state.next_action.sleep if state.next_action else 0
    logger.warning("the Hub: %s; asking again in %.0f s", _named(_error(state)), seconds)


def _named(error: BaseException | None) -> str:
    ours = isinstance(error, BrokenAnswerError | StatusError)
    return one_line(str(error) if ours else f"{type(error).__name__}: {error}", 200)
