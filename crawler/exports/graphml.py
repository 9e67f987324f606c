"""GraphML, for Gephi, networkx and others. It is written element by element, so its size costs no memory."""

import json
from collections.abc import Iterable, Mapping
from typing import BinaryIO
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from crawler.changes.tables import ENDS
from crawler.exports.elements import Columns
from crawler.graph.dump import Element
from crawler.logs import printable

_TYPES = {"BIGINT": "long", "INTEGER": "long", "DOUBLE": "double", "BOOLEAN": "boolean"}
# Gephi shows `label` beside a node or an edge; `element` is the label or the relationship type in Neo4j.
_OWN = {"label": "VARCHAR", "element": "VARCHAR"}
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'


def write(columns: Columns, elements: Iterable[Element], about: Mapping[str, str], out: BinaryIO) -> int:
    """Write the elements, nodes first, with `about` as attributes of the graph; return how many there are."""

    def line(text: str) -> None:
        out.write(f"{text}\n".encode())

    out.write(_HEAD.encode())
    for name in about:
        line(_key("graph", name, "VARCHAR"))
    for kind, properties in columns.items():
        for name, type_ in (_OWN | properties).items():
            line(_key(kind, name, type_))
    line('<graph id="hub-genealogy" edgedefault="directed">')
    for name, text in about.items():
        line(_data("graph", name, text))
    count = 0
    for element in elements:
        line(_element(element))
        count += 1
    line("</graph>\n</graphml>")
    return count


def _key(kind: str, name: str, type_: str) -> str:
    of = "graph" if kind == "graph" else "edge" if kind in ENDS else "node"
    return f'<key id="{kind}.{name}" for="{of}" attr.name="{name}" attr.type="{_TYPES.get(type_, "string")}"/>'


def _element(element: Element) -> str:
    properties = element.properties
    if not element.is_node:
        source, target = _id(element.ends[0], element.start), _id(element.ends[1], element.end)
        opening, closing = f"<edge source={source} target={target}>", "</edge>"
        label = properties.get("relation", element.kind)
    else:
        opening, closing = f"<node id={_id(element.kind, element.key)}>", "</node>"
        label = properties.get("id") or properties.get("name") or element.key
    values = {"label": label, "element": element.kind} | properties
    return opening + "".join(_data(element.kind, name, value) for name, value in values.items()) + closing


def _data(kind: str, name: str, value: object) -> str:
    """Lists, which GraphML lacks, are JSON; characters that XML forbids or that nobody can see are escapes."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    shown = printable(text).replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")
    return f'<data key="{kind}.{name}">{escape(shown)}</data>'


def _id(label: str, key: str) -> str:
    """No two nodes have the same, whatever their names hold."""
    return quoteattr(f"{label}:{quote(key, safe='/:')}")
