"""A page of the listing as bytes: one poisoned record costs itself, and a page that is cut off is never taken for a whole one."""

import json
import math
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.records.page import PageError, UnreadableRecord, read_page
from crawler.records.record import parse

DEEP = 10_000
# Texts in which brackets, quotes and backslashes stand as they like: nothing in a string is structure.
TRICKY = st.text(alphabet='[]{},:"\\/ abé\u2028\x00\n', max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TRICKY,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TRICKY, inner, max_size=3),
    max_leaves=6,
)
RECORDS = st.lists(
    st.dictionaries(TRICKY, VALUES, max_size=4).map(lambda fields: {"_id": "65f0", **fields}), max_size=5
)

# Records that no reader of JSON takes, though the page around them is whole.
UNREADABLE = {
    "nested lists": b'{"_id":"bad1","tags":' + b"[" * DEEP + b"]" * DEEP + b"}",
    "nested objects": b'{"_id":"bad1","cardData":' + b'{"a":' * DEEP + b"1" + b"}" * DEEP + b"}",
    "a nested list without a key": b"[" * DEEP + b"]" * DEEP,
    "a number of 5,000 digits": b'{"_id":"bad1","downloads":' + b"9" * 5000 + b"}",
    "a word that JSON does not know": b'{"_id":"bad1","gated":undefined}',
    "a control character in a string": b'{"_id":"bad1","id":"a\x00b"}',
    "an escape that JSON does not know": b'{"_id":"bad1","id":"\\x41"}',
    "half an escape of a character": b'{"_id":"bad1","id":"\\u12"}',
    "single quotes": b"{'_id':'bad1'}",
    "a comma too many": b'{"_id":"bad1",}',
    "nothing between two commas": b"",
    "two values without a comma": b'{"_id":"bad1"} {"_id":"bad2"}',
}
# Records that are odd, and read.
READABLE = {
    "NaN": b'{"_id":"odd","downloads":NaN}',
    "infinity": b'{"_id":"odd","likes":-Infinity}',
    "brackets in strings": b'{"_id":"odd","id":"]}],[{","x":"}}}"}',
    "quotes and backslashes in strings": b'{"_id":"odd","id":"\\"]\\\\","x":"\\\\\\"}"}',
    "half a surrogate pair": b'{"_id":"odd","id":"\\ud800"}',
    "bytes that are no UTF-8": b'{"_id":"odd","id":"a\xff\xfe\xc3/b"}',
    "half a character of UTF-8 before the quote": b'{"_id":"odd","id":"a\xe2\x82"}',
    "a key twice": b'{"_id":"no","_id":"odd"}',
    "a list": b'[["odd"]]',
    "a number": b"3",
    "null": b"null",
    "a string": b'"],["',
}
PAGE_ERRORS = {
    "nothing": b"",
    "spaces": b" \n ",
    "HTML": b"<!DOCTYPE html><html><body>Just a moment...</body></html>",
    "an object": b'{"models":[{"_id":"65f0"}]}',
    "an object that cannot be read": b'{"models":[' + b"[" * DEEP + b"]" * DEEP + b"]}",
    "null": b"null",
    "a string": b'"[]"',
    "a number": b"200",
    "NaN": b"NaN",
    "bytes that are no UTF-8": b"\xff\xfe\x00",
    "gzip": b"\x1f\x8b\x08\x00\x00\x00\x00\x00",
    "two pages": b"[][]",
    "a page and a word": b'[{"_id":"65f0"}] ok',
    "a page in which nothing can be read": b"[undefined,undefined]",
    "brackets only": b"[" * DEEP,
    "quotes only": b'["' + b'"' * 1001,
}


def text(records: list[Any]) -> list[bytes]:
    return [json.dumps(record, ensure_ascii=False).encode() for record in records]


def page(elements: list[bytes]) -> bytes:
    return b"[" + b",".join(elements) + b"]"


@pytest.mark.parametrize("poison", UNREADABLE.values(), ids=UNREADABLE.keys())
@settings(max_examples=25)
@given(before=RECORDS, after=RECORDS)
def test_a_record_that_cannot_be_read_costs_itself_only(poison: bytes, before: list[Any], after: list[Any]) -> None:
    neighbours = [{"_id": "near"}]  # of a page in which nothing can be read, nothing is believed
    read = read_page(page([*text(before), poison, *text(neighbours + after)]))
    bad = read.pop(len(before))
    assert read == before + neighbours + after
    assert isinstance(bad, UnreadableRecord)
    assert bad.key == ("bad1" if poison.startswith(b'{"_id"') else None)
    assert len(bad.text) <= 200
    assert parse(bad).rejected[0].reason == "unreadable"


@pytest.mark.parametrize("poison", READABLE.values(), ids=READABLE.keys())
@settings(max_examples=25)
@given(before=RECORDS, after=RECORDS)
def test_an_odd_record_is_a_value_and_its_neighbours_are_as_they_were(
    poison: bytes, before: list[Any], after: list[Any]
) -> None:
    read = read_page(page([*text(before), poison, *text(after)]))
    odd = read.pop(len(before))
    assert read == before + after
    assert not isinstance(odd, UnreadableRecord)
    if isinstance(odd, dict):
        assert odd["_id"] == "odd"
    parse(odd)


@given(records=RECORDS.filter(bool), poison=st.sampled_from([b"", *UNREADABLE.values()]), share=st.floats(0, 1))
def test_a_page_cut_anywhere_is_no_page(records: list[Any], poison: bytes, share: float) -> None:
    whole = page([*text(records), *([poison] if poison else [])])
    with pytest.raises(PageError):
        read_page(whole[: math.floor(share * (len(whole) - 1))])


@given(records=RECORDS.filter(bool))
def test_a_page_cut_where_a_string_looks_like_its_end_is_no_page(records: list[Any]) -> None:
    elements = [*text(records), b'{"_id":"cut","id":"x}]", "y":"\\"}]", "z":"]}]"}']
    whole = page(elements)
    lookalikes = [match.end() for match in re.finditer(rb"\]", whole)][:-1]
    assert lookalikes
    for end in lookalikes:
        with pytest.raises(PageError):
            read_page(whole[:end])


@pytest.mark.parametrize("body", PAGE_ERRORS.values(), ids=PAGE_ERRORS.keys())
def test_what_is_no_array_is_no_page(body: bytes) -> None:
    with pytest.raises(PageError) as caught:
        read_page(body)
    assert len(str(caught.value)) < 400


@given(body=st.binary(max_size=60) | TRICKY.map(str.encode))
def test_whatever_comes_it_is_a_page_or_a_page_error(body: bytes) -> None:
    try:
        read = read_page(body)
    except PageError:
        return
    for record in read:
        parse(record)


@pytest.mark.parametrize("filling", [b"x", b"\\\\", b'\\"', b"]}", b'\\"[{', "é".encode(), b"\xff"])
def test_twenty_megabytes_in_one_record_are_read_beside_one_that_cannot_be(filling: bytes) -> None:
    card = filling * (20_000_000 // len(filling))
    elements = [b'{"_id":"a"}', b'{"_id":"big","card":"' + card + b'"}', UNREADABLE["nested lists"], b'{"_id":"b"}']
    first, big, bad, last = read_page(page(elements))
    assert (first, last) == ({"_id": "a"}, {"_id": "b"})
    assert big["_id"] == "big"
    assert len(big["card"]) >= 10_000_000
    assert isinstance(bad, UnreadableRecord)


@pytest.mark.parametrize("body", [b"[" * 20_000_000, b'"' * 20_000_000, b"[" + b'"[' * 10_000_000])
def test_twenty_megabytes_of_structure_end_in_a_page_error(body: bytes) -> None:
    with pytest.raises(PageError):
        read_page(body)
