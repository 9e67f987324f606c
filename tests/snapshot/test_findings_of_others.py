"""Imported findings: a source of their own, resolved each night, added up with what is declared, and removed as a whole."""

from crawler.findings import Finding
from tests.support.sweeps import Sweeps, at, child, record, resolved

PARENT = record("k1", "org/parent")
CHILD = record("k2", "org/child")
FOUND = Finding("org/child", "org/parent", "finetune", "page 3", "seen by eye")
LINK = ("child", "parent", "relation", "sources", "certainty", "status")


def test_a_finding_about_a_listed_model_is_a_link_of_a_source_of_its_own(hub: Sweeps) -> None:
    hub.sweep([PARENT, CHILD], imports={"audit": [FOUND]})
    assert hub.rows("edges", *LINK) == {("k2", "k1", "finetune", ("imported:audit",), "imported", "current")}
    assert hub.rows("edges", "declared_as", "step") == {(("org/parent",), "current_id")}
    hub.sweep([PARENT, CHILD], imports={"audit": [FOUND]})
    assert hub.changes.rows_written == 0


def test_an_absent_parent_of_a_finding_is_a_placeholder_and_heals(hub: Sweeps) -> None:
    hub.sweep([CHILD], imports={"audit": [FOUND]})
    assert hub.rows("edges", "child", "parent") == {("k2", "absent:org/parent")}
    hub.sweep([PARENT, CHILD], imports={"audit": [FOUND]})
    assert hub.rows("edges", "child", "parent", "first_seen") == {("k2", "k1", at(1))}
    assert hub.rows("models", "key") == {("k1",), ("k2",)}


def test_a_finding_about_an_unknown_child_waits_until_the_child_is_listed(hub: Sweeps) -> None:
    hub.sweep([PARENT], imports={"audit": [FOUND]})
    assert (hub.rows("edges", "child"), hub.rows("models", "key")) == (set(), {("k1",)})
    hub.sweep([PARENT, CHILD], imports={"audit": [FOUND]})
    assert hub.rows("edges", "child", "parent", "first_seen") == {("k2", "k1", at(2))}


def test_a_finding_follows_renames_of_child_and_parent(hub: Sweeps) -> None:
    hub.sweep([PARENT, CHILD], imports={"audit": [FOUND]})
    hub.sweep([record("k1", "new/parent"), record("k2", "new/child")], imports={"audit": [FOUND]})
    assert hub.rows("edges", "child", "parent", "status") == {("k2", "k1", "current")}


def test_a_finding_keeps_the_model_it_first_meant_when_another_takes_the_name(hub: Sweeps) -> None:
    hub.sweep([PARENT, CHILD], imports={"audit": [FOUND]})
    taken = [record("k1", "org/moved"), CHILD, record("k9", "org/parent")]
    hub.sweep(taken, imports={"audit": [FOUND]})
    assert hub.rows("edges", "child", "parent", "step") == {("k2", "k1", "first_meaning")}


def test_what_is_declared_comes_first_and_the_finding_adds_evidence(hub: Sweeps) -> None:
    declares = child("k2", "org/child", "org/parent", card_base_model_relation="merge")
    hub.sweep([PARENT, declares], imports={"audit": [FOUND], "tool": [Finding("org/child", "ORG/parent")]})
    assert hub.rows("edges", *LINK) == {
        ("k2", "k1", "merge", ("card", "imported:audit", "imported:tool"), "declared_by_author", "current")
    }
    assert hub.rows("edges", "claims", "declared_as") == {(("imported:audit:finetune",), ("ORG/parent", "org/parent"))}


def test_a_finding_that_differs_stands_beside_what_is_declared(hub: Sweeps) -> None:
    declares = child("k2", "org/child", "org/other")
    hub.sweep([PARENT, declares, record("k3", "org/other")], imports={"audit": [FOUND]})
    assert hub.rows("edges", "parent", "sources") == {("k3", ("card",)), ("k1", ("imported:audit",))}


def test_a_finding_does_not_pair_with_the_base_model_of_another_name(hub: Sweeps) -> None:
    declares = record("k2", "org/child", baseModels=resolved("finetune", ("k1", "org/parent")))
    hub.sweep([PARENT, declares], imports={"audit": [Finding("org/child", "org/other")]})
    assert hub.rows("edges", "parent") == {("k1",), ("absent:org/other",)}


def test_a_finding_spelled_as_the_hub_spells_its_base_model_means_that_model(hub: Sweeps) -> None:
    declares = record("k2", "org/child", baseModels=resolved("finetune", ("k1", "old/parent")))
    hub.sweep([PARENT, declares], imports={"audit": [Finding("org/child", "Old/Parent")]})
    assert hub.rows("edges", "parent", "sources") == {("k1", ("hub", "imported:audit"))}


def test_a_removed_import_withdraws_its_links_however_many_and_only_those(hub: Sweeps) -> None:
    children = [record(f"c{number}", f"org/c{number}") for number in range(20)]
    declares = child("k2", "org/child", "org/parent")
    found = [Finding(f"org/c{number}", "org/parent") for number in range(20)] + [FOUND]
    hub.sweep([PARENT, declares, *children], imports={"audit": found})
    hub.sweep([PARENT, declares, *children], max_withdrawn_share=0.0)
    assert hub.made.warnings == ()
    assert hub.rows("edges", "child", "status", "sources") == {
        ("k2", "current", ("card",)),
        *((f"c{number}", "withdrawn", ("imported:audit",)) for number in range(20)),
    }
    assert hub.changes.edges_withdrawn == 20


def test_links_of_findings_do_not_make_room_for_a_mass_withdrawal(hub: Sweeps) -> None:
    declaring = [child(f"d{number}", f"org/d{number}", "org/parent") for number in range(10)]
    others = [record(f"c{number}", f"org/c{number}") for number in range(90)]
    found = {"audit": [Finding(f"org/c{number}", "org/parent") for number in range(90)]}
    hub.sweep([PARENT, *declaring, *others], imports=found)
    silent = [record(f"d{number}", f"org/d{number}") for number in range(10)]
    hub.sweep([PARENT, *silent, *others], imports=found, max_withdrawn_share=0.5)
    assert [warning.kind for warning in hub.made.warnings] == ["withdrawn_share"]


def test_a_gone_childs_link_stays_while_the_import_stays_and_ends_with_it(hub: Sweeps) -> None:
    hub.sweep([PARENT, CHILD], imports={"audit": [FOUND]})
    hub.sweep([PARENT], imports={"audit": [FOUND]})
    assert hub.rows("edges", "child", "status") == {("k2", "current")}
    hub.sweep([PARENT])
    assert hub.rows("edges", "child", "status") == {("k2", "withdrawn")}


def test_a_model_found_to_be_its_own_parent_is_rejected_each_night(hub: Sweeps) -> None:
    hub.sweep([record("k1", "org/first")])
    finding = {"audit": [Finding("org/first", "org/second")]}
    for _night in range(2):
        hub.sweep([record("k1", "org/second")], imports=finding)
        assert hub.rows("edges", "child") == set()
        assert hub.rows("rejected", "model", "field", "value", "reason") == {
            ("k1", "imported:audit", "org/second", "itself")
        }


def test_a_removed_import_is_no_declaration_taken_back_so_rules_on_names_apply_again(hub: Sweeps) -> None:
    base = record("k1", "org/model", config={"model_type": "llama"}, safetensors={"total": 100})
    copy = record(
        "k2", "org/model-GGUF", gguf={"architecture": "llama", "total": 100}, createdAt="2025-02-01T00:00:00.000Z"
    )
    rules = ("name:gguf", "name:own")
    hub.sweep([base, copy], rules=rules, imports={"audit": [Finding("org/model-GGUF", "org/other")]})
    assert hub.rows("edges", "parent", "sources") == {("absent:org/other", ("imported:audit",))}
    hub.sweep([base, copy], rules=rules)
    assert hub.rows("edges", "parent", "status", "sources") == {
        ("absent:org/other", "withdrawn", ("imported:audit",)),
        ("k1", "current", ("inferred",)),
    }
