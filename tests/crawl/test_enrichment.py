"""Nights in which the Hub is asked which files hold the weights of single models: in which order, how often, how many."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from crawler.graph.connection import Connection
from crawler.hub.archive import Archive
from demo.simulated_hub import SimulatedHub
from tests.support.asking import asked_for_files, asked_in_a_night
from tests.support.program import Program
from tests.support.small_hub import BASE, child, hub_id, model

SHA256 = "ab" * 32
NAMES = ("org/first", "org/second", "org/third", "org/fourth", "org/fifth")


def holder(number: int, name: str, **fields: Any) -> dict[str, Any]:
    """A model that declares nothing and has weights; the greater its number, the more downloads it has."""
    siblings = [
        {"rfilename": "README.md", "size": 9, "blobId": "r"},
        {"rfilename": "model.safetensors", "size": 1 << 30, "blobId": "m", "lfs": {"sha256": SHA256, "size": 1 << 30}},
    ]
    record = {"tags": ["safetensors"], "downloads": number, "sha": f"{number:040x}", "siblings": siblings}
    return model(number, name, **record | fields)


HOLDERS = [holder(20 - place, name) for place, name in enumerate(NAMES)]
# The first of these has no weights, and is not asked about. The second declares a parent, and is asked about last.
OTHERS = [BASE, child(2, "tuner/one", BASE) | {"tags": ["safetensors", "base_model:Maker/base"], "downloads": 10**6}]


@pytest.fixture
def hub() -> Iterator[SimulatedHub]:
    with SimulatedHub([*OTHERS, *HOLDERS]) as running:
        yield running


@pytest.fixture
def nights(hub: SimulatedHub, empty_graph: Connection, tmp_path: Path) -> Program:
    settings = {
        "HF_ENDPOINT": hub.url,
        "HUB_GENEALOGY_ENRICH_FILES": "2",
        "HUB_GENEALOGY_HUB_PATIENCE": "1s",
        "HUB_GENEALOGY_KEEP_ARCHIVES": "9",
        "HUB_GENEALOGY_POPULARITY_CADENCE": "sweep",
    }
    return Program(tmp_path / "home", empty_graph, settings)


def night(nights: Program, hub: SimulatedHub) -> list[str]:
    """Crawl once; return the names of the models whose files the Hub was asked for, in the order of the questions."""
    return asked_in_a_night(nights, hub, asked_for_files)


def enriched(nights: Program) -> set[tuple[Any, ...]]:
    """(model, status, revision) of the newest snapshot."""
    last = max((nights.home / "snapshots").iterdir())
    with duckdb.connect() as db:
        found = db.read_parquet(str(last / "enriched.parquet")).select("model", "topic", "status", "revision")
        rows = found.fetchall()
    assert {row[1] for row in rows} <= {"files"}
    return {(row[0], *row[2:]) for row in rows}


def test_nights_ask_for_the_files_of_each_model_once_by_downloads(nights: Program, hub: SimulatedHub) -> None:
    asked = [night(nights, hub) for _ in range(4)]
    assert asked == [list(NAMES[:2]), list(NAMES[2:4]), [NAMES[4], "tuner/one"], []]
    assert enriched(nights) == {(one["_id"], 200, one.get("sha")) for one in (OTHERS[1], *HOLDERS)}


def test_the_archive_holds_the_hashes_of_the_weights(nights: Program, hub: SimulatedHub) -> None:
    night(nights, hub)
    [archive] = [Archive(folder) for folder in (nights.home / "archive").iterdir()]
    found = [(a.name, a.revision, [(w.name, w.size, w.sha256) for w in a.weights]) for a in archive.details()]
    weights = [("model.safetensors", 1 << 30, SHA256)]
    assert found == [(one["id"], one["sha"], weights) for one in HOLDERS[:2]]


def test_a_model_that_changed_is_asked_for_again(nights: Program, hub: SimulatedHub) -> None:
    for _ in range(3):
        night(nights, hub)
    hub.update("org/third", {"sha": "f" * 40, "lastModified": "2024-05-01T00:00:00.000Z"})
    assert night(nights, hub) == ["org/third"]
    assert (hub_id(18), 200, "f" * 40) in enriched(nights)
    assert night(nights, hub) == []


def test_an_outage_leaves_the_rest_for_another_night(nights: Program, hub: SimulatedHub) -> None:
    hub.fault("status", status=503, target="detail", times=None)
    assert set(night(nights, hub)) == set(NAMES[:2])
    assert {status for _, status, _ in enriched(nights)} == {0}
    hub.heal()
    # Those that gave no answer come after the others.
    assert [night(nights, hub) for _ in range(4)] == [
        list(NAMES[2:4]),
        [NAMES[4], NAMES[0]],
        [NAMES[1], "tuner/one"],
        [],
    ]


def test_models_of_open_cases_are_asked_for_first(nights: Program, hub: SimulatedHub) -> None:
    night(nights, hub)
    opened = nights.run(
        "case", "open", "Maker/base", "--right", "erasure", "--received", "2024-05-01", "--reference", "R"
    )
    assert opened.code == 0, opened.err
    assert set(night(nights, hub)) == {"Maker/base", "tuner/one"}
    assert night(nights, hub) == list(NAMES[2:4])


def test_a_night_that_is_off_asks_for_none(nights: Program, hub: SimulatedHub) -> None:
    assert night(nights.with_settings(HUB_GENEALOGY_ENRICH_FILES="0"), hub) == []
