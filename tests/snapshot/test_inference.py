"""What nobody declared: read from names, architecture and size where all agree, and labelled for what it is."""

import random
from pathlib import Path
from typing import Any

import pytest

from crawler.records.rules import DEFAULT_RULES, RULES
from tests.support.sweeps import Record, Sweeps, at, child, record, resolved

EDGES = ("child", "parent", "relation", "sources", "rule", "status")
LLAMA: dict[str, Any] = {"config": {"model_type": "llama", "architectures": ["LlamaForCausalLM"]}}
BASE = record("base", "org/Model-7B", **LLAMA, safetensors={"total": 7000})
GGUF = {"gguf": {"architecture": "llama", "total": 7000}, "tags": ["gguf"]}


def copy(name: str, **fields: Any) -> Record:
    return record("copy", name, **({**GGUF} | fields))


@pytest.mark.parametrize(
    ("name", "fields", "rule"),
    [
        pytest.param("quants/Model-7B-GGUF", GGUF, "name:gguf", id="the plain case"),
        pytest.param("quants/model-7b.i1-gguf", GGUF, "name:gguf", id="other case, other signs, calibrated"),
        pytest.param("quants/Model-7B-Q4_K_M-GGUF", GGUF, "name:gguf", id="with its level"),
        pytest.param(
            "quants/Model-7B-AWQ-4bit", LLAMA | {"safetensors": {"total": 1200}}, "name:awq", id="packed integers"
        ),
        pytest.param("quants/Model-7B-GPTQ", LLAMA | {"safetensors": {"total": 1200}}, "name:gptq", id="gptq"),
        pytest.param("quants/Model-7B-4bit-mlx", LLAMA | {"safetensors": {"total": 1200}}, "name:mlx", id="mlx"),
    ],
)
def test_a_format_in_the_name_finds_the_parent_where_architecture_and_size_agree(
    hub: Sweeps, name: str, fields: dict[str, Any], rule: str
) -> None:
    hub.sweep([BASE, record("copy", name, **fields)], rules=DEFAULT_RULES)
    assert hub.rows("edges", *EDGES) == {("copy", "base", "quantized", ("inferred",), rule, "current")}
    assert hub.rows("edges", "declared_as", "claims", "step") == {(None, None, None)}


@pytest.mark.parametrize(
    ("others", "fields"),
    [
        pytest.param([record("twin", "other/Model-7B")], {}, id="two models bear the name"),
        pytest.param([child("x", "org/x", "lost/Model-7B")], {}, id="a name that no listing holds is one too"),
        pytest.param([], {"gguf": {"architecture": "qwen2", "total": 7000}}, id="another architecture"),
        pytest.param([], {"gguf": {"architecture": "llama", "total": 9000}}, id="another size"),
        pytest.param([], {"gguf": {"total": 7000}}, id="an unknown architecture"),
        pytest.param([], {"gguf": {"architecture": "llama"}}, id="an unknown size"),
        pytest.param([], {"createdAt": "2024-12-31T00:00:00.000Z"}, id="older than its parent"),
        pytest.param([], {"cardData": {"base_model": "lost/other"}}, id="it declares a parent, though nobody knows it"),
    ],
)
def test_nothing_is_inferred_where_anything_speaks_against_it(
    hub: Sweeps, others: list[Record], fields: dict[str, Any]
) -> None:
    hub.sweep([BASE, copy("quants/Model-7B-GGUF", **fields), *others], rules=DEFAULT_RULES)
    assert ("inferred",) not in {sources for _, _, sources in hub.rows("edges", "child", "parent", "sources")}


def test_a_former_name_is_borne_too(hub: Sweeps) -> None:
    hub.sweep([BASE, record("k2", "org/second", **LLAMA)])
    hub.sweep([BASE | {"id": "org/New"}, copy("quants/Model-7B-GGUF")], rules=RULES)
    assert hub.rows("edges", "child", "parent", "rule") == {("copy", "base", "name:gguf")}


def test_a_rule_that_is_off_finds_nothing(hub: Sweeps) -> None:
    hub.sweep([BASE, copy("quants/Model-7B-GGUF")], rules=[rule for rule in RULES if rule != "name:gguf"])
    assert hub.edges() == set()


def test_an_inferred_link_never_closes_a_circle(hub: Sweeps) -> None:
    """The parent, by its name, declares that it is made from the model whose parent it would be."""
    base = BASE | {"cardData": {"base_model": "org/middle"}}
    hub.sweep([base, copy("quants/Model-7B-GGUF"), child("m", "org/middle", "quants/Model-7B-GGUF")], rules=RULES)
    assert hub.edges() == {("base", "m", "current"), ("m", "copy", "current")}


def test_a_declaration_takes_the_place_of_what_was_inferred(hub: Sweeps) -> None:
    hub.sweep([BASE, copy("quants/Model-7B-GGUF")], rules=RULES)
    assert hub.changes.edges_added == 1
    hub.sweep([BASE, copy("quants/Model-7B-GGUF")], rules=RULES)
    assert hub.changes.rows_written == 0
    hub.sweep([BASE, copy("quants/Model-7B-GGUF", cardData={"base_model": "org/Model-7B"})], rules=RULES)
    assert hub.rows("edges", "sources", "rule", "first_seen") == {(("card", "inferred"), "files:gguf", at(1))}


def test_a_declaration_that_was_taken_back_is_not_inferred_again(hub: Sweeps) -> None:
    hub.sweep([BASE, copy("quants/Model-7B-GGUF", cardData={"base_model": "org/Model-7B"})], rules=RULES)
    for _ in range(2):
        hub.sweep([BASE, copy("quants/Model-7B-GGUF")], rules=RULES)
        assert hub.edges() == {("copy", "base", "withdrawn")}


PEFT = {"library_name": "peft"}
QUANTIZED = {"config": {"model_type": "llama", "quantization_config": {"quant_method": "awq"}}}


@pytest.mark.parametrize(
    ("fields", "relation", "rule"),
    [
        pytest.param(PEFT, "adapter", "files:peft", id="an adapter's library"),
        pytest.param({"tags": ["mergekit"]}, "merge", "files:mergekit", id="made with mergekit"),
        pytest.param(GGUF, "quantized", "files:gguf", id="a file in gguf of a parent in another format"),
        pytest.param(QUANTIZED, "quantized", "files:quantization_config", id="a quantized config"),
        pytest.param({}, "unknown", None, id="nothing shows it"),
    ],
)
def test_files_show_the_relation_that_nobody_declares(
    hub: Sweeps, fields: dict[str, Any], relation: str, rule: str | None
) -> None:
    hub.sweep([BASE, child("k", "org/child", "org/Model-7B", **fields)], rules=RULES)
    sources = ("card", "inferred") if rule else ("card",)
    assert hub.rows("edges", *EDGES) == {("k", "base", relation, sources, rule, "current")}


def test_a_declared_relation_is_never_overruled_by_files(hub: Sweeps) -> None:
    declared = child(
        "k", "org/child", "org/Model-7B", **PEFT, baseModels=resolved("finetune", ("base", "org/Model-7B"))
    )
    hub.sweep([BASE, declared], rules=RULES)
    assert hub.rows("edges", "relation", "sources", "rule") == {("finetune", ("hub", "card"), None)}


def test_a_quantized_parents_child_is_not_thereby_quantized(hub: Sweeps) -> None:
    parent = record("q", "org/Model-AWQ", **QUANTIZED)
    gguf = record("g", "org/Model-GGUF", **GGUF)
    hub.sweep(
        [
            parent, child("k1", "org/one", "org/Model-AWQ", **QUANTIZED),
            gguf, child("k2", "org/two", "org/Model-GGUF", **GGUF),
            child("k3", "org/three", "lost/parent", **QUANTIZED),
        ],
        rules=[rule for rule in RULES if rule.startswith("files:")],
    )  # fmt: skip
    assert {relation for _, relation in hub.rows("edges", "child", "relation")} == {"unknown"}


def test_a_quantization_of_a_merge_does_not_make_each_of_its_parents_quantized(hub: Sweeps) -> None:
    hub.sweep([BASE, record("b", "org/b"), child("k", "org/child", "org/Model-7B", "org/b", **GGUF)], rules=RULES)
    assert {relation for _, relation in hub.rows("edges", "parent", "relation")} == {"unknown"}


NAMES = ["a/m", "b/m", "c/m-GGUF", "d/m-AWQ", "e/m-GGUF-AWQ", "f/n", "g/n-gguf", "h/n-GPTQ-mlx", "a/m-gguf"]


@pytest.mark.parametrize("seed", range(25))
def test_no_inferred_link_closes_a_circle_or_joins_a_declared_parent(tmp_path: Path, seed: int) -> None:
    """Everything agrees in these Hubs, so that only the names and the declarations decide."""
    chance = random.Random(seed)
    alike = {**LLAMA, "safetensors": {"total": 100}}
    hub = Sweeps(tmp_path)
    for _ in range(3):
        listed = [name for name in NAMES if chance.random() < 0.8]
        declared = {name: chance.sample([*NAMES, "lost/m"], 1) for name in listed if chance.random() < 0.4}
        hub.sweep(
            [
                record(name, name, **alike, cardData={"base_model": declared[name]} if name in declared else {})
                for name in listed
            ],
            rules=RULES,
        )
        links = hub.rows("edges", "child", "parent", "sources", "status")
        current = {(child, parent) for child, parent, _, status in links if status == "current"}
        inferred = {(child, parent) for child, parent, sources, status in links
                    if status == "current" and sources == ("inferred",)}  # fmt: skip
        assert not {child for child, _ in inferred} & set(declared)
        assert len({child for child, _ in inferred}) == len(inferred)
        for copied, parent in inferred:
            above = {parent}
            while more := {up for down, up in current if down in above} - above:
                above |= more
            assert copied not in above, f"{copied} would be its own ancestor"
