"""What each test of a graph begins with. An index that is made anew for each test costs more than most tests."""

import pytest

from crawler.graph.connection import Graph
from tests.support.neo4j_for_tests import empty


def indexes(graph: Graph) -> set[tuple[int, str]]:
    """The indexes by their number, which is another one for an index that was made anew."""
    return {(row["id"], row["name"]) for row in graph.read("SHOW INDEXES YIELD id, name")}


@pytest.mark.usefixtures("empty_graph")
def test_emptying_removes_every_node_and_keeps_the_indexes(opened_graph: Graph) -> None:
    before = indexes(opened_graph)
    opened_graph.write(
        "CREATE (:Model {key: 'a'})-[:DERIVED_FROM]->(:Model {key: 'b'})-[:OF_ANOTHER_PROGRAM]->(:Other)"
    )
    empty(opened_graph)
    assert opened_graph.read("MATCH (n) WHERE NOT n:SchemaMigration RETURN n") == []
    assert indexes(opened_graph) == before


@pytest.mark.usefixtures("empty_graph")
def test_emptying_makes_an_index_that_is_missing(opened_graph: Graph) -> None:
    names = {name for _, name in indexes(opened_graph)}
    opened_graph.write("DROP INDEX dataset_name")
    empty(opened_graph)
    assert {name for _, name in indexes(opened_graph)} == names
