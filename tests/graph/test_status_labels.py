"""The second label of a model is its status, whatever happened to it and however the graph was made."""

from collections import Counter

from crawler.graph.connection import Connection, open_connection
from demo.simulated_hub import SimulatedHub
from tests.support import golden
from tests.support.graph_parts import labelled
from tests.support.program import Program
from tests.support.small_hub import model

GONE = "mistralai/Mistral-7B-Instruct-v0.2"


def found(connection: Connection) -> Counter[tuple[str, tuple[str, ...]]]:
    with open_connection(connection) as graph:
        return labelled(graph)


def statuses(connection: Connection) -> set[str]:
    """The statuses that models have; an error where the labels of any model are not those of its status."""
    counted = found(connection)
    expected = {"listed": ("Model",), "gone": ("Gone", "Model"), "absent": ("Absent", "Model")}
    assert {(status, labels) for status, labels in counted if expected[status] != labels} == set()
    return {status for status, _labels in counted}


def test_labels_are_the_statuses_after_every_night_and_a_rebuild(
    hub: SimulatedHub, program: Program, empty_graph: Connection
) -> None:
    hub.create(model(90, "late/child", tags=["base_model:late/Parent"], cardData={"base_model": "late/Parent"}))
    program.crawl()
    assert statuses(empty_graph) == {"listed", "absent"}
    [record] = [record for record in hub.records() if record["id"] == GONE]
    hub.delete(GONE)
    hub.apply(golden.CHANGES)
    program.crawl()
    before = found(empty_graph)
    assert statuses(empty_graph) == {"listed", "gone", "absent"}
    hub.create(record)
    hub.create(model(91, "late/Parent"))
    hub.rename("HuggingFaceH4/zephyr-7b-beta", "HuggingFaceH4/zephyr-7b-final")
    program.crawl()
    after = found(empty_graph)
    assert statuses(empty_graph) == {"listed", "gone", "absent"}
    assert after["gone", ("Gone", "Model")] == before["gone", ("Gone", "Model")] - 1
    assert after["absent", ("Absent", "Model")] == before["absent", ("Absent", "Model")] - 1
    hub.delete("late/Parent")
    program.crawl()
    assert found(empty_graph)["gone", ("Gone", "Model")] == before["gone", ("Gone", "Model")]
    whole, digest = found(empty_graph), program.digest()
    assert program.run("rebuild").code == 0
    assert (found(empty_graph), program.digest()) == (whole, digest)


def test_an_upgrade_labels_what_is_there_and_ends_in_the_same_graph(
    hub: SimulatedHub, program: Program, empty_graph: Connection
) -> None:
    program.crawl()
    hub.apply(golden.CHANGES)
    program.crawl()
    whole, digest = found(empty_graph), program.digest()
    with open_connection(empty_graph) as graph:
        graph.write("MATCH (m:Model) REMOVE m:Gone:Absent")
        graph.write("MATCH (s:SchemaMigration {name: 'status_labels'}) DELETE s")
    assert {labels for _status, labels in found(empty_graph)} == {("Model",)}
    assert program.crawl()["rows_written"] == 0
    assert (found(empty_graph), program.digest()) == (whole, digest)
    assert statuses(empty_graph) == {"listed", "gone", "absent"}


def test_a_label_that_is_wrong_changes_the_digest_and_one_of_somebody_else_does_not(
    program: Program, empty_graph: Connection
) -> None:
    program.crawl()
    digest = program.digest()
    with open_connection(empty_graph) as graph:
        graph.write("MATCH (m:Model) WITH m ORDER BY m.key LIMIT 1 SET m:Bookmarked")
        assert program.digest() == digest
        graph.write("MATCH (m:Model {status: 'listed'}) WITH m ORDER BY m.key LIMIT 1 SET m:Gone")
    assert program.digest() != digest
