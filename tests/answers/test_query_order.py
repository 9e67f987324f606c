"""The order of every answer: nothing is left to chance, and what is important comes first."""

import pytest

from tests.support.lineage_graph import LIBRARY
from tests.support.query_tables import order

# The queries whose rows are told apart by something else than a model's key.
BY_OTHERS = {
    "by_family": "license",
    "churn": "period DESC",
    "concentration": "parents",
    "conflicts": "ancestor_license",
    "coverage": "measure",
    "crawls": "crawl DESC",
    "cycles": "cycle",
    "dataset": "id",
    "depth_profile": "generation",
    "exposure_summary": "gated",
    "family_sizes": "size_from",
    "freshness": "crawl",
    "generations": "depth",
    "growth": "period DESC",
    "model": "id",
    "mutations": "child_license",
    "names": "name",
    "notify": "coalesce(owner, key)",
    "openness": "answer",
    "openness_of": "criterion",
    "path": "step",
    "relation_mix": "relation",
    "top_owners": "owner",
}


@pytest.mark.parametrize("name", LIBRARY)
def test_an_order_ends_in_what_tells_any_two_rows_apart(name: str) -> None:
    assert order(LIBRARY[name])[-1] == BY_OTHERS.get(name, "key")


@pytest.mark.parametrize(
    "name",
    [*(name for name in LIBRARY if LIBRARY[name].topic == "genealogy"), "impact", "same_weights", "dataset_impact"],
)
def test_relatives_are_listed_before_they_are_gone_and_followed_before_they_are_not(name: str) -> None:
    columns = {column.name for column in LIBRARY[name].columns}
    if {"status", "children"} <= columns and name != "model":
        assert order(LIBRARY[name])[-6:] == [
            "status <> 'listed'",
            "status <> 'gone'",
            "children DESC",
            "downloads DESC",
            "id",
            "key",
        ]


@pytest.mark.parametrize(
    "name",
    [
        *("ancestors", "children", "descendants", "parents", "siblings", "roots", "family"),
        *("impact", "notify", "same_weights", "gated_bypass", "dataset_impact", "unsafe_weights", "gone_parents"),
    ],
)
def test_an_answer_about_relatives_says_how_certain_each_is(name: str) -> None:
    assert "certainty" in {column.name for column in LIBRARY[name].columns}


@pytest.mark.parametrize("name", [name for name in LIBRARY if LIBRARY[name].topic == "propagation"])
def test_what_propagates_includes_whose_card_was_edited_marked_and_after_all_others(name: str) -> None:
    query = LIBRARY[name]
    if name not in ("changed_since", "look_alikes"):  # one lists withdrawals as events, the other models without links
        assert [p.default for p in query.parameters if p.name == "include_withdrawn"] == [True]
        assert order(query)[0] == "link_status"
