"""A case as other programs and people read it: one object of JSON, and rows of tables."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, TextIO

from crawler.answers.table import write_table
from crawler.cases.calendar import WEEKDAYS, days_left
from crawler.cases.form import OPEN, STATES, TO_CONTACT, WAITING, Case, Event, Member
from crawler.logs import printable
from crawler.readable import counted
from crawler.records.words import CLASSES

_CLASSES = ("itself", "trained_on", *CLASSES)
LIST = (
    *("id", "reference", "right", "subject", "received", "due", "days_left", "overdue", "state"),
    *("models", TO_CONTACT, "waiting", "done"),
)
# The list of recipients, whom a controller tells of what was done (GDPR Art. 19).
RECIPIENTS = ("owner", "id", "key", "class", "status", "state", "since", "medium", "revision", "changed_since")


def listed(case: Case, states: Counter[str], today: date) -> tuple[Any, ...]:
    """The row of a case in `case list`; an ended case has no days left."""
    left = days_left(case.due, today) if case.state == OPEN else None
    waiting, total = sum(states[state] for state in WAITING), states.total()
    counts = (total, states[TO_CONTACT], waiting, total - states[TO_CONTACT] - waiting)
    term = (str(case.received), str(case.due), left, left is not None and left < 0)
    return case.id, case.reference, case.right, case.subject, *term, case.state, *counts


def marked(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """The same row for people: a case whose term is over stands out."""
    place = LIST.index("overdue")
    return (*row[:place], "OVERDUE" if row[place] else None, *row[place + 1 :])


def as_json(case: Case, members: Sequence[Member], events: Sequence[Event], today: date) -> dict[str, Any]:
    """The object of `case show --format json`."""
    left = days_left(case.due, today) if case.state == OPEN else None
    dataset = case.subject if case.about == "dataset" else None
    return {
        "id": case.id,
        "reference": case.reference,
        "right": case.right,
        case.about: case.subject,
        "key": case.key,
        "received": str(case.received),
        "due": str(case.due),
        "extended_by": case.extension,
        "days_left": left,
        "overdue": left is not None and left < 0,
        "state": case.state,
        "owners": _owners(members),
        "members": [_member(member, dataset) for member in in_order(members)],
        "events": [_event(event) for event in events],
    }


def write_json(content: Mapping[str, Any], out: TextIO) -> None:
    """Write one object, on lines of its own, in ASCII: no name can reach a terminal as a control sequence."""
    out.write(json.dumps(content, indent=1) + "\n")


def write_for_people(case: Case, members: Sequence[Member], events: Sequence[Event], today: date, out: TextIO) -> None:
    """Write a case for people: what it is, where its models stand, and what happened."""
    due = f"{case.due}, {WEEKDAYS[case.due.weekday()]}"
    if case.extension:
        due += f" (extended by {case.extension} months; the first term ended on {case.first_due})"
    if case.state == OPEN:
        left = days_left(case.due, today)
        due += (
            f": {counted(left, 'day', 'days')} left" if left >= 0 else f": OVERDUE by {counted(-left, 'day', 'days')}"
        )
    head = {
        "case": case.id,
        "reference": case.reference,
        "right": case.right,
        "about": f"{case.subject} ({'data set' if case.about == 'dataset' else 'model'})",
        "received": case.received,
        "due": due,
        "state": case.state,
    }
    out.writelines(f"{name:<10} {printable(str(value))}\n" for name, value in head.items())
    out.write("\n")
    columns = ("id", "class", "status", "owner", "state", "since", "medium", "note", "changed")
    write_table(columns, map(_shown, in_order(members)), out)
    out.write("\n")
    write_table(("at", "what", "by"), ((event.at, event.what, event.by) for event in events), out)


def in_order(members: Sequence[Member]) -> list[Member]:
    """The strongest class first, then by name; what only withdrawn links reach comes last."""

    def place(member: Member) -> tuple[bool, int, str, str]:
        facts = member.facts
        rank = _CLASSES.index(facts.klass) if facts.klass in _CLASSES else len(_CLASSES)
        return facts.link_status != "current", rank, facts.id, facts.key

    return sorted(members, key=place)


def recipients(members: Sequence[Member]) -> list[tuple[Any, ...]]:
    """The rows of the list of recipients, by owner and name."""
    rows = []
    for member in sorted(members, key=lambda member: (member.facts.owner or "", member.facts.id, member.facts.key)):
        facts = member.facts
        said = (member.state, str(member.since), member.medium, member.revision, member.changed_since)
        rows.append((facts.owner, facts.id, facts.key, facts.klass, facts.status, *said))
    return rows


def _owners(members: Sequence[Member]) -> list[dict[str, Any]]:
    """Each owner with how many of its models are in each state, the one with the most first."""
    found: dict[str | None, Counter[str]] = {}
    for member in members:
        found.setdefault(member.facts.owner, Counter())[member.state] += 1
    ranked = sorted(found.items(), key=lambda entry: (-entry[1].total(), entry[0] or ""))
    return [
        {
            "owner": owner,
            "models": states.total(),
            "states": {state: states[state] for state in STATES if states[state]},
        }
        for owner, states in ranked
    ]


def _member(member: Member, dataset: str | None) -> dict[str, Any]:
    """The object of a model; `dataset` is what the case is about, where that is a data set."""
    facts = member.facts
    return {
        "id": facts.id,
        "key": facts.key,
        "owner": facts.owner,
        "class": facts.klass,
        "state": member.state,
        "since": str(member.since),
        "revision": member.revision,
        "medium": member.medium,
        "note": member.note,
        "latest_revision": facts.revision,
        "changed_since": member.changed_since,
        "certainty": facts.certainty,
        "link_status": facts.link_status,
        "depth": facts.depth,
        "status": facts.status,
        "gated": facts.gated,
        **({} if dataset is None else {"dataset": facts.dataset or dataset}),
    }


def _event(event: Event) -> dict[str, Any]:
    return {
        "at": event.at.isoformat(timespec="seconds"),
        "what": event.what,
        "by": event.by,
        "kind": event.kind,
        "key": event.key,
        "details": dict(event.details),
    }


def _shown(member: Member) -> tuple[Any, ...]:
    facts = member.facts
    changed = {True: "changed since", False: "not changed", None: None}[member.changed_since]
    status = facts.status if facts.link_status == "current" else f"{facts.status}, link {facts.link_status}"
    return (
        facts.id,
        f"{facts.klass}, by {facts.dataset}" if facts.dataset else facts.klass,
        status,
        facts.owner,
        member.state,
        str(member.since),
        member.medium,
        member.note,
        changed,
    )
