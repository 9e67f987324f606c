"""The Hub's rate limits: a number of requests in each window, for the API and for files apart."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock

from huggingface_hub.utils import RateLimitInfo

logger = logging.getLogger(__name__)

LONGEST_WAIT = 300.0
# Where the Hub redirects requests for small files to, on its own host.
CACHED_FILES = "/api/resolve-cache/models/"


@dataclass
class Sent:
    """A request on its way. `rate` is what the Hub says of the limit in the answer."""

    rate: RateLimitInfo | None = None


class Windows:
    """Keeps requests within the windows, also where several threads send them."""

    def __init__(self, sleep: Callable[[float], None], monotonic: Callable[[], float]) -> None:
        self._sleep, self._monotonic = sleep, monotonic
        # Bucket → when its window ends that is used up, and how many requests are on their way.
        self._ends: dict[str, float] = {}
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
            seconds = self._ends.get(bucket, 0.0) - self._monotonic()
            self._under_way[bucket] += seconds <= 0
            return seconds

    def _note(self, rate: RateLimitInfo, under_way: int) -> None:
        """Wait for the next window when the requests `under_way` use this one up. One in a hundred is left to other programs."""
        if rate.remaining - under_way <= max(1, (rate.limit or 0) // 100):
            seconds, now = until_reset(rate), self._monotonic()
            if self._ends.get(rate.resource_type, 0.0) <= now:
                logger.info("the rate window is used up: going on in %d s", seconds)
            self._ends[rate.resource_type] = now + seconds


def bucket_of(url: str) -> str:
    """The bucket of the Hub's rate limits that a request for `url` counts in (https://huggingface.co/docs/hub/rate-limits)."""
    return "resolvers" if "/resolve/" in url or CACHED_FILES in url else "api"


def until_reset(rate: RateLimitInfo) -> float:
    """Return the seconds until the rate window ends, or until the next look at it if the end is far off."""
    return min(rate.reset_in_seconds, LONGEST_WAIT) + 1
