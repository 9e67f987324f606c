"""Which models a case concerns, as the graph has them now: what it is about, and all that descends from it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import LiteralString

import neo4j

from crawler.cases.adopt import ABSENT
from crawler.cases.form import Facts
from crawler.errors import HubGenealogyError
from crawler.relatives import datasets, ways
from crawler.relatives.datasets import Named, models_naming
from crawler.relatives.model import Link, Member
from crawler.relatives.read import read_below

_KEY: LiteralString = """
CALL () {
  MATCH (m:Model {key: $key}) RETURN m, 0 AS place
  UNION MATCH (m:Model {id_lower: $lower}) WHERE $key STARTS WITH 'absent:' RETURN m, 1 AS place
}
RETURN m.key AS key ORDER BY place, m.status <> 'listed', key DESC LIMIT 1
"""


def models_of(session: neo4j.Session, about: str, key: str) -> list[Facts]:
    """The models that a case about this model or data set concerns, with the best way to each: the rules of `report`.

    Links that are no longer declared count, and are marked: weights that were copied do not come back.
    """
    members, links, tops, naming = _read(session, about, key)
    if about == "model":
        return facts(members, links, tops, "itself")
    through = {model: named.id for model, named in naming.items() if named.steps}
    return facts(members, links, tops, "trained_on", late=datasets.late(naming), through=through)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a way, by the names of its ends, and where it is said."""

    child: str
    relation: str
    parent: str
    sources: tuple[str, ...]


# The key of a model → the best way from it to what a case is about.
Ways = Mapping[str, tuple[Step, ...]]


def ways_of(session: neo4j.Session, about: str, key: str) -> Ways:
    """The best way from each model of `models_of` that has one."""
    members, links, tops, naming = _read(session, about, key)
    return {
        start: tuple(
            Step(members[link.child].id, link.relation, members[link.parent].id, link.sources) for link in way.steps
        )
        for start, way in ways.down(links, tops, datasets.late(naming)).items()
    }


def key_now(session: neo4j.Session, about: str, key: str) -> str:
    """The key that a model or a data set has now: that of a name that no listing held ends when it is listed.

    HubGenealogyError where the graph has no such model. A data set that nothing names any more is in no graph, and keeps its key.
    """
    return datasets.current_key(session, key) if about == "dataset" else _now(session, key)


def _read(
    session: neo4j.Session, about: str, key: str
) -> tuple[Mapping[str, Member], tuple[Link, ...], list[str], dict[str, Named]]:
    """The models, the links that lead to them, the keys of those that a case is about by themselves, and what these name."""
    now = key_now(session, about, key)
    naming = models_naming(session, now) if about == "dataset" else {}
    tops = list(naming) if about == "dataset" else [now]
    members, links = read_below(session, tops)
    return members, links, sorted(tops, key=lambda top: (members[top].id, top)), naming


def _now(session: neo4j.Session, key: str) -> str:
    """The key that a model has now: that of an absent one ends when the name is listed.

    HubGenealogyError where the graph has neither.
    """
    found = session.execute_read(
        lambda transaction: transaction.run(_KEY, key=key, lower=key.removeprefix(ABSENT)).single()
    )
    if found is None:
        raise HubGenealogyError(f"the graph has no model with the key {key!r}")
    return str(found["key"])


def facts(
    members: Mapping[str, Member],
    links: Iterable[Link],
    tops: list[str],
    klass: str,
    *,
    late: Collection[str] = (),
    through: Mapping[str, str] = MappingProxyType({}),
) -> list[Facts]:
    """The facts of these models, of which `tops` are of that class by themselves. A pure function.

    Only withdrawn links lead to those in `late`. `through`: which data set a model names, where that is one that is made from
    the one that is asked about.
    """
    links = tuple(links)
    best = ways.down(links, tops, late)
    parents: dict[str, set[str]] = {}
    for link in links:
        if not link.withdrawn and link.child != link.parent:
            parents.setdefault(link.child, set()).add(link.parent)
    found = []
    for key, member in sorted(members.items()):
        way = best.get(key)
        found.append(
            Facts(
                key=key,
                id=member.id,
                klass=way.klass if way else klass,
                certainty=way.certainty if way else None,
                link_status="withdrawn" if (way.withdrawn if way else key in late) else "current",
                depth=way.depth if way else 0,
                status=member.status,
                owner=member.owner,
                gated=member.gated,
                revision=member.revision,
                parents=tuple(sorted(parents.get(key, ()))),
                dataset=through.get(way.keys[-1] if way else key),
            )
        )
    return found
