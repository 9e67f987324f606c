from collections.abc import Iterator

import pytest

from crawler.graph.connection import Connection, Graph
from tests.support.lineage_graph import opened, wipe


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
