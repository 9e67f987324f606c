"""A Hub that lives while it is walked: thousands of changes between pages, and nothing that was there throughout is missed."""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.graph.connection import Connection, Graph
from demo.simulated_hub import SimulatedHub
from tests.support.clocks import FakeClock, client_of, walked
from tests.support.fault_matrix import born, keys_by_status, program
from tests.support.small_hub import child, model

PAGE = 100
START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Churn:
    """What a Hub of so many models will go through; every change is drawn from the seed."""

    chance: random.Random
    models: int
    records: list[dict[str, Any]] = field(default_factory=list)
    untouched: set[str] = field(init=False)  # the keys of what is there throughout, renamed or not
    born: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for number in range(self.models):
            self.records.append(self._record(number))
        self.untouched = {record["_id"] for record in self.records}

    def _record(self, number: int) -> dict[str, Any]:
        parent = self.records[number // 2 % self.models] if number % 3 else None
        made = (
            child(number, f"o{number % 50}/m{number}", parent) if parent else model(number, f"o{number % 50}/m{number}")
        )
        return made | born(START + timedelta(minutes=number), number)

    def night(self, hub: SimulatedHub, *, pages: int, per_page: int, deletions: float) -> int:
        """Schedule `per_page` changes after each of so many pages; how many there are."""
        changes = 0
        for after in range(1, pages + 1):
            batch: list[dict[str, Any]] = []
            for _ in range(per_page):
                key = self.chance.choice(sorted(self.untouched))
                draw = self.chance.random()
                if draw < deletions:
                    self.untouched.discard(key)
                    batch.append({"op": "delete", "_id": key})
                elif draw < 0.4:
                    number = self.models + len(self.born)
                    record = self._record(number)
                    self.born.append(record["_id"])
                    batch.append({"op": "create", "record": record})
                elif draw < 0.6:
                    batch.append({"op": "rename", "_id": key, "to": f"renamed/{self.chance.getrandbits(64):x}"})
                else:
                    fields = {
                        "likes": self.chance.randrange(9),
                        "lastModified": f"2026-06-01T00:00:{after % 60:02}.000Z",
                    }
                    batch.append({"op": "update", "_id": key, "fields": fields})
            hub.apply(batch, after=after)
            changes += len(batch)
        return changes


@pytest.mark.parametrize("seed", range(4))
def test_a_walk_through_thousands_of_changes_misses_and_doubles_nothing(seed: int) -> None:
    churn = Churn(random.Random(seed), models=2500)
    with SimulatedHub(churn.records) as hub:
        assert churn.night(hub, pages=24, per_page=120, deletions=0.15) > 2500
        keys = walked_keys(hub)
        assert len(keys) == len(set(keys))
        assert churn.untouched <= set(keys)
        assert keys == sorted(keys)
        # What was born during the walk comes at its end, up to the last page's moment; the next walk has all of it.
        left = [record["_id"] for record in hub.records()]
        assert set(churn.born) - set(keys) <= {key for key in left if key > keys[-1]}
        assert walked_keys(hub) == left


def walked_keys(hub: SimulatedHub) -> list[str]:
    hub.forget_requests()
    clock = FakeClock()
    names = walked(client_of(hub, clock), limit=PAGE)
    keys = [key for request in hub.listing_requests() for key in request.page_ids]
    assert len(keys) == len(names)
    assert clock.slept == []
    return keys


def test_three_crawls_of_a_changing_hub_retire_what_is_gone_and_nothing_else(
    hub: SimulatedHub, opened_graph: Graph, empty_graph: Connection, tmp_path: Path
) -> None:
    churn = Churn(random.Random(1), models=1000)
    hub.begin_anew(churn.records)
    settings = {"HUB_GENEALOGY_SWEEP_MAX_TAIL_AGE": "off", "HUB_GENEALOGY_SWEEP_MAX_VANISHED_SHARE": "0.05"}
    crawler = program(hub, tmp_path, empty_graph, PAGE).with_settings(**settings)
    ever: set[str] = set()
    for _night in range(3):
        churn.night(hub, pages=9, per_page=100, deletions=0.02)
        crawler.crawl()
        now = {record["_id"] for record in hub.records()}
        held = keys_by_status(opened_graph)
        assert len(held["listed"]) == len(set(held["listed"]))
        assert churn.untouched <= set(held["listed"])
        assert not set(held["gone"]) & now
        assert ever <= {*held["listed"], *held["gone"]}
        ever |= {*held["listed"]}
    crawler.crawl()
    held = keys_by_status(opened_graph)
    # Absent is a parent that was deleted before any crawl could see it, and that a child still names.
    assert (held["listed"], held["gone"]) == (sorted(now), sorted(ever - now))
