"""What a record says of its parents: every declaration from every place, and nothing lost."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.records.declarations import HUB_RELATIONS, Declared, declared_parents, read_fields
from crawler.records.evidence import SOURCES
from crawler.records.references import read_reference
from crawler.records.values import LONGEST_TEXT, Reader
from tests.support.any_json import JSON, TEXTS, says_something

Declarations = list[tuple[str, str, str, str | None, str | None]]


def read(record: dict[str, Any]) -> tuple[Declarations, list[tuple[str, str, str]]]:
    """(source, spelling, target, relation, hub_id) of each declaration, and (field, value, reason) of what was refused."""
    reader = Reader("key", "org/child")
    declared = declared_parents(read_fields(record, reader), reader)
    return (
        [(d.source, d.spelling, d.target, d.relation, d.hub_id) for d in declared],
        [(r.field, r.value, r.reason) for r in reader.rejected],
    )


@pytest.mark.parametrize(
    ("record", "declared"),
    [
        pytest.param({}, [], id="a record without lineage"),
        pytest.param(
            {
                "baseModels": {
                    "relation": "merge",
                    "models": [{"_id": "k1", "id": "org/a"}, {"_id": "k2", "id": "org/b"}],
                }
            },
            [("hub", "org/a", "org/a", "merge", "k1"), ("hub", "org/b", "org/b", "merge", "k2")],
            id="baseModels has one relation for all",
        ),
        pytest.param(
            {"baseModels": {"models": [{"id": "org/a"}]}},
            [("hub", "org/a", "org/a", None, None)],
            id="baseModels without relation and key",
        ),
        pytest.param(
            {
                "baseModels": {
                    "relation": "merge",
                    "models": [{"_id": "621ffdc064304a53078d2e73"}, {"_id": "k", "id": ""}],
                }
            },
            [
                ("hub", "621ffdc064304a53078d2e73", "621ffdc064304a53078d2e73", "merge", "621ffdc064304a53078d2e73"),
                ("hub", "k", "k", "merge", "k"),
            ],
            id="a base model without a name is known by its key",
        ),
        pytest.param(
            {"cardData": {"base_model": [{"name": "org/a", "revision": "main"}, {"model": ["org/b"], "id": None}]}},
            [("card", "org/a", "org/a", None, None), ("card", "org/b", "org/b", None, None)],
            id="an object in the card, with the name where a name stands",
        ),
        pytest.param(
            {"config": {"peft": {"base_model_name_or_path": ["org/a", None]}}},
            [("adapter_config", "org/a", "org/a", "adapter", None)],
            id="a list in an adapter's configuration",
        ),
        pytest.param(
            {"tags": ["x", "base_model:org/a", "base_model:finetune:org/a"]},
            [("tag", "org/a", "org/a", "finetune", None)],
            id="a bare tag beside a typed one says nothing of its own",
        ),
        pytest.param(
            {"tags": ["base_model:org/a", "base_model:finetune:org/b"]},
            [("tag", "org/a", "org/a", None, None), ("tag", "org/b", "org/b", "finetune", None)],
            id="a bare tag of another parent stays",
        ),
        pytest.param(
            {"tags": ["base_model:https://huggingface.co/org/a"]},
            [("tag", "https://huggingface.co/org/a", "org/a", None, None)],
            id="an address in a tag is no relation called https",
        ),
        pytest.param(
            {"cardData": {"base_model": "org/a", "base_model_relation": " Quantized "}},
            [("card", "org/a", "org/a", "quantized", None)],
            id="a card with its relation",
        ),
        pytest.param(
            {"cardData": {"base_model": ["org/a", ["gpt2"], "org/a"]}},
            [("card", "org/a", "org/a", None, None), ("card", "gpt2", "gpt2", None, None)],
            id="a card's list, nested, each once",
        ),
        pytest.param(
            {"cardData": {"base_model": "org/a, org/b"}},
            [("card", "org/a, org/b", "org/a", None, None), ("card", "org/a, org/b", "org/b", None, None)],
            id="two names in one text",
        ),
        pytest.param(
            {"config": {"peft": {"base_model_name_or_path": "org/a", "task_type": "CAUSAL_LM"}}},
            [("adapter_config", "org/a", "org/a", "adapter", None)],
            id="an adapter's own configuration",
        ),
        pytest.param(
            {
                "cardData": {"base_model": [None, "", " "], "base_model_relation": None},
                "baseModels": None,
                "tags": ["base_model:"],
                "config": {"peft": {"base_model_name_or_path": None}},
            },
            [],
            id="an empty or null declaration is no declaration",
        ),
        pytest.param(
            {"cardData": {"base_model": "org/a", "base_model_relation": "distilled from"}},
            [("card", "org/a", "org/a", "distilled from", None)],
            id="a relation of one's own words is kept as a claim",
        ),
    ],
)
def test_declarations_are_read_from_every_place(record: dict[str, Any], declared: Declarations) -> None:
    assert read(record) == (declared, [])


@pytest.mark.parametrize(
    ("record", "rejected"),
    [
        pytest.param({"baseModels": "org/a"}, ("baseModels", "org/a", "not_an_object"), id="baseModels as a text"),
        pytest.param(
            {"baseModels": {"models": ["org/a", {"relation": "x"}]}},
            ("baseModels", "<object>", "no_name"),
            id="a base model without a name and a key",
        ),
        pytest.param(
            {"baseModels": {"relation": ["merge"], "models": []}},
            ("baseModels", "<list>", "not_a_relation"),
            id="a relation of baseModels that is no text",
        ),
        pytest.param({"tags": {"base_model": "org/a"}}, ("tags", "<object>", "not_a_list"), id="tags as an object"),
        pytest.param({"tags": "base_model:org/a"}, ("tags", "base_model:org/a", "not_a_list"), id="tags as one text"),
        pytest.param(
            {"tags": ["x", ["y", {"base_model": "org/a"}]]},
            ("tags", "<object>", "not_a_text"),
            id="an object among the tags",
        ),
        pytest.param({"tags": ["base_model:/mnt/x"]}, ("tags", "/mnt/x", "local_path"), id="a path in a tag"),
        pytest.param(
            {"tags": ["base_model:finetune:"]},
            ("tags", "finetune:", "not_a_repository_name"),
            id="a typed tag without a name",
        ),
        pytest.param(
            {"tags": ["base_model:llama:latest"]},
            ("tags", "llama:latest", "not_a_repository_name"),
            id="a word before a colon that is no relation of the Hub",
        ),
        pytest.param(
            {"tags": ["base_model:distilled:org/a"]},
            ("tags", "distilled:org/a", "not_a_repository_name"),
            id="a relation that the Hub does not know",
        ),
        pytest.param(
            {"tags": ["base_model:finetune:llama:latest"]},
            ("tags", "llama:latest", "not_a_repository_name"),
            id="a name with a colon behind a relation",
        ),
        pytest.param({"cardData": ["x"]}, ("cardData", "<list>", "not_an_object"), id="a card that is a list"),
        pytest.param(
            {"cardData": {"base_model": [{"org/a": 1}]}},
            ("cardData.base_model", "<object>", "not_a_name"),
            id="an object in the card that names nothing where a name stands",
        ),
        pytest.param(
            {"cardData": {"base_model": "org/a", "base_model_relation": ["adapter"]}},
            ("cardData.base_model_relation", "<list>", "not_a_relation"),
            id="a relation that is no text",
        ),
        pytest.param({"config": {"peft": "org/a"}}, ("config.peft", "org/a", "not_an_object"), id="peft as a text"),
        pytest.param(
            {"cardData": {"base_model": "me@example.org"}},
            ("cardData.base_model", r"m\u2026@\u2026", "email"),
            id="an e-mail in the card",
        ),
        pytest.param(
            {"config": {"peft": {"base_model_name_or_path": 7}}},
            ("config.peft.base_model_name_or_path", "7", "not_a_name"),
            id="a number in an adapter's configuration",
        ),
    ],
)
def test_what_names_nothing_is_rejected_with_its_place(record: dict[str, Any], rejected: tuple[str, str, str]) -> None:
    assert rejected in read(record)[1]


@pytest.mark.parametrize("relation", HUB_RELATIONS)
def test_each_relation_of_the_hub_splits_a_tag(relation: str) -> None:
    assert read({"tags": [f"base_model:{relation}:org/a"]}) == ([("tag", "org/a", "org/a", relation, None)], [])


@pytest.mark.parametrize("word", ["llama", "Finetune", "unknown", "https", "hf"])
def test_no_other_word_before_a_colon_makes_a_parent_of_what_follows(word: str) -> None:
    declared, rejected = read({"tags": [f"base_model:{word}:latest"]})
    assert (declared, len(rejected)) == ([], 1)


def test_a_spelling_that_no_property_should_hold_is_written_out_in_short() -> None:
    long = "org/a" + " " * LONGEST_TEXT + "org/b"
    declared, _ = read({"cardData": {"base_model": [long, "org/a\n,\torg/b"]}})
    assert [(target, len(spelling)) for _, spelling, target, _, _ in declared] == [
        ("org/a", LONGEST_TEXT + 1), ("org/b", LONGEST_TEXT + 1), ("org/a", 15), ("org/b", 15),
    ]  # fmt: skip


def test_invisible_characters_are_no_part_of_a_name_and_written_out_in_its_spelling() -> None:
    declared, rejected = read({"cardData": {"base_model": ["\ufefforg/a", "org/b\u200b", "\u202e"]}})
    assert [(spelling, target) for _, spelling, target, _, _ in declared] == [
        ("\\ufefforg/a", "org/a"), ("org/b\\u200b", "org/b"),
    ]  # fmt: skip
    assert rejected == []


LINEAGE = st.fixed_dictionaries(
    {},
    optional={
        "baseModels": JSON
        | st.fixed_dictionaries(
            {"relation": JSON, "models": st.lists(st.fixed_dictionaries({"_id": JSON, "id": JSON}), max_size=3)}
        ),
        "tags": st.lists(TEXTS.map("base_model:{}".format) | JSON, max_size=4) | JSON,
        "cardData": JSON | st.fixed_dictionaries({"base_model": JSON, "base_model_relation": JSON}),
        "config": JSON | st.fixed_dictionaries({"peft": st.fixed_dictionaries({"base_model_name_or_path": JSON})}),
    },
)


def spellings(record: dict[str, Any]) -> list[str]:
    """Every text that stands in the card's or an adapter's place for a parent, by the plainest reading."""
    found: list[str] = []
    card, config = record.get("cardData"), record.get("config")
    pending = [card.get("base_model")] if isinstance(card, dict) else []
    while pending:
        item = pending.pop()
        if isinstance(item, list):
            pending.extend(item)
        elif isinstance(item, str):
            found.append(item)
    peft = config.get("peft") if isinstance(config, dict) else None
    name = peft.get("base_model_name_or_path") if isinstance(peft, dict) else None
    return [*found, name] if isinstance(name, str) else found


@given(LINEAGE)
def test_every_spelling_becomes_a_declaration_or_a_rejection(record: dict[str, Any]) -> None:
    reader = Reader("key", "org/child")
    declared = declared_parents(read_fields(record, reader), reader)
    assert len(set(declared)) == len(declared)
    for spelling in spellings(record):
        targets = read_reference(spelling)
        if isinstance(targets, tuple):
            assert set(targets) <= {d.target for d in declared if d.source in ("card", "adapter_config")}
        else:
            assert targets.reason in {r.reason for r in reader.rejected}


@given(JSON, st.sampled_from(["card", "peft", "hub", "relation", "hub_relation"]))
def test_whatever_stands_in_a_parents_place_leaves_a_trace(value: Any, place: str) -> None:
    record = {
        "card": {"cardData": {"base_model": value}},
        "peft": {"config": {"peft": {"base_model_name_or_path": value}}},
        "hub": {"baseModels": {"models": value}},
        "relation": {"cardData": {"base_model": "org/a", "base_model_relation": value}},
        "hub_relation": {"baseModels": {"models": ["org/a"], "relation": value}},
    }[place]
    declared, rejected = read(record)
    traces = len(rejected) + sum(d[3] is not None if place.endswith("relation") else 1 for d in declared)
    assert (traces > 0) >= says_something(value)


@given(LINEAGE)
def test_declarations_can_be_kept_and_shown(record: dict[str, Any]) -> None:
    for declared in declared_parents(read_fields(record, reader := Reader("key", "org/child")), reader):
        assert isinstance(declared, Declared)
        assert declared.source in SOURCES
        assert 0 < len(declared.spelling) <= LONGEST_TEXT + 1
        assert declared.target.isascii()
        assert declared.target.isprintable()
        assert read_reference(declared.target) == (declared.target,)
        for text in filter(None, (declared.spelling, declared.relation, declared.hub_id)):
            assert not any(ord(character) < 32 or 0x7F <= ord(character) <= 0x9F for character in text)
            assert text.encode("utf-8")
