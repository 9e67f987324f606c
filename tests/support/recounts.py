"""The numbers of a model's report, counted once more: plain Python on all nodes and links of the graph."""

import math
from collections import Counter
from collections.abc import Iterable
from typing import Any

import neo4j

from crawler.graph.connection import Graph
from tests.support.plain_lineages import (
    CERTAINTIES,
    CLASSES,
    Links,
    Way,
    adjacency,
    depths,
    graded,
    looks_like,
    pairs_of,
)

Nodes = dict[str, dict[str, Any]]
# Of the summary: these are counted by functions of their own.
ASIDE = dict.fromkeys(("usual", "turns", "roots"))
TURNS = {"itself": 1, "same_weights": 1, "needs_parent": 2, "retrained": 2, "mixed": 2, "unclear": 3}


def read(graph: Graph) -> tuple[Nodes, Links]:
    """All models by key, and all links; those of a model to itself count for nothing."""
    with graph.session(neo4j.READ_ACCESS) as session:
        nodes = {record["m"]["key"]: dict(record["m"]) for record in session.run("MATCH (m:Model) RETURN m")}
        found = session.run(
            "MATCH (c:Model)-[e:DERIVED_FROM]->(p:Model) WHERE c <> p "
            "RETURN c.key AS child, p.key AS parent, properties(e) AS properties"
        )
        return nodes, [record.data() for record in found]


def check(report: dict[str, Any], nodes: Nodes, links: Links) -> None:
    """Each relative with its class, certainty and depth, each number of the summary, each contact's models."""
    key = report["model"]["key"]
    below, above = _rated(links, key), _rated(_turned(links), key)
    for rows, expected in ((report["descendants"], below), (report["ancestors"], above)):
        assert len(rows) == len(expected)
        assert {(r["key"], r["link_status"], r["class"], r["certainty"], r["depth"]) for r in rows} == {
            (name, "withdrawn" if withdrawn else "current", CLASSES[way.rank], CERTAINTIES[way.sure], way.depth)
            for name, (withdrawn, way) in expected.items()
        }
        assert {(r["id"], r["status"], r["owner"], r["downloads"]) for r in rows} == {
            tuple(nodes[name].get(field) for field in ("id", "status", "owner", "downloads")) for name in expected
        }
    beside = _beside(links, key)
    assert len(report["beside"]) == len(beside)
    assert {(r["key"], r["link_status"], r["certainty"], r["distance"]) for r in report["beside"]} == beside
    current = {name: way for name, (withdrawn, way) in below.items() if not withdrawn}
    assert {name: None if name in ASIDE else value for name, value in report["summary"].items()} == {
        "descendants": len(below),
        "withdrawn": len(below) - len(current),
        "ancestors": len(above),
        "beside": len(beside),
        "deepest": max((way.depth for way in current.values()), default=0),
        "look_alikes": _look_alikes(
            nodes, links, key, {name for name, (withdrawn, _way) in above.items() if not withdrawn}
        ),
        "classes": Counter(CLASSES[way.rank] for way in current.values()),
        **_counted([nodes[name] for name in current]),
        **ASIDE,
    }
    up = adjacency(pairs_of(links))
    tops = {name for name in above if all(name in depths(top, up) for top in depths(name, up))}
    assert {row["key"] for row in report["ancestors"] if row["root"]} == tops
    assert set(report["summary"]["roots"]) == {nodes[name]["id"] for name in tops}
    relatives = {*current, *(name for name, (withdrawn, _way) in above.items() if not withdrawn)}
    usual = _usual(links, len(current), 1 + len(relatives))
    assert _rounded(report["summary"]["usual"]) == _rounded(usual)
    _check_contacts(report, nodes)


def _counted(found: Iterable[dict[str, Any]]) -> dict[str, Any]:
    found = list(found)
    listed = [node for node in found if node["status"] == "listed"]
    return {
        "status": Counter(node["status"] for node in found),
        "gated": sum(node.get("gated") in {"auto", "manual"} for node in listed),
        "open": sum(node.get("gated") == "false" for node in listed),
        "owners": len({node["owner"] for node in found if node.get("owner")}),
        "downloads": sum(node.get("downloads", 0) for node in listed),
    }


def _look_alikes(nodes: Nodes, links: Links, key: str, above: set[str]) -> int | None:
    """How many models look like this one; None where it says too little of itself."""
    itself = nodes[key]
    if itself.get("parameters") is None or (itself.get("model_type") is None and itself.get("architectures") is None):
        return None
    declaring = {entry["child"] for entry in links if entry["properties"]["status"] == "current"}
    others = (node for name, node in nodes.items() if name not in {key, *above, *declaring})
    return len([node for node in others if node["status"] == "listed" and looks_like(itself, node)])


def _check_contacts(report: dict[str, Any], nodes: Nodes) -> None:
    """Every owner of a descendant is a contact, with as many models as it has here, and in its first turn."""
    for standing in ("current", "withdrawn"):
        owned = Counter(_owner(row) for row in report["descendants"] if row["link_status"] == standing)
        assert owned == {
            _owner(row): row["all_models"]
            for row in report["contacts"]
            if (row["direction"], row["link_status"]) == ("downstream", standing)
        }
    itself = {"class": "itself", "owner": nodes[report["model"]["key"]].get("owner"), "key": report["model"]["key"]}
    beside = [{**row, "class": "same_weights"} for row in report["beside"]]
    first: dict[str, int] = {}
    for row in (itself, *beside, *report["ancestors"], *report["descendants"]):
        first[_owner(row)] = min(TURNS[row["class"]], first.get(_owner(row), 3))
    assert report["summary"]["turns"] == {str(turn): list(first.values()).count(turn) for turn in (1, 2, 3)}


def _beside(links: Links, key: str) -> set[tuple[str, str, str, int]]:
    """Other copies of what the model is a copy of, with their best way there: up to the original and down again."""
    copies = [entry for entry in links if entry["properties"]["relation"] in {"copy", "quantized"}]
    found: dict[str, tuple[bool, int, int]] = {}
    roles: dict[str, list[tuple[bool, int]]] = {}
    for withdrawn in (False, True):
        for sure in range(len(CERTAINTIES) - 1):  # the last is "inferred", along which no weights are the same
            pairs = pairs_of([entry for entry in copies if _counts(entry, sure, withdrawn=withdrawn)])
            down = adjacency([(parent, child) for child, parent in pairs])
            for original, up in depths(key, adjacency(pairs)).items():
                for name, steps in depths(original, down).items():
                    best = (withdrawn, sure, up + steps)
                    found[name] = min(best, found.get(name, best))
                    role = 0 if name == original else 1 if original == key else 2
                    roles.setdefault(name, []).append((withdrawn, role))
    return {
        (name, "withdrawn" if withdrawn else "current", CERTAINTIES[sure], distance)
        for name, (withdrawn, sure, distance) in found.items()
        if name != key and min(roles[name])[1] == 2  # neither an original nor a copy of the model
    }


def _counts(entry: dict[str, Any], sure: int, *, withdrawn: bool) -> bool:
    properties = entry["properties"]
    return CERTAINTIES.index(properties["certainty"]) <= sure and (withdrawn or properties["status"] == "current")


def _usual(links: Links, descendants: int, size: int) -> dict[str, Any] | None:
    """How large families are, and how many descendants the most followed models have, by current links."""
    pairs = pairs_of([entry for entry in links if entry["properties"]["status"] == "current"])
    families = _families(pairs)
    size_from = 2 ** int(math.log2(size))
    as_large = sum(family >= size_from for family in families)
    if size == 1 or not as_large:
        return None
    down = adjacency([(parent, child) for child, parent in pairs])
    followed = sorted((len(depths(name, down)) - 1 for name in down), reverse=True)[:1000]
    return {
        "size": size,
        "size_from": size_from,
        "families": as_large,
        "share": as_large / len(families),
        "followed_rank": 1 + sum(count > descendants for count in followed)
        if descendants and descendants >= followed[-1]
        else None,
        "followed_ranked": len(followed),
    }


def _rounded(usual: dict[str, Any] | None) -> dict[str, Any] | None:
    """The program adds up the shares of each size, and here the sum is divided once: the last digit may differ."""
    return usual and usual | {"share": round(usual["share"], 12)}


def _families(pairs: list[tuple[str, str]]) -> list[int]:
    """The sizes of what links connect, in either direction."""
    around = adjacency([*pairs, *((parent, child) for child, parent in pairs)])
    sizes = []
    left = set(around)
    while left:
        family = depths(next(iter(left)), around).keys()
        sizes.append(len(family))
        left -= family
    return sizes


def _owner(row: dict[str, Any]) -> str:
    """Whom to contact: of a model without an owner, whoever that is."""
    return str(row["owner"] or row["key"])


def _rated(links: Links, key: str) -> dict[str, tuple[bool, Way]]:
    """The best way of each descendant, and whether only withdrawn links lead there."""
    reached = depths(key, adjacency([(parent, child) for child, parent in pairs_of(links)]))
    links = [entry for entry in links if entry["child"] in reached and entry["parent"] in reached]
    current = graded([entry for entry in links if entry["properties"]["status"] == "current"], key)
    return {name: (name not in current, current.get(name, way)) for name, way in graded(links, key).items()}


def _turned(links: Links) -> Links:
    return [{**entry, "child": entry["parent"], "parent": entry["child"]} for entry in links]
