"""The relatives of a dossier, arranged for people: in parts by what can be seen of them, in groups by the way to them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crawler.dossier.form import Relative


@dataclass(frozen=True)
class Step:
    """One step of a way: of which kind it is, where it leads, and the number of its evidence, counted from 1."""

    relation: str
    parent: str
    evidence: int


@dataclass(frozen=True)
class Group:
    """Relatives that share the best way from their first step on, and how it is rated."""

    klass: str
    certainty: str
    is_withdrawn: bool
    steps: tuple[Step, ...]
    """None: the models name the data set themselves."""
    dataset: str | None
    """Below a data set: which one the model at the end of the way names."""
    members: tuple[Relative, ...]


@dataclass(frozen=True)
class Part:
    """Relatives of which the same can be seen."""

    name: str
    """A class, for those that are listed and open; else gated, unknown_gate, gone, absent or withdrawn."""
    groups: tuple[Group, ...]
    size: int

    @property
    def is_open(self) -> bool:
        """Whether its models are listed, declared today, and open to everybody."""
        return self.name not in APART


# What stands apart, in the order in which it is shown.
APART = ("gated", "unknown_gate", "gone", "absent", "withdrawn")


def groups(relatives: Iterable[Relative]) -> list[Group]:
    """The groups, in the order in which the first member of each is met."""
    found: dict[tuple[object, ...], list[Relative]] = {}
    for one in relatives:
        same = (one.klass, one.certainty, one.link_status, one.path[1:], one.steps, one.evidence, one.dataset)
        found.setdefault(same, []).append(one)
    return [_group(members) for members in found.values()]


def _group(members: Sequence[Relative]) -> Group:
    first = members[0]
    steps = zip(first.steps, first.path[1:], first.evidence, strict=True)
    return Group(
        klass=first.klass,
        certainty=first.certainty,
        is_withdrawn=first.is_withdrawn,
        steps=tuple(Step(relation, parent, place + 1) for relation, parent, place in steps),
        dataset=first.dataset,
        members=tuple(members),
    )


def parts(descendants: Iterable[Relative]) -> list[Part]:
    """Every descendant in one part: the open ones by class, strongest first, then what stands apart."""
    found: dict[str, list[Relative]] = {}
    for one in descendants:
        found.setdefault(_part(one), []).append(one)
    names = [part for part in found if part not in APART] + [part for part in APART if part in found]
    return [Part(part, tuple(groups(found[part])), len(found[part])) for part in names]


def _part(one: Relative) -> str:
    if one.is_withdrawn:
        return "withdrawn"
    if one.status != "listed":
        return one.status
    if one.is_gated:
        return "gated"
    return one.klass if one.gated == "false" else "unknown_gate"
