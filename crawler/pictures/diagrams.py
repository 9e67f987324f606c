"""A picture in the languages of Graphviz and of Mermaid, for documents that draw it themselves.

Names come from strangers. Whatever has a meaning in the language, or might have one, is written as an escape of it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crawler.pictures import marks
from crawler.pictures.grouping import Row, Tree
from crawler.pictures.labels import ENGLISH, LONGEST, clean

# Mermaid draws no more lines than this, unless its own settings allow more.
MERMAID_ROWS = 250
# The names of members that the node of a group has room for.
_LETTERS = 60

# What a label of Mermaid may hold as it is.
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9 ./_,():-]")
# The outlines of its nodes, each as what stands before and after a label.
_OUTLINES = {
    "copy": ("[[", "]]"),
    "quantized": ("[", "]"),
    "adapter": ("[/", "\\]"),
    "finetune": ("(", ")"),
    "merge": ("{{", "}}"),
    "unknown": (">", "]"),
}
_SHAPES = {
    "copy": "box3d",
    "quantized": "box",
    "adapter": "trapezium",
    "finetune": "ellipse",
    "merge": "hexagon",
    "unknown": "note",
}


@dataclass(frozen=True, slots=True)
class _Line:
    """A link between two nodes, from the parent to the child."""

    parent: int
    child: int
    relation: str | None
    withdrawn: bool
    further: bool = False


def dot(tree: Tree) -> str:
    """The picture for Graphviz: `dot -Tsvg`."""
    return "".join(_dot(tree))


def mermaid(tree: Tree) -> str:
    """The picture for Mermaid, which pages of Markdown draw on many sites."""
    return "".join(_mermaid(tree))


def _dot(tree: Tree) -> Iterator[str]:
    yield "digraph family {\n"
    yield f"  graph [rankdir=LR, label={_quoted(ENGLISH.numbers(tree))}, fontname=sans];\n"
    yield '  node [fontname=sans, fontsize=10, height=0.3, color="#6a7078"];\n'
    yield '  edge [fontname=sans, fontsize=9, color="#8b939c"];\n'
    rows = _rows(tree)
    for number, row in enumerate(rows):
        shape = _SHAPES.get(row.relation or "", "plaintext") if row.depth else "box, peripheries=2"
        style = "dashed" if _all_are(row, "absent") else "dotted" if _all_are(row, "gone") else "solid"
        yield f"  n{number} [label={_quoted(_label(row))}, shape={shape}, style={style}];\n"
    for line in _lines(tree):
        style = "dotted" if line.withdrawn else "dashed" if line.further else "solid"
        colour = marks.LIGHT.get(line.relation or "", marks.LIGHT["line"])
        label = f", label={_quoted(line.relation)}" if line.relation else ""
        yield f'  n{line.parent} -> n{line.child} [style={style}, color="{colour}"{label}];\n'
    yield "}\n"


def _quoted(text: str) -> str:
    """A text of Graphviz, in which a backslash begins an escape."""
    return '"' + clean(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _mermaid(tree: Tree) -> Iterator[str]:
    yield "flowchart LR\n"
    for number, row in enumerate(_rows(tree)):
        opening, closing = ("([", "])") if not row.depth else _OUTLINES.get(row.relation or "", ("[", "]"))
        kind = "asked" if not row.depth else next((one for one in ("absent", "gone") if _all_are(row, one)), "")
        yield f'  n{number}{opening}"{_entities(_label(row))}"{closing}{f":::{kind}" if kind else ""}\n'
    for line in _lines(tree):
        arrow = "-.->" if line.withdrawn or line.further else "-->"
        words = [line.relation or "", ENGLISH.no_longer_declared if line.withdrawn else ""]
        label = _entities(", ".join(filter(None, words)))
        said = f'|"{label}"|' if label else ""
        yield f"  n{line.parent} {arrow}{said} n{line.child}\n"
    yield "  classDef asked stroke-width:3px\n"
    yield "  classDef absent stroke-dasharray:5 3\n"
    yield "  classDef gone stroke-dasharray:2 3,text-decoration:line-through\n"


def _entities(text: str) -> str:
    """A label of Mermaid, in which anything that is no plain letter, digit or mark is a number."""
    return _NOT_PLAIN.sub(lambda match: f"#{ord(match[0])};", clean(text))


def _rows(tree: Tree) -> Sequence[Row]:
    return (tree.asked, *tree.above, *tree.below)


def _all_are(row: Row, status: str) -> bool:
    return bool(row.members) and all(member.status == status for member in row.members)


def _label(row: Row) -> str:
    head = ENGLISH.head(row)[:LONGEST]
    names = ENGLISH.names(row, _LETTERS) if len(row.members) > 1 else ""
    states = ", ".join(ENGLISH.states(row))
    return f"{head}{f': {names}' if names else ''}{f' ({states})' if states else ''}"


def _lines(tree: Tree) -> Iterator[_Line]:
    """The links of the tree, then the further ones between models that have rows of their own."""
    rows = _rows(tree)
    for number, row in enumerate(tree.above, 1):
        yield _Line(number, 0 if row.parent is None else 1 + row.parent, row.relation, row.withdrawn)
    start = 1 + len(tree.above)
    for number, row in enumerate(tree.below, start):
        yield _Line(0 if row.parent is None else start + row.parent, number, row.relation, row.withdrawn)
    places = {row.members[0].key: n for n, row in enumerate(rows) if len(row.members) == 1 and not row.again}
    for number, row in enumerate(rows):
        if len(row.members) == 1:
            for one in row.also:
                if one.link.parent in places:
                    yield _Line(places[one.link.parent], number, one.link.relation, one.link.withdrawn, further=True)
