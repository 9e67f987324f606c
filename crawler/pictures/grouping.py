"""From a model and its relatives to the rows of a picture: ancestors above the model, descendants below it.

Relatives form a graph; a picture that people can read is a tree. So each model hangs from one place, the one that is nearest
to the model asked about. Of several, the link of the strongest relation decides, then the most certain. Where links
that are still declared lead to a model, withdrawn ones do not count. Links for which the tree has no place stay with the
row of their child: `also`.

Most models of a large family have no children. Those that hang from one model by links of one kind share a row.
"""

import heapq
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from operator import attrgetter

from crawler.records.evidence import CERTAINTIES
from crawler.relatives import ways
from crawler.relatives.model import Link, Member, Relatives
from crawler.relatives.ways import Way

# By default, a side of the picture with no more models than this has a row for each of them: they fit a page.
UNGROUPED = 40


@dataclass(frozen=True, slots=True)
class Further:
    """A link for which the tree has no place, with the parent that it leads to."""

    link: Link
    parent: Member


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the picture: one model, or several that share it, or the number of models that have none."""

    members: tuple[Member, ...]
    """The most important first. None: the row says only how many models are not shown."""
    depth: int
    """Steps to the model asked about, on the way that is drawn."""
    parent: int | None
    """The row that it hangs from, as an index into its side; None: the model asked about."""
    relation: str | None = None
    certainty: str | None = None
    """That of the least certain of its links."""
    withdrawn: bool = False
    """The links that it hangs from are no longer declared."""
    dependence: str | None = None
    """How its members depend on the model asked about, or that one on them: the class of the best way between them,
    which may be another way than the one that is drawn."""
    also: tuple[Further, ...] = ()
    """The links of its members to further parents."""
    hidden: int = 0
    """How many models further on are in no row."""
    again: bool = False
    """The model is on a cycle: it is among the descendants too, and is counted there."""

    @property
    def size(self) -> int:
        """How many models it stands for, that no other row stands for."""
        return self.hidden + (0 if self.again else len(self.members))


@dataclass(frozen=True, slots=True)
class Tree:
    """The rows of a picture. Each side begins at the model asked about; a row comes after the one that it hangs from."""

    asked: Row
    above: tuple[Row, ...]
    below: tuple[Row, ...]
    ancestors: int
    """How many ancestors there are, shown or not. A model on a cycle is a descendant too."""
    descendants: int
    left_out: int
    """How many models are related by links only that are no longer declared, where those were not asked for."""

    @property
    def hidden(self) -> int:
        """How many models are in no row."""
        return sum(row.hidden for row in (*self.above, *self.below))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a model hangs, and by which link."""

    depth: int
    origin: str
    link: Link


def grow(
    relatives: Relatives,
    *,
    include_withdrawn: bool = True,
    max_depth: int | None = None,
    ungrouped: int | None = UNGROUPED,
) -> Tree:
    """The tree of a model.

    Models that are more than `max_depth` steps away are counted where the way to them leaves the picture. A side with at
    most `ungrouped` models has a row for each; None: so has every side.
    """
    links = [
        link
        for link in sorted(relatives.links, key=attrgetter("child", "parent"))
        if link.child != link.parent and (include_withdrawn or not link.withdrawn)
    ]
    below = _places(relatives, links, from_end=attrgetter("parent"), to_end=attrgetter("child"))
    above = _places(relatives, links, from_end=attrgetter("child"), to_end=attrgetter("parent"))
    placed = {relatives.key, *below, *above}
    drawn = {(link.child, link.parent) for side in (above, below) for link in (place.link for place in side.values())}
    also = defaultdict(list)
    for link in links:
        if (link.child, link.parent) not in drawn and link.child in placed and link.parent in placed:
            also[link.child].append(Further(link, relatives.members[link.parent]))
    grower = _Grower(relatives, also, max_depth, ungrouped)
    return Tree(
        asked=Row((relatives.members[relatives.key],), 0, None, also=tuple(also.get(relatives.key, ()))),
        # A model on a cycle has its links to further parents beside its row among the descendants.
        above=tuple(grower.rows(above, ways.up(links, relatives.key), again=below.keys())),
        below=tuple(grower.rows(below, ways.down(links, [relatives.key]), again=())),
        ancestors=len(above),
        descendants=len(below),
        left_out=len(relatives.members) - len(placed),
    )


def _places(
    relatives: Relatives, links: Iterable[Link], from_end: Callable[[Link], str], to_end: Callable[[Link], str]
) -> dict[str, _Place]:
    """The place of each model that links lead to, from the model asked about: by its best way."""
    steps = defaultdict(list)
    for link in links:
        steps[from_end(link)].append(link)
    places: dict[str, _Place] = {}
    # What decides stands first: any withdrawn link on the way, steps, then the last link.
    waiting: list[tuple[bool, int, bool, int, int, str, str, str, Link]] = []

    def look(key: str, depth: int, *, over_withdrawn: bool) -> None:
        for link in steps[key]:
            rank = (*ways.weakness(link), relatives.members[key].id, key, to_end(link), link)
            heapq.heappush(waiting, (over_withdrawn or link.withdrawn, depth + 1, *rank))

    look(relatives.key, 0, over_withdrawn=False)
    while waiting:
        over_withdrawn, depth, *_, origin, key, link = heapq.heappop(waiting)
        if key != relatives.key and key not in places:
            places[key] = _Place(depth, origin, link)
            look(key, depth, over_withdrawn=over_withdrawn)
    return places


def importance(member: Member) -> tuple[int, int, str, str]:
    """Sorts what others build on most first, then what is downloaded most."""
    return -member.children, -(member.downloads or 0), member.id, member.key


def _kind(link: Link, best: Way) -> tuple[object, ...]:
    """What the models of one row have in common, beside what they hang from."""
    return link.relation, link.withdrawn, link.certainty == "inferred", best.klass


class _Grower:
    """Makes the rows of both sides."""

    def __init__(
        self,
        relatives: Relatives,
        also: Mapping[str, Sequence[Further]],
        max_depth: int | None,
        ungrouped: int | None,
    ) -> None:
        self._relatives = relatives
        self._also = also
        self._max_depth = max_depth
        self._ungrouped = ungrouped

    def rows(self, places: dict[str, _Place], best: Mapping[str, Way], again: Collection[str]) -> Iterator[Row]:
        """The rows of one side; the models `again` are counted on the other. `best` are the best ways to all."""
        hidden: dict[str, int] = defaultdict(int)
        hanging: dict[str, list[str]] = defaultdict(list)
        for key, place in reversed(places.items()):  # what hangs from a model comes before it
            if self._max_depth is not None and place.depth > self._max_depth:
                hidden[place.origin] += hidden.pop(key, 0) + (key not in again)
            else:
                hanging[place.origin].append(key)
        grouped = self._ungrouped is not None and len(places) > self._ungrouped
        waiting: list[tuple[int | None, list[str]]] = []

        def look(row: int | None, key: str) -> None:
            """Let the rows of what hangs from a model wait, the first of them on top."""
            groups = defaultdict(list)
            for sibling in hanging.get(key, ()):
                alone = not grouped or sibling in hanging or sibling in again
                groups[sibling if alone else _kind(places[sibling].link, best[sibling])].append(sibling)
            ordered = sorted(groups.values(), key=lambda keys: self._order(keys, places), reverse=True)
            waiting.extend((row, keys) for keys in ordered)

        look(None, self._relatives.key)
        for number in count():
            if not waiting:
                return
            parent, keys = waiting.pop()
            yield replace(
                self._row(keys, places, parent, again=keys[0] in again),
                dependence=best[keys[0]].klass,
                hidden=sum(hidden[key] for key in keys),
            )
            if len(keys) == 1:
                look(number, keys[0])

    def _order(self, keys: Sequence[str], places: Mapping[str, _Place]) -> tuple[object, ...]:
        """Sorts the rows that hang from one model: those of one model first, the important ones before the others."""
        link = places[keys[0]].link
        if len(keys) == 1:
            return 0, link.withdrawn, *importance(self._relatives.members[keys[0]])
        return 1, link.withdrawn, -len(keys), 0, link.relation, min(keys)

    def _row(self, keys: Sequence[str], places: Mapping[str, _Place], parent: int | None, *, again: bool) -> Row:
        members = sorted((self._relatives.members[key] for key in keys), key=importance)
        place = places[keys[0]]
        return Row(
            members=tuple(members),
            depth=place.depth,
            parent=parent,
            relation=place.link.relation,
            certainty=max((places[key].link.certainty for key in keys), key=CERTAINTIES.index),
            withdrawn=place.link.withdrawn,
            also=() if again else tuple(one for member in members for one in self._also.get(member.key, ())),
            again=again,
        )
