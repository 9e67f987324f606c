"""The Hub's rate limits: a number of requests in each window, for the API and for files apart."""

import logging
import math
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock

from huggingface_hub.utils import RateLimitInfo

logger = logging.getLogger(__name__)

LONGEST_WAIT = 300.0
# Seconds by which the ends of one window may differ that two answers name: the Hub gives whole ones.
ROUNDING = 2.0
# Where the Hub redirects requests for small files to, on its own host.
CACHED_FILES = "/api/resolve-cache/models/"


@dataclass
class Sent:
    """A request on its way. `rate` is what the Hub says of the limit in the answer."""

    rate: RateLimitInfo | None = None


@dataclass
class _Window:
    """What is known of a window: when it ends, how many requests may still begin in it, and the Hub's limit."""

    ends: float
    left: float
    limit: int | None

    def is_same(self, later: "_Window") -> bool:
        """Whether a later answer is about this window, too."""
        return later.ends <= self.ends + ROUNDING and later.limit == self.limit


class Windows:
    """Keeps requests within the windows, also where several threads send them."""

    def __init__(self, sleep: Callable[[float], None], monotonic: Callable[[], float]) -> None:
        self._sleep, self._monotonic = sleep, monotonic
        # By bucket, and how many requests are on their way.
        self._known: dict[str, _Window] = {}
        self._under_way: Counter[str] = Counter()
        self._lock = Lock()

    @contextmanager
    def sending(self, url: str) -> Iterator[Sent]:
        """Wait until the window allows a request for `url`, and take note of what the answer says of it."""
        bucket = bucket_of(url)
        # While this thread slept, others may have used up the next window, too.
        while (seconds := self._begin(bucket)) > 0:
            self._sleep(seconds)
        sent = Sent()
        try:
            yield sent
        finally:
            with self._lock:
                self._under_way[bucket] -= 1
                if sent.rate is not None:
                    self._note(sent.rate, self._under_way[bucket])

    def _begin(self, bucket: str) -> float:
        """Count one more request on its way; or return the seconds until the next window, which it has to wait for."""
        with self._lock:
            window, now = self._known.get(bucket), self._monotonic()
            if window is not None and now < window.ends:
                if window.left <= 0:
                    return window.ends - now
                window.left -= 1
            self._under_way[bucket] += 1
            return 0.0

    def _note(self, rate: RateLimitInfo, under_way: int) -> None:
        """Note how many requests may still begin beside those `under_way`. One in a hundred is left to other programs."""
        seconds, now = until_reset(rate), self._monotonic()
        left = rate.remaining - under_way - max(1, (rate.limit or 0) // 100)
        noted, known = _Window(now + seconds, left, rate.limit), self._known.get(rate.resource_type)
        before = known.left if known is not None and now < known.ends and known.is_same(noted) else math.inf
        # Answers may be noted in another order than the Hub gave them: in one window, the least counts.
        noted.left = min(noted.left, before)
        if noted.left <= 0 < before:
            logger.info("the rate window is used up: going on in %d s", seconds)
        self._known[rate.resource_type] = noted


def bucket_of(url: str) -> str:
    """The bucket of the Hub's rate limits that a request for `url` counts in (https://huggingface.co/docs/hub/rate-limits)."""
    return "resolvers" if "/resolve/" in url or CACHED_FILES in url else "api"


def until_reset(rate: RateLimitInfo) -> float:
    """Return the seconds until the rate window ends, or until the next look at it if the end is far off."""
    return min(rate.reset_in_seconds, LONGEST_WAIT) + 1
