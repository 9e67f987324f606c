"""Rate limits: a number of requests in each fixed window. Each bucket counts anonymous requests and those with a token apart.

What is asked of the API counts as `api`, files as `resolvers`, as on the Hub.
"""

import math
import time
from dataclasses import dataclass, field

UNLIMITED = 1_000_000_000


@dataclass(kw_only=True)
class Quota:
    """What is allowed, and what is used of it in the present window."""

    anonymous: int = UNLIMITED
    token: int = UNLIMITED
    resolvers: int = UNLIMITED
    window: float = 300
    _began: float = field(default_factory=time.monotonic)
    _used: dict[tuple[str, bool], int] = field(default_factory=dict)

    def take(self, bucket: str, *, with_token: bool) -> tuple[bool, dict[str, str]]:
        """Count one request; whether it is within the quota, and the headers that say what is left."""
        passed = time.monotonic() - self._began
        if passed >= self.window:
            self._began += passed // self.window * self.window
            self._used.clear()
            passed %= self.window
        quota = self.resolvers if bucket == "resolvers" else self.token if with_token else self.anonymous
        used = self._used[bucket, with_token] = self._used.get((bucket, with_token), 0) + 1
        return used <= quota, self.headers(bucket, quota, max(quota - used, 0), self.window - passed)

    def headers(self, bucket: str, quota: int, left: int, seconds: float) -> dict[str, str]:
        """The two headers of every answer."""
        return {
            "RateLimit": f'"{bucket}";r={left};t={math.ceil(seconds)}',
            "RateLimit-Policy": f'"fixed window";"{bucket}";q={quota};w={math.ceil(self.window)}',
        }

    def change(self, *, anonymous: int, token: int, window: float, resolvers: int = UNLIMITED) -> None:
        """Set other limits; a new window begins now."""
        self.anonymous, self.token, self.window, self.resolvers = anonymous, token, window, resolvers
        self._began = time.monotonic()
        self._used.clear()
