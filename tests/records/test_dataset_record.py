"""What is read of one record of the listing of data sets."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.records.forgetting import Forgotten
from crawler.records.record import Model, Parsed, parse_dataset
from crawler.records.used import kept
from tests.support.any_json import JSON, TEXTS
from tests.support.any_record import KEY, PEOPLE, RECORDS, VALUES

RECORD = {
    "_id": "621ffdd236468d709f181d5e",
    "id": "rajpurkar/squad_v2",
    "author": "rajpurkar",
    "cardData": {
        "license": "CC-BY-SA-4.0",
        "language": ["en"],
        "source_datasets": ["original", "extended|squad"],
        "paperswithcode_id": "squad",
    },
    "createdAt": "2022-03-02T23:29:22.000Z",
    "lastModified": "2024-03-04T13:55:27.000Z",
    "sha": "3ffb306f725f7d2ce8394bc1873b24868140c412",
    "downloads": 31,
    "likes": 7,
    "gated": "auto",
    "disabled": False,
    "private": False,
    "tags": ["language:en", "license:cc-by-sa-4.0", "region:us"],
}


def sources(value: Any) -> list[tuple[str, str]]:
    parsed = parse_dataset(KEY | {"cardData": {"source_datasets": value}})
    assert {(d.source, d.relation, d.hub_id) for d in parsed.declared} <= {("card", None, None)}
    return [(d.spelling, d.target) for d in parsed.declared]


def rejected(value: Any) -> list[tuple[str, str, str]]:
    parsed = parse_dataset(KEY | {"cardData": {"source_datasets": value}})
    return [(r.field, r.value, r.reason) for r in parsed.rejected]


def test_reads_a_data_set_as_a_repository() -> None:
    parsed = parse_dataset(RECORD)
    assert parsed.model is not None
    assert parsed.model == Model(
        key="621ffdd236468d709f181d5e",
        id="rajpurkar/squad_v2",
        owner="rajpurkar",
        created_at=1646263762000,
        modified_at=1709560527000,
        revision="3ffb306f725f7d2ce8394bc1873b24868140c412",
        downloads=31,
        likes=7,
        gated="auto",
        disabled=False,
        licenses=("cc-by-sa-4.0",),
        languages=("en",),
        has_card=True,
        fields=parsed.model.fields,
    )
    assert [(d.spelling, d.target) for d in parsed.declared] == [("extended|squad", "squad")]
    assert parsed.rejected == []


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("original", []),
        (["original"], []),
        (None, []),
        ([], []),
        ("", []),
        ("squad", [("squad", "squad")]),
        ("extended|squad", [("extended|squad", "squad")]),
        (["extended|org/data", " Extended | imdb "], [("extended|org/data", "org/data"), ("Extended | imdb", "imdb")]),
        (["squad", "squad"], [("squad", "squad")]),
        ([["original"], ["extended|glue"]], [("extended|glue", "glue")]),
        ({"name": "org/data"}, [("org/data", "org/data")]),
        (
            "https://huggingface.co/datasets/org/data",
            [("https://huggingface.co/datasets/org/data", "org/data")],
        ),
    ],
)
def test_reads_the_data_sets_that_a_data_set_is_made_from(value: Any, found: list[tuple[str, str]]) -> None:
    assert sources(value) == found
    assert rejected(value) == []


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("extended", "placeholder"),
        ("extended|other", "not_a_dataset"),
        ("extended|other-wikipedia dump", "not_a_dataset"),
        ("https://huggingface.co/org/model", "not_a_dataset"),
        ("/data/x", "local_path"),
        (7, "not_a_name"),
    ],
)
def test_rejects_what_names_no_data_set_of_the_hub_with_its_reason(value: Any, reason: str) -> None:
    assert sources(value) == []
    assert [(field, why) for field, _, why in rejected(value)] == [("cardData.source_datasets", reason)]


@given(RECORDS | VALUES)
def test_any_record_is_a_data_set_or_rejected(record: Any) -> None:
    parsed = parse_dataset(record)
    assert isinstance(parsed, Parsed)
    assert parsed.model is not None or parsed.rejected


@given(st.one_of(VALUES, TEXTS.map("extended|{}".format), st.lists(JSON | TEXTS, max_size=4)))
def test_no_source_disappears_silently(value: Any) -> None:
    read = parse_dataset(KEY | {"cardData": {"source_datasets": [value, "org/mark"]}})
    assert "org/mark" in [d.target for d in read.declared]
    alone = [str(text) for text in (value if isinstance(value, list) else [value]) if isinstance(text, int | float)]
    assert len(alone) <= len(read.rejected)


@pytest.mark.parametrize("text", PEOPLE)
def test_nobody_is_named_in_a_source(text: str) -> None:
    said = repr(parse_dataset(KEY | {"cardData": {"source_datasets": [text, f"extended|{text}"]}}))
    assert "example.co" not in said
    assert "john" not in said.lower() or text.startswith("https://huggingface.co/john@")


def test_a_forgotten_owner_is_named_in_no_source() -> None:
    nobody = Forgotten(b"key", frozenset())
    forgotten = Forgotten(b"key", frozenset({nobody.token("john")}))
    record = kept(KEY | {"cardData": {"source_datasets": ["john/data", "extended|John/data", "org/data"]}})
    found = [d.target for d in parse_dataset(forgotten.record(record)).declared]
    assert "john" not in repr(forgotten.record(record)).lower()
    assert (len(found), found[2]) == (3, "org/data")
