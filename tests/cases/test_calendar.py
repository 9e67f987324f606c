from calendar import monthrange
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.cases.calendar import WORKING_DAY, add_months, advice, days_left, due_day

DAYS = st.dates(date(1995, 1, 1), date(2200, 12, 31))
# Received → due after one month, and after the two more of an extension.
TABLE = [
    ("2026-01-15", "2026-02-15", "2026-04-15"),
    ("2026-01-28", "2026-02-28", "2026-04-28"),
    ("2026-01-29", "2026-02-28", "2026-04-29"),
    ("2026-01-31", "2026-02-28", "2026-04-30"),
    ("2028-01-29", "2028-02-29", "2028-04-29"),
    ("2028-01-30", "2028-02-29", "2028-04-30"),
    ("2028-01-31", "2028-02-29", "2028-04-30"),
    ("2100-01-31", "2100-02-28", "2100-04-30"),  # no leap year
    ("2000-01-31", "2000-02-29", "2000-04-30"),  # a leap year
    ("2026-02-28", "2026-03-28", "2026-05-28"),
    ("2028-02-29", "2028-03-29", "2028-05-29"),
    ("2026-03-31", "2026-04-30", "2026-06-30"),
    ("2026-04-30", "2026-05-30", "2026-07-30"),
    ("2026-07-31", "2026-08-31", "2026-10-31"),
    ("2026-11-30", "2026-12-30", "2027-02-28"),
    ("2027-11-30", "2027-12-30", "2028-02-29"),
    ("2026-12-01", "2027-01-01", "2027-03-01"),
    ("2026-12-31", "2027-01-31", "2027-03-31"),
]


@pytest.mark.parametrize(("received", "due", "extended"), TABLE, ids=[row[0] for row in TABLE])
def test_a_term_ends_by_the_calendar(received: str, due: str, extended: str) -> None:
    day = date.fromisoformat(received)
    assert (due_day(day, 1), due_day(day, 1, 2)) == (date.fromisoformat(due), date.fromisoformat(extended))


@given(DAYS, st.integers(1, 36))
def test_a_month_has_28_to_31_days(day: date, months: int) -> None:
    assert 28 * months <= (add_months(day, months) - day).days <= 31 * months


@given(DAYS, st.integers(0, 36))
def test_the_day_keeps_its_number_where_the_month_has_it_and_else_is_the_last(day: date, months: int) -> None:
    due = add_months(day, months)
    last = monthrange(due.year, due.month)[1]
    assert due.day == min(day.day, last)
    assert (due.year - day.year) * 12 + due.month - day.month == months


@given(DAYS, st.integers(1, 12))
def test_who_asks_later_is_never_due_earlier(day: date, months: int) -> None:
    assert add_months(day, months) <= add_months(day + timedelta(1), months)


def test_an_extension_counts_from_receipt_and_not_from_the_end_of_the_first_term() -> None:
    assert due_day(date(2026, 1, 31), 1, 2) == date(2026, 4, 30)
    assert add_months(due_day(date(2026, 1, 31), 1), 2) == date(2026, 4, 28)


def test_the_last_day_still_counts() -> None:
    due = date(2026, 12, 28)
    assert [days_left(due, due + timedelta(n)) for n in (-1, 0, 1)] == [1, 0, -1]


def test_a_due_day_names_its_weekday_and_leaves_days_off_to_the_user() -> None:
    assert advice(date(2026, 11, 28)) == f"due on 2026-11-28, a Saturday; {WORKING_DAY}"
