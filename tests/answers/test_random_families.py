"""The queries on families against networkx, on random genealogies."""

from collections import Counter

import networkx as nx
from hypothesis import given, settings

from crawler.graph.connection import Graph
from tests.support.lineage_graph import ask, pick, wipe, write
from tests.support.plain_lineages import Lineage, lineages, pairs_of


def drawn(lineage: Lineage) -> "nx.DiGraph[str]":
    """Child to parent; links of a model to itself count for nothing."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(lineage.names)
    graph.add_edges_from((child, parent) for child, parent in pairs_of(lineage.holding()) if child != parent)
    return graph


@settings(max_examples=100, deadline=None)
@given(lineage=lineages(most=12))
def test_families_are_what_an_independent_search_finds(schema_graph: Graph, lineage: Lineage) -> None:
    wipe(schema_graph)
    write(schema_graph, lineage.models, lineage.links)
    expected = drawn(lineage)
    check_family(schema_graph, lineage, expected)
    check_siblings(schema_graph, lineage, expected)
    check_common_ancestors(schema_graph, lineage, expected)
    check_generations(schema_graph, lineage, expected)


def check_family(graph: Graph, lineage: Lineage, expected: "nx.DiGraph[str]") -> None:
    rows = ask(graph, "family", **lineage.asked("model", "as_of", "relations", "include_withdrawn"))
    above, below = nx.descendants(expected, lineage.model), nx.ancestors(expected, lineage.model)
    distances = nx.single_source_shortest_path_length(expected.to_undirected(), lineage.model)

    def kin(name: str) -> str:
        if name == lineage.model:
            return "itself"
        if name in above and name in below:
            return "both"
        return "ancestor" if name in above else "descendant" if name in below else "relative"

    assert len(rows) == len(distances)
    assert pick(rows, "id", "kin", "distance", "status") == {
        (name.lower(), kin(name), distance, lineage.status(name)) for name, distance in distances.items()
    }


def check_siblings(graph: Graph, lineage: Lineage, expected: "nx.DiGraph[str]") -> None:
    rows = ask(graph, "siblings", **lineage.asked("model", "as_of", "relations", "include_withdrawn"))
    shared: dict[str, set[str]] = {}
    for parent in expected.successors(lineage.model):
        for sibling in expected.predecessors(parent):
            if sibling != lineage.model:
                shared.setdefault(sibling.lower(), set()).add(parent.lower())
    assert {row["id"]: set(row["parents"]) for row in rows} == shared
    assert all(row["parents"] == sorted(row["parents"]) for row in rows)
    kinds = {
        sibling: {
            entry["properties"]["relation"]
            for entry in lineage.holding()
            if entry["child"].lower() == sibling and entry["parent"].lower() in parents
        }
        for sibling, parents in shared.items()
    }
    assert {row["id"]: set(row["relations"]) for row in rows} == kinds


def check_common_ancestors(graph: Graph, lineage: Lineage, expected: "nx.DiGraph[str]") -> None:
    rows = ask(graph, "common_ancestors", **lineage.asked("model", "other", "as_of", "relations", "include_withdrawn"))
    one, two = (nx.single_source_shortest_path_length(expected, name) for name in (lineage.model, lineage.other))
    common = one.keys() & two.keys() if lineage.model != lineage.other else set()
    assert len(rows) == len(common)
    assert pick(rows, "id", "depth", "other_depth", "status") == {
        (name.lower(), one[name], two[name], lineage.status(name)) for name in common
    }
    sums = [row["depth"] + row["other_depth"] for row in rows]
    assert sums == sorted(sums)


def check_generations(graph: Graph, lineage: Lineage, expected: "nx.DiGraph[str]") -> None:
    rows = ask(graph, "generations", **lineage.asked("model", "as_of", "relations", "include_withdrawn"))
    below = nx.single_source_shortest_path_length(expected.reverse(), lineage.model)
    kinds = {
        (entry["child"], entry["properties"]["relation"])
        for entry in lineage.holding()
        if below.get(entry["parent"], -2) + 1 == below.get(entry["child"])
    }
    columns = {
        "finetunes": "finetune",
        "adapters": "adapter",
        "quantized": "quantized",
        "merges": "merge",
        "unknown": "unknown",
    }
    levels = Counter(below.values())
    assert [row["depth"] for row in rows] == sorted(levels.keys() - {0})
    for row in rows:
        members = {name for name, depth in below.items() if depth == row["depth"]}
        statuses = Counter(lineage.status(name) for name in members)
        assert (row["models"], row["listed"], row["gone"]) == (len(members), statuses["listed"], statuses["gone"])
        assert row["owners"] == len({lineage.nodes[name]["owner"] for name in members})
        for column, relation in columns.items():
            assert row[column] == sum((name, relation) in kinds for name in members), column
