"""A picture as SVG, which needs no script, no network and no style from elsewhere."""

from collections.abc import Callable, Iterator, Sequence
from xml.etree.ElementTree import Element, tostring

from crawler.answers.table import display_width, wrapped
from crawler.pictures import marks
from crawler.pictures.grouping import Row, Tree
from crawler.pictures.labels import ENGLISH, LONGEST, Labels, clean
from crawler.pictures.layout import MARGIN, ROW, WIDTH, Layout, lay_out
from crawler.pictures.shortening import shortened
from crawler.pictures.svg_rows import (
    CHILDREN,
    DEPENDENCE,
    DOWNLOADS,
    NOTE_LETTER,
    RELATION,
    add,
    draw,
    mark,
    short,
    shortened_name,
)

# What fits a page of A4 with its heads and its legend.
ROWS = 60

_LINE = 15
_TITLE_LETTER = 8.6


def drawing(
    tree: Tree,
    caption: Sequence[str] = (),
    labels: Labels = ENGLISH,
    *,
    rows: int | None = ROWS,
    identifier: str = "family-tree",
    styled: bool = True,
) -> str:
    """The picture of a tree, in at most so many `rows`; None: in all. The lines of the `caption` stand below it.

    `identifier` is the id of its title, another one for each picture of a page. A page that states `marks.STYLE` itself
    takes pictures that are not `styled`.
    """
    tree = tree if rows is None else shortened(tree, rows)
    layout = lay_out(tree)
    foot = list(footing(tree, layout, caption, labels))
    legend_lines = legend(tree, layout, labels)
    top = 48
    middle = top + ROW + layout.height
    height = middle + 10 + ROW * len(legend_lines) + _LINE * len(foot) + 6
    canvas = new_canvas(layout.width, height, role="img", aria_labelledby=f"{identifier} {identifier}-text")
    name = clean(tree.asked.members[0].id[:LONGEST])
    add(canvas, "title", labels.title.format(model=name), id=identifier)
    add(canvas, "desc", labels.numbers(tree), id=f"{identifier}-text")
    if styled:
        add(canvas, "style").text = marks.STYLE
    add(canvas, "rect", class_="paper", width=layout.width, height=height)
    title = labels.title.format(model=shortened_name(name, 60))
    add(
        canvas,
        "text",
        shortened_name(title, int((WIDTH - 2 * MARGIN) / _TITLE_LETTER)),
        class_="text title",
        x=MARGIN,
        y=22,
    )
    add(canvas, "text", labels.numbers(tree), class_="note", x=MARGIN, y=40)
    heads(canvas, top + 13, labels)
    place = add(canvas, "g", transform=f"translate(0 {top + ROW})")
    draw_rows(place, layout, 0, len(layout.boxes), labels)
    draw_legend(canvas, legend_lines, middle + 10 + ROW / 2)
    for number, line in enumerate(foot):
        y = middle + 10 + ROW * len(legend_lines) + _LINE * number + 11
        add(canvas, "text", line, class_="note", x=MARGIN, y=y)
    return tostring(canvas, encoding="unicode")


def new_canvas(width: float, height: float, top: float = 0, **attributes: str) -> Element:
    """An empty picture."""
    named = {name.replace("_", "-"): value for name, value in attributes.items()}
    return Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "class": marks.CLASS,
            "width": short(width),
            "height": short(height),
            "viewBox": f"0 {short(top)} {short(width)} {short(height)}",
            **named,
        },
    )


def heads(canvas: Element, y: float, labels: Labels) -> None:
    """The heads of the columns."""
    for text, x, classes in (
        (labels.relation, RELATION, "head"),
        (labels.dependence, DEPENDENCE, "head"),
        (labels.children, CHILDREN, "head end"),
        (labels.downloads, DOWNLOADS, "head end"),
    ):
        add(canvas, "text", text, class_=classes, x=x, y=y)


def draw_rows(
    canvas: Element,
    layout: Layout,
    first: int,
    last: int,
    labels: Labels,
    *,
    listed: bool = False,
    unfolds: bool = False,
) -> None:
    """The rows from the first to before the last, with a hairline between them to lead the eye to the columns."""
    behind = add(canvas, "g", aria_hidden="true")
    rules = "".join(f"M2 {number * ROW}h{WIDTH - 4}" for number in range(max(first, 1), last))
    add(behind, "path", class_="rule", d=rules)
    for box in layout.boxes[first:last]:
        if not box.row.depth:
            add(behind, "rect", class_="band", x=2, y=box.y - ROW / 2, width=WIDTH - 4, height=ROW, rx=4)
        draw(canvas, box, labels, listed=listed, unfolds=unfolds)


def footing(tree: Tree, layout: Layout, caption: Sequence[str], labels: Labels) -> Iterator[str]:
    """What is said below the picture, in lines that fit it."""
    texts = [labels.counted(labels.undrawn, layout.undrawn)] if layout.undrawn else []
    if not (tree.above or tree.below):
        texts.append(labels.numbers(tree))
    for text in (*texts, *caption):
        yield from wrapped(clean(text), int((WIDTH - 2 * MARGIN) / NOTE_LETTER))


Sign = tuple[Callable[[Element, float, float], None], str]
"""What draws a sign of the legend at a point, and what it means."""


def legend(tree: Tree, layout: Layout, labels: Labels) -> list[list[tuple[float, Sign]]]:
    """The signs that the picture has, in lines: each with its place from the left."""
    lines: list[list[tuple[float, Sign]]] = [[]]
    x: float = MARGIN
    for sign in _signs(tree, layout, labels):
        width = 26 + display_width(sign[1]) * NOTE_LETTER
        if lines[-1] and x + width > WIDTH:
            lines.append([])
            x = MARGIN
        lines[-1].append((x, sign))
        x += width
    return lines


def draw_legend(canvas: Element, lines: Sequence[Sequence[tuple[float, Sign]]], y: float) -> None:
    """Draw the legend; the middle of its first line is at `y`."""
    group = add(canvas, "g")
    for number, line in enumerate(lines):
        for x, (sign, text) in line:
            sign(group, x, y + number * ROW)
            add(group, "text", text, class_="note", x=x + 12, y=y + number * ROW + 4)


def _signs(tree: Tree, layout: Layout, labels: Labels) -> Iterator[Sign]:
    rows: Sequence[Row] = (tree.asked, *tree.above, *tree.below)
    used = {row.relation for row in rows}
    for relation in marks.MARKS:
        if relation in used:
            yield _relation_sign(relation), labels.word(relation)
    if any(len(row.members) > 1 for row in rows):
        yield _group_sign, labels.legend_group
    states = {member.status for row in rows for member in row.members}
    if "absent" in states:
        yield _absent_sign, labels.legend_absent
    if "gone" in states:
        yield _gone_sign, labels.legend_gone
    if any(row.withdrawn for row in rows):
        yield _line_sign("line withdrawn"), labels.legend_withdrawn
    if any(box.ends for box in layout.boxes):
        yield _line_sign("lane"), labels.legend_also


def _relation_sign(relation: str) -> Callable[[Element, float, float], None]:
    def sign(canvas: Element, x: float, y: float) -> None:
        mark(canvas, relation, x, y)

    return sign


def _group_sign(canvas: Element, x: float, y: float) -> None:
    mark(canvas, "unknown", x + 2.5, y - 2.5, hollow=True)
    mark(canvas, "unknown", x, y)


def _absent_sign(canvas: Element, x: float, y: float) -> None:
    mark(canvas, "finetune", x, y, hollow=True)


def _gone_sign(canvas: Element, x: float, y: float) -> None:
    text = add(canvas, "text", class_="text", x=x - 7, y=y + 4)
    add(text, "tspan", "ab", class_="name gone")


def _line_sign(classes: str) -> Callable[[Element, float, float], None]:
    def sign(canvas: Element, x: float, y: float) -> None:
        add(canvas, "path", class_=classes, d=f"M{short(x - 8)} {short(y)}h16")

    return sign
