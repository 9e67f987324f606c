"""The seconds that each stage of a crawl takes."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Stopwatch:
    """Seconds spent in each stage."""

    seconds: dict[str, float] = field(default_factory=dict)
    _within: float = 0.0

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time one stage. What a stage within it takes counts there alone."""
        around, self._within, start = self._within, 0.0, time.monotonic()
        try:
            yield
        finally:
            spent = time.monotonic() - start
            self._add(name, spent - self._within)
            self._within = around + spent

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Time a part of the stage at hand, which counts there, too."""
        start = time.monotonic()
        try:
            yield
        finally:
            self._add(name, time.monotonic() - start)

    def _add(self, name: str, seconds: float) -> None:
        self.seconds[name] = round(self.seconds.get(name, 0.0) + seconds, 2)
