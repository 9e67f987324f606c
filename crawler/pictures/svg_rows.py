"""The rows of a picture as elements of SVG.

Names come from strangers. They become text of the document and nothing else, and control characters are made visible.
"""

from collections.abc import Iterator
from xml.etree.ElementTree import Element, SubElement

from crawler.answers.table import display_width
from crawler.pictures import marks
from crawler.pictures.grouping import Row
from crawler.pictures.labels import LONGEST, Labels, clean
from crawler.pictures.layout import MARGIN, WIDTH, Box

# Columns: where their texts begin, or where their numbers end.
RELATION = 596
DEPENDENCE = 664
CHILDREN = 796
DOWNLOADS = WIDTH - MARGIN
# From the middle of a mark to the text beside it.
TO_TEXT = 11
# The widths of letters in the widest of the fonts.
_NAME_LETTER = 6.65
_ASKED_LETTER = 7.3
_TEXT_LETTER = 6.6
NOTE_LETTER = 6.0
# A name of fewer letters says nothing.
_SHORTEST_NAME = 12
# A tooltip names so many models.
_NAMED = 30


def shortened_name(name: str, letters: int) -> str:
    """A name in at most so many letters, without its middle: owners differ at the beginning, versions at the end."""
    if display_width(name) <= letters:
        return name
    end = max((letters - 1) * 2 // 5, 1)
    head, tail = name[:letters], name[-end:]
    while display_width(tail) > end:
        tail = tail[1:]
    while display_width(head) + 1 + display_width(tail) > letters:
        head = head[:-1]
    return f"{head}…{tail}"


def add(parent: Element, tag: str, text: str = "", **attributes: str | float) -> Element:
    """Add an element; `class_` is its class, and numbers are written in few letters."""
    named = {
        name.rstrip("_").replace("_", "-"): value if isinstance(value, str) else short(value)
        for name, value in attributes.items()
    }
    element = SubElement(parent, tag, named)
    element.text = clean(text) or None
    return element


def short(value: float) -> str:
    """A coordinate in few letters."""
    return f"{value:.1f}".removesuffix(".0")


def mark(parent: Element, relation: str | None, x: float, y: float, *, hollow: bool = False) -> None:
    """The mark of a relation, with its middle at a point."""
    kind = relation if relation in marks.MARKS else "unknown"
    add(
        parent,
        "path",
        class_=f"mark {kind}{' hollow' if hollow else ''}",
        d=f"M{short(x)} {short(y)}{marks.MARKS[kind]}",
    )


def draw(canvas: Element, box: Box, labels: Labels, *, listed: bool = False, unfolds: bool = False) -> None:
    """Draw one row.

    Where it is `listed`, it is the item of a list for who hears the page instead of seeing it; where it `unfolds`, it
    shows in which state it is.
    """
    row = add(canvas, "g", **({"role": "listitem"} if listed else {}))
    add(row, "title").text = "\n".join(map(clean, said(box.row, labels)))
    _lines(row, box)
    if box.row.depth == 0:
        add(row, "path", class_="mark asked hollow", d=f"M{short(box.x)} {short(box.y)}{marks.ASKED}")
        add(row, "circle", class_="asked", cx=box.x, cy=box.y, r=2)
    elif not box.row.members:
        add(row, "path", class_="more", d=f"M{short(box.x)} {short(box.y)}{marks.MORE}")
    else:
        hollow = all(member.status == "absent" for member in box.row.members)
        if len(box.row.members) > 1:
            mark(row, box.row.relation, box.x + 2.5, box.y - 2.5, hollow=True)
        mark(row, box.row.relation, box.x, box.y, hollow=hollow)
    _texts(row, box, labels, unfolds=unfolds)


def _lines(row: Element, box: Box) -> None:
    """The parts of trunks and lanes in this row, and what leads from them to it."""
    if box.trunks:
        path = "".join(f"M{short(one.x)} {short(one.top)}V{short(one.bottom)}" for one in box.trunks)
        add(row, "path", class_="line", d=path)
    if box.trunk is not None:
        withdrawn = " withdrawn" if box.row.withdrawn else ""
        kind = box.row.relation if box.row.relation in marks.MARKS else "line"
        add(
            row, "path", class_=f"line {kind} branch{withdrawn}", d=f"M{short(box.trunk)} {short(box.y)}H{short(box.x)}"
        )
    if box.lanes:
        path = "".join(f"M{short(one.x)} {short(one.top)}V{short(one.bottom)}" for one in box.lanes)
        add(row, "path", class_="lane", d=path)
    for end in box.ends:
        start = WIDTH + (5 if end.arrow else 0)
        add(
            row,
            "path",
            class_=f"lane{' withdrawn' if end.withdrawn else ''}",
            d=f"M{start} {short(box.y)}H{short(end.x)}",
        )
        if end.arrow:
            add(row, "path", class_="arrow", d=f"M{WIDTH} {short(box.y)}{marks.ARROW}")


def _texts(row: Element, box: Box, labels: Labels, *, unfolds: bool) -> None:
    y = box.y + 4
    if not box.row.members:
        add(row, "text", labels.head(box.row), class_="note", x=box.x + TO_TEXT, y=y)
        return
    text = add(row, "text", class_="text", x=box.x + TO_TEXT, y=y)
    room = RELATION - 8 - box.x - TO_TEXT
    if len(box.row.members) > 1:
        if unfolds:
            add(text, "tspan", "▸ ", class_="closed")
            add(text, "tspan", "▾ ", class_="opened")
        _several(text, box.row, labels, room - 2 * _TEXT_LETTER)
    else:
        [member] = box.row.members
        _one(text, box.row, labels, room)
        for number, end in ((member.children or None, CHILDREN), (member.downloads, DOWNLOADS)):
            if number is not None:
                add(row, "text", labels.number(number), class_="text end", x=end, y=y)
    for word, start in ((box.row.relation, RELATION), (box.row.dependence, DEPENDENCE)):
        if word is not None:
            add(row, "text", labels.word(word), class_="text", x=start, y=y)


def _one(text: Element, what: Row, labels: Labels, room: float) -> None:
    """A name, what must be said of the model, and its further parents if there is room."""
    [member] = what.members
    letter = _NAME_LETTER if what.depth else _ASKED_LETTER
    notes = " · ".join(map(clean, labels.states(what)))
    room -= (display_width(notes) + 3) * NOTE_LETTER if notes else 0
    name = shortened_name(clean(member.id[:LONGEST]), max(int(room / letter), _SHORTEST_NAME))
    status = "" if member.status == "listed" else f" {member.status}"
    add(text, "tspan", name, class_=f"name{status}" if what.depth else f"name asked-name{status}")
    letters = int((room - display_width(name) * letter) / NOTE_LETTER) - 3
    fitting = (found for found in map(clean, labels.parents(what)) if display_width(found) <= letters)
    _add_notes(text, notes, next(fitting, ""))


def _several(text: Element, what: Row, labels: Labels, room: float) -> None:
    """A number of models, and the names of as many as there is room for."""
    head = labels.head(what)
    add(text, "tspan", head, class_="strong")
    room -= display_width(head) * _TEXT_LETTER
    states = list(labels.states(what))
    # Names say more than the number of further parents does.
    for notes in (" · ".join([*states, *labels.parents(what)]), " · ".join(states)):
        names = labels.names(what, int(room / NOTE_LETTER) - display_width(notes) - 6)
        if names:
            break
    _add_notes(text, names, notes)


def _add_notes(text: Element, *notes: str) -> None:
    if any(notes):
        text[-1].tail = "  "
        add(text, "tspan", " · ".join(filter(None, notes)), class_="note")


def said(row: Row, labels: Labels) -> Iterator[str]:
    """All that there is to say of a row: its tooltip, and what a screen reader says."""
    if not row.members:
        yield labels.head(row)
        return
    if len(row.members) > 1:
        yield labels.head(row)
    yield from (member.id[:LONGEST] for member in row.members[:_NAMED])
    if len(row.members) > _NAMED:
        yield labels.others.format(n=labels.number(len(row.members) - _NAMED))
    facts = [
        *(labels.word(word) for word in (row.relation, row.dependence, row.certainty) if word is not None),
        *labels.states(row),
        labels.counted(labels.steps, row.depth),
    ]
    yield ", ".join(facts)
    if row.also:
        parents = sorted({one.parent.id[:LONGEST] for one in row.also})
        named = ", ".join(parents[:_NAMED])
        yield labels.also.format(name=named) + (", …" if len(parents) > _NAMED else "")
