"""Neo4j Browser's `:param {limit: 25}` sets a float: a query takes one for every whole number."""

from collections.abc import Iterator

import neo4j
import pytest

from crawler.graph.connection import Connection, Graph
from tests.support.lineage_graph import LIBRARY, link, model, opened, write


@pytest.fixture(scope="module")
def family(connection: Connection) -> Iterator[Graph]:
    with opened(connection) as graph:
        write(
            graph,
            [model("a/base"), model("a/child"), model("a/grandchild")],
            [link("a/child", "a/base"), link("a/grandchild", "a/child", "quantized")],
        )
        yield graph


@pytest.mark.parametrize("name", [name for name in LIBRARY if "integer" in {p.type for p in LIBRARY[name].parameters}])
def test_a_query_takes_the_numbers_of_neo4j_browser(family: Graph, name: str) -> None:
    query = LIBRARY[name]
    given = {p.name: "a/base" if p.required else p.default for p in query.parameters}
    given |= {p.name: 1.0 for p in query.parameters if p.type == "integer"}
    with family.session(neo4j.READ_ACCESS) as session:
        rows = list(session.run(query.statement, given))
    assert len(rows) <= 1 or "limit" not in given
