"""Dossiers of real families: every number by plain Python on the links of the graph, and a past day as it was then."""

import json
import resource
import time
from collections import Counter
from pathlib import Path
from typing import Any

import neo4j
import pytest

from crawler.graph.connection import Graph
from tests.support.lineage_graph import ask, pick
from tests.support.plain_lineages import CERTAINTIES, CLASSES, Links, Way, adjacency, depths, graded, pairs_of
from tests.support.replays import Replay

pytestmark = [pytest.mark.replay, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def graph(replay: Replay) -> Graph:
    for _week in replay.weeks():
        pass
    return replay.graph


@pytest.fixture(scope="module")
def nodes(graph: Graph) -> dict[str, dict[str, Any]]:
    with graph.session(neo4j.READ_ACCESS) as session:
        return {record["m"]["key"]: dict(record["m"]) for record in session.run("MATCH (m:Model) RETURN m")}


@pytest.fixture(scope="module")
def every_link(graph: Graph) -> Links:
    """All links; those of a model to itself count for nothing."""
    with graph.session(neo4j.READ_ACCESS) as session:
        found = session.run(
            "MATCH (c:Model)-[e:DERIVED_FROM]->(p:Model) WHERE c <> p "
            "RETURN c.key AS child, p.key AS parent, properties(e) AS properties"
        )
        return [record.data() for record in found]


@pytest.fixture(scope="module")
def subjects(graph: Graph) -> dict[str, str]:
    """The root with most descendants (3,716 by now), the merge with most parents, a gated model with open descendants."""
    root = ask(graph, "most_followed", limit=1)[0]
    assert root["descendants"] > 3_000
    with graph.session(neo4j.READ_ACCESS) as session:
        merge = session.run(
            "MATCH (m:Model)-[e:DERIVED_FROM {relation: 'merge'}]->() WITH m, count(e) AS parents "
            "RETURN m.id AS id ORDER BY parents DESC, id LIMIT 1"
        ).single(strict=True)
    gated = ask(graph, "gated_bypass", limit=1)[0]
    return {"root": root["id"], "merge": merge["id"], "gated": gated["gate"]}


def rated(links: Links, key: str) -> dict[str, tuple[bool, Way]]:
    """The best way of each descendant, and whether only withdrawn links lead there."""
    current = graded([entry for entry in links if entry["properties"]["status"] == "current"], key)
    return {name: (name not in current, current.get(name, way)) for name, way in graded(links, key).items()}


def turned(links: Links) -> Links:
    return [{**entry, "child": entry["parent"], "parent": entry["child"]} for entry in links]


@pytest.mark.parametrize("kind", ["root", "merge", "gated"])
def test_every_number_of_a_report_is_what_plain_python_counts(
    replay: Replay, nodes: dict[str, dict[str, Any]], every_link: Links, subjects: dict[str, str], kind: str
) -> None:
    began = time.monotonic()
    report = replay.program.run("report", subjects[kind]).json()
    seconds = time.monotonic() - began
    key = report["model"]["key"]
    below, above = rated(every_link, key), rated(turned(every_link), key)
    for rows, expected in ((report["descendants"], below), (report["ancestors"], above)):
        assert {(r["key"], r["link_status"] == "withdrawn", r["class"], r["certainty"], r["depth"]) for r in rows} == {
            (name, withdrawn, CLASSES[way.rank], CERTAINTIES[way.sure], way.depth)
            for name, (withdrawn, way) in expected.items()
        }
        assert len(rows) == len(expected)
    current = {name: way for name, (withdrawn, way) in below.items() if not withdrawn}
    found = [nodes[name] for name in current]
    listed = [node for node in found if node["status"] == "listed"]
    numbers = report["summary"]
    assert numbers["classes"] == Counter(CLASSES[way.rank] for way in current.values())
    assert numbers["status"] == Counter(node["status"] for node in found)
    assert numbers | {"usual": None, "turns": None, "roots": None, "beside": None, "classes": None, "status": None} == {
        "descendants": len(below),
        "withdrawn": len(below) - len(current),
        "ancestors": len(above),
        "gated": sum(node.get("gated") in ("auto", "manual") for node in listed),
        "open": sum(node.get("gated") == "false" for node in listed),
        "owners": len({node["owner"] for node in found if node.get("owner")}),
        "downloads": sum(node.get("downloads", 0) for node in listed),
        "deepest": max((way.depth for way in current.values()), default=0),
        **dict.fromkeys(("usual", "turns", "roots", "beside", "classes", "status")),
    }
    up = adjacency(pairs_of(every_link))
    tops = {name for name in above if all(name in depths(top, up) for top in depths(name, up))}
    assert {row["key"] for row in report["ancestors"] if row["root"]} == tops
    check_usual(report, every_link, key)
    size = len(json.dumps(report)) / 1e6
    print(f"\n{subjects[kind]}: {len(below)} descendants in {seconds:.1f} s, {size:.1f} MB", end="")
    print(f", at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB of memory")


def check_usual(report: dict[str, Any], every_link: Links, key: str) -> None:
    """Its place among the most followed, by counting the descendants of every model that has more children than none."""
    pairs = pairs_of([entry for entry in every_link if entry["properties"]["status"] == "current"])
    down, up = adjacency([(parent, child) for child, parent in pairs]), adjacency(pairs)
    own = len(depths(key, down)) - 1
    usual = report["summary"]["usual"]
    assert usual["size"] == own + len(depths(key, up))
    if usual["followed_rank"] is not None and usual["followed_rank"] <= 3:
        assert usual["followed_rank"] == 1 + sum(len(depths(name, down)) - 1 > own for name in down)


def test_classes_and_depths_of_the_root_are_those_of_the_saved_query(
    replay: Replay, graph: Graph, subjects: dict[str, str]
) -> None:
    report = replay.program.run("report", subjects["root"]).json()
    columns = ("id", "class", "certainty", "link_status", "depth", "status", "children", "downloads")
    rows = ask(graph, "impact", model=subjects["root"], paths=0)
    assert pick(report["descendants"], *columns) == pick(rows, *columns)
    contacts = ask(graph, "notify", model=subjects["root"])
    columns = ("direction", "wave", "link_status", "owner", "id", "models", "all_models", "total_downloads")
    assert pick((row for row in report["contacts"] if row["direction"] != "beside"), *columns) == pick(
        contacts, *columns
    )


@pytest.mark.usefixtures("graph")
def test_a_past_day_is_reported_as_it_was_then(replay: Replay, tmp_path: Path) -> None:
    assert len(replay.reports) > 1
    columns = ("key", "class", "certainty", "link_status", "depth", "steps", "status")
    for then in replay.reports:
        now = replay.program.run("report", then["model"]["key"], "--as-of", then["made_at"]).json()
        for side in ("ancestors", "descendants"):
            found, expected = ({row["key"]: row for row in one[side]} for one in (now, then))
            assert found.keys() == expected.keys()
            assert {key: [row[name] for name in columns] for key, row in found.items()} == {
                key: [row[name] for name in columns] for key, row in expected.items()
            }
            names = {row["id"]: row["key"] for row in expected.values()}
            names_now = {row["id"]: row["key"] for row in found.values()}
            for key, row in found.items():
                # By keys: a model may have another name by now.
                ways = (
                    [names_now.get(name) for name in row["path"]],
                    [names.get(name) for name in expected[key]["path"]],
                )
                assert ways[0] == ways[1]
    kept = tmp_path / "then.json"
    kept.write_text(json.dumps(replay.reports[0]))
    done = replay.program.run("report", "--check", str(kept), "--format", "json")
    new = {row["key"] for row in done.json() if row["change"] == "new" and row["side"] == "descendant"}
    last, first = ({row["key"] for row in report["descendants"]} for report in (replay.reports[-1], replay.reports[0]))
    if replay.reports[0]["model"]["key"] == replay.reports[-1]["model"]["key"]:
        assert new == last - first
    assert done.code == 1
