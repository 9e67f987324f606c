"""Genealogy and propagation on real families, against plain Python on the links that the graph holds.

The Hub of March 2025 and what three weeks changed in it: merges of many parents, gone models, names that lead nowhere.
"""

import itertools
from collections import Counter
from collections.abc import Sequence
from typing import Any

import neo4j
import pytest

from crawler.graph.connection import Graph
from tests.support.lineage_graph import ask, pick
from tests.support.plain_lineages import (
    CERTAINTIES,
    CLASSES,
    Links,
    Way,
    adjacency,
    depths,
    graded,
    pairs_of,
    same_weights,
    strength,
)  # fmt: skip

pytestmark = [pytest.mark.replay, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def links(graph: Graph) -> Links:
    """The current links; those of a model to itself count for nothing."""
    with graph.session(neo4j.READ_ACCESS) as session:
        found = session.run(
            "MATCH (c:Model)-[e:DERIVED_FROM {status: 'current'}]->(p:Model) WHERE c <> p "
            "RETURN c.key AS child, p.key AS parent, e.relation AS relation, e.certainty AS certainty"
        )
        return [
            {
                "child": record["child"],
                "parent": record["parent"],
                "properties": {"relation": record["relation"], "certainty": record["certainty"]},
            }
            for record in found
        ]


@pytest.fixture(scope="module")
def nodes(graph: Graph) -> dict[str, dict[str, Any]]:
    with graph.session(neo4j.READ_ACCESS) as session:
        return {record["m"]["key"]: dict(record["m"]) for record in session.run("MATCH (m:Model) RETURN m")}


@pytest.fixture(scope="module")
def heads(links: Links) -> list[str]:
    """The models with the most descendants among those with the most children, and one whose children are gone."""
    down = adjacency([(parent, child) for child, parent in pairs_of(links)])
    crowded = Counter({parent: len(children) for parent, children in down.items()}).most_common(200)
    return sorted((parent for parent, _count in crowded), key=lambda name: (-len(depths(name, down)), name))[:4]


@pytest.fixture(scope="module")
def lowest(links: Links, heads: list[str]) -> list[str]:
    """The models that are furthest from each head."""
    down = adjacency([(parent, child) for child, parent in pairs_of(links)])
    return [max((depth, name) for name, depth in depths(head, down).items())[1] for head in heads]


def names_of(nodes: dict[str, dict[str, Any]], found: dict[str, Any]) -> set[tuple[Any, ...]]:
    return {(nodes[key]["id"], *(value if isinstance(value, tuple) else (value,))) for key, value in found.items()}


def without(found: dict[str, int], start: str) -> dict[str, int]:
    return {key: depth for key, depth in found.items() if key != start}


def test_descendants_and_generations_of_big_families(
    graph: Graph, links: Links, nodes: dict[str, dict[str, Any]], heads: list[str]
) -> None:
    down = adjacency([(parent, child) for child, parent in pairs_of(links)])
    for head in heads:
        below = without(depths(head, down), head)
        assert len(below) > 100
        rows = ask(graph, "descendants", model=head)
        assert pick(rows, "id", "depth") == names_of(nodes, below)
        assert len(rows) == len(below)
        generations = Counter(below.values())
        rows = ask(graph, "generations", model=head)
        assert [(row["depth"], row["models"]) for row in rows] == sorted(generations.items())
        gone = Counter(depth for key, depth in below.items() if nodes[key]["status"] == "gone")
        assert {row["depth"]: row["gone"] for row in rows if row["gone"]} == dict(gone)


def test_ancestors_roots_and_common_ancestors_of_the_lowest(
    graph: Graph, links: Links, nodes: dict[str, dict[str, Any]], lowest: list[str]
) -> None:
    up = adjacency(pairs_of(links))
    for low in lowest:
        above = depths(low, up)
        assert pick(ask(graph, "ancestors", model=low), "id", "depth") == names_of(nodes, without(above, low))
        begins = {key: depth for key, depth in above.items() if all(key in depths(top, up) for top in depths(key, up))}
        assert pick(ask(graph, "roots", model=low), "id", "depth") == names_of(nodes, begins)
    for one, two in itertools.pairwise(lowest):
        both = {key: (depth, depths(two, up)[key]) for key, depth in depths(one, up).items() if key in depths(two, up)}
        rows = ask(graph, "common_ancestors", model=one, other=two)
        assert pick(rows, "id", "depth", "other_depth") == (names_of(nodes, both) if one != two else set())


def test_families_and_siblings(
    graph: Graph, links: Links, nodes: dict[str, dict[str, Any]], heads: list[str], lowest: list[str]
) -> None:
    pairs = pairs_of(links)
    either = adjacency([*pairs, *((parent, child) for child, parent in pairs)])
    up, down = adjacency(pairs), adjacency([(parent, child) for child, parent in pairs])
    for member in heads[:2]:
        found = depths(member, either)
        rows = ask(graph, "family", model=member)
        assert pick(rows, "id", "distance") == names_of(nodes, found)
        assert len(rows) == len(found)
        kin = Counter(row["kin"] for row in rows)
        assert kin["ancestor"] + kin["both"] == len(depths(member, up)) - 1
        assert kin["descendant"] + kin["both"] == len(depths(member, down)) - 1
    for member in lowest:
        siblings = {other for parent in up[member] for other in down[parent]} - {member}
        assert pick(ask(graph, "siblings", model=member), "id") == {(nodes[key]["id"],) for key in siblings}


def test_what_lives_on_in_every_descendant(
    graph: Graph, links: Links, nodes: dict[str, dict[str, Any]], heads: list[str]
) -> None:
    for head in heads:
        best = graded(links, head)
        rows = ask(graph, "impact", model=head, include_withdrawn=False)
        expected = {
            (nodes[key]["id"], CLASSES[way.rank], CERTAINTIES[way.sure], way.depth, nodes[key]["status"])
            for key, way in best.items()
        }
        assert pick(rows, "id", "class", "certainty", "depth", "status") == expected
        assert len(rows) == len(best)
        check_ways(links, nodes, rows[:500], head)
        assert all(row["path"] is None for row in rows[500:])
        check_counts(graph, nodes, head, best)


def check_ways(links: Links, nodes: dict[str, dict[str, Any]], rows: Sequence[dict[str, Any]], head: str) -> None:
    """Each way that is shown is one: of that length, from the descendant to the head, and as strong as it is said to be."""
    steps = {(nodes[e["child"]]["id"], nodes[e["parent"]]["id"]): strength(e) for e in links}
    for row in rows:
        way = row["path"]
        assert (way[0], way[-1], len(way) - 1) == (row["id"], nodes[head]["id"], row["depth"])
        found = [steps[step] for step in itertools.pairwise(way)]
        assert CLASSES[max(rank for rank, _sure in found)] == row["class"]
        assert CERTAINTIES[max(sure for _rank, sure in found)] == row["certainty"]


def check_counts(graph: Graph, nodes: dict[str, dict[str, Any]], head: str, best: dict[str, Way]) -> None:
    rows = ask(graph, "exposure_summary", model=head, include_withdrawn=False)
    groups: Counter[tuple[Any, ...]] = Counter({("total", None, None, None): len(best)})
    for key, way in best.items():
        gate = nodes[key].get("gated") if nodes[key]["status"] == "listed" else None
        groups[CLASSES[way.rank], CERTAINTIES[way.sure], nodes[key]["status"], gate] += 1
    columns = ("class", "certainty", "status", "gated", "models")
    assert pick(rows, *columns) == {(*group, count) for group, count in groups.items()}
    owners: dict[str, list[int]] = {}
    for key, way in best.items():
        owners.setdefault(nodes[key].get("owner") or key, []).append(way.rank + 1)
    rows = [
        row for row in ask(graph, "notify", model=head, include_withdrawn=False) if row["direction"] == "downstream"
    ]
    assert Counter((row["wave"], row["models"], row["all_models"]) for row in rows) == Counter(
        (min(waves), waves.count(min(waves)), len(waves)) for waves in owners.values()
    )


def test_copies_of_the_same_weights(
    graph: Graph, links: Links, nodes: dict[str, dict[str, Any]], heads: list[str], lowest: list[str]
) -> None:
    for member in (*heads, *lowest):
        expected = same_weights(links, member)
        rows = ask(graph, "same_weights", model=member, include_withdrawn=False)
        assert len(rows) == len(expected)
        assert pick(rows, "id", "role", "certainty", "distance") == {
            (nodes[key]["id"], role, CERTAINTIES[sure], distance) for key, (role, sure, distance) in expected.items()
        }


def test_listed_children_of_what_is_gone_and_of_what_never_was(
    graph: Graph, links: Links, nodes: dict[str, dict[str, Any]]
) -> None:
    listed = [entry for entry in links if nodes[entry["child"]]["status"] == "listed"]
    gone = Counter(nodes[e["parent"]]["id"] for e in listed if nodes[e["parent"]]["status"] == "gone")
    rows = ask(graph, "gone_parents", include_withdrawn=False)
    assert gone
    assert Counter(row["parent"] for row in rows) == gone
    absent = Counter(nodes[e["parent"]]["id"] for e in listed if nodes[e["parent"]]["status"] == "absent")
    assert {row["id"]: row["children"] for row in ask(graph, "absent_parents", include_withdrawn=False)} == dict(absent)
