"""A small real state folder: two finished crawls of a Hub that changed between them, and the half of a third one."""

import hashlib
import json
import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from crawler.changes.diff import ChangeSet, check_order, diff
from crawler.errors import HubGenealogyError
from crawler.feeds import history
from crawler.feeds.atom import document
from crawler.feeds.family import Subject
from crawler.feeds.make import of_subject
from crawler.graph.load import batches
from crawler.graph.statements import STEPS
from crawler.hub.archive import Archive
from crawler.hub.client import HubClient
from crawler.hub.walk import next_url
from crawler.operations import status
from crawler.operations.doctor import _state as doctor_of_state
from crawler.operations.last_run import noted
from crawler.reports.figures import figures
from crawler.settings import Settings, load
from crawler.snapshot.build import build
from crawler.snapshot.parquet import confined
from crawler.stages import Options, Stages
from crawler.state import State
from demo.simulated_hub import SimulatedHub

FIRST = datetime(2026, 1, 1, 3, tzinfo=UTC)
NOW = FIRST + timedelta(days=3)


def settings_of(home: Path, endpoint: str) -> Settings:
    return load(
        environment={
            "HF_ENDPOINT": endpoint,
            "HUB_GENEALOGY_HOME": str(home),
            "HUB_GENEALOGY_SWEEP_MAX_TAIL_AGE": "off",
            "HUB_GENEALOGY_SWEEP_MAX_VANISHED_SHARE": "1",
            "HUB_GENEALOGY_HUB_MAX_CLOCK_SKEW": "off",
            "HUB_GENEALOGY_HUB_PAGE_SIZE": "20",
            "HUB_GENEALOGY_DOCTOR_MAX_AGE": "off",
            "HUB_GENEALOGY_DATASETS_CRAWL": "off",
        }
    )


def two_crawls(home: Path, records: list[dict[str, Any]]) -> Settings:
    """Make the state folder `home`; return the settings to read it with, whose Hub is gone."""
    with SimulatedHub(records) as hub:
        settings = settings_of(home, hub.url)
        state = State(home)
        with state.locked():
            for night in range(2):
                start = FIRST + timedelta(days=night)
                with noted(home, "crawl", lambda start=start: start):  # type: ignore[misc]  # a default binds the night
                    stages = Stages(state, settings, Options(), lambda start=start: start)  # type: ignore[misc]  # as above
                    stages.derive(stages.begin())
                state.graph_at = state.crawls(state.changes)[-1]
                if night == 0:
                    hub.rename(records[0]["id"], "someone/renamed")
                    hub.delete(records[5]["id"])
    second = Archive(state.archives / state.crawls(state.archives)[-1])
    crawl = replace(second.crawl, crawl="000003-20260103T030000Z", started_at=FIRST + timedelta(days=2))
    third = Archive(state.archives / crawl.crawl)
    third.begin(crawl)
    for page in second.pages()[:2]:
        third.add(page, second.read(page))
    return settings


class Readers:
    """Everything that reads a state folder, each reader with the folders that it reads: a pure function of these."""

    def __init__(self, home: Path, settings: Settings, scratch: Path) -> None:
        self.home, self.settings, self.scratch = home, settings, scratch
        self.client = HubClient(settings)
        state = State(home)
        self.first, self.second = state.crawls(state.changes)
        self.third = state.crawls(state.archives)[-1]
        self.all = {
            "state": (self.state, [""]),
            "status": (self.status, [""]),
            "doctor": (self.doctor, ["changes", "snapshots", "run.json", "lock", "state.json"]),
            "load": (self.load, ["changes"]),
            "feed": (self.feed, ["changes"]),
            "diff": (self.diff, ["snapshots"]),
            "figures": (self.figures, [f"snapshots/{self.second}"]),
            "first snapshot": (self.first_snapshot, [f"archive/{self.first}"]),
            "second snapshot": (self.second_snapshot, [f"archive/{self.second}", f"snapshots/{self.first}"]),
            "resume": (self.resume, [f"archive/{self.third}"]),
        }

    def state(self) -> Any:
        state = State(self.home)
        return state.id, state.graph_at, [state.crawls(f) for f in (state.archives, state.snapshots, state.changes)]

    def status(self) -> Any:
        state = State(self.home)
        return [
            status.is_locked(self.home),
            status._last_run(self.home, NOW),
            status._last_crawl(state, NOW),
            status._last_complete(state, NOW),
            status._interrupted(state),
        ]

    def doctor(self) -> Any:
        found = [check for check in doctor_of_state(self.settings) if check.name != "freshness"]
        bad = [check for check in found if check.verdict != "ok"]
        if bad:
            raise HubGenealogyError("".join(check.message for check in bad))
        return [check.message for check in found]

    def load(self) -> Any:
        state = State(self.home)
        check_order(state)
        found: list[Any] = []
        for crawl in state.crawls(state.changes):
            changes = ChangeSet(state.changes / crawl)
            changes.check()
            found.append(repr(changes.manifest))
            with confined(changes.folder) as db:
                for table, verb in STEPS:
                    found += [
                        table,
                        verb,
                        [repr(rows) for rows in batches(db, changes, table, verb, start=0, size=1000)],
                    ]
        return found

    def feed(self) -> Any:
        state = State(self.home)
        check_order(state)
        with history.opened([ChangeSet(state.changes / crawl) for crawl in state.crawls(state.changes)]) as crawls:
            return document(of_subject(crawls, Subject("owner", "distilbert"), "distilbert"), "state")

    def diff(self) -> Any:
        snapshots = self.home / "snapshots"
        folder = self.scratch / self.second
        manifest = diff(snapshots / self.first, snapshots / self.second, folder)
        return repr(manifest), list(_hashes(folder))

    def figures(self) -> Any:
        return list(figures(self.home / "snapshots" / self.second))

    def first_snapshot(self) -> Any:
        return self._snapshot(self.first, None)

    def second_snapshot(self) -> Any:
        return self._snapshot(self.second, self.home / "snapshots" / self.first)

    def _snapshot(self, crawl: str, previous: Path | None) -> Any:
        archive = Archive(self.scratch / "archive" / crawl)
        _copy(self.home / "archive" / crawl, archive.folder)  # rows that are damaged are made again, there
        if archive.walk is None:
            raise HubGenealogyError("the walk goes on")  # as a crawl does where `walk.json` is not there yet
        folder = self.scratch / crawl
        manifest = build(archive, previous, folder)
        return repr(manifest), list(_hashes(folder))

    def resume(self) -> Any:
        archive = Archive(self.home / "archive" / self.third)
        pages = archive.pages()
        return next_url(self.client, pages, archive.crawl), pages, [archive.read(page) for page in pages]


def _copy(source: Path, target: Path) -> None:
    """Copy a folder with whatever is in it."""
    target.mkdir(parents=True)
    for path in source.iterdir():
        mode, there = path.lstat().st_mode, target / path.name
        if stat.S_ISDIR(mode):
            _copy(path, there)
        elif stat.S_ISREG(mode):
            shutil.copy2(path, there)
        elif stat.S_ISLNK(mode):
            there.symlink_to(path.readlink())
        else:
            os.mkfifo(there)


def _hashes(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.iterdir()):
        yield path.name, hashlib.sha256(path.read_bytes()).hexdigest()


def small(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A part of the sample that has parents of every kind in it."""
    return json.loads(json.dumps(records[:60]))  # type: ignore[no-any-return]  # JSON in, JSON out
