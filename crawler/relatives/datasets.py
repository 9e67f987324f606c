"""Which models name a data set, or one that is made from it: what hangs from a data set hangs from these.

The rule is that of the saved query `dataset_impact`, which tests hold this reading to.
"""

from dataclasses import dataclass
from typing import Any, LiteralString

import neo4j

from crawler.relatives.model import Member

# Of the data sets that a model names, the nearest counts; one that only withdrawn links reach comes after all others.
_NAMING: LiteralString = """
WITH CASE size(toString($as_of)) WHEN 10 THEN datetime(toString($as_of) + 'T23:59:59.999999Z')
     ELSE coalesce(datetime(toString($as_of)), datetime('9999-12-31')) END AS at
MATCH (named:Dataset) WHERE named.id_lower = toLower($dataset) OR named.key = $dataset
UNWIND [false, true] AS withdrawn
CALL (named, at, withdrawn) {
  MATCH p = (named)<-[:DERIVED_FROM*0..100]-(d:Dataset)
  WHERE all(e IN relationships(p) WHERE e.first_seen <= at
            AND (withdrawn OR coalesce(e.withdrawn_at > at, true)
                 AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)))
  RETURN d, min(length(p)) AS steps
}
WITH at, d, min([withdrawn, steps, d.id]) AS nearest
MATCH (d)<-[e:TRAINED_ON]-(m:Model)
WHERE coalesce(m.first_seen <= at, true)
WITH m.key AS model, e, d, nearest ORDER BY nearest, d.key
WITH model, collect([nearest, d.key, d.id, coalesce(e.sources, [])])[0] AS best
RETURN model, best[1] AS key, best[2] AS id, best[0][1] AS steps, best[0][0] AS withdrawn, best[3] AS sources ORDER BY model
"""
_NOW: LiteralString = """
CALL () {
  MATCH (d:Dataset {key: $key}) RETURN d, 0 AS place
  UNION MATCH (d:Dataset {id_lower: $lower}) RETURN d, 1 AS place
}
RETURN d.key AS key ORDER BY place, d.status <> 'listed', d.status <> 'gone', key DESC LIMIT 1
"""
_ITSELF: LiteralString = """
MATCH (d:Dataset) WHERE d.id_lower = toLower($dataset) OR d.key = $dataset
WITH d ORDER BY d.status <> 'listed', d.status <> 'gone', d.key DESC LIMIT 1
RETURN d.key AS key, d.id AS id, d.status AS status, d.owner AS owner, d.downloads AS downloads,
       CASE d.status WHEN 'listed' THEN d.url + '/discussions' END AS contact
"""


@dataclass(frozen=True, slots=True)
class Named:
    """What a model names: the data set that is asked about, or one that is made from it."""

    key: str
    id: str
    steps: int
    """How far it is from the one that is asked about: 0 is that one itself."""
    withdrawn: bool
    """Whether only links that are no longer declared lead from it to the one that is asked about."""
    sources: tuple[str, ...]
    """Where the model says so."""


def models_naming(session: neo4j.Session, dataset: str, as_of: str | None = None) -> dict[str, Named]:
    """The keys of the models that name the data set of this key or name, or one that is made from it, and what each names."""
    rows = session.execute_read(lambda transaction: transaction.run(_NAMING, dataset=dataset, as_of=as_of).data())
    return {row.pop("model"): Named(**row | {"sources": tuple(row["sources"])}) for row in rows}


def late(naming: dict[str, Named]) -> frozenset[str]:
    """The models to which every way from the data set uses a link that is no longer declared."""
    return frozenset(model for model, named in naming.items() if named.withdrawn)


def current_key(session: neo4j.Session, key: str) -> str:
    """The key that a data set has now: one that was but a name has another when it is listed. `key` may be a name, too."""
    values: dict[str, Any] = {"key": key, "lower": key.removeprefix("absent:").lower()}
    found = session.execute_read(lambda transaction: transaction.run(_NOW, values).single())
    return str(found["key"]) if found else key


def itself(session: neo4j.Session, dataset: str, naming: dict[str, Named]) -> Member:
    """The data set as its owner is asked about it; `children` are the models that name it."""
    row = session.execute_read(lambda transaction: transaction.run(_ITSELF, dataset=dataset).single(strict=True))
    owner = row["owner"] or (row["id"].split("/")[0] if "/" in row["id"] else None)
    children = sum(named.steps == 0 for named in naming.values())
    return Member(**row.data() | {"owner": owner, "children": children})
