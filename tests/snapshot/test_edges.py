"""Edges: evidence is added up, claims are kept, and time leaves its marks instead of holes."""

from typing import Any

import pytest

from crawler.records.evidence import certainty_of
from tests.support.sweeps import Sweeps, at, child, record, resolved

TIMES = ("child", "parent", "status", "first_seen", "withdrawn_at", "absences")
PARENT = record("k1", "org/parent")


def test_an_edge_that_is_declared_no_more_is_withdrawn_and_may_come_back(hub: Sweeps) -> None:
    declares, silent = child("k2", "org/child", "org/parent"), record("k2", "org/child")
    hub.sweep([PARENT, declares])
    hub.sweep([PARENT, silent])
    assert hub.rows("edges", *TIMES) == {("k2", "k1", "withdrawn", at(1), at(2), None)}
    assert (hub.changes.edges_added, hub.changes.edges_withdrawn) == (0, 1)
    hub.sweep([PARENT, silent])
    assert hub.changes.rows_written == 0
    hub.sweep([PARENT, declares])
    assert hub.rows("edges", *TIMES) == {("k2", "k1", "current", at(1), None, (at(2), at(4)))}
    assert (hub.changes.edges_added, hub.changes.edges_withdrawn) == (1, 0)
    hub.sweep([PARENT, silent])
    hub.sweep([PARENT, declares])
    assert hub.rows("edges", *TIMES) == {("k2", "k1", "current", at(1), None, (at(2), at(4), at(5), at(6)))}


def test_a_withdrawn_edge_keeps_what_was_said_of_it(hub: Sweeps) -> None:
    hub.sweep([PARENT, child("k2", "org/child", "org/parent", card_base_model_relation="merge")])
    said = hub.rows("edges", "relation", "sources", "declared_as")
    hub.sweep([PARENT, record("k2", "org/child")])
    assert said == hub.rows("edges", "relation", "sources", "declared_as") == {("merge", ("card",), ("org/parent",))}


def test_a_gone_childs_edges_stay_current(hub: Sweeps) -> None:
    hub.sweep([PARENT, child("k2", "org/child", "org/parent")])
    hub.sweep([PARENT])
    assert hub.rows("edges", *TIMES) == {("k2", "k1", "current", at(1), None, None)}
    assert hub.changes.rows["derived_from"] == {"put": 0, "del": 0}


def test_a_child_that_comes_back_was_away_for_a_time_and_its_edges_were_not(hub: Sweeps) -> None:
    hub.sweep([PARENT, child("k2", "org/child", "org/parent")])
    hub.sweep([PARENT])
    hub.sweep([PARENT, child("k2", "org/child", "org/parent")])
    assert hub.rows("models", "key", "status", "gone_at", "gone_reason", "absences", "listed_at") == {
        ("k1", "listed", None, None, None, at(1)),
        ("k2", "listed", None, None, (at(2), at(3)), at(1)),
    }
    assert hub.rows("edges", *TIMES) == {("k2", "k1", "current", at(1), None, None)}


def test_a_child_that_comes_back_without_its_declaration_withdraws_it(hub: Sweeps) -> None:
    hub.sweep([PARENT, child("k2", "org/child", "org/parent")])
    hub.sweep([PARENT])
    hub.sweep([PARENT, record("k2", "org/child")])
    assert hub.rows("edges", *TIMES) == {("k2", "k1", "withdrawn", at(1), at(3), None)}


def test_a_gone_parent_is_still_the_parent(hub: Sweeps) -> None:
    hub.sweep([PARENT, child("k2", "org/child", "org/parent")])
    hub.sweep([child("k2", "org/child", "org/parent")])
    assert hub.rows("models", "key", "status", "gone_at", "gone_reason") == {
        ("k1", "gone", at(2), "unknown"),
        ("k2", "listed", None, None),
    }
    assert hub.edges() == {("k2", "k1", "current")}


def test_a_parent_made_anew_under_its_name_is_another_model_and_not_the_one_that_was_declared(hub: Sweeps) -> None:
    declares = child("k2", "org/child", "org/parent")
    hub.sweep([PARENT, declares])
    hub.sweep([declares])
    hub.sweep([declares, record("k3", "org/parent")])
    assert hub.models() == {
        ("k1", "org/parent", "gone"), ("k2", "org/child", "listed"), ("k3", "org/parent", "listed"),
    }  # fmt: skip
    assert hub.rows("edges", *TIMES) == {("k2", "k1", "current", at(1), None, None)}
    assert hub.rows("edges", "parent", "step", "name_doubt") == {("k1", "first_meaning", "reused")}


def test_a_relation_that_changes_changes_the_edge_in_place(hub: Sweeps) -> None:
    hub.sweep([PARENT, record("k2", "org/child", tags=["base_model:finetune:org/parent"])])
    hub.sweep([PARENT, record("k2", "org/child", tags=["base_model:quantized:org/parent"])])
    assert hub.rows("edges", "relation", "status", "first_seen", "absences") == {("quantized", "current", at(1), None)}
    assert (hub.changes.edges_added, hub.changes.edges_changed, hub.changes.edges_withdrawn) == (0, 1, 0)


HUB = {"baseModels": resolved("finetune", ("k1", "org/parent"))}
TAG = {"tags": ["base_model:org/parent", "base_model:quantized:org/parent"]}
CARD = {"cardData": {"base_model": "org/parent", "base_model_relation": "merge"}}
PEFT = {"config": {"peft": {"base_model_name_or_path": "org/parent"}}}
BARE = {"cardData": {"base_model": "org/parent"}}


@pytest.mark.parametrize(
    ("fields", "relation", "sources", "claims"),
    [
        pytest.param(BARE, "unknown", ("card",), None, id="nobody says"),
        pytest.param(BARE | PEFT, "adapter", ("card", "adapter_config"), None, id="an adapter's configuration"),
        pytest.param(
            CARD | PEFT, "merge", ("card", "adapter_config"), ("adapter_config:adapter",), id="the card first"
        ),
        pytest.param(TAG | CARD, "quantized", ("tag", "card"), ("card:merge",), id="the typed tag before the card"),
        pytest.param(
            HUB | TAG | CARD | PEFT,
            "finetune",
            ("hub", "tag", "card", "adapter_config"),
            ("adapter_config:adapter", "card:merge", "tag:quantized"),
            id="the Hub before all, and all are kept",
        ),
        pytest.param(
            {"baseModels": {"relation": None, "models": [{"_id": "k1", "id": "org/parent"}]}} | TAG,
            "quantized",
            ("hub", "tag"),
            None,
            id="a Hub that gives none leaves it to the tag",
        ),
        pytest.param(
            {"cardData": {"base_model": "org/parent", "base_model_relation": "distillation"}},
            "unknown",
            ("card",),
            ("card:distillation",),
            id="a relation of one's own is a claim",
        ),
        pytest.param(
            {"tags": ["base_model:merge:org/parent", "base_model:adapter:org/parent"]},
            "adapter",
            ("tag",),
            ("tag:merge",),
            id="of two tags, the one that holds more of the weights",
        ),
    ],
)
def test_sources_add_up_and_the_most_trusted_relation_wins(
    hub: Sweeps, fields: dict[str, Any], relation: str, sources: tuple[str, ...], claims: tuple[str, ...] | None
) -> None:
    hub.sweep([PARENT, record("k2", "org/child", **fields)])
    assert hub.rows("edges", "child", "parent", "relation", "sources", "claims") == {
        ("k2", "k1", relation, sources, claims)
    }
    assert hub.rows("edges", "certainty") == {(certainty_of(sources),)}


def test_every_spelling_of_one_parent_is_kept_on_its_edge(hub: Sweeps) -> None:
    url = "https://huggingface.co/org/parent"
    hub.sweep([PARENT, child("k2", "org/child", url, "ORG/PARENT", "org/parent@main")])
    assert hub.rows("edges", "parent", "declared_as") == {("k1", ("ORG/PARENT", url, "org/parent@main"))}


def test_self_links_and_cycles_are_facts_and_stay(hub: Sweeps) -> None:
    records = [
        child("k1", "org/self", "org/self"),
        child("k2", "org/this", "org/that"),
        child("k3", "org/that", "org/this"),
    ]
    hub.sweep(records)
    hub.sweep(records)
    assert hub.edges() == {("k1", "k1", "current"), ("k2", "k3", "current"), ("k3", "k2", "current")}
    assert hub.changes.rows_written == 0


def test_a_model_that_names_itself_before_it_is_listed_under_that_name(hub: Sweeps) -> None:
    hub.sweep([child("k1", "org/old", "org/new")])
    hub.sweep([child("k1", "org/new", "org/new")])
    assert hub.rows("edges", *TIMES) == {("k1", "k1", "current", at(1), None, None)}
    assert hub.models() == {("k1", "org/new", "listed")}
