"""A table is for people: it fits their terminal, and says numbers as they would."""

import io
import os
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crawler.answers.catalogue import by_topic
from crawler.answers.library import Library
from crawler.answers.table import display_width, is_address, shown, write_table
from crawler.logs import CONTROL
from tests.support.lineage_graph import LIBRARY

URL = "https://hub.example/org/a-model-with-a-long-name"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def table(columns: list[str], rows: list[list[Any]], width: int | None = None) -> list[str]:
    out = io.StringIO()
    write_table(columns, rows, out, width)
    return out.getvalue().splitlines()


def test_a_table_is_aligned_with_numbers_to_the_right() -> None:
    rows: list[list[Any]] = [["org/model", 1200, False, ["hub", "tag"]], ["名/前", None, True, []]]
    assert table(["id", "children", "gated", "sources"], rows) == [
        "id         children  gated  sources",
        "---------  --------  -----  --------",
        "org/model     1,200  false  hub, tag",
        "名/前                true",
    ]


def test_an_answer_without_rows_is_a_header() -> None:
    assert table(["id", "url", "children"], []) == ["id  children  url", "--  --------  ---"]


def test_one_row_is_shown_vertically() -> None:
    assert table(["id", "url", "gone_at", "sources"], [["org/model", URL, None, ["hub", "card"]]], 40) == [
        "id       org/model",
        "gone_at",
        "sources  hub, card",
        "url      https://hub.example/org/a-",
        "         model-with-a-long-name",
    ]


def test_addresses_are_last_and_cut_at_the_front_where_they_do_not_fit() -> None:
    rows = [[URL, "org/a", 1], ["https://hub.example/b", "org/b", 2]]
    assert table(["url", "id", "depth"], rows, 40) == [
        "id     depth  url",
        "-----  -----  --------------------------",
        "org/a      1  …/a-model-with-a-long-name",
        "org/b      2  https://hub.example/b",
    ]


def test_an_address_of_wide_characters_is_cut_to_its_room() -> None:
    rows = [["org/a", "https://hub.example/" + "名" * 20]] * 2
    assert table(["id", "url"], rows, 28)[2] == "org/a  …" + "名" * 10


def test_where_stdout_is_no_terminal_nothing_is_cut() -> None:
    lines = table(["id", "url", "declared_as"], [["org/a", URL, ["x" * 200]], ["org/b", URL, []]])
    assert lines[2] == f"org/a  {'x' * 200}  {URL}"
    assert len(lines) == 4


def test_a_table_is_as_wide_as_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    out = Terminal()
    write_table(["url", "id"], [[URL, "org/a"]] * 2, out)
    assert max(map(len, out.getvalue().splitlines())) == 40
    monkeypatch.delenv("COLUMNS")
    monkeypatch.setattr(os, "get_terminal_size", lambda _stream: os.terminal_size((50, 10)))
    out = Terminal()
    write_table(["url", "id"], [[URL, "org/a"]] * 2, out)
    assert max(map(len, out.getvalue().splitlines())) == 50


def test_columns_that_do_not_fit_follow_below_their_row_with_their_names() -> None:
    columns = ["id", "depth", "path", "link_status", "claims", "url"]
    rows = [
        ["org/a", 1, ["org/a", "org/the-middle-one", "org/base"], "current", [], URL],
        ["org/b", 12, ["org/b", "org/base"], "withdrawn", ["card:merge"], URL],
    ]
    assert table(columns, rows, 44) == [
        "id     depth  link_      claims",
        "              status",
        "-----  -----  ---------  ----------",
        "org/a      1  current",
        "    path: org/a, org/the-middle-one,",
        "    org/base",
        "    url: …ample/org/a-model-with-a-long-name",
        "org/b     12  withdrawn  card:merge",
        "    path: org/b, org/base",
        "    url: …ample/org/a-model-with-a-long-name",
    ]


def test_a_text_cannot_pass_for_another_field() -> None:
    rows = [["org/a", "inferred", "x  certainty: declared_by_hub"]] * 2
    assert table(["id", "certainty", "spelling"], rows, 44)[2:5] == [
        "org/a  inferred",
        '    spelling: "x  certainty:',
        '    declared_by_hub"',
    ]
    rows = [["org/a", "inferred", "a note: it has a colon, and is long enough"]] * 2
    assert (
        table(["id", "certainty", "spelling"], rows, 80)[2]
        == "org/a  inferred   a note: it has a colon, and is long enough"
    )
    assert table(["id", "certainty", "spelling"], rows, 44)[3] == "    spelling: a note: it has a colon, and is"


def test_a_long_name_takes_two_lines_and_a_wide_one_its_room() -> None:
    rows = [["an-organisation/with-a-very-long-name-of-a-model", "listed", "x" * 25], ["名/前" * 10, "gone", ""]]
    assert table(["id", "status", "note"], rows, 40) == [
        "id                        status",
        "------------------------  ------",
        "an-organisation/with-a-   listed",
        "very-long-name-of-a-",
        "model",
        f"    note: {'x' * 25}",
        "名/前名/前名/前名/前名/   gone",
        "前名/前名/前名/前名/",
        "前名/前",
    ]


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("share", 0.0171, "1.7 %"),
        ("children_share", 0.00004, "< 0.1 %"),
        ("share", 0.99999, "> 99.9 %"),
        ("share", 0.0, "0.0 %"),
        ("share", 1.0, "100.0 %"),
        ("age_hours", 1.69, "1 h 41 min"),
        ("age_hours", 50.2, "2 days 2 h"),
        ("seconds", 12.4, "12 s"),
        ("walk_seconds", 59.7, "1 min"),
        ("walk_seconds", 86_399, "1 day 0 h"),
        ("downloads", 3_104_221, "3,104,221"),
        ("gini", 0.64711, "0.647"),
        ("estimated_rows", 12345.6, "12,346"),
        ("shares", [1, None], "1, "),
        ("gated", True, "true"),
        ("gone_at", None, ""),
    ],
)
def test_numbers_are_said_as_people_say_them(name: str, value: Any, text: str) -> None:
    assert shown(name, value) == text


def test_every_fraction_in_the_library_says_by_its_name_what_it_is() -> None:
    library: Library = LIBRARY
    fractions = {column.name for query in library.values() for column in query.columns if column.type == "float"}
    assert {name for name in fractions if name.rpartition("_")[2] not in {"share", "hours", "seconds"}} == {"gini"}


NAMES = st.sampled_from(["id", "url", "contact", "sources", "downloads", "share", "declared_as", "link_status"])
TEXTS = st.text(st.one_of(st.characters(), st.sampled_from("a/-_. 名\u0301\x1b\n\t:")), max_size=60)
ROWS = st.lists(st.tuples(TEXTS, TEXTS, st.lists(TEXTS, max_size=4), st.integers(0, 999), TEXTS), max_size=4)


@example(["url", "id", "contact", "share", "sources"], [("", " " * 60, [], 0, ""), ("", "", [], 0, "")], 20)
@given(st.lists(NAMES, min_size=5, max_size=5, unique=True), ROWS, st.integers(20, 120))
def test_no_line_is_wider_than_the_terminal(columns: list[str], rows: list[tuple[Any, ...]], width: int) -> None:
    lines = table(columns, [list(row) for row in rows], width)
    assert [line for line in lines if display_width(line) > width] == []
    assert not CONTROL.search("".join(lines))


@given(st.lists(st.text("ab/-_. ", min_size=1, max_size=60), min_size=2, max_size=4), st.integers(20, 60))
def test_only_addresses_are_cut(texts: list[str], width: int) -> None:
    text = "".join(table(["id", "note"], [[text, text] for text in texts], width))
    assert "…" not in text
    assert sum(text.count(letter) for letter in "ab/") >= 2 * sum(len(t) - sum(map(t.count, "-_. ")) for t in texts)


def test_addresses_are_known_by_their_names() -> None:
    assert [name for name in ("url", "contact", "owner_url", "curl", "contacts", "id") if is_address(name)] == [
        "url",
        "contact",
        "owner_url",
    ]


def test_the_list_of_queries_fits_the_terminal() -> None:
    lines = by_topic(LIBRARY, 80).splitlines()
    assert [line for line in lines if len(line) > 80] == []
    assert " ".join(by_topic(LIBRARY, 80).split()) == " ".join(by_topic(LIBRARY).split())
