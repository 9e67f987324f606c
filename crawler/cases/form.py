"""What the register holds: cases, the models that a case concerns, and the events of both."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from crawler.cases.calendar import due_day

RIGHTS = ("access", "erasure", "objection", "rectification", "restriction")
OPEN, REFUSED, CLOSED = "open", "refused", "closed"

# Where a model and its owner stand, with the meaning; the first is where each begins.
STATES: Mapping[str, str] = {
    "to_contact": "nobody has written to the owner yet",
    "contacted": "the owner was written to",
    "reminded": "the owner was written to again",
    "remedied": "the owner did what was asked",
    "refused": "the owner refuses",
    "unreachable": "nobody answers, or there is no way to write",
    "not_concerned": "it was looked at, and there is nothing to do",
}
TO_CONTACT = next(iter(STATES))
# What waits for the owner. `to_contact` waits for the user; the others are answers.
WAITING = ("contacted", "reminded")
REMEDIED = "remedied"
# What a word about the owner as a whole does not change.
SETTLED = (REMEDIED, "not_concerned")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a crawl knows of a model that a case concerns."""

    key: str
    id: str
    klass: str
    """How it depends on what the case is about: a class of docs/words.md."""
    certainty: str | None = None
    link_status: str = "current"
    """current; withdrawn, where only links that are no longer declared lead to it; none, where no link does any more."""
    depth: int = 0
    status: str = "listed"
    owner: str | None = None
    gated: str | None = None
    revision: str | None = None
    parents: tuple[str, ...] = ()
    """The keys of its declared parents among the models of the case, sorted."""
    dataset: str | None = None
    """Of a case about a data set: the one made from it that the end of its best way names; None: the data set itself."""


@dataclass(frozen=True, slots=True)
class Member:
    """A model that a case concerns, and where its owner stands."""

    facts: Facts
    state: str
    since: date
    """The day of its state."""
    medium: str | None
    note: str | None
    revision: str | None
    """The revision that the model had when its state was set, where a crawl knew it."""

    def written_to_within(self, days: int, today: date) -> bool:
        """Whether its owner was written to less than `days` days before `today`, and has not answered."""
        return self.state in WAITING and (today - self.since).days < days

    @property
    def changed_since(self) -> bool | None:
        """Whether the repository changed since its state was set, its card included; None where that is unknown."""
        if self.revision is None or self.facts.revision is None:
            return None
        return self.revision != self.facts.revision


@dataclass(frozen=True, slots=True)
class Case:
    """A request for a right about a model or a data set."""

    id: int
    reference: str
    right: str
    about: str
    """model or dataset."""
    key: str
    subject: str
    """The name of the model or data set when the case was opened."""
    received: date
    term: int
    """The months of its term, as they were set when it was opened."""
    extension: int
    """The months by which it was extended."""
    state: str

    @property
    def first_due(self) -> date:
        """The last day of the term without an extension."""
        return due_day(self.received, self.term)

    @property
    def due(self) -> date:
        """The last day of its term."""
        return due_day(self.received, self.term, self.extension)


@dataclass(frozen=True, slots=True)
class Event:
    """One change of a case: nothing changes without one, and none is ever changed."""

    at: datetime
    kind: str
    by: str
    key: str | None
    """Of the model that it is about, where it is about one."""
    details: Mapping[str, Any]

    @property
    def what(self) -> str:
        """The event as a sentence."""
        return sentence(self.kind, self.details)


# The sentences of events: what a crawl found says which crawl that was.
_SENTENCES: Mapping[str, str] = {
    "opened": "opened: {right} for {subject}, received {received}, due {due}; models: {models}",
    "set": "{id}: {from} → {to}, on {day}",
    "owner_set": "{owner}: {models} → {to}, on {day}",
    "noted": "note",
    "extended": "extended to {due}, on {day}",
    "refused": "refused on {day}; remedies named: {remedies}",
    "closed": "closed on {day}",
    "forgotten": "the name of an owner who is forgotten was replaced, wherever it stood in this case",
    "new": "new: {id} ({to})",
    "vanished": "gone from the Hub: {id}",
    "returned": "back on the Hub: {id}",
    "listed": "listed for the first time: {id}",
    "renamed": "renamed: {from} → {to}",
    "reparented": "other parents declared: {id}: {from} → {to}",
    "detached": "no link leads to it any more: {id}",
    "withdrawn": "only links that are no longer declared lead to it: {id}",
    "attached": "declared links lead to it again: {id}",
    "gated": "access: {id}: {from} → {to}",
    "changed": "repository changed since: {id}: {from} → {to}",
    "reclassified": "class: {id}: {from} → {to}",
}
# What a crawl finds, in the order of a summary.
FOUND: Mapping[str, str] = {
    "new": "new",
    "vanished": "gone",
    "returned": "back",
    "listed": "listed for the first time",
    "renamed": "renamed",
    "reparented": "with other parents",
    "withdrawn": "no longer declared",
    "detached": "without a link",
    "attached": "declared again",
    "gated": "with other access",
    "changed": "changed",
    "reclassified": "of another class",
}
_ADDED = ("medium", "reason", "note", "crawl")


def sentence(kind: str, details: Mapping[str, Any]) -> str:
    """An event in words."""
    shown = {name: _shown(value) for name, value in details.items()}
    if kind == "new" and "dataset" in details:
        shown["to"] += f", by {shown['dataset']}"
    text = _SENTENCES[kind].format_map(_Unknown(shown)) if kind in _SENTENCES else kind
    added = [
        f"{name} {shown[name]}" if name in ("medium", "crawl") else shown[name] for name in _ADDED if shown.get(name)
    ]
    return ": ".join([text, *added]) if kind == "noted" else "; ".join([text, *added])


class _Unknown(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "?"


def _shown(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    return "unknown" if value is None else str(value)


def in_short(terms: Mapping[str, int], found: Mapping[str, int]) -> str:
    """The cases in a few words: how many are open, and what a crawl found of their models."""
    late = [f"{terms[name]} {word}" for name, word in (("overdue", "overdue"), ("due", "due soon")) if terms[name]]
    return ", ".join([f"{terms['open']} open", *late]) + (f"; {found_in_short(found)}" if found else "")


def found_in_short(found: Mapping[str, int]) -> str:
    """What a crawl found, by kind of event: models: 3 new, 1 gone."""
    return f"models: {', '.join(f'{found[kind]} {word}' for kind, word in FOUND.items() if found.get(kind))}"
