"""The mirror of the case register in the graph: `(:Case)-[:CONCERNS]->(:Model)`, for questions about models and cases.

The register in the state folder is what counts. The mirror is made from it and never read back, and it says nothing about the
Hub: `graph dump` and `graph hash` leave it out.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import neo4j

from crawler.graph.connection import Graph
from crawler.snapshot.columns import Column

LABEL, TYPE = "Case", "CONCERNS"
ENDS = (LABEL, "Model")
CASE = (
    Column("id", "BIGINT", "its number in the register"),
    Column("right", "VARCHAR", "what is asked for: access, erasure, objection, rectification or restriction"),
    Column("received", "DATE", "the day on which the request was received"),
    Column("due", "DATE", "the last day of its term, with every extension"),
    Column("state", "VARCHAR", "open, refused or closed"),
)
CONCERNS = (Column("state", "VARCHAR", "where the owner of the model stands, as in to_contact: docs/cases.md"),)


@dataclass(frozen=True)
class Mirrored:
    """What the graph shows of a case."""

    properties: Mapping[str, Any]
    """Those of CASE."""
    states: Mapping[str, str]
    """The key of each model that it concerns, and where its owner stands."""


def put(graph: Graph, number: int, read: Callable[[], Mirrored]) -> None:
    """Bring the mirror of a case up to date: what differs is written.

    `read` is called when nobody else can write the same mirror, so that of two writers the later one has the later state.
    """
    with graph.session() as session:
        session.execute_write(_put, number, read)


def _put(tx: neo4j.ManagedTransaction, number: int, read: Callable[[], Mirrored]) -> None:
    tx.run("MERGE (c:Case {id: $id}) SET c.id = $id", id=number).consume()  # the write lock
    case = read()
    found = tx.run("MATCH (:Case {id: $id})-[r:CONCERNS]->(m:Model) RETURN m.key AS key, r.state AS state", id=number)
    there = {record["key"]: record["state"] for record in found}
    tx.run("MATCH (c:Case {id: $id}) SET c = $properties", id=number, properties=dict(case.properties)).consume()
    tx.run(
        "MATCH (c:Case {id: $id}) UNWIND $rows AS row MATCH (m:Model {key: row.key}) "
        "MERGE (c)-[r:CONCERNS]->(m) SET r.state = row.state",
        id=number,
        rows=[{"key": key, "state": state} for key, state in case.states.items() if there.get(key) != state],
    ).consume()
    tx.run(
        "UNWIND $keys AS key MATCH (:Case {id: $id})-[r:CONCERNS]->(:Model {key: key}) DELETE r",
        id=number,
        keys=[key for key in there if key not in case.states],
    ).consume()


def keep_only(graph: Graph, numbers: Collection[int]) -> None:
    """Remove the mirrors of all other cases: their register is no longer the one of this state folder."""
    graph.write("MATCH (c:Case) WHERE NOT c.id IN $numbers DETACH DELETE c", numbers=list(numbers))
