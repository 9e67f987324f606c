"""Which models a case concerns, as the graph has them now: what it is about, and all that descends from it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import LiteralString

import neo4j

from crawler.cases.adopt import ABSENT
from crawler.cases.form import Facts
from crawler.dossier.gather import models_naming
from crawler.errors import HubGenealogyError
from crawler.relatives import ways
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
    members, links, tops = _read(session, about, key)
    return facts(members, links, tops, "trained_on" if about == "dataset" else "itself")


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
    members, links, tops = _read(session, about, key)
    return {
        start: tuple(
            Step(members[link.child].id, link.relation, members[link.parent].id, link.sources) for link in way.steps
        )
        for start, way in ways.down(links, tops).items()
    }


def _read(session: neo4j.Session, about: str, key: str) -> tuple[Mapping[str, Member], tuple[Link, ...], list[str]]:
    """The models, the links that lead to them, and the keys of those that a case is about by themselves."""
    tops = list(models_naming(session, key, None)) if about == "dataset" else [_now(session, key)]
    members, links = read_below(session, tops)
    return members, links, sorted(tops, key=lambda top: (members[top].id, top))


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


def facts(members: Mapping[str, Member], links: Iterable[Link], tops: list[str], klass: str) -> list[Facts]:
    """The facts of these models, of which `tops` are of that class by themselves. A pure function."""
    links, by_themselves = tuple(links), frozenset(tops)
    best = ways.down(links, tops)
    parents: dict[str, set[str]] = {}
    for link in links:
        if not link.withdrawn and link.child != link.parent:
            parents.setdefault(link.child, set()).add(link.parent)
    found = []
    for key, member in sorted(members.items()):
        way = None if key in by_themselves else best[key]
        found.append(
            Facts(
                key=key,
                id=member.id,
                klass=way.klass if way else klass,
                certainty=way.certainty if way else None,
                link_status="withdrawn" if way and way.withdrawn else "current",
                depth=way.depth if way else 0,
                status=member.status,
                owner=member.owner,
                gated=member.gated,
                revision=member.revision,
                parents=tuple(sorted(parents.get(key, ()))),
            )
        )
    return found
