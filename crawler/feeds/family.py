"""A family as it stood after one crawl, and as the next one leaves it. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any

from crawler.cases.form import Facts
from crawler.cases.gather import facts
from crawler.relatives.model import Link, Member

# The columns of rows, after the turn and whether it is deleted.
MEMBER = ("key", "id", "status", "owner", "gated", "revision")
LINK = ("child", "parent", "relation", "certainty", "status")
NAMING = ("model", "dataset_key")
SET = ("key", "id")
SET_LINK = ("child", "parent", "status")


@dataclass(frozen=True)
class Subject:
    """What is watched."""

    about: str
    """model, dataset or owner."""
    key: str
    """The key of a model or a data set; the name of an owner."""


@dataclass(frozen=True)
class Rows:
    """Every row that was ever written of a family, in order: turn, whether it is deleted, and the columns above."""

    members: Sequence[tuple[Any, ...]] = ()
    links: Sequence[tuple[Any, ...]] = ()
    naming: Sequence[tuple[Any, ...]] = ()
    """Which models name the data set, or one that is made from it."""
    sets: Sequence[tuple[Any, ...]] = ()
    """These data sets."""
    set_links: Sequence[tuple[Any, ...]] = ()
    """What they are made from."""

    def turns(self) -> Iterator[tuple[int, "Rows"]]:
        """The rows of each turn that has any."""
        tables = [
            {turn: list(rows) for turn, rows in groupby(table, itemgetter(0))}
            for table in (self.members, self.links, self.naming, self.sets, self.set_links)
        ]
        for turn in sorted(set().union(*tables)):
            yield turn, Rows(*(table.get(turn, ()) for table in tables))


@dataclass
class Family:
    """What is watched, all that descends from it, and what once did, as of one turn."""

    subject: Subject
    starts: Sequence[str]
    """The keys of models that it hangs from, whenever it did."""
    origins: Sequence[str] = ()
    """Of a data set: the keys that it had."""
    _members: dict[str, Member] = field(default_factory=dict)
    _links: dict[tuple[str, str], Link] = field(default_factory=dict)
    _naming: dict[tuple[str, str], bool] = field(default_factory=dict)
    _sets: dict[str, str] = field(default_factory=dict)
    _set_links: dict[tuple[str, str], bool] = field(default_factory=dict)

    def take(self, rows: Rows) -> bool:
        """Take over the rows of a turn; say whether anything differs."""
        return any(
            [  # a list: each is done
                *(_put(self._members, row[2], None if row[1] else _member(row)) for row in rows.members),
                *(_put(self._links, row[2:4], None if row[1] else _link(row)) for row in rows.links),
                *(_put(self._naming, row[2:4], None if row[1] else True) for row in rows.naming),
                *(_put(self._sets, row[2], None if row[1] else row[3]) for row in rows.sets),
                *(_put(self._set_links, row[2:4], None if row[1] else row[4] == "withdrawn") for row in rows.set_links),
            ]
        )

    @property
    def tops(self) -> list[str]:
        """The keys of what is watched itself: the model, those that name the data set, those of the owner; by name."""
        there = [key for key in self.starts if key in self._members]
        if self.subject.about == "model":
            return there[:1]  # until it is listed, the name by which others call it
        if self.subject.about == "dataset":
            named = self._named()
            found = [key for key in there if key in named]
        else:
            found = [key for key in there if self._members[key].owner == self.subject.key]
        return sorted(found, key=lambda key: (self._members[key].id, key))

    def facts(self) -> list[Facts]:
        """The facts of each model, by the rules of a case."""
        tops = self.tops
        members, links = self._below(tops)
        if self.subject.about != "dataset":
            return facts(members, links, tops, "itself")
        named = self._named()
        late = {model for model, (withdrawn, *_) in named.items() if withdrawn}
        through = {model: name for model, (_, steps, name) in named.items() if steps}
        return facts(members, links, tops, "trained_on", late=late, through=through)

    def _named(self) -> dict[str, tuple[bool, int, str]]:
        """What each model names that names the data set or one made from it, by the rule of `crawler.relatives.datasets`."""
        near = self._steps(withdrawn=True) | self._steps(withdrawn=False)
        named: dict[str, tuple[bool, int, str]] = {}
        for model, dataset in self._naming:
            if dataset in near:
                one = (*near[dataset], self._sets.get(dataset, dataset))
                named[model] = min(named.get(model, one), one)
        return named

    def _steps(self, *, withdrawn: bool) -> dict[str, tuple[bool, int]]:
        """How far the data sets are that are made from this one, along declared links or along all."""
        found = dict.fromkeys(self.origins, (withdrawn, 0))
        level, steps = set(found), 0
        while level:
            steps += 1
            level = {
                child
                for (child, parent), is_withdrawn in self._set_links.items()
                if parent in level and child not in found and (withdrawn or not is_withdrawn)
            }
            found |= dict.fromkeys(level, (withdrawn, steps))
        return found

    def _below(self, tops: Iterable[str]) -> tuple[Mapping[str, Member], list[Link]]:
        children: dict[str, list[Link]] = {}
        for link in self._links.values():
            children.setdefault(link.parent, []).append(link)
        reached = dict.fromkeys(tops)
        level = list(reached)
        while level:
            following = [link.child for key in level for link in children.get(key, ())]
            level = [key for key in dict.fromkeys(following) if key not in reached]
            reached.update(dict.fromkeys(level))
        return {key: self._members[key] for key in reached}, [link for key in reached for link in children.get(key, ())]


def _put(table: dict[Any, Any], key: Any, value: Any) -> bool:
    """Put or delete a row; say whether the table differs."""
    before = table.get(key)
    if value is None:
        table.pop(key, None)
    else:
        table[key] = value
    return bool(before != value)


def _member(row: tuple[Any, ...]) -> Member:
    _turn, _deleted, *values = row
    return Member(**dict(zip(MEMBER, values, strict=True)))


def _link(row: tuple[Any, ...]) -> Link:
    _turn, _deleted, child, parent, relation, certainty, status = row
    return Link(child, parent, relation, certainty, withdrawn=status == "withdrawn")
