"""The rows of a dossier: ancestors and descendants with their ways, and the evidence that they share. Pure functions."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

from crawler.dossier.form import Ancestor, Evidence, Relative, copied
from crawler.relatives.model import Link, Member
from crawler.relatives.ways import Way
from crawler.snapshot.cycles import cycles

Members = Mapping[str, Member]
Kind = TypeVar("Kind", bound=Relative)


def standing(*, withdrawn: bool) -> str:
    """The `link_status` of a way."""
    return "withdrawn" if withdrawn else "current"


def importance(member: Member) -> tuple[int, int, str, str]:
    """What others build on most comes first."""
    return -member.children, -(member.downloads or 0), member.id, member.key


class Rows:
    """Makes rows, and collects the evidence of their steps."""

    def __init__(self, members: Members) -> None:
        self._members = members
        self._evidence: dict[Evidence, int] = {}
        self._places: dict[tuple[str, str], int] = {}

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """What the rows so far refer to."""
        return tuple(self._evidence)

    def descendants(
        self, ways: Mapping[str, Way], named: Mapping[str, str] = MappingProxyType({})
    ) -> tuple[Relative, ...]:
        """Withdrawn ones last; of each class, strongest first, the most important first.

        `named`: by the key of a model at the end of ways, the data set that it names.
        """
        in_order = self._in_order(ways)
        return tuple(self._row(Relative, key, way, dataset=named.get(way.keys[-1])) for key, way in in_order)

    def ancestors(self, ways: Mapping[str, Way], roots: set[str]) -> tuple[Ancestor, ...]:
        """The nearest first, of these the most important."""
        nearest = sorted(self._in_order(ways), key=lambda entry: (entry[1].withdrawn, entry[1].depth))
        return tuple(self._row(Ancestor, key, way, root=key in roots, dataset=None) for key, way in nearest)

    def _in_order(self, ways: Mapping[str, Way]) -> list[tuple[str, Way]]:
        def place(entry: tuple[str, Way]) -> tuple[bool, int, tuple[int, int, str, str]]:
            key, way = entry
            return way.withdrawn, way.rank, importance(self._members[key])

        return sorted(ways.items(), key=place)

    def _row(self, kind: type[Kind], key: str, way: Way, **more: Any) -> Kind:
        return copied(
            kind,
            self._members[key],
            klass=way.klass,
            certainty=way.certainty,
            link_status=standing(withdrawn=way.withdrawn),
            depth=way.depth,
            path=tuple(self._members[key].id for key in way.keys),
            steps=tuple(link.relation for link in way.steps),
            evidence=tuple(map(self._place, way.steps)),
            **more,
        )

    def _place(self, link: Link) -> int:
        ends = (link.child, link.parent)
        if ends not in self._places:
            others = tuple(text for text in link.declared_as if text != self._members[link.parent].id)
            evidence = copied(Evidence, link, other_spellings=others)
            self._places[ends] = self._evidence.setdefault(evidence, len(self._evidence))
        return self._places[ends]


def roots(links: Iterable[Link], keys: set[str]) -> set[str]:
    """Of these models, those that derive from no other one; on a circle, those whose whole circle does not."""
    known = [link for link in links if link.child in keys and link.parent in keys]
    numbers = {key: number for number, key in enumerate(sorted(keys))}
    circle = {number: number for number in numbers.values()}
    for members in cycles((numbers[link.child], numbers[link.parent]) for link in known):
        circle |= dict.fromkeys(members, members[0])
    derived = {
        circle[numbers[link.child]] for link in known if circle[numbers[link.child]] != circle[numbers[link.parent]]
    }
    return {key for key in keys if circle[numbers[key]] not in derived}
