"""A picture in the letters of a terminal: a line for each row, with relation and class in columns of their own."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TextIO

from crawler.answers.table import display_width, terminal_width, wrapped
from crawler.pictures.grouping import Row, Tree
from crawler.pictures.labels import ENGLISH, LONGEST, clean

# A line that passes, a branch, the last branch downwards, the last one upwards, and what a branch goes on with.
_BOXES = "│├└┌─"
_ASCII = "||`,-"

# The columns beside the names, with their widths.
_COLUMNS = (("relation", 9), ("class", 12))
_GAP = "  "
_BESIDE = sum(len(_GAP) + width for _, width in _COLUMNS)
# On a narrower terminal, relation and class stand behind the name.
_NARROWEST = 40 + _BESIDE
# Where no terminal bounds it, the column of names is no wider. Longer names push the other columns aside.
_WIDEST = 76
# A name is broken into no shorter pieces.
_LEAST = 12

_COLOURS = {"copy": 36, "quantized": 32, "adapter": 33, "finetune": 34, "merge": 35}
_BOLD, _FAINT, _STRUCK = 1, 2, 9


def write(tree: Tree, out: TextIO) -> None:
    """Write a tree for the terminal that `out` is; where it is none, no line is broken or coloured."""
    width = terminal_width(out)
    coloured = width is not None and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    text = _Text(tree, width, coloured=coloured, boxes=_holds_boxes(out))
    out.writelines(line + "\n" for line in text.lines())


def _holds_boxes(out: TextIO) -> bool:
    """Whether the stream's encoding has the characters of boxes."""
    try:
        _BOXES.encode(out.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Line:
    """A row with what stands before its text, and before the pieces of a text that is broken."""

    row: Row
    guide: str
    passing: str

    @property
    def indent(self) -> int:
        return max(len(self.guide), len(self.passing))


class _Text:
    """A tree as lines of text, for a terminal of a width or, without one, for a file."""

    def __init__(self, tree: Tree, width: int | None, *, coloured: bool, boxes: bool) -> None:
        self._tree = tree
        self._coloured = coloured
        self._breaks = width is not None
        self._beside = width is None or width >= _NARROWEST
        room = _WIDEST if width is None else width - (_BESIDE if self._beside else 0)
        deepest = max((row.depth for row in (*tree.above, *tree.below)), default=0)
        # The guides take no more than half of the room, as far as that goes.
        step = next((step for step in (3, 2) if deepest * step <= room // 2), 1)
        passes, branch, last, first, on = tuple(_BOXES if boxes else _ASCII)
        self._passes = passes.ljust(step)
        self._branch, self._last, self._first = ((sign + on * (step - 2)).ljust(step) for sign in (branch, last, first))
        self._lines = [
            *reversed(list(self._guided(tree.above, upwards=True))),
            _Line(tree.asked, "", self._passes if tree.below else ""),
            *self._guided(tree.below, upwards=False),
        ]
        if width is None:
            room = min(_WIDEST, max(self._width(line) for line in self._lines))
        self._room = room

    def lines(self) -> Iterator[str]:
        """The heads, ancestors, the model asked about, descendants, and how many there are."""
        numbers = clean(ENGLISH.numbers(self._tree))
        if len(self._lines) == 1:
            yield from self._broken(numbers, self._room)
            return
        if self._beside:
            heads = "".join(_GAP + name.ljust(width) for name, width in _COLUMNS)
            yield " " * self._room + self._painted(heads.rstrip(), _FAINT)
        for line in self._lines:
            yield from self._written(line)
        yield ""
        yield from self._broken(f"{numbers}: {ENGLISH.counted(ENGLISH.rows, len(self._lines))}", self._room)

    def _width(self, line: _Line) -> int:
        """How wide a row is where its group's names have all the room that the column can have."""
        return len(line.guide) + display_width(" ".join(self._texts(line.row, _WIDEST - line.indent)))

    def _broken(self, text: str, room: int) -> list[str]:
        """A text in lines that fit the terminal, if there is one."""
        return wrapped(text, room) if self._breaks else [text]

    def _guided(self, side: Sequence[Row], *, upwards: bool) -> Iterator[_Line]:
        """The rows of a side in their order, with what connects each to the row that it hangs from."""
        last = {row.parent: number for number, row in enumerate(side)}
        before: dict[int | None, str] = {None: ""}
        for number, row in enumerate(side):
            is_last = last[row.parent] == number
            start = before[row.parent]
            end = self._first if upwards else self._last
            before[number] = start + (" " * len(self._passes) if is_last else self._passes)
            # The line to what it hangs from comes after it on the way upwards.
            passing = start + self._passes if upwards else before[number] + (self._passes if number in last else "")
            yield _Line(row, start + (end if is_last else self._branch), passing)

    def _written(self, line: _Line) -> Iterator[str]:
        row = line.row
        room = max(self._room - line.indent, _LEAST)
        texts = list(self._texts(row, room))
        pieces = self._broken(" ".join(texts), room)
        shown = pieces[0] if len(pieces) > 1 else self._shown(row, *texts)
        columns = ""
        if self._beside:
            space = " " * (self._room - len(line.guide) - display_width(pieces[0]))
            columns = space + "".join(
                _GAP + self._painted(word.ljust(width), _COLOURS.get(word))
                for word, (_, width) in zip(_words(row), _COLUMNS, strict=True)
            )
        yield (self._painted(line.guide, _FAINT) + shown + columns).rstrip()
        yield from (self._painted(line.passing, _FAINT) + piece for piece in pieces[1:])

    def _texts(self, row: Row, room: int) -> Iterator[str]:
        """What is said of a row: its name or number, the names of a group as far as there is room, and notes."""
        head = clean(ENGLISH.head(row)[:LONGEST])
        words = [] if self._beside else [word for word in _words(row) if word]
        notes = clean(", ".join([*words, *ENGLISH.states(row), *list(ENGLISH.parents(row))[:1]]))
        notes = f"({notes})" if notes else ""
        if len(row.members) > 1:
            names = ENGLISH.names(row, room - display_width(f"{head}:  {notes}"))
            head = f"{head}: {names}" if names else head
        yield head
        if notes:
            yield notes

    def _shown(self, row: Row, head: str, notes: str = "") -> str:
        states = {member.status for member in row.members}
        style = _BOLD if row.depth == 0 else _STRUCK if states == {"gone"} else _FAINT if not row.members else None
        return self._painted(head, style) + (f" {self._painted(notes, _FAINT)}" if notes else "")

    def _painted(self, text: str, style: int | None) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self._coloured and style and text else text


def _words(row: Row) -> tuple[str, str]:
    """The relation and the class of a row."""
    return row.relation or "", row.dependence or ""
