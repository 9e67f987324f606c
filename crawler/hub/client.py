"""The Hub over HTTP: how fast it may be asked, what is waited out, what is refused, and what counts as a page.

| what comes | what is done |
|---|---|
| 429 | the rate window's end is waited for; costs no patience |
| 408, 425, 5xx, no connection, silence, a transfer cut off | asked again until `hub.patience` is used up: exit 75 |
| 200 with what is no page: HTML, cut JSON, a Link elsewhere | asked again some times, then exit 75 |
| 400, 401, 403, 404 | the request itself is refused: exit 1 with the Hub's reason |
"""

import logging
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

# The first request of a process asks for a list that only telemetry needs; the crawl's rate is for the crawl.
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

import httpx2  # the transport of huggingface_hub: its errors are what its functions raise
import tenacity
from huggingface_hub.errors import HfHubHTTPError
from huggingface_hub.utils import (
    build_hf_headers,
    hf_raise_for_status,
    http_stream_backoff,
    parse_ratelimit_headers,
)

from crawler import __version__
from crawler.errors import HubGenealogyError, HubUnreachableError
from crawler.records.page import PageError, read_page
from crawler.settings import Settings

logger = logging.getLogger(__name__)
# The client writes to stderr by itself, as text; its lines belong among ours.
logging.getLogger("huggingface_hub").handlers.clear()
logging.getLogger("huggingface_hub").propagate = True

PASSING = frozenset({408, 425, 429, 500, 501, 502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 529, 530})
# An answer that is no page so often in a row is not going to heal while we wait.
BROKEN_ATTEMPTS = 6
LONGEST_WAIT = 300.0
# A page of a thousand records is some 1 MB, 3 MB with everything: beyond this it is an accident or an attack.
LARGEST_PAGE = 128 * 2**20
# Silence is bounded by hub.timeout; a byte a second is not silence, so the whole page has a bound too.
TIMEOUTS_A_PAGE = 5


class BrokenPageError(Exception):
    """An answer that is no page of the listing."""


@dataclass(frozen=True)
class Answer:
    """A page as received: its bytes, the objects in it, and the address of the next one."""

    body: bytes
    models: list[Any]
    next: str | None


@dataclass(frozen=True)
class Detail:
    """What the Hub says of one name: the status, and the `_id`, name and flags of the repository that answers to it."""

    status: int
    key: str | None = None
    id: str | None = None
    private: bool = False
    disabled: bool = False


@dataclass(frozen=True)
class _Received:
    status: int
    body: bytes
    next: str | None
    location: str | None


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
        contact = settings["hub.contact"]
        # `token=False`: never one that a login left on this machine, only the one that was set for us.
        self._headers: Mapping[str, str] = build_hf_headers(
            token=settings["hub.token"] or False,
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

    def detail(self, name: str) -> Detail:
        """What the Hub answers for the repository `name`, redirects followed; errors as for `page`."""
        url = f"{self.endpoint}/api/models/{quote(name, safe='/')}"
        answer: Detail = self._patiently(lambda: self._detail(url), url)
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
            except HfHubHTTPError as error:
                if error.response.status_code in (401, 404):
                    return Detail(error.response.status_code)
                raise
            if received.status == 200:
                return _detail(received.body)
            url = urljoin(url, received.location or url)
            if not self._is_ours(url):
                break
        raise BrokenPageError("its redirects lead nowhere")

    def _get(self, url: str) -> _Received:
        """One request, no repetition. Raises HfHubHTTPError for 4xx and 5xx."""
        if self._window_ends is not None:
            self._sleep(max(0.0, self._window_ends - self._monotonic()))
            self._window_ends = None
        deadline = self._monotonic() + TIMEOUTS_A_PAGE * self._timeout
        with http_stream_backoff(
            "GET", url, max_retries=0, retry_on_exceptions=(), retry_on_status_codes=(),
            headers=dict(self._headers), timeout=self._timeout, follow_redirects=False,
        ) as response:  # fmt: skip
            self._note_rate(response.headers)
            if response.status_code >= 400:
                response.read()
                hf_raise_for_status(response)
            parts, size = [], 0
            for part in response.iter_bytes():
                parts.append(part)
                size += len(part)
                if size > LARGEST_PAGE:
                    raise BrokenPageError(f"more than {LARGEST_PAGE >> 20} MiB")
                if self._monotonic() > deadline:
                    raise BrokenPageError(f"not whole after {TIMEOUTS_A_PAGE * self._timeout:.0f} s")
            following = response.links.get("next", {}).get("url")
            return _Received(response.status_code, b"".join(parts), following, response.headers.get("location"))

    def _note_rate(self, headers: Mapping[str, str]) -> None:
        """Wait for the next window once this one is used up, but for one request in a hundred for others."""
        rate = parse_ratelimit_headers(headers)
        if rate is not None and rate.remaining <= max(1, (rate.limit or 0) // 100):
            logger.info("the rate window is used up: going on in %d s", rate.reset_in_seconds + 1)
            self._window_ends = self._monotonic() + rate.reset_in_seconds + 1

    def _is_ours(self, url: str) -> bool:
        return urlsplit(url)[:2] == urlsplit(self.endpoint)[:2]

    def _patiently(self, ask: Callable[[], Any], url: str) -> Any:
        patience = _Patience(self._patience)
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
        except HfHubHTTPError as error:
            status = error.response.status_code
            if status in PASSING:
                raise HubUnreachableError(
                    f"the Hub at {self.endpoint} answers {status}: run the same command again later, it goes on from there"
                ) from None
            hint = "; check HF_TOKEN" if status == 401 else ""
            raise HubGenealogyError(
                f"the Hub refuses {url} with {status}: {_reason_given(error.response)}{hint}"
            ) from None
        except httpx2.HTTPError as error:
            raise HubUnreachableError(
                f"the Hub at {self.endpoint} cannot be reached ({_one_line(error)}): check HF_ENDPOINT and the network, "
                "then run the same command again, it goes on from there"
            ) from None


class _Patience:
    """How long one answer is waited for. Waiting for a rate window is no outage and uses none of it."""

    def __init__(self, seconds: float) -> None:
        self._left = seconds
        self._backoff = tenacity.wait_exponential_jitter(initial=1, max=LONGEST_WAIT)
        self._broken = 0

    def wait(self, state: tenacity.RetryCallState) -> float:
        error = _error(state)
        if (reset := _rate_reset(error)) is not None:
            return reset + 1
        seconds = min(self._backoff(state), max(self._left, 0.0))
        self._left -= seconds
        return seconds

    def is_over(self, state: tenacity.RetryCallState) -> bool:
        error = _error(state)
        if _rate_reset(error) is not None:
            return False
        self._broken = self._broken + 1 if isinstance(error, BrokenPageError | httpx2.DecodingError) else 0
        return self._left <= 0 or self._broken >= BROKEN_ATTEMPTS


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


def _rate_reset(error: BaseException | None) -> int | None:
    """Seconds until the rate window ends, where that is what `error` says."""
    if not isinstance(error, HfHubHTTPError) or error.response.status_code != 429:
        return None
    rate = parse_ratelimit_headers(error.response.headers)
    return rate.reset_in_seconds if rate is not None and rate.remaining == 0 else None


def _passes(error: BaseException) -> bool:
    if isinstance(error, HfHubHTTPError):
        return error.response.status_code in PASSING
    return isinstance(error, BrokenPageError | httpx2.TransportError | httpx2.DecodingError)


def _say(state: tenacity.RetryCallState) -> None:
    seconds = state.next_action.sleep if state.next_action else 0
    error = _error(state)
    what = f"answers {error.response.status_code}" if isinstance(error, HfHubHTTPError) else _one_line(error)
    logger.warning("the Hub: %s; asking again in %.0f s", what, seconds)


def _one_line(error: BaseException | None) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]


def _reason_given(response: httpx2.Response) -> str:
    return " ".join(response.text.split())[:1000] or "no reason given"
