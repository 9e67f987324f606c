"""The queries on families against networkx, on random genealogies."""

from collections import Counter
from typing import Any

import networkx as nx
from hypothesis import given, settings

from crawler.graph.connection import Graph
from tests.support.lineage_graph import ask, pick, wipe, write
from tests.support.plain_descents import DOWN, UP, Distance, both_ways, reached, sureness
from tests.support.plain_lineages import CERTAINTIES, Lineage, in_force, lineages, pairs_of


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
    check_siblings(schema_graph, lineage)
    check_common_ancestors(schema_graph, lineage, expected)
    check_generations(schema_graph, lineage, expected)


def assert_important_first(lineage: Lineage, rows: list[dict[str, Any]], *columns: str) -> None:
    """By these columns, then listed before gone before absent, then by the number of children, downloads, and name."""
    places = ["listed", "gone", "absent"]
    order = [
        (
            *(row[column] for column in columns),
            places.index(row["status"]),
            -row["children"],
            -(row["downloads"] or 0),
            row["id"],
        )
        for row in rows
    ]
    assert order == sorted(order)
    counted = Counter(entry["parent"].lower() for entry in lineage.links)
    assert {row["id"]: row["children"] for row in rows} == {row["id"]: counted[row["id"]] for row in rows}


def ways(lineage: Lineage, name: str, direction: tuple[str, str]) -> dict[str, tuple[bool, Distance]]:
    """How far everything in that direction is, and whether only withdrawn links lead there."""
    return lineage.rated(lambda links: reached(links, name, direction), lineage.relations)


def standing(withdrawn: bool) -> str:
    return "withdrawn" if withdrawn else "current"


def check_family(graph: Graph, lineage: Lineage, expected: "nx.DiGraph[str]") -> None:
    rows = ask(
        graph,
        "family",
        **lineage.asked("model", "as_of", "include_withdrawn", "kind", "status"),
        along=lineage.relations,
    )
    above, below = nx.descendants(expected, lineage.model), nx.ancestors(expected, lineage.model)
    of_kind = {
        entry["child"]
        for entry in lineage.holding()
        if entry["child"] != entry["parent"]
        and (lineage.kind is None or entry["properties"]["relation"] in lineage.kind)
    }
    connected = {
        name
        for name in nx.node_connected_component(expected.to_undirected(), lineage.model)
        if lineage.is_shown(name) and (lineage.kind is None or name in of_kind)
    }

    def kin(name: str) -> str:
        if name == lineage.model:
            return "itself"
        if name in above and name in below:
            return "both"
        return "ancestor" if name in above else "descendant" if name in below else "relative"

    up, down = (ways(lineage, lineage.model, direction) for direction in (UP, DOWN))
    near = lineage.rated(lambda links: reached(both_ways(links), lineage.model, UP), lineage.relations)
    assert len(rows) == len(connected)
    found = set()
    for name in connected:
        lines = [line[name] for line in (up, down) if name in line and name != lineage.model]
        withdrawn, (_depth, sure) = min(lines or [near[name]])
        certainty = CERTAINTIES[sure] if name != lineage.model else None
        row = (name.lower(), kin(name), near[name][1][0], certainty, standing(withdrawn), lineage.status(name))
        found.add(row)
    assert pick(rows, "id", "kin", "distance", "certainty", "link_status", "status") == found
    assert_important_first(lineage, rows, "link_status", "distance")


def check_siblings(graph: Graph, lineage: Lineage) -> None:
    rows = ask(
        graph,
        "siblings",
        **lineage.asked("model", "as_of", "include_withdrawn", "kind", "status"),
        along=lineage.relations,
    )
    links = lineage.holding()
    declared = in_force(lineage.links, lineage.at, None, include_withdrawn=False)
    own = {entry["parent"]: entry for entry in links if entry["child"] == lineage.model != entry["parent"]}
    shared: dict[str, list[tuple[str, str, bool, int]]] = {}
    for entry in links:
        relation, child, parent = entry["properties"]["relation"], entry["child"], entry["parent"]
        wanted = (lineage.kind is None or relation in lineage.kind) and lineage.is_shown(child)
        if parent in own and wanted and child not in (parent, lineage.model):
            weaker = max(sureness(entry), sureness(own[parent]))
            withdrawn = entry not in declared or own[parent] not in declared
            shared.setdefault(child.lower(), []).append((parent.lower(), relation, withdrawn, weaker))
    assert {row["id"]: row["parents"] for row in rows} == {
        name: sorted(parent for parent, *_rest in found) for name, found in shared.items()
    }
    assert {row["id"]: set(row["relations"]) for row in rows} == {
        name: {relation for _parent, relation, *_rest in found} for name, found in shared.items()
    }
    best = {name: min((withdrawn, sure) for *_rest, withdrawn, sure in found) for name, found in shared.items()}
    assert pick(rows, "id", "certainty", "link_status") == {
        (name, CERTAINTIES[sure], standing(withdrawn)) for name, (withdrawn, sure) in best.items()
    }
    assert_important_first(lineage, [row | {"shared": -len(row["parents"])} for row in rows], "link_status", "shared")


def check_common_ancestors(graph: Graph, lineage: Lineage, expected: "nx.DiGraph[str]") -> None:
    rows = ask(
        graph,
        "common_ancestors",
        **lineage.asked("model", "other", "as_of", "include_withdrawn"),
        along=lineage.relations,
    )
    one, two = (nx.single_source_shortest_path_length(expected, name) for name in (lineage.model, lineage.other))
    common = one.keys() & two.keys() if lineage.model != lineage.other else set()
    mine, theirs = (ways(lineage, name, UP) for name in (lineage.model, lineage.other))
    assert len(rows) == len(common)
    assert pick(rows, "id", "depth", "other_depth", "certainty", "link_status", "status") == {
        (
            name.lower(),
            depth,
            other_depth,
            CERTAINTIES[max(sure, other_sure)],
            standing(withdrawn or other_withdrawn),
            lineage.status(name),
        )
        for name in common
        for withdrawn, (depth, sure) in [mine[name]]
        for other_withdrawn, (other_depth, other_sure) in [theirs[name]]
    }
    summed = [row | {"sum": row["depth"] + row["other_depth"]} for row in rows]
    assert_important_first(lineage, summed, "link_status", "sum", "depth")


def check_generations(graph: Graph, lineage: Lineage, expected: "nx.DiGraph[str]") -> None:
    rows = ask(graph, "generations", **lineage.asked("model", "as_of", "include_withdrawn"), along=lineage.relations)
    below = nx.single_source_shortest_path_length(expected.reverse(), lineage.model)
    kinds = {
        (entry["child"], entry["properties"]["relation"])
        for entry in lineage.holding()
        if below.get(entry["parent"], -2) + 1 == below.get(entry["child"])
    }
    columns = {
        "copies": "copy",
        "finetunes": "finetune",
        "adapters": "adapter",
        "quantized": "quantized",
        "merges": "merge",
        "unknown": "unknown",
    }
    levels = Counter(below.values())
    declared = {
        entry["child"]
        for entry in lineage.holding()
        if below.get(entry["parent"], -2) + 1 == below.get(entry["child"])
        and entry["properties"]["certainty"] != "inferred"
    }
    assert [row["depth"] for row in rows] == sorted(levels.keys() - {0})
    for row in rows:
        members = {name for name, depth in below.items() if depth == row["depth"]}
        statuses = Counter(lineage.status(name) for name in members)
        assert (row["models"], row["listed"], row["gone"]) == (len(members), statuses["listed"], statuses["gone"])
        assert row["owners"] == len({lineage.nodes[name]["owner"] for name in members})
        assert row["inferred"] == len(members - declared)
        for column, relation in columns.items():
            assert row[column] == sum((name, relation) in kinds for name in members), column
