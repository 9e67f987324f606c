"""Forty nights of the real Hub, disturbed in every way at hand, seeded: the graph ends as the files say."""

import hashlib
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import neo4j
import pytest

from crawler.local.server import LocalServer
from demo.simulated_hub import SimulatedHub
from tests.support.program import Program
from tests.support.replays import edges_of, lines, pass_week

pytestmark = [pytest.mark.soak, pytest.mark.timeout(3 * 3600)]

SEED = 20251218
PARTS_A_WEEK = 4
FAULTS: dict[str, dict[str, Any]] = {
    "status": {"status": 503},
    "drop": {},
    "truncated": {},
    "html": {},
    "empty_body": {},
    "no_link": {},
    "same_page": {},
    "rate_limited": {"seconds": 1},
}


def kept(key: str) -> bool:
    """Whether a model is in the run: with `make soak SHARE=0.1`, one in ten is, chosen by its key."""
    return int(hashlib.sha256(key.encode()).hexdigest()[:8], 16) < float(os.environ.get("SOAK_SHARE") or 1) * 2**32


def parts(data: Path) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The ten weeks, each in four parts."""
    for week in range(1, 11):
        file = data / "replay" / f"week-{week:02d}.jsonl.gz"
        changes = [change for change in lines(file) if kept(change.get("_id") or change["record"]["_id"])]
        size = -(-len(changes) // PARTS_A_WEEK)
        for part in range(PARTS_A_WEEK):
            yield f"week {week}.{part + 1}", changes[part * size : (part + 1) * size]


class Night:
    """One night: a disturbance, and as many runs of the crawl as it takes."""

    def __init__(self, program: Program, hub: SimulatedHub, server: LocalServer, chance: random.Random) -> None:
        self.program, self.hub, self.server, self.chance = program, hub, server, chance
        self.seconds = 10.0  # what a crawl takes: a kill strikes anywhere in it
        self.disturbances: dict[str, Callable[[], None]] = {
            "nothing": lambda: None,
            "faults": self.faults,
            "kill -9": lambda: self.stop(signal.SIGKILL),
            "kill -9, twice": lambda: self.stop(signal.SIGKILL, times=2),
            "SIGTERM": lambda: self.stop(signal.SIGTERM),
            "database restarted before": self.restart,
            "database restarted within": self.restart_within,
        }

    def faults(self) -> None:
        for _ in range(self.chance.randint(1, 4)):
            kind = self.chance.choice(sorted(FAULTS))
            self.hub.fault(kind, at=self.chance.randint(1, 60), **FAULTS[kind])

    def stop(self, number: signal.Signals, times: int = 1) -> None:
        for _ in range(times):
            process = self.program.start("crawl")
            try:
                process.communicate(timeout=self.chance.uniform(0.5, self.seconds))
            except subprocess.TimeoutExpired:
                process.send_signal(number)
                process.communicate()

    def restart(self) -> None:
        self.server.stop()
        # It comes back on another port where something else took its own meanwhile.
        self.program = replace(self.program, connection=self.server.start())

    def restart_within(self) -> None:
        process = self.program.start("crawl")
        time.sleep(self.chance.uniform(0.5, self.seconds))
        self.restart()
        process.communicate(timeout=900)


def test_forty_disturbed_nights_end_in_the_graph_that_the_files_say(
    data: Path, server: LocalServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(SEED)
    baseline = data / "replay" / "baseline.jsonl.gz"
    records = {record["_id"]: record for record in lines(baseline) if kept(record["_id"])}
    with SimulatedHub(records.values()) as hub:
        settings = {
            "HF_ENDPOINT": hub.url,
            "HUB_GENEALOGY_SWEEP_MAX_VANISHED_SHARE": "0.5",
            "HUB_GENEALOGY_SWEEP_CONFIRM_SAMPLE": "20",
        }
        night = Night(Program(tmp_path / "home", server.start(), settings), hub, server, chance)
        night.program.crawl()
        nights = 0
        for name, changes in parts(data):
            hub.apply(changes)
            pass_week(records, changes)
            disturbance = chance.choice(sorted(night.disturbances))
            start = time.monotonic()
            night.disturbances[disturbance]()
            hub_log = len(hub.listing_requests())
            summary = night.program.crawl()
            night.seconds = 2 + sum(summary["seconds"].values())
            hub.heal()
            hub.forget_requests()
            nights += 1
            with capsys.disabled():
                print(
                    f"\n{name}, {disturbance}: {summary['models_seen']} seen, {summary['rows_written']} rows, "
                    f"{hub_log} requests before, {time.monotonic() - start:.0f} s",
                    end="",
                    flush=True,
                )
            assert summary["complete"] is True
            assert summary["models_seen"] == len(records)
        assert nights == 40
        connection = server.start()
        with (
            neo4j.GraphDatabase.driver(connection.uri, auth=(connection.username, connection.password)) as driver,
            driver.session() as session,
        ):
            listed = {tuple(r) for r in session.run("MATCH (m:Model {status: 'listed'}) RETURN m.key, m.id")}
            current = {
                tuple(r)
                for r in session.run(
                    "MATCH (c:Model {status: 'listed'})-[e:DERIVED_FROM {status: 'current'}]->(p) "
                    "RETURN c.id, p.id_lower, e.relation"
                )
            }
        assert listed == {(record["_id"], record["id"]) for record in records.values()}
        assert current == edges_of(records)
