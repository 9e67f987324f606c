"""Read the relatives of one model from the graph: each model once, and each link once.

The search goes up and down level by level. A level costs one statement, which looks up keys and follows each link
once, so neither a ladder of 2^40 paths nor a circle takes longer than its links, and no bound cuts a long chain.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime
from operator import attrgetter
from typing import Any, LiteralString

import neo4j

from crawler.errors import HubGenealogyError
from crawler.relatives.model import Link, Member, Relatives

# How many keys a statement takes.
_BATCH = 10_000

# The moment that a question is about, as the saved queries have it.
_AT: LiteralString = """
WITH CASE size(toString($as_of)) WHEN 10 THEN datetime(toString($as_of) + 'T23:59:59.999999Z')
     ELSE coalesce(datetime(toString($as_of)), datetime('9999-12-31')) END AS at
UNWIND $keys AS key
"""
_A_LINK: LiteralString = """
WHERE e.first_seen <= at
RETURN c.key AS child, p.key AS parent, e.relation AS relation, e.certainty AS certainty, e.sources AS sources,
       NOT (coalesce(e.withdrawn_at > at, true)
            AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)) AS withdrawn,
       toString(e.first_seen) AS first_seen, e.declared_as AS declared_as
"""
_UP: LiteralString = f"{_AT} MATCH (c:Model {{key: key}})-[e:DERIVED_FROM]->(p:Model) {_A_LINK}"
_DOWN: LiteralString = f"{_AT} MATCH (c:Model)-[e:DERIVED_FROM]->(p:Model {{key: key}}) {_A_LINK}"
# From a descendant past the model that is asked about, straight to one of its ancestors.
_ACROSS: LiteralString = f"{_UP.replace('WHERE', 'WHERE p.key IN $parents AND')}"
_MEMBERS: LiteralString = f"""
{_AT}
MATCH (m:Model {{key: key}})
RETURN m.key AS key, m.id AS id,
       CASE WHEN $as_of IS NULL THEN m.status
            WHEN NOT coalesce(m.listed_at <= at, false) THEN 'absent'
            WHEN m.gone_at <= at OR size([t IN m.absences WHERE t <= at]) % 2 = 1 THEN 'gone'
            ELSE 'listed' END AS status,
       m.owner AS owner, COUNT {{ (m)<-[:DERIVED_FROM]-() }} AS children, m.downloads AS downloads, m.likes AS likes,
       m.license AS license, toString(m.created_at) AS created_at, m.revision AS revision,
       CASE m.status WHEN 'listed' THEN m.gated END AS gated,
       CASE m.status WHEN 'listed' THEN m.url END AS url,
       CASE m.status WHEN 'listed' THEN m.providers END AS providers,
       CASE m.status WHEN 'listed' THEN m.url + '/discussions' END AS contact
"""


def read(session: neo4j.Session, key: str, as_of: str | None = None, *, only_above: bool = False) -> Relatives:
    """The relatives of the model `key`, as of a day or a time; None is now. On demand, it and its ancestors only.

    Links that were withdrawn by then are among them, and marked. Raises HubGenealogyError where the graph has no such
    model.
    """

    def work(transaction: neo4j.ManagedTransaction) -> Relatives:
        reading = _Reading(transaction, as_of)
        above = reading.reached(_UP, {key}, attrgetter("parent"))
        below = set() if only_above else reading.reached(_DOWN, {key}, attrgetter("child"))
        reading.links_across(below - above, above - below)
        members = reading.members({key} | above | below)
        if key not in members:
            raise HubGenealogyError(f"the graph has no model with the key {key!r}")
        return Relatives(key, members, reading.links, frozenset(above), frozenset(below))

    return session.execute_read(work)


def read_below(
    session: neo4j.Session, keys: Collection[str], as_of: str | None = None
) -> tuple[dict[str, Member], tuple[Link, ...]]:
    """These models, all that descends from any of them, and the links that lead there."""

    def work(transaction: neo4j.ManagedTransaction) -> tuple[dict[str, Member], tuple[Link, ...]]:
        reading = _Reading(transaction, as_of)
        below = reading.reached(_DOWN, set(keys), attrgetter("child"))
        return reading.members(below.union(keys)), reading.links

    return session.execute_read(work)


def read_members(session: neo4j.Session, keys: Collection[str], as_of: str | None = None) -> dict[str, Member]:
    """These models alone, by key; those that the graph lacks are left out."""
    return session.execute_read(lambda transaction: _Reading(transaction, as_of).members(keys))


class _Reading:
    """What one transaction reads. A managed transaction may be repeated, each time with a reading of its own."""

    def __init__(self, transaction: neo4j.ManagedTransaction, as_of: str | None) -> None:
        self._transaction = transaction
        self._as_of = as_of
        self._shared: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._times: dict[str, datetime] = {}
        self._links: dict[tuple[str, str], Link] = {}

    @property
    def links(self) -> tuple[Link, ...]:
        """All links that were read, by the keys of their ends."""
        return tuple(self._links[ends] for ends in sorted(self._links))

    def reached(self, statement: LiteralString, starts: set[str], end: Callable[[Link], str]) -> set[str]:
        """The keys of all other models in that direction; the links on the way are kept."""
        found, level = set(starts), starts
        while level:
            level = {end(link) for link in self._read_links(statement, level)} - found
            found |= level
        return found - starts

    def links_across(self, children: set[str], parents: set[str]) -> None:
        """Read the links from these children to these parents too."""
        if parents:
            self._read_links(_ACROSS, children, parents=sorted(parents))

    def members(self, keys: Iterable[str]) -> dict[str, Member]:
        """The models of these keys, by key."""
        found = {}
        for row in self._rows(_MEMBERS, sorted(keys)):
            values = dict(zip(row.keys(), row.values(), strict=True))
            values["created_at"] = self._time(values["created_at"])
            values["providers"] = self._one(values["providers"])
            found[values["key"]] = Member(**values)
        return found

    def _read_links(self, statement: LiteralString, keys: Iterable[str], **values: Any) -> list[Link]:
        links = [self._link(row) for row in self._rows(statement, keys, **values)]
        self._links.update(((link.child, link.parent), link) for link in links)
        return links

    def _link(self, row: neo4j.Record) -> Link:
        child, parent, relation, certainty, sources, withdrawn, first_seen, declared_as = row.values()
        return Link(
            child=child,
            parent=parent,
            relation=relation,
            certainty=certainty,
            sources=self._one(sources),
            withdrawn=withdrawn,
            first_seen=self._time(first_seen),
            declared_as=self._one(declared_as),
        )

    def _time(self, text: str | None) -> datetime | None:
        """A time as the server writes it: the driver takes longer for its own times than for all the rest."""
        if text is None:
            return None
        if text not in self._times:
            self._times[text] = datetime.fromisoformat(text)
        return self._times[text]

    def _one(self, texts: list[str] | None) -> tuple[str, ...]:
        """Equal texts as one object: most links of a family are declared alike."""
        return self._shared.setdefault(found := tuple(texts or ()), found)

    def _rows(self, statement: LiteralString, keys: Iterable[str], **values: Any) -> Iterator[neo4j.Record]:
        every = list(keys)
        for start in range(0, len(every), _BATCH):
            some = every[start : start + _BATCH]
            yield from self._transaction.run(statement, keys=some, as_of=self._as_of, **values)
