"""The saved queries against a search written in plain Python, on random graphs with every awkward shape."""

import random
from itertools import pairwise
from typing import Any

import pytest

from crawler.answers.parameters import RELATIONS
from crawler.graph.connection import Graph
from tests.support.lineage_graph import ask, day, link, model, pick, wipe, write
from tests.support.plain_descents import DOWN, UP, Distance, reached, related
from tests.support.plain_lineages import (
    CERTAINTIES,
    EVIDENCE,
    STATUSES,
    Links,
    adjacency,
    depths,
    in_force,
    pairs_of,
    status_at,
)


def random_models(dice: random.Random, count: int) -> list[dict[str, Any]]:
    models = []
    for number in range(count):
        made = model(f"m/{number}", downloads=dice.randint(0, 3))
        if dice.random() < 0.15:
            made |= {"status": "gone", "gone_at": day(dice.randint(1, 9))}
        elif dice.random() < 0.15:
            made |= {"status": "absent"}
            del made["listed_at"], made["downloads"]
        models.append(made)
    return models


def random_links(dice: random.Random, count: int) -> Links:
    """Some two for each model: mostly to an older one, some to itself, some closing a circle."""
    links: dict[tuple[int, int], dict[str, Any]] = {}
    for _ in range(2 * count):
        child, parent = sorted((dice.randrange(count), dice.randrange(count)), reverse=dice.random() < 0.9)
        sources, certainty = dice.choice(EVIDENCE)
        properties: dict[str, Any] = {"first_seen": day(dice.randint(1, 5)), "sources": sources, "certainty": certainty}
        if dice.random() < 0.15:
            properties |= {"status": "withdrawn", "withdrawn_at": day(dice.randint(6, 9))}
        if dice.random() < 0.1:
            start = dice.randint(5, 7)
            properties |= {"absences": [day(start), day(start + 1)]}
        links[child, parent] = link(f"m/{child}", f"m/{parent}", dice.choice(RELATIONS), **properties)
    return list(links.values())


@pytest.mark.parametrize("seed", range(6))
def test_queries_agree_with_a_plain_search(schema_graph: Graph, seed: int) -> None:
    dice = random.Random(seed)
    count = dice.choice([5, 15, 40])
    models, links = random_models(dice, count), random_links(dice, count)
    wipe(schema_graph)
    write(schema_graph, models, links)
    some = dice.sample(RELATIONS, 3)
    choices: list[dict[str, Any]] = [
        {"as_of": None, "kind": None, "along": None, "status": None, "include_withdrawn": False},
        {"as_of": None, "kind": ["quantized"], "along": None, "status": ["gone"], "include_withdrawn": True},
        {"as_of": day(dice.randint(3, 8)), "kind": None, "along": None, "status": None, "include_withdrawn": True},
        {"as_of": day(dice.randint(3, 8)), "kind": None, "along": some, "status": None, "include_withdrawn": False},
        {
            "as_of": day(dice.randint(3, 8)),
            "kind": some[:2],
            "along": some,
            "status": dice.sample(STATUSES, 2),
            "include_withdrawn": False,
        },
    ]
    for given in choices:
        at, kind, along, withdrawn = given["as_of"], given["kind"], given["along"], given["include_withdrawn"]
        when = {"as_of": at, "include_withdrawn": withdrawn}
        shown = {node["key"] for node in models if status_at(node, at) in (given["status"] or STATUSES)}
        held = in_force(links, at, along, include_withdrawn=withdrawn)
        pairs = pairs_of(held)
        up = adjacency(pairs)
        own = in_force(links, at, kind, include_withdrawn=withdrawn)
        ancestors = {node["key"]: depths(node["key"], up) for node in models}
        for name in dice.sample([node["key"] for node in models], 5):
            for query, direction in (("ancestors", UP), ("descendants", DOWN)):
                rows = ask(schema_graph, query, model=name, **given)
                check_relatives(rows, models, links, direction, {"model": name, **given})
                near = ask(schema_graph, query, model=name, **given, max_depth=2)
                assert near == [row for row in rows if row["depth"] <= 2]
            for query, here, there in (("parents", "child", "parent"), ("children", "parent", "child")):
                rows = ask(schema_graph, query, model=name, **given)
                assert pick(rows, "id", "relation", "certainty") == {
                    (entry[there].lower(), entry["properties"]["relation"], entry["properties"]["certainty"])
                    for entry in own
                    if entry[here] == name != entry[there] and entry in held and entry[there] in shown
                }
                check_order(rows, models, links, at, "link_status")
            check_roots(
                ask(schema_graph, "roots", model=name, along=along, **when),
                reached(in_force(links, at, along, include_withdrawn=False), name, UP),
                reached(held, name, UP),
                up,
                ancestors,
            )
            for query in ("ancestors", "descendants", "children", "parents", "siblings"):
                rows = ask(schema_graph, query, model=name, **given)
                by_name = ask(schema_graph, query, model=name, **given, order="name")
                assert by_name == sorted(rows, key=lambda row: row["id"])
            other = dice.choice(models)["key"]
            check_path(
                ask(schema_graph, "path", model=name, other=other, along=along, **when), name, other, pairs, ancestors
            )
        if not withdrawn:
            pairs = pairs_of(own)
            check_top_parents(ask(schema_graph, "top_parents", as_of=at, kind=kind), models, pairs, at)


def check_relatives(
    rows: list[dict[str, Any]],
    models: list[dict[str, Any]],
    links: Links,
    direction: tuple[str, str],
    given: dict[str, Any],
) -> None:
    """A way without a withdrawn link beats any way with one; then the shortest counts, then the most certain."""
    at, name, kind = given["as_of"], given["model"], given["kind"]
    current, *more = (
        related(in_force(links, at, given["along"], include_withdrawn=withdrawn), name, direction, kind)
        for withdrawn in sorted({False, given["include_withdrawn"]})
    )
    everything = more[0] if more else current
    wanted = {node["key"] for node in models if status_at(node, at) in (given["status"] or STATUSES)}
    everything = {other: found for other, found in everything.items() if other in wanted}
    expected = {
        (other.lower(), depth, CERTAINTIES[sure], "current" if other in current else "withdrawn")
        for other in everything
        for depth, sure in [current.get(other, everything[other])[0]]
    }
    assert pick(rows, "id", "depth", "certainty", "link_status") == expected
    assert len(rows) == len(expected)
    check_order(rows, models, links, at, "link_status", "depth")
    if direction == DOWN:
        assert {row["id"]: row["relations"] for row in rows} == {
            other.lower(): sorted(kinds) for other, (_way, kinds) in everything.items()
        }


def check_order(rows: list[dict[str, Any]], models: list[dict[str, Any]], links: Links, at: Any, *columns: str) -> None:
    """By these columns, then listed before gone before absent, then by children, downloads and name."""
    status = {node["id"]: status_at(node, at) for node in models}
    assert {row["id"]: row["status"] for row in rows} == {row["id"]: status[row["id"]] for row in rows}
    children = {row["id"]: sum(entry["parent"] == row["id"].upper() for entry in links) for row in rows}
    assert {row["id"]: row["children"] for row in rows} == children
    order = [
        (
            *(row[column] for column in columns),
            STATUSES.index(row["status"]),
            -row["children"],
            -(row["downloads"] or 0),
            row["id"],
        )
        for row in rows
    ]
    assert order == sorted(order)


def check_roots(
    rows: list[dict[str, Any]],
    current: dict[str, Distance],
    ways: dict[str, Distance],
    up: dict[str, set[str]],
    ancestors: dict[str, dict[str, int]],
) -> None:
    """`ways` may use withdrawn links, `current` does not; a root has no ancestor that is not its descendant."""
    assert pick(rows, "id", "depth", "certainty", "link_status", "on_cycle") == {
        (
            top.lower(),
            depth,
            CERTAINTIES[sure] if depth else None,
            "current" if top in current else "withdrawn",
            bool(up.get(top, set()) - {top}),
        )
        for top, way in ways.items()
        if all(top in ancestors[above] for above in ancestors[top])
        for depth, sure in [current.get(top, way)]
    }


def check_path(
    rows: list[dict[str, Any]],
    name: str,
    other: str,
    pairs: list[tuple[str, str]],
    ancestors: dict[str, dict[str, int]],
) -> None:
    start, end = (name, other) if other in ancestors[name] else (other, name)
    expected = ancestors[start].get(end, 0)
    steps = [(row["child"].upper(), row["parent"].upper()) for row in rows]
    assert len(steps) == expected
    assert set(steps) <= set(pairs)
    if steps:
        assert (steps[0][0], steps[-1][1]) == (start, end)
        assert all(before[1] == after[0] for before, after in pairwise(steps))


def check_top_parents(
    rows: list[dict[str, Any]], models: list[dict[str, Any]], pairs: list[tuple[str, str]], at: Any
) -> None:
    listed = {
        node["key"]
        for node in models
        if "listed_at" in node and ("gone_at" not in node or (at is not None and node["gone_at"] > at))
    }
    children: dict[str, int] = {}
    for child, parent in pairs:
        if child != parent and child in listed:
            children[parent] = children.get(parent, 0) + 1
    nodes = {node["key"]: node for node in models}
    expected = sorted(
        (-count, STATUSES.index(status_at(nodes[parent], at)), -nodes[parent].get("downloads", 0), parent.lower())
        for parent, count in children.items()
    )
    assert [(row["id"], row["children"]) for row in rows] == [(name, -count) for count, _, _, name in expected]
