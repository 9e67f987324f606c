"""Write an answer as table, csv, json or jsonl, row by row, however long it is.

No name can send control sequences to a terminal: json and jsonl are pure ASCII, a table shows control characters as
escapes, and so does csv on a terminal.
"""

import csv
import json
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain, islice
from typing import Any, TextIO

import neo4j.time

from crawler.logs import printable

Row = Sequence[Any]

# The first rows decide the widths of a table's columns. A wider value in a later row shifts only its own line.
MEASURED_ROWS = 1000


def plain(value: Any) -> Any:
    """A time of the driver as ISO 8601 text: the only type in an answer that JSON cannot encode."""
    if isinstance(value, neo4j.time.DateTime):
        value = value.to_native()
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, neo4j.time.Date | neo4j.time.Time):
        return value.iso_format()
    raise TypeError(f"no saved query returns a {type(value).__name__}")


_ASCII = json.JSONEncoder(default=plain).encode
_UNICODE = json.JSONEncoder(default=plain, ensure_ascii=False).encode


def write_json(columns: Sequence[str], rows: Iterable[Row], out: TextIO) -> None:
    """Write an array of objects, one per line, keyed by the columns in their order."""
    separator = "[\n"
    for row in rows:
        out.write(separator + _object(columns, row))
        separator = ",\n"
    out.write("[]\n" if separator == "[\n" else "\n]\n")


def write_jsonl(columns: Sequence[str], rows: Iterable[Row], out: TextIO) -> None:
    """Write one object per line."""
    out.writelines(_object(columns, row) + "\n" for row in rows)


def _object(columns: Sequence[str], row: Row) -> str:
    return _ASCII(dict(zip(columns, row, strict=True)))


def write_csv(columns: Sequence[str], rows: Iterable[Row], out: TextIO) -> None:
    """Write a header and a line for each row: null as nothing, booleans and lists as JSON."""
    shown = printable if out.isatty() else str
    writer = csv.writer(_Lines(out), lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([shown(_cell(value)) for value in row])


class _Lines:
    """Ends lines with a line feed only. If csv.writer did so itself, it would not quote a carriage return."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def write(self, line: str) -> int:
        return self._out.write(line.removesuffix("\r\n") + "\n")


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return _UNICODE(value) if isinstance(value, bool | int | float | list) else str(plain(value))


def write_table(columns: Sequence[str], rows: Iterable[Row], out: TextIO) -> None:
    """Write aligned columns under their names, numbers aligned to the right, lists separated by commas."""
    remaining = iter(rows)
    first = [(row, [_shown(value) for value in row]) for row in islice(remaining, MEASURED_ROWS)]
    widths = [max(map(_width, (name, *(cells[i] for _, cells in first)))) for i, name in enumerate(columns)]
    numeric = [any(_is_number(row[i]) for row, _ in first) for i in range(len(columns))]
    out.write(_line(columns, widths, numeric))
    out.write(_line(["-" * width for width in widths], widths, numeric))
    later: Iterator[list[str]] = ([_shown(value) for value in row] for row in remaining)
    out.writelines(_line(cells, widths, numeric) for cells in chain((cells for _, cells in first), later))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _shown(value: Any) -> str:
    text = ", ".join(map(_cell, value)) if isinstance(value, list) else _cell(value)
    return printable(text).replace("\t", "\\u0009")


def _width(text: str) -> int:
    """How many columns the text takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(
        0
        if unicodedata.combining(c) or unicodedata.category(c) == "Cf"
        else 2
        if unicodedata.east_asian_width(c) in "WF"
        else 1
        for c in text
    )


def _line(cells: Sequence[str], widths: Sequence[int], numeric: Sequence[bool]) -> str:
    padded = []
    for cell, width, right in zip(cells, widths, numeric, strict=True):
        space = " " * (width - _width(cell))
        padded.append(space + cell if right else cell + space)
    return "  ".join(padded).rstrip() + "\n"


Writer = Callable[[Sequence[str], Iterable[Row], TextIO], None]
WRITERS: dict[str, Writer] = {
    "table": write_table,
    "csv": write_csv,
    "json": write_json,
    "jsonl": write_jsonl,
}
