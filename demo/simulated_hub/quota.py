"""Rate limits: so many requests in each fixed window, anonymous and with a token counted apart."""

import math
import time
from dataclasses import dataclass, field

UNLIMITED = 1_000_000_000


@dataclass(kw_only=True)
class Quota:
    """What is allowed, and what is used of it in the present window."""

    anonymous: int = UNLIMITED
    token: int = UNLIMITED
    window: float = 300
    _began: float = field(default_factory=time.monotonic)
    _used: dict[bool, int] = field(default_factory=dict)

    def take(self, *, with_token: bool) -> tuple[bool, dict[str, str]]:
        """Count one request; whether it is within the quota, and the headers that say what is left."""
        passed = time.monotonic() - self._began
        if passed >= self.window:
            self._began += passed // self.window * self.window
            self._used.clear()
            passed %= self.window
        quota = self.token if with_token else self.anonymous
        used = self._used[with_token] = self._used.get(with_token, 0) + 1
        return used <= quota, self.headers(quota, max(quota - used, 0), self.window - passed)

    def headers(self, quota: int, left: int, seconds: float) -> dict[str, str]:
        """The two headers of every answer."""
        return {
            "RateLimit": f'"api";r={left};t={math.ceil(seconds)}',
            "RateLimit-Policy": f'"fixed window";"api";q={quota};w={math.ceil(self.window)}',
        }

    def change(self, *, anonymous: int, token: int, window: float) -> None:
        """Set other limits; a new window begins now."""
        self.anonymous, self.token, self.window = anonymous, token, window
        self._began = time.monotonic()
        self._used.clear()
