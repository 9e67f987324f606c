import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.graph.connection import Connection, Graph, open_connection
from crawler.local.server import LocalServer
from demo.simulated_hub import SimulatedHub
from tests.support.neo4j_for_tests import erase
from tests.support.program import Program
from tests.support.replays import Replay


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the tests of the shared graph run in one process, and those of each other file in one."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            of_graph = "replay" in getattr(item, "fixturenames", ())
            item.add_marker(pytest.mark.xdist_group("replay" if of_graph else item.path.stem))


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of the real data, which is not in the repository."""
    folder = Path(os.environ.get("REPLAY_DATA", ""))
    if not os.environ.get("REPLAY_DATA") or not (folder / "replay" / "baseline.jsonl.gz").is_file():
        pytest.fail("these tests run on real data: make test-replay DATA=<its folder>", pytrace=False)
    return folder


@pytest.fixture(scope="session")
def replay(data: Path, connection: Connection, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replay]:
    """A graph that nobody else writes to while these tests run; crawling it anew for each file would take minutes."""
    with open_connection(connection) as graph, SimulatedHub(data / "replay" / "baseline.jsonl.gz") as hub:
        erase(graph.driver, graph.database)
        # A week of this Hub takes away far more than a night of the real one.
        given = {"HF_ENDPOINT": hub.url, "HUB_GENEALOGY_SWEEP_MAX_VANISHED_SHARE": "0.5"}
        yield Replay(data, hub, Program(tmp_path_factory.mktemp("home"), connection, given), graph)


@pytest.fixture(scope="module")
def graph(replay: Replay) -> Graph:
    """The graph after every week of the replay."""
    for _week in replay.weeks():
        pass
    return replay.graph


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LocalServer]:
    """A server of its own: the graph of the other replays stays as it is."""
    running = LocalServer(tmp_path / "server", heap="1g", page_cache="512m")
    try:
        yield running
    finally:
        running.stop()
