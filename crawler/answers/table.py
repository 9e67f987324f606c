"""An answer as a table for people; nothing in it is wider than the terminal.

What a column holds follows from its name:

| name | shown |
|---|---|
| `url`, `contact`, `…_url` | an address: last in the row, cut at the front where it does not fit |
| `share`, `…_share` | a share as a percentage |
| `…_seconds`, `…_hours` | a time in days, hours and minutes |

Columns that do not fit beside the others follow below each row, with their names. One row alone is shown vertically.
Where stdout is no terminal, nothing is cut and every row is one line.
"""

import json
import re
import shutil
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice, zip_longest
from typing import Any, TextIO

from crawler.answers.values import cell, to_the_second
from crawler.logs import printable
from crawler.readable import duration, number, percentage

Row = Sequence[Any]

# The first rows decide the widths of the columns.
MEASURED_ROWS = 1000
# An address that is cut to less says nothing: it then stands below its row.
LEAST_ADDRESS = 20
# The first column, mostly a name, takes no more than this share of a terminal that is too narrow for the table.
FIRST_COLUMN = 0.6
NARROWEST = 20
GAP = "  "
INDENT = "    "
_SECONDS = {"seconds": 1, "hours": 3600}


def write_table(columns: Sequence[str], rows: Iterable[Row], out: TextIO, width: int | None = None) -> None:
    """Write the rows for a terminal of that width; without one, for that of `out`, if it is one."""
    width = terminal_width(out) if width is None else max(width, NARROWEST)
    order = sorted(range(len(columns)), key=lambda i: is_address(columns[i]))
    names = [columns[i] for i in order]
    remaining = iter(rows)
    first = [[row[i] for i in order] for row in islice(remaining, MEASURED_ROWS)]
    if len(first) == 1:
        out.writelines(line + "\n" for line in _vertical(names, _cells(names, first[0]), width))
        return
    table = _Table(names, first, width)
    later = ([row[i] for i in order] for row in remaining)
    out.writelines(line + "\n" for line in table.header())
    for row in chain(first, later):
        out.writelines(line + "\n" for line in table.row(row))


def terminal_width(out: TextIO) -> int | None:
    """How many columns the terminal that `out` is has; None where it is none."""
    return max(shutil.get_terminal_size().columns, NARROWEST) if out.isatty() else None


def is_address(name: str) -> bool:
    """Whether a column of that name holds addresses."""
    return name in {"url", "contact"} or name.endswith("_url")


def shown(name: str, value: Any) -> str:
    """A value of the column `name` as people read it."""
    kind = name.rpartition("_")[2]
    if isinstance(value, list):
        text = ", ".join(shown(name, item) for item in value)
    elif isinstance(value, bool) or not isinstance(value, int | float):
        text = cell(to_the_second(value))
    elif kind == "share":
        text = percentage(value)
    elif kind in _SECONDS:
        text = duration(value * _SECONDS[kind])
    else:
        text = number(value)
    return printable(text).replace("\t", "\\u0009")


def _cells(names: Sequence[str], row: Row) -> list[str]:
    return [shown(name, value) for name, value in zip(names, row, strict=True)]


class _Table:
    """Columns with their widths: those in `beside` stand beside each other, those in `below` follow each row."""

    def __init__(self, names: Sequence[str], first: Sequence[Row], width: int | None) -> None:
        self.names = names
        self.room = None if width is None else width - len(INDENT)
        cells = [_cells(names, row) for row in first]
        values = [max((display_width(row[i]) for row in cells), default=0) for i in range(len(names))]
        self.right = [any(_is_number(row[i]) for row in first) for i in range(len(names))]
        self.widths = [max(len(name), value) for name, value in zip(names, values, strict=True)]
        self.beside = list(range(len(names)))
        if width is not None and sum(self.widths) + len(GAP) * (len(names) - 1) > width:
            self._fit(values, width)
        self.below = [i for i in range(len(names)) if i not in self.beside]

    def _fit(self, values: Sequence[int], width: int) -> None:
        """Break the names of columns at `_`, cut addresses, and let what still has no place stand below its row."""
        for i, name in enumerate(self.names):
            self.widths[i] = max(values[i], *(len(part) for part in re.findall(r"[^_]*_?", name)))
        addresses = [i for i, name in enumerate(self.names) if is_address(name)]
        others = [i for i in self.beside if i not in addresses]
        free = width - sum(self.widths[i] for i in others) - len(GAP) * (len(self.names) - 1)
        if addresses and free >= LEAST_ADDRESS * len(addresses):
            for left, i in enumerate(reversed(addresses)):
                self.widths[i] = min(self.widths[i], free // (len(addresses) - left))
                free -= self.widths[i]
            return
        self.beside = [0]
        self.widths[0] = min(self.widths[0], int(width * FIRST_COLUMN))
        used = self.widths[0]
        for i in others[1:]:
            if used + len(GAP) + self.widths[i] <= width:
                self.beside.append(i)
                used += len(GAP) + self.widths[i]

    def header(self) -> Iterator[str]:
        yield from self._lines([wrapped(self.names[i], self.widths[i]) for i in self.beside])
        yield from self._lines([["-" * self.widths[i]] for i in self.beside])

    def row(self, row: Row) -> Iterator[str]:
        cells = _cells(self.names, row)
        if self.room is None:
            yield from self._lines([[text] for text in cells])
            return
        yield from self._lines([self._beside(i, cells[i]) for i in self.beside])
        yield from _packed([(self.names[i], cells[i]) for i in self.below if cells[i]], self.names, self.room)

    def _beside(self, i: int, text: str) -> list[str]:
        if is_address(self.names[i]):
            return [_cut(text, self.widths[i])]
        return [text] if self.right[i] else wrapped(text, self.widths[i])

    def _lines(self, cells: Sequence[Sequence[str]]) -> Iterator[str]:
        for parts in zip_longest(*cells, fillvalue=""):
            padded = []
            for i, part in zip(self.beside, parts, strict=True):
                space = " " * (self.widths[i] - display_width(part))
                padded.append(space + part if self.right[i] else part + space)
            yield GAP.join(padded).rstrip()


def _packed(fields: Iterable[tuple[str, str]], names: Sequence[str], room: int) -> Iterator[str]:
    """Lines of `name: value`, as many on each as there is room for; `names` are those of all columns."""
    line = ""
    for name, text in fields:
        if is_address(name):
            field = f"{name}: {_cut(text, room - len(name) - 2)}"
        else:
            # A text of strangers must not pass for another field.
            quoted = any(f"{other}:" in text for other in names)
            field = f"{name}: {json.dumps(text, ensure_ascii=False) if quoted else text}"
        if line and display_width(line) + len(GAP) + display_width(field) <= room:
            line += GAP + field
            continue
        if line:
            yield INDENT + line
        *whole, line = wrapped(field, room)
        yield from (INDENT + part for part in whole)
    if line:
        yield INDENT + line


def _vertical(names: Sequence[str], cells: Sequence[str], width: int | None) -> Iterator[str]:
    """A line for each column: its name and its value."""
    longest = max(map(len, names), default=0)
    for name, text in zip(names, cells, strict=True):
        parts = [text] if width is None else wrapped(text, max(width - longest - len(GAP), 1))
        for label, part in zip_longest([name], parts, fillvalue=""):
            yield f"{label:<{longest}}{GAP}{part}".rstrip()


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def display_width(text: str) -> int:
    """How many columns the text takes on a terminal."""
    return len(text) if text.isascii() else sum(map(_character_width, text))


def _character_width(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) == "Cf":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _cut(text: str, width: int) -> str:
    """The end of a text that is too wide: what differs between addresses is at their end."""
    if display_width(text) <= width:
        return text
    if text.isascii():
        return "…" + text[len(text) - width + 1 :]
    kept, room = len(text), width - 1
    while kept and (room := room - _character_width(text[kept - 1])) >= 0:
        kept -= 1
    return "…" + text[kept:]


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines that are not wider, broken at spaces, else behind a `/`, `-`, `_` or `.`."""
    if display_width(text) <= width:
        return [text]
    lines = [""]
    for piece in re.findall(r"\S+\s*|\s+" if " " in text else r"[^/_.-]*[/_.-]|[^/_.-]+", text):
        if display_width(lines[-1] + piece.rstrip()) <= width:
            lines[-1] += piece
            continue
        if lines[-1]:
            lines.append("")
        for character in piece:  # a piece that is itself too wide is broken anywhere
            if display_width(lines[-1] + character) > width and not character.isspace():
                lines.append("")
            lines[-1] += character
    return [line.rstrip() for line in lines]
