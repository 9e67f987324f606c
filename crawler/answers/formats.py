"""Write an answer as table, csv, json or jsonl, row by row, however long it is.

No name can send control sequences to a terminal: json and jsonl are pure ASCII, a table shows control characters as
escapes, and so does csv on a terminal.
"""

import csv
import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TextIO

from crawler.answers.table import write_table
from crawler.answers.values import cell, plain
from crawler.logs import printable

Row = Sequence[Any]

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
    """Write a header and a line for each row: null as nothing, the items of a list separated by `; `."""
    _write_csv(columns, rows, out, _flat)


def write_csv_excel(columns: Sequence[str], rows: Iterable[Row], out: TextIO) -> None:
    """Write csv that a spreadsheet opens as it is meant: it finds UTF-8 by a byte-order mark, and runs no cell."""
    out.write("\ufeff")
    _write_csv(columns, rows, out, _inert)


def _write_csv(columns: Sequence[str], rows: Iterable[Row], out: TextIO, text: Callable[[Any], str]) -> None:
    shown = printable if out.isatty() else str
    writer = csv.writer(_Lines(out), lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([shown(text(value)) for value in row])


class _Lines:
    """Ends lines with a line feed only. If csv.writer did so itself, it would not quote a carriage return."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def write(self, line: str) -> int:
        return self._out.write(line.removesuffix("\r\n") + "\n")


def _flat(value: Any) -> str:
    return "; ".join(map(cell, value)) if isinstance(value, list) else cell(value)


def _inert(value: Any) -> str:
    """A text that a spreadsheet would take for a formula, behind an apostrophe."""
    text = _flat(value)
    return f"'{text}" if isinstance(value, str | list) and text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


Writer = Callable[[Sequence[str], Iterable[Row], TextIO], None]
WRITERS: dict[str, Writer] = {
    "table": write_table,
    "csv": write_csv,
    "csv-excel": write_csv_excel,
    "json": write_json,
    "jsonl": write_jsonl,
}
