"""One node for one repository, whatever it is called this year; every earlier name finds it."""

from tests.support.sweeps import Sweeps, at, child, record, resolved

NAMES = ("id", "model", "since", "until", "origin")


def test_a_rename_keeps_the_key_and_leaves_a_former_name(hub: Sweeps) -> None:
    hub.sweep([record("k1", "org/old"), child("k2", "org/child", "org/old")])
    hub.sweep([record("k1", "org/new"), child("k2", "org/child", "org/old")])
    assert hub.models() == {("k1", "org/new", "listed"), ("k2", "org/child", "listed")}
    assert hub.edges() == {("k2", "k1", "current")}
    assert hub.rows("edges", "step", "first_seen", "absences") == {("former_name", at(1), None)}
    assert hub.rows("names", *NAMES) == {("org/old", "k1", at(1), at(2), "rename")}
    # The link itself is as it was; that its spelling is a former name by now is written to it.
    assert (hub.changes.models_changed, hub.changes.edges_changed) == (1, 1)
    hub.sweep([record("k1", "org/new"), child("k2", "org/child", "org/old")])
    assert hub.changes.rows_written == 0


def test_a_second_rename_begins_where_the_first_ended(hub: Sweeps) -> None:
    for name in ("org/one", "org/two", "org/three"):
        hub.sweep([record("k1", name)])
    assert hub.rows("names", *NAMES) == {
        ("org/one", "k1", at(1), at(2), "rename"),
        ("org/two", "k1", at(2), at(3), "rename"),
    }


def test_a_rename_back_leaves_both_names(hub: Sweeps) -> None:
    for name in ("org/one", "org/two", "org/one", "org/two"):
        hub.sweep([record("k1", name), child("k2", "org/child", "org/one")])
        assert hub.edges() == {("k2", "k1", "current")}
    assert hub.rows("names", *NAMES) == {
        ("org/one", "k1", at(1), at(4), "rename"),
        ("org/two", "k1", at(2), at(3), "rename"),
    }


def test_a_rename_to_another_case_keeps_the_edge(hub: Sweeps) -> None:
    hub.sweep([record("k1", "Org/Model"), child("k2", "org/child", "Org/Model")])
    hub.sweep([record("k1", "org/model"), child("k2", "org/child", "Org/Model")])
    assert hub.models() == {("k1", "org/model", "listed"), ("k2", "org/child", "listed")}
    assert hub.edges() == {("k2", "k1", "current")}
    assert hub.rows("names", *NAMES) == {("Org/Model", "k1", at(1), at(2), "rename")}


def test_a_transfer_changes_the_owner(hub: Sweeps) -> None:
    hub.sweep([record("k1", "giver/model")])
    hub.sweep([record("k1", "taker/model")])
    assert hub.rows("models", "key", "owner") == {("k1", "taker")}
    assert hub.changes.rows["owners"] == {"put": 1, "del": 1}
    assert hub.changes.rows["published_by"] == {"put": 1, "del": 0}
    assert hub.rows("names", "id", "model") == {("giver/model", "k1")}


def test_a_name_that_was_left_and_taken_by_another_still_means_the_first_where_it_was_declared_before(
    hub: Sweeps,
) -> None:
    hub.sweep([record("k1", "org/name"), child("k2", "org/child", "org/name")])
    hub.sweep([record("k1", "org/moved"), record("k3", "org/name"), child("k2", "org/child", "org/name")])
    assert hub.edges() == {("k2", "k1", "current")}


def test_a_declared_name_is_looked_up_in_a_fixed_order(hub: Sweeps) -> None:
    looked_up = {
        "org/now": ("k1", "current_id"),
        "org/gone": ("k2", "gone_id"),
        "org/before": ("k3", "former_name"),
        "ORG/before": ("k3", "former_name"),
        "ORG/NOW": ("k1", "other_case"),
        "ORG/GONE": ("k2", "other_case"),
        "org/twice": ("absent:org/twice", "absent"),
        "org/never": ("absent:org/never", "absent"),
    }
    listed = [record("k1", "org/now"), record("k4", "org/Twice"), record("k5", "org/TWICE")]
    children = [child(f"c{number}", f"org/child-{number}", name) for number, name in enumerate(looked_up)]
    hub.sweep([*listed, record("k2", "org/gone"), record("k3", "org/before")])
    hub.sweep([*listed, record("k3", "org/after"), *children])
    assert hub.rows("edges", "declared_as", "parent", "step") == {
        ((name,), parent, step) for name, (parent, step) in looked_up.items()
    }


def test_a_listed_model_that_bore_a_name_comes_before_a_gone_one_that_bore_it_last(hub: Sweeps) -> None:
    hub.sweep([record("k1", "org/name")])
    hub.sweep([record("k1", "org/moved"), record("k2", "org/name")])
    hub.sweep([record("k1", "org/moved"), child("k9", "org/child", "org/name")])
    assert hub.rows("edges", "parent", "step") == {("k1", "former_name")}


def test_two_models_bore_one_name_and_both_stay(hub: Sweeps) -> None:
    hub.sweep([record("k1", "org/name"), record("k9", "org/x")])
    hub.sweep([record("k9", "org/x")])
    hub.sweep([record("k2", "org/name"), record("k9", "org/x")])
    hub.sweep([record("k9", "org/x"), child("k8", "org/child", "org/name")])
    assert hub.models() == {
        ("k1", "org/name", "gone"), ("k2", "org/name", "gone"), ("k9", "org/x", "listed"), ("k8", "org/child", "listed"),
    }  # fmt: skip
    assert hub.edges() == {("k8", "k2", "current")}, "the one that was listed last"


def test_a_legacy_name_is_learned_from_one_child_and_used_for_another(hub: Sweeps) -> None:
    base = record("k1", "owner/bert-base")
    told = child("k2", "org/told", "bert-base", baseModels={"models": [{"_id": "k1", "id": "owner/bert-base"}]})
    silent = child("k3", "org/silent", "Bert-Base")
    for _ in range(2):
        hub.sweep([base, told, silent])
        assert hub.edges() == {("k2", "k1", "current"), ("k3", "k1", "current")}
        assert hub.rows("names", *NAMES) == {("bert-base", "k1", None, None, "legacy")}
    assert hub.changes.rows_written == 0


def test_the_old_name_that_a_tag_still_carries_is_learned_and_used_for_another(hub: Sweeps) -> None:
    base = record("k1", "owner/new")
    tags = ["base_model:owner/old", "base_model:finetune:owner/old", "base_model:owner/new"]
    told = child("k2", "org/told", "owner/old", tags=tags, baseModels=resolved("finetune", ("k1", "owner/new")))
    silent = child("k3", "org/silent", "Owner/Old")
    for _ in range(2):
        hub.sweep([base, told, silent])
        assert hub.rows("edges", "child", "parent", "step") == {
            ("k2", "k1", "base_models"),
            ("k3", "k1", "former_name"),
        }
        assert hub.rows("names", *NAMES) == {("owner/old", "k1", None, None, "resolution")}
    assert hub.changes.rows_written == 0


def test_an_old_name_that_another_model_bears_now_is_not_learned(hub: Sweeps) -> None:
    tags = ["base_model:owner/old", "base_model:owner/new"]
    told = child("k2", "org/told", "owner/old", tags=tags, baseModels=resolved("finetune", ("k1", "owner/new")))
    hub.sweep([record("k1", "owner/new"), record("k4", "Owner/old"), told, child("k3", "org/silent", "Owner/old")])
    assert hub.rows("names", "id") == set()
    assert ("k3", "k4", "current") in hub.edges()


def test_a_legacy_name_with_two_successors_is_not_learned(hub: Sweeps) -> None:
    hub.sweep(
        [
            record("k1", "owner/bert"),
            record("k2", "other/bert"),
            child("k3", "org/one", "bert", baseModels={"models": [{"_id": "k1", "id": "owner/bert"}]}),
            child("k4", "org/two", "bert", baseModels={"models": [{"_id": "k2", "id": "other/bert"}]}),
            child("k5", "org/silent", "bert"),
        ]
    )
    assert hub.edges() == {("k3", "k1", "current"), ("k4", "k2", "current"), ("k5", "absent:bert", "current")}
    assert hub.rows("names", "id") == set()


def test_a_learned_legacy_name_moves_an_old_placeholders_edges(hub: Sweeps) -> None:
    silent = child("k3", "org/silent", "bert")
    told = child("k2", "org/told", "bert", baseModels={"models": [{"_id": "k1", "id": "owner/bert"}]})
    hub.sweep([record("k1", "owner/bert"), silent])
    assert hub.edges() == {("k3", "absent:bert", "current")}
    hub.sweep([record("k1", "owner/bert"), silent, told])
    assert hub.edges() == {("k3", "k1", "current"), ("k2", "k1", "current")}
    assert hub.rows("edges", "child", "first_seen") == {("k3", at(1)), ("k2", at(2))}


def test_what_a_legacy_name_teaches_does_not_change_the_answer_of_the_next_sweep(hub: Sweeps) -> None:
    records = [
        record("k1", "owner/bert"),
        record("k2", "owner/other"),
        child("k3", "org/told", "bert", baseModels={"models": [{"_id": "k1", "id": "owner/bert"}]}),
        child(
            "k4", "org/merge", "bert", "lost/name",
            baseModels={"models": [{"_id": "k1", "id": "owner/bert"}, {"_id": "k2", "id": "owner/other"}]},
        ),
    ]  # fmt: skip
    edges = hub.sweep(records).edges()
    assert hub.sweep(records).edges() == edges
    assert hub.changes.rows_written == 0
