"""Families, cycles and the profile, on graphs of every shape, against networkx and by hand."""

import time
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.snapshot import families
from crawler.snapshot.cycles import cycles
from tests.support.genealogies import (
    Edge,
    Genealogy,
    expected_cycles,
    expected_families,
    expected_followed,
    expected_profile,
    find,
)
from tests.support.sweeps import Record, Sweeps, child, record

KEYS = st.sampled_from([f"m{number:02}" for number in range(14)])
EDGES = st.sets(st.tuples(KEYS, KEYS), max_size=26)
STATUS = st.dictionaries(KEYS, st.sampled_from(["gone", "absent"]), max_size=4)
CREATED = st.dictionaries(KEYS, st.integers(0, 2) | st.integers(0, 800), max_size=14)
SOME = st.sets(KEYS, max_size=5)
RELATIONS = st.sampled_from(["copy", "finetune", "adapter", "quantized", "merge", "unknown"])


def is_chain(graph: "nx.DiGraph", chain: list[str]) -> bool:
    """Whether each next model derives from the one before, or is on one cycle with a model that does."""
    on_cycle = {key: min(part) for part in nx.strongly_connected_components(graph) for key in part}
    places = [on_cycle[key] for key in chain]
    return len(set(places)) == len(places) and all(
        any(on_cycle[below] == place for below in graph.successors(key))
        for key, place in zip(chain, places[1:], strict=False)
    )


@settings(max_examples=100, deadline=None)
@given(data=st.data(), edges=EDGES, withdrawn=EDGES)
def test_every_graph_has_the_families_cycles_and_numbers_that_networkx_finds(
    data: st.DataObject, edges: set[Edge], withdrawn: set[Edge]
) -> None:
    genealogy = Genealogy(
        edges,
        withdrawn - edges,
        alone=data.draw(st.sets(KEYS, max_size=2)),
        status=data.draw(STATUS),
        created=data.draw(CREATED),
        relation={edge: data.draw(RELATIONS) for edge in sorted(edges)},
        with_card=data.draw(SOME),
        with_license=data.draw(SOME),
    )
    found = find(genealogy)
    assert found.cycles == expected_cycles(genealogy)
    assert found.profile == expected_profile(genealogy)

    family = found.of_kind("family")
    assert {
        head: {name: row[name] for name in ("size", "depth", "roots")} for head, row in family.items()
    } == expected_families(genealogy)
    for head, row in family.items():
        assert (row["key"], row["root"]) == (f"family:{head}", f"org/{head}")
        assert len(row["chain"]) == row["depth"] + 1
        assert is_chain(genealogy.graph, row["chain"])

    followed = found.of_kind("followed")
    assert {head: {name: row[name] for name in ("size", "depth")} for head, row in followed.items()} == (
        expected_followed(genealogy)
    )
    assert {(row["key"], row["chain"], row["roots"]) for row in followed.values()} == {
        (f"followed:{head}", None, None) for head in followed
    }


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=40))
def test_cycles_are_the_strongly_connected_components_of_two_or_more(links: list[tuple[int, int]]) -> None:
    expected = sorted(sorted(part) for part in nx.strongly_connected_components(nx.DiGraph(links)) if len(part) > 1)
    assert cycles(links) == expected


def test_a_cycle_longer_than_the_stack_of_python_is_found() -> None:
    size = 50_000
    assert cycles([(number, (number + 1) % size) for number in range(size)]) == [list(range(size))]


def test_the_head_of_a_family_whose_top_is_a_cycle_is_a_member_of_the_cycle() -> None:
    found = find(Genealogy([("b", "a"), ("a", "b"), ("c", "b"), ("d", "c")], created={"a": 2, "b": 1}))
    [family] = found.of_kind("family").values()
    assert family == {
        "key": "family:b", "kind": "family", "head": "b", "root": "org/b",
        "size": 4, "depth": 2, "roots": 0, "chain": ["b", "c", "d"],
    }  # fmt: skip
    assert found.cycles == {("a", "a"), ("b", "a")}


def test_a_cycle_in_a_chain_shows_the_member_that_the_next_model_derives_from() -> None:
    edges = [("in", "top"), ("out", "in"), ("in", "out"), ("last", "out")]
    [family] = find(Genealogy(edges)).of_kind("family").values()
    assert (family["depth"], family["chain"]) == (2, ["top", "out", "last"])


def test_a_cycle_at_the_end_of_a_chain_shows_the_member_that_derives_from_the_chain() -> None:
    [family] = find(Genealogy([("z", "top"), ("a", "z"), ("z", "a")])).of_kind("family").values()
    assert (family["depth"], family["chain"]) == (1, ["top", "z"])


def test_a_family_that_is_a_cycle_and_nothing_else_is_a_chain_of_one_place() -> None:
    [family] = find(Genealogy([("a", "b"), ("b", "a")])).of_kind("family").values()
    assert (family["head"], family["size"], family["depth"], family["roots"], family["chain"]) == ("a", 2, 0, 0, ["a"])


def test_of_several_heads_with_as_many_descendants_the_root_leads_then_the_oldest_then_the_least_key() -> None:
    assert set(find(Genealogy([("c", "a"), ("c", "b")])).of_kind("family")) == {"a"}
    assert set(find(Genealogy([("c", "a"), ("c", "b")], created={"b": 5})).of_kind("family")) == {"b"}
    below = [("r", "q"), ("q", "r"), ("x", "r")]
    assert set(find(Genealogy([*below, ("x", "s"), ("s", "q")], created={"s": 0})).of_kind("family")) == {"q"}
    # d has a parent and as many descendants as a, which has none.
    assert set(find(Genealogy([("x", "d"), ("y", "d"), ("d", "e"), ("e", "d")])).of_kind("family")) == {"d"}


def test_a_model_that_only_derives_from_itself_or_only_did_so_once_is_in_no_family() -> None:
    found = find(Genealogy([("a", "a")], withdrawn=[("b", "c")]))
    assert (found.families, found.cycles) == ([], set())
    assert found.profile["families"] == 0
    assert (found.profile["edges_current"], found.profile["edges_withdrawn"]) == (1, 1)
    assert (found.profile["listed_with_parent"], found.profile["depth_profile"]) == (0, [])


def test_an_empty_graph_has_an_empty_profile() -> None:
    found = find(Genealogy([]))
    assert found.families == []
    assert {name for name, value in found.profile.items() if value} == set()


def test_only_the_largest_the_deepest_and_the_most_followed_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(families, "LARGEST", 1)
    monkeypatch.setattr(families, "DEEPEST", 1)
    monkeypatch.setattr(families, "FOLLOWED", 2)
    star = [(f"s{number}", "star") for number in range(9)]
    chain = [(f"c{number + 1}", f"c{number}") for number in range(4)]
    found = find(Genealogy([*star, *chain, ("p1", "p0")]))
    assert set(found.of_kind("family")) == {"star", "c0"}
    assert set(found.of_kind("followed")) == {"star", "c0"}
    assert found.profile["families"] == 3


def ladder(rungs: int) -> list[Edge]:
    """Two models a rung, each derived from both of the rung above: 2^rungs ways down."""
    return [(f"{side}{rung + 1:03}", f"{above}{rung:03}") for rung in range(rungs) for side in "ab" for above in "ab"]


SHAPES = {
    "a ladder of 2^40 paths": (ladder(40), 82, 80, 40),
    "a chain of 100": ([(f"c{number + 1:03}", f"c{number:03}") for number in range(100)], 101, 100, 100),
    "a star of 30,000 children": ([(f"s{number:05}", "star") for number in range(30_000)], 30_001, 30_000, 1),
    "a cycle with 30,000 children": (
        [("a", "b"), ("b", "a"), ("a", "a"), *((f"s{number:05}", "b") for number in range(30_000))],
        30_002,
        30_001,
        1,
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_shape_that_has_many_paths_or_members_is_measured_exactly_and_soon(shape: str) -> None:
    edges, size, followers, depth = SHAPES[shape]
    began = time.monotonic()
    found = find(Genealogy(edges))
    seconds = time.monotonic() - began
    [family] = found.of_kind("family").values()
    assert (family["size"], family["depth"], len(family["chain"])) == (size, depth, depth + 1)
    assert found.of_kind("followed")[family["head"]]["size"] == followers
    assert seconds < 20


RECORDS: list[Record] = [
    record("a", "org/a"),
    child("b", "org/b", "org/a"),
    child("c", "org/c", "org/b"),
    child("x", "org/x", "org/y"),
    child("y", "org/y", "org/x"),
    child("n", "org/n", "lost/parent"),
]


def test_gone_and_absent_members_count_and_withdrawn_links_do_not(hub: Sweeps) -> None:
    hub.sweep(RECORDS)
    assert hub.rows("families", "key", "root", "size", "depth") == {
        ("family:a", "org/a", 3, 2),
        ("family:x", "org/x", 2, 0),
        ("family:absent:lost/parent", "lost/parent", 2, 1),
        ("followed:a", "org/a", 2, 2),
        ("followed:b", "org/b", 1, 1),
        ("followed:x", "org/x", 1, 1),
        ("followed:y", "org/y", 1, 1),
        ("followed:absent:lost/parent", "lost/parent", 1, 1),
    }
    assert {row for row in hub.rows("models", "key", "cycle") if row[1]} == {("x", "x"), ("y", "x")}
    # b vanishes and stays what holds a and c together; x withdraws what it declared.
    later = [RECORDS[0], RECORDS[2], record("x", "org/x"), RECORDS[4], RECORDS[5]]
    hub.sweep(later)
    assert hub.rows("families", "key", "size") >= {("family:a", 3), ("family:x", 2), ("followed:x", 1)}
    assert {row for row in hub.rows("models", "key", "cycle") if row[1]} == set()
    profile: dict[str, Any] = hub.changes.profile
    assert (profile["models_listed"], profile["models_gone"], profile["models_absent"]) == (5, 1, 1)
    assert (profile["edges_current"], profile["edges_withdrawn"]) == (4, 1)
    assert (profile["listed_with_parent"], profile["depth_profile"]) == (3, [3, 3, 1])
    # The marks of x and y are gone, y is followed by nobody any more; nothing else is written but b and x's own rows.
    assert hub.changes.rows["families"] == {"put": 1, "del": 1}
    assert hub.sweep(later).changes.rows_written == 0


def test_the_same_archive_gives_the_same_families_to_the_byte(tmp_path: Path, in_memory: None) -> None:  # noqa: ARG001  # a fixture for its effect
    one, two = Sweeps(tmp_path / "one"), Sweeps(tmp_path / "two")
    for hub in (one, two):
        hub.sweep(RECORDS)
    assert (one.snapshot / "families.parquet").read_bytes() == (two.snapshot / "families.parquet").read_bytes()
