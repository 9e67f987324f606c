"""The feed of whatever can be watched, from what the state folder holds."""

from collections.abc import Sequence
from datetime import UTC, datetime

import neo4j

from crawler.answers.resolve import KINDS, resolve
from crawler.cases.form import Case, Event
from crawler.errors import HubGenealogyError
from crawler.feeds.atom import ENTRIES
from crawler.feeds.entries import Feed, address, command, of_events, of_step, shown
from crawler.feeds.family import Subject
from crawler.feeds.history import History, Step

_TITLES = {
    "model": "What changes below {}",
    "dataset": "What changes below the data set {}",
    "owner": "What changes among the models of {} and below them",
}


def of_name(session: neo4j.Session, history: History, about: str, text: str, endpoint: str) -> Feed:
    """The feed of the model, data set or owner that `text` means in the graph.

    HubGenealogyError with the nearest names where it means nothing.
    """
    meant = resolve(session, text, endpoint, KINDS[about])
    return of_subject(history, Subject(about, meant.key), meant.id)


def of_subject(history: History, subject: Subject, name: str) -> Feed:
    """The feed of a model, a data set or an owner, whose name is `name` today."""
    past = history.past(subject, ENTRIES)
    entries = [entry for step in past.steps if (entry := of_step(step, _way(subject, name, step)))]
    if past.since is None:
        raise HubGenealogyError(
            f"the change sets say nothing of {name}: make the graph anew with hub-genealogy rebuild"
        )
    page = {"model": name, "dataset": f"datasets/{name}", "owner": name}[subject.about]
    absent = subject.about == "model" and subject.key.startswith("absent:")
    return Feed(
        key=f"{subject.about} {past.origin}",
        title=_TITLES[subject.about].format(shown(name)),
        url=None if absent else address(page),
        since=past.since,
        entries=tuple(reversed(entries)),
        earlier=past.earlier,
    )


def of_case(case: Case, events: Sequence[Event]) -> Feed:
    """The feed of a case: what crawls found of the models that it concerns, and nothing of the request itself.

    A feed may be public. So neither the reference is in it, nor the right, a day or a state, nor what anybody wrote down.
    """
    entries = list(of_events(events, command("case", "show", str(case.id))))
    return Feed(
        # Two registers of one state folder, one after the other, may have a case of the same number.
        key=f"case {case.id} {events[0].at.isoformat()}",
        title=f"What changes among the models of case {case.id}",
        url=None,
        since=events[0].at,
        entries=tuple(reversed(entries)),
        earlier=0,
    )


def _way(subject: Subject, name: str, step: Step) -> str:
    """The command that shows all that happened in a step; of the models of an owner, for one of them."""
    if subject.about == "dataset":
        return command("report", "--dataset", name, "--as-of", _moment(step.ended))
    model = step.name or name
    return command("query", "changed_since", "--model", model, "-p", f"since={_moment(step.began)}")


def _moment(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
