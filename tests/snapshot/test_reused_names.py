"""A declaration means what it meant when it was made, whoever registers the name later ("model namespace reuse")."""

import pytest

from tests.support.sweeps import Record, Sweeps, child, record, resolved

TOOTH = "DentalAI/tooth"
DECLARES = child("k04", "clinic/tooth-ft", TOOTH, tags=[f"base_model:{TOOTH}", f"base_model:finetune:{TOOTH}"])
# What happens to the first bearer of the name.
RENAMED, DELETED = [record("k03", "MedCorp/tooth")], list[Record]()
LINKS = ("parent", "sources", "status", "step", "name_doubt")


@pytest.mark.parametrize("first_bearer", [pytest.param(RENAMED, id="renamed"), pytest.param(DELETED, id="deleted")])
def test_a_name_that_somebody_else_registers_takes_no_lineage_along(hub: Sweeps, first_bearer: list[Record]) -> None:
    hub.sweep([record("k03", TOOTH), DECLARES])
    hub.sweep([*first_bearer, DECLARES])
    hub.sweep([*first_bearer, DECLARES, record("k1388", TOOTH)])
    kept = {("k03", ("tag", "card"), "current", "first_meaning", "reused")}
    assert hub.rows("edges", *LINKS) == kept
    hub.sweep([*first_bearer, DECLARES, record("k1388", TOOTH)])
    assert (hub.rows("edges", *LINKS), hub.changes.rows_written) == (kept, 0)


def test_a_parent_that_is_renamed_and_not_replaced_is_not_doubted(hub: Sweeps) -> None:
    hub.sweep([record("k03", TOOTH), DECLARES])
    hub.sweep([*RENAMED, DECLARES])
    assert hub.rows("edges", *LINKS) == {("k03", ("tag", "card"), "current", "former_name", None)}


def test_the_hubs_own_resolution_adds_the_later_bearer_and_both_links_are_marked(hub: Sweeps) -> None:
    by_hub = DECLARES | {"baseModels": resolved("finetune", ("k1388", TOOTH))}
    hub.sweep([record("k03", TOOTH), DECLARES])
    hub.sweep([*RENAMED, record("k1388", TOOTH), by_hub])
    assert hub.rows("edges", *LINKS) == {
        ("k03", ("tag", "card"), "current", "first_meaning", "reused"),
        ("k1388", ("hub",), "current", "base_models", "reused"),
    }
    hub.sweep([*RENAMED, record("k1388", TOOTH), by_hub])
    assert hub.changes.rows_written == 0


def test_a_child_that_takes_its_declaration_back_and_makes_it_again_means_the_later_bearer(hub: Sweeps) -> None:
    silent = record("k04", "clinic/tooth-ft")
    hub.sweep([record("k03", TOOTH), DECLARES])
    hub.sweep([*RENAMED, record("k1388", TOOTH), silent])
    hub.sweep([*RENAMED, record("k1388", TOOTH), DECLARES])
    assert hub.rows("edges", *LINKS) == {
        ("k03", ("tag", "card"), "withdrawn", "current_id", None),
        ("k1388", ("tag", "card"), "current", "current_id", None),
    }


def test_a_child_that_is_new_means_the_model_that_bears_the_name_now(hub: Sweeps) -> None:
    hub.sweep([record("k03", TOOTH), DECLARES])
    hub.sweep([*RENAMED, record("k1388", TOOTH), DECLARES, child("k05", "other/tooth-ft", TOOTH)])
    assert hub.edges() == {("k04", "k03", "current"), ("k05", "k1388", "current")}


def test_a_name_that_comes_back_to_its_first_bearer_is_not_doubted_any_more(hub: Sweeps) -> None:
    hub.sweep([record("k03", TOOTH), DECLARES])
    hub.sweep([*RENAMED, record("k1388", TOOTH), DECLARES])
    hub.sweep([record("k03", TOOTH), record("k1388", "squatter/moved"), DECLARES])
    assert hub.rows("edges", *LINKS) == {("k03", ("tag", "card"), "current", "current_id", None)}


def test_an_exact_match_corrects_a_match_in_another_case(hub: Sweeps) -> None:
    hub.sweep([record("k03", TOOTH.lower()), DECLARES])
    hub.sweep([record("k03", TOOTH.lower()), record("k02", TOOTH), DECLARES])
    assert hub.rows("edges", "parent", "status") == {("k03", "withdrawn"), ("k02", "current")}


def test_an_absent_parent_that_appears_is_the_parent_and_marked_where_it_is_younger_than_the_declaration(
    hub: Sweeps,
) -> None:
    hub.sweep([DECLARES])
    hub.sweep([DECLARES, record("k1388", TOOTH, createdAt="2026-01-01T12:00:00.000Z")])
    assert hub.rows("edges", *LINKS) == {("k1388", ("tag", "card"), "current", "current_id", "younger")}
    by_hub = DECLARES | {"baseModels": resolved("finetune", ("k1388", TOOTH))}
    hub.sweep([by_hub, record("k1388", TOOTH, createdAt="2026-01-01T12:00:00.000Z")])
    assert hub.rows("edges", *LINKS) == {("k1388", ("hub", "tag", "card"), "current", "base_models", None)}
