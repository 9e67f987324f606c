"""A night with the settings of a fresh installation: cards, files and owners are asked for after the walk."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.graph.connection import Connection
from demo.simulated_hub import SimulatedHub
from tests.support.program import UNENRICHED, Program
from tests.support.small_hub import BASE, model

MAKER = BASE | {"tags": ["safetensors"], "downloads": 9, "sha": "b" * 40}
TUNED = model(11, "org/tuned", cardData={"tags": ["x"]}, sha="c" * 40)
COPY = model(12, "org/copy", tags=["safetensors"], sha="d" * 40)
WEIGHTS = {"rfilename": "model.safetensors", "size": 1 << 30, "lfs": {"sha256": "ab" * 32, "size": 1 << 30}}


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[SimulatedHub]:
    card = tmp_path / "cards" / TUNED["id"] / "README.md"
    card.parent.mkdir(parents=True)
    card.write_text(
        "This model is a fine-tuned version of [Maker/base](https://huggingface.co/Maker/base).", encoding="utf-8"
    )
    owners = tmp_path / "owners.json"
    owners.write_text('{"Maker": {"isVerified": true}}', encoding="utf-8")
    models = [MAKER | {"siblings": [WEIGHTS]}, TUNED, COPY | {"siblings": [WEIGHTS]}]
    with SimulatedHub(models, cards=tmp_path / "cards", owners=owners) as running:
        yield running


@pytest.fixture
def fresh(hub: SimulatedHub, empty_graph: Connection, tmp_path: Path) -> Program:
    return Program(tmp_path / "home", empty_graph, {"HF_ENDPOINT": hub.url, **dict.fromkeys(UNENRICHED, "")})


def asked(hub: SimulatedHub) -> tuple[set[str], set[str], set[str]]:
    """What the Hub was asked for: cards, files, owners."""
    owners = {one.path.removeprefix("/api/").removesuffix("/overview") for one in hub.owner_requests()}
    cards = {one.path.removesuffix("/resolve/main/README.md")[1:] for one in hub.card_requests()}
    files = {one.path.removeprefix("/api/models/") for one in hub.requests() if one.query == "blobs=true"}
    return cards, files, owners


def test_a_fresh_installation_finds_the_parents_that_cards_name_and_the_copies_that_files_show(
    fresh: Program, hub: SimulatedHub
) -> None:
    fresh.crawl()
    assert asked(hub) == (
        {"Maker/base", "org/tuned", "org/copy"},
        {"Maker/base", "org/copy"},
        {"organizations/Maker", "organizations/org", "users/org"},
    )
    rows = fresh.run("query", "impact", "--model", "Maker/base", "--format", "json").json()
    assert {(row["id"], row["class"], row["certainty"]) for row in rows} == {
        ("org/tuned", "retrained", "declared_by_author"),
        ("org/copy", "same_weights", "observed_in_files"),
    }
    status = fresh.run("status").out
    assert "at most 3,000 more in each crawl" in status
    assert "at most 500 more in each crawl" in status


def test_the_night_after_asks_for_nothing_that_is_known(fresh: Program, hub: SimulatedHub) -> None:
    fresh.crawl()
    hub.forget_requests()
    fresh.crawl()
    assert asked(hub) == (set(), set(), set())


def test_a_dry_run_says_what_a_crawl_would_ask_for_and_does_not_ask(fresh: Program, hub: SimulatedHub) -> None:
    dry = fresh.run("crawl", "--dry-run")
    assert dry.code == 0, dry.err
    assert asked(hub) == (set(), set(), set())
    assert [message for message in dry.messages if "would ask" in message] == [
        "a crawl would ask the Hub 2 questions more (files), with at most 2 requests",
        "a crawl would ask the Hub 3 questions more (card), with at most 6 requests",
        "a crawl would ask the Hub 2 questions more (owner), with at most 4 requests",
    ]
