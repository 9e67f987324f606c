"""Applies change sets to the graph, in order, in batches; each batch and the note of how far it went are one transaction.

A load that was killed goes on with the batch that was not committed. When a set is in, the graph is counted and
compared with what the set says it must hold.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import duckdb
import neo4j

from crawler.changes.crawl_node import FROM_MANIFEST
from crawler.changes.diff import FILES, ChangeSet, check_order
from crawler.changes.fold import values
from crawler.changes.tables import LABELS, TYPES
from crawler.errors import HubGenealogyError
from crawler.graph import mirror, schema
from crawler.graph.bulk import Bulk
from crawler.graph.connection import Graph
from crawler.graph.foreign import check_nothing_attached, check_nothing_foreign, check_whole
from crawler.graph.lease import Lease
from crawler.graph.state import Standing, check_belongs, standing
from crawler.graph.statements import STATEMENTS, STEPS
from crawler.manifests import ChangesManifest
from crawler.signals import finishing
from crawler.snapshot.parquet import confined, damaged, read_parquet
from crawler.state import State

logger = logging.getLogger(__name__)

Progress = Callable[[str, int], None]


@dataclass(frozen=True)
class Loader:
    """What a load works on. `progress` is told each table and how many of its rows are in."""

    graph: Graph
    state: State
    lease: Lease
    batch_rows: int
    progress: Progress
    bulk: Bulk | None = None
    """How much is loaded at once, where the server is the local one."""

    def prepare(self) -> Standing:
        """Make sure that the graph is the one that this state made and holds nothing of another program; apply the schema.

        Raises HubGenealogyError, with nothing written, where it is not or does.
        """
        now = standing(self.graph)
        check_belongs(now, self.state)
        if now.at is not None and now.loading is None:
            check_whole(self.graph, self.state, now.at)
        elif not now.imported:  # else it is counted when its schema is there
            check_nothing_foreign(self.graph, self.state)
        schema.apply(self.graph)
        return now

    def load(self) -> list[str]:
        """Apply every change set of the state that the graph lacks; return their crawls.

        Raises HubGenealogyError where the graph is not as it must be, before or afterwards, and LockHeldError where
        another process has taken the lease over.
        """
        return self._load(may_import=True)

    def _load(self, *, may_import: bool) -> list[str]:
        now = self.prepare()
        if now.wiping:
            return self.rebuild()
        crawls = [crawl for crawl in self.state.crawls(self.state.changes) if now.at is None or crawl > now.at]
        check_order(self.state)
        for crawl in crawls:
            self._changes(crawl).check()
        if may_import and self._import([crawl for crawl in crawls if crawl not in now.imported]):
            now = self.prepare()
        if now.at is None and crawls:
            self._mark_building(crawls[-1])
        for crawl in (c for c in self.state.crawls(self.state.changes) if now.at is None or c > now.at):
            self._apply(self._changes(crawl), now.imported)
            self.state.graph_at = crawl
        return crawls

    def _import(self, crawls: list[str]) -> bool:
        """Make the graph anew by an import, where that is the better way to load `crawls`; say whether it was done."""
        if self.bulk is None or not self.bulk.pays(self.graph, self.state, crawls):
            return False
        if not self.bulk.make(self.state):
            return False
        with self.lease.moving():
            self.bulk.serve(self.graph)
        return True

    def rebuild(self) -> list[str]:
        """Make the graph anew from the change sets alone; return their crawls.

        Raises HubGenealogyError, with the graph as it was, where a change set is damaged or something of
        another program would be deleted.
        """
        crawls = self.state.crawls(self.state.changes)
        if not crawls:
            raise HubGenealogyError(
                f"{self.state.changes} holds no change set to rebuild from: run hub-genealogy crawl first"
            )
        check_order(self.state)
        for crawl in crawls:
            self._changes(crawl).check()
        check_nothing_foreign(self.graph, self.state)
        check_nothing_attached(self.graph)
        if self._import(crawls):
            return self._load(may_import=False)
        schema.apply(self.graph)
        # From here on, and through a kill, the graph says that it is being built, until the last set is in.
        self._mark_building(crawls[-1], wiping=True)
        types, labels = "|".join((*TYPES, mirror.TYPE)), (mirror.LABEL, *LABELS)
        with self.graph.session() as session:
            # The relationships first: nodes with theirs fill the memory of a transaction, 300 MB for 10,000 models.
            for label in labels:
                session.run(
                    f"MATCH (:{label})-[r:{types}]->() CALL (r) {{ DELETE r }} IN TRANSACTIONS OF 10000 ROWS"
                ).consume()
            for label in labels:
                session.run(f"MATCH (n:{label}) CALL (n) {{ DELETE n }} IN TRANSACTIONS OF 10000 ROWS").consume()
        self.graph.write("MATCH (c:Crawl {wiping: true}) REMOVE c.wiping")
        return self._load(may_import=False)

    def _changes(self, crawl: str) -> ChangeSet:
        return ChangeSet(self.state.changes / crawl)

    def _mark_building(self, crawl: str, *, wiping: bool = False) -> None:
        # One transaction: at no moment does an older Crawl claim that the graph is whole.
        self.graph.write(
            """
            MERGE (c:Crawl {id: $id})
            SET c = {id: $id, state: 'loading', building: true, made_from: $made_from,
                     step: CASE WHEN $wiping THEN null ELSE c.step END, offset: CASE WHEN $wiping THEN null ELSE c.offset END}
            SET c.wiping = CASE WHEN $wiping THEN true END
            WITH c
            MATCH (other:Crawl) WHERE other <> c AND other.made_from IS NOT NULL AND $wiping
            DETACH DELETE other""",
            id=crawl,
            made_from=self.state.id,
            wiping=wiping,
        )

    def _apply(self, changes: ChangeSet, imported: frozenset[str]) -> None:
        manifest = changes.manifest
        crawl = manifest.crawl
        [record] = self.graph.write(
            "MERGE (c:Crawl {id: $id}) SET c.state = 'loading', c.made_from = $made_from "
            "RETURN coalesce(c.step, 0) AS step, coalesce(c.offset, 0) AS offset",
            id=crawl,
            made_from=self.state.id,
        )
        first, offset = record["step"], record["offset"]
        if first or offset:
            logger.info("the load of crawl %s goes on at %s, row %d", crawl, STEPS[first][0], offset)
        with self.graph.session() as session, confined(changes.folder, memory="500MB") as db:
            for step in range(len(STEPS) if crawl in imported else first, len(STEPS)):
                table, verb = STEPS[step]
                done = offset if step == first else 0
                for rows in batches(db, changes, table, verb, start=done, size=self.batch_rows):
                    done += len(rows)
                    with finishing():
                        session.execute_write(self._write, step, rows, crawl, done)
                    self.progress(table, done)
        # An import brings what the newest of its crawls left.
        if crawl not in imported or crawl == max(imported):
            check_whole(self.graph, self.state, crawl)
        with finishing(), self.graph.session() as session:
            session.execute_write(_finish, manifest, self.lease)

    def _write(
        self, tx: neo4j.ManagedTransaction, step: int, rows: list[dict[str, Any]], crawl: str, done: int
    ) -> None:
        self.lease.renew(tx)
        table, verb = STEPS[step]
        statements = STATEMENTS[table]
        if verb == "put":
            placed = tx.run(statements.put, rows=rows).single(strict=True)["placed"]
            if placed != len(rows):
                raise HubGenealogyError(
                    f"{len(rows) - placed} of {len(rows)} rows of {table} in crawl {crawl} found no place in the graph: "
                    "it was changed by something else; make it anew with hub-genealogy rebuild"
                )
        else:
            tx.run(statements.delete, rows=rows).consume()
        tx.run(
            "MATCH (c:Crawl {id: $id}) SET c.step = $step, c.offset = $done", id=crawl, step=step, done=done
        ).consume()


def _finish(tx: neo4j.ManagedTransaction, manifest: ChangesManifest, lease: Lease) -> None:
    lease.renew(tx)
    tx.run(
        """
        MATCH (c:Crawl {id: $id})
        SET c += $properties, c.state = 'loaded',
            c.started_at = datetime($started_at), c.finished_at = datetime($finished_at)
        REMOVE c.step, c.offset, c.building, c.imported""",
        id=manifest.crawl,
        started_at=manifest.started_at.isoformat(timespec="milliseconds"),
        finished_at=manifest.finished_at.isoformat(timespec="milliseconds"),
        # The profile counts all withdrawn links under the name of those that the crawl withdrew.
        properties=manifest.profile
        | {column.name: getattr(manifest, column.name) for column in FROM_MANIFEST}
        | {"versions": [f"{name} {version}" for name, version in sorted(manifest.versions.items())]},
    ).consume()


def batches(
    db: duckdb.DuckDBPyConnection, changes: ChangeSet, table: str, verb: str, *, start: int, size: int
) -> Iterator[list[dict[str, Any]]]:
    """The rows of a change set's file from row `start` on, as the statements want them."""
    path = changes.file(table, verb)
    if not path.exists():
        return
    properties, known = STATEMENTS[table].properties, FILES[f"{table}.{verb}"]
    # A file of deletions holds keys alone.
    defaults = STATEMENTS[table].defaults if verb == "put" else STATEMENTS[table].earlier
    with damaged(path):
        expressions = values(db, path, known, defaults).items()
        milliseconds = {name: _milliseconds(value, known.get(name, "")) for name, value in expressions}
        select = ", ".join(f'{value} AS "{name}"' for name, value in milliseconds.items())
        cursor = db.execute(
            f"SELECT {select} FROM {read_parquet(path)} OFFSET $start",  # noqa: S608  # our own column names
            {"start": start},
        )
        while found := cursor.fetchmany(size):
            rows = [dict(zip(milliseconds, row, strict=True)) for row in found]
            for row in rows:
                if properties:
                    row["properties"] = {name: row.pop(name) for name in properties if name in row}
            yield rows


def _milliseconds(value: str, kind: str) -> str:
    """Times as the statements take them."""
    if kind == "TIMESTAMP":
        return f"epoch_ms({value})"
    if kind == "TIMESTAMP[]":
        return f"list_transform({value}, lambda t: epoch_ms(t))"
    return value
