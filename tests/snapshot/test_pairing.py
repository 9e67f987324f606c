"""A record's own spellings are paired with its own baseModels first, so that one parent is not counted twice."""

from tests.support.sweeps import Sweeps, child, record, resolved

A, B = record("a", "org/a"), record("b", "org/b")
EDGES = ("child", "parent", "sources", "step")


def test_the_same_name_is_one_parent_even_where_another_model_bears_it_now(hub: Sweeps) -> None:
    hub.sweep([A, record("c", "org/child", baseModels=resolved("merge", ("a", "org/b")), card_base_model="Org/B"), B])
    assert hub.rows("edges", *EDGES) == {("c", "a", ("hub", "card"), "base_models")}


def test_a_former_name_of_a_base_model_is_that_base_model(hub: Sweeps) -> None:
    one_of_two = child(
        "c", "org/child", "org/old", "lost/x", baseModels=resolved("merge", ("a", "org/new"), ("b", "org/b"))
    )
    hub.sweep([record("a", "org/old"), B])
    hub.sweep([record("a", "org/new"), B, record("d", "org/old"), one_of_two])
    assert hub.rows("edges", *EDGES) == {
        ("c", "a", ("hub", "card"), "base_models"),
        ("c", "b", ("hub", "card"), "base_models"),
    }, "org/old was a's name although d bears it now, and lost/x is the only one left over"


def test_the_only_spelling_left_over_is_the_only_base_model_left_over(hub: Sweeps) -> None:
    hub.sweep(
        [A, B, child("c", "org/child", "org/a", "old/b", baseModels=resolved("merge", ("a", "org/a"), ("b", "org/b")))]
    )
    assert hub.rows("edges", "parent", "declared_as") == {("a", ("org/a",)), ("b", ("old/b", "org/b"))}
    assert {status for _, _, status in hub.models()} == {"listed"}


def test_a_spelling_left_over_that_is_a_listed_models_name_is_that_model(hub: Sweeps) -> None:
    hub.sweep([A, B, child("c", "org/child", "org/b", baseModels=resolved("finetune", ("a", "org/a")))])
    assert hub.rows("edges", *EDGES) == {("c", "a", ("hub",), "base_models"), ("c", "b", ("card",), "current_id")}


def test_two_spellings_left_over_are_nobodys(hub: Sweeps) -> None:
    hub.sweep([A, child("c", "org/child", "old/x", "old/y", baseModels=resolved("finetune", ("a", "org/a")))])
    assert hub.edges() == {("c", parent, "current") for parent in ("a", "absent:old/x", "absent:old/y")}


def test_two_base_models_left_over_take_no_spelling(hub: Sweeps) -> None:
    hub.sweep([A, B, child("c", "org/child", "old/x", baseModels=resolved("merge", ("a", "org/a"), ("b", "org/b")))])
    assert hub.edges() == {("c", parent, "current") for parent in ("a", "b", "absent:old/x")}


def test_a_tag_left_by_a_rename_is_the_renamed_parent_although_no_crawl_saw_the_old_name(hub: Sweeps) -> None:
    tags = ["base_model:old/a", "base_model:finetune:old/a", "base_model:org/a", "base_model:finetune:org/a"]
    hub.sweep([A, record("c", "org/child", tags=tags, baseModels=resolved("finetune", ("a", "org/a")))])
    assert hub.rows("edges", "parent", "sources", "declared_as") == {
        ("a", ("hub", "tag"), ("org/a",)),
        ("absent:old/a", ("tag",), ("old/a",)),
    }, "org/a is matched by its own tag, so nothing tells whose name old/a was"


def test_the_one_parent_of_a_card_is_the_one_base_model_also_where_tags_carry_both_names(hub: Sweeps) -> None:
    tags = ["base_model:old/a", "base_model:finetune:old/a", "base_model:org/a", "base_model:finetune:org/a"]
    renamed = resolved("finetune", ("a", "org/a"))
    hub.sweep([A, child("c", "org/child", "old/a", tags=tags, baseModels=renamed)])
    assert hub.rows("edges", "parent", "sources", "declared_as") == {
        ("a", ("hub", "tag", "card"), ("old/a", "org/a")),
    }


def test_the_key_counts_more_than_the_name_that_base_models_gives(hub: Sweeps) -> None:
    hub.sweep([A, B, record("c", "org/child", baseModels=resolved("finetune", ("b", "org/a")))])
    assert hub.rows("edges", *EDGES) == {("c", "b", ("hub",), "base_models")}


def test_a_base_model_with_an_unknown_key_is_found_by_its_name(hub: Sweeps) -> None:
    hub.sweep([A, record("c", "org/child", baseModels=resolved("finetune", ("unseen", "org/a")))])
    assert hub.rows("edges", *EDGES) == {("c", "a", ("hub",), "current_id")}
