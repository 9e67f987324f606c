"""A database that another program uses, too: nothing is written beside what it holds, and nothing of it is deleted."""

from collections.abc import Iterator
from typing import Any

import pytest

from crawler.errors import HubGenealogyError
from crawler.graph.connection import Connection, Graph, open_connection
from crawler.graph.foreign import check_ours_or_unused
from demo.simulated_hub import SimulatedHub
from tests.support.program import Program

SHOP = """
CREATE (m:Model {name: 'T', year: 1908})-[:SOLD_BY]->(o:Owner {name: 'Ford'}), (o)-[:OWNS]->(:Dataset {rows: 3}),
       (m)-[:DERIVED_FROM]->(:Model {key: 'A', name: 'A'})
"""
HELD = """
MATCH (n:Model|Owner|Dataset) OPTIONAL MATCH (n)-[r]->(o)
RETURN elementId(n) AS id, labels(n) AS labels, properties(n) AS properties, type(r) AS type, elementId(o) AS end
ORDER BY id, type, end
"""


@pytest.fixture
def graph(bare_graph: Connection) -> Iterator[Graph]:
    with open_connection(bare_graph) as opened:
        yield opened


def held(graph: Graph) -> list[dict[str, Any]]:
    """The nodes of the shop's labels, and what they are joined to."""
    return [record.data() for record in graph.read(HELD)]


def refused(program: Program, *arguments: str) -> str:
    """The one line that says why."""
    result = program.run(*arguments)
    assert result.code == 1, result.err
    errors = [message for message in result.messages if "database" in message]
    assert errors == result.messages[-1:]
    return errors[0]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("CREATE (:Model)", "1 Model"),
        ("CREATE (:Owner {name: 'x'}), (:Owner {name: 'y'})", "2 Owner"),
        ("CREATE (:Dataset), (:License)", "1 Dataset, 1 License"),
        ("CREATE (:FormerName), (:Family)", "1 FormerName, 1 Family"),
        ("CREATE (:Case {id: 1})", "1 Case"),
        ("CREATE (:Crawl {id: 'x', state: 'loaded'})", "1 Crawl"),
        ("CREATE (:Word)-[:DERIVED_FROM]->(:Word)", "1 DERIVED_FROM"),
    ],
)
def test_a_database_with_a_label_or_type_of_ours_is_anothers_where_no_crawl_of_ours_is(
    graph: Graph, statement: str, said: str
) -> None:
    check_ours_or_unused(graph)
    graph.write(statement)
    with pytest.raises(HubGenealogyError, match=said):
        check_ours_or_unused(graph)


def test_a_database_of_another_program_is_left_as_it_is(program: Program, hub: SimulatedHub, graph: Graph) -> None:
    graph.write(SHOP)
    before = held(graph)
    for command in ("crawl", "load", "rebuild"):
        line = refused(program, command)
        assert "2 Model, 1 Owner, 1 Dataset, 1 DERIVED_FROM" in line
        assert "a database of its own" in line
    assert "a database of its own" in refused(program, "schema", "apply")
    assert hub.listing_requests() == []
    assert program.run("doctor").code == 1
    assert held(graph) == before
    assert graph.read("MATCH (n:SchemaMigration|Lease|Crawl) RETURN n") == []
    assert graph.read("SHOW CONSTRAINTS") == []


def test_what_another_program_adds_later_is_never_deleted(program: Program, hub: SimulatedHub, graph: Graph) -> None:
    program.crawl()
    digest = program.digest()
    graph.write(SHOP)
    graph.write("CREATE (:Owner {name: 'nobody that a change set knows'})")
    before = held(graph)
    hub.forget_requests()
    for command in ("crawl", "load", "rebuild"):
        assert "2 Model, 2 Owner, 1 Dataset" in refused(program, command)
    assert held(graph) == before
    assert hub.listing_requests() == []
    graph.write(
        "MATCH (n:Model|Owner|Dataset) WHERE n.key IS NULL AND n.id_lower IS NULL AND NOT n:Owner DETACH DELETE n"
    )
    graph.write("MATCH (n:Model {key: 'A', name: 'A'}) DETACH DELETE n")
    graph.write("MATCH (n:Owner) WHERE n.name IN ['Ford', 'nobody that a change set knows'] DETACH DELETE n")
    assert program.run("rebuild").code == 0
    assert program.digest() == digest


def test_a_rebuild_deletes_no_relationship_of_another_program(program: Program, graph: Graph) -> None:
    program.crawl()
    digest = program.digest()
    graph.write("MATCH (m:Model) WITH m ORDER BY m.key LIMIT 1 CREATE (:Note {text: 'mine'})-[:ABOUT]->(m)")
    assert program.crawl()["rows_written"] == 0
    assert "1 relationships that hub-genealogy did not make are attached to Model nodes" in refused(program, "rebuild")
    assert program.digest() == digest
    graph.write("MATCH (:Note)-[r:ABOUT]->() DELETE r")
    assert program.run("rebuild").code == 0
    assert len(graph.read("MATCH (n:Note) RETURN n")) == 1


def test_a_load_that_was_interrupted_finds_what_was_added_meanwhile(program: Program, graph: Graph) -> None:
    crawl = program.crawl()["crawl"]
    graph.write("MATCH (c:Crawl {id: $id}) SET c.state = 'loading', c.step = 3, c.offset = 0", id=crawl)
    graph.write("MATCH ()-[r:PUBLISHED_BY]->() DELETE r")
    graph.write("CREATE (:Model {key: 'A'})")
    assert "(1 Model)" in refused(program, "load")
    graph.write("MATCH (m:Model {key: 'A'}) DELETE m")
    assert program.run("load").code == 0
