"""The graph of a local server made by `neo4j-admin database import`: many times as fast as over Bolt, where there is much.

The database is imported beside the one that is served, from all change sets, and takes its place when the server is started
anew. From then on until its constraints and indexes are online, its `Crawl` nodes say that the graph is being built, so that
nothing is answered from it; `Loader` goes on from there, also after a kill. A kill before that costs the import alone.
"""

import logging
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.changes.diff import ChangeSet
from crawler.changes.tables import POPULAR
from crawler.errors import HubGenealogyError
from crawler.graph import schema
from crawler.graph.connection import Graph
from crawler.graph.import_files import write_files
from crawler.signals import finishing
from crawler.snapshot.database import Limits
from crawler.state import State

if TYPE_CHECKING:
    from crawler.local.server import LocalServer

logger = logging.getLogger(__name__)

# What this program keeps in the database beside the graph: the record of migrations, and the lease. An import lacks these and
# the mirror of the cases; both are written after it.
_OTHER_LABELS = {"SchemaMigration", "Lease"}
_OTHER_KEYS = {"version", "name", "checksum", "applied_at", "touched", "holder", "host", "since", "until"}
# The CSV of a row and what becomes of it in the graph, with half as much again: at 300,000 models, 600 bytes.
BYTES_A_ROW = 900
_NAMED = re.compile(r"CREATE (?:FULLTEXT )?(?:CONSTRAINT|INDEX) (\w+)")


@dataclass(frozen=True)
class Bulk:
    """When a load goes through an import, and into which server."""

    local: "LocalServer"
    min_rows: int
    """From how many rows on: below that, starting Java twice takes longer."""
    share: float
    """From which share of the graph on."""
    limits: Limits
    """Of the memory and the temporary files in which the rows are put together."""
    required: bool = False
    """Whether a load that cannot go through an import is an error."""

    def pays(self, graph: Graph, state: State, crawls: list[str]) -> bool:
        """Whether an import is the better way to load `crawls`, and loses nothing that the database holds."""
        # What an import before this one left, which was killed: its graph would be older than what is loaded now.
        self.local.discard_import()
        if not crawls:
            return False
        rows = sum(sum(counts.values()) for crawl in crawls for counts in _rows(state, crawl))
        if rows < max(self.min_rows, self.share * rows_of(state)):
            return False
        others = of_others(graph)
        if others:
            logger.info("the load goes row by row: an import would lose %s, which hub-genealogy did not make", others)
        return not others

    def make(self, state: State) -> bool:
        """Import all change sets of `state`, for the next start of the server; False, with nothing changed, where that fails."""
        place = self.local.begin_import()
        try:
            check_room(state.home, rows_of(state))
            files = write_files(place / "files", state.changes, state.crawls(state.changes), state.id, self.limits)
            logger.info("importing the graph beside the one that is served")
            self.local.import_graph(place, files.arguments)
        except HubGenealogyError as error:
            if self.required:
                raise
            logger.warning("the load goes row by row, because it cannot go through an import: %s", error)
            self.local.discard_import()
            return False
        except BaseException:
            self.local.discard_import()
            raise
        return True

    def serve(self, graph: Graph) -> None:
        """Start the server anew with what was imported, and let `graph` go on with that."""
        logger.info("starting Neo4j anew with the imported graph")
        with finishing():
            graph.move(self.local.restart())


def check_room(folder: Path, rows: int) -> None:
    """Raise HubGenealogyError where the disk of `folder` has no room for an import of so many rows beside the graph."""
    needed, free = BYTES_A_ROW * rows, shutil.disk_usage(folder).free
    if free < needed:
        raise HubGenealogyError(
            f"the disk of {folder} has {free / 10**6:.0f} MB free and an import needs {needed / 10**6:.0f} MB: free some space"
        )


def rows_of(state: State) -> int:
    """How many rows the graph has after the last change set."""
    return sum(ChangeSet(state.changes / state.crawls(state.changes)[-1]).manifest.totals.values())


def _rows(state: State, crawl: str) -> list[dict[str, int]]:
    rows = ChangeSet(state.changes / crawl).manifest.rows
    popularity = {table.popularity for table in POPULAR}
    return [counts for table, counts in rows.items() if table not in popularity]


def of_others(graph: Graph) -> str | None:
    """What of the database's names, indexes and constraints is not ours: something has them, or had them once."""
    ours = {name for one in schema.migrations() for text in one.statements for name in _NAMED.findall(text)}
    labels, types, keys = (names for _known, _create, names in schema.NAMES)
    found = {
        "the label": {row[0] for row in graph.read("CALL db.labels()")} - labels - _OTHER_LABELS,
        "the relationship type": {row[0] for row in graph.read("CALL db.relationshipTypes()")} - types,
        "the property": {row[0] for row in graph.read("CALL db.propertyKeys()")} - keys - _OTHER_KEYS,
        "the constraint": {row[0] for row in graph.read("SHOW CONSTRAINTS YIELD name")} - ours,
        "the index": {row[0] for row in graph.read("SHOW INDEXES YIELD name, type WHERE type <> 'LOOKUP' RETURN name")}
        - ours,
    }
    return next((f"{kind} {min(names)}" for kind, names in found.items() if names), None)
