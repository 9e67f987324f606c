"""A parent that no listing holds is a placeholder; when it is found, its edges move with their times and no ghost stays."""

from tests.support.sweeps import Sweeps, at, child, record, resolved

EDGES = ("child", "parent", "status", "first_seen", "withdrawn_at", "absences")


def test_a_parent_that_no_listing_holds_is_absent_under_its_first_spelling(hub: Sweeps) -> None:
    hub.sweep([child("k1", "org/a", "Lost/Model"), child("k2", "org/b", "lost/model")])
    hub.sweep(
        [child("k0", "org/z", "LOST/MODEL"), child("k1", "org/a", "Lost/Model"), child("k2", "org/b", "lost/model")]
    )
    placeholder = ("absent:lost/model", "Lost/Model", "lost/model", "absent", "Lost", None, at(1), None)
    assert placeholder in hub.rows(
        "models", "key", "id", "id_lower", "status", "owner", "hub_id", "first_seen", "listed_at"
    )
    assert hub.edges() == {(key, "absent:lost/model", "current") for key in ("k0", "k1", "k2")}


def test_a_parent_that_appears_later_takes_its_place_with_all_times(hub: Sweeps) -> None:
    hub.sweep([child("k1", "org/child", "org/parent")])
    hub.sweep([child("k1", "org/child", "org/parent"), record("k2", "org/parent")])
    assert hub.models() == {("k1", "org/child", "listed"), ("k2", "org/parent", "listed")}
    assert hub.rows("edges", *EDGES) == {("k1", "k2", "current", at(1), None, None)}
    assert hub.rows("models", "key", "first_seen", "listed_at") == {("k1", at(1), at(1)), ("k2", at(1), at(2))}
    assert (hub.changes.edges_added, hub.changes.edges_changed, hub.changes.edges_withdrawn) == (0, 1, 0)
    hub.sweep([child("k1", "org/child", "org/parent"), record("k2", "org/parent")])
    assert hub.changes.rows_written == 0


def test_a_parent_that_appears_in_another_case_heals_too(hub: Sweeps) -> None:
    hub.sweep([child("k1", "org/child", "Org/Parent")])
    hub.sweep([child("k1", "org/child", "Org/Parent"), record("k2", "org/parent")])
    assert hub.models() == {("k1", "org/child", "listed"), ("k2", "org/parent", "listed")}
    assert hub.rows("edges", *EDGES) == {("k1", "k2", "current", at(1), None, None)}


def test_the_edges_of_a_gone_child_move_as_well(hub: Sweeps) -> None:
    stays = child("k1", "org/stays", "org/parent")
    hub.sweep([stays, child("k2", "org/goes", "org/parent")])
    hub.sweep([stays])
    hub.sweep([stays, record("k3", "org/parent")])
    assert hub.models() == {
        ("k1", "org/stays", "listed"), ("k2", "org/goes", "gone"), ("k3", "org/parent", "listed"),
    }  # fmt: skip
    assert hub.rows("edges", *EDGES) == {
        ("k1", "k3", "current", at(1), None, None),
        ("k2", "k3", "current", at(1), None, None),
    }


def test_a_withdrawn_edge_to_a_placeholder_moves_as_well(hub: Sweeps) -> None:
    hub.sweep([child("k1", "org/child", "org/parent")])
    hub.sweep([record("k1", "org/child")])
    hub.sweep([record("k1", "org/child"), record("k2", "org/parent")])
    assert hub.models() == {("k1", "org/child", "listed"), ("k2", "org/parent", "listed")}
    assert hub.rows("edges", *EDGES) == {("k1", "k2", "withdrawn", at(1), at(2), None)}


def test_a_placeholder_stays_as_long_as_a_withdrawn_edge_points_to_it(hub: Sweeps) -> None:
    hub.sweep([child("k1", "org/child", "org/parent")])
    hub.sweep([record("k1", "org/child")])
    assert hub.models() == {("k1", "org/child", "listed"), ("absent:org/parent", "org/parent", "absent")}
    assert hub.rows("edges", *EDGES) == {("k1", "absent:org/parent", "withdrawn", at(1), at(2), None)}


def test_a_placeholder_is_found_by_the_key_that_base_models_gave_whatever_its_name(hub: Sweeps) -> None:
    named = record("k1", "org/child", baseModels=resolved("finetune", ("k2", "org/before")))
    bare = child("k3", "org/other", "org/before")
    hub.sweep([named, bare])
    assert ("absent:org/before", "k2") in hub.rows("models", "key", "hub_id")
    hub.sweep([named, bare, record("k2", "org/after")])
    assert hub.rows("edges", *EDGES) == {
        ("k1", "k2", "current", at(1), None, None),
        ("k3", "k2", "current", at(1), None, None),
    }
    assert hub.models() == {("k1", "org/child", "listed"), ("k2", "org/after", "listed"), ("k3", "org/other", "listed")}
    assert hub.rows("names", "id", "model", "since", "until") == {("org/before", "k2", at(1), at(2))}
    hub.sweep([named, bare, record("k2", "org/after")])
    assert hub.changes.rows_written == 0


def test_a_placeholder_whose_new_name_one_child_shows_is_found_for_all(hub: Sweeps) -> None:
    lists = record("k1", "owner/found")
    one, two = child("k2", "org/one", "lost/model"), child("k3", "org/two", "lost/model")
    hub.sweep([lists, one, two])
    hub.sweep([lists, one | {"baseModels": resolved("finetune", ("k1", "owner/found"))}, two])
    assert hub.rows("edges", *EDGES) == {
        ("k2", "k1", "current", at(1), None, None),
        ("k3", "k1", "current", at(1), None, None),
    }
    assert hub.rows("names", "id", "model", "origin") == {("lost/model", "k1", "resolution")}
    assert (hub.changes.edges_added, hub.changes.edges_changed, hub.changes.edges_withdrawn) == (0, 2, 0)
    hub.sweep([lists, one | {"baseModels": resolved("finetune", ("k1", "owner/found"))}, two])
    assert hub.changes.rows_written == 0


def test_a_placeholder_that_nothing_points_to_any_more_goes(hub: Sweeps) -> None:
    lists, one = record("k1", "owner/found"), child("k2", "org/one", "lost/model")
    hub.sweep([lists, one])
    hub.sweep([lists, one | {"baseModels": resolved("finetune", ("k1", "owner/found"))}])
    assert hub.models() == {("k1", "owner/found", "listed"), ("k2", "org/one", "listed")}
    assert hub.changes.rows["models"] == {"put": 0, "del": 1}


def test_two_placeholders_that_turn_out_to_be_one_model_become_one_edge(hub: Sweeps) -> None:
    merge = child("k1", "org/merge", "Org/First", "org/second")
    hub.sweep([merge])
    hub.sweep([merge, record("k2", "org/first")])
    hub.sweep([merge, record("k2", "org/second")])
    assert hub.rows("edges", *EDGES) == {("k1", "k2", "current", at(1), None, None)}
    assert hub.models() == {("k1", "org/merge", "listed"), ("k2", "org/second", "listed")}


def test_an_unknown_owner_of_a_legacy_placeholder_is_absent(hub: Sweeps) -> None:
    hub.sweep([child("k1", "org/child", "gpt2")])
    assert ("absent:gpt2", None) in hub.rows("models", "key", "owner")
