"""Parquet: a file for each label and each relationship type, with the types of the graph."""

import json
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path

from crawler.changes.tables import ENDS
from crawler.exports.elements import Columns
from crawler.files import create
from crawler.graph.dump import Element
from crawler.logs import printable
from crawler.snapshot.database import Limits, database


def write(
    columns: Columns,
    elements: Iterable[Element],
    about: Mapping[str, str],
    folder: Path,
    *,
    waiting: Path,
    limits: Limits,
) -> int:
    """Write `LABEL.parquet` and `TYPE.parquet` into `folder`, also for what has no rows; return the number of rows.

    The rows wait as JSON Lines in the folder `waiting`, so a large graph needs no more memory than a small one.
    """
    count = 0
    with ExitStack() as stack:
        files = {kind: stack.enter_context(create(waiting / kind, 0o600)) for kind in columns}
        for element in elements:
            own = {"key": element.key} if element.is_node else {"from": element.start, "to": element.end}
            files[element.kind].write(json.dumps(own | element.properties) + "\n")
            count += 1
    facts = ", ".join(f"{name}: {_quoted(printable(text))}" for name, text in about.items())
    with database(waiting, "export", folder, limits=limits) as db:
        for kind, properties in columns.items():
            own_names = ("from", "to") if kind in ENDS else ("key",)
            types = dict.fromkeys(own_names, "VARCHAR") | properties
            # Text of a time carries an offset, which a reader of JSON does not take and a cast from text does.
            read = {name: type_.replace("TIMESTAMP", "VARCHAR") for name, type_ in types.items()}
            chosen = ", ".join(f'"{name}"::{type_} AS "{name}"' for name, type_ in types.items())  # our own names
            order = ", ".join(f'"{name}"' for name in own_names)
            db.execute(
                f"COPY (SELECT {chosen} FROM read_json($file, columns = {read}, format = 'newline_delimited') ORDER BY {order}) "  # noqa: S608  # our own names
                f"TO {_quoted(str(folder / f'{kind}.parquet'))} (FORMAT parquet, KV_METADATA {{{facts}}})",
                {"file": str(waiting / kind)},
            )
    return count


def _quoted(text: str) -> str:
    """A literal: COPY takes no parameters there."""
    return "'" + text.replace("'", "''") + "'"
