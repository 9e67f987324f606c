import logging
from collections.abc import Iterator

import pytest

from demo.simulated_hub import SimulatedHub
from tests.support.clocks import FakeClock
from tests.support.small_hub import FAMILY


@pytest.fixture
def hub(hub: SimulatedHub) -> SimulatedHub:
    """A Hub that lists the family."""
    hub.begin_anew(FAMILY)
    return hub


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """What the client said so far, details too: one line each."""
    caplog.set_level(logging.DEBUG, logger="crawler.hub")
    lines: list[str] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            line = record.getMessage()
            assert "\n" not in line
            assert len(line) < 400
            lines.append(line)

    collector = Collector()
    logger = logging.getLogger("crawler.hub")
    logger.addHandler(collector)
    yield lines
    logger.removeHandler(collector)
