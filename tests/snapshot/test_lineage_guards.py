"""Lineage that disappears in bulk is not believed: fields that fall, links that are withdrawn by the hundred."""

from typing import Any

import pytest

from tests.support.sweeps import Record, Sweeps, child, record, resolved

LIMITS: Any = {"max_withdrawn_share": 0.02, "max_fill_drop": 0.1}
PARENTS = [record(f"p{number:03}", f"lab/base-{number}") for number in range(20)]


def family(count: int = 40) -> list[Record]:
    """Parents, and `count` children that say the same in every place where it can be said."""
    return PARENTS + [
        child(
            f"k{number:03}",
            f"org/tuned-{number}",
            f"lab/base-{number % 20}",
            tags=[f"base_model:lab/base-{number % 20}", f"base_model:finetune:lab/base-{number % 20}", "gguf"],
            baseModels=resolved("finetune", (f"p{number % 20:03}", f"lab/base-{number % 20}")),
            card_license="mit",
            config={"model_type": "llama"},
        )
        for number in range(count)
    ]


def without(records: list[Record], *fields: str, value: Any = None) -> list[Record]:
    """The records without some fields, or with `value` in their place."""
    lost = dict.fromkeys(fields, value) if value is not None else {}
    return [{name: one[name] for name in one if name not in fields} | lost for one in records]


def withdrawn(hub: Sweeps) -> int:
    return sum(status == "withdrawn" for _, _, status in hub.edges())


def kinds(hub: Sweeps) -> list[str]:
    return [warning.kind for warning in hub.made.warnings]


@pytest.mark.parametrize("value", [pytest.param(None, id="absent"), pytest.param([], id="empty")])
def test_fields_that_all_records_lose_change_nothing_that_is_known(hub: Sweeps, value: Any) -> None:
    hub.sweep(family(), **LIMITS)
    for _ in range(2):
        hub.sweep(without(family(), "tags", "cardData", "baseModels", value=value), **LIMITS)
        assert (withdrawn(hub), hub.changes.rows_written, hub.made.complete) == (0, 0, True)
        assert kinds(hub) == ["field_fell"] * 3
        assert {warning.numbers["field"] for warning in hub.made.warnings} == {"tags", "cardData", "baseModels"}
    assert hub.made.warnings[0].text.startswith(
        "baseModels fell from 66.7% to 0.0% of the records: the Hub's answer has"
    )
    hub.sweep(family(), **LIMITS)
    assert (hub.changes.rows_written, hub.made.warnings) == (0, ())


def test_one_field_that_falls_keeps_its_values_and_what_else_changed_is_taken(hub: Sweeps) -> None:
    hub.sweep(family(), **LIMITS)
    page = [one | {"likes": 7, "pipeline_tag": "text-generation"} for one in without(family(), "config")]
    hub.sweep(page, **LIMITS)
    assert {row[1:] for row in hub.rows("models", "key", "model_type", "pipeline_tag")} == {
        (None, "text-generation"), ("llama", "text-generation"),
    }  # fmt: skip
    assert kinds(hub) == ["field_fell"]


def test_providers_that_leave_are_believed(hub: Sweeps) -> None:
    served = [{"provider": "novita", "status": "live"}]
    hub.sweep([one | {"inferenceProviderMapping": served} for one in family()], **LIMITS)
    hub.sweep(family(), **LIMITS)
    assert (kinds(hub), {row[1] for row in hub.rows("models", "key", "providers")}) == ([], {()})


def test_what_is_true_is_accepted_when_it_is_said(hub: Sweeps) -> None:
    hub.sweep(family(), **LIMITS)
    hub.sweep(without(family(), "tags", "cardData", "baseModels"), accept_withdrawn=True, **LIMITS)
    assert (withdrawn(hub), hub.made.warnings, hub.changes.edges_withdrawn) == (40, (), 40)


def test_links_that_go_in_bulk_while_every_field_is_there_are_not_withdrawn(hub: Sweeps) -> None:
    hub.sweep(family(), **LIMITS)
    other = [
        one | {"tags": ["region:us"], "cardData": {"license": "mit"}, "baseModels": {"relation": "finetune", "models": []}}
        if one["id"].startswith("org/") else one
        for one in family()
    ]  # fmt: skip
    for _ in range(2):
        hub.sweep(other, **LIMITS)
        (warning,) = hub.made.warnings
        assert warning.text.startswith(
            "40 of 40 links are no longer declared (100.0%), above sweep.max_withdrawn_share (2.0%)"
        )
        assert withdrawn(hub) == 0
    hub.sweep(other, accept_withdrawn=True, **LIMITS)
    assert (withdrawn(hub), hub.made.warnings) == (40, ())


def test_a_few_edits_are_believed_on_a_small_hub(hub: Sweeps) -> None:
    hub.sweep(family(), **LIMITS)
    edited = [
        one if int(one["_id"][1:]) >= 5 or one["_id"][0] == "p" else record(one["_id"], one["id"]) for one in family()
    ]
    hub.sweep(edited, **LIMITS)
    assert (withdrawn(hub), hub.made.warnings) == (5, ())


def test_a_refusal_leaves_what_is_new(hub: Sweeps) -> None:
    hub.sweep(family(), **LIMITS)
    hub.sweep([*without(family(), "baseModels", "tags", "cardData"), child("n1", "org/new", "lab/base-1")], **LIMITS)
    assert ("n1", "p001", "current") in hub.edges()
    assert withdrawn(hub) == 0


def test_the_rates_are_those_of_the_records_that_the_crawl_saw(hub: Sweeps) -> None:
    hub.sweep(family())
    assert {hub.made.fill_rates[name] for name in ("baseModels", "tags", "cardData")} == {round(2 / 3, 6)}
    assert hub.made.fill_rates["createdAt"] == 1.0
    assert hub.made.fill_rates["gguf"] == 0.0


def test_new_models_without_a_field_make_it_no_fall(hub: Sweeps) -> None:
    hub.sweep(family(), **LIMITS)
    hub.sweep([*family(), *(record(f"x{number}", f"new/m{number}") for number in range(200))], **LIMITS)
    assert hub.made.warnings == ()
