"""Nights in which the Hub is asked for the cards of single models: what their text says becomes links."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from crawler.graph.connection import Connection
from demo.simulated_hub import SimulatedHub
from tests.support.asking import asked_for_cards, asked_in_a_night, links
from tests.support.program import Program
from tests.support.small_hub import BASE, child, model

TRAINER = (
    "This model is a fine-tuned version of [Maker/base](https://huggingface.co/Maker/base) on an unknown dataset.\n"
)
PLAIN = "# A model\n\nNobody says what it was made from.\n"


def silent(number: int, name: str, **fields: Any) -> dict[str, Any]:
    """A model that declares nothing and has a card; the smaller its number, the more downloads it has."""
    return model(
        number, name, **{"downloads": 1000 - number, "sha": f"{number:040x}", "cardData": {"tags": ["x"]}} | fields
    )


TUNED, OTHER, CARDLESS = silent(11, "org/tuned"), silent(12, "org/other"), silent(13, "org/none", cardData=None)
DECLARED = child(14, "org/declared", BASE) | {"sha": "d" * 40, "downloads": 10**6}


@pytest.fixture
def cards(tmp_path: Path) -> Path:
    folder = tmp_path / "cards"
    for name, text in (("org/tuned", TRAINER), ("org/other", PLAIN), ("org/declared", TRAINER), ("Maker/base", PLAIN)):
        written(folder, name, text.encode())
    return folder


def written(folder: Path, name: str, body: bytes) -> None:
    (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / name / "README.md").write_bytes(body)


@pytest.fixture
def hub(cards: Path) -> Iterator[SimulatedHub]:
    base = BASE | {"sha": "b" * 40, "cardData": {"tags": ["x"]}}
    with SimulatedHub([base, TUNED, OTHER, CARDLESS, DECLARED], cards=cards) as running:
        yield running


@pytest.fixture
def nights(hub: SimulatedHub, empty_graph: Connection, tmp_path: Path) -> Program:
    settings = {
        "HF_ENDPOINT": hub.url,
        "HUB_GENEALOGY_ENRICH_CARDS": "2",
        "HUB_GENEALOGY_HUB_PATIENCE": "1s",
        "HUB_GENEALOGY_HUB_TIMEOUT": "2s",
    }
    return Program(tmp_path / "home", empty_graph, settings)


def night(nights: Program, hub: SimulatedHub) -> list[str]:
    """Crawl once; return the names of the models whose card the Hub was asked for, in the order of the questions."""
    return asked_in_a_night(nights, hub, asked_for_cards)


def test_nights_ask_for_each_card_once_what_declares_nothing_first_and_what_has_no_card_last(
    nights: Program, hub: SimulatedHub
) -> None:
    asked = [night(nights, hub) for _ in range(4)]
    assert asked == [["org/tuned", "org/other"], ["Maker/base", "org/declared"], ["org/none"], []]
    assert links(nights, "org/tuned") == {("Maker/base", "finetune", "declared_by_author", "current")}
    assert links(nights, "org/other") == set()
    said = nights.run("status").out
    assert "those of 5 models are known as they are today; at most 2 more in each crawl" in said
    assert not list((nights.home / "archive").rglob("*README*"))
    coverage = {row["measure"]: row["models"] for row in nights.run("query", "coverage", "--format", "json").json()}
    assert (coverage["with_parent"], coverage["with_undeclared_parent"], coverage["with_known_card"]) == (2, 1, 5)


def test_a_text_that_names_the_declared_parent_is_evidence_beside_the_declaration(
    nights: Program, hub: SimulatedHub
) -> None:
    for _ in range(2):
        night(nights, hub)
    rows = nights.run("lineage", "org/declared", "--format", "json").json()
    assert {(row["parent"], row["source"]) for row in rows} >= {("Maker/base", "card_text")}
    assert {(parent, status) for parent, _, _, status in links(nights, "org/declared")} == {("Maker/base", "current")}


def test_a_card_that_changes_is_read_again_and_a_sentence_taken_back_is_withdrawn(
    nights: Program, hub: SimulatedHub, cards: Path
) -> None:
    for _ in range(3):
        night(nights, hub)
    written(cards, "org/tuned", PLAIN.encode())
    assert night(nights, hub) == []
    hub.update(TUNED["_id"], {"sha": "e" * 40})
    assert night(nights, hub) == ["org/tuned"]
    assert links(nights, "org/tuned") == set()
    before = nights.run("graph", "hash").out
    assert nights.run("rebuild").code == 0
    assert nights.run("graph", "hash").out == before


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(bytes(range(256)) * 400, id="noise"),
        pytest.param(TRAINER.encode("utf-16"), id="utf-16"),
        pytest.param(TRAINER.encode() + b"x" * (20 << 20), id="20 MB"),
        pytest.param(b"---\n" + b"key: value\n" * 1000 + b"\n" + TRAINER.encode(), id="front matter without an end"),
        pytest.param(b"", id="empty"),
    ],
)
def test_a_strange_card_costs_the_crawl_nothing(nights: Program, hub: SimulatedHub, cards: Path, body: bytes) -> None:
    written(cards, "org/tuned", body)
    assert night(nights, hub) == ["org/tuned", "org/other"]
    says_it = b"fine-tuned version" in body or body.startswith(b"\xff\xfe")
    assert {parent for parent, *_ in links(nights, "org/tuned")} == ({"Maker/base"} if says_it else set())
    assert night(nights, hub) == ["Maker/base", "org/declared"]


def test_an_outage_of_the_cards_leaves_them_for_the_next_night_and_the_walk_whole(
    nights: Program, hub: SimulatedHub
) -> None:
    hub.fault("status", target="card", times=None, status=503)
    assert set(night(nights, hub)) == {"org/tuned", "org/other"}
    hub.heal()
    assert night(nights, hub) == ["Maker/base", "org/declared"]  # what gave no answer comes after the others
    assert night(nights, hub) == ["org/tuned", "org/other"]


def test_a_card_on_another_host_is_not_fetched_from_there(nights: Program, hub: SimulatedHub) -> None:
    with SimulatedHub() as elsewhere:
        hub.fault(
            "status",
            target="card",
            times=None,
            status=302,
            headers={"Location": f"{elsewhere.url}/org/tuned/README.md"},
        )
        with_token = nights.with_settings(HF_TOKEN="hf_secret")
        assert night(with_token, hub) == ["org/tuned", "org/other"]
        assert elsewhere.requests() == []
    hub.heal()
    assert night(nights, hub) == ["Maker/base", "org/declared"]  # the answer is known until the card changes


def test_a_renamed_model_is_asked_for_again_by_its_new_name(nights: Program, hub: SimulatedHub) -> None:
    # As if it had been renamed after the walk had read its name.
    hub.fault("status", target="card", status=307, headers={"Location": "/org/renamed/resolve/main/README.md"})
    assert night(nights.with_settings(HUB_GENEALOGY_ENRICH_CARDS="1"), hub) == ["org/tuned"]
    hub.rename(TUNED["_id"], "org/renamed")
    assert night(nights, hub) == ["org/other", "Maker/base"]
    assert night(nights, hub) == ["org/declared", "org/renamed"]


def test_a_used_up_window_of_cards_is_waited_for_and_holds_nothing_else_up(nights: Program, hub: SimulatedHub) -> None:
    hub.set_quota(1000, resolvers=3, window=3)
    assert night(nights, hub) == ["org/tuned", "org/other"]
    assert [one.status for one in hub.requests() if one.status == 429] == []


def test_without_a_budget_no_card_is_asked_for(nights: Program, hub: SimulatedHub) -> None:
    assert night(nights.with_settings(HUB_GENEALOGY_ENRICH_CARDS="0"), hub) == []


def test_the_archive_holds_what_was_read_and_by_which_version(nights: Program, hub: SimulatedHub) -> None:
    night(nights, hub)
    [file] = (nights.home / "archive").rglob("details.jsonl")
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [(line["name"], line["reader"], [one["target"] for one in line["said"]]) for line in lines] == [
        ("org/tuned", 1, ["Maker/base"]),
        ("org/other", 1, []),
    ]
    last = max((nights.home / "snapshots").iterdir())
    with duckdb.connect() as db:
        rows = db.read_parquet(str(last / "enriched.parquet")).select("model", "topic", "status", "reader").fetchall()
    assert set(rows) == {(one["_id"], "card", 200, 1) for one in (TUNED, OTHER)}
