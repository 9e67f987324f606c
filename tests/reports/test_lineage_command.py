"""`lineage MODEL`: each parent with the evidence for it, each refusal with its reason."""

from pathlib import Path

import pytest

from crawler.errors import HubGenealogyError
from crawler.records.rules import RULES as ALL_RULES
from crawler.records.weights import WeightFile
from crawler.reports.lineage import COLUMNS, NAME_DOUBTS, RESOLVED_BY, RULES, explain
from crawler.state import State
from tests.support.program import Program
from tests.support.sweeps import Sweeps, child, record, resolved

HUB = "https://huggingface.co"
COMPARED = ("parent", "link", "relation", "source", "spelling", "claimed", "resolved_by", "rule")


@pytest.fixture
def hub(tmp_path: Path) -> Sweeps:
    return Sweeps(tmp_path)


def evidence(hub: Sweeps, name: str) -> set[tuple[object, ...]]:
    _, rows = explain(hub.snapshot, name, HUB)
    return {tuple(row[COLUMNS.index(column)] for column in COMPARED) for row in rows}


def test_each_declaration_is_shown_with_its_spelling_its_claim_and_how_it_was_resolved(hub: Sweeps) -> None:
    parent = record("a", "org/base")
    made = child(
        "k", "org/child", "https://hf.co/org/base/", "Lost/One",
        card_base_model_relation="adapter", tags=["base_model:org/base", "base_model:finetune:org/base"],
        baseModels=resolved("finetune", ("a", "org/base")), config={"peft": {"base_model_name_or_path": "./base"}},
    )  # fmt: skip
    hub.sweep([parent, made])
    assert evidence(hub, "org/child") == {
        ("org/base", "current", "finetune", "hub", "org/base", "finetune", "base_models", None),
        ("org/base", "current", "finetune", "tag", "org/base", "finetune", "base_models", None),
        ("org/base", "current", "finetune", "card", "https://hf.co/org/base/", "adapter", "base_models", None),
        ("Lost/One", "current", "adapter", "card", "Lost/One", "adapter", "absent", None),
        (None, "rejected", None, "config.peft.base_model_name_or_path", "./base", None, None, None),
    }


def test_an_inferred_link_and_an_inferred_relation_name_their_rules(hub: Sweeps) -> None:
    base = record("a", "org/base", config={"model_type": "llama"}, safetensors={"total": 7})
    gguf = {"gguf": {"architecture": "llama", "total": 7}}
    hub.sweep([base, record("k", "x/base-GGUF", **gguf), child("l", "x/other", "org/base", **gguf)], rules=ALL_RULES)
    assert evidence(hub, "x/base-GGUF") == {
        ("org/base", "current", "quantized", "inferred", None, "quantized", None, "name:gguf")
    }
    assert evidence(hub, "x/other") == {
        ("org/base", "current", "quantized", "card", "org/base", None, "current_id", None),
        ("org/base", "current", "quantized", "inferred", None, "quantized", None, "files:gguf"),
    }


def test_identical_files_are_evidence_and_a_part_of_them_is_said_to_be_none(hub: Sweeps) -> None:
    shards = [WeightFile(f"model-{number}.safetensors", 1 << 30, f"{number:064x}") for number in range(3)]
    listed = [record("a", "org/base"), record("b", "org/copy"), child("c", "org/part", "org/base")]
    hub.sweep(listed, files={"a": shards, "b": list(reversed(shards)), "c": shards[:2]})
    assert evidence(hub, "org/copy") == {("org/base", "current", "copy", "files", None, "copy", None, None)}
    assert evidence(hub, "org/part") == {
        ("org/base", "current", "unknown", "card", "org/base", None, "current_id", None),
        ("org/base", "partial", None, "files", None, None, None, None),
    }
    assert evidence(hub, "org/base") == set(), "an older model has its weights from nobody"
    _, rows = explain(hub.snapshot, "org/part", HUB)
    assert (
        "it holds 2 of this model's 2 weight files of this kind, such as model-0.safetensors; the sets differ"
        in rows[-1][-1]
    )
    hub.sweep(listed, files={"b": shards[:1]})
    assert evidence(hub, "org/copy") == {
        ("org/base", "withdrawn", "copy", "files", None, None, None, None),
        ("org/base", "partial", None, "files", None, None, None, None),
    }


def test_files_that_would_close_a_circle_are_no_evidence(hub: Sweeps) -> None:
    file = [WeightFile("model.safetensors", 1 << 30, "a" * 64)]
    listed = [child("a", "org/base", "org/middle"), record("b", "org/copy"), child("c", "org/middle", "org/copy")]
    hub.sweep(listed, files={"a": file, "b": file})
    assert evidence(hub, "org/copy") == {(None, "rejected", None, "files", "org/base", None, None, None)}
    _, rows = explain(hub.snapshot, "org/copy", HUB)
    assert rows[0][-1] == "both hold the same weight files, but other links say that it descends from this model"


def test_a_link_that_was_withdrawn_says_so(hub: Sweeps) -> None:
    hub.sweep([record("a", "org/base"), child("k", "org/child", "org/base")])
    hub.sweep([record("a", "org/base"), record("k", "org/child")])
    _, [row] = explain(hub.snapshot, "org/child", HUB)
    assert (row[2], row[-1]) == ("withdrawn", f"not declared any more; before: {RESOLVED_BY['current_id']}")


def test_a_link_whose_name_another_model_has_taken_says_so(hub: Sweeps) -> None:
    made = child("k", "org/child", "org/base")
    hub.sweep([record("a", "org/base"), made])
    hub.sweep([record("a", "org/moved"), record("b", "org/base"), made])
    _, [row] = explain(hub.snapshot, "org/child", HUB)
    assert (row[0], row[-1]) == ("org/moved", f"{RESOLVED_BY['first_meaning']}; {NAME_DOUBTS['reused']}")


def test_a_link_to_a_model_that_is_younger_than_the_declaration_says_so(hub: Sweeps) -> None:
    hub.sweep([child("k", "org/child", "org/base")])
    hub.sweep([child("k", "org/child", "org/base"), record("a", "org/base", createdAt="2026-01-01T12:00:00.000Z")])
    _, [row] = explain(hub.snapshot, "org/child", HUB)
    assert row[-1] == f"{RESOLVED_BY['current_id']}; {NAME_DOUBTS['younger']}"


def test_of_several_models_of_a_name_the_one_that_links_mean_is_explained(hub: Sweeps) -> None:
    hub.sweep([record("a", "org/base"), child("b", "org/model", "org/base"), child("c", "org/moved", "org/base")])
    hub.sweep([record("a", "org/base"), child("c", "org/model", "org/base"), child("d", "org/Model", "org/base")])
    assert explain(hub.snapshot, "org/moved", HUB)[0] == "org/model"
    with pytest.raises(HubGenealogyError, match="several are in another case: org/Model, org/model"):
        explain(hub.snapshot, "ORG/MODEL", HUB)


def test_a_model_is_found_under_every_name_it_has_had(hub: Sweeps) -> None:
    hub.sweep([record("a", "org/base"), child("k", "org/before", "org/base")])
    hub.sweep([record("a", "org/base"), child("k", "org/Child", "org/base")])
    names = ("org/Child", "org/child", "org/before", "ORG/Before", "child", "k", f"{HUB}/org/Child/tree/main")
    assert {name: explain(hub.snapshot, name, HUB)[0] for name in names} == dict.fromkeys(names, "org/Child")


def test_an_unknown_name_is_an_error_that_names_the_nearest(hub: Sweeps) -> None:
    hub.sweep([record("a", "org/base-model")])
    with pytest.raises(HubGenealogyError, match=r"no model is known as 'org/base-modle'; nearest: org/base-model"):
        explain(hub.snapshot, "org/base-modle", HUB)


def test_every_rule_is_explained() -> None:
    assert {rule.partition(":")[0] for rule in ALL_RULES} == set(RULES)


def test_the_command_needs_a_crawl_and_no_database(tmp_path: Path) -> None:
    program = Program(tmp_path / "home", None, {})
    result = program.run("lineage", "org/child")
    assert (result.code, result.out) == (1, "")
    assert "run `hub-genealogy crawl` first" in result.messages[-1]
    sweeps = Sweeps(tmp_path / "sweeps")
    sweeps.sweep([record("a", "org/base"), child("k", "org/child", "org/base"), record("b", "org/alone")])
    sweeps.snapshot.rename(State(tmp_path / "home").snapshots / "000001")
    result = program.run("lineage", "org/CHILD", "--format", "json")
    assert [(row["parent"], row["source"], row["why"]) for row in result.json()] == [
        ("org/base", "card", RESOLVED_BY["current_id"])
    ]
    assert "org/CHILD: taken as org/child" in result.messages
    alone = program.run("lineage", "org/alone", "--format", "json")
    assert (alone.code, alone.json()) == (0, [])
    assert "that is no proof that it has none" in alone.messages[-1]
    assert program.run("lineage", "org/nobody").code == 1
