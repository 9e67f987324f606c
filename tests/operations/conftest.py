from collections.abc import Iterator
from pathlib import Path

import pytest
from program import Program
from simulated_hub import SimulatedHub

from crawler.graph.connection import Connection

SAMPLE = Path(__file__).parent.parent / "sample" / "listing.jsonl"


@pytest.fixture
def hub() -> Iterator[SimulatedHub]:
    """A Hub that lists the sample."""
    with SimulatedHub(SAMPLE) as running:
        yield running


@pytest.fixture
def program(hub: SimulatedHub, empty_graph: Connection, tmp_path: Path) -> Program:
    """The program beside a Hub that lists the sample, an empty graph and no state; nine pages make a walk."""
    return Program(tmp_path / "home", empty_graph, {"HF_ENDPOINT": hub.url, "HUB_GENEALOGY_HUB_PAGE_SIZE": "20"})


@pytest.fixture
def without_graph(hub: SimulatedHub, tmp_path: Path) -> Program:
    """The program beside a Hub, with no state and a local server that does not run."""
    return Program(tmp_path / "home", None, {"HF_ENDPOINT": hub.url})
