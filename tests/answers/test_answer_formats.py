"""An answer in its shapes, and what no name can do to a terminal or a spreadsheet."""

import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta, timezone
from itertools import count
from typing import Any

import neo4j.time
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.answers import formats
from crawler.answers.table import MEASURED_ROWS
from crawler.logs import CONTROL

COLUMNS = ["id", "children", "gated", "since", "sources"]
SINCE = neo4j.time.DateTime(2025, 3, 1, 6, 0, 0, tzinfo=UTC)
ROWS: list[list[Any]] = [
    ["org/model", 12, False, SINCE, ["hub", "tag"]],
    ["名/前", None, True, None, []],
]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def written(shape: str, rows: Any = ROWS, columns: list[str] = COLUMNS, out: io.StringIO | None = None) -> str:
    out = out or io.StringIO()
    formats.WRITERS[shape](columns, rows, out)
    return out.getvalue()


OBJECTS = [
    {"id": "org/model", "children": 12, "gated": False, "since": "2025-03-01T06:00:00Z", "sources": ["hub", "tag"]},
    {"id": "名/前", "children": None, "gated": True, "since": None, "sources": []},
]


def test_json_is_an_array_of_objects_keyed_by_the_columns_in_order() -> None:
    text = written("json")
    assert json.loads(text) == OBJECTS
    assert [list(row) for row in json.loads(text)] == [COLUMNS, COLUMNS]
    assert json.loads(written("json", [])) == []


def test_jsonl_is_one_object_a_line() -> None:
    assert [json.loads(line) for line in written("jsonl").splitlines()] == OBJECTS
    assert not written("jsonl", [])


def test_csv_has_a_header_and_typed_cells() -> None:
    assert written("csv") == (
        "id,children,gated,since,sources\norg/model,12,false,2025-03-01T06:00:00Z,hub; tag\n名/前,,true,,\n"
    )


def test_csv_for_a_spreadsheet_says_that_it_is_utf8_and_runs_nothing() -> None:
    rows = [["=HYPERLINK(1)", -1, ["@x", "y"]], ["名/前", 0.5, ["hub"]]]
    assert written("csv-excel", rows, ["id", "n", "list"]) == (
        "\ufeffid,n,list\n'=HYPERLINK(1),-1,'@x; y\n名/前,0.5,hub\n"
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (datetime(2025, 3, 1, tzinfo=UTC), "2025-03-01T00:00:00Z"),
        (datetime(2025, 3, 1, tzinfo=timezone(timedelta(hours=2))), "2025-03-01T00:00:00+02:00"),
        (neo4j.time.DateTime(2025, 3, 1, 6, 0, 0, 123456000, tzinfo=UTC), "2025-03-01T06:00:00.123456Z"),
        (neo4j.time.Date(2025, 3, 1), "2025-03-01"),
    ],
)
def test_times_are_iso_8601_wherever_they_are(value: Any, text: str) -> None:
    assert json.loads(written("json", [[value, [value]]], ["time", "times"])) == [{"time": text, "times": [text]}]
    assert written("csv", [[value, [value, value]]], ["time", "times"]).splitlines()[1] == f"{text},{text}; {text}"
    # People read no fractions of a second.
    shown = text.replace(".123456", "")
    assert (
        written("table", [[value, [value, value]]], ["time", "times"]) == f"time   {shown}\ntimes  {shown}, {shown}\n"
    )


HOSTILE = st.text(
    alphabet=st.one_of(st.characters(), st.sampled_from("\x1b\x07\r\n\t\x9b\u202e\u2028\x00,\"'")), max_size=20
)


@given(st.lists(st.tuples(HOSTILE, st.lists(HOSTILE, max_size=2)), max_size=4))
def test_no_name_can_steer_a_terminal_or_break_a_line(rows: list[tuple[str, list[str]]]) -> None:
    for shape in formats.WRITERS:
        text = written(shape, rows, ["id", "sources"], Terminal())
        assert not CONTROL.search(text.replace("\n", ""))
        if shape in {"csv", "csv-excel", "jsonl"}:
            assert text.count("\n") == len(rows) + (shape != "jsonl")
    assert "\t" not in written("table", rows, ["id", "sources"], Terminal())
    unbounded = written("table", rows, ["id", "sources"])
    assert not CONTROL.search(unbounded.replace("\n", ""))
    assert unbounded.count("\n") == len(rows) + (len(rows) != 1) * 2 + (len(rows) == 1)


@given(st.lists(st.tuples(HOSTILE.filter(lambda text: "\x00" not in text), st.integers()), max_size=5))
def test_what_is_written_to_a_file_is_read_back_as_it_was(rows: list[tuple[str, int]]) -> None:
    expected = [list(row) for row in rows]
    assert [list(row.values()) for row in json.loads(written("json", rows, ["id", "n"]))] == expected
    for shape in ("csv", "csv-excel"):
        _header, *lines = csv.reader(io.StringIO(written(shape, rows, ["id", "n"]).removeprefix("\ufeff"), newline=""))
        assert [[without_apostrophe(name), int(n)] for name, n in lines] == expected


def without_apostrophe(cell: str) -> str:
    """A cell as docs/queries.md says that a program reads it."""
    return re.sub("^'(?='*[=+\\-@\uff1d\uff0b\uff0d\uff20\t\r\n])", "", cell)


@pytest.mark.parametrize("shape", ["csv", "csv-excel"])
@given(
    st.text("=+-@\uff1d\uff0b\uff0d\uff20\t\r\n'", min_size=1, max_size=4),
    st.sampled_from(["", "1", 'HYPERLINK("x")', "cmd|' /C calc'!A0"]),
)
def test_no_csv_holds_a_cell_that_a_spreadsheet_runs(shape: str, start: str, rest: str) -> None:
    text = written(shape, [[start + rest, [start + rest, "x"], -1, -0.5]], [start + rest, "list", "n", "share"])
    names, row = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    for cell in (names[0], *row[:2]):
        assert cell[0] not in "=+-@\uff1d\uff0b\uff0d\uff20\t\r\n"
    assert row[2:] == ["-1", "-0.5"], "a number stays one"


def test_what_shows_nothing_is_shown_on_a_terminal_and_kept_in_a_file() -> None:
    hidden = "a\u200bb\u202ec\U000e0041\u3164"
    for shape, escaped in (("csv", r"a\u200bb\u202ec\U000e0041\u3164"), ("table", r"a\u200bb\u202ec\U000e0041\u3164")):
        assert escaped in written(shape, [[hidden], ["x"]], ["id"], Terminal())
    assert hidden in written("csv", [[hidden]], ["id"])
    for out in (Terminal(), io.StringIO()):
        text = written("jsonl", [[hidden]], ["id"], out)
        assert text.isascii()
        assert json.loads(text) == {"id": hidden}


@pytest.mark.parametrize(("shape", "ahead"), [("csv", 1), ("json", 1), ("jsonl", 1), ("table", MEASURED_ROWS)])
def test_rows_are_written_as_they_come(shape: str, ahead: int) -> None:
    out = io.StringIO()

    def rows() -> Any:
        for number in count():
            if number > ahead:
                assert f"row{number - ahead - 1}" in out.getvalue()
            if number == ahead + 5:
                return
            yield [f"row{number}"]

    formats.WRITERS[shape](["id"], rows(), out)
