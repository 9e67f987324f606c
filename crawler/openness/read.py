"""Read from the graph what the rules need of a model, or of a whole family: each model once, and each link once."""

from collections.abc import Collection, Iterator
from typing import Any, LiteralString

import neo4j

from crawler.openness.facts import Dataset, Family, Licence, Record, Step

# How many keys a statement takes.
_BATCH = 10_000

_UP: LiteralString = """
UNWIND $keys AS key
MATCH (c:Model {key: key})-[e:DERIVED_FROM]->(p:Model) WHERE e.status = 'current'
RETURN c.key AS child, p.key AS parent, e.relation AS relation
"""
_DOWN: LiteralString = """
UNWIND $keys AS key
MATCH (c:Model)-[e:DERIVED_FROM]->(p:Model {key: key}) WHERE e.status = 'current'
RETURN c.key AS child, p.key AS parent, e.relation AS relation
"""
_RECORDS: LiteralString = """
UNWIND $keys AS key
MATCH (m:Model {key: key})
RETURN m {.key, .id, .status, .gone_reason, .created_at, .gated, .disabled, .parameters, .library, .model_type, .has_card,
          .pipeline_tag, .url, .weight_formats, .architectures, .languages, .papers, .providers} AS model,
       COLLECT { MATCH (m)-[:LICENSED_UNDER]->(l:License)
                 RETURN l {.id, .osi_approved, .commercial_use, .use_restrictions} AS licence ORDER BY l.id } AS licences,
       COLLECT { MATCH (m)-[:TRAINED_ON]->(d:Dataset) RETURN d {.id, .status, .gated} AS dataset ORDER BY d.id } AS datasets
"""
_LISTS = ("weight_formats", "architectures", "languages", "papers", "providers")


def read_model(session: neo4j.Session, key: str) -> Family:
    """A model and all that it descends from, over links that are declared today."""
    return session.execute_read(lambda transaction: _family(transaction, {key}))


def read_family(session: neo4j.Session, key: str) -> tuple[Family, frozenset[Step]]:
    """A model, all that it descends from, all that descends from it, and all that those descend from; and the steps among
    the first three.
    """

    def work(transaction: neo4j.ManagedTransaction) -> tuple[Family, frozenset[Step]]:
        above = _reached(transaction, _UP, {key})
        below = _reached(transaction, _DOWN, {key})
        return _family(transaction, _keys(below) | {key}), frozenset(above | below)

    return session.execute_read(work)


def _family(transaction: neo4j.ManagedTransaction, keys: set[str]) -> Family:
    steps = _reached(transaction, _UP, keys)
    rows = _rows(transaction, _RECORDS, _keys(steps) | keys)
    records = {record.key: record for record in (_record(*row.values()) for row in rows)}
    return Family(records, tuple(sorted(steps)))


def _keys(steps: Collection[Step]) -> set[str]:
    return {key for step in steps for key in (step.child, step.parent)}


def _reached(transaction: neo4j.ManagedTransaction, statement: LiteralString, starts: set[str]) -> set[Step]:
    """Every step that leads away from these models, however far."""
    found: set[Step] = set()
    known, level = set(starts), set(starts)
    while level:
        new = {Step(*row.values()) for row in _rows(transaction, statement, level)}
        found |= new
        level = _keys(new) - known
        known |= level
    return found


def _rows(
    transaction: neo4j.ManagedTransaction, statement: LiteralString, keys: Collection[str]
) -> Iterator[neo4j.Record]:
    every = sorted(keys)
    for start in range(0, len(every), _BATCH):
        yield from transaction.run(statement, keys=every[start : start + _BATCH])


def _record(model: dict[str, Any], licences: list[dict[str, Any]], datasets: list[dict[str, Any]]) -> Record:
    created = model["created_at"]
    return Record(
        **model | {name: tuple(model[name] or ()) for name in _LISTS} | {"created_at": created and created.to_native()},
        licences=tuple(Licence(**licence) for licence in licences),
        datasets=tuple(Dataset(**dataset) for dataset in datasets),
    )
