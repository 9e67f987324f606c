"""Where rows stand: nothing overlaps, and every line leads from one row to another without a gap."""

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from crawler.pictures.grouping import grow
from crawler.pictures.layout import MARGIN, MOST_INDENT, MOST_LANES, ROW, WIDTH, Layout, lay_out
from crawler.relatives.model import Relatives
from tests.support.families import families, family, link, member


@given(families(), st.booleans(), st.sampled_from([None, 0]))
def test_each_row_has_its_own_place_and_its_model_is_between_the_margins(
    relatives: Relatives, unfolded: bool, ungrouped: int | None
) -> None:
    tree = grow(relatives, ungrouped=ungrouped)
    layout = lay_out(tree, unfolded=unfolded)
    assert [box.y for box in layout.boxes] == [(place + 0.5) * ROW for place in range(len(layout.boxes))]
    assert all(MARGIN <= box.x <= MARGIN + MOST_INDENT for box in layout.boxes)
    groups = [row for row in (*tree.above, *tree.below) if len(row.members) > 1]
    members = sum(len(row.members) for row in groups) if unfolded else 0
    assert len(layout.boxes) == 1 + len(tree.above) + len(tree.below) + members
    levels = [box.level for box in layout.boxes]
    asked = levels.index(0)
    assert all(level < 0 for level in levels[:asked])
    assert all(level > 0 for level in levels[asked + 1 :])


@given(families(), st.booleans(), st.sampled_from([None, 0]))
def test_a_trunk_leads_from_each_row_to_the_one_that_it_hangs_from(
    relatives: Relatives, unfolded: bool, ungrouped: int | None
) -> None:
    layout = lay_out(grow(relatives, ungrouped=ungrouped), unfolded=unfolded)
    lines = joined(layout)
    for box in layout.boxes:
        if box.trunk is None:
            continue
        reaching = [(top, bottom) for top, bottom in lines[box.trunk] if top <= box.y <= bottom]
        assert reaching
        ends = [
            other.y
            for other in layout.boxes
            if other.x == box.trunk and other.level in {box.level - 1, box.level + 1, box.level}
        ]
        assert any(top - ROW / 2 <= end <= bottom + ROW / 2 for top, bottom in reaching for end in ends)


def joined(layout: Layout) -> dict[float, list[tuple[float, float]]]:
    """The vertical lines at each place, with the parts of all rows put together."""
    found: dict[float, list[tuple[float, float]]] = defaultdict(list)
    for box in layout.boxes:
        for stroke in box.trunks:
            assert box.y - ROW / 2 <= stroke.top < stroke.bottom <= box.y + ROW / 2
            if found[stroke.x] and found[stroke.x][-1][1] == stroke.top:
                found[stroke.x][-1] = (found[stroke.x][-1][0], stroke.bottom)
            else:
                found[stroke.x].append((stroke.top, stroke.bottom))
    return found


@given(families())
def test_lines_to_further_parents_do_not_meet_in_a_lane_and_are_all_drawn_or_counted(relatives: Relatives) -> None:
    tree = grow(relatives, ungrouped=None)
    layout = lay_out(tree)
    for box in layout.boxes:
        places = [(stroke.x, stroke.top) for stroke in box.lanes]
        assert len(places) == len(set(places))
        assert all(WIDTH < stroke.x < layout.width for stroke in box.lanes)
    also = sum(len(row.also) for row in (tree.asked, *tree.above, *tree.below))
    drawn = sum(not end.arrow for box in layout.boxes for end in box.ends)
    assert drawn == sum(end.arrow for box in layout.boxes for end in box.ends)
    assert drawn + layout.undrawn == also
    assert len({stroke.x for box in layout.boxes for stroke in box.lanes}) <= MOST_LANES


def test_a_merge_reaches_its_further_parents_through_lanes() -> None:
    relatives = family(
        "a",
        [member(key) for key in "abcm"],
        [link("b", "a"), link("c", "a"), link("m", "b", "merge"), link("m", "c", "merge")],
    )
    layout = lay_out(grow(relatives))
    assert {(box.row.members[0].key, end.arrow) for box in layout.boxes for end in box.ends} == {
        ("m", False),
        ("c", True),
    }


def test_a_chain_of_a_hundred_steps_stays_within_the_page() -> None:
    chain = family("k0", [member(f"k{n}") for n in range(101)], [link(f"k{n}", f"k{n - 1}") for n in range(1, 101)])
    layout = lay_out(grow(chain, ungrouped=None))
    assert len({box.x for box in layout.boxes}) == 101
    assert layout.boxes[-1].x == MARGIN + MOST_INDENT
