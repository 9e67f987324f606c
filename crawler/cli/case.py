"""`hub-genealogy case`: the register of requests, their terms, and where the owners of the concerned models stand."""

import logging
import re
import sys
from collections import Counter
from datetime import date
from pathlib import Path

import click

from crawler.answers import context, formats, names
from crawler.answers.resolve import DATASET, MODEL, resolve
from crawler.answers.run import read_session
from crawler.cases import ics, register, write
from crawler.cases.calendar import advice
from crawler.cases.form import RIGHTS, STATES, TO_CONTACT
from crawler.cases.gather import models_of
from crawler.cases.personal import personal_data
from crawler.cases.register import Acting, Request, Word
from crawler.cli.case_register import acting_now, changing, opened, show_in_graph
from crawler.cli.letters import letters
from crawler.cli.options import format_option, output
from crawler.errors import UsageError
from crawler.graph.connection import open_graph
from crawler.graph.state import check_readable
from crawler.logs import CONTROL
from crawler.readable import counted
from crawler.settings import Settings

logger = logging.getLogger(__name__)

LONGEST_REFERENCE = 200
LONGEST_TEXT = 4000
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

_number = click.argument("number", metavar="ID", type=click.IntRange(1, 2**31))
_day = click.option("--day", metavar="DAY", help="The day on which it was done (default: today).")
_yes = click.option("--yes", is_flag=True, help="Write it down although it looks like personal data.")
_note = click.option(
    "--note", metavar="TEXT", help="A note for the trail; nothing about the person who made the request."
)


@click.group()
def case() -> None:
    """Keep a register of requests for rights: their terms, and what was done about each model concerned.

    The register is a file of the state folder. It stores nothing about the person who made a request, and sends nothing.
    """


@case.command("open")
@click.argument("model", required=False)
@click.option(
    "--dataset",
    metavar="ID",
    help="Open it about a data set: the models that name it or one made from it, and their descendants.",
)
@click.option("--right", type=click.Choice(RIGHTS), required=True, help="What is asked for.")
@click.option("--received", metavar="DAY", required=True, help="The day on which the request was received.")
@click.option("--reference", metavar="TEXT", required=True, help="Your own reference; no other case may have it.")
@_note
@_yes
@click.pass_obj
def open_case(
    settings: Settings,
    *,
    model: str | None,
    dataset: str | None,
    right: str,
    received: str,
    reference: str,
    note: str | None,
    yes: bool,
) -> None:
    """Open a case about MODEL and its descendants.

    Prints the number of the case.
    """
    if bool(model) == bool(dataset):
        raise UsageError("name a model, or --dataset ID: one of them")
    acting = acting_now()
    day = _past_day("--received", received, acting)
    reference = _checked("--reference", reference.strip(), yes=yes, longest=LONGEST_REFERENCE)
    if CONTROL.search(reference) or "\t" in reference:
        raise UsageError("--reference holds control characters: leave them out")
    _check_texts(yes=yes, note=note)
    term = settings["cases.term_months"]
    with register.opened(settings.home, acting) as existing:  # before the graph is asked, and again when it is written
        if existing is not None:
            existing.check_new(reference)
    kind, about = (DATASET, "dataset") if dataset else (MODEL, "model")
    with open_graph(settings) as graph:
        check_readable(graph)
        with read_session(graph) as session:
            known = context.read(session)
            meant = resolve(session, dataset or model or "", settings["hub.endpoint"], kind)
            models = models_of(session, about, meant.key)
    request = Request(reference, right, about, meant.key, meant.id, day, term)
    with register.opened(settings.home, acting, make=True) as cases:
        assert cases is not None  # noqa: S101  # it was made
        made = cases.open(request, models, note)
    show_in_graph(settings, acting, made.id)
    print(made.id, flush=True)
    owners = len({facts.owner or facts.key for facts in models})
    concerned = f"{counted(len(models), 'model', 'models')} of {counted(owners, 'owner', 'owners')}"
    logger.info("case %d: %s; it concerns %s, as of crawl %s", made.id, advice(made.due), concerned, known.last)
    if made.due < acting.today:
        logger.warning("the term of case %d is over already: it ended on %s", made.id, made.due)


@case.command("list")
@click.option("--all", "ended", is_flag=True, help="List ended cases too, after the open ones.")
@format_option
@click.pass_obj
def list_cases(settings: Settings, *, ended: bool, output_format: str) -> None:
    """List the open cases, what is due first.

    Those whose term is over are marked.
    """
    acting = acting_now()
    rows = []
    with register.opened(settings.home, acting) as cases:
        if cases is None:
            logger.info("no case was ever opened in %s", settings.home)
        else:
            states = cases.states()
            rows = [write.listed(one, states.get(one.id, Counter()), acting.today) for one in cases.cases(ended=ended)]
    shown = map(write.marked, rows) if output_format == "table" else rows
    formats.WRITERS[output_format](write.LIST, shown, sys.stdout)
    sys.stdout.flush()
    if late := sum(bool(row[write.LIST.index("overdue")]) for row in rows):
        logger.warning("%s overdue", counted(late, "case is", "cases are"))


@case.command()
@_number
@click.option("--format", "output_format", type=click.Choice(["text", "json"]), default="text", help="How to print it.")
@click.pass_obj
def show(settings: Settings, *, number: int, output_format: str) -> None:
    """Show a case: its term, where its models stand, and every event."""
    acting = acting_now()
    with opened(settings, acting, number) as cases:
        found = cases.whole(number)
    if output_format == "json":
        write.write_json(write.as_json(*found, acting.today), sys.stdout)
    else:
        write.write_for_people(*found, acting.today, sys.stdout)


@case.command("set")
@_number
@click.option("--model", metavar="M", help="A model of the case: its name or its key.")
@click.option("--owner", metavar="O", help="All models of an owner, except those that are remedied or not concerned.")
@click.option("--state", type=click.Choice(list(STATES)), required=True, help="Where it stands.")
@click.option("--medium", metavar="TEXT", help="How the owner was reached, such as discussion or post.")
@_day
@_note
@_yes
@click.pass_obj
def set_state(
    settings: Settings,
    *,
    number: int,
    model: str | None,
    owner: str | None,
    state: str,
    medium: str | None,
    day: str | None,
    note: str | None,
    yes: bool,
) -> None:
    """Write down where a model, or an owner with all its models, stands.

    Each state keeps the revision that the model has now, so that `case show` can show a later change.
    """
    if bool(model) == bool(owner):
        raise UsageError("name --model M or --owner O: one of them")
    acting = acting_now()
    _check_texts(yes=yes, medium=medium, note=note)
    word = Word(state, _past_day("--day", day, acting), medium, note)
    with changing(settings, acting, number) as cases:
        if model:
            before = cases.set_model(number, names.from_address(model, settings["hub.endpoint"]), word)
            logger.info("case %d: %s: %s → %s", number, before.facts.id, before.state, state)
            return
        changed, settled = cases.set_owner(
            number, names.from_address(owner or "", settings["hub.endpoint"], "owner"), word
        )
    stay = f"; {counted(len(settled), 'settled one stays', 'settled ones stay')} as it was" if settled else ""
    of_owner = f"{counted(len(changed), 'model', 'models')} of {changed[0].facts.owner}"
    logger.info("case %d: %s → %s%s", number, of_owner, state, stay)


@case.command()
@_number
@click.argument("text")
@_yes
@click.pass_obj
def note(settings: Settings, *, number: int, text: str, yes: bool) -> None:
    """Write TEXT into the trail of a case."""
    _checked("the note", text, yes=yes)
    with opened(settings, acting_now(), number) as cases:
        cases.note(number, text)


@case.command()
@_number
@click.option("--reason", metavar="TEXT", required=True, help="Why one term is not enough.")
@click.option(
    "--months", type=click.IntRange(1, 120), metavar="N", help="By how many months (default: as many as can be)."
)
@_day
@_yes
@click.pass_obj
def extend(settings: Settings, *, number: int, reason: str, months: int | None, day: str | None, yes: bool) -> None:
    """Extend the term of a case, with a reason.

    That must be done within the first term.
    """
    acting = acting_now()
    _checked("--reason", reason, yes=yes)
    done = _past_day("--day", day, acting)
    with changing(settings, acting, number) as cases:
        after = cases.extend(number, done, reason, settings["cases.extension_months"], months)
    logger.info(
        "case %d: %s; tell the person about the extension and its reason by %s",
        number,
        advice(after.due),
        after.first_due,
    )


@case.command()
@_number
@click.option("--reason", metavar="TEXT", required=True, help="Why the request is refused.")
@click.option("--remedies", metavar="TEXT", required=True, help="Where the person can complain: authority and court.")
@_day
@_yes
@click.pass_obj
def refuse(settings: Settings, *, number: int, reason: str, remedies: str, day: str | None, yes: bool) -> None:
    """End a case with a refusal.

    It needs the reason, and the remedies that the person was told of.
    """
    acting = acting_now()
    _checked("--reason", reason, yes=yes)
    _checked("--remedies", remedies, yes=yes)
    done = _past_day("--day", day, acting)
    with changing(settings, acting, number) as cases:
        ended = cases.refuse(number, done, reason, remedies)
    logger.info("case %d is refused", number)
    if done > ended.first_due:
        logger.warning("the person had to be told of a refusal by %s, within the first term", ended.first_due)


@case.command()
@_number
@_note
@_day
@click.option(
    "--yes", is_flag=True, help=f"Close it although some models are {TO_CONTACT}, or the note looks like personal data."
)
@click.pass_obj
def close(settings: Settings, *, number: int, note: str | None, day: str | None, yes: bool) -> None:
    """Close a case: the person was answered. Nothing more is written into it then."""
    acting = acting_now()
    _check_texts(yes=yes, note=note)
    done = _past_day("--day", day, acting)
    with changing(settings, acting, number) as cases:
        ended = cases.close(number, done, note, all_the_same=yes)
    logger.info("case %d is closed", number)
    if done > ended.due:
        logger.warning("its term ended before that, on %s", ended.due)


@case.command()
@_number
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["json", "ics", "csv"]),
    required=True,
    help="ics: a calendar entry; csv: the list of recipients (GDPR Art. 19).",
)
@click.option("--to", "file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write into FILE.")
@click.pass_obj
def export(settings: Settings, *, number: int, output_format: str, file: Path | None) -> None:
    """Write a case as JSON, its due day for a calendar, or its recipients."""
    acting = acting_now()
    with opened(settings, acting, number) as cases:
        found, members, events = cases.whole(number)
    with output(file) as out:
        if output_format == "ics":
            out.write(ics.calendar(found, events))
        elif output_format == "csv":
            formats.WRITERS["csv"](write.RECIPIENTS, write.recipients(members), out)
        else:
            write.write_json(write.as_json(found, members, events, acting.today), out)


case.add_command(letters)


def _past_day(option: str, text: str | None, acting: Acting) -> date:
    """A day that is not in the future; today where none is given."""
    if text is None:
        return acting.today
    try:
        day = date.fromisoformat(text if _DAY.fullmatch(text) else "")
    except ValueError:
        raise UsageError(f"{option} takes a day such as 2026-03-01, not {text!r}") from None
    if day > acting.today:
        raise UsageError(f"{option} {text} is in the future: today is {acting.today} on this machine")
    return day


def _check_texts(*, yes: bool, **texts: str | None) -> None:
    for name, text in texts.items():
        if text is not None:
            _checked(f"--{name}", text, yes=yes)


def _checked(what: str, text: str, *, yes: bool, longest: int = LONGEST_TEXT) -> str:
    """A text that the register may store; UsageError for one that looks like personal data, without `--yes`."""
    if not text.strip():
        raise UsageError(f"{what} is empty")
    if len(text) > longest:
        raise UsageError(f"{what} has {len(text)} characters: {longest} at most")
    if found := personal_data(text):
        kinds = " and ".join(found)
        if not yes:
            raise UsageError(
                f"{what} seems to hold {kinds}: the register holds nothing about persons; leave it out, or add --yes"
            )
        logger.warning("%s seems to hold %s: it is stored all the same", what, kinds)
    return text
