"""When the answer to a request is due. Pure functions.

A term of months ends on the day of the last month that has the number of the day of receipt, or on the last day of that
month where it has no such day (Regulation (EEC, Euratom) No 1182/71, Article 3). Whether a term that would end on a
Saturday, a Sunday or a holiday ends later depends on the country: that is left to the user, and `advice` says so.
"""

from calendar import monthrange
from datetime import date

# A term that ends within this number of days is due soon.
SOON = 7
WORKING_DAY = "whether a term that ends on a day off ends later is for you to decide"


def add_months(day: date, months: int) -> date:
    """The same day, `months` later. A month that is too short has its last day instead."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def due_day(received: date, term: int, extension: int = 0) -> date:
    """The last day of a term of `term` months, and `extension` more. All months count from the day of receipt.

    A request of 31 January is due on 28 February; extended by two months, on 30 April and not on the 28th.
    """
    return add_months(received, term + extension)


def days_left(due: date, today: date) -> int:
    """The days until the term ends: 0 on its last day, below 0 where it is over."""
    return (due - today).days


def advice(due: date) -> str:
    """The last day with its weekday, and what is left to the user about it."""
    return f"due on {due}, a {WEEKDAYS[due.weekday()]}; {WORKING_DAY}"


# `strftime` would give names in the language of whoever runs it.
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
