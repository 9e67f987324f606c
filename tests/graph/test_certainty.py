"""Graphs, change sets and snapshots of versions that stored no certainty get it from the sources of each link."""

from itertools import combinations

from crawler.graph.connection import Connection, open_connection
from crawler.graph.schema import apply
from crawler.records.evidence import SOURCES, certainty_of
from tests.support.program import Program
from tests.support.sweeps import drop_column


def forget_certainty(connection: Connection) -> None:
    """Leave the graph as a version without certainty loaded it."""
    with open_connection(connection) as graph:
        graph.write("MATCH ()-[e:DERIVED_FROM]->() REMOVE e.certainty")
        graph.write("MATCH (s:SchemaMigration {name: 'certainty'}) DELETE s")


def test_the_schema_file_computes_what_the_snapshot_does(bare_graph: Connection) -> None:
    subsets = [list(found) for size in range(len(SOURCES) + 1) for found in combinations(SOURCES, size)]
    with open_connection(bare_graph) as graph:
        graph.write(
            "UNWIND range(0, size($links) - 1) AS n "
            "CREATE (:Model {key: 'c' + n})-[:DERIVED_FROM {sources: $links[n]}]->(:Model {key: 'p' + n})",
            links=subsets,
        )
        apply(graph)
        found = graph.read("MATCH ()-[e:DERIVED_FROM]->() RETURN e.sources AS sources, e.certainty AS certainty")
    assert {tuple(record["sources"]): record["certainty"] for record in found} == {
        tuple(sources): certainty_of(sources) for sources in subsets
    }


def test_a_graph_that_lacks_a_schema_file_is_not_asked_until_it_is_applied(
    program: Program, empty_graph: Connection
) -> None:
    program.crawl()
    before = program.digest()
    forget_certainty(empty_graph)
    for command in (("query", "crawls"), ("graph", "hash")):
        result = program.run(*command)
        assert result.code == 1
        assert result.messages == ["the graph lacks V004 certainty: run hub-genealogy schema apply"]
    assert program.run("schema", "apply").code == 0
    assert program.digest() == before


def test_an_upgrade_writes_no_row_and_ends_in_the_same_graph(program: Program, empty_graph: Connection) -> None:
    program.crawl()
    before = program.digest()
    forget_certainty(empty_graph)
    for file in program.home.glob("snapshots/*/edges.parquet"):
        drop_column(file, "certainty")
    for file in program.home.glob("changes/*/derived_from.put.parquet"):
        drop_column(file, "certainty")
    assert program.crawl()["rows_written"] == 0
    assert program.digest() == before
    assert program.run("rebuild").code == 0
    assert program.digest() == before
