"""What the crawler is compared with at full size: each a program of its own, which prints one JSON object.

    python -m benchmarks.yardsticks list-models ENDPOINT         HfApi.list_models with the fields of a crawl
    python -m benchmarks.yardsticks merge HOME CHANGES           the rows of a change set by UNWIND and MERGE, 10,000 at a time
    python -m benchmarks.yardsticks import HOME CHANGES          the same rows as CSV, by bare `neo4j-admin database import`

`merge` and `import` work on the local Neo4j of the folder HOME, which holds nothing else. Run a second time, `merge` is what
crawlers do that write everything every night.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import neo4j
from huggingface_hub import HfApi

from crawler.changes.tables import TABLES, GraphTable
from crawler.graph import schema
from crawler.graph.connection import Graph, open_connection
from crawler.local.server import LocalServer
from crawler.records.used import EXPAND

BATCH = 10_000
_KINDS = {"VARCHAR": "string", "BIGINT": "long", "BOOLEAN": "boolean", "TIMESTAMP": "datetime{timezone:UTC}"}
_NODES = {table.element: table for table in TABLES if table.ends is None}


def list_models(endpoint: str) -> dict[str, Any]:
    """Walk the whole listing and keep nothing."""
    began = time.monotonic()
    fields: list[Any] = list(EXPAND)
    models = len([None for _ in HfApi(endpoint=endpoint).list_models(expand=fields, limit=None)])
    return {"models": models, "seconds": _since(began)}


def merge(home: Path, changes: Path) -> dict[str, Any]:
    """Merge the rows into the local graph of `home`. Constraints and indexes are those of the crawler."""
    with open_connection(LocalServer(home).start()) as graph:
        schema.apply(graph)
        began = time.monotonic()
        rows = merge_into(graph, changes)
        return {"rows": rows, "seconds": _since(began)}


def merge_into(graph: Graph, changes: Path) -> int:
    """Put every row into the graph, whether it is there or not; return their number."""
    return sum(_merge_table(graph, table, changes) for table in _in_order(changes))


def _merge_table(graph: Graph, table: GraphTable, changes: Path) -> int:
    ends = _ends(table)
    keys = ", ".join(f"{key}: row.{key}" for key in table.keys)
    if table.ends is None:
        parts = [f"MERGE (n:{table.element} {{{keys}}})", "SET n += row.properties"]
        if table.join:
            parts += [
                f"WITH n, row MATCH (m:Model {{key: row.{table.join.column}}}) MERGE (n)-[:{table.join.type}]->(m)"
            ]
    else:
        (a, a_key, a_column), (b, b_key, b_column) = ends
        parts = [
            f"MATCH (a:{a} {{{a_key}: row.{a_column}}}) MATCH (b:{b} {{{b_key}: row.{b_column}}})",
            f"MERGE (a)-[r:{table.element}]->(b) SET r += row.properties",
        ]
    statement = f"UNWIND $rows AS row {' '.join(parts)}"
    properties = [column.property_name for column in table.properties if column.property_name not in table.keys]

    def write(tx: neo4j.ManagedTransaction, rows: list[dict[str, Any]]) -> None:
        tx.run(statement, rows=rows).consume()

    done = 0
    with graph.session() as session:
        for rows in _rows(table, changes):
            for row in rows:
                row["properties"] = {name: row.pop(name) for name in properties}
            session.execute_write(write, rows)
            done += len(rows)
    return done


def _rows(table: GraphTable, changes: Path) -> Iterator[list[dict[str, Any]]]:
    with duckdb.connect() as db:
        cursor = db.execute("FROM read_parquet($file)", {"file": str(_file(table, changes))})
        names = [column[0] for column in cursor.description or ()]
        while rows := cursor.fetchmany(BATCH):
            yield [dict(zip(names, row, strict=True)) for row in rows]


def bare_import(home: Path, changes: Path) -> dict[str, Any]:
    """Import the rows into an empty database, start the server, and make the constraints and indexes."""
    server, csv = LocalServer(home), home / "csv"
    csv.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    files = [argument for table in _in_order(changes) for argument in _write_csv(table, changes, csv)]
    written = _since(began)
    began = time.monotonic()
    server.admin(
        *("database", "import", "full", "neo4j", "--overwrite-destination", "--array-delimiter=U+001F"),
        *("--bad-tolerance=0", "--multiline-fields=true", f"--report-file={csv}/report", *files),
    )
    imported = _since(began)
    with open_connection(server.start()) as graph:
        began = time.monotonic()
        schema.apply(graph)
        with graph.session() as session:
            session.run("CALL db.awaitIndexes(3600)").consume()
        return {"csv": written, "import": imported, "indexes": _since(began)}


def _write_csv(table: GraphTable, changes: Path, folder: Path) -> list[str]:
    """Write the rows of `table` as neo4j-admin takes them; return its arguments."""
    if table.ends is None:
        columns = {f":ID({table.element})": " || '|' || ".join(table.keys)}
        option = f"--nodes={table.element}"
    else:
        (a, _, a_column), (b, _, b_column) = _ends(table)
        columns = {f":START_ID({a})": a_column, f":END_ID({b})": b_column}
        option = f"--relationships={table.element}"
    for column in table.properties:
        name = column.property_name
        kind, many = column.type.removesuffix("[]"), column.type.endswith("[]")
        text = f"array_to_string({name}, chr(31))" if many else name
        columns[f"{name}:{_KINDS[kind]}{'[]' if many else ''}"] = text
    arguments = [f"{option}={_copy(table, changes, columns, folder / f'{table.name}.csv')}"]
    if table.join:
        joined = {f":START_ID({table.element})": next(iter(columns.values())), ":END_ID(Model)": table.join.column}
        file = _copy(table, changes, joined, folder / f"{table.name}.join.csv")
        arguments.append(f"--relationships={table.join.type}={file}")
    return arguments


def _copy(table: GraphTable, changes: Path, columns: dict[str, str], file: Path) -> Path:
    select = ", ".join(f'{value} AS "{header}"' for header, value in columns.items())
    with duckdb.connect() as db:
        source = str(_file(table, changes)).replace("'", "''")
        target = str(file).replace("'", "''")
        db.execute(
            f"COPY (SELECT {select} FROM read_parquet('{source}')) TO '{target}'"  # noqa: S608  # our own names
            " (HEADER, TIMESTAMPFORMAT '%Y-%m-%dT%H:%M:%S.%g')"
        )
    return file


def _ends(table: GraphTable) -> list[tuple[str, str, str]]:
    """Label, key and column of both ends of a relationship."""
    columns = (*table.keys, *table.others)
    return [(end, _NODES[end].keys[0], column) for end, column in zip(table.ends or (), columns, strict=False)]


def _in_order(changes: Path) -> list[GraphTable]:
    """The tables that have rows, nodes first."""
    there = [table for table in TABLES if _file(table, changes).exists()]
    return sorted(there, key=lambda table: table.ends is not None)


def _file(table: GraphTable, changes: Path) -> Path:
    return changes / f"{table.name}.put.parquet"


def _since(began: float) -> float:
    return round(time.monotonic() - began, 2)


def main() -> None:
    """Run the one that is named, and print what it said."""
    options = argparse.ArgumentParser(
        prog="python -m benchmarks.yardsticks", description=(__doc__ or "").splitlines()[0]
    )
    kinds = options.add_subparsers(dest="kind", required=True)
    kinds.add_parser("list-models").add_argument("endpoint")
    for name in ("merge", "import"):
        kind = kinds.add_parser(name)
        kind.add_argument("home", type=Path)
        kind.add_argument("changes", type=Path)
    given = options.parse_args()
    if given.kind == "list-models":
        said = list_models(given.endpoint)
    else:
        said = (merge if given.kind == "merge" else bare_import)(given.home, given.changes)
    json.dump(said, sys.stdout)


if __name__ == "__main__":
    main()
