"""Forgotten owners in texts and records: replaced wherever they are named, and nothing else is touched."""

import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.records.forgetting import Forgotten, is_stand_in
from crawler.records.listed import kept_records
from crawler.records.page import read_page
from crawler.records.record import parse
from crawler.records.references import read_reference
from crawler.records.used import kept, kept_text

KEY = Forgotten(b"k" * 32)
LOWER, CANONICAL = KEY.token("janeqdoe"), KEY.token("JaneQDoe")
JANE = Forgotten(KEY.key, frozenset({LOWER}))


def stored(records: Iterable[bytes]) -> bytes:
    """The page that the archive stores of these records."""
    return b"[" + b",".join(records) + b"]"


OTHERS = ("someone", "jane", "janeqdoe2", "doe")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("JaneQDoe", f"{CANONICAL}"),
        ("janeqdoe/base", f"{LOWER}/base"),
        ("janeqdoe/JaneQDoe-7B.gguf", f"{LOWER}/{CANONICAL}-7B.gguf"),
        ("janeqdoe/base@main", f"{LOWER}/base@main"),
        ("https://huggingface.co/janeqdoe/base/tree/main", f"https://huggingface.co/{LOWER}/base/tree/main"),
        ("hf.co/datasets/janeqdoe/data", f"hf.co/datasets/{LOWER}/data"),
        ("http://localhost:8000/janeqdoe/base", f"http://localhost:8000/{LOWER}/base"),
        ("https://huggingface.co/janeqdoe%2Fjaneqdoe-7b", f"https://huggingface.co/{LOWER}%2F{LOWER}-7b"),
        ("/cache/models--janeqdoe--base/snapshots/1", f"/cache/models--{LOWER}--base/snapshots/1"),
        ("/data/janeqdoe/checkpoint", f"/data/{LOWER}/checkpoint"),
        ("C:\\models\\janeqdoe\\base", f"C:\\models\\{LOWER}\\base"),
        ("absent:janeqdoe/base", f"absent:{LOWER}/base"),
        ("family:absent:janeqdoe/base", f"family:absent:{LOWER}/base"),
        ("a merge of janeqdoe/a, janeqdoe/b by janeqdoe.", f"a merge of {LOWER}/a, {LOWER}/b by {LOWER}."),
    ],
)
def test_a_name_is_replaced_in_every_spelling_in_which_it_is_found(text: str, expected: str) -> None:
    assert JANE.text(text) == expected
    assert JANE.may_change(text)


@pytest.mark.parametrize(
    "text",
    [
        "someone/janeqdoe-7b",
        "someone/janeqdoe",
        "janeqdoe2/base",
        "not-janeqdoe/base",
        "https://huggingface.co/someone/janeqdoe",
        "janeqdoe:latest",
        "mistralai/Mistral-7B-v0.1",
        "",
    ],
)
def test_the_names_of_others_stay(text: str) -> None:
    assert JANE.text(text) == text


def test_a_short_name_is_replaced_within_its_repositories_where_it_is_a_word_alone() -> None:
    short = Forgotten(KEY.key, frozenset({KEY.token("ai")}))
    token = KEY.token("ai")
    assert short.text("ai/chain-ai-7b") == f"{token}/chain-{token}-7b"


def test_a_name_of_a_repository_never_becomes_longer_than_the_hub_allows() -> None:
    long = "x" * 80 + "-janeqdoe"
    replaced = JANE.text(f"janeqdoe/{long}")
    assert read_reference(replaced) == (replaced,)
    assert replaced != JANE.text(f"janeqdoe/y{long[1:]}")


def test_only_fields_that_name_somebody_change() -> None:
    merge = Forgotten(KEY.key, frozenset({KEY.token("merge")}))
    record: dict[str, Any] = {
        "_id": "65f000000000000000000001",
        "id": "merge/gguf",
        "author": "merge",
        "pipeline_tag": "merge",
        "library_name": "merge",
        "tags": ["gguf", "license:merge", "base_model:merge:merge/a", "base_model:someone/b", "dataset:merge/d"],
        "baseModels": {"relation": "merge", "models": [{"_id": "1", "id": "merge/a"}]},
        "cardData": {
            "base_model": ["merge/a"],
            "base_model_relation": "merge",
            "language": "merge",
            "datasets": ["merge/d"],
        },
        "config": {"model_type": "merge", "peft": {"base_model_name_or_path": "merge/a"}},
    }
    token = KEY.token("merge")
    assert merge.record(record) == record | {
        "id": f"{token}/gguf",
        "author": token,
        "tags": ["gguf", "license:merge", f"base_model:merge:{token}/a", "base_model:someone/b", f"dataset:{token}/d"],
        "baseModels": {"relation": "merge", "models": [{"_id": "1", "id": f"{token}/a"}]},
        "cardData": record["cardData"] | {"base_model": [f"{token}/a"], "datasets": [f"{token}/d"]},
        "config": {"model_type": "merge", "peft": {"base_model_name_or_path": f"{token}/a"}},
    }


def test_records_of_others_stay_byte_for_byte() -> None:
    other = b'{"_id":"65f000000000000000000002",  "id":"someone/janeqdoe-7b","downloads":1e3}'
    page = b'[{"_id":"65f000000000000000000001","id":"JaneQDoe/base"},' + other + b"]"
    assert JANE.page(page) == b'[{"_id":"65f000000000000000000001","id":"%s/base"},%s]' % (CANONICAL.encode(), other)
    assert JANE.page(b"[%s]" % other) == b"[%s]" % other


def test_a_record_that_cannot_be_read_is_kept_without_the_name() -> None:
    deep = b"[" * 20_000 + b"]" * 20_000
    body = b'[{"id": 1}, {"_id": "65f000000000000000000001", "id": "janeqdoe/base", "x": %s}]' % deep
    page = stored(kept_records(body))
    assert b"janeqdoe" in page
    assert b"janeqdoe" not in JANE.page(page)
    assert len(read_page(JANE.page(page))) == 2


def test_a_stand_in_is_told_from_a_name() -> None:
    assert is_stand_in(CANONICAL)
    assert is_stand_in(f"{LOWER}/base")
    assert not is_stand_in("forgotten-realms/base")
    assert not is_stand_in(f"someone/{LOWER}")
    assert not is_stand_in(None)


def test_another_key_gives_another_stand_in() -> None:
    assert Forgotten(b"another").token("janeqdoe") != LOWER


names = st.sampled_from(["janeqdoe", "JaneQDoe", "JANEQDOE", *OTHERS])
parts = st.sampled_from(["base", "Base", "janeqdoe-7b", "JaneQDoe", "x.y_z", "a" * 90])
repositories = st.builds(lambda owner, part: f"{owner}/{part}", names, parts)
spellings = st.one_of(
    repositories,
    repositories.map(lambda name: f"https://huggingface.co/{name}/tree/main"),
    repositories.map(lambda name: f"{name}@main"),
    repositories.map(lambda name: f'"{name}"'),
    repositories.map(lambda name: "models--" + name.replace("/", "--")),
    st.lists(repositories, max_size=3).map(", ".join),
    st.text(max_size=30),
)
records = st.fixed_dictionaries(
    {"_id": st.just("65f000000000000000000001"), "id": repositories},
    optional={
        "author": names,
        "baseModels": st.fixed_dictionaries(
            {
                "relation": st.just("merge"),
                "models": st.lists(st.fixed_dictionaries({"_id": st.text("abcdef", min_size=4), "id": repositories})),
            }
        ),
        "cardData": st.fixed_dictionaries(
            {}, optional={"base_model": st.lists(spellings), "datasets": st.lists(spellings), "new_version": spellings}
        ),
        "config": st.fixed_dictionaries(
            {}, optional={"peft": st.fixed_dictionaries({"base_model_name_or_path": spellings})}
        ),
        "tags": st.lists(
            st.one_of(
                spellings.map("base_model:{}".format),
                spellings.map("base_model:adapter:{}".format),
                spellings.map("dataset:{}".format),
            )
        ),
    },
)


@given(st.one_of(spellings, st.text()))
def test_replacing_twice_changes_nothing_and_case_is_kept_apart(text: str) -> None:
    once = JANE.text(text)
    assert JANE.text(once) == once
    if text.isascii():
        assert JANE.text(text.lower()) == once.lower()


@given(repositories, repositories)
def test_names_that_were_equal_stay_equal_and_those_that_were_not_do_not(one: str, other: str) -> None:
    assert (JANE.text(one) == JANE.text(other)) == (one == other)
    assert (JANE.text(one).lower() == JANE.text(other).lower()) == (one.lower() == other.lower())


@given(records)
def test_the_links_of_a_record_stay_and_name_the_same_models(record: dict[str, Any]) -> None:
    before, after = parse(kept(record)), parse(JANE.record(kept(record)))
    assert before.model is not None
    assert after.model is not None
    assert after.model.id == JANE.text(before.model.id)
    assert after.model.owner == JANE.text(before.model.owner or "")
    assert [(one.source, one.relation, one.hub_id, one.target) for one in after.declared] == [
        (one.source, one.relation, one.hub_id, JANE.text(one.target)) for one in before.declared
    ]
    assert [(one.id, one.sources) for one in after.model.datasets] == [
        (JANE.text(one.id), one.sources) for one in before.model.datasets
    ]
    assert [(one.field, one.reason) for one in after.rejected] == [(one.field, one.reason) for one in before.rejected]
    assert '"janeqdoe/' not in json.dumps(JANE.record(kept(record))).lower()


@given(st.lists(records, max_size=4))
def test_a_page_keeps_its_records(page: list[dict[str, Any]]) -> None:
    kept_as = stored(map(kept_text, page))
    assert read_page(JANE.page(kept_as)) == [JANE.record(kept(record)) for record in page]
    assert JANE.page(JANE.page(kept_as)) == JANE.page(kept_as)
