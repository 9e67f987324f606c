"""The saved queries against a search written in plain Python, on random graphs with every awkward shape."""

import random
from itertools import pairwise
from typing import Any

import pytest

from crawler.answers.parameters import RELATIONS
from crawler.graph.connection import Graph
from tests.support.lineage_graph import ask, day, link, model, pick, wipe, write
from tests.support.plain_lineages import Links, adjacency, depths, in_force, pairs_of


def random_models(dice: random.Random, count: int) -> list[dict[str, Any]]:
    models = []
    for number in range(count):
        made = model(f"m/{number}")
        if dice.random() < 0.15:
            made |= {"status": "gone", "gone_at": day(dice.randint(1, 9))}
        elif dice.random() < 0.15:
            made |= {"status": "absent"}
            del made["listed_at"]
        models.append(made)
    return models


def random_links(dice: random.Random, count: int) -> Links:
    """Some two for each model: mostly to an older one, some to itself, some closing a circle."""
    links: dict[tuple[int, int], dict[str, Any]] = {}
    for _ in range(2 * count):
        child, parent = sorted((dice.randrange(count), dice.randrange(count)), reverse=dice.random() < 0.9)
        properties: dict[str, Any] = {"first_seen": day(dice.randint(1, 5))}
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
    choices: list[dict[str, Any]] = [
        {"as_of": None, "relations": None, "include_withdrawn": False},
        {"as_of": None, "relations": None, "include_withdrawn": True},
        {"as_of": day(dice.randint(3, 8)), "relations": None, "include_withdrawn": False},
        {"as_of": day(dice.randint(3, 8)), "relations": dice.sample(RELATIONS, 3), "include_withdrawn": False},
    ]
    for given in choices:
        pairs = pairs_of(
            in_force(links, given["as_of"], given["relations"], include_withdrawn=given["include_withdrawn"])
        )
        up, down = adjacency(pairs), adjacency([(parent, child) for child, parent in pairs])
        ancestors = {node["key"]: depths(node["key"], up) for node in models}
        for name in dice.sample([node["key"] for node in models], 5):
            found = {"model": name, **given}
            lower = name.lower()
            expected_up = {(other.lower(), depth) for other, depth in ancestors[name].items() if other != name}
            expected_down = {(other.lower(), depth) for other, depth in depths(name, down).items() if other != name}
            assert pick(ask(schema_graph, "ancestors", **found), "id", "depth") == expected_up
            assert pick(ask(schema_graph, "descendants", **found), "id", "depth") == expected_down
            assert pick(ask(schema_graph, "descendants", **found, max_depth=2), "id") == {
                (other,) for other, depth in expected_down if depth <= 2
            }
            assert pick(ask(schema_graph, "parents", **found), "id") == {
                (p.lower(),) for p in up.get(name, set()) - {name}
            }
            assert pick(ask(schema_graph, "children", **found), "id") == {
                (c.lower(),) for c in down.get(name, set()) - {name}
            }
            assert pick(ask(schema_graph, "roots", **found), "id", "depth", "on_cycle") == {
                (top.lower(), depth, bool(up.get(top, set()) - {top}))
                for top, depth in ancestors[name].items()
                if all(top in ancestors[above] for above in ancestors[top])
            }, lower
            other = dice.choice(models)["key"]
            check_path(ask(schema_graph, "path", other=other, **found), name, other, pairs, ancestors)
        if not given["include_withdrawn"]:
            check_top_parents(
                ask(schema_graph, "top_parents", as_of=given["as_of"], relations=given["relations"]),
                models,
                pairs,
                given["as_of"],
            )


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
    expected: dict[str, int] = {}
    for child, parent in pairs:
        if child != parent and child in listed:
            expected[parent.lower()] = expected.get(parent.lower(), 0) + 1
    assert [(row["id"], row["children"]) for row in rows] == sorted(
        expected.items(), key=lambda pair: (-pair[1], pair[0])
    )
