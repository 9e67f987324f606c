"""`hub-genealogy case letters`: what to write to the owners of a case's models."""

import logging
from collections import Counter
from pathlib import Path

import click

from crawler.answers import context
from crawler.answers.run import read_session
from crawler.cases.form import OPEN
from crawler.cases.gather import ways_of
from crawler.cli.case_register import acting_now, opened
from crawler.dossier.texts import LANGUAGES
from crawler.errors import HubGenealogyError
from crawler.graph.connection import open_graph
from crawler.graph.state import check_readable
from crawler.readable import counted
from crawler.records.forgetting import is_stand_in
from crawler.settings import Settings

logger = logging.getLogger(__name__)


@click.command()
@click.argument("number", metavar="ID", type=click.IntRange(1, 2**31))
@click.option(
    "--language", type=click.Choice(LANGUAGES), default=LANGUAGES[0], show_default=True, help="Their language."
)
@click.option(
    "--to", "folder", type=click.Path(path_type=Path), metavar="FOLDER", required=True, help="A new or empty folder."
)
@click.option(
    "--templates",
    "own",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="FOLDER",
    help="Your own templates; those that it lacks are taken from the program.",
)
@click.option(
    "--remind-after",
    "days",
    type=click.IntRange(0, 366),
    metavar="DAYS",
    default=7,
    show_default=True,
    help="Write a reminder only if the last letter is at least DAYS days old.",
)
@click.pass_obj
def letters(settings: Settings, *, number: int, language: str, folder: Path, own: Path | None, days: int) -> None:
    """Write what to send each owner next; nothing is sent.

    That is a first letter, a reminder or an escalation, as the states of the owner's models say. Each has a
    short form for a public page, which says nothing but the reference.
    """
    from crawler.cases.letters import KINDS, Writer, write  # noqa: PLC0415  # no other command needs Jinja2, which takes its time

    acting = acting_now()
    with opened(settings, acting, number) as cases:
        case, members, _ = cases.whole(number)
    if case.state != OPEN:
        raise HubGenealogyError(f"case {number} is {case.state}: nothing more is written to anybody")
    with open_graph(settings) as graph:
        check_readable(graph)
        with read_session(graph) as session:
            known = context.read(session)
            ways = ways_of(session, case.about, case.key)
    forgotten = sum(member.state in KINDS and is_stand_in(member.facts.owner) for member in members)
    if forgotten:
        logger.warning(
            "case %d: there is no letter about %s of forgotten owners: the graph does not know whom to write to",
            number,
            counted(forgotten, "model", "models"),
        )
    due = [member for member in members if not member.written_to_within(days, acting.today)]
    written = list(Writer(case, ways, known.last.started_at.date(), language, own).letters(due))
    early = len(members) - len(due)
    later = (
        f"the owners of {counted(early, 'model', 'models')} were written to less than "
        f"{counted(days, 'day', 'days')} ago; --remind-after sets the days"
    )
    if not written:
        states = " or ".join(KINDS)
        raise HubGenealogyError(f"case {number} has nobody to write to: {later if early else f'no model is {states}'}")
    write(written, folder)
    kinds = Counter(letter.kind for letter in written)
    said = ", ".join(counted(kinds[kind], kind, f"{kind}s") for kind in KINDS.values() if kinds[kind])
    logger.info("case %d: %s in %s; fill in what stands in [brackets]; nothing was sent", number, said, folder)
    if early:
        logger.info("case %d: %s", number, later)
