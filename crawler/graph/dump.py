"""The graph as text, in canonical order: to compare two graphs to the last property, and to keep one for good.

JSON Lines: `{"node": {"labels": […], "key": …, "properties": {…}}}`, by label and key; then
`{"edge": {"type": …, "from": key, "to": key, "properties": {…}}}`, by type, from and to.
"""

import hashlib
import json
from collections.abc import Callable, Generator
from typing import Any

import neo4j
from neo4j.time import DateTime

from crawler.changes.crawl_node import CRAWL
from crawler.changes.tables import ENDS, TABLES
from crawler.graph.connection import Graph
from crawler.snapshot.columns import Column

# Each label with what its nodes are told apart by; several properties are joined by a space, which no name contains.
_NODES = dict(sorted({"Crawl": ("id",), **{t.element: t.keys for t in TABLES if t.ends is None}}.items()))
_PROPERTIES = {table.element: table.properties for table in TABLES} | {"Crawl": CRAWL}
# What a fact about the Hub is not: popularity, and the times that crawls set.
NO_FACTS = frozenset(
    {"downloads", "likes", "first_seen", "listed_at", "gone_at", "withdrawn_at", "absences", "since", "until"}
)


def dump(graph: Graph, *, crawls: bool = True, facts: bool = False) -> Generator[str]:
    """The graph, line by line; without `Crawl` nodes on demand, with nothing but facts on demand."""
    left_out = NO_FACTS if facts else frozenset()
    with graph.session(neo4j.READ_ACCESS) as session:
        for label, keys in _NODES.items():
            if label == "Crawl" and not crawls:
                continue
            # The key's index gives the nodes in order; a predicate makes the planner use it.
            query = (
                f"MATCH (n:{label}) WHERE n.{keys[0]} IS NOT NULL "
                f"RETURN {_properties('n', label)} AS properties ORDER BY {', '.join(f'n.{key}' for key in keys)}"
            )
            for record in session.run(query):
                properties = record["properties"]
                key = " ".join(properties[name] for name in keys)
                yield _line("node", labels=[label], key=key, properties=_plain(properties, left_out))
        for kind, (start, end) in sorted(ENDS.items()):
            order = [f"a.{key}" for key in _NODES[start]] + [f"b.{key}" for key in _NODES[end]]
            query = (
                f"MATCH (a:{start})-[r:{kind}]->(b:{end}) WHERE {order[0]} IS NOT NULL "
                f"RETURN {_joined('a', start)} AS start, {_joined('b', end)} AS end, {_properties('r', kind)} AS properties "
                f"ORDER BY {', '.join(order)}"
            )
            for record in session.run(query):
                yield _line(
                    "edge", type=kind, **{"from": record["start"]}, to=record["end"],
                    properties=_plain(record["properties"], left_out),
                )  # fmt: skip


def digest(graph: Graph, *, facts: bool = False, progress: Callable[[int, str], None] | None = None) -> str:
    """The SHA-256 of the dump without `Crawl` nodes, as hexadecimal text. `progress` is told how many lines were read."""
    sum_ = hashlib.sha256()
    for number, line in enumerate(dump(graph, crawls=False, facts=facts), start=1):
        sum_.update(line.encode())
        sum_.update(b"\n")
        if progress is not None:
            progress(number, "nodes and relationships")
    return sum_.hexdigest()


def _properties(variable: str, kind: str) -> str:
    """The properties. Times leave the server as text: the driver takes some twenty microseconds for each that it parses."""
    times = [column for column in _PROPERTIES.get(kind, ()) if column.is_time]
    texts = [f"{time.property_name}: {_text(f'{variable}.{time.property_name}', time)}" for time in times]
    return f"{variable} {{{', '.join(['.*', *texts])}}}"


def _text(value: str, time: Column) -> str:
    return f"[t IN {value} | toString(t)]" if time.type.endswith("[]") else f"toString({value})"


def _joined(variable: str, label: str) -> str:
    return " + ' ' + ".join(f"{variable}.{key}" for key in _NODES[label])


def _plain(properties: dict[str, Any], left_out: frozenset[str]) -> dict[str, Any]:
    return {
        name: properties[name] for name in sorted(properties) if name not in left_out and properties[name] is not None
    }


def _line(kind: str, **content: Any) -> str:
    return json.dumps({kind: content}, ensure_ascii=False, separators=(",", ":"), default=_time)


def _time(value: Any) -> str:
    """A time that no column describes, as the server would write it."""
    if isinstance(value, DateTime):
        return value.iso_format()
    raise TypeError(f"a property of type {type(value).__name__} has no canonical text")
