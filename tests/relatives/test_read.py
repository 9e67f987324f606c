"""What is read of one model's relatives, from a real graph."""

from datetime import datetime

import pytest
from hypothesis import given, settings

from crawler.answers.run import read_session
from crawler.errors import HubGenealogyError
from crawler.graph.connection import Graph
from crawler.relatives.model import Relatives
from crawler.relatives.read import read
from tests.support.lineage_graph import day, link, model, wipe, write
from tests.support.plain_lineages import Lineage, adjacency, depths, in_force, lineages, pairs_of


def relatives(graph: Graph, key: str, at: datetime | None = None) -> Relatives:
    with read_session(graph) as session:
        return read(session, key, None if at is None else at.isoformat())


def steps(found: Relatives) -> list[tuple[str, str]]:
    return [(link.child, link.parent) for link in found.links]


@settings(max_examples=60, deadline=None)
@given(lineage=lineages())
def test_all_relatives_and_all_links_among_them_are_read_as_of_that_time(schema_graph: Graph, lineage: Lineage) -> None:
    wipe(schema_graph)
    write(schema_graph, lineage.models, lineage.links)
    found = relatives(schema_graph, lineage.model, lineage.at)
    known = in_force(lineage.links, lineage.at, None, include_withdrawn=True)
    pairs = pairs_of(known)
    above = depths(lineage.model, adjacency(pairs)).keys() - {lineage.model}
    below = depths(lineage.model, adjacency([(parent, child) for child, parent in pairs])).keys() - {lineage.model}
    assert (set(found.above), set(found.below), found.key) == (above, below, lineage.model)
    family = above | below | {lineage.model}
    assert {
        (one.key, one.id, one.status, one.owner, one.children, one.downloads) for one in found.members.values()
    } == {
        (
            key,
            key.lower(),
            lineage.status(key),
            lineage.nodes[key]["owner"],
            lineage.children(key),
            lineage.nodes[key].get("downloads"),
        )
        for key in family
    }
    current = in_force(lineage.links, lineage.at, None, include_withdrawn=False)
    assert [
        (one.child, one.parent, one.relation, one.certainty, list(one.sources), one.withdrawn, one.first_seen)
        for one in found.links
    ] == sorted(
        (
            entry["child"],
            entry["parent"],
            entry["properties"]["relation"],
            entry["properties"]["certainty"],
            entry["properties"]["sources"],
            entry not in current,
            entry["properties"]["first_seen"],
        )
        for entry in known
        if {entry["child"], entry["parent"]} <= family
    )


def test_a_link_past_the_model_from_a_descendant_to_an_ancestor_is_among_them(graph: Graph) -> None:
    write(
        graph,
        [model("a/top"), model("a/base"), model("a/merge"), model("a/other")],
        [
            link("a/base", "a/top"),
            link("a/merge", "a/base", "merge"),
            link("a/merge", "a/top", "merge"),
            link("a/merge", "a/other", "merge"),
        ],
    )
    found = relatives(graph, "A/BASE")
    assert steps(found) == [("A/BASE", "A/TOP"), ("A/MERGE", "A/BASE"), ("A/MERGE", "A/TOP")]
    assert sorted(found.members) == ["A/BASE", "A/MERGE", "A/TOP"]


def test_a_chain_is_read_to_its_end_however_long(graph: Graph) -> None:
    write(graph, [model(f"c/{n}") for n in range(203)], [link(f"c/{n + 1}", f"c/{n}") for n in range(202)])
    assert (len(relatives(graph, "C/100").above), len(relatives(graph, "C/100").below)) == (100, 102)


def test_a_ladder_is_read_once_a_rung(graph: Graph) -> None:
    rungs = range(40)
    write(
        graph,
        [model(f"l/{n}{side}") for n in range(41) for side in "ab"],
        [link(f"l/{n + 1}{to}", f"l/{n}{of}", "merge") for n in rungs for to in "ab" for of in "ab"],
    )
    found = relatives(graph, "L/0A")
    assert (len(found.members), len(found.links)) == (81, 2 + 39 * 4)


def test_what_others_named_later_is_not_there_on_an_earlier_day(graph: Graph) -> None:
    write(graph, [model("a/base"), model("a/late")], [link("a/late", "a/base", first_seen=day(5))])
    assert relatives(graph, "A/BASE", day(4)).below == set()
    assert relatives(graph, "A/BASE", day(5)).below == {"A/LATE"}
    with read_session(graph) as session:
        assert read(session, "A/BASE", "2025-01-05").below == {"A/LATE"}  # the end of that day


def test_a_model_that_the_graph_lacks_is_an_error(graph: Graph) -> None:
    with read_session(graph) as session, pytest.raises(HubGenealogyError, match="no model with the key 'A/GONE'"):
        read(session, "A/GONE", None)
