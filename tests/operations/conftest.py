from pathlib import Path

import pytest

from demo.simulated_hub import SimulatedHub
from tests.support.program import Program


@pytest.fixture
def without_graph(hub: SimulatedHub, tmp_path: Path) -> Program:
    """The program beside a Hub, with no state and a local server that does not run."""
    return Program(tmp_path / "home", None, {"HF_ENDPOINT": hub.url})
