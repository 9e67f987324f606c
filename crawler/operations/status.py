"""Where archive, snapshots and graph stand: read, never changed, and nothing is started for it."""

import fcntl
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from crawler import ledger, manifests
from crawler.cases import register
from crawler.changes.diff import ChangeSet, last_complete
from crawler.errors import GraphUnreachableError, HubGenealogyError, UsageError
from crawler.feeds import watch
from crawler.files import is_there, open_regular, size_of
from crawler.graph.connection import Connection, connection_for, open_connection
from crawler.graph.lease import holder
from crawler.graph.state import check_belongs, standing
from crawler.hub.archive import Archive
from crawler.manifests import SnapshotManifest
from crawler.operations.last_run import last_run
from crawler.settings import Settings
from crawler.state import State, holds_state, other_states


def status(settings: Settings, now: datetime) -> dict[str, Any]:
    """Where everything stands; `last_…`, `interrupted`, `cases`, `feeds` and parts of `graph` may be null.

    `locked`, `graph.running` and the sizes in `bytes` are null where they cannot be known. Raises HubGenealogyError where
    the state folder itself cannot be read.
    """
    try:
        return _status(settings, existing_state(settings), now)
    except OSError as error:
        raise HubGenealogyError(
            f"{error.filename or settings.home} cannot be read: {error.strerror or error}; ask as the owner of the state folder"
        ) from None


def _status(settings: Settings, state: State | None, now: datetime) -> dict[str, Any]:
    locked = is_locked(settings.home)
    return {
        "home": str(settings.home),
        "exists": state is not None,
        "locked": locked,
        "others": [str(place) for place in other_states() if place != settings.home] if state is None else [],
        "last_run": _last_run(settings.home, now),
        "last_crawl": _last_crawl(state, now) if state else None,
        "last_complete": _last_complete(state, now) if state else None,
        "datasets": _datasets(state, now) if state else None,
        "interrupted": _interrupted(state) if state else None,
        "archives": len(state.crawls(state.archives)) if state else 0,
        "snapshots": len(state.crawls(state.snapshots)) if state else 0,
        "change_sets": len(state.crawls(state.changes)) if state else 0,
        "cases": _cases(settings.home, now),
        "cards": _enriched(settings, state, "cards", "listed_with_known_card") if state else None,
        "files": _enriched(settings, state, "files", "listed_with_known_files") if state else None,
        "forgotten": _forgotten(settings.home),
        "feeds": watch.standing(settings),
        "graph": _graph(settings, state, idle=locked is False),
        "bytes": _bytes(settings.home),
    }


def existing_state(settings: Settings) -> State | None:
    """The state folder, if there is one: none is made. HubGenealogyError where it cannot be looked into."""
    try:
        os.stat(settings.home / "changes")  # noqa: PTH116  # `exists` takes a file in the way for nothing at all
    except FileNotFoundError:
        return None
    except OSError as error:
        raise HubGenealogyError(
            f"the state folder {settings.home} cannot be read: {error.strerror}; make it readable, or set HUB_GENEALOGY_HOME"
        ) from None
    return State(settings.home)


def is_locked(home: Path) -> bool | None:
    """Whether a process holds the lock of a state folder; None where that cannot be known.

    The lock is asked for, shared, and given back at once.
    """
    try:
        with open_regular(home / "lock") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    except OSError:
        return None
    return False


def connection_as_it_is(settings: Settings) -> Connection | None:
    """Where the graph is; None where that would be a local server and it does not run."""
    if settings["neo4j.uri"] is not None:
        return connection_for(settings)
    from crawler.local.server import LocalServer  # noqa: PLC0415  # its packages are the optional extra `local`

    return LocalServer.from_settings(settings).connection()


def _last_crawl(state: State, now: datetime) -> dict[str, Any] | None:
    crawls = state.crawls(state.changes)
    if not crawls:
        return None
    manifest = ChangeSet(state.changes / crawls[-1]).manifest
    return {
        "crawl": manifest.crawl,
        "kind": manifest.kind,
        "complete": manifest.complete,
        "retirement_refused": manifest.retirement_refused,
        "started_at": manifest.started_at.isoformat(timespec="milliseconds"),
        "finished_at": manifest.finished_at.isoformat(timespec="milliseconds"),
        "models_seen": manifest.models_seen,
        "warnings": [warning.text for warning in manifest.warnings],
        "refused": [warning.text for warning in manifest.warnings if warning.refuses],
        "age_seconds": round((now - manifest.started_at).total_seconds()),
    }


def _last_run(home: Path, now: datetime) -> dict[str, Any] | None:
    run = last_run(home)
    if run is None:
        return None
    end = run.ended_at or run.started_at
    return {
        "command": run.command,
        "started_at": run.started_at.isoformat(timespec="milliseconds"),
        "ended_at": run.ended_at.isoformat(timespec="milliseconds") if run.ended_at else None,
        "exit_code": run.exit_code,
        "reason": run.reason,
        "age_seconds": round((now - end).total_seconds()),
    }


def _datasets(state: State, now: datetime) -> dict[str, Any] | None:
    """What the last walk over the data sets came to; None where there was none, or an earlier version did it."""
    crawls = state.crawls(state.changes)
    last = ChangeSet(state.changes / crawls[-1]).manifest.datasets if crawls else None
    manifest = ChangeSet(state.changes / last).manifest if last in crawls else None
    if manifest is None or manifest.dataset_walk is None:
        return None
    age = round((now - manifest.finished_at).total_seconds())
    return {"crawl": manifest.crawl, **asdict(manifest.dataset_walk), "age_seconds": age}


def in_words(sets: Mapping[str, Any]) -> str:
    """What a walk over the data sets came to, in a few words."""
    incomplete = "" if sets["complete"] else " (incomplete)"
    removed = f", {sets['removed']:,} removed" if sets["removed"] else ""
    return f"{sets['listed']:,} data sets{incomplete} ({sets['added']:,} new, {sets['retired']:,} gone{removed})"


def _last_complete(state: State, now: datetime) -> dict[str, Any] | None:
    manifest = last_complete(state)
    if manifest is None:
        return None
    return {
        "crawl": manifest.crawl,
        "finished_at": manifest.finished_at.isoformat(timespec="milliseconds"),
        "models_seen": manifest.models_seen,
        "age_seconds": round((now - manifest.finished_at).total_seconds()),
    }


def _enriched(settings: Settings, state: State, topic: str, known_by: str) -> dict[str, Any] | None:
    """Of how many listed models the cards or files are known as they are today, and the budget; None where none are asked for."""
    last, budget = state.last_snapshot(), settings[f"enrich.{topic}"]
    profile = manifests.read(state.snapshots / last / "snapshot.json", SnapshotManifest).profile if last else {}
    known = profile.get(known_by, 0)
    return {"known": known, "a_crawl": budget} if budget or known else None


def _forgotten(home: Path) -> dict[str, Any] | None:
    """How many owners are forgotten; None where none is. `unfinished`: a name may still stand somewhere."""
    forgotten = ledger.read(home)
    if not forgotten.tokens:
        return None
    return {"owners": len(forgotten.tokens), "unfinished": ledger.is_unfinished(home)}


def _cases(home: Path, now: datetime) -> dict[str, Any] | None:
    """The open cases, and what the last crawl that found anything found of them; None where there is no register."""
    try:
        with register.opened(home, register.acting(now), look=True) as cases:
            if cases is None:
                return None
            crawl, found = cases.last_found()
            return cases.terms() | {"crawl": crawl, "found": dict(found), "problem": None}
    except HubGenealogyError as error:
        unknown = dict.fromkeys(("open", "due", "overdue", "crawl"))
        return unknown | {"found": {}, "problem": str(error)}


def _interrupted(state: State) -> dict[str, Any] | None:
    """The crawl that has an archive but no change set: it is running now, or the next run goes on with it."""
    done = set(state.crawls(state.changes))
    for crawl in reversed(state.crawls(state.archives)):
        archive = Archive(state.archives / crawl)
        if crawl not in done and is_there(archive.folder / "crawl.json"):
            pages = archive.pages()
            return {
                "crawl": crawl,
                "kind": archive.crawl.kind,
                "started_at": archive.crawl.started_at.isoformat(timespec="milliseconds"),
                "pages": len(pages),
                "models": sum(page.models for page in pages),
                "walked": archive.walk is not None,
            }
    return None


def _graph(settings: Settings, state: State | None, *, idle: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "uri": settings["neo4j.uri"], "running": None, "at": None, "building": None, "loading": None, "lacks": None,
        "lease": None, "problem": None,
    }  # fmt: skip
    try:
        if found["uri"] is None:
            from crawler.local.server import LocalServer  # noqa: PLC0415  # its packages are the optional extra `local`

            local = LocalServer.from_settings(settings).status()
            if not local.running:
                return found | {"running": False, "problem": _way_to_local(settings.home)}
            found["uri"] = local.uri
        connection = connection_as_it_is(settings)
        if connection is None:
            return found | {"running": False, "problem": "the local Neo4j was stopped just now"}
        with open_connection(connection) as graph:
            found["running"] = True
            now = standing(graph)
            found["lease"] = holder(graph, state.id if state is not None and idle else None)
        found |= {"at": now.at, "building": now.building, "loading": now.loading}
        if state is not None:
            check_belongs(now, state)
            found["lacks"] = [crawl for crawl in state.crawls(state.changes) if now.at is None or crawl > now.at]
    except (GraphUnreachableError, UsageError) as error:
        found |= {"running": False, "problem": str(error)}
    except HubGenealogyError as error:
        # The server is there and does not let this user in, or nobody can tell.
        found |= {"running": None if found["uri"] is None else True, "problem": str(error)}
    return found


def _way_to_local(home: Path) -> str | None:
    """What to do where the local server does not run; None where there is nothing to start it for."""
    if not holds_state(home):
        return None
    if not (home / "neo4j" / "data").exists() and any((home / "changes").glob("*")):
        return "there is no local graph: hub-genealogy rebuild makes it from the change sets"
    return "the local Neo4j does not run: hub-genealogy db start"


def _bytes(home: Path) -> dict[str, int | None]:
    folders = {name: home / name for name in ("archive", "snapshots", "changes", "neo4j")}
    sizes = {
        name: size_of(folder) if not folder.exists() or os.access(folder, os.R_OK | os.X_OK) else None
        for name, folder in folders.items()
    }
    parent = next(folder for folder in (home, *home.parents) if folder.exists())
    return sizes | {"free": shutil.disk_usage(parent).free}
