"""The rows of a picture: every model stands in exactly one place, whatever the graph looks like."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from random import Random

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from crawler.pictures.grouping import Row, Tree, grow
from crawler.pictures.shortening import shortened
from crawler.relatives.model import Relatives
from tests.support.families import families, family, link, member


def rows(tree: Tree) -> tuple[Row, ...]:
    return (tree.asked, *tree.above, *tree.below)


def keys(found: Iterable[Row]) -> Counter[str]:
    return Counter(one.key for row in found if not row.again for one in row.members)


@given(families(), st.sampled_from([None, 0, 3, 40]))
def test_each_model_stands_in_exactly_one_row(relatives: Relatives, ungrouped: int | None) -> None:
    tree = grow(relatives, ungrouped=ungrouped)
    assert keys(rows(tree)) == Counter(relatives.members.keys())
    assert (tree.hidden, tree.left_out) == (0, 0)
    assert (tree.ancestors, tree.descendants) == (len(relatives.above), len(relatives.below))
    assert {one.key for row in tree.below for one in row.members} == relatives.below
    assert {one.key for row in tree.above for one in row.members} == relatives.above
    assert {row.members[0].key for row in tree.above if row.again} == relatives.above & relatives.below
    assert ungrouped is not None or all(len(row.members) == 1 for row in rows(tree))


@given(families(), st.integers(1, 4), st.booleans(), st.sampled_from([0, 40]))
def test_a_bounded_depth_counts_what_it_leaves_out(
    relatives: Relatives, depth: int, include: bool, ungrouped: int
) -> None:
    tree = grow(relatives, max_depth=depth, include_withdrawn=include, ungrouped=ungrouped)
    assert all(row.depth <= depth for row in rows(tree))
    assert sum(row.size for row in rows(tree)) + tree.left_out == len(relatives.members)


@given(families(), st.integers(4, 30), st.sampled_from([0, 40]))
def test_a_shortened_picture_has_no_more_rows_and_counts_the_others(
    relatives: Relatives, limit: int, ungrouped: int
) -> None:
    tree = grow(relatives, ungrouped=ungrouped)
    short = shortened(tree, limit)
    assert len(rows(short)) <= max(limit, 4)
    assert sum(row.size for row in rows(short)) == len(relatives.members)
    assert (short.ancestors, short.descendants) == (tree.ancestors, tree.descendants)
    assert max(keys(rows(short)).values()) == 1
    for side in (short.above, short.below):
        for number, row in enumerate(side):
            assert row.parent is None or (row.parent < number and side[row.parent].depth == row.depth - 1)
            assert row.members or (row.hidden and row.relation is None)


@given(families())
def test_withdrawn_links_are_followed_only_where_no_other_leads_there(relatives: Relatives) -> None:
    graph = nx.DiGraph((one.parent, one.child) for one in relatives.links if not one.withdrawn)
    graph.add_node(relatives.key)
    current = nx.single_source_shortest_path_length(graph, relatives.key)
    tree = grow(relatives, ungrouped=None)
    assert {
        row.members[0].key: row.depth for row in tree.below if over_current_links(tree.below, row)
    } == {key: depth for key, depth in current.items() if key != relatives.key}  # fmt: skip
    without = grow(relatives, ungrouped=None, include_withdrawn=False)
    assert {one.key for row in without.below for one in row.members} == current.keys() - {relatives.key}
    assert without.left_out == len(relatives.members) - len(keys(rows(without)))


def over_current_links(side: tuple[Row, ...], row: Row) -> bool:
    while not row.withdrawn and row.parent is not None:
        row = side[row.parent]
    return not row.withdrawn


@given(families(), st.randoms())
def test_the_order_of_what_was_read_changes_nothing(relatives: Relatives, random: Random) -> None:
    links, members = list(relatives.links), list(relatives.members.items())
    random.shuffle(links)
    random.shuffle(members)
    assert grow(replace(relatives, links=tuple(links), members=dict(members))) == grow(relatives)


@given(families())
def test_every_link_is_drawn_once_or_stays_with_its_child(relatives: Relatives) -> None:
    tree = grow(relatives, ungrouped=None)
    hangs: dict[tuple[str, str], int] = defaultdict(int)
    for side, upwards in ((tree.above, True), (tree.below, False)):
        for row in side:
            origin = relatives.key if row.parent is None else side[row.parent].members[0].key
            ends = (origin, row.members[0].key) if upwards else (row.members[0].key, origin)
            hangs[ends] += 1
    also = Counter((one.link.child, one.link.parent) for row in rows(tree) for one in row.also)
    assert hangs.keys().isdisjoint(also)
    assert hangs.keys() | also.keys() == {
        (one.child, one.parent) for one in relatives.links if one.child != one.parent
    }  # fmt: skip
    assert set(also.values()) <= {1}


def names(found: Iterable[Row]) -> list[list[str]]:
    return [[one.key for one in row.members] for row in found]


def test_a_model_hangs_from_the_nearest_parent_then_from_the_strongest_then_from_the_surest_link() -> None:
    members = [member(key) for key in "abcdxyz"]
    relatives = family(
        "a",
        members,
        [
            *(link(key, "a") for key in "bc"),
            link("d", "b"),
            link("x", "d", "quantized"), link("x", "b", "merge"),
            link("y", "b", "finetune"), link("y", "c", "quantized"),
            link("z", "b", "quantized", certainty="declared_by_author"), link("z", "c", "quantized"),
        ],
    )  # fmt: skip
    tree = grow(relatives)
    parents = {
        row.members[0].key: "a" if row.parent is None else tree.below[row.parent].members[0].key for row in tree.below
    }
    assert parents == {"b": "a", "c": "a", "d": "b", "x": "b", "y": "c", "z": "c"}


def test_a_link_that_is_only_inferred_is_no_stronger_than_one_of_unknown_kind() -> None:
    relatives = family(
        "a",
        [member(key) for key in "abcx"],
        [link("b", "a"), link("c", "a"), link("x", "b", "quantized", certainty="inferred"), link("x", "c", "merge")],
    )
    tree = grow(relatives)
    assert [tree.below[row.parent].members[0].key for row in tree.below if row.parent is not None] == ["c"]


def test_what_others_build_on_comes_first_and_groups_come_last_the_largest_first() -> None:
    leaves = {"q": 3, "l": 4}
    members = [
        member("a"),
        member("big", children=9),
        member("small", children=1),
        member("of-big"),
        member("of-small"),
        *(member(f"{kind}{n}", downloads=n) for kind, many in leaves.items() for n in range(many)),
    ]
    relatives = family(
        "a",
        members,
        [
            link("small", "a"), link("big", "a"), link("of-big", "big"), link("of-small", "small"),
            *(link(f"q{n}", "a", "quantized") for n in range(3)), *(link(f"l{n}", "a", "adapter") for n in range(4)),
        ],
    )  # fmt: skip
    assert names(grow(relatives, ungrouped=0).below) == [
        ["big"],
        ["of-big"],
        ["small"],
        ["of-small"],
        ["l3", "l2", "l1", "l0"],
        ["q2", "q1", "q0"],
    ]


def test_a_group_is_of_one_relation_one_class_and_one_state_of_its_links() -> None:
    relatives = family(
        "a",
        [member(key) for key in ("a", "b", *"stuvwxyz")],
        [
            link("b", "a", "quantized"),
            *(link(key, "a", "merge") for key in "stuv"),
            # These are of another class, by another way.
            *(link(key, "b", "quantized") for key in "uv"),
            *(link(key, "a", "merge", withdrawn=True) for key in "wx"),
            *(link(key, "a", "merge", certainty="inferred") for key in "yz"),
        ],
    )
    rows_found = grow(relatives, ungrouped=0).below
    assert {(tuple(sorted(m.key for m in r.members)), r.relation, r.dependence, r.withdrawn) for r in rows_found} == {
        (("b",), "quantized", "same_weights", False),
        (("u", "v"), "merge", "same_weights", False),
        (("s", "t"), "merge", "mixed", False),
        (("w", "x"), "merge", "mixed", True),
        (("y", "z"), "merge", "unclear", False),
    }


def test_the_model_on_a_cycle_is_named_on_both_sides_and_is_counted_in_one_row() -> None:
    members = [member(key) for key in ("a", "b", "root", "leaf")]
    relatives = family("a", members, [link("a", "b"), link("b", "a"), link("b", "root"), link("leaf", "b")])
    tree = grow(relatives)
    assert names(tree.above) == [["b"], ["root"]]
    assert names(tree.below) == [["b"], ["leaf"]]
    assert [row.again for row in tree.above] == [True, False]
    assert (tree.ancestors, tree.descendants) == (2, 2)


def test_a_shortened_picture_keeps_the_largest_branches() -> None:
    members = [member("a"), *(member(f"b{n}") for n in range(9)), *(member(f"c{n}") for n in range(4))]
    links = [*(link(f"b{n}", "a") for n in range(9)), *(link(f"c{n}", "b5") for n in range(4))]
    short = shortened(grow(family("a", members, links)), 5)
    assert [([one.key for one in row.members], row.hidden) for row in short.below] == [
        (["b0"], 0),
        (["b1"], 0),
        (["b5"], 4),
        ([], 6),
    ]
