import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import hypothesis
import pytest

import crawler.hub  # noqa: F401  # before anything imports huggingface_hub, whose telemetry it turns off
from crawler import settings
from crawler.errors import HubGenealogyError
from crawler.graph.connection import Connection, Graph, open_connection
from demo import SAMPLE
from demo.simulated_hub import SimulatedHub
from tests.support.lineage_graph import opened, wipe
from tests.support.neo4j_for_tests import empty, erase, neo4j_for_tests
from tests.support.other_user import OtherUser
from tests.support.output import SAID, say
from tests.support.program import Program

# The same examples on every machine, however slow it is.
hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None)
hypothesis.settings.load_profile("repeatable")


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Pass on what a worker of pytest-xdist had to say."""
    for text in getattr(node, "workeroutput", {}).get(SAID, ()):
        say(node.config, text)


@pytest.fixture(scope="session")
def connection(request: pytest.FixtureRequest) -> Iterator[Connection]:
    """A real Neo4j for the whole run. Its content is whatever the test before left: see `empty_graph`."""
    try:
        with neo4j_for_tests(settings.load(), partial(say, request.config)) as found:
            yield found
    except HubGenealogyError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="session")
def opened_graph(connection: Connection) -> Iterator[Graph]:
    """The same Neo4j, with one driver for the whole run."""
    with open_connection(connection) as graph:
        yield graph


@pytest.fixture(scope="module")
def schema_graph(connection: Connection) -> Iterator[Graph]:
    """A graph with nothing in it but its constraints and indexes; who writes to it wipes it first."""
    with opened(connection) as graph:
        yield graph


@pytest.fixture
def graph(schema_graph: Graph) -> Graph:
    """The same, empty."""
    wipe(schema_graph)
    return schema_graph


@pytest.fixture
def empty_graph(connection: Connection, opened_graph: Graph) -> Connection:
    """The connection to a graph that holds nothing but the schema."""
    empty(opened_graph)
    return connection


@pytest.fixture
def bare_graph(connection: Connection, opened_graph: Graph) -> Connection:
    """The connection to a database as Neo4j makes it: without nodes, relationships, constraints and indexes of ours."""
    erase(opened_graph.driver, opened_graph.database)
    return connection


@pytest.fixture(scope="session")
def other_user() -> OtherUser:
    """A second user of this machine."""
    try:
        return OtherUser()
    except HubGenealogyError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="session")
def sample() -> list[dict[str, Any]]:
    with SAMPLE.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@pytest.fixture(scope="session")
def _hub() -> Iterator[SimulatedHub]:
    with SimulatedHub() as running:
        yield running


@pytest.fixture
def hub(_hub: SimulatedHub) -> SimulatedHub:
    """A Hub that lists the sample; one process for all tests, as good as new for each."""
    _hub.begin_anew(SAMPLE)
    return _hub


@pytest.fixture
def program(hub: SimulatedHub, empty_graph: Connection, tmp_path: Path) -> Program:
    """The program beside a Hub that lists the sample, an empty graph and no state; nine pages make a walk."""
    return Program(tmp_path / "home", empty_graph, {"HF_ENDPOINT": hub.url, "HUB_GENEALOGY_HUB_PAGE_SIZE": "20"})
