"""A case as a calendar entry (RFC 5545): the day on which its term ends, and an alarm a week before. Pure functions.

The same case gives the same bytes: the stamp is the time of its last event.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, timedelta

from crawler import __version__
from crawler.cases.calendar import SOON, WORKING_DAY
from crawler.cases.form import OPEN, Case, Event

LINE = 75
ALARM = f"-P{SOON}D"


def calendar(case: Case, events: Sequence[Event]) -> str:
    """The calendar with that entry. An ended case cancels it."""
    return "".join(f"{folded(line)}\r\n" for line in _lines(case, events))


def _lines(case: Case, events: Sequence[Event]) -> Iterator[str]:
    opened, last = (events[place].at.astimezone(UTC) for place in (0, -1))
    summary = f"Case {case.reference}: answer due"
    number = sum(event.kind in ("extended", "refused", "closed") for event in events)
    yield from ("BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:-//hub-genealogy//{__version__}//EN", "CALSCALE:GREGORIAN")
    yield from (
        "BEGIN:VEVENT",
        f"UID:case-{case.id}-{opened:%Y%m%dT%H%M%SZ}@hub-genealogy",
        f"DTSTAMP:{last:%Y%m%dT%H%M%SZ}",
    )
    yield f"SEQUENCE:{number}"
    yield f"DTSTART;VALUE=DATE:{case.due:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{case.due + timedelta(1):%Y%m%d}"
    yield f"SUMMARY:{escaped(summary)}"
    received = f"{case.right} for {case.subject}, received on {case.received}"
    yield f"DESCRIPTION:{escaped(f'{received}; {WORKING_DAY}')}"
    yield f"STATUS:{'CONFIRMED' if case.state == OPEN else 'CANCELLED'}"
    yield "TRANSP:TRANSPARENT"
    if case.state == OPEN:
        yield from (
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            f"DESCRIPTION:{escaped(summary)}",
            f"TRIGGER:{ALARM}",
            "END:VALARM",
        )
    yield from ("END:VEVENT", "END:VCALENDAR")


def escaped(text: str) -> str:
    """A text as a value of the type TEXT; control characters, which it cannot hold, are left out."""
    for plain, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\\n"), ("\n", "\\n"), ("\r", "\\n")):
        text = text.replace(plain, written)
    return "".join(letter for letter in text if letter == "\t" or (letter >= " " and letter != "\x7f"))


def folded(line: str) -> str:
    """A line in pieces of at most 75 bytes of UTF-8, each but the first behind a space; no letter is torn."""
    pieces, piece, size = [], "", 0
    for letter in line:
        width = len(letter.encode())
        if size + width > LINE:
            pieces.append(piece)
            piece, size = " ", 1
        piece, size = piece + letter, size + width
    return "\r\n".join([*pieces, piece])
