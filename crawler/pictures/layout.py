"""Where the rows of a picture stand: one below the other, indented by their steps from the model asked about.

A list of rows stays readable for five models and for eight thousand, and prints on as many pages as it needs. From each
model, a trunk leads along the rows that hang from it, upwards to ancestors and downwards to descendants. Lines to
further parents run in lanes at the right, beside the columns. Each row holds its own part of every line that passes, so
a picture can be cut between any two rows.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from crawler.pictures.grouping import Row, Tree

ROW = 19
"""The height of a row."""
WIDTH = 880
"""The width without lanes. On A4 paper, a letter of 11 is then as large as one of 6.7 points."""
MARGIN = 14
INDENT = 20
# All indents together; in a deeper tree, each is smaller.
MOST_INDENT = 300
# Between the columns and the first lane, and from lane to lane.
GAP = 6
LANE = 8
MOST_LANES = 8


@dataclass(frozen=True, slots=True)
class Stroke:
    """A vertical line within a row."""

    x: float
    top: float
    bottom: float


@dataclass(frozen=True, slots=True)
class End:
    """Where the line to a further parent leaves its lane: for the child, or, as an arrow, for the parent."""

    x: float
    arrow: bool
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class Box:
    """A row of the picture where it stands."""

    row: Row
    x: float
    """Where its mark is."""
    y: float
    """Its middle."""
    trunk: float | None
    """Where the branch to it begins; None: it is the model asked about."""
    level: int
    """Steps to the model asked about; above it, negative."""
    unfolded: bool = False
    """It is a member of the group above it."""
    trunks: tuple[Stroke, ...] = ()
    lanes: tuple[Stroke, ...] = ()
    ends: tuple[End, ...] = ()


@dataclass(frozen=True, slots=True)
class Layout:
    """A picture, from top to bottom."""

    boxes: tuple[Box, ...]
    undrawn: int
    """How many further links between rows of the picture have no lane."""
    width: float

    @property
    def height(self) -> float:
        """The height of all rows."""
        return len(self.boxes) * ROW


def lay_out(tree: Tree, *, unfolded: bool = False) -> Layout:
    """The layout of a tree. Where it is `unfolded`, the members of each group stand below its row too."""
    deepest = max((row.depth for row in (*tree.above, *tree.below)), default=0) + unfolded
    indent = min(INDENT, MOST_INDENT / max(deepest, 1))
    boxes: list[Box] = []
    places: dict[tuple[int, int | None], int] = {}
    ends: dict[int, list[int]] = defaultdict(list)
    trunks = _Lines()
    for side, number, row in _from_top_to_bottom(tree):
        places[side, number] = len(boxes)
        x = MARGIN + row.depth * indent
        boxes.append(Box(row, x, (len(boxes) + 0.5) * ROW, x - indent if row.depth else None, side * row.depth))
        if unfolded and len(row.members) > 1:
            boxes += _members(boxes[-1], indent)
            trunks.add(x, places[side, number] + 1, len(boxes) - 1, whole_start=True)
    for (side, _), place in places.items():
        if boxes[place].row.depth:
            parent = boxes[place].row.parent
            ends[places[0 if parent is None else side, parent]].append(place)
    for place, others in ends.items():
        first, last = min(others), max(others)
        if first < place:
            trunks.add(boxes[place].x, first, place)
        if last > place:
            trunks.add(boxes[place].x, place, last)
    return _with_lanes([replace(box, trunks=tuple(trunks.at[place])) for place, box in enumerate(boxes)])


def _from_top_to_bottom(tree: Tree) -> Iterator[tuple[int, int | None, Row]]:
    """Each row with its side, -1 for above, and its number there; the model asked about is 0, None."""
    yield from ((-1, number, tree.above[number]) for number in range(len(tree.above) - 1, -1, -1))
    yield 0, None, tree.asked
    yield from ((1, number, row) for number, row in enumerate(tree.below))


def _members(group: Box, indent: float) -> Iterator[Box]:
    """The members of a group, each in a row of its own."""
    for number, member in enumerate(group.row.members, 1):
        also = tuple(one for one in group.row.also if one.link.child == member.key)
        row = replace(group.row, members=(member,), also=also, hidden=0)
        yield Box(row, group.x + indent, group.y + number * ROW, group.x, group.level, unfolded=True)


class _Lines:
    """Vertical lines, each in parts: one for every row that it passes."""

    def __init__(self) -> None:
        self.at: dict[int, list[Stroke]] = defaultdict(list)

    def add(self, x: float, first: int, last: int, *, whole_start: bool = False) -> None:
        """A line from the middle of a row to the middle of a later one, or from the upper edge of the first."""
        for place in range(first, last + 1):
            top = place * ROW + (ROW / 2 if place == first and not whole_start else 0)
            bottom = place * ROW + (ROW / 2 if place == last else ROW)
            self.at[place].append(Stroke(x, top, bottom))


def _with_lanes(boxes: Sequence[Box]) -> Layout:
    """Give a lane to each further link between two rows, the shortest first; links of one lane do not meet.

    A model that shares its row with others has no line of its own.
    """
    single = {
        box.row.members[0].key: place
        for place, box in enumerate(boxes)
        if len(box.row.members) == 1 and not box.unfolded and not box.row.again
    }
    wanted = [
        (abs(place - single[one.link.parent]), place, single[one.link.parent], one.link.withdrawn)
        for place in single.values()
        for one in boxes[place].row.also
        if one.link.parent in single
    ]
    taken: list[list[tuple[int, int]]] = []
    lines = _Lines()
    ends: dict[int, list[End]] = defaultdict(list)
    undrawn = 0
    for _, child, parent, withdrawn in sorted(wanted):
        first, last = sorted((child, parent))
        free = (n for n, spans in enumerate(taken) if all(last < one[0] or one[1] < first for one in spans))
        number = next(free, len(taken))
        if number == MOST_LANES:
            undrawn += 1
            continue
        if number == len(taken):
            taken.append([])
        taken[number].append((first, last))
        x = WIDTH + GAP + LANE * (number + 1)
        lines.add(x, first, last)
        ends[child].append(End(x, arrow=False, withdrawn=withdrawn))
        ends[parent].append(End(x, arrow=True, withdrawn=withdrawn))
    return Layout(
        boxes=tuple(
            replace(box, lanes=tuple(lines.at[place]), ends=tuple(ends[place])) for place, box in enumerate(boxes)
        ),
        undrawn=undrawn,
        width=WIDTH + (GAP + LANE * (len(taken) + 1) if taken else 0),
    )
