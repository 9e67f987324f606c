"""The Hub over HTTP: how fast it may be asked, what is waited out, what is refused, and what counts as a page.

| what comes | what is done |
|---|---|
| 429 | the rate window's end is waited for; costs no patience, unless a day of windows lets nothing through |
| 408, 425, 5xx, no connection, silence, a transfer cut off | asked again until `hub.patience` is used up: exit 75 |
| 200 with what is no page: HTML, cut JSON, a Link elsewhere | asked again some times, then exit 75 |
| 400, 401, 403, 404 | the request itself is refused: exit 1 with the Hub's reason |

Statuses are raised here and not by the client library, which stumbles over an error's body that is no JSON object or no
UTF-8, as the error pages of gateways are.
"""

import json
import logging
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

# The first request of a process asks for a list that only telemetry needs; the crawl's rate is for the crawl.
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

import httpx2  # the transport of huggingface_hub: its errors are what its functions raise
import tenacity
from huggingface_hub.utils import RateLimitInfo, build_hf_headers, http_stream_backoff, parse_ratelimit_headers

from crawler import __version__
from crawler.errors import HubGenealogyError, HubUnreachableError, UsageError
from crawler.hub.archive import Detail
from crawler.records.page import PageError, read_page
from crawler.settings import BY_NAME, Settings

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
# A page of a thousand records is some 1 MB, 3 MB with everything: beyond this it is an accident or an attack.
LARGEST_PAGE = 128 * 2**20
# Silence is bounded by hub.timeout; a byte a second is not silence, so the whole page has a bound too.
TIMEOUTS_A_PAGE = 5
# What stands in a header of ours: printable ASCII, and no space at its ends.
_HEADER = re.compile(r"[!-~](?:[ -~]*[!-~])?")


class BrokenPageError(Exception):
    """An answer that is no page of the listing."""


class StatusError(Exception):
    """An answer with the status of an error: `reason` is what the Hub said, `rate` what its headers said of the rate."""

    def __init__(self, status: int, reason: str, rate: RateLimitInfo | None) -> None:
        super().__init__(f"answers {status}")
        self.status, self.reason, self.rate = status, reason, rate


@dataclass(frozen=True)
class Answer:
    """A page as received: its bytes, the objects in it, and the address of the next one."""

    body: bytes
    models: list[Any]
    next: str | None
    date: datetime | None = None


@dataclass(frozen=True)
class _Received:
    status: int
    body: bytes
    next: str | None
    location: str | None


class _InTime(httpx2.SyncByteStream):
    """The bytes of an answer, looked at as they come in: compressed ones can be long in unfolding to anything."""

    def __init__(self, stream: httpx2.SyncByteStream, check: Callable[[], None]) -> None:
        self._stream, self._check = stream, check

    def __iter__(self) -> Iterator[bytes]:
        for part in self._stream:
            self._check()
            yield part

    def close(self) -> None:
        self._stream.close()


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
        self.endpoint: str = settings["hub.endpoint"]
        self._timeout: float = settings["hub.timeout"].total_seconds()
        self._patience: float = settings["hub.patience"].total_seconds()
        self._sleep, self._monotonic = sleep, monotonic
        self._window_ends: float | None = None
        token, contact = _sendable(settings, "hub.token"), _sendable(settings, "hub.contact")
        # `token=False`: never one that a login left on this machine, only the one that was set for us.
        self.headers: Mapping[str, str] = build_hf_headers(
            token=token or False,
            library_name="hub-genealogy",
            library_version=__version__,
            user_agent={"contact": contact} if contact else None,
        )

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
        if received.status != 200:
            raise BrokenPageError(f"status {received.status}")
        try:
            models = read_page(received.body)
        except PageError as error:
            raise BrokenPageError(str(error)) from None
        following = received.next
        if following is not None and not self._is_ours(following):
            raise BrokenPageError(f"its Link leads away from {self.endpoint}")
        if following is not None and (following == url or following in walked):
            raise BrokenPageError("its Link leads back to a page that was walked")
        return Answer(received.body, models, following)

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
            try:
                url = str(httpx2.URL(url).join(received.location or url))
            except httpx2.InvalidURL:
                break
            if not self._is_ours(url):
                break
        raise BrokenPageError("its redirects lead nowhere")

    def _get(self, url: str) -> _Received:
        """One request, no repetition. Raises StatusError for 4xx and 5xx."""
        if self._window_ends is not None:
            self._sleep(max(0.0, self._window_ends - self._monotonic()))
            self._window_ends = None
        deadline = self._monotonic() + TIMEOUTS_A_PAGE * self._timeout
        with http_stream_backoff(
            "GET", url, max_retries=0, retry_on_exceptions=(), retry_on_status_codes=(),
            headers=dict(self.headers), timeout=self._timeout, follow_redirects=False,
        ) as response:  # fmt: skip
            rate = parse_ratelimit_headers(response.headers)
            if response.status_code >= 400:
                body = b""
                with suppress(BrokenPageError, httpx2.DecodingError):  # the status says enough
                    body = self._body(response, deadline)
                raise StatusError(response.status_code, _reason(body), rate)
            self._note_rate(rate)
            body = self._body(response, deadline)
            following = response.links.get("next", {}).get("url")
            return _Received(response.status_code, body, following, response.headers.get("location"))

    def _body(self, response: httpx2.Response, deadline: float) -> bytes:
        """The whole body, unpacked; BrokenPageError where it is too large or too slow."""

        def check() -> None:
            if self._monotonic() > deadline:
                raise BrokenPageError(f"not whole after {TIMEOUTS_A_PAGE * self._timeout:.0f} s")

        if isinstance(response.stream, httpx2.SyncByteStream):
            response.stream = _InTime(response.stream, check)
        parts, size = [], 0
        for part in response.iter_bytes():
            parts.append(part)
            size += len(part)
            if size > LARGEST_PAGE:
                raise BrokenPageError(f"more than {LARGEST_PAGE >> 20} MiB")
        return b"".join(parts)

    def _note_rate(self, rate: RateLimitInfo | None) -> None:
        """Wait for the next window once this one is used up, but for one request in a hundred for others."""
        if rate is not None and rate.remaining <= max(1, (rate.limit or 0) // 100):
            seconds = _until_reset(rate)
            logger.info("the rate window is used up: going on in %d s", seconds)
            self._window_ends = self._monotonic() + seconds

    def _is_ours(self, url: str) -> bool:
        try:
            there, here = httpx2.URL(url), httpx2.URL(self.endpoint)
        except httpx2.InvalidURL:
            return False
        return (there.scheme, there.userinfo, there.netloc) == (here.scheme, here.userinfo, here.netloc)

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
        except BrokenPageError as error:
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
                f"the Hub at {self.endpoint} cannot be reached ({_named(error)}): check HF_ENDPOINT and the network, "
                "then run the same command again, it goes on from there"
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
        self._broken = self._broken + 1 if isinstance(error, BrokenPageError | httpx2.DecodingError) else 0
        return self._over or self._broken >= BROKEN_ATTEMPTS


def _detail(body: bytes) -> Detail:
    try:
        [record] = read_page(b"[" + body + b"]")
    except (PageError, ValueError):
        raise BrokenPageError("a detail answer that is no JSON") from None
    key, name = (record.get("_id"), record.get("id")) if isinstance(record, dict) else (None, None)
    if not isinstance(key, str) or not isinstance(name, str):
        raise BrokenPageError("a detail answer without _id and id")
    return Detail(200, key, name, private=record.get("private") is True, disabled=record.get("disabled") is True)


def _error(state: tenacity.RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None


def _sendable(settings: Settings, name: str) -> str | None:
    """The setting `name`, as a header of every request can hold it. Raises UsageError, which does not show it."""
    text = (settings[name] or "").strip()
    if text and _HEADER.fullmatch(text) is None:
        variable = BY_NAME[name].alias or BY_NAME[name].variable
        raise UsageError(f"{name} ({variable}) holds characters that cannot be sent: only printable ASCII can")
    return text or None


def _reason(body: bytes) -> str:
    """What an error's body says, in one line: its `error` where it is the Hub's, else all of it."""
    try:
        error = json.loads(body)["error"]
    except (ValueError, TypeError, LookupError, RecursionError):
        error = None
    return _one_line(error if isinstance(error, str) else body.decode(errors="replace"), 1000)


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
    return isinstance(error, BrokenPageError | httpx2.TransportError | httpx2.DecodingError)


def _say(state: tenacity.RetryCallState) -> None:
    seconds = state.next_action.sleep if state.next_action else 0
    logger.warning("the Hub: %s; asking again in %.0f s", _named(_error(state)), seconds)


def _named(error: BaseException | None) -> str:
    ours = isinstance(error, BrokenPageError | StatusError)
    return _one_line(str(error) if ours else f"{type(error).__name__}: {error}", 200)


def _one_line(text: str, length: int) -> str:
    return " ".join(text.split())[:length]
