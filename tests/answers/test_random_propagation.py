"""The queries on what propagates, against every way that there is, on random genealogies."""

from datetime import datetime
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.graph.connection import Graph
from tests.support.graph_parts import write_crawls
from tests.support.lineage_graph import ask, day, pick, wipe, write, write_dataset
from tests.support.plain_lineages import (
    CERTAINTIES,
    CLASSES,
    Lineage,
    Way,
    adjacency,
    best_ways,
    depths,
    graded,
    lineages,
    pairs_of,
    same_weights,
    strength,
    strongest,
)

COMMON = ("model", "as_of", "include_withdrawn")


@settings(max_examples=80, deadline=None)
@given(lineage=lineages(), data=st.data())
def test_what_propagates_is_what_the_best_of_all_ways_says(
    schema_graph: Graph, lineage: Lineage, data: st.DataObject
) -> None:
    wipe(schema_graph)
    write(schema_graph, lineage.models, lineage.links)
    links = lineage.holding(any_relation=True)
    best = best_ways(links, lineage.names, lineage.model)
    assert (
        graded(links, lineage.model) == best
    )  # the same search for graphs with too many ways to walk, as in tests/replay
    check_impact(schema_graph, lineage, best, data.draw(st.none() | st.integers(0, 4)))
    check_notify(schema_graph, lineage, best)
    check_exposure(schema_graph, lineage, best)
    check_same_weights(schema_graph, lineage)
    check_unsafe_weights(schema_graph, lineage)


def check_impact(graph: Graph, lineage: Lineage, best: dict[str, Way], paths: int | None) -> None:
    rows = ask(graph, "impact", **lineage.asked(*COMMON), paths=paths)
    expected = sorted((way, name) for name, way in best.items())
    assert [(row["class"], row["certainty"], row["depth"], row["id"], row["status"], row["owner"]) for row in rows] == [
        (
            CLASSES[way.rank],
            CERTAINTIES[way.sure],
            way.depth,
            name.lower(),
            lineage.status(name),
            lineage.nodes[name]["owner"],
        )
        for way, name in expected
    ]
    shown = len(rows) if paths is None else paths
    assert all(row["path"] is None and row["steps"] is None for row in rows[shown:])
    entries = {(entry["child"].lower(), entry["parent"].lower()): entry for entry in lineage.holding(any_relation=True)}
    for row, (way, name) in zip(rows[:shown], expected, strict=False):
        assert (row["path"][0], row["path"][-1], len(row["path"])) == (
            name.lower(),
            lineage.model.lower(),
            way.depth + 1,
        )
        steps = [entries[step] for step in pairwise(row["path"])]
        assert row["steps"] == [step["properties"]["relation"] for step in steps]
        assert max(strength(step)[0] for step in steps) == way.rank
        assert max(strength(step)[1] for step in steps) == way.sure


def check_notify(graph: Graph, lineage: Lineage, best: dict[str, Way]) -> None:
    rows = ask(graph, "notify", **lineage.asked(*COMMON))
    found = strongest(lineage.holding(any_relation=True), lineage.model)
    assert {name: rank for name, (rank, _depth) in found.items()} == {name: way.rank for name, way in best.items()}
    expected = set()
    for owner in {lineage.nodes[name]["owner"] for name in found}:
        own = [name for name in found if lineage.nodes[name]["owner"] == owner]
        wave = min(found[name][0] for name in own)
        members = [name for name in own if found[name][0] == wave]
        listed = [name for name in members if lineage.status(name) == "listed"]
        first = min(
            members, key=lambda name: (name not in listed, -lineage.nodes[name].get("downloads", 0), name.lower())
        )
        contact = f"https://huggingface.co/{first.lower()}/discussions" if first in listed else None
        expected.add(
            (
                wave + 1,
                CLASSES[wave],
                owner,
                f"https://huggingface.co/{owner}",
                first.lower(),
                contact if "url" in lineage.nodes[first] else None,
                min(found[name][1] for name in members),
                len(members),
                len(listed),
                sum(lineage.nodes[name].get("downloads", 0) for name in listed),
                len(own),
            )
        )
    columns = (
        "wave", "class", "owner", "owner_url", "id", "contact", "depth", "models", "listed", "downloads", "all_models",
    )  # fmt: skip
    assert pick(rows, *columns) == expected
    assert len(rows) == len(expected)
    waves = [(row["wave"], row["depth"]) for row in rows]
    assert waves == sorted(waves)


def check_exposure(graph: Graph, lineage: Lineage, best: dict[str, Way]) -> None:
    rows = ask(graph, "exposure_summary", **lineage.asked(*COMMON))
    found = strongest(lineage.holding(any_relation=True), lineage.model)
    groups: dict[tuple[int, str, Any], list[str]] = {}
    for name in best:
        key = (found[name][0], lineage.status(name), lineage.nodes[name].get("gated"))
        groups.setdefault(key, []).append(name)
    assert len(rows) == len(groups)
    assert pick(rows, "class", "status", "gated", "models", "owners", "downloads", "nearest") == {
        (
            CLASSES[rank],
            status,
            gated,
            len(members),
            len({lineage.nodes[name]["owner"] for name in members}),
            sum(lineage.nodes[name].get("downloads", 0) for name in members),
            min(found[name][1] for name in members),
        )
        for (rank, status, gated), members in groups.items()
    }


def check_same_weights(graph: Graph, lineage: Lineage) -> None:
    rows = ask(graph, "same_weights", **lineage.asked(*COMMON))
    expected = same_weights(lineage.holding(any_relation=True), lineage.model)
    assert len(rows) == len(expected)
    assert pick(rows, "id", "role", "certainty", "distance", "status") == {
        (name.lower(), role, CERTAINTIES[sure], distance, lineage.status(name))
        for name, (role, sure, distance) in expected.items()
    }


def check_unsafe_weights(graph: Graph, lineage: Lineage) -> None:
    rows = ask(graph, "unsafe_weights", **lineage.asked(*COMMON, "relations"))
    below = depths(lineage.model, adjacency([(parent, child) for child, parent in pairs_of(lineage.holding())]))
    assert pick(rows, "id", "depth") == {
        (name.lower(), depth)
        for name, depth in below.items()
        if depth
        and lineage.status(name) == "listed"
        and {"pytorch", "pickle"} & set(formats := lineage.nodes[name].get("weight_formats", []))
        and "safetensors" not in formats
    }


@settings(max_examples=60, deadline=None)
@given(lineage=lineages(), everywhere=st.booleans())
def test_a_gate_is_walked_around_where_the_way_up_is_open_to_it(
    schema_graph: Graph, lineage: Lineage, everywhere: bool
) -> None:
    wipe(schema_graph)
    write(schema_graph, lineage.models, lineage.links)
    given_ = lineage.asked("as_of", "relations", "include_withdrawn")
    rows = ask(schema_graph, "gated_bypass", model=None if everywhere else lineage.model, **given_)
    gates = [
        name
        for name in (lineage.names if everywhere else [lineage.model])
        if lineage.nodes[name].get("gated") in ("auto", "manual")
    ]
    through = [
        entry for entry in lineage.holding() if lineage.nodes[entry["child"]].get("gated") not in ("auto", "manual")
    ]
    expected = {
        (name.lower(), gate.lower(), lineage.nodes[gate]["gated"], CLASSES[way_rank], depth)
        for gate in gates
        for name, (way_rank, depth) in strongest(through, gate).items()
        if lineage.nodes[name].get("gated") == "false"
        and not lineage.nodes[name]["disabled"]
        and lineage.status(name) == "listed"
    }
    assert len(rows) == len(expected)
    assert pick(rows, "id", "gate", "gate_kind", "class", "depth") == expected


@settings(max_examples=50, deadline=None)
@given(lineage=lineages())
def test_children_of_the_gone_and_of_the_absent_are_those_of_that_day(schema_graph: Graph, lineage: Lineage) -> None:
    wipe(schema_graph)
    write(schema_graph, lineage.models, lineage.links)
    held = [
        entry
        for entry in lineage.holding()
        if entry["child"] != entry["parent"] and lineage.status(entry["child"]) == "listed"
    ]
    rows = ask(schema_graph, "gone_parents", **lineage.asked("as_of", "relations", "include_withdrawn"))
    assert len(rows) == len(pick(rows, "id", "parent"))
    assert pick(rows, "id", "parent", "relation") == {
        (entry["child"].lower(), entry["parent"].lower(), entry["properties"]["relation"])
        for entry in held
        if lineage.status(entry["parent"]) == "gone"
    }
    for row in rows:
        node = lineage.nodes[row["parent"].upper()]
        began = [time for time in node.get("absences", [])[::2] if lineage.at is None or time <= lineage.at]
        assert row["gone_at"].to_native() == (node["gone_at"] if "gone_at" in node else began[-1])
    rows = ask(schema_graph, "absent_parents", **lineage.asked("as_of", "relations"))
    expected: dict[str, list[dict[str, Any]]] = {}
    for entry in Lineage(**vars(lineage) | {"include_withdrawn": False}).holding():
        child, parent = entry["child"], entry["parent"]
        if child != parent and lineage.status(child) == "listed" and lineage.status(parent) == "absent":
            expected.setdefault(parent.lower(), []).append(entry)
    assert [(row["id"], row["children"]) for row in rows] == sorted(
        ((name, len(entries)) for name, entries in expected.items()), key=lambda pair: (-pair[1], pair[0])
    )
    for row in rows:
        entries = expected[row["id"]]
        children = [lineage.nodes[entry["child"]] for entry in entries]
        assert row["owners"] == len({child["owner"] for child in children})
        assert row["downloads"] == sum(child["downloads"] for child in children)
        assert row["relations"] == sorted({entry["properties"]["relation"] for entry in entries})
        assert row["declared_as"] == sorted({name for entry in entries for name in entry["properties"]["declared_as"]})


@settings(max_examples=50, deadline=None)
@given(lineage=lineages(), data=st.data())
def test_a_data_set_reaches_what_descends_from_the_models_that_name_it(
    schema_graph: Graph, lineage: Lineage, data: st.DataObject
) -> None:
    wipe(schema_graph)
    write(schema_graph, lineage.models, lineage.links)
    trained = data.draw(st.lists(st.sampled_from(lineage.names), unique=True, min_size=1, max_size=3))
    write_dataset(schema_graph, "Some/Set", trained)
    rows = ask(schema_graph, "dataset_impact", dataset="some/SET", **lineage.asked("as_of", "include_withdrawn"))
    links = lineage.holding(any_relation=True)
    best: dict[str, tuple[int, int, str]] = {}
    for top in trained:
        own = {name: (rank + 1, depth, top.lower()) for name, (rank, depth) in strongest(links, top).items()}
        for name, way in (own | {top: (0, 0, top.lower())}).items():
            best[name] = min(best.get(name, way), way)
    assert len(rows) == len(best)
    assert pick(rows, "id", "class", "depth", "root", "status") == {
        (name.lower(), CLASSES[rank - 1] if rank else None, depth, root, lineage.status(name))
        for name, (rank, depth, root) in best.items()
    }


@settings(max_examples=50, deadline=None)
@given(lineage=lineages(), since=st.none() | st.integers(1, 9), newest=st.integers(1, 9))
def test_what_changed_is_every_event_in_the_family_from_that_time_on(
    schema_graph: Graph, lineage: Lineage, since: int | None, newest: int
) -> None:
    wipe(schema_graph)
    write(schema_graph, lineage.models, lineage.links)
    write_crawls(schema_graph, {"id": "000001", "started_at": day(1)}, {"id": "000002", "started_at": day(newest)})
    rows = ask(schema_graph, "changed_since", model=lineage.model, since=None if since is None else day(since))
    start = day(newest if since is None else since)
    members = depths(lineage.model, adjacency([(parent, child) for child, parent in pairs_of(lineage.links)]))
    expected = set()
    for entry in lineage.links:
        if entry["parent"] in members and entry["child"] != entry["parent"]:
            edge, ends = entry["properties"], (entry["child"].lower(), entry["parent"].lower())
            expected.add((edge["first_seen"], "derived", *ends))
            expected |= {(edge["withdrawn_at"], "withdrawn", *ends)} if "withdrawn_at" in edge else set()
            expected |= absences(edge, "withdrawn", "declared_again", *ends)
    for name in members:
        node = lineage.nodes[name]
        expected |= {(node["gone_at"], "gone", name.lower(), None)} if "gone_at" in node else set()
        expected |= absences(node, "gone", "back", name.lower(), None)
    expected = {event for event in expected if event[0] >= start}
    assert {(row["time"].to_native(), row["event"], row["id"], row["parent"]) for row in rows} == expected
    assert len(rows) == len(expected)
    times = [row["time"] for row in rows]
    assert times == sorted(times)


def absences(
    properties: dict[str, Any], ends: str, begins: str, name: str, parent: str | None
) -> set[tuple[datetime, str, str, str | None]]:
    times = properties.get("absences", [])
    return {(time, begins if place % 2 else ends, name, parent) for place, time in enumerate(times)}
