import logging
from collections.abc import Iterator

import hypothesis
import pytest

from demo.simulated_hub import SimulatedHub
from demo.simulated_hub.quota import UNLIMITED
from tests.support.clocks import FakeClock
from tests.support.small_hub import FAMILY

# The same examples on every machine, however slow it is.
hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None)
hypothesis.settings.load_profile("repeatable")


@pytest.fixture(scope="module")
def _running() -> Iterator[SimulatedHub]:
    with SimulatedHub(FAMILY) as running:
        yield running


@pytest.fixture
def hub(_running: SimulatedHub) -> SimulatedHub:
    """A Hub without faults, limits and memory that lists the family."""
    _running.heal()
    _running.replace_listing(FAMILY)
    _running.set_quota(UNLIMITED)
    _running.forget_requests()
    return _running


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """The warnings of the client so far: one line each."""
    caplog.set_level(logging.INFO, logger="crawler.hub.client")
    lines: list[str] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            line = record.getMessage()
            assert "\n" not in line
            assert len(line) < 400
            lines.append(line)

    collector = Collector()
    logger = logging.getLogger("crawler.hub.client")
    logger.addHandler(collector)
    yield lines
    logger.removeHandler(collector)
