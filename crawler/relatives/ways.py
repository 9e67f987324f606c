"""The best way from each descendant up to a model, and from a model up to each of its ancestors. Pure functions.

A way is as strong as its weakest step and as sure as its least sure one. Of two ways, the better one uses no withdrawn
link, else is of the stronger class, else is surer, else is shorter: the rule of the saved query `impact`, which tests
hold this search to. Of equal ways, the one is taken whose keys come first, read from the end where all ways meet.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from crawler.records import words
from crawler.records.evidence import CERTAINTIES
from crawler.relatives.model import Link

CLASSES = tuple(words.CLASSES)

# What a step does to what the parent's weights hold. A relation that is not here is unclear.
CLASS_OF = {
    "copy": "same_weights",
    "quantized": "same_weights",
    "adapter": "needs_parent",
    "finetune": "retrained",
    "merge": "mixed",
    "unknown": "unclear",
}

# How weak a link is, or the weakest link of a way: whether it is withdrawn, its class, its certainty.
_Weakness = tuple[bool, int, int]
# The links that begin at each model, with their weakness and the key of the model at the other end.
_Steps = Mapping[str, Sequence[tuple[_Weakness, str, Link]]]


@dataclass(frozen=True, slots=True)
class Way:
    """A way up, from a descendant to an ancestor."""

    start: str
    """The key of the descendant."""
    klass: str
    certainty: str
    withdrawn: bool
    """Whether it uses a link that its child no longer declares; then there is no way that does not."""
    steps: tuple[Link, ...]

    @property
    def depth(self) -> int:
        """The number of its steps."""
        return len(self.steps)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the models on it, from the descendant to the ancestor."""
        return (self.start, *(link.parent for link in self.steps))

    @property
    def rank(self) -> int:
        """The place of its class, strongest first; -1 for what is not rated."""
        return CLASSES.index(self.klass) if self.klass in CLASSES else -1


def down(links: Iterable[Link], tops: Sequence[str], late: Collection[str] = ()) -> dict[str, Way]:
    """The best way up from every descendant of `tops`, by its key; of equal ways, one to the first of `tops`.

    A way to one of `late`, which are among `tops`, counts as withdrawn. So one of these has a way itself, if links that are
    declared today lead from it to another one.
    """
    return _best(_steps(links, downwards=True), tops, frozenset(late), downwards=True)


def up(links: Iterable[Link], bottom: str) -> dict[str, Way]:
    """The best way from `bottom` up to every one of its ancestors, by the ancestor's key."""
    return _best(_steps(links, downwards=False), [bottom], frozenset(), downwards=False)


def weakness(link: Link) -> _Weakness:
    """How weak a link is; the weaker, the greater. A link that is only inferred is unclear, whatever its relation."""
    klass = "unclear" if link.certainty == "inferred" else CLASS_OF.get(link.relation, "unclear")
    return link.withdrawn, CLASSES.index(klass), CERTAINTIES.index(link.certainty)


def _steps(links: Iterable[Link], *, downwards: bool) -> _Steps:
    steps: dict[str, list[tuple[_Weakness, str, Link]]] = {}
    for link in links:
        here, there = (link.parent, link.child) if downwards else (link.child, link.parent)
        steps.setdefault(here, []).append((weakness(link), there, link))
    for leaving in steps.values():
        leaving.sort(key=lambda step: step[1])
    return steps


def _best(leaving: _Steps, starts: Sequence[str], late: frozenset[str], *, downwards: bool) -> dict[str, Way]:
    """One breadth-first search for each weakness that a way can have, strongest first.

    A single search cannot do it: the best way to a model need not begin with the best way to its neighbour, which may
    be of a class that is lost on the way anyhow, and less sure. What a search finds first has no stronger way.
    """
    early = [key for key in starts if key not in late]
    left = _reachable(leaving, starts) - set(early)
    found: dict[str, Way] = {}
    for worst in _grades(leaving, left | set(starts), withdrawn=bool(late)):
        withdrawn = worst[0]
        if withdrawn:
            left -= late
        if not left:
            break
        came = _search(leaving, starts if withdrawn else early, worst)
        for key in [key for key in came if key in left]:
            _, rank, sure = worst
            steps = _way(came, key, downwards=downwards)
            found[key] = Way(steps[0].child, CLASSES[rank], CERTAINTIES[sure], withdrawn, steps)
            left.discard(key)
    return found


def _reachable(steps: _Steps, starts: Sequence[str]) -> set[str]:
    return set(_search(steps, starts, (True, len(CLASSES), len(CERTAINTIES))))


def _grades(steps: _Steps, keys: set[str], *, withdrawn: bool) -> Iterator[_Weakness]:
    """Every weakness that a way along these links can have, strongest first; `withdrawn`: also without a withdrawn link."""
    weak = {step[0] for key in keys for step in steps.get(key, ())}
    if withdrawn:
        weak |= {(True, rank, sure) for _, rank, sure in weak}
    for worst in product((False, True), range(len(CLASSES)), range(len(CERTAINTIES))):
        used = [one for one in weak if _within(one, worst)]
        if used and tuple(map(max, zip(*used, strict=True))) == worst:
            yield worst


def _within(one: _Weakness, worst: _Weakness) -> bool:
    return one[0] <= worst[0] and one[1] <= worst[1] and one[2] <= worst[2]


def _search(steps: _Steps, starts: Sequence[str], worst: _Weakness) -> dict[str, tuple[str, Link] | None]:
    """The shortest ways along links that are no weaker: each model with the one before it, None for the first."""
    withdrawn, rank, sure = worst
    came: dict[str, tuple[str, Link] | None] = dict.fromkeys(starts)
    level = list(came)
    while level:
        following = []
        for here in level:
            for weak, there, link in steps.get(here, ()):
                if there not in came and weak[0] <= withdrawn and weak[1] <= rank and weak[2] <= sure:
                    came[there] = (here, link)
                    following.append(there)
        level = following
    return came


def _way(came: Mapping[str, tuple[str, Link] | None], key: str, *, downwards: bool) -> tuple[Link, ...]:
    """The links between `key` and where the search began, from the lower model to the upper one."""
    links = []
    while (before := came[key]) is not None:
        key, link = before
        links.append(link)
    return tuple(links if downwards else reversed(links))
