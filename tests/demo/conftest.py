import pytest

from demo.simulated_hub import SimulatedHub
from tests.support.small_hub import FAMILY


@pytest.fixture
def hub(hub: SimulatedHub) -> SimulatedHub:
    """A Hub that lists the family."""
    hub.begin_anew(FAMILY)
    return hub
