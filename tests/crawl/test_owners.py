"""Nights in which the Hub is asked what the owners of models are."""

import json
from collections.abc import Iterator
from pathlib import Path

import neo4j
import pytest

from crawler.graph.connection import Connection
from demo.simulated_hub import SimulatedHub
from tests.support.program import Program
from tests.support.small_hub import BASE, child, model

MODELS = [
    BASE,
    child(11, "org/tuned", BASE) | {"downloads": 9},
    model(12, "ann/own", downloads=5),
    model(13, "lost/own", downloads=1),
]
KNOWN = {"Maker": {"isVerified": True}, "org": {"isVerified": False}, "ann": {"fullname": "Ann Example", "isPro": True}}


@pytest.fixture
def owners(tmp_path: Path) -> Path:
    file = tmp_path / "owners.json"
    file.write_text(json.dumps(KNOWN), encoding="utf-8")
    return file


@pytest.fixture
def hub(owners: Path) -> Iterator[SimulatedHub]:
    with SimulatedHub(MODELS, owners=owners) as running:
        yield running


@pytest.fixture
def nights(hub: SimulatedHub, empty_graph: Connection, tmp_path: Path) -> Program:
    settings = {
        "HF_ENDPOINT": hub.url,
        "HUB_GENEALOGY_ENRICH_OWNERS": "2",
        "HUB_GENEALOGY_HUB_PATIENCE": "1s",
    }
    return Program(tmp_path / "home", empty_graph, settings)


def night(nights: Program, hub: SimulatedHub) -> list[str]:
    """Crawl once; return what the Hub was asked about owners."""
    hub.forget_requests()
    result = nights.run("crawl")
    assert result.code == 0, result.err
    return [one.path.removeprefix("/api/").removesuffix("/overview") for one in hub.owner_requests()]


def kinds(connection: Connection) -> set[tuple[str, str | None, bool | None]]:
    with (
        neo4j.GraphDatabase.driver(connection.uri, auth=(connection.username, connection.password)) as driver,
        driver.session(database=connection.database) as session,
    ):
        found = session.run("MATCH (o:Owner) RETURN o.name, o.kind, o.verified")
        return {(name, kind, verified) for name, kind, verified in found}


def test_each_owner_is_asked_about_once_those_of_followed_models_first(
    nights: Program, hub: SimulatedHub, empty_graph: Connection
) -> None:
    asked = [night(nights, hub) for _ in range(3)]
    assert asked == [
        ["organizations/Maker", "organizations/org"],
        ["organizations/ann", "users/ann", "organizations/lost", "users/lost"],
        [],
    ]
    assert kinds(empty_graph) == {
        ("Maker", "organisation", True),
        ("org", "organisation", False),
        ("ann", "person", None),
        ("lost", None, None),
    }
    rows = nights.run("query", "top_owners", "--format", "json").json()
    assert {(row["owner"], row["owner_kind"]) for row in rows} == {("Maker", "organisation")}
    before = nights.run("graph", "hash").out
    assert nights.run("rebuild").code == 0
    assert nights.run("graph", "hash").out == before


def test_nothing_else_of_a_person_is_kept(nights: Program, hub: SimulatedHub) -> None:
    night(nights, hub)
    night(nights, hub)
    [answer] = [
        json.loads(line)
        for file in sorted((nights.home / "archive").rglob("details.jsonl"))
        for line in file.read_text(encoding="utf-8").splitlines()
        if json.loads(line)["name"] == "ann"
    ]
    assert answer["publisher"] == {"kind": "person", "verified": None}
    assert "Ann Example" not in json.dumps(answer)


def test_an_answer_that_decides_nothing_leaves_what_is_known_and_is_asked_for_again(
    nights: Program, hub: SimulatedHub, empty_graph: Connection
) -> None:
    hub.fault("status", target="detail", times=None, status=403)
    assert night(nights, hub) == ["organizations/Maker", "organizations/org"]
    hub.heal()
    assert ("Maker", None, None) in kinds(empty_graph)
    assert night(nights, hub) == ["organizations/ann", "users/ann", "organizations/lost", "users/lost"]
    assert night(nights, hub) == ["organizations/Maker", "organizations/org"]
    assert ("Maker", "organisation", True) in kinds(empty_graph)


def test_without_a_budget_nobody_is_asked_about(nights: Program, hub: SimulatedHub) -> None:
    assert night(nights.with_settings(HUB_GENEALOGY_ENRICH_OWNERS="0"), hub) == []
