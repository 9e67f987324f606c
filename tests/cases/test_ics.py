from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler import __version__
from crawler.cases.form import Case, Event
from crawler.cases.ics import LINE, calendar, escaped, folded

CASE = Case(7, "R-1", "erasure", "model", "B", "a/base", date(2026, 11, 30), 1, 0, "open")
OPENED = Event(datetime(2026, 11, 30, 9, tzinfo=UTC), "opened", "anna", None, {})
EXTENDED = Event(datetime(2026, 12, 5, 9, 30, tzinfo=UTC), "extended", "anna", None, {})


def read(text: str) -> dict[str, str]:
    """Property → value of the entry, by the rules of RFC 5545: unfolded, and unescaped."""
    assert text.endswith("\r\n")
    assert text.count("\n") == text.count("\r\n") == text.count("\r")
    lines = text.replace("\r\n ", "").split("\r\n")
    event = lines[lines.index("BEGIN:VEVENT") + 1 : lines.index("BEGIN:VALARM") if "BEGIN:VALARM" in lines else -3]
    return dict(line.split(":", 1) for line in event if line)


def test_the_end_of_the_term_is_a_whole_day_with_an_alarm_a_week_before() -> None:
    text = calendar(CASE, [OPENED])
    assert text == "\r\n".join(
        [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            f"PRODID:-//hub-genealogy//{__version__}//EN",
            "CALSCALE:GREGORIAN",
            "BEGIN:VEVENT",
            "UID:case-7-20261130T090000Z@hub-genealogy",
            "DTSTAMP:20261130T090000Z",
            "SEQUENCE:0",
            "DTSTART;VALUE=DATE:20261230",
            "DTEND;VALUE=DATE:20261231",
            "SUMMARY:Case R-1: answer due",
            "DESCRIPTION:erasure for a/base\\, received on 2026-11-30\\; whether a term th",
            " at ends on a day off ends later is for you to decide",
            "STATUS:CONFIRMED",
            "TRANSP:TRANSPARENT",
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            "DESCRIPTION:Case R-1: answer due",
            "TRIGGER:-P7D",
            "END:VALARM",
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        ]
    )


def test_an_extension_moves_the_same_entry_and_an_end_cancels_it() -> None:
    before = read(calendar(CASE, [OPENED]))
    after = read(calendar(replace(CASE, extension=2), [OPENED, EXTENDED]))
    assert before["UID"] == after["UID"]
    assert (after["SEQUENCE"], after["DTSTAMP"], after["DTSTART;VALUE=DATE"]) == ("1", "20261205T093000Z", "20270228")
    closed = read(calendar(replace(CASE, state="closed"), [OPENED, replace(EXTENDED, kind="closed")]))
    assert (closed["UID"], closed["SEQUENCE"], closed["STATUS"]) == (before["UID"], "1", "CANCELLED")
    assert "VALARM" not in calendar(replace(CASE, state="closed"), [OPENED])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a;b,c\\d", r"a\;b\,c\\d"),
        ("a\nb\r\nc\rd", r"a\nb\nc\nd"),
        ("a\x00\x1b[2J\tb\x7f", "a[2J\tb"),
        ("é: \u202e", "é: \u202e"),
    ],
)
def test_a_text_is_escaped(text: str, value: str) -> None:
    assert escaped(text) == value


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=400))
def test_a_line_is_folded_without_tearing_a_letter_and_unfolds_to_itself(line: str) -> None:
    pieces = folded(line).split("\r\n")
    assert all(len(piece.encode()) <= LINE for piece in pieces)
    assert all(piece.startswith(" ") for piece in pieces[1:])
    assert pieces[0] + "".join(piece[1:] for piece in pieces[1:]) == line


@given(st.text(max_size=200), st.text(max_size=200))
def test_no_name_can_write_a_line_of_its_own(reference: str, subject: str) -> None:
    text = calendar(
        replace(
            CASE, reference=reference.encode(errors="ignore").decode(), subject=subject.encode(errors="ignore").decode()
        ),
        [OPENED],
    )
    assert [line for line in text.split("\r\n") if line.startswith(("BEGIN", "END"))] == [
        "BEGIN:VCALENDAR", "BEGIN:VEVENT", "BEGIN:VALARM", "END:VALARM", "END:VEVENT", "END:VCALENDAR",
    ]  # fmt: skip
    assert len(read(text)) == 9
