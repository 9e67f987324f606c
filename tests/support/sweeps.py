"""A Hub in memory, swept again and again: archive, snapshot and change set of each sweep, without a network."""

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from crawler.cards.said import Said
from crawler.changes.diff import ChangeSet, diff, open_tables
from crawler.changes.fold import fold
from crawler.changes.tables import TABLES as GRAPH_TABLES
from crawler.crawl_warnings import CrawlWarning
from crawler.findings import FOLDER, Finding, Import, write
from crawler.hub.archive import Archive, Detail, DetailAnswer, Page, Publisher
from crawler.manifests import ChangesManifest, CrawlManifest, SnapshotManifest, WalkManifest
from crawler.questions.ask import ask
from crawler.questions.question import CARD, FILES
from crawler.records.forgetting import Forgotten
from crawler.records.listings import MODELS, Listing
from crawler.records.weights import WeightFile
from crawler.snapshot.build import build, drafted
from crawler.snapshot.rows import PageRows, remove_rows
from tests.support.strangers import forget_hashes

Record = dict[str, Any]
Rows = set[tuple[Any, ...]]

# Why a sweep is not complete, where that does not matter.
CUT_SHORT = (CrawlWarning("empty_page", {"page": 2}),)
# A Thursday; each sweep starts a day after the one before it.
FIRST = datetime(2026, 1, 1, 3, tzinfo=UTC)


def at(number: int) -> datetime:
    """The start of the sweep `number`, counted from 1, as the tables hold it."""
    return (FIRST + timedelta(days=number - 1)).replace(tzinfo=None)


def record(key: str, name: str, **fields: Any) -> Record:
    """An object of the listing; `card_<field>=` is a field of its card."""
    card = {field.removeprefix("card_"): fields.pop(field) for field in list(fields) if field.startswith("card_")}
    content: Record = {"_id": key, "id": name, "createdAt": "2025-01-01T00:00:00.000Z", "tags": []}
    if card:
        content["cardData"] = card
    return content | fields


def child(key: str, name: str, *parents: str, **fields: Any) -> Record:
    """A model whose card names `parents`."""
    return record(key, name, card_base_model=list(parents), **fields)


def resolved(relation: str, *parents: tuple[str, str]) -> Record:
    """The value of `baseModels`: `parents` are pairs of key and name."""
    return {"relation": relation, "models": [{"_id": key, "id": name} for key, name in parents]}


def values(rows: Sequence[tuple[Any, ...]]) -> Rows:
    """`rows` as a set: lists become tuples."""
    return {tuple(_frozen(value) for value in row) for row in rows}


def _frozen(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(map(_frozen, value))
    if isinstance(value, dict):
        return tuple((name, _frozen(part)) for name, part in value.items())
    return value


def drop_column(file: Path, column: str) -> None:
    """Write a Parquet file of a snapshot or a change set as a version did that knew neither the column nor hashes."""
    forget_hashes(file.parent)
    with duckdb.connect() as db:
        db.execute(f"CREATE TABLE kept AS SELECT * EXCLUDE ({column}) FROM read_parquet('{file}')")  # noqa: S608  # our own file
        db.execute(f"COPY kept TO '{file}'")


@dataclass(frozen=True)
class LookedUp:
    """Answers questions about single names; no model has a card or files, and each owner that is there is an organisation."""

    look_up: Callable[[str], Detail]

    def detail(
        self,
        name: str,
        patience: timedelta | None = None,  # noqa: ARG002  # nothing fails here
        listing: Listing = MODELS,  # noqa: ARG002  # names are looked up alike
    ) -> Detail:
        return self.look_up(name)

    def files(self, name: str, patience: timedelta | None = None) -> tuple[Detail, tuple[WeightFile, ...]]:
        return self.detail(name, patience), ()

    def card(self, name: str, patience: timedelta | None = None) -> tuple[Detail, bytes]:
        return self.detail(name, patience), b""

    def owner(self, name: str, patience: timedelta | None = None) -> tuple[int, Publisher | None]:
        status = self.detail(name, patience).status
        return status, Publisher("organisation") if status == 200 else None


class Sweeps:
    """Sweeps of one Hub, one after the other, in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.number = 0
        self.made: SnapshotManifest

    @property
    def snapshot(self) -> Path:
        """The folder of the last snapshot."""
        return self.folder / "snapshots" / f"{self.number:06d}"

    @property
    def changes(self) -> ChangesManifest:
        """The manifest of the last change set, which is made when it is first asked for."""
        folder = self.folder / "changes" / f"{self.number:06d}"
        if folder.exists():
            return ChangeSet(folder).manifest
        before = self.folder / "snapshots" / f"{self.number - 1:06d}" if self.number > 1 else None
        return diff(before, self.snapshot, folder)

    def sweep(
        self,
        *pages: list[Any],
        complete: bool = True,
        max_vanished_share: float = 1.0,
        accept_vanished: bool = False,
        popularity: str = "sweep",
        started: datetime | None = None,
        rules: Sequence[str] = (),
        look_up: Callable[[str], Detail] | None = None,
        redirects: int = 1000,
        max_withdrawn_share: float = 1.0,
        max_fill_drop: float = 1.0,
        accept_withdrawn: bool = False,
        keep_gone: timedelta | None = None,
        confirm_sample: int = 0,
        owners: int = 0,
        cards: Mapping[str, Sequence[Said]] = {},  # never changed
        files: Mapping[str, Sequence[WeightFile]] = {},  # never changed
        answers: Sequence[DetailAnswer] = (),
        imports: Mapping[str, Sequence[Finding]] = {},  # never changed
    ) -> "Sweeps":
        """Sweep a Hub that answers `pages`: lists of records, one or several."""
        before = self.snapshot if self.number else None
        self.number += 1
        start = started or FIRST + timedelta(days=self.number - 1)
        archive = Archive(self.folder / "archive" / f"{self.number:06d}")
        archive.begin(
            CrawlManifest(
                crawl=f"{self.number:06d}",
                kind="full",
                started_at=start,
                popularity=popularity,
                max_vanished_share=max_vanished_share,
                accept_vanished=accept_vanished,
                rules=tuple(rules),
                redirects=redirects,
                max_withdrawn_share=max_withdrawn_share,
                max_fill_drop=max_fill_drop,
                accept_withdrawn=accept_withdrawn,
                keep_gone=None if keep_gone is None else keep_gone.total_seconds(),
                confirm_sample=confirm_sample,
                enrich_owners=owners,
                imports=tuple(sorted(imports)),
            )
        )
        for name, found in imports.items():
            write(archive.folder / FOLDER, Import(name=name, imported_at=start, findings=tuple(found)))
        for key, said in cards.items():
            archive.add_detail(DetailAnswer(key, key, Detail(200, key, key), CARD.name, said=tuple(said)))
        for key, weights in files.items():
            archive.add_detail(DetailAnswer(key, key, Detail(200, key, key), FILES.name, weights=tuple(weights)))
        for answer in answers:
            archive.add_detail(answer)
        for number, records in enumerate(pages, start=1):
            archive.add(*page(number, records))
        archive.end(WalkManifest(complete=complete, warnings=() if complete else CUT_SHORT, finished_at=start))
        earlier = Archive(archive.folder.with_name(f"{self.number - 1:06d}")) if before else None
        with PageRows(archive, earlier) as rows, drafted(archive, rows, before, self.snapshot) as draft:
            if look_up is not None:
                ask(draft.questions(), archive, LookedUp(look_up), Forgotten())
            self.made = draft.finish()
        return self

    def build_again(self) -> None:
        """Make the last snapshot anew from the pages of its archive, without any way to the Hub."""
        shutil.rmtree(self.snapshot)
        remove_rows(Archive(self.folder / "archive" / f"{self.number:06d}"))
        before = self.folder / "snapshots" / f"{self.number - 1:06d}" if self.number > 1 else None
        build(Archive(self.folder / "archive" / f"{self.number:06d}"), before, self.snapshot)

    def rows(self, table: str, *columns: str) -> Rows:
        """The `columns` of a table of the last snapshot, as a set; a row that stands twice fails."""
        found = _read(self.snapshot / f"{table}.parquet", ", ".join(columns))
        rows = values(found)
        assert len(rows) == len(found), f"a row stands twice: {found}"
        return rows

    def models(self) -> Rows:
        """(key, id, status) of each model."""
        return self.rows("models", "key", "id", "status")

    def edges(self) -> Rows:
        """(child, parent, status) of each edge."""
        return self.rows("edges", "child", "parent", "status")

    def graph(self) -> dict[str, dict[tuple[Any, ...], Record]]:
        """The graph that the last snapshot describes: table → key → row."""
        with duckdb.connect() as db:
            open_tables(db, "s", self.snapshot, None)
            return {table.name: _keyed(db.execute(f"FROM s.g_{table.name}"), table.keys) for table in GRAPH_TABLES}

    def apply_to(self, graph: dict[str, dict[tuple[Any, ...], Record]]) -> None:
        """Apply the last change set to `graph`, as the load does."""
        for table in GRAPH_TABLES:
            rows = graph.setdefault(table.name, {})
            for key, row in self.changed(table.name, "put", table.keys).items():
                del row["added"]
                rows[key] = row
            for key in self.changed(table.name, "del", table.keys):
                del rows[key]
            for key, row in self.changed(table.popularity, "put", ("key",)).items() if table.popularity else ():
                rows[key].update(row)

    def folded(self) -> dict[str, dict[tuple[Any, ...], Record]]:
        """What all change sets leave in a graph that an import makes of them."""
        sets = [ChangeSet(folder) for folder in sorted((self.folder / "changes").iterdir())]
        with duckdb.connect() as db:
            return {
                table.name: _keyed(db.execute(f"FROM {table.name}"), table.keys) if fold(db, sets, table) else {}
                for table in GRAPH_TABLES
            }

    def changed(self, table: str, verb: str, keys: tuple[str, ...]) -> dict[tuple[Any, ...], Record]:
        """The rows of one file of the last change set: key → row."""
        assert self.changes.crawl == self.snapshot.name
        path = self.folder / "changes" / self.snapshot.name / f"{table}.{verb}.parquet"
        if not path.exists():
            return {}
        with duckdb.connect() as db:
            return _keyed(db.execute("SELECT * FROM read_parquet($path)", {"path": str(path)}), keys)


def page(number: int, records: list[Any]) -> tuple[Page, bytes]:
    """A page of the archive with its bytes."""
    body = json.dumps(records).encode()
    return (
        Page(
            number=number,
            url=f"https://hub.example/api/models?page={number}",
            next=None,
            sha256=hashlib.sha256(body).hexdigest(),
            bytes=len(body),
            models=len(records),
            first=None,
            last=None,
            last_created_at=None,
            fetched_at="2026-01-01T03:00:00.000+00:00",
        ),
        body,
    )


def _read(path: Path, columns: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as db:
        return db.execute(f"SELECT {columns} FROM read_parquet($path)", {"path": str(path)}).fetchall()  # noqa: S608  # our own columns


def _keyed(result: duckdb.DuckDBPyConnection, keys: tuple[str, ...]) -> dict[tuple[Any, ...], Record]:
    names = [column[0] for column in result.description or []]
    rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    found = {tuple(row[key] for key in keys): row for row in rows}
    assert len(found) == len(rows), f"a key stands twice in {rows}"
    return found
