"""What is done with cases: each change is one transaction, with the event that tells it. Reading needs no graph."""

import json
import os
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from crawler import private
from crawler.cases import adopt, store
from crawler.cases.calendar import SOON, days_left, due_day
from crawler.cases.form import CLOSED, FOUND, OPEN, REFUSED, SETTLED, TO_CONTACT, Case, Event, Facts, Member
from crawler.errors import HubGenealogyError, nearest
from crawler.readable import counted

_FACTS = tuple(field.name for field in fields(Facts))
_CASE = 'id, reference, "right", about, key, subject, received, term, extension, state'
_Kind = TypeVar("_Kind", Case, Event, Member)
_STATE = ("state", "since", "medium", "note", "state_revision")


@dataclass(frozen=True)
class Acting:
    """Who does it, and when: `now` with the offset of this machine's clock, whose day counts."""

    now: datetime
    by: str

    @property
    def today(self) -> date:
        """The day on which it is done."""
        return self.now.date()


@dataclass(frozen=True)
class Request:
    """What a case is opened for."""

    reference: str
    right: str
    about: str
    key: str
    subject: str
    received: date
    term: int


@dataclass(frozen=True)
class Word:
    """What is said of a model or of all models of an owner: a state of the day `day`."""

    state: str
    day: date
    medium: str | None = None
    note: str | None = None


def system_user() -> str:
    """Who runs this: the user of this process, and who became that user with sudo."""
    user, before = private.user_name(os.geteuid()), os.environ.get("SUDO_USER")
    return f"{user} (sudo: {before})" if before else user


def acting(now: datetime) -> Acting:
    """Whoever runs this, now; the day of the place where this machine is counts."""
    return Acting(now.astimezone(), system_user())


@contextmanager
def opened(home: Path, acting: Acting, *, make: bool = False, look: bool = False) -> Iterator["Register | None"]:
    """The register of the state folder `home`; None where there is none and none is to be made. `look`: change nothing."""
    with store.opened(home, make=make, look=look) as connection:
        yield None if connection is None else Register(connection, store.path_of(home), acting)


class Register:
    """The cases of one state folder."""

    def __init__(self, connection: sqlite3.Connection, file: Path, acting: Acting) -> None:
        self._connection = connection
        self._file = file
        self._acting = acting

    def cases(self, *, ended: bool = False) -> list[Case]:
        """The open cases, or all: what is due first comes first, and what has ended comes last."""
        rows = self._connection.execute(f"SELECT {_CASE} FROM cases WHERE ? OR state = ?", (ended, OPEN))  # noqa: S608  # constants
        return sorted(map(self._case, rows), key=lambda case: (case.state != OPEN, case.due, case.id))

    def states(self) -> dict[int, Counter[str]]:
        """Case → how many of its models are in each state."""
        found: dict[int, Counter[str]] = {}
        rows = self._connection.execute('SELECT "case", state, count(*) FROM members GROUP BY "case", state')
        for number, state, count in rows:
            found.setdefault(number, Counter())[state] = count
        return found

    def states_of(self, number: int) -> tuple[Case, dict[str, str]]:
        """A case, and the state of each of its models by key, all of one moment."""
        with store.reading(self._connection):
            rows = self._connection.execute('SELECT key, state FROM members WHERE "case" = ?', (number,))
            return self.case(number), {row["key"]: row["state"] for row in rows}

    def terms(self) -> dict[str, int]:
        """How many cases are open, how many of these are due within a week, and how many are overdue."""
        left = [days_left(case.due, self._acting.today) for case in self.cases()]
        return {"open": len(left), "due": sum(0 <= n <= SOON for n in left), "overdue": sum(n < 0 for n in left)}

    def last_found(self) -> tuple[str | None, Counter[str]]:
        """The last crawl that found anything new about an open case: kind of event → how many."""
        last, found = None, Counter[str]()
        for kind, text in self._connection.execute("SELECT kind, details FROM events ORDER BY number DESC"):
            crawl = self._json(text).get("crawl") if kind in FOUND else None
            if crawl is None:
                continue
            if last not in (None, crawl):
                break
            last = crawl
            found[kind] += 1
        return last, found

    def whole(self, number: int) -> tuple[Case, list[Member], list[Event]]:
        """A case with its models and its events, all of one moment."""
        with store.reading(self._connection):
            return self.case(number), self.members(number), self.events(number)

    def case(self, number: int) -> Case:
        """The case of that number; HubGenealogyError where there is none."""
        row = self._connection.execute(f"SELECT {_CASE} FROM cases WHERE id = ?", (number,)).fetchone()  # noqa: S608  # likewise
        if row is None:
            raise no_case(number)
        return self._case(row)

    def members(self, number: int) -> list[Member]:
        """The models of a case, by name."""
        rows = self._connection.execute('SELECT * FROM members WHERE "case" = ? ORDER BY id, key', (number,))
        return list(map(self._member, rows))

    def events(self, number: int) -> list[Event]:
        """The events of a case, oldest first."""
        rows = self._connection.execute(
            'SELECT at, kind, by, key, details FROM events WHERE "case" = ? ORDER BY number', (number,)
        )
        return [self._typed(Event, {**row, "details": self._json(row["details"])}) for row in map(dict, rows)]

    def check_new(self, reference: str) -> None:
        """Raise HubGenealogyError where a case has the reference already."""
        row = self._connection.execute("SELECT id FROM cases WHERE reference = ?", (reference,)).fetchone()
        if row:
            raise HubGenealogyError(
                f"case {row['id']} has the reference {reference} already: see `hub-genealogy case show {row['id']}`"
            )

    def open(self, request: Request, models: Collection[Facts], note: str | None = None) -> Case:
        """Open a case that concerns these models; nobody has been written to."""
        with store.changing(self._connection):
            self.check_new(request.reference)
            columns = ("reference", '"right"', "about", "key", "subject", "received", "term")
            number = self._insert("cases", columns, [(*astuple(request)[:5], str(request.received), request.term)])
            self._add_members(number, models)
            self._tell(
                number,
                "opened",
                {
                    "right": request.right,
                    "subject": request.subject,
                    "received": str(request.received),
                    "due": str(due_day(request.received, request.term)),
                    "models": len(models),
                    "note": note,
                },
            )
            return self.case(number)

    def set_model(self, number: int, text: str, word: Word) -> Member:
        """Set the state of the model that `text` names: its name, in another case where that is unique, or its key."""
        with store.changing(self._connection):
            self._check_open(number, word.day)
            member = _named(text, self.members(number), number)
            facts = member.facts
            self._set_state(number, [member], word)
            change = {"id": facts.id, "from": member.state, "to": word.state}
            self._tell(number, "set", change | _said(word) | {"revision": facts.revision}, facts.key)
            return member

    def set_owner(self, number: int, owner: str, word: Word) -> tuple[list[Member], list[Member]]:
        """Set the state of an owner's models, those aside that are settled; return both."""
        with store.changing(self._connection):
            self._check_open(number, word.day)
            members = self.members(number)
            owners = {member.facts.owner for member in members if member.facts.owner}
            found = owner if owner in owners else next((o for o in owners if o.lower() == owner.lower()), None)
            if found is None:
                raise HubGenealogyError(f"case {number} has no owner {owner!r}{nearest(owner, owners)}")
            its = [member for member in members if member.facts.owner == found]
            settled = [member for member in its if member.state in SETTLED]
            changed = [member for member in its if member.state not in SETTLED]
            if not changed:
                raise HubGenealogyError(
                    f"all models of {found} in case {number} are settled ({', '.join(SETTLED)}): name one with --model to "
                    "change it"
                )
            self._set_state(number, changed, word)
            names = [member.facts.id for member in changed]
            self._tell(number, "owner_set", {"owner": found, "models": names, "to": word.state} | _said(word))
            return changed, settled

    def note(self, number: int, text: str) -> None:
        """Write something down."""
        with store.changing(self._connection):
            self._check_open(number)
            self._tell(number, "noted", {"note": text})

    def tell_forgotten(self, number: int) -> None:
        """Tell in the trail that names in it were replaced. The caller is in a transaction."""
        self._tell(number, "forgotten", {})

    def extend(self, number: int, day: date, reason: str, longest: int, months: int | None = None) -> Case:
        """Extend the term by `months`. Without `months`, extend it as far as `longest` allows."""
        with store.changing(self._connection):
            case = self._check_open(number, day)
            left = longest - case.extension
            if left < (months or 1):
                before = f", and it was extended by {case.extension} already" if case.extension else ""
                raise HubGenealogyError(
                    f"the term of case {number} can be extended by {longest} months at most{before} (cases.extension_months)"
                )
            if day > case.first_due:
                raise HubGenealogyError(
                    f"the first term of case {number} ended on {case.first_due}: it could be extended until then only"
                )
            extension = case.extension + (months or left)
            self._update(number, "extension", extension)
            after = self.case(number)
            told = {"months": extension - case.extension, "due": str(after.due), "day": str(day), "reason": reason}
            self._tell(number, "extended", told)
            return after

    def refuse(self, number: int, day: date, reason: str, remedies: str) -> Case:
        """End a case with a refusal."""
        with store.changing(self._connection):
            self._check_open(number, day)
            told = {"day": str(day), "reason": reason, "remedies": remedies}
            return self._end(number, REFUSED, told)

    def close(self, number: int, day: date, note: str | None, *, all_the_same: bool = False) -> Case:
        """End a case; HubGenealogyError where nobody wrote to the owners of some models, unless `all_the_same`."""
        with store.changing(self._connection):
            self._check_open(number, day)
            left = self.states().get(number, Counter())[TO_CONTACT]
            if left and not all_the_same:
                models = counted(left, "model is", "models are")
                raise HubGenealogyError(
                    f"in case {number}, {models} still {TO_CONTACT}: set the state first, or add --yes"
                )
            return self._end(number, CLOSED, {"day": str(day), "note": note, "to_contact": left})

    def adopt(
        self, number: int, found: Collection[Facts], crawl: str, dataset: str | None = None
    ) -> list[adopt.Change]:
        """Take over what a crawl found of the models of an open case; nothing is written where nothing changed.

        `dataset`: the key that the data set has now that the case is about.
        """
        with store.changing(self._connection):
            case = self._check_open(number)
            known = {member.facts.key: member.facts for member in self.members(number)}
            changes = adopt.changes(list(known.values()), found)
            after = adopt.adopted(list(known.values()), found)
            for key, facts in after.items():
                if key in known and facts != known[key]:
                    self._write_facts(number, key, facts)
            self._add_members(number, [facts for key, facts in after.items() if key not in known])
            now = dataset if case.about == "dataset" else after[case.key].key if case.key in after else None
            if now is not None and now != case.key:
                self._update(number, "key", now)
            for change in changes:
                self._tell(number, change.kind, {**change.details, "crawl": crawl}, change.after.key)
            return changes

    def _end(self, number: int, state: str, details: Mapping[str, Any]) -> Case:
        self._update(number, "state", state)
        self._tell(number, state, details)
        return self.case(number)

    def _check_open(self, number: int, day: date | None = None) -> Case:
        case = self.case(number)
        if case.state != OPEN:
            raise HubGenealogyError(f"case {number} is {case.state}: nothing more is written into it")
        if day is not None and day < case.received:
            raise HubGenealogyError(f"{day} is before case {number} was received, on {case.received}")
        return case

    def _add_members(self, number: int, models: Collection[Facts]) -> None:
        columns = ('"case"', *_FACTS, *_STATE)
        state = (TO_CONTACT, str(self._acting.today), None, None)
        self._insert("members", columns, [(number, *_row(facts), *state, facts.revision) for facts in models])

    def _write_facts(self, number: int, key: str, facts: Facts) -> None:
        assigned = ", ".join(f"{column} = ?" for column in _FACTS)
        statement = f'UPDATE members SET {assigned} WHERE "case" = ? AND key = ?'  # noqa: S608  # names of columns
        self._connection.execute(statement, (*_row(facts), number, key))

    def _set_state(self, number: int, members: Collection[Member], word: Word) -> None:
        assigned = ", ".join(f"{column} = ?" for column in _STATE)
        statement = f'UPDATE members SET {assigned} WHERE "case" = ? AND key = ?'  # noqa: S608  # likewise
        said = (word.state, str(word.day), word.medium, word.note)
        rows = [(*said, member.facts.revision, number, member.facts.key) for member in members]
        self._connection.executemany(statement, rows)

    def _update(self, number: int, column: str, value: str | int) -> None:
        self._connection.execute(f"UPDATE cases SET {column} = ? WHERE id = ?", (value, number))  # noqa: S608  # likewise

    def _tell(self, number: int, kind: str, details: Mapping[str, Any], key: str | None = None) -> None:
        at, by = self._acting.now.astimezone(UTC).isoformat(timespec="seconds"), self._acting.by
        told = json.dumps({name: value for name, value in details.items() if value is not None}, ensure_ascii=False)
        self._insert("events", ('"case"', "at", "kind", "by", "key", "details"), [(number, at, kind, by, key, told)])

    def _insert(self, table: str, columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> int:
        places = ", ".join("?" * len(columns))
        statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"  # noqa: S608  # likewise
        if len(rows) == 1:
            return self._connection.execute(statement, rows[0]).lastrowid or 0
        self._connection.executemany(statement, rows)
        return 0

    def _case(self, row: sqlite3.Row) -> Case:
        return self._typed(Case, dict(row))

    def _member(self, row: sqlite3.Row) -> Member:
        values = dict(row)
        facts = {name: values[name] for name in _FACTS} | {"parents": self._json(values["parents"])}
        said = {"state": values["state"], "since": values["since"], "medium": values["medium"], "note": values["note"]}
        return self._typed(Member, {"facts": facts, **said, "revision": values["state_revision"]})

    def _typed(self, kind: type[_Kind], values: Mapping[str, Any]) -> _Kind:
        """The values as what they must be: SQLite keeps whatever stands in a file."""
        try:
            return msgspec.convert(values, kind)
        except msgspec.ValidationError as error:
            raise store.damaged(self._file, error) from None

    def _json(self, text: Any) -> Any:
        try:
            return json.loads(text)
        except (TypeError, ValueError, RecursionError) as error:
            raise store.damaged(self._file, error) from None


def no_case(number: int) -> HubGenealogyError:
    """The error of a number that no case has."""
    return HubGenealogyError(f"there is no case {number}: `hub-genealogy case list --all` shows all")


def _row(facts: Facts) -> tuple[Any, ...]:
    return tuple(json.dumps(value) if isinstance(value, tuple) else value for value in astuple(facts))


def _said(word: Word) -> dict[str, str | None]:
    return {"day": str(word.day), "medium": word.medium, "note": word.note}


def _named(text: str, members: Collection[Member], number: int) -> Member:
    for same in (
        [member for member in members if member.facts.key == text],
        [member for member in members if member.facts.id == text],
        [member for member in members if member.facts.id.lower() == text.lower()],
    ):
        if len(same) > 1:
            keys = ", ".join(member.facts.key for member in same)
            raise HubGenealogyError(f"case {number} has several models called {text!r}: give the key of one: {keys}")
        if same:
            return same[0]
    ids = [member.facts.id for member in members]
    raise HubGenealogyError(f"case {number} has no model {text!r}{nearest(text, ids)}")
