"""Only what the parser reads is kept of a record, people masked, and the parser reads of it what it reads of the record."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.records.page import UnreadableRecord, read_record
from crawler.records.record import parse, parse_dataset
from crawler.records.used import DATASET_EXPAND, EXPAND, LEFT_OUT, USED, is_used, kept, kept_text
from tests.support.any_json import TEXTS
from tests.support.any_record import KEY, PEOPLE, RECORDS, VALUES

CARD = {
    "license": "mit",
    "base_model": ["org/base"],
    "datasets": ["org/data"],
    "language": "en",
    "widget": [{"text": "Call me at +33 6 12 34 56 78"}],
    "extra_gated_prompt": "Send your name to the owner",
    "extra_gated_fields": {"Telephone": "text"},
    "model-index": [{"name": "x", "results": []}],
}


def stored(records: list[Any]) -> list[Any]:
    """The records as they are read back from the archive."""
    return [read_record(kept_text(record)) for record in records]


@given(RECORDS | VALUES)
def test_what_is_kept_is_read_as_the_record_itself(record: Any) -> None:
    assert [parse(read) for read in stored([record])] == [parse(record)]
    assert [parse_dataset(read) for read in stored([record])] == [parse_dataset(record)]
    assert kept(kept(record)) == kept(record)


def test_a_record_that_cannot_be_read_leaves_its_key_and_its_beginning() -> None:
    records = [UnreadableRecord("k1", '{"_id":"k1",'), UnreadableRecord(None, ""), KEY, {LEFT_OUT: ["k2", "x"]}, 7]
    read = stored(records)
    assert read[2] == KEY
    assert [parse(one) for one in read] == [parse(one) for one in records]
    assert [(r.model, r.reason) for one in read[:2] for r in parse(one).rejected] == [
        ("k1", "unreadable"),
        (None, "unreadable"),
    ]


@given(st.one_of(st.lists(VALUES, max_size=3), st.tuples(TEXTS | st.none(), TEXTS | st.sampled_from(PEOPLE)).map(list)))
def test_what_looks_like_such_a_record_is_read_alike_before_and_after(told: list[Any]) -> None:
    record = {LEFT_OUT: told}
    assert parse(stored([record])[0]) == parse(record)
    assert kept(kept(record)) == kept(record)


class Watched(dict[str, Any]):
    """An object that notes which of its keys are asked for."""

    asked: set[str]

    def get(self, key: str, default: Any = None) -> Any:
        self.asked.add(key)
        return super().get(key, default)


def watched(value: Any, path: str = "") -> Any:
    if isinstance(value, list):
        return [watched(item, path) for item in value]
    if not isinstance(value, dict):
        return value
    made = Watched({key: watched(inner, f"{path}{key}.") for key, inner in value.items()})
    made.asked, made_at[path] = set(), made
    return made


made_at: dict[str, Watched] = {}


def keys_of(shape: Any, path: str = "") -> Iterator[str]:
    if isinstance(shape, dict):
        for key, inner in shape.items():
            yield path + key
            yield from keys_of(inner, f"{path}{key}.")


def sample(shape: Any) -> Any:
    return {key: sample(inner) for key, inner in shape.items()} if isinstance(shape, dict) else "x"


def asked_for(parser: Any) -> set[str]:
    """The keys that a parser asks for in a record that has them all."""
    made_at.clear()
    parser(watched({**sample(USED), **KEY, "private": False, "tags": [], "safetensors": {"total": None}}))
    return {path + key for path, one in made_at.items() for key in one.asked}


def test_what_is_kept_are_the_keys_that_the_parsers_ask_for() -> None:
    assert asked_for(parse) | asked_for(parse_dataset) == set(keys_of(USED))


def test_a_crawl_asks_for_the_fields_that_it_keeps() -> None:
    assert {"_id", "id", *EXPAND} == set(USED)


def test_a_crawl_asks_the_listing_of_data_sets_for_the_fields_that_are_read_of_one() -> None:
    # Which fields a record carries is noted of all of them.
    carried = {key for key in USED if key not in DATASET_EXPAND}
    assert {key.partition(".")[0] for key in asked_for(parse_dataset)} - carried == set(DATASET_EXPAND)


def test_widgets_prompts_and_other_tags_are_not_kept() -> None:
    record = KEY | {
        "cardData": CARD,
        "tags": ["region:us", "call me", "license:mit", "gguf"],
        "siblings": [1],
        "gguf": {"chat_template": "x"},
    }
    assert kept(record) == KEY | {
        "cardData": {"license": "mit", "base_model": ["org/base"], "datasets": ["org/data"], "language": "en"},
        "tags": ["license:mit", "gguf"],
        "gguf": {LEFT_OUT: None},
    }


@pytest.mark.parametrize(
    "tag", ["base_model:x", "license:mit", "dataset:squad", "gguf", "MergeKit", "arxiv:2310.06825", "doi:10.1000/1"]
)
def test_tags_that_are_read_are_kept(tag: str) -> None:
    assert is_used(tag)


@pytest.mark.parametrize("text", PEOPLE)
@pytest.mark.parametrize("where", ["declared", "datasets", "text", "tag", "name", "adapter", "object", "cut"])
def test_no_address_and_no_home_of_anybody_is_kept_or_read(text: str, where: str) -> None:
    places: dict[str, dict[str, Any]] = {
        "declared": {"cardData": {"base_model": [text, f"see {text}"], "base_model_relation": text}},
        "datasets": {"cardData": {"datasets": text, "license": text, "language": text, "new_version": text}},
        "text": {"library_name": text, "author": text, "pipeline_tag": text, "config": {"model_type": text}},
        "tag": {"tags": [text, f"base_model:{text}", f"dataset:{text}"]},
        "name": {"id": text},
        "adapter": {"config": {"peft": {"base_model_name_or_path": text}}},
        "object": {"baseModels": {"models": [{"id": text}, {"x": text}]}, "config": [text], "likes": {"x": text}},
        "cut": {"cardData": {"base_model": "x" * 480 + " " + text}},
    }
    record = KEY | places[where]
    parsed = parse(record)
    for said in (json.dumps(kept(record), ensure_ascii=False), repr(parsed)):
        assert "example.co" not in said
        # What an address of the Hub names is a name, also before an `@`.
        assert "john" not in said.lower() or text.startswith("https://huggingface.co/john@")


@pytest.mark.parametrize(
    ("text", "reason", "value"),
    [
        pytest.param("john@example.com", "email", r"j\u2026@\u2026", id="an e-mail"),
        pytest.param("/home/john/out/x", "local_path", r"/home/\u2026", id="a home folder"),
        pytest.param("C:\\Users\\John Smith\\x", "local_path", r"C:\\Users\\\u2026", id="a home folder of Windows"),
        pytest.param("~john/x", "local_path", r"~\u2026", id="somebody's home"),
    ],
)
def test_what_a_name_cannot_be_is_counted_with_its_reason_and_masked(text: str, reason: str, value: str) -> None:
    record = KEY | {"cardData": {"base_model": text, "datasets": [text]}}
    rejected = [(r.field, r.value, r.reason) for r in parse(record).rejected]
    assert rejected == [("datasets", value, reason), ("cardData.base_model", value, reason)]


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("gpt2@v1.0", "gpt2"),
        ("org/model@v1.0", "org/model"),
        ("org/model@release.candidate", "org/model"),
        ("https://huggingface.co/home/model", "home/model"),
        ("hf://users/model", "users/model"),
        ("/home/john/.cache/huggingface/hub/models--org--model/snapshots/1f", "org/model"),
        ("C:\\Users\\John Smith\\hub\\models--org--model\\snapshots", "org/model"),
    ],
)
def test_masking_loses_no_link(text: str, target: str) -> None:
    assert [d.target for d in parse(KEY | {"cardData": {"base_model": text}}).declared] == [target]
