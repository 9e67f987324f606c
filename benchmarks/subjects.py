"""What a saved query is asked about: the hardest subjects that a graph holds, found in the graph itself.

So the same benchmark serves any graph, of any size.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, LiteralString

from benchmarks.graphs import Measured
from crawler.answers.library import SavedQuery
from crawler.graph.connection import Graph

# The most demanding models by kind: where most hangs together, where the chains are longest, the most children.
_MODELS: dict[str, LiteralString] = {
    "largest family": (
        "MATCH (f:Family {kind: 'family'})-[:HEADED_BY]->(m) RETURN m.key AS key ORDER BY f.size DESC, f.key LIMIT 1"
    ),
    "deepest family": (
        "MATCH (f:Family {kind: 'family'})-[:HEADED_BY]->(m) "
        "RETURN m.key AS key ORDER BY f.depth DESC, f.size DESC, f.key LIMIT 1"
    ),
    "most followed": (
        "MATCH (f:Family {kind: 'followed'})-[:HEADED_BY]->(m) RETURN m.key AS key ORDER BY f.size DESC, f.key LIMIT 1"
    ),
    "most children": (
        "MATCH (m:Model) WITH m, COUNT { (m)<-[:DERIVED_FROM]-() } AS children "
        "RETURN m.key AS key ORDER BY children DESC, key LIMIT 1"
    ),
    "most parents": (
        "MATCH (m:Model) WITH m, COUNT { (m)-[:DERIVED_FROM]->() } AS parents "
        "RETURN m.key AS key ORDER BY parents DESC, key LIMIT 1"
    ),
}
_BY_NAME: LiteralString = "MATCH (m:Model {id: $id}) RETURN m.key AS key ORDER BY m.status <> 'listed', key LIMIT 1"
# The two descendants that are furthest away.
_FURTHEST: LiteralString = """
MATCH p = (m:Model {key: $key})<-[:DERIVED_FROM*1..100]-(d) WHERE d <> m
WITH d, min(length(p)) AS depth
RETURN d.key AS key ORDER BY depth DESC, key LIMIT 2"""
_OTHERS: dict[str, LiteralString] = {
    "owner": (
        "MATCH (o:Owner) WITH o, COUNT { (o)<-[:PUBLISHED_BY]-() } AS models "
        "RETURN o.name AS value ORDER BY models DESC, value LIMIT 1"
    ),
    "dataset": (
        "MATCH (d:Dataset) WITH d, COUNT { (d)<-[:TRAINED_ON]-() } AS models "
        "RETURN d.id AS value ORDER BY models DESC, value LIMIT 1"
    ),
    "license": (
        "MATCH (l:License) WITH l, COUNT { (l)<-[:LICENSED_UNDER]-() } AS models "
        "RETURN l.id AS value ORDER BY models DESC, value LIMIT 1"
    ),
}


@dataclass(frozen=True)
class Subjects:
    """The models to ask about, each with its two furthest descendants, and the commonest of the rest."""

    models: Mapping[str, tuple[str, tuple[str, ...]]]
    others: Mapping[str, str]


@dataclass(frozen=True)
class Asking:
    """One way to ask a query: about what, and with which values."""

    subject: str
    values: Mapping[str, Any]


def find(measured: Measured) -> Subjects:
    """The subjects of a graph: those it names itself where `measured` names none for them."""
    graph = measured.graph
    found = {label: _one(graph, query) for label, query in _MODELS.items()}
    found |= {label: _one(graph, _BY_NAME, id=name) for label, name in measured.names.items()}
    models = {
        label: (key, tuple(row["key"] for row in graph.read(_FURTHEST, key=key)))
        for label, key in found.items()
        if key is not None
    }
    others = {name: value for name, query in _OTHERS.items() if (value := _one(graph, query, column="value"))}
    return Subjects(_without_twins(models), others)


def askings(query: SavedQuery, subjects: Subjects) -> Iterator[Asking]:
    """Every way in which `query` is asked: with its defaults, and about each subject that it has a parameter for."""
    names = {parameter.name for parameter in query.parameters}
    defaults = {parameter.name: parameter.default for parameter in query.parameters}
    required = {parameter.name for parameter in query.parameters if parameter.required}
    # Where the graph has none that could be asked about, what is required is a name that it does not hold.
    of_rest = {name: subjects.others.get(name, "none") for name in _OTHERS if name in required}
    if not required & {"model", "other"}:
        # Real names stay out of the tables: they go into a page that everybody reads.
        yield Asking(" and ".join(f"largest {name}" for name in of_rest) or "nothing in particular", defaults | of_rest)
        for name, value in subjects.others.items():
            if name in names - required:
                yield Asking(f"largest {name}", defaults | of_rest | {name: value})
    if "model" not in names:
        return
    for label, (key, below) in subjects.models.items():
        for about, values in _about(key, below, with_other="other" in required):
            yield Asking(f"{label}, {about}", defaults | of_rest | values)


def _about(key: str, below: tuple[str, ...], *, with_other: bool) -> Iterator[tuple[str, dict[str, str]]]:
    if not with_other:
        yield "head", {"model": key}
        for last in below[:1]:
            yield "last descendant", {"model": last}
        return
    for last in below[:1]:
        yield "head and last descendant", {"model": key, "other": last}
        yield "last descendant and head", {"model": last, "other": key}
    if len(below) > 1:
        yield "two last descendants", {"model": below[0], "other": below[1]}


def _one(graph: Graph, query: LiteralString, column: str = "key", **values: Any) -> str | None:
    rows = graph.read(query, **values)
    return str(rows[0][column]) if rows else None


def _without_twins(models: dict[str, tuple[str, tuple[str, ...]]]) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Each model once, under the last of its labels: the names that were given are the plainest."""
    last = {key: label for label, (key, _) in models.items()}
    return {label: models[label] for label in models if last[models[label][0]] == label}
