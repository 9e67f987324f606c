"""Nights that end while cards are asked for: no answer is lost, and only what was on its way is asked for again."""

import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.graph.connection import Connection
from crawler.hub.archive import Archive
from crawler.questions.question import CARD
from demo.simulated_hub import SimulatedHub
from tests.support.program import Program, wait_for
from tests.support.small_hub import BASE, model

NAMES = [f"org/m{number}" for number in range(40)]


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[SimulatedHub]:
    for name in NAMES:
        (tmp_path / "cards" / name).mkdir(parents=True)
        text = "This model is a fine-tuned version of [Maker/base](https://huggingface.co/Maker/base).\n"
        (tmp_path / "cards" / name / "README.md").write_text(text, encoding="utf-8")
    models = [
        model(11 + place, name, sha=f"{place:040x}", downloads=1000 - place, cardData={"tags": ["x"]})
        for place, name in enumerate(NAMES)
    ]
    with SimulatedHub([BASE, *models], cards=tmp_path / "cards") as running:
        yield running


@pytest.fixture
def nights(hub: SimulatedHub, empty_graph: Connection, tmp_path: Path) -> Program:
    settings = {"HF_ENDPOINT": hub.url, "HUB_GENEALOGY_ENRICH_CARDS": str(len(NAMES))}
    return Program(tmp_path / "home", empty_graph, settings)


def asked(hub: SimulatedHub) -> list[str]:
    return [one.path.removeprefix("/").removesuffix("/resolve/main/README.md") for one in hub.card_requests()]


def stalled(nights: Program, hub: SimulatedHub) -> subprocess.Popen[str]:
    """A crawl that waits for a card, and for the others that are on their way with it."""
    hub.fault("stall", target="card", at=25, times=None, seconds=30)
    process = nights.start("crawl")
    wait_for(process, lambda: any(one.faults for one in hub.requests()))
    time.sleep(0.5)  # the others come, too
    return process


@pytest.mark.parametrize("times", [1, 2])
def test_a_killed_crawl_asks_again_for_the_cards_that_were_on_their_way_and_for_no_others(
    nights: Program, hub: SimulatedHub, times: int
) -> None:
    before: list[str] = []
    for _ in range(times):
        hub.forget_requests()
        process = stalled(nights, hub)
        process.kill()
        process.communicate()
        before += asked(hub)
        hub.heal()
    [archive] = [Archive(folder) for folder in (nights.home / "archive").iterdir()]
    stored = [answer.name for answer in archive.details()]
    assert stored == NAMES[: len(stored)]
    hub.forget_requests()
    assert nights.run("crawl").code == 0
    again = asked(hub)
    # The killed crawl is finished first; the budget of the next one reaches the base, too.
    assert sorted(again) == sorted([*NAMES[len(stored) :], "Maker/base"])
    assert len(before) + len(again) <= len(NAMES) + 1 + times * CARD.at_once
    rows = nights.run("query", "impact", "--model", "Maker/base", "--format", "json").json()
    assert {row["id"] for row in rows} == set(NAMES)


def test_a_signal_is_no_missing_answer_and_stops_the_questions(nights: Program, hub: SimulatedHub) -> None:
    process = stalled(nights, hub)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 128 + signal.SIGTERM, said
    assert "finished work is kept" in said
    assert "gives no answer" not in said
    [archive] = [Archive(folder) for folder in (nights.home / "archive").iterdir()]
    stored = [(answer.name, answer.detail.status) for answer in archive.details()]
    assert stored == [(name, 200) for name in NAMES[: len(stored)]]
    hub.heal()
    assert nights.run("crawl").code == 0
    rows = nights.run("query", "impact", "--model", "Maker/base", "--format", "json").json()
    assert {row["id"] for row in rows} == set(NAMES)
