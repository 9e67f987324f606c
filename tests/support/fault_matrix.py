"""One cell of the fault matrix: a small Hub that changes once, the program in this process, and what must come of it."""

import json
import logging
import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import neo4j
import pytest

from crawler.cli import main
from crawler.graph.connection import Connection
from demo.simulated_hub import SimulatedHub
from tests.support.small_hub import child, model

PAGE_SIZE = 20
PAGES = 3
# One after the other, ten minutes apart, the last one just now: a listing that ends early has an old tail.
APART = timedelta(minutes=10)


def born(created: datetime, number: int) -> dict[str, Any]:
    """The fields of a record that say when its model came to be."""
    time = f"{created:%Y-%m-%dT%H:%M:%S}.000Z"
    return {"_id": f"{int(created.timestamp()):08x}{number:016x}", "createdAt": time, "lastModified": time}


def records(now: datetime) -> list[dict[str, Any]]:
    """Sixty models: every fifth a parent, the others its children; three pages make a walk."""
    found: list[dict[str, Any]] = []
    for number in range(PAGES * PAGE_SIZE):
        parent = found[number // 5 * 5] if number % 5 else None
        name = f"owner{number % 7}/model-{number}"
        record = child(number, name, parent) if parent else model(number, name)
        found.append(record | born(now - APART * (PAGES * PAGE_SIZE - 1 - number), number))
    return found


def change(hub: SimulatedHub, now: datetime) -> str:
    """Let the Hub change as in a night, on each of its pages; return the key of the model that is gone."""
    keys = [record["_id"] for record in hub.records()]
    hub.rename(keys[5], "owner5/renamed")
    hub.update(keys[26], {"tags": ["gguf"], "baseModels": None, "cardData": {"license": "mit"}})
    hub.gate(keys[30])
    hub.delete(keys[47])
    hub.create(model(99, "owner1/new") | born(now, 99))
    return str(keys[47])


def page_of(listing: list[dict[str, Any]], page: int, *, poisoned: bool = False) -> bytes:
    """The bytes of a page; poisoned, one record in the middle of it is nested too deep for any reader."""
    on_it = [json.dumps(record).encode() for record in listing[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]]
    if poisoned:
        on_it[11] = on_it[11][:-1] + b',"widgetData":' + b"[" * 10_000 + b"]" * 10_000 + b"}"
    return b"[" + b",".join(on_it) + b"]"


@dataclass(frozen=True)
class Run:
    """How one run of the program ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Crawler:
    """The whole program, run in this process: its environment, its arguments, its two streams, its exit code."""

    environment: Mapping[str, str]
    capsys: pytest.CaptureFixture[str]

    @classmethod
    def of(cls, hub: SimulatedHub, home: Path, graph: Connection, capsys: pytest.CaptureFixture[str]) -> "Crawler":
        return cls(
            {
                "HF_ENDPOINT": hub.url,
                "HUB_GENEALOGY_HOME": str(home),
                "HUB_GENEALOGY_HUB_PAGE_SIZE": str(PAGE_SIZE),
                "NEO4J_URI": graph.uri,
                "NEO4J_USERNAME": graph.username,
                "NEO4J_PASSWORD": graph.password,
                "NEO4J_DATABASE": graph.database,
            },
            capsys,
        )

    def run(self, *arguments: str, **settings: str) -> Run:
        """Run one command; a traceback is never an answer."""
        self.capsys.readouterr()
        with _as_it_was(), pytest.MonkeyPatch.context() as patch:
            for name in os.environ:
                if name.startswith(("HUB_GENEALOGY_", "HF_", "NEO4J_")):
                    patch.delenv(name)
            for name, value in (dict(self.environment) | settings).items():
                patch.setenv(name, value)
            patch.setattr("sys.argv", ["hub-genealogy", *arguments])
            with pytest.raises(SystemExit) as end:
                main()
        out, err = self.capsys.readouterr()
        assert "Traceback" not in err, err
        return Run(int(end.value.code or 0), out, err)

    def facts(self) -> str:
        run = self.run("graph", "hash", "--facts")
        assert run.code == 0, run.err
        return run.out.strip()


@contextmanager
def _as_it_was() -> Iterator[None]:
    """The program sets up logs and signals as its own; afterwards they are the tests' again."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    signals = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        root.handlers = handlers
        root.setLevel(level)
        for number, handler in signals.items():
            signal.signal(number, handler)


def keys_by_status(driver: neo4j.Driver, database: str) -> dict[str, list[str]]:
    """The keys of all models in the graph, by their status; a model that is there twice stands twice."""
    with driver.session(database=database) as session:
        found = session.run("MATCH (m:Model) RETURN m.status AS status, m.key AS key ORDER BY key").data()
    return {status: [row["key"] for row in found if row["status"] == status] for status in ("listed", "gone", "absent")}
