"""The files of a bulk import: the rows that all change sets leave in the graph, as CSV for `neo4j-admin database import`.

Columns, keys and ends are those of `changes.tables`; a header gives each its type. CSV has no text for a list that is empty
or holds nothing but an empty text, and no way to quote a separator in a list. The first never occurs in what this program
writes. For the second, a separator is chosen that no list holds.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from crawler.changes.diff import ChangeSet
from crawler.changes.fold import fold
from crawler.changes.tables import STATUS_LABELS, TABLES, GraphTable
from crawler.errors import HubGenealogyError
from crawler.files import writing
from crawler.graph import schema
from crawler.snapshot.database import Limits, database, naive_utc
from crawler.snapshot.parquet import damaged

# Unlikely in a name first.
_SEPARATORS = (0x1E, 0x1F, 0x1D, 0xE000, 0xF8FE)
_TYPES = {"VARCHAR": "string", "BIGINT": "long", "BOOLEAN": "boolean", "TIMESTAMP": "datetime"}
# What an import says about a crawl: enough for a load to go on with it.
_CRAWLS = "crawls"
_MIGRATIONS = "migrations"


class NotAsCsvError(HubGenealogyError):
    """A change set holds what CSV cannot say."""


@dataclass
class ImportFiles:
    """The files in `folder`, each with the label or the type of its rows."""

    folder: Path
    separator: int
    lines_in_values: bool
    nodes: dict[str, str] = field(default_factory=dict)
    relationships: list[tuple[str, str]] = field(default_factory=list)

    @property
    def arguments(self) -> list[str]:
        """What `neo4j-admin database import full` is told that works in the folder around `folder`."""
        return self.arguments_with(f"{self.folder.name}/")

    def arguments_with(self, prefix: str) -> list[str]:
        """The same, with something else before the names of the files."""
        nodes = [f"--nodes={label}={prefix}{name}" for label, name in self.nodes.items()]
        relationships = [f"--relationships={kind}={prefix}{name}" for kind, name in self.relationships]
        return [
            f"--array-delimiter=U+{self.separator:04X}",
            f"--multiline-fields={str(self.lines_in_values).lower()}",
            *nodes,
            *relationships,
        ]


def write_files(
    folder: Path, changes: Path, crawls: Sequence[str], made_from: str, limits: Limits | None = None
) -> ImportFiles:
    """Write the files of an import of all `crawls`, whose change sets are in `changes`, into the new folder `folder`.

    Raises NotAsCsvError where a list cannot be written, and HubGenealogyError for a damaged change set or a full disk.
    """
    sets = [ChangeSet(changes / crawl) for crawl in crawls]
    folder.mkdir()
    with (
        writing(f"an import of the graph in {folder}"),
        database(folder, "import", changes, limits=limits) as db,
        damaged(changes, limited=True),
    ):
        tables = [table for table in TABLES if fold(db, sets, table)]
        files = ImportFiles(folder, _separator(db, tables), _lines_in_values(db, tables))
        for table in tables:
            _write(db, table, files)
        _write_crawls(db, crawls, made_from, files)
        _write_migrations(db, files)
    return files


def _write(db: duckdb.DuckDBPyConnection, table: GraphTable, files: ImportFiles) -> None:
    kinds = {column.property_name: column.type for column in table.properties}
    if table.ends:
        start, end = table.ends
        names = (*table.keys, *table.others)
        ends = {f":START_ID({start})": names[0], f":END_ID({end})": names[1]}
        name = _copy(db, table.name, ends | _properties(kinds, files), table.name, files)
        files.relationships.append((table.element, name))
        return
    ids = {f":ID({table.element})": _key(table)}
    if len(table.keys) == 1:
        ids = {f"{table.keys[0]}:ID({table.element})": table.keys[0]}
        kinds.pop(table.keys[0])
    if table.shows_status:
        labels = " ".join(f"WHEN '{status}' THEN '{label}'" for status, label in STATUS_LABELS.items())
        ids[":LABEL"] = f"CASE status {labels} END"
    files.nodes[table.element] = _copy(db, table.name, ids | _properties(kinds, files), table.name, files)
    if table.join:
        ends = {f":START_ID({table.element})": _key(table), ":END_ID(Model)": table.join.column}
        name = table.join.type.lower()
        files.relationships.append((table.join.type, _copy(db, table.name, ends, name, files)))


def _write_crawls(db: duckdb.DuckDBPyConnection, crawls: Sequence[str], made_from: str, files: ImportFiles) -> None:
    """The crawls as a load leaves them that has put its rows and still has to check and to finish."""
    values = {
        "id:ID(Crawl)": "crawl", "state:string": "'loading'", "imported:boolean": "true",
        "building:boolean": "CASE WHEN crawl = $last THEN true END", "made_from:string": "$made_from",
    }  # fmt: skip
    db.execute(
        f"CREATE TABLE {_CRAWLS} AS SELECT {_named(values)} FROM (SELECT unnest($crawls) AS crawl)",  # noqa: S608  # our own names
        {"crawls": list(crawls), "last": crawls[-1], "made_from": made_from},
    )
    files.nodes["Crawl"] = _copy(db, _CRAWLS, {name: f'"{name}"' for name in values}, _CRAWLS, files)


def _write_migrations(db: duckdb.DuckDBPyConnection, files: ImportFiles) -> None:
    """The migrations that an import is in no need of."""
    now = naive_utc(datetime.now(UTC))
    migrations = [(one.version, one.name, one.checksum, now) for one in schema.migrations() if one.of_data]
    db.execute(f"CREATE TABLE {_MIGRATIONS} (version BIGINT, name VARCHAR, checksum VARCHAR, applied_at TIMESTAMP)")
    db.executemany(f"INSERT INTO {_MIGRATIONS} VALUES (?, ?, ?, ?)", migrations)  # noqa: S608  # our own name
    values = {
        "version:long": "version", "name:string": "name", "checksum:string": "checksum",
        "applied_at:datetime": _text("applied_at", "TIMESTAMP"),
    }  # fmt: skip
    files.nodes["SchemaMigration"] = _copy(db, _MIGRATIONS, values, _MIGRATIONS, files)


def _copy(db: duckdb.DuckDBPyConnection, rows: str, values: dict[str, str], name: str, files: ImportFiles) -> str:
    path = str(files.folder / f"{name}.csv").replace("'", "''")
    db.execute(f"COPY (SELECT {_named(values)} FROM {rows}) TO '{path}' (FORMAT csv, HEADER)")  # noqa: S608  # our own names
    return f"{name}.csv"


def _named(values: dict[str, str]) -> str:
    return ", ".join(f'{value} AS "{name}"' for name, value in values.items())


def _key(table: GraphTable) -> str:
    """What tells its nodes apart, as one text: no name contains a space."""
    return " || ' ' || ".join(table.keys)


def _properties(kinds: dict[str, str], files: ImportFiles) -> dict[str, str]:
    """The header of each property, and how its value is written."""
    found = {}
    for name, kind in kinds.items():
        element, brackets = kind.removesuffix("[]"), kind[-2:] if kind.endswith("[]") else ""
        value = _text(name, element)
        if brackets:
            texts = f"list_transform({name}, lambda one: {_text('one', element)})" if element != "VARCHAR" else name
            value = f"array_to_string({texts}, chr({files.separator}))"
        found[f"{name}:{_TYPES[element]}{brackets}"] = value
    return found


def _text(value: str, kind: str) -> str:
    return f"strftime({value}, '%Y-%m-%dT%H:%M:%S.%gZ')" if kind == "TIMESTAMP" else value


def _lists(table: GraphTable) -> Iterator[str]:
    return (column.property_name for column in table.properties if column.type.endswith("[]"))


def _separator(db: duckdb.DuckDBPyConnection, tables: Sequence[GraphTable]) -> int:
    """A character that no list holds; NotAsCsvError where there is none, or a list has no text."""
    held: set[int] = set()
    for table in tables:
        names = list(_lists(table))
        if not names:
            continue
        blank = " OR ".join(
            f"{name} IS NOT NULL AND array_to_string({name}, '') = '' AND len({name}) < 2" for name in names
        )
        texts = "concat(" + ", ".join(f"array_to_string({name}, '')" for name in names) + ")"
        asked = ", ".join(f"coalesce(bool_or(contains({texts}, chr({one}))), false)" for one in _SEPARATORS)
        query = f"SELECT count(*) FILTER ({blank}), {asked} FROM {table.name}"  # noqa: S608  # our own names
        [(blanks, *contained)] = db.execute(query).fetchall()
        if blanks:
            raise NotAsCsvError(f"{blanks} rows of {table.name} have a list that is empty or holds an empty text")
        held |= {one for one, there in zip(_SEPARATORS, contained, strict=True) if there}
    free = [one for one in _SEPARATORS if one not in held]
    if not free:
        raise NotAsCsvError("the lists hold every character that could separate their parts")
    return free[0]


def _lines_in_values(db: duckdb.DuckDBPyConnection, tables: Sequence[GraphTable]) -> bool:
    """Whether a text has a line break: the import then reads with one thread."""
    for table in tables:
        texts = [column.property_name for column in table.properties if column.type == "VARCHAR"]
        texts += [f"array_to_string({c.property_name}, '')" for c in table.properties if c.type == "VARCHAR[]"]
        if not texts:
            continue
        broken = f"SELECT 1 FROM {table.name} WHERE regexp_matches(concat({', '.join(texts)}), '[\\r\\n]') LIMIT 1"  # noqa: S608  # likewise
        if db.execute(broken).fetchone():
            return True
    return False
