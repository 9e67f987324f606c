"""Graphs, change sets and snapshots of versions that stored no certainty and no captions get them from what they have."""

from collections import Counter
from itertools import combinations
from pathlib import Path

import duckdb
import pytest

from crawler.files import read_json, write_json
from crawler.graph.connection import Connection, open_connection
from crawler.graph.schema import apply
from crawler.records.evidence import DECLARED, certainty_of
from crawler.snapshot.columns import MODEL
from demo.simulated_hub import SimulatedHub
from tests.support import golden
from tests.support.program import Program
from tests.support.strangers import forget_hashes
from tests.support.sweeps import drop_column


def forget_certainty(connection: Connection) -> None:
    """Leave the graph as a version without certainty loaded it."""
    with open_connection(connection) as graph:
        graph.write("MATCH ()-[e:DERIVED_FROM]->() REMOVE e.certainty")
        graph.write("MATCH (s:SchemaMigration {name: 'certainty'}) DELETE s")


def forget_captions(connection: Connection) -> None:
    """Leave the graph as a version without captions loaded it."""
    with open_connection(connection) as graph:
        graph.write("MATCH (m:Model) REMOVE m.short_name, m.remark")
        graph.write("MATCH ()-[e:DERIVED_FROM]->() REMOVE e.remark")
        graph.write("MATCH (s:SchemaMigration {name: 'captions'}) DELETE s")


def test_the_schema_file_computes_what_the_snapshot_does(bare_graph: Connection) -> None:
    # What graphs of that time could hold.
    sources = (*DECLARED, "inferred")
    subsets = [list(found) for size in range(len(sources) + 1) for found in combinations(sources, size)]
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


def test_an_upgrade_adds_captions_writes_no_row_and_ends_in_the_same_graph(
    hub: SimulatedHub, program: Program, empty_graph: Connection
) -> None:
    program.crawl()
    hub.apply(golden.CHANGES)
    program.crawl()
    before, found = program.digest(), captions(empty_graph)
    assert set(found) == {"gone", "absent", "withdrawn", "inferred"}
    forget_captions(empty_graph)
    for file in program.home.glob("changes/*/models.put.parquet"):
        drop_column(file, "short_name, remark")
    for file in program.home.glob("changes/*/derived_from.put.parquet"):
        drop_column(file, "remark")
    assert program.crawl()["rows_written"] == 0
    assert (program.digest(), captions(empty_graph)) == (before, found)
    assert program.run("rebuild").code == 0
    assert (program.digest(), captions(empty_graph)) == (before, found)


def forget_dataset_keys(program: Program, connection: Connection) -> None:
    """Leave graph, change sets and snapshots as a version did for which a data set was a name that models give."""
    with open_connection(connection) as graph:
        graph.write("DROP CONSTRAINT dataset_key")
        graph.write("DROP INDEX dataset_name")
        graph.write("CREATE CONSTRAINT dataset_id_lower FOR (d:Dataset) REQUIRE d.id_lower IS UNIQUE")
        graph.write("MATCH (d:Dataset) REMOVE d.key, d.status")
        graph.write("MATCH ()-[e:TRAINED_ON]->() REMOVE e.declared_as")
        graph.write("MATCH (s:SchemaMigration {name: 'dataset_keys'}) DELETE s")
    for file in program.home.glob("changes/*/datasets.put.parquet"):
        rewrite(file, "id_lower, id, added")
    for file in program.home.glob("changes/*/trained_on.put.parquet"):
        rewrite(file, "model, substr(dataset_key, 8) AS dataset, sources, added")
    for file in program.home.glob("changes/*/trained_on.del.parquet"):
        rewrite(file, "model, substr(dataset_key, 8) AS dataset")
    for file in program.home.glob("changes/*/datasets.del.parquet"):
        rewrite(file, "substr(key, 8) AS id_lower")
    for file in program.home.glob("snapshots/*/snapshot.json"):
        write_json(file, read_json(file) | {"spells_datasets": False})


def rewrite(file: Path, columns: str) -> None:
    forget_hashes(file.parent)
    with duckdb.connect() as db:
        db.execute(f"CREATE TABLE kept AS SELECT {columns} FROM read_parquet('{file}')")  # noqa: S608  # our own file
        db.execute(f"COPY kept TO '{file}'")


def test_an_upgrade_gives_data_sets_keys_and_spellings_and_ends_in_the_same_graph(
    hub: SimulatedHub, program: Program, empty_graph: Connection
) -> None:
    program.crawl()
    key = hub.records()[0]["_id"]
    hub.update(key, {"cardData": {"datasets": ["Odd/Spelled"]}})
    program.crawl()
    hub.update(key, {"cardData": None})
    program.crawl()
    before = program.digest()
    forget_dataset_keys(program, empty_graph)
    # Before the first crawl, what a rebuild makes is what the schema file makes.
    assert program.run("schema", "apply").code == 0
    upgraded = program.digest()
    assert program.run("rebuild").code == 0
    assert program.digest() == upgraded
    # The first crawl brings the spellings, the second nothing more.
    assert program.crawl()["rows_written"] > 0
    assert program.digest() == before
    assert program.crawl()["rows_written"] == 0
    assert program.run("rebuild").code == 0
    assert program.digest() == before


def captions(connection: Connection) -> Counter[str]:
    """How often each remark stands, on a model or a link."""
    with open_connection(connection) as graph:
        rows = graph.read(
            "MATCH (m:Model) RETURN m.remark AS remark UNION ALL MATCH ()-[e:DERIVED_FROM]->() RETURN e.remark AS remark"
        )
    return Counter(row["remark"] for row in rows if row["remark"] is not None)


@pytest.mark.parametrize("name", ["org/model", "no-owner", "a/b/c", "odd/"])
def test_a_short_name_is_the_same_by_the_schema_file_and_by_the_snapshot(bare_graph: Connection, name: str) -> None:
    with open_connection(bare_graph) as graph, duckdb.connect() as db:
        graph.write("CREATE (:Model {key: 'A', id: $name, status: 'listed'})", name=name)
        apply(graph)
        [[found]] = graph.read("MATCH (m:Model) RETURN m.short_name")
        column = next(column for column in MODEL if column.name == "short_name")
        assert db.execute(f"SELECT {column.value} FROM (SELECT $name AS id)", {"name": name}).fetchone() == (found,)  # noqa: S608  # our own expression
    assert found in {"model", "no-owner", "c", "odd/"}
