"""Which models a case concerns, as the graph has them now: what it is about, and all that descends from it."""

from collections.abc import Iterable, Mapping

import neo4j

from crawler.cases.form import Facts
from crawler.dossier.gather import models_naming
from crawler.relatives import ways
from crawler.relatives.model import Link, Member
from crawler.relatives.read import read_below


def models_of(session: neo4j.Session, about: str, key: str) -> list[Facts]:
    """The models that a case about this model or data set concerns, with the best way to each: the rules of `report`.

    Links that are no longer declared count, and are marked: weights that were copied do not come back.
    """
    tops = models_naming(session, key, None).keys() if about == "dataset" else [key]
    members, links = read_below(session, tops)
    in_order = sorted(tops, key=lambda top: (members[top].id, top))
    return facts(members, links, in_order, "trained_on" if about == "dataset" else "itself")


def facts(members: Mapping[str, Member], links: Iterable[Link], tops: list[str], klass: str) -> list[Facts]:
    """The facts of these models, of which `tops` are of that class by themselves. A pure function."""
    links = tuple(links)
    best = ways.down(links, tops)
    parents: dict[str, set[str]] = {}
    for link in links:
        if not link.withdrawn and link.child != link.parent:
            parents.setdefault(link.child, set()).add(link.parent)
    found = []
    for key, member in sorted(members.items()):
        way = None if key in tops else best[key]
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
