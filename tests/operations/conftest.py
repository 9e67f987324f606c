from pathlib import Path

import pytest
from program import Program
from simulated_hub import SimulatedHub


@pytest.fixture
def without_graph(hub: SimulatedHub, tmp_path: Path) -> Program:
    """The program beside a Hub, with no state and a local server that does not run."""
    return Program(tmp_path / "home", None, {"HF_ENDPOINT": hub.url})
