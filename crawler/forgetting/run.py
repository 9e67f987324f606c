"""All that is done when an owner is forgotten, in an order in which a kill at any moment leaves work that is noted.

The name is first added to the ledger: from then on, no crawl takes it in. Then archives, snapshots and change sets are written
anew, one after the other; then the graph is made anew from the change sets; then the register of cases follows. A part that is
done already is left as it is. Whoever goes on with it need not know the name.
"""

import logging
from dataclasses import dataclass, replace
from pathlib import Path

from crawler import findings, ledger
from crawler.answers import names
from crawler.cases import forget as register
from crawler.cases.register import Acting
from crawler.errors import HubGenealogyError
from crawler.files import is_there, writing
from crawler.forgetting.archives import Archives
from crawler.forgetting.settle import remove_leftovers
from crawler.forgetting.tables import Tables
from crawler.graph.bulk import of_others
from crawler.graph.load import Loader
from crawler.hub.archive import Archive, DamagedArchiveError
from crawler.records.forgetting import Forgotten
from crawler.snapshot.database import Limits
from crawler.snapshot.parquet import read_parquet, reading
from crawler.state import State

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Files:
    """In how many folders of each kind a name was replaced."""

    archives: int
    snapshots: int
    change_sets: int


@dataclass(frozen=True)
class Changed:
    """In how many folders and cases a name was replaced, and why it may still be in the files of the database."""

    files: Files
    cases: int
    left_in_database: str | None


def finish(loader: Loader, limits: Limits, acting: Acting, name: str | None = None) -> Changed:
    """Take every forgotten name out of the state and the graph of `loader`. `name`, where it is known, makes that fast.

    The caller holds the lock and the lease. HubGenealogyError where something is damaged; the rest waits, and is noted.
    """
    state, forgotten = loader.state, ledger.read(loader.state.home)
    state.forgets = True
    files = rewrite(state, forgotten, limits, name)
    left = _remake(loader) if state.crawls(state.changes) else None
    # Last: a command of `case` that reads the graph meanwhile may write what it read.
    cases = register.replace(state.home, acting, forgotten.value)
    ledger.finished(state.home)
    return Changed(files, cases, left)


def rewrite(state: State, forgotten: Forgotten, limits: Limits, name: str | None = None) -> Files:
    """Write archives, snapshots and change sets without the forgotten names."""
    with writing(f"the state folder {state.home}"):
        remove_leftovers(state.home, (*state.walked, state.changes, state.home / findings.FOLDER))
    findings.rewrite(state.home / findings.FOLDER, forgotten.value)
    archives, tables = Archives(forgotten, name), Tables(forgotten, name, limits)
    return Files(
        archives=sum(_rewritten(archives, one) for one in _crawls(state, state.archives, state.datasets.archives)),
        snapshots=sum(tables.snapshot(one) for one in _crawls(state, state.snapshots, state.datasets.snapshots)),
        change_sets=sum(tables.change_set(state.changes / crawl) for crawl in state.crawls(state.changes)),
    )


def _rewritten(archives: Archives, folder: Path) -> bool:
    try:
        return archives.rewrite(Archive(folder))
    except DamagedArchiveError as error:
        raise HubGenealogyError(
            f"{error}; an archive that cannot be read may hold the name: move it out of the state folder, then run the same "
            "command again"
        ) from None


def _remake(loader: Loader) -> str | None:
    """Make the graph anew. Say why the files of its server may still hold the name; None where they do not."""
    if loader.bulk is None:
        loader.rebuild()
        return (
            "the files of your Neo4j server may hold the name until it reuses that space: its transaction logs until they are "
            "rotated and pruned (db.tx_log.rotation.retention_policy), its store until a copy takes its place "
            "(neo4j-admin database copy)"
        )
    others = of_others(loader.graph)
    if others is None:
        replace(loader, bulk=replace(loader.bulk, min_rows=0, share=0.0, required=True)).rebuild()
        return None
    replace(loader, bulk=None).rebuild()
    return (
        f"the files of the local Neo4j may still hold the name: its database also holds {others}, which hub-genealogy did not "
        "make, and so it could not be made anew; db reset and rebuild erase both"
    )


def holds(state: State, name: str, limits: Limits) -> bool:
    """Whether the state folder has the name of this owner in it."""
    probe = Forgotten(b"probe", frozenset({Forgotten(b"probe").token(name.lower())}))
    tables, archives = Tables(probe, name, limits), Archives(probe, name)
    if findings.mentions(state.home / findings.FOLDER, probe.value):
        return True
    if any(map(tables.mentions, _crawls(state, state.changes, state.snapshots, state.datasets.snapshots))):
        return True
    if ledger.is_unfinished(state.home):  # an archive may be half written
        return False
    return any(archives.mentions(Archive(one)) for one in _crawls(state, state.archives, state.datasets.archives))


def _crawls(state: State, *folders: Path) -> list[Path]:
    return [folder / crawl for folder in folders for crawl in state.crawls(folder)]


def unknown(state: State, name: str) -> HubGenealogyError:
    """The error of a name that the state does not have, with the owners whose names are nearest to it."""
    files = [state.changes / crawl / "owners.put.parquet" for crawl in state.crawls(state.changes)]
    files = [file for file in files if is_there(file)]
    near: list[str] = []
    if files:
        with reading(*files) as db:
            owners = f"SELECT DISTINCT name FROM {read_parquet(*files)}"  # noqa: S608  # our own paths
            shared = "len(list_filter($parts, lambda part: contains(lower(name), part)))"
            found = db.execute(
                f"SELECT name FROM ({owners}) WHERE {shared} > 0 ORDER BY {shared} DESC, name LIMIT 300",  # noqa: S608  # likewise
                {"parts": names.parts(name)},
            ).fetchall()
        near = names.most_alike(name, (row[0] for row in found))
    return names.unknown(name, near, names.NOUNS["owner"])
