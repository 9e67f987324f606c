"""Write an answer as table, csv, json or jsonl, row by row, however long it is.

No name can send control sequences to a terminal, or hide there: json and jsonl are pure ASCII, a table shows such
characters as escapes, and so does csv on a terminal. No cell of a csv is one that a spreadsheet runs. json is exact.
"""

import csv
import json
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TextIO

from crawler.answers.table import write_table
from crawler.answers.values import cell, plain
from crawler.logs import printable

Row = Sequence[Any]

# Full-width signs too: a spreadsheet takes them for their ASCII ones. The apostrophes make the rule reversible.
_FORMULA = re.compile(r"'*[=+\-@\uff1d\uff0b\uff0d\uff20\t\r\n]")
_ASCII = json.JSONEncoder(default=plain).encode


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
    """Write a header and a line for each row: null as nothing, the items of a list separated by `; `.

    An apostrophe stands before a text that a spreadsheet would run, and before one that begins with apostrophes and such
    a text: a program that removes one apostrophe there has every text as it was.
    """
    shown = printable if out.isatty() else str
    writer = csv.writer(_Lines(out), lineterminator="\r\n")
    writer.writerow(map(_inert, columns))
    for row in rows:
        writer.writerow([shown(_inert(value)) for value in row])


def write_csv_excel(columns: Sequence[str], rows: Iterable[Row], out: TextIO) -> None:
    """Write csv with a byte-order mark, by which a spreadsheet knows that it is UTF-8."""
    if not out.isatty():
        out.write("\ufeff")
    write_csv(columns, rows, out)


class _Lines:
    """Ends lines with a line feed only. If csv.writer did so itself, it would not quote a carriage return."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def write(self, line: str) -> int:
        return self._out.write(line.removesuffix("\r\n") + "\n")


def _flat(value: Any) -> str:
    return "; ".join(map(cell, value)) if isinstance(value, list) else cell(value)


def _inert(value: Any) -> str:
    """A value as text, behind an apostrophe if a spreadsheet would take it for a formula. Numbers are none."""
    text = _flat(value)
    return f"'{text}" if isinstance(value, str | list) and _FORMULA.match(text) else text


Writer = Callable[[Sequence[str], Iterable[Row], TextIO], None]
WRITERS: dict[str, Writer] = {
    "table": write_table,
    "csv": write_csv,
    "csv-excel": write_csv_excel,
    "json": write_json,
    "jsonl": write_jsonl,
}
