"""What is kept of a page is the same whether its records are read one way or the other."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crawler.records.listed import Listed, kept_records
from crawler.records.page import MOST_VALUES, PageError, read_page, read_record
from crawler.records.record import parse
from crawler.records.used import LEFT_OUT, USED, kept_text
from tests.support.any_record import KEY, PEOPLE, RECORDS, VALUES


def written(values: Any, **how: Any) -> bytes:
    return json.dumps(values, **how).encode("utf-8", "surrogatepass")


def by_value(records: list[bytes]) -> list[str]:
    """The records, each in one spelling of JSON."""
    return [json.dumps(read_record(record)) for record in records]


@given(st.lists(RECORDS | VALUES, max_size=3), st.sampled_from([None, (",", ":")]), st.booleans())
@example([KEY | {"config": {}, "cardData": {"widget": 1}, "gguf": {"x": {}}, "safetensors": {}}], None, True)
@example([KEY | {"config": {"peft": {}, "quantization_config": {"x": 1}}, "baseModels": {"models": [{}]}}], None, True)
@example([KEY | {"downloads": 1.0, "likes": 2**64, "tags": ["x"], "library_name": "diffusers"}], None, True)
@example([KEY | {"cardData": {LEFT_OUT: None}}, KEY | {"cardData": {LEFT_OUT: None, "license": "mit"}}], None, True)
@example([KEY | {LEFT_OUT: ["key", "text"]}, {LEFT_OUT: ["key", "text"]}], None, True)
def test_of_a_page_the_same_is_kept_as_of_each_of_its_records(records: list[Any], separators: Any, ascii: bool) -> None:  # noqa: A002  # the name in json
    body = written(records, separators=separators, ensure_ascii=ascii)
    assert by_value(kept_records(body)) == by_value([kept_text(record) for record in read_page(body)])


@given(st.lists(RECORDS.map(lambda record: KEY | record), min_size=1, max_size=2))
def test_what_is_kept_of_a_page_is_read_as_the_page(records: list[Any]) -> None:
    kept = kept_records(written(records))
    assert [parse(read_record(record)) for record in kept] == [parse(record) for record in records]
    assert by_value(kept_records(b"[" + b",".join(kept) + b"]")) == by_value(kept)


@pytest.mark.parametrize("text", PEOPLE)
def test_nobody_is_named_in_what_is_kept_of_a_page(text: str) -> None:
    [kept] = kept_records(written([KEY | {"cardData": {"base_model": text}, "tags": [f"base_model:{text}"]}]))
    assert b"example.co" not in kept
    assert b"john" not in kept.lower() or text.startswith("https://huggingface.co/john@")


BROKEN = {
    "a key that is no UTF-8": b'{"_id":"k","id":"a\xff/b"}',
    "a text that is no UTF-8": b'{"_id":"k","id":"a/b","sha":"\xc3"}',
    "half a surrogate pair": b'{"_id":"k","id":"a/b","sha":"\\ud800"}',
    "half a surrogate pair as bytes": b'{"_id":"k","id":"a/b","sha":"\xed\xa0\x80"}',
    "a number of 5,000 digits": b'{"_id":"k","id":"a/b","likes":' + b"9" * 5000 + b"}",
    "NaN": b'{"_id":"k","id":"a/b","likes":NaN}',
    "a number beyond all": b'{"_id":"k","id":"a/b","likes":1e999}',
    "a word that JSON does not know": b'{"_id":"k","id":"a/b","gated":undefined}',
    "a control character": b'{"_id":"k","id":"a/b","other":"\x00"}',
    "a key twice": b'{"_id":"k","id":"a/b","config":{},"config":{"x":1}}',
    "nested lists": b'{"_id":"k","id":"a/b","other":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
def test_a_record_that_is_hard_to_read_is_kept_alike_and_costs_its_neighbours_nothing(broken: bytes) -> None:
    body = b'[{"_id":"a","id":"a/a"},' + broken + b',{"_id":"b","id":"a/c"}]'
    kept = kept_records(body)
    assert by_value(kept) == by_value([kept_text(record) for record in read_page(body)])
    assert [kept[0], kept[2]] == [b'{"_id":"a","id":"a/a"}', b'{"_id":"b","id":"a/c"}']


@pytest.mark.parametrize("body", [b"", b"{}", b"[", b'[{"_id":"k"}', b"<html>", b"null", b"[1] [2]"])
def test_what_is_no_page_is_none(body: bytes) -> None:
    with pytest.raises(PageError):
        kept_records(body)


@pytest.mark.parametrize("body", [b"[1,2,3]", b"[1,2,NaN]"])
def test_a_page_of_more_records_than_were_asked_for_is_none(body: bytes) -> None:
    assert len(kept_records(body, 3)) == 3
    with pytest.raises(PageError, match="more than 2 records, though no more were asked for"):
        kept_records(body, 2)


def test_a_page_of_too_many_values_loses_its_largest_record_only() -> None:
    body = b'[{"_id":"a"},{"_id":"big","x":[' + b"{}," * MOST_VALUES + b'1]},{"_id":"b"}]'
    first, big, last = kept_records(body, 3)
    assert (first, last) == (b'{"_id":"a"}', b'{"_id":"b"}')
    assert big.startswith(b'{"...":["big"')


def keys(kind: Any) -> Any:
    """The keys of a record as `listed` describes it, in the form of `USED`."""
    inner = {field.encode_name: field.type for field in msgspec.structs.fields(kind) if field.encode_name != LEFT_OUT}
    return {name: below(type_) for name, type_ in inner.items()}


def below(kind: Any) -> Any:
    parts = [kind, *getattr(kind, "__args__", ())]
    parts += [inner for part in parts for inner in getattr(part, "__args__", ())]
    structs = [part for part in parts if isinstance(part, type) and issubclass(part, msgspec.Struct)]
    return keys(structs[0]) if structs else None


def without_names(shape: Any) -> Any:
    """A shape without what stands for a name in an object: `listed` leaves such objects to `kept`."""
    if not isinstance(shape, dict) or "repo_id" in shape:
        return None
    return {key: without_names(inner) for key, inner in shape.items()}


def test_a_usual_record_has_every_key_that_is_used() -> None:
    assert keys(Listed) == without_names(USED)
