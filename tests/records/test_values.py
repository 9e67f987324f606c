"""Any JSON value is read as the type that is wanted, or noted with its reason."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given

from crawler.records.values import LARGEST_INTEGER, LONGEST_TEXT, Reader, flat, shown
from tests.support.any_json import JSON

DEEP: Any = "bottom"
for _ in range(100_000):
    DEEP = [DEEP]


def read(kind: str, value: Any, *more: Any) -> tuple[Any, list[str]]:
    """What `Reader.<kind>` makes of `value`, and the reasons it gives for what it refuses."""
    reader = Reader("key", "org/model")
    result = getattr(reader, kind)("field", value, *more)
    assert all((r.model, r.id, r.field) == ("key", "org/model", "field") for r in reader.rejected)
    return result, [r.reason for r in reader.rejected]


@pytest.mark.parametrize(
    ("value", "text", "reasons"),
    [
        pytest.param("text", "text", [], id="a text"),
        pytest.param(" text\n", "text", [], id="blanks around are no part of it"),
        pytest.param(None, None, [], id="null is absent"),
        pytest.param("", None, [], id="empty is absent"),
        pytest.param("  ", None, [], id="blank is absent"),
        pytest.param("x" * LONGEST_TEXT, "x" * LONGEST_TEXT, [], id="the longest text"),
        pytest.param("x" * (LONGEST_TEXT + 1), None, ["too_long"], id="one character more"),
        pytest.param("a\x1b[2Jb", None, ["control_characters"], id="an escape sequence"),
        pytest.param("a\x9bb", None, ["control_characters"], id="a C1 control character"),
        pytest.param("a\u2028b", None, ["control_characters"], id="a line separator"),
        pytest.param("a\ud800b", None, ["control_characters"], id="half a surrogate pair"),
        pytest.param(1, None, ["not_a_text"], id="a number"),
        pytest.param(["text"], None, ["not_a_text"], id="a list"),
    ],
)
def test_text(value: Any, text: str | None, reasons: list[str]) -> None:
    assert read("text", value) == (text, reasons)


@pytest.mark.parametrize(
    ("value", "texts", "reasons"),
    [
        pytest.param("one", ["one"], [], id="a text counts as a list of one"),
        pytest.param(["b", "a", "b"], ["b", "a"], [], id="each once, in their order"),
        pytest.param(["a", ["b", [None, "c"]]], ["a", "b", "c"], [], id="nested lists"),
        pytest.param(["a", 3, {"b": 1}, ""], ["a"], ["not_a_text", "not_a_text"], id="what is no text is noted"),
        pytest.param(None, [], [], id="null"),
        pytest.param([], [], [], id="empty"),
        pytest.param(DEEP, ["bottom"], [], id="deeper than Python's stack"),
    ],
)
def test_texts(value: Any, texts: list[str], reasons: list[str]) -> None:
    assert read("texts", value) == (texts, reasons)


@pytest.mark.parametrize(
    ("value", "strings", "reasons"),
    [
        pytest.param(["b", " a\n", "b"], ["b", " a\n", "b"], [], id="exactly as they are"),
        pytest.param(["a", ["b", [None]]], ["a", "b"], [], id="nested lists"),
        pytest.param(["a", 3, {"b": 1}], ["a"], ["not_a_text", "not_a_text"], id="what is no text"),
        pytest.param("a", [], ["not_a_list"], id="a text is no list"),
        pytest.param({}, [], ["not_a_list"], id="nor is an object"),
        pytest.param(None, [], [], id="null"),
    ],
)
def test_strings(value: Any, strings: list[str], reasons: list[str]) -> None:
    assert read("strings", value, lambda _: True) == (strings, reasons)


def test_strings_that_are_not_used_are_passed_over() -> None:
    assert read("strings", ["a", ["b", 7], "c"], lambda text: text != "b") == (["a", "c"], ["not_a_text"])


@pytest.mark.parametrize(
    ("value", "count", "reasons"),
    [
        pytest.param(0, 0, [], id="zero"),
        pytest.param(LARGEST_INTEGER, LARGEST_INTEGER, [], id="the largest that the graph holds"),
        pytest.param(LARGEST_INTEGER + 1, None, ["not_a_count"], id="one more"),
        pytest.param(10**5000, None, ["not_a_count"], id="too long to print"),
        pytest.param(-1, None, ["not_a_count"], id="below zero"),
        pytest.param(True, None, ["not_a_count"], id="true is no number"),
        pytest.param(1.0, None, ["not_a_count"], id="a fraction"),
        pytest.param("1", None, ["not_a_count"], id="a text"),
        pytest.param(None, None, [], id="null is absent"),
    ],
)
def test_integer(value: Any, count: int | None, reasons: list[str]) -> None:
    assert read("integer", value) == (count, reasons)


@pytest.mark.parametrize(
    ("value", "flag", "reasons"),
    [
        pytest.param(True, True, [], id="true"),
        pytest.param(False, False, [], id="false"),
        pytest.param(None, None, [], id="null is absent"),
        pytest.param(1, None, ["not_a_flag"], id="one"),
        pytest.param("true", None, ["not_a_flag"], id="a text"),
    ],
)
def test_flag(value: Any, flag: bool | None, reasons: list[str]) -> None:
    assert read("flag", value) == (flag, reasons)


@pytest.mark.parametrize(
    ("value", "milliseconds", "reasons"),
    [
        pytest.param("1970-01-01T00:00:00.000Z", 0, [], id="the epoch"),
        pytest.param("2022-03-02T23:29:04.123Z", 1646263744123, [], id="milliseconds are kept"),
        pytest.param("2022-03-02T23:29:04", 1646263744000, [], id="without offset it is UTC"),
        pytest.param("2022-03-03T00:29:04+01:00", 1646263744000, [], id="an offset counts"),
        pytest.param("1969-12-31T23:59:59Z", None, ["not_a_time"], id="before the epoch"),
        pytest.param("9999-12-31T23:59:59-12:00", None, ["not_a_time"], id="a year of five digits in UTC"),
        pytest.param("0001-01-01T00:00:00+12:00", None, ["not_a_time"], id="before the first year in UTC"),
        pytest.param("yesterday", None, ["not_a_time"], id="words"),
        pytest.param("", None, ["not_a_time"], id="empty"),
        pytest.param(1646263744, None, ["not_a_time"], id="a number"),
        pytest.param(None, None, [], id="null is absent"),
    ],
)
def test_time(value: Any, milliseconds: int | None, reasons: list[str]) -> None:
    assert read("time", value) == (milliseconds, reasons)


@pytest.mark.parametrize(
    ("value", "mapping", "reasons"),
    [
        pytest.param({"a": 1}, {"a": 1}, [], id="an object"),
        pytest.param(None, {}, [], id="null is empty"),
        pytest.param([], {}, ["not_an_object"], id="a list"),
        pytest.param("", {}, ["not_an_object"], id="a text"),
    ],
)
def test_mapping(value: Any, mapping: dict[str, Any], reasons: list[str]) -> None:
    assert read("mapping", value) == (mapping, reasons)


@pytest.mark.parametrize(
    ("value", "line"),
    [
        pytest.param("org/x", "org/x", id="a text as it is"),
        pytest.param("a\n\x1b[0mé\ud800", r"a\n\x1b[0m\xe9\ud800", id="what is not printable, escaped"),
        pytest.param({"a": [1, None]}, "<object>", id="an object: what is in it may be anything"),
        pytest.param("x" * 501, "x" * 500 + "…", id="too long, cut"),
        pytest.param(DEEP, "<list>", id="a list, however deep"),
    ],
)
def test_a_value_is_shown_as_one_short_line(value: Any, line: str) -> None:
    assert shown(value) == line


@given(JSON)
def test_what_is_shown_is_one_line_of_printable_ascii(value: Any) -> None:
    line = shown(value)
    assert len(line) <= LONGEST_TEXT + 1
    assert all(" " <= character <= "~" for character in line.removesuffix("…"))


@given(JSON)
def test_every_reader_gives_a_value_in_range_or_a_reason(value: Any) -> None:
    count, reasons = read("integer", value)
    assert count is None or 0 <= count <= LARGEST_INTEGER
    assert value is None or (count is None) == bool(reasons)
    time, reasons = read("time", value)
    assert time is None or datetime.fromtimestamp(time / 1000, UTC).year <= 9999
    assert value is None or (time is None) == bool(reasons)
    text, reasons = read("text", value)
    assert text is None or (text and json.loads(json.dumps(text).encode("utf-8")) == text)
    assert text is not None or reasons or value is None or not value.strip()
    flag, reasons = read("flag", value)
    assert value is None or (flag is None) == bool(reasons)


@given(JSON)
def test_flat_gives_every_item_that_is_neither_null_nor_a_list(value: Any) -> None:
    items = list(flat(value))
    assert not any(item is None or isinstance(item, list) for item in items)
    if not isinstance(value, list):
        assert items == ([] if value is None else [value])
