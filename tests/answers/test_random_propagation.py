"""The queries on what propagates, against every way that there is, on random genealogies."""

from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.answers.parameters import RELATIONS
from crawler.graph.connection import Graph
from tests.support.graph_parts import write_crawls
from tests.support.lineage_graph import ask, day, pick, wipe, write, write_dataset
from tests.support.plain_lineages import (
    CERTAINTIES,
    CLASSES,
    Lineage,
    Links,
    Way,
    adjacency,
    best_ways,
    depths,
    graded,
    in_force,
    lineages,
    pairs_of,
    same_weights,
    stepped,
    strength,
    ways_back,
    within,
)

COMMON = ("model", "as_of", "include_withdrawn")


@settings(max_examples=80, deadline=None)
@given(lineage=lineages(), data=st.data())
def test_what_propagates_is_what_the_best_of_all_ways_says(
    schema_graph: Graph, lineage: Lineage, data: st.DataObject
) -> None:
    wipe(schema_graph)
    write(schema_graph, lineage.models, lineage.links)
    best = lineage.rated(lambda links: best_ways(links, lineage.names, lineage.model))
    # the same search for graphs with too many ways to walk, as in tests/replay
    assert lineage.rated(lambda links: graded(links, lineage.model)) == best
    check_impact(schema_graph, lineage, best, data.draw(st.none() | st.integers(0, 4)))
    check_notify(schema_graph, lineage, best)
    check_exposure(schema_graph, lineage, best)
    check_same_weights(schema_graph, lineage)


def standing(withdrawn: bool) -> str:
    return "withdrawn" if withdrawn else "current"


def contact(lineage: Lineage, name: str) -> str | None:
    """The discussion page, of a model that is listed today."""
    return f"https://huggingface.co/{name.lower()}/discussions" if lineage.nodes[name]["status"] == "listed" else None


def check_impact(graph: Graph, lineage: Lineage, best: dict[str, tuple[bool, Way]], paths: int | None) -> None:
    rows = ask(graph, "impact", **lineage.asked(*COMMON), paths=paths)
    expected = sorted(
        ((withdrawn, way, name) for name, (withdrawn, way) in best.items()),
        key=lambda row: (row[0], row[1].rank, row[1].depth, lineage.weight(row[2])),
    )
    columns = ("id", "link_status", "class", "certainty", "depth", "status", "owner", "children", "contact")
    assert [tuple(row[column] for column in columns) for row in rows] == [
        (
            name.lower(),
            standing(withdrawn),
            CLASSES[way.rank],
            CERTAINTIES[way.sure],
            way.depth,
            lineage.status(name),
            lineage.nodes[name]["owner"],
            lineage.children(name),
            contact(lineage, name),
        )
        for withdrawn, way, name in expected
    ]
    shown = len(rows) if paths is None else paths
    assert all(row["path"] is None and row["steps"] is None for row in rows[shown:])
    for row, (withdrawn, way, name) in zip(rows[:shown], expected, strict=False):
        links = in_force(lineage.links, lineage.at, None, include_withdrawn=withdrawn)
        entries = {(entry["child"].lower(), entry["parent"].lower()): entry for entry in links}
        assert (row["path"][0], row["path"][-1], len(row["path"])) == (
            name.lower(),
            lineage.model.lower(),
            way.depth + 1,
        )
        steps = [entries[step] for step in pairwise(row["path"])]
        assert row["steps"] == [step["properties"]["relation"] for step in steps]
        assert max(strength(step)[0] for step in steps) == way.rank
        assert max(strength(step)[1] for step in steps) == way.sure


def check_notify(graph: Graph, lineage: Lineage, below: dict[str, tuple[bool, Way]]) -> None:
    rows = ask(graph, "notify", **lineage.asked(*COMMON))
    above = lineage.rated(
        lambda links: {
            name: min(ways)
            for name in lineage.names
            if name != lineage.model and (ways := list(ways_back(links, lineage.model, name)))
        }
    )
    itself = {lineage.model: (False, Way(-1, 0, 0))}
    expected = []
    for side, relatives in enumerate((itself, above, below)):
        groups: dict[tuple[bool, str], list[str]] = {}
        for name, (withdrawn, _way) in relatives.items():
            groups.setdefault((withdrawn, lineage.nodes[name]["owner"]), []).append(name)
        for (withdrawn, owner), own in groups.items():
            wave = min(relatives[name][1].rank for name in own)
            members = [name for name in own if relatives[name][1].rank == wave]
            listed = [name for name in members if lineage.status(name) == "listed"]
            first = min(
                members,
                key=lambda name: (name not in listed, relatives[name][1].depth, lineage.weight(name)[1:]),
            )
            way = relatives[first][1]
            order = (withdrawn, side, wave, way.depth, first not in listed, lineage.weight(first)[1:3], owner)
            row = {
                "direction": ("self", "upstream", "downstream")[side],
                "wave": wave + 1,
                "class": CLASSES[wave] if side else "itself",
                "link_status": standing(withdrawn),
                "owner": owner,
                "owner_kind": "unknown",  # nobody was asked about
                "id": first.lower(),
                "certainty": CERTAINTIES[way.sure] if side else None,
                "depth": way.depth,
                "children": lineage.children(first),
                "downloads": lineage.nodes[first].get("downloads"),
                "models": len(members),
                "listed": len(listed),
                "total_downloads": sum(lineage.downloads(name) for name in listed),
                "all_models": len(own),
                "owner_url": f"https://huggingface.co/{owner}",
                "contact": contact(lineage, first),
            }
            expected.append((order, row))
    assert rows == [row for _order, row in sorted(expected, key=lambda entry: entry[0])]


def check_exposure(graph: Graph, lineage: Lineage, best: dict[str, tuple[bool, Way]]) -> None:
    rows = ask(graph, "exposure_summary", **lineage.asked(*COMMON))
    groups: dict[tuple[Any, ...], list[str]] = {}
    for name, (withdrawn, way) in best.items():
        node = lineage.nodes[name]
        gate = node.get("gated") if node["status"] == "listed" else None  # a gate is that of today
        key = (standing(withdrawn), CLASSES[way.rank], CERTAINTIES[way.sure], lineage.status(name), gate)
        groups.setdefault(key, []).append(name)
        groups.setdefault((None, "total", None, None, None), []).append(name)
    assert len(rows) == len(groups)
    columns = ("link_status", "class", "certainty", "status", "gated", "models", "owners", "downloads", "nearest")
    assert pick(rows, *columns) == {
        (
            *key,
            len(members),
            len({lineage.nodes[name]["owner"] for name in members}),
            sum(lineage.downloads(name) for name in members if lineage.status(name) == "listed"),
            min(best[name][1].depth for name in members),
        )
        for key, members in groups.items()
    }
    orders = ["current", "withdrawn", None]
    ranks = [
        (
            orders.index(row["link_status"]),
            [*CLASSES, "total"].index(row["class"]),
            [*CERTAINTIES, None].index(row["certainty"]),
        )
        for row in rows
    ]
    assert ranks == sorted(ranks)


def check_same_weights(graph: Graph, lineage: Lineage) -> None:
    rows = ask(graph, "same_weights", **lineage.asked(*COMMON))
    expected = sorted(
        lineage.rated(lambda links: same_weights(links, lineage.model)).items(),
        key=lambda entry: (entry[1][0], entry[1][1][2], lineage.weight(entry[0])),
    )
    columns = ("id", "link_status", "role", "certainty", "distance", "status", "children")
    assert [tuple(row[column] for column in columns) for row in rows] == [
        (
            name.lower(),
            standing(withdrawn),
            role,
            CERTAINTIES[sure],
            distance,
            lineage.status(name),
            lineage.children(name),
        )
        for name, (withdrawn, (role, sure, distance)) in expected
    ]


KINDS = st.none() | st.none() | st.lists(st.sampled_from(RELATIONS), unique=True, min_size=1)


@settings(max_examples=60, deadline=None)
@given(lineage=lineages(), kind=KINDS, along=KINDS, most=st.integers(1, 100))
def test_weights_that_can_run_code_are_found_on_the_shortest_way(
    schema_graph: Graph, lineage: Lineage, kind: list[str] | None, along: list[str] | None, most: int
) -> None:
    wipe(schema_graph)
    write(schema_graph, lineage.models, lineage.links)
    rows = ask(schema_graph, "unsafe_weights", **lineage.asked(*COMMON), kind=kind, along=along, max_depth=most)

    def nearest(links: Links) -> dict[str, tuple[int, int]]:
        found: dict[str, tuple[int, int]] = {}
        for sure in range(len(CERTAINTIES)):
            trusted = [entry for entry in links if within(entry, len(CLASSES) - 1, sure)]
            for name, depth in stepped(trusted, lineage.model, kind).items():
                found[name] = min(found.get(name, (depth, sure)), (depth, sure))
        return found

    expected = sorted(
        (
            (withdrawn, depth, lineage.weight(name), sure)
            for name, (withdrawn, (depth, sure)) in lineage.rated(nearest, along).items()
            if depth <= most
            and lineage.status(name) == "listed"
            and {"pytorch", "pickle"} & set(formats := lineage.nodes[name].get("weight_formats", []))
            and "safetensors" not in formats
        ),
    )
    assert [(row["id"], row["link_status"], row["depth"], row["certainty"], row["children"]) for row in rows] == [
        (weight[-1].lower(), standing(withdrawn), depth, CERTAINTIES[sure], -weight[1])
        for withdrawn, depth, weight, sure in expected
    ]


@settings(max_examples=60, deadline=None)
@given(lineage=lineages(), kind=KINDS, along=KINDS, everywhere=st.booleans())
def test_a_gate_is_walked_around_where_the_way_up_is_open_to_it(
    schema_graph: Graph, lineage: Lineage, kind: list[str] | None, along: list[str] | None, everywhere: bool
) -> None:
    wipe(schema_graph)
    write(schema_graph, lineage.models, lineage.links)
    given_ = lineage.asked("as_of", "include_withdrawn")
    model = None if everywhere else lineage.model
    rows = ask(schema_graph, "gated_bypass", model=model, kind=kind, along=along, **given_)
    gated = {name for name in lineage.names if lineage.nodes[name].get("gated") in ("auto", "manual")}

    def not_through_a_gate(links: Links, gate: str) -> dict[str, Way]:
        return graded([entry for entry in links if entry["child"] not in gated], gate, kind)

    found = [
        ((withdrawn, way.rank, way.depth, lineage.weight(name), gate), way.sure)
        for gate in gated & set(lineage.names if everywhere else [lineage.model])
        for name, (withdrawn, way) in lineage.rated(partial(not_through_a_gate, gate=gate), along).items()
        if lineage.nodes[name].get("gated") == "false"
        and not lineage.nodes[name]["disabled"]
        and lineage.status(name) == "listed"
    ]
    columns = ("id", "gate", "gate_kind", "class", "certainty", "link_status", "depth", "children")
    assert [tuple(row[column] for column in columns) for row in rows] == [
        (
            weight[-1].lower(),
            gate.lower(),
            lineage.nodes[gate]["gated"],
            CLASSES[rank],
            CERTAINTIES[sure],
            standing(withdrawn),
            depth,
            -weight[1],
        )
        for (withdrawn, rank, depth, weight, gate), sure in sorted(found)
    ]


@settings(max_examples=50, deadline=None)
@given(lineage=lineages(), kind=KINDS)
def test_children_of_the_gone_and_of_the_absent_are_those_of_that_day(
    schema_graph: Graph, lineage: Lineage, kind: list[str] | None
) -> None:
    wipe(schema_graph)
    write(schema_graph, lineage.models, lineage.links)
    asked = {**lineage.asked("as_of", "include_withdrawn"), "kind": kind}
    declared, held = (
        [
            entry
            for entry in in_force(lineage.links, lineage.at, kind, include_withdrawn=withdrawn)
            if entry["child"] != entry["parent"] and lineage.status(entry["child"]) == "listed"
        ]
        for withdrawn in (False, lineage.include_withdrawn)
    )
    rows = ask(schema_graph, "gone_parents", **asked)
    expected = sorted(
        (entry not in declared, lineage.weight(entry["child"]), entry["parent"], entry["properties"]["relation"])
        for entry in held
        if lineage.status(entry["parent"]) == "gone"
    )
    assert [(row["link_status"], row["id"], row["parent"], row["relation"], row["children"]) for row in rows] == [
        (standing(withdrawn), weight[-1].lower(), parent.lower(), relation, -weight[1])
        for withdrawn, weight, parent, relation in expected
    ]
    for row in rows:
        node = lineage.nodes[row["parent"].upper()]
        began = [time for time in node.get("absences", [])[::2] if lineage.at is None or time <= lineage.at]
        assert row["gone_at"].to_native() == (node["gone_at"] if "gone_at" in node else began[-1])
    rows = ask(schema_graph, "absent_parents", **asked)
    names: dict[str, Links] = {}
    for entry in held:
        if lineage.status(entry["parent"]) == "absent":
            names.setdefault(entry["parent"].lower(), []).append(entry)
    found = {name: [lineage.nodes[entry["child"]] for entry in entries] for name, entries in names.items()}
    withdrawn = {name: sum(entry not in declared for entry in entries) for name, entries in names.items()}
    downloads = {name: sum(child["downloads"] for child in children) for name, children in found.items()}
    order = sorted(names, key=lambda n: (withdrawn[n] == len(names[n]), -len(names[n]), -downloads[n], n))
    columns = ("id", "children", "withdrawn", "link_status", "owners", "downloads", "relations", "declared_as")
    assert [tuple(row[column] for column in columns) for row in rows] == [
        (
            name,
            len(names[name]),
            withdrawn[name],
            standing(withdrawn[name] == len(names[name])),
            len({child["owner"] for child in found[name]}),
            downloads[name],
            sorted({entry["properties"]["relation"] for entry in names[name]}),
            sorted({spelling for entry in names[name] for spelling in entry["properties"]["declared_as"]}),
        )
        for name in order
    ]


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
    best: dict[str, tuple[bool, Way, str]] = {}
    below: dict[str, tuple[bool, Way]] = {}
    for top in trained:
        found = lineage.rated(partial(graded, top=top))
        below |= {name: min(way, below.get(name, way)) for name, way in found.items()}
        for name, (withdrawn, way) in (found | {top: (False, Way(-1, 1, 0))}).items():
            best[name] = min(best.get(name, (withdrawn, way, top)), (withdrawn, way, top))
    expected = sorted(
        (withdrawn, way.rank, way.depth, lineage.weight(name), way.sure, root)
        for name, (withdrawn, way, root) in best.items()
    )
    columns = ("id", "link_status", "class", "also", "certainty", "depth", "root", "status", "children", "contact")
    assert [tuple(row[column] for column in columns) for row in rows] == [
        (
            weight[-1].lower(),
            standing(withdrawn),
            "trained_on" if rank < 0 else CLASSES[rank],
            CLASSES[below[weight[-1]][1].rank] if rank < 0 and weight[-1] in below else None,
            CERTAINTIES[sure],
            depth,
            root.lower(),
            lineage.status(weight[-1]),
            -weight[1],
            contact(lineage, weight[-1]),
        )
        for withdrawn, rank, depth, weight, sure, root in expected
    ]


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
    today = replace(lineage, at=None)
    order = [(row["time"], row["event"], today.weight(row["id"].upper()), row["parent"] or "~") for row in rows]
    assert order == sorted(order)
    links = {(entry["child"].lower(), entry["parent"].lower()): entry["properties"] for entry in lineage.links}
    assert all(row["certainty"] == links[row["id"], row["parent"]]["certainty"] for row in rows if row["parent"])


def absences(
    properties: dict[str, Any], ends: str, begins: str, name: str, parent: str | None
) -> set[tuple[datetime, str, str, str | None]]:
    times = properties.get("absences", [])
    return {(time, begins if place % 2 else ends, name, parent) for place, time in enumerate(times)}
