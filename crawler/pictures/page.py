"""A picture as a page of its own, in which groups unfold: one HTML file without scripts, and nothing is fetched.

The picture is cut between its rows. A group's row is the summary of a `details` element, and its members are in it, so the
browser itself unfolds them, by mouse and by keyboard.
"""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element, tostring

from crawler.pictures import marks, svg
from crawler.pictures.grouping import Tree
from crawler.pictures.labels import ENGLISH, LONGEST, Labels, clean
from crawler.pictures.layout import ROW, Box, Layout, lay_out
from crawler.pictures.svg_rows import add, said

_STYLE = f"""\
:root{{color-scheme:light dark}}
body{{margin:24px auto;padding:0 12px;max-width:1000px;font:14px system-ui,"Segoe UI","Liberation Sans",sans-serif;\
background:{marks.LIGHT["paper"]};color:{marks.LIGHT["ink"]}}}
h1{{font-size:20px;margin:0 0 4px;overflow-wrap:anywhere}}
p{{margin:0 0 8px;color:{marks.LIGHT["muted"]}}}
summary{{display:block;cursor:pointer}}
summary:hover .strong{{text-decoration:underline}}
details[open]>summary .closed,details:not([open])>summary .opened{{display:none}}
.picture{{overflow-x:auto}}
.picture .family-tree{{max-width:none}}
@media screen and (prefers-color-scheme:dark){{
body{{background:{marks.DARK["paper"]};color:{marks.DARK["ink"]}}}
p{{color:{marks.DARK["muted"]}}}
}}
@media print{{
body{{margin:0;max-width:none}}
.picture .family-tree{{max-width:100%}}
details{{break-inside:auto}}
}}
{marks.STYLE}"""
_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
# Nothing but this one style sheet: no script, whatever the page holds, and no request.
POLICY = f"default-src 'none'; style-src 'sha256-{_DIGEST}'; base-uri 'none'; form-action 'none'"


def page(tree: Tree, caption: Sequence[str] = (), labels: Labels = ENGLISH) -> str:
    """The page of a tree, with all of its rows."""
    layout = lay_out(tree, unfolded=True)
    title = labels.title.format(model=clean(tree.asked.members[0].id[:LONGEST]))
    html = Element("html", lang=labels.language)
    head = add(html, "head")
    add(head, "meta", charset="utf-8")
    add(head, "meta", http_equiv="Content-Security-Policy", content=POLICY)
    add(head, "meta", name="viewport", content="width=device-width, initial-scale=1")
    add(head, "title", title)
    add(head, "style").text = _STYLE
    body = add(add(html, "body"), "main")
    add(body, "h1", title)
    add(body, "p", labels.numbers(tree))
    picture = add(body, "div", class_="picture", role="region", tabindex="0", aria_label=title)
    top = svg.new_canvas(layout.width, ROW, aria_hidden="true")
    svg.heads(top, ROW - 6, labels)
    picture.append(top)
    for first, last in _runs(layout.boxes):
        if len(layout.boxes[first].row.members) == 1 or not layout.boxes[first].row.members:
            picture.append(_list(layout, first, last, labels))
        else:
            picture.append(_group(layout, first, last, labels))
    signs = svg.legend(tree, layout, labels)
    below = svg.new_canvas(layout.width, ROW * len(signs) + 10, aria_hidden="true")
    svg.draw_legend(below, signs, ROW / 2 + 8)
    picture.append(below)
    for line in svg.footing(tree, layout, caption, labels):
        add(body, "p", line)
    return f"<!DOCTYPE html>\n{tostring(html, encoding='unicode', method='html')}\n"


def _runs(boxes: Sequence[Box]) -> Iterator[tuple[int, int]]:
    """The first row and the one after the last, of each group with its members, and of what stands between groups."""
    starts = [
        place
        for place, box in enumerate(boxes)
        if len(box.row.members) > 1 or (not box.unfolded and (place == 0 or boxes[place - 1].unfolded))
    ]
    yield from zip(starts, [*starts[1:], len(boxes)], strict=True)


def _list(layout: Layout, first: int, last: int, labels: Labels) -> Element:
    canvas = svg.new_canvas(layout.width, (last - first) * ROW, first * ROW, role="list")
    svg.draw_rows(canvas, layout, first, last, labels, listed=True)
    return canvas


def _group(layout: Layout, first: int, last: int, labels: Labels) -> Element:
    """The row of a group, which unfolds into those of its members."""
    details = Element("details")
    label = ", ".join(map(clean, said(layout.boxes[first].row, labels)))
    canvas = svg.new_canvas(layout.width, ROW, first * ROW, role="img", aria_label=label)
    svg.draw_rows(canvas, layout, first, first + 1, labels, unfolds=True)
    add(details, "summary").append(canvas)
    details.append(_list(layout, first + 1, last, labels))
    return details
