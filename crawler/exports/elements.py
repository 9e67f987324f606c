"""What exports of the graph write: nodes and relationships one by one, of a family or of the whole graph."""

import json
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, fields
from typing import Any

from crawler.changes.crawl_node import CRAWL
from crawler.changes.tables import ENDS, TABLES
from crawler.graph.connection import Graph
from crawler.graph.dump import dump
from crawler.relatives.model import Link, Member, Relatives


@dataclass(frozen=True, slots=True)
class Element:
    """A node, or a relationship from the node `start` to the node `end`."""

    kind: str
    """Its label or its relationship type."""
    properties: dict[str, Any]
    """Times as text, lists as lists; what is unknown is left out."""
    key: str = ""
    """Of a node: tells it from others of its label."""
    start: str = ""
    end: str = ""


Columns = dict[str, dict[str, str]]
"""Label or relationship type → property → its DuckDB type."""

# The types of the attributes that are no text; the names are those of Member and Link.
_TYPES = {
    "children": "BIGINT", "downloads": "BIGINT", "likes": "BIGINT",
    "created_at": "TIMESTAMP", "first_seen": "TIMESTAMP", "sources": "VARCHAR[]", "declared_as": "VARCHAR[]",
}  # fmt: skip
_ENDS_OF_A_LINK = ("child", "parent")

GRAPH_COLUMNS: Columns = {
    table.element: {column.property_name: column.type for column in table.properties} for table in TABLES
} | {"Crawl": {column.property_name: column.type for column in CRAWL}}
for _table in TABLES:
    if _table.join:
        GRAPH_COLUMNS[_table.join.type] = {}

FAMILY_COLUMNS: Columns = {
    "Model": {field.name: _TYPES.get(field.name, "VARCHAR") for field in fields(Member)},
    "DERIVED_FROM": {
        **{
            field.name: _TYPES.get(field.name, "VARCHAR")
            for field in fields(Link)
            if field.name not in (*_ENDS_OF_A_LINK, "withdrawn")
        },
        "status": "VARCHAR",
    },
}


def of_graph(graph: Graph) -> Iterator[Element]:
    """All nodes, then all relationships."""
    for line in dump(graph):
        ((what, found),) = json.loads(line).items()
        if what == "node":
            yield Element(found["labels"][0], found["properties"], key=found["key"])
        else:
            yield Element(found["type"], found["properties"], start=found["from"], end=found["to"])


def of_family(relatives: Relatives) -> Iterator[Element]:
    """The models, then the links between them; a link that is no longer declared has the status withdrawn."""
    for key, member in sorted(relatives.members.items()):
        yield Element("Model", _known(asdict(member)), key=key)
    for link in relatives.links:
        values = _known(asdict(link))
        values["status"] = "withdrawn" if values.pop("withdrawn") else "current"
        yield Element(
            "DERIVED_FROM", {name: value for name, value in values.items() if name not in _ENDS_OF_A_LINK},
            start=link.child, end=link.parent,
        )  # fmt: skip


def ends(kind: str) -> tuple[str, str] | None:
    """The labels at the two ends of a relationship type; None for a label."""
    return ENDS.get(kind)


def restricted(relatives: Relatives, relations: Collection[str], max_depth: int | None) -> Relatives:
    """The part that links of these relations reach (of all, where none is named) within so many steps."""
    links = tuple(link for link in relatives.links if not relations or link.relation in relations)
    up: dict[str, list[str]] = {}
    down: dict[str, list[str]] = {}
    for link in links:
        up.setdefault(link.child, []).append(link.parent)
        down.setdefault(link.parent, []).append(link.child)
    above, below = (_reached(relatives.key, steps, max_depth) for steps in (up, down))
    kept = above | below | {relatives.key}
    return Relatives(
        relatives.key,
        {key: member for key, member in relatives.members.items() if key in kept},
        tuple(link for link in links if link.child in kept and link.parent in kept),
        frozenset(above),
        frozenset(below),
    )


def _reached(start: str, steps: dict[str, list[str]], max_depth: int | None) -> set[str]:
    found, level, depth = {start}, {start}, 0
    while level and (max_depth is None or depth < max_depth):
        level = {key for one in level for key in steps.get(one, ())} - found
        found |= level
        depth += 1
    return found - {start}


def _known(values: dict[str, Any]) -> dict[str, Any]:
    """Times as text and lists as lists, as `dump` has them; what is unknown or empty is left out."""
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else list(value) if isinstance(value, tuple) else value
        for name, value in values.items()
        if value is not None and value != ()
    }
