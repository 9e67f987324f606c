"""What exports of the graph write: nodes and relationships one by one, of a family or of the whole graph."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import neo4j

from crawler.changes.tables import ENDS, TABLES
from crawler.graph.connection import Graph
from crawler.graph.dump import NODES, PROPERTIES, Element, edge, edge_values, elements, joins, node, properties
from crawler.relatives.model import Link, Member, Relatives

# How many keys a statement takes.
_BATCH = 1000
_MODELS = ("Model", "Model")

LABELS = tuple(label for label in NODES if label != "Crawl")
"""The labels that an export can be restricted to."""

Columns = dict[str, dict[str, str]]
"""Label or relationship type → property → its DuckDB type."""

_COLUMNS: Columns = {
    kind: {name: column.type for name, column in found.items()} for kind, found in PROPERTIES.items()
} | {table.join.type: {} for table in TABLES if table.join}


def columns(labels: Collection[str]) -> Columns:
    """The columns of these labels, and of the relationship types between them."""
    return {
        kind: found
        for kind, found in _COLUMNS.items()
        if (any(set(ends) <= set(labels) for ends in ENDS[kind]) if kind in ENDS else kind in labels)
    }


def of_graph(graph: Graph, kinds: Collection[str]) -> Iterator[Element]:
    """All nodes of these labels, then all relationships of these types."""
    return elements(graph, kinds)


def of_family(graph: Graph, relatives: Relatives, kinds: Collection[str]) -> Iterator[Element]:
    """The same of the models of a family, of the links between them, and of what else stands beside these models.

    Models and links have the status of the day that was asked about.
    """
    keys = sorted(relatives.members)
    with graph.session(neo4j.READ_ACCESS) as session:
        for label in (label for label in NODES if label in kinds):
            yield from _nodes(session, label, keys, relatives.members)
        for kind, ends in joins(kinds):
            if "Model" not in ends:
                continue
            if ends == _MODELS:
                yield from _links(session, kind, relatives.links)
            else:
                a, b = (f"{end} {{key: key}}" if end == "Model" else end for end in ends)
                query = f"UNWIND $keys AS key MATCH (a:{a})-[r:{kind}]->(b:{b})"
                returned = f"{query} RETURN {edge_values(kind, ends)}"
                yield from (edge(kind, ends, row) for row in _rows(session, returned, keys))


def _nodes(session: neo4j.Session, label: str, keys: Sequence[str], members: Mapping[str, Member]) -> Iterator[Element]:
    if label == "Model":
        query = f"UNWIND $keys AS key MATCH (n:Model {{key: key}}) RETURN {properties('n', label)} AS properties"
        for row in _rows(session, query, keys):
            found = node(label, row["properties"])
            status = members[found.key].status
            yield _as_of(found, status, remark=None if status == "listed" else status)
        return
    kind = next((kind for kind, pairs in ENDS.items() if any({*ends} == {"Model", label} for ends in pairs)), None)
    query = (
        f"UNWIND $keys AS key MATCH (:Model {{key: key}})-[:{kind}]-(n:{label}) "
        f"WITH DISTINCT n RETURN {properties('n', label)} AS properties"
    )
    known = set()
    for row in _rows(session, query, keys):
        found = node(label, row["properties"])
        if found.key not in known:  # batches share owners and licences
            known.add(found.key)
            yield found


def _links(session: neo4j.Session, kind: str, links: Iterable[Link]) -> Iterator[Element]:
    """These links, read from the child: a model may have tens of thousands of children, and has few parents."""
    wanted = {(link.child, link.parent): link for link in links}
    query = (
        f"UNWIND $keys AS key MATCH (a:Model {{key: key}})-[r:{kind}]->(b:Model) RETURN {edge_values(kind, _MODELS)}"
    )
    for row in _rows(session, query, sorted({child for child, _ in wanted})):
        found = edge(kind, _MODELS, row)
        if link := wanted.get((found.start, found.end)):
            inferred = "inferred" if link.sources == ("inferred",) else None
            status = "withdrawn" if link.withdrawn else "current"
            yield _as_of(found, status, remark="withdrawn" if link.withdrawn else inferred)


def _as_of(found: Element, status: str, remark: str | None) -> Element:
    """With the status of the day; what a drawing says of it follows."""
    found.properties["status"] = status
    found.properties.pop("remark", None)
    if remark:
        found.properties["remark"] = remark
    return found


def _rows(session: neo4j.Session, query: str, keys: Sequence[str]) -> Iterator[neo4j.Record]:
    for start in range(0, len(keys), _BATCH):
        yield from session.run(query, keys=list(keys[start : start + _BATCH]))


def restricted(
    relatives: Relatives,
    *,
    kind: Collection[str] = (),
    along: Collection[str] = (),
    status: Collection[str] = (),
    max_depth: int | None = None,
    include_withdrawn: bool = False,
) -> Relatives:
    """The models within `max_depth` steps along links of the relations `along`, whose last link has a relation in `kind`
    and whose status is in `status`; and the links between them.

    Empty means all. The filters mean what they mean in the saved queries `ancestors` and `descendants`: ways pass through
    models of any status.
    """
    links = tuple(
        link
        for link in relatives.links
        if (not along or link.relation in along) and (include_withdrawn or not link.withdrawn)
    )
    up = [(link.child, link.parent, link.relation) for link in links]
    above, below = (
        _reached(relatives.key, steps, kind, max_depth) for steps in (up, [(b, a, relation) for a, b, relation in up])
    )
    if status:
        above, below = ({key for key in side if relatives.members[key].status in status} for side in (above, below))
    kept = above | below | {relatives.key}
    return Relatives(
        relatives.key,
        {key: member for key, member in relatives.members.items() if key in kept},
        tuple(link for link in links if link.child in kept and link.parent in kept),
        frozenset(above),
        frozenset(below),
    )


def _reached(
    start: str, steps: Sequence[tuple[str, str, str]], kind: Collection[str], max_depth: int | None
) -> set[str]:
    """What steps lead to from `start`; a step is from, to, relation."""
    onwards: dict[str, list[str]] = {}
    for here, there, _ in steps:
        onwards.setdefault(here, []).append(there)
    depths, level = {start: 0}, [start]
    while level and (max_depth is None or depths[level[0]] < max_depth):
        following = {
            there: depths[here] + 1 for here in level for there in onwards.get(here, ()) if there not in depths
        }
        depths |= following
        level = list(following)
    ends = {
        there
        for here, there, relation in steps
        if here in depths and here != there and (not kind or relation in kind)
        and (max_depth is None or depths[here] < max_depth)
    }  # fmt: skip
    return ends - {start}
