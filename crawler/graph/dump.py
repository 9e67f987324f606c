"""The graph as text, in canonical order: to compare two graphs to the last property, and to keep one for good.

JSON Lines: `{"node": {"labels": […], "key": …, "properties": {…}}}`, by label and key; then
`{"edge": {"type": …, "from": key, "to": key, "properties": {…}}}`, by type, from and to.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Generator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import neo4j
from neo4j.time import DateTime

from crawler.changes.crawl_node import CRAWL
from crawler.changes.tables import ENDS, STATUS_LABELS, TABLES
from crawler.graph.connection import Graph
from crawler.snapshot.columns import Column

# Each label with what its nodes are told apart by; several properties are joined by a space, which no name contains.
NODES = dict(sorted({"Crawl": ("id",), **{t.element: t.keys for t in TABLES if t.ends is None}}.items()))
# Of each label and relationship type; a type between several labels has those of all of them.
PROPERTIES = {"Crawl": {column.property_name: column for column in CRAWL}}
for _table in TABLES:
    PROPERTIES.setdefault(_table.element, {})
    for _column in _table.properties:
        PROPERTIES[_table.element].setdefault(_column.property_name, _column)
_SHOW_STATUS = {table.element for table in TABLES if table.shows_status}
# What a fact about the Hub is not: popularity, and the times that crawls set.
NO_FACTS = frozenset(
    {"downloads", "likes", "first_seen", "listed_at", "gone_at", "withdrawn_at", "absences", "since", "until"}
)


@dataclass(frozen=True, slots=True)
class Element:
    """A node, or a relationship from the node `start` to the node `end`."""

    kind: str
    """Its label or its relationship type."""
    properties: dict[str, Any]
    """Times as text; what is unknown is left out."""
    key: str = ""
    """Of a node: tells it from others of its label."""
    second: tuple[str, ...] = ()
    """Of a node in the whole graph: the label of its status, where it has one."""
    start: str = ""
    end: str = ""
    ends: tuple[str, str] = ("", "")
    """Of a relationship: the labels of `start` and `end`."""

    @property
    def is_node(self) -> bool:
        """Whether it is a node."""
        return self.kind not in ENDS


def dump(graph: Graph, *, crawls: bool = True, facts: bool = False) -> Generator[str]:
    """The graph, line by line; without `Crawl` nodes on demand, with nothing but facts on demand."""
    left_out = NO_FACTS if facts else frozenset()
    for one in elements(graph, {*NODES, *ENDS} - (set() if crawls else {"Crawl"})):
        own = (
            {"labels": [one.kind, *one.second], "key": one.key}
            if one.is_node
            else {"type": one.kind, "from": one.start, "to": one.end}
        )
        kept = {name: value for name, value in one.properties.items() if name not in left_out}
        content = {"node" if one.is_node else "edge": {**own, "properties": kept}}
        yield json.dumps(content, ensure_ascii=False, separators=(",", ":"), default=_time)


def elements(graph: Graph, kinds: Collection[str]) -> Generator[Element]:
    """The nodes of these labels, then the relationships of these types, in canonical order."""
    with graph.session(neo4j.READ_ACCESS) as session:
        for label, keys in NODES.items():
            if label not in kinds:
                continue
            # The key's index gives the nodes in order; a predicate makes the planner use it.
            query = (
                f"MATCH (n:{label}) WHERE n.{keys[0]} IS NOT NULL "
                f"RETURN {properties('n', label)} AS properties, {_second('n', label)} AS second "
                f"ORDER BY {', '.join(f'n.{key}' for key in keys)}"
            )
            yield from (node(label, record["properties"], record["second"]) for record in session.run(query))
        for kind, ends in joins(kinds):
            start, end = ends
            order = [f"a.{key}" for key in NODES[start]] + [f"b.{key}" for key in NODES[end]]
            query = (
                f"MATCH (a:{start})-[r:{kind}]->(b:{end}) WHERE {order[0]} IS NOT NULL "
                f"RETURN {edge_values(kind, ends)} ORDER BY {', '.join(order)}"
            )
            yield from (edge(kind, ends, record) for record in session.run(query))


def joins(kinds: Collection[str]) -> list[tuple[str, tuple[str, str]]]:
    """The relationship types of `kinds` in order, each with a pair of labels of `kinds` that it joins."""
    return [(kind, ends) for kind in sorted(ENDS) for ends in sorted(ENDS[kind]) if {kind, *ends} <= set(kinds)]


def digest(graph: Graph, *, facts: bool = False, progress: Callable[[int, str], None] | None = None) -> str:
    """The SHA-256 of the dump without `Crawl` nodes, as hexadecimal text. `progress` is told how many lines were read."""
    sum_ = hashlib.sha256()
    for number, line in enumerate(dump(graph, crawls=False, facts=facts), start=1):
        sum_.update(line.encode())
        sum_.update(b"\n")
        if progress is not None:
            progress(number, "nodes and relationships")
    return sum_.hexdigest()


def node(label: str, found: Mapping[str, Any], second: Iterable[str] = ()) -> Element:
    """The node with these properties, as `properties` asks for them."""
    return Element(label, _plain(found), key=" ".join(found[name] for name in NODES[label]), second=tuple(second))


def edge(kind: str, ends: tuple[str, str], found: neo4j.Record) -> Element:
    """The relationship in a row of `edge_values`."""
    start, end, values = found.values()
    return Element(kind, _plain(values), start=start, end=end, ends=ends)


def _second(variable: str, label: str) -> str:
    """Labels that say the status; what others have labelled is theirs."""
    return f"[l IN {sorted(STATUS_LABELS.values())} WHERE l IN labels({variable})]" if label in _SHOW_STATUS else "[]"


def edge_values(kind: str, ends: tuple[str, str]) -> str:
    """What a query returns of a relationship `r` from `a` to `b`, which have these labels."""
    start, end = ends
    return f"{_joined('a', start)} AS start, {_joined('b', end)} AS end, {properties('r', kind)} AS properties"


def properties(variable: str, kind: str) -> str:
    """The properties. Times leave the server as text: the driver takes some twenty microseconds for each that it parses."""
    times = [column for column in PROPERTIES.get(kind, {}).values() if column.is_time]
    texts = [f"{time.property_name}: {_text(f'{variable}.{time.property_name}', time)}" for time in times]
    return f"{variable} {{{', '.join(['.*', *texts])}}}"


def _text(value: str, time: Column) -> str:
    return f"[t IN {value} | toString(t)]" if time.type.endswith("[]") else f"toString({value})"


def _joined(variable: str, label: str) -> str:
    return " + ' ' + ".join(f"{variable}.{key}" for key in NODES[label])


def _plain(found: Mapping[str, Any]) -> dict[str, Any]:
    return {name: found[name] for name in sorted(found) if found[name] is not None}


def _time(value: Any) -> str:
    """A time that no column describes, as the server would write it."""
    if isinstance(value, DateTime):
        return value.iso_format()
    raise TypeError(f"a property of type {type(value).__name__} has no canonical text")
