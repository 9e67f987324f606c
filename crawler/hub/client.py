"""One page of the Hub, over HTTP: what is waited out, what is refused, and what an answer must be to count as a page."""

import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

# The first request of a process asks for a list that only telemetry needs; the crawl's rate is for the crawl.
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

import httpx2  # the transport of huggingface_hub: its errors are what http_backoff raises
import tenacity
from huggingface_hub.errors import HfHubHTTPError
from huggingface_hub.utils import build_hf_headers, hf_raise_for_status, http_backoff

from crawler import __version__
from crawler.errors import HubGenealogyError, HubUnreachableError
from crawler.settings import Settings

logger = logging.getLogger(__name__)
# The client writes to stderr by itself, as text; its lines belong among ours.
logging.getLogger("huggingface_hub").handlers.clear()
logging.getLogger("huggingface_hub").propagate = True

# What passes by itself: http_backoff waits some seconds on these, the policy below goes on for hours. 429 is waited out
# by the RateLimit header inside http_backoff.
PASSING = frozenset({408, 425, 429, 500, 501, 502, 503, 504, 520, 521, 522, 523, 524, 525, 529, 530})
# A page that arrives broken this often in a row is not going to heal while we wait.
BROKEN_ATTEMPTS = 6


class BrokenPageError(Exception):
    """An answer with status 200 that is no page of the listing."""


@dataclass(frozen=True)
class Answer:
    """A page as received: its bytes, the objects in it, and the address of the next one."""

    body: bytes
    models: list[Any]
    next: str | None


class HubClient:
    """Asks the Hub at one endpoint; the token goes there and nowhere else."""

    def __init__(self, settings: Settings) -> None:
        self.endpoint: str = settings["hub.endpoint"]
        self._timeout = settings["hub.timeout"].total_seconds()
        self._patience: timedelta = settings["hub.patience"]
        # `token=False`: never one that a login left on this machine, only the one that was set for us.
        self._headers: Mapping[str, str] = build_hf_headers(
            token=settings["hub.token"] or False, library_name="hub-genealogy", library_version=__version__
        )

    def page(self, url: str) -> Answer:
        """The page at `url`.

        Waits out what passes, within the set patience. Raises HubUnreachableError (75) when that is used up or the
        page stays broken, HubGenealogyError for an answer that no waiting mends (400, 401, 403, 404).
        """
        patience = tenacity.stop_after_delay(self._patience)
        policy = tenacity.Retrying(
            retry=tenacity.retry_if_exception(_passes),
            wait=tenacity.wait_exponential_jitter(initial=1, max=300),
            stop=lambda state: patience(state) or _stays_broken(state),
            before_sleep=_say,
            reraise=True,
        )
        try:
            return policy(self._once, url)
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
            raise HubGenealogyError(f"the Hub refuses {url} with {status}: {_server_says(error.response)}") from None
        except httpx2.HTTPError as error:
            raise HubUnreachableError(
                f"the Hub at {self.endpoint} cannot be reached ({_reason(error)}): check HF_ENDPOINT and the network, "
                "then run the same command again, it goes on from there"
            ) from None

    def _once(self, url: str) -> Answer:
        # One quick repetition inside, which also waits for the end of a rate window; the policy around it does the rest.
        response = http_backoff(
            "GET", url, max_retries=1, headers=dict(self._headers), timeout=self._timeout, follow_redirects=False
        )
        hf_raise_for_status(response)
        if response.status_code != 200:
            raise BrokenPageError(f"status {response.status_code}")
        try:
            models = json.loads(response.content)
        except (ValueError, RecursionError) as error:
            raise BrokenPageError(f"no JSON: {str(error)[:100]}") from None
        if not isinstance(models, list):
            raise BrokenPageError(f"a JSON {type(models).__name__} instead of an array")
        return Answer(response.content, models, self._next(response))

    def _next(self, response: httpx2.Response) -> str | None:
        url: str | None = response.links.get("next", {}).get("url")
        if url is not None and urlsplit(url)[:2] != urlsplit(self.endpoint)[:2]:
            raise BrokenPageError(f"its Link leads away from {self.endpoint}")
        return url


def _passes(error: BaseException) -> bool:
    if isinstance(error, HfHubHTTPError):
        return error.response.status_code in PASSING
    return isinstance(error, (BrokenPageError, httpx2.TransportError, httpx2.DecodingError))


def _stays_broken(state: tenacity.RetryCallState) -> bool:
    error = state.outcome.exception() if state.outcome else None
    return isinstance(error, BrokenPageError | httpx2.DecodingError) and state.attempt_number >= BROKEN_ATTEMPTS


def _say(state: tenacity.RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    logger.warning(
        "the Hub: %s; asking again in %.0f s", _reason(error), state.next_action.sleep if state.next_action else 0
    )


def _reason(error: BaseException | None) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]


def _server_says(response: httpx2.Response) -> str:
    return " ".join(response.text.split())[:500] or "no reason given"
