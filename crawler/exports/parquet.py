"""Parquet: a file for each label and each relationship type, with the types of the graph."""

import json
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TextIO

import duckdb

from crawler.exports.elements import Columns, Element, ends


def write(columns: Columns, elements: Iterable[Element], about: Mapping[str, str], folder: Path) -> int:
    """Write `LABEL.parquet` and `TYPE.parquet` into the folder, also for what has no rows; return the number of rows.

    The rows wait as JSON Lines on the disk, so a large graph needs no more memory than a small one.
    """
    count = 0
    with TemporaryDirectory(dir=folder) as waiting:
        with ExitStack() as stack:
            files: dict[str, TextIO] = {
                kind: stack.enter_context((Path(waiting) / kind).open("w", encoding="utf-8")) for kind in columns
            }
            for element in elements:
                own = {"from": element.start, "to": element.end} if ends(element.kind) else {"key": element.key}
                files[element.kind].write(json.dumps(own | element.properties) + "\n")
                count += 1
        with duckdb.connect(config={"autoinstall_known_extensions": "false"}) as db:
            db.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = true")
            for kind, properties in columns.items():
                own_names = ("from", "to") if ends(kind) else ("key",)
                types = dict.fromkeys(own_names, "VARCHAR") | properties
                # Times carry an offset in the text, and none in the table, as in a snapshot.
                read = {name: type_.replace("TIMESTAMP", "TIMESTAMPTZ") for name, type_ in types.items()}
                chosen = ", ".join(f'"{name}"::{type_} AS "{name}"' for name, type_ in types.items())  # our own names
                facts = ", ".join(f"{name}: {_quoted(text)}" for name, text in about.items())
                db.execute(
                    f"COPY (SELECT {chosen} FROM read_json($file, columns = {read}, format = 'newline_delimited')) "  # noqa: S608  # quoted
                    f"TO {_quoted(str(folder / f'{kind}.parquet'))} (FORMAT parquet, KV_METADATA {{{facts}}})",
                    {"file": str(Path(waiting) / kind)},
                )
    return count


def _quoted(text: str) -> str:
    """A literal: COPY takes no parameters there."""
    return "'" + text.replace("'", "''") + "'"
