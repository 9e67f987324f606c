"""The sample listing has the Hub's shape, and holds every special case that its README promises."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from demo import SAMPLE, SAMPLE_DATASETS
from demo.sample_hub import LEGACY

HERE = SAMPLE.parent
RELATIONS = {"finetune", "adapter", "quantized", "merge"}
KEYS = (
    "_id",
    "id",
    "author",
    "createdAt",
    "lastModified",
    "private",
    "gated",
    "disabled",
    "downloads",
    "likes",
    "pipeline_tag",
    "library_name",
    "tags",
    "cardData",
    "config",
    "safetensors",
    "gguf",
    "baseModels",
    "inferenceProviderMapping",
)
ALWAYS = set(KEYS[:10]) | {"tags"}
OLDEST = "2022-03-02T23:29:04.000Z"
# Names that records carry and no record bears: the parents that are missing from the Hub.
ABSENT = {"runwayml/stable-diffusion-v1-5", "decapoda-research/llama-7b-hf", "example-lab/withdrawn-base-7b"}

Record = dict[str, Any]
LINES = (HERE / "listing.jsonl").read_text(encoding="utf-8").splitlines()
RECORDS: list[Record] = [json.loads(line) for line in LINES]
MODELS: dict[str, Record] = {record["id"]: record for record in RECORDS}


def card(name: str) -> Any:
    return MODELS[name]["cardData"].get("base_model")


def hub_parents(name: str) -> list[str]:
    return [parent["id"] for parent in MODELS[name].get("baseModels", {}).get("models", [])]


def relation(name: str) -> str | None:
    found: str | None = MODELS[name].get("baseModels", {}).get("relation")
    return found


def base_model_tags(name: str) -> set[str]:
    return {tag.removeprefix("base_model:") for tag in MODELS[name]["tags"] if tag.startswith("base_model:")}


def steps_up(name: str, seen: frozenset[str] = frozenset()) -> int:
    """The length of the longest way from `name` to a root."""
    onward = [parent for parent in hub_parents(name) if parent not in seen | {name}]
    return max((1 + steps_up(parent, seen | {name}) for parent in onward), default=0)


def below(name: str) -> set[str]:
    found: set[str] = set()
    todo = [name]
    while todo:
        parent = todo.pop()
        todo += [child for child in MODELS if child not in found and parent in hub_parents(child)]
        found.update(child for child in MODELS if parent in hub_parents(child))
    return found - {name}


def test_every_line_is_one_record_with_its_keys_in_the_same_order() -> None:
    for line, record in zip(LINES, RECORDS, strict=True):
        assert [key for key in KEYS if key in record] == list(record), record["id"]
        assert set(record) >= ALWAYS, record["id"]
        assert line == json.dumps(record, ensure_ascii=False, separators=(",", ":")), record["id"]


def test_ids_are_unique_and_ascend() -> None:
    object_ids = [record["_id"] for record in RECORDS]
    assert object_ids == sorted(set(object_ids))
    assert len({name.lower() for name in MODELS}) == len(RECORDS)


def test_an_object_id_begins_with_the_second_of_creation() -> None:
    for record in RECORDS:
        assert re.fullmatch(r"[0-9a-f]{24}", record["_id"])
        created = datetime.fromtimestamp(int(record["_id"][:8], 16), UTC)
        assert record["createdAt"] == f"{created:%Y-%m-%dT%H:%M:%S}.000Z"
        assert OLDEST <= record["createdAt"] <= record["lastModified"]


def test_fields_have_the_values_that_the_hub_gives() -> None:
    for record in RECORDS:
        assert record["author"] == record["id"].split("/")[0]
        assert record["private"] is False
        assert record["gated"] in (False, "auto", "manual")
        assert "region:us" in record["tags"]
        assert len(record["tags"]) == len(set(record["tags"]))
        if "safetensors" in record:
            assert record["safetensors"]["total"] == sum(record["safetensors"]["parameters"].values())


def test_base_models_agree_with_the_listing() -> None:
    for record in RECORDS:
        if "baseModels" not in record:
            continue
        assert record["baseModels"]["relation"] in RELATIONS
        assert record["baseModels"]["models"]
        for parent in record["baseModels"]["models"]:
            assert MODELS[parent["id"]]["_id"] == parent["_id"], (record["id"], parent)


def test_tags_agree_with_base_models_and_card() -> None:
    for name, record in MODELS.items():
        licences = record.get("cardData", {}).get("license", [])
        expected = {f"license:{licence}" for licence in ([licences] if isinstance(licences, str) else licences)}
        assert {tag for tag in record["tags"] if tag.startswith("license:")} == expected
        tags = base_model_tags(name)
        typed = {tag.partition(":")[2] for tag in tags if tag.partition(":")[0] in RELATIONS}
        bare = {tag for tag in tags if tag.partition(":")[0] not in RELATIONS}
        assert typed == bare, name
        if relation(name):
            assert {tag.partition(":")[0] for tag in tags - bare} == {relation(name)}, name


def declared_names() -> Iterator[tuple[str, str]]:
    for name, record in MODELS.items():
        found = record.get("cardData", {}).get("base_model")
        yield from ((name, spelling) for spelling in ([found] if isinstance(found, str) else found or []))
        if peft := record.get("config", {}).get("peft"):
            yield name, peft["base_model_name_or_path"]


def test_every_declared_name_is_listed_or_a_documented_exception() -> None:
    healed = {spelling for name in MODELS for spelling in base_model_tags(name) if hub_parents(name)}
    odd = {
        name
        for name, spelling in declared_names()
        if spelling not in MODELS and spelling not in healed and spelling not in ABSENT
    }
    assert odd == {
        "example-lab/address-bar-mistral",
        "example-lab/blank-parent-7b",
        "example-lab/helpdesk-llama-2-lora",
        "example-lab/letters-checkpoint-7b",
        "example-lab/lower-case-mistral",
        "example-lab/pinned-mistral",
        "mlabonne/FineLlama-3.1-8B",
    }


def test_only_example_lab_is_made_up_and_the_readme_names_every_one_of_it() -> None:
    readme = (HERE / "README.md").read_text(encoding="utf-8")
    assert [name for name in MODELS if name.startswith("example-lab/") and name not in readme] == []
    named = set(re.findall(r"\bexample-lab/[\w.-]*\w", readme))
    assert named - set(MODELS) == {"example-lab/withdrawn-base-7b"}
    assert f"{len(RECORDS)} records" in readme


def test_a_merge_has_several_parents() -> None:
    for name in ("Weyaxi/OpenHermes-2.5-neural-chat-v3-3-Slerp", "mlabonne/Beagle14-7B"):
        assert (relation(name), len(hub_parents(name))) == ("merge", 2)
    assert len(hub_parents("FuseAI/FuseO1-DeepSeekR1-QwQ-SkyT1-32B-Preview")) == 3
    several = [name for name in MODELS if len(hub_parents(name)) > 1 and relation(name) != "merge"]
    assert several == ["example-lab/two-teachers-7b"]


def test_a_chain_is_at_least_five_steps_long() -> None:
    assert steps_up("mlabonne/NeuralBeagle14-7B-GGUF") == 9
    assert steps_up("example-lab/tulu-3-letters-lora") == 5


def test_an_adapter_stands_on_a_quantised_model() -> None:
    for name in ("example-lab/shakespeare-mistral-gptq-lora", "example-lab/tulu-3-letters-lora"):
        assert relation(name) == "adapter"
        assert [relation(parent) for parent in hub_parents(name)] == ["quantized"]
    assert MODELS["example-lab/tulu-3-letters-lora"]["config"]["peft"]["base_model_name_or_path"] != card(
        "example-lab/tulu-3-letters-lora"
    )


@pytest.mark.parametrize(
    ("child", "old", "new"),
    [
        ("unsloth/Meta-Llama-3.1-8B-bnb-4bit", "meta-llama/Meta-Llama-3.1-8B", "meta-llama/Llama-3.1-8B"),
        ("NousResearch/Hermes-3-Llama-3.1-8B", "meta-llama/Meta-Llama-3.1-8B", "meta-llama/Llama-3.1-8B"),
        (
            "bartowski/Dolphin3.0-Llama3.1-8B-GGUF",
            "cognitivecomputations/Dolphin3.0-Llama3.1-8B",
            "dphn/Dolphin3.0-Llama3.1-8B",
        ),
        ("Xenova/bert-base-uncased", "bert-base-uncased", "google-bert/bert-base-uncased"),
        ("example-lab/bert-base-uncased-finetuned-squad", "bert-base-uncased", "google-bert/bert-base-uncased"),
        ("Xenova/t5-small", "t5-small", "google-t5/t5-small"),
    ],
)
def test_a_renamed_parent_keeps_its_old_name_on_the_card_and_in_tags(child: str, old: str, new: str) -> None:
    assert old not in MODELS
    assert card(child) == old
    assert old in base_model_tags(child)
    assert hub_parents(child) == [new]


@pytest.mark.parametrize("name", sorted(ABSENT))
def test_an_absent_parent_is_declared_and_in_no_record(name: str) -> None:
    children = [child for child, spelling in declared_names() if spelling == name]
    assert children
    assert name not in MODELS
    assert not any("baseModels" in MODELS[child] for child in children)


@pytest.mark.parametrize(
    "root",
    ["meta-llama/Llama-2-7b-hf", "meta-llama/Llama-3.1-8B", "google/gemma-7b", "black-forest-labs/FLUX.1-dev"],
)
def test_a_gated_root_has_open_quantised_descendants(root: str) -> None:
    assert MODELS[root]["gated"] in ("auto", "manual")
    assert any(MODELS[name]["gated"] is False and relation(name) == "quantized" for name in below(root))


@pytest.mark.parametrize(
    ("child", "licence", "parents_licence"),
    [
        ("princeton-nlp/gemma-2-9b-it-SimPO", "mit", "gemma"),
        ("unsloth/gemma-7b-bnb-4bit", "apache-2.0", "gemma"),
        ("example-lab/llama-2-7b-recipes", "apache-2.0", "llama2"),
    ],
)
def test_licences_conflict(child: str, licence: str, parents_licence: str) -> None:
    assert MODELS[child]["cardData"]["license"] == licence
    assert [MODELS[parent]["cardData"]["license"] for parent in hub_parents(child)] == [parents_licence]


def test_a_licence_may_be_a_list_or_missing_or_named_in_words() -> None:
    assert isinstance(MODELS["pszemraj/flan-t5-large-grammar-synthesis"]["cardData"]["license"], list)
    assert "license" not in MODELS["NousResearch/Llama-2-7b-hf"]["cardData"]
    named = MODELS["Qwen/Qwen2.5-3B"]["cardData"]
    assert (named["license"], named["license_name"]) == ("other", "qwen-research")


def test_a_model_links_to_itself_and_two_link_to_each_other() -> None:
    assert [name for name in MODELS if name in hub_parents(name)] == ["example-lab/self-portrait-7b"]
    pairs = {
        frozenset((name, parent))
        for name in MODELS
        for parent in hub_parents(name)
        if parent != name and name in hub_parents(parent)
    }
    assert pairs == {frozenset(("example-lab/ouroboros-head-7b", "example-lab/ouroboros-tail-7b"))}


def test_adapters_are_declared_by_their_configuration_alone() -> None:
    silent = {
        name
        for name, record in MODELS.items()
        if "peft" in record.get("config", {})
        and "base_model" not in record.get("cardData", {})
        and not base_model_tags(name)
        and "baseModels" not in record
    }
    assert silent == {
        "example-lab/helpdesk-llama-2-lora",
        "example-lab/notes-llama-3.1-lora",
        "example-lab/poems-llama-3-qlora",
        "example-lab/tickets-flan-t5-lora",
        "tloen/alpaca-lora-7b",
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("example-lab/address-bar-mistral", "https://huggingface.co/mistralai/Mistral-7B-v0.1"),
        ("example-lab/pinned-mistral", "mistralai/Mistral-7B-v0.1@main"),
        ("example-lab/lower-case-mistral", "MistralAI/mistral-7b-V0.1"),
        ("example-lab/letters-checkpoint-7b", "./results/checkpoint-500"),
        ("example-lab/blank-parent-7b", ""),
        ("example-lab/no-parent-7b", []),
        ("example-lab/null-parent-7b", None),
    ],
)
def test_an_odd_card_is_all_that_the_model_declares(name: str, value: Any) -> None:
    assert "base_model" in MODELS[name]["cardData"]
    assert card(name) == value
    assert "baseModels" not in MODELS[name]
    assert not base_model_tags(name)


def test_a_parent_in_another_case_is_resolved_by_the_hub() -> None:
    assert card("mlabonne/FineLlama-3.1-8B") == "unsloth/meta-llama-3.1-8b-bnb-4bit"
    assert hub_parents("mlabonne/FineLlama-3.1-8B") == ["unsloth/Meta-Llama-3.1-8B-bnb-4bit"]


def test_a_card_says_another_relation_than_the_hub() -> None:
    claims = {
        name: (record["cardData"]["base_model_relation"], relation(name))
        for name, record in MODELS.items()
        if "base_model_relation" in record.get("cardData", {})
    }
    assert claims == {"example-lab/bert-base-uncased-onnx": ("finetune", "quantized")}


def test_some_models_have_no_card() -> None:
    bare = {name for name, record in MODELS.items() if "cardData" not in record}
    assert bare == {"hf-internal-testing/tiny-random-bert", "example-lab/tickets-flan-t5-lora"}


def test_a_gguf_is_quantized_on_the_hub() -> None:
    files = [name for name, record in MODELS.items() if "gguf" in record]
    assert len(files) > 15
    assert {relation(name) for name in files} == {"quantized"}


def test_datasets_come_under_legacy_names_and_as_a_string() -> None:
    assert MODELS["example-lab/bert-base-uncased-finetuned-squad"]["cardData"]["datasets"] == ["squad"]
    assert isinstance(MODELS["open-r1/OpenR1-Qwen-7B"]["cardData"]["datasets"], str)
    assert isinstance(MODELS["google-bert/bert-base-uncased"]["cardData"]["language"], str)


def test_data_sets_are_told_apart_and_each_is_named_by_a_model_or_by_another_one() -> None:
    records = [json.loads(line) for line in SAMPLE_DATASETS.read_text(encoding="utf-8").splitlines()]
    names = {record["id"] for record in records}
    assert len(names) == len(records)
    assert [record["_id"] for record in records] == sorted({record["_id"] for record in records})
    assert all(
        int(record["_id"][:8], 16) == datetime.fromisoformat(record["createdAt"]).timestamp() for record in records
    )
    said = {
        name for model in RECORDS for tag in model["tags"] for name in [tag.removeprefix("dataset:")] if name != tag
    }
    said |= {name.removeprefix("extended|") for one in records for name in one["cardData"].get("source_datasets", ())}
    assert names <= said | {LEGACY[name] for name in said & LEGACY.keys()}
    assert set(LEGACY.values()) <= names
    assert not LEGACY.keys() & names
