"""`hub-genealogy feed`: what changes below a model, as an Atom feed."""

import logging
from pathlib import Path

import click

from crawler.answers.run import read_session
from crawler.changes.diff import ChangeSet, check_order
from crawler.cli.case_register import acting_now, opened
from crawler.cli.options import output
from crawler.errors import HubGenealogyError, UsageError
from crawler.feeds import history
from crawler.feeds.atom import document
from crawler.feeds.entries import Feed
from crawler.feeds.make import of_case, of_name
from crawler.graph.connection import open_graph
from crawler.graph.state import check_belongs, check_readable
from crawler.operations.status import existing_state
from crawler.readable import counted
from crawler.settings import Settings
from crawler.state import State, way_to_a_state

logger = logging.getLogger(__name__)


@click.command()
@click.argument("model", required=False)
@click.option(
    "--dataset",
    metavar="ID",
    help="Below a data set: the models that name it or one made from it, and their descendants.",
)
@click.option("--case", "number", type=click.IntRange(1, 2**31), metavar="ID", help="Among the models of a case.")
@click.option("--owner", metavar="NAME", help="Among the models of an owner, and below them.")
@click.option("--to", "file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write into FILE.")
@click.pass_obj
def feed(
    settings: Settings,
    *,
    model: str | None,
    dataset: str | None,
    number: int | None,
    owner: str | None,
    file: Path | None,
) -> None:
    """Write an Atom feed of what changes below MODEL.

    It has an entry for each crawl that found anything: what is new, gone, renamed, changed or no longer declared. An
    entry does not change later.
    """
    names = {"model": model, "dataset": dataset, "owner": owner}
    given = [(about, name) for about, name in names.items() if name]
    if len(given) + (number is not None) != 1:
        raise UsageError("name a model, or --dataset ID, --case ID or --owner NAME: one of them")
    state = existing_state(settings)
    if state is None:
        raise HubGenealogyError(f"there are no change sets in {settings.home}: {way_to_a_state(settings.home)}")
    if number is None:
        [(about, name)] = given
        made = _of_name(settings, state, about, name)
    else:
        with opened(settings, acting_now(), number) as cases:
            case, _, events = cases.whole(number)
        made = of_case(case, events)
    with output(file) as out:
        out.write(document(made, state.id).decode())
    logger.info("%s: %s", made.title, counted(len(made.entries), "entry", "entries"))


def _of_name(settings: Settings, state: State, about: str, name: str) -> Feed:
    with open_graph(settings) as graph:
        now = check_readable(graph)
        check_belongs(now, state)
        check_order(state)
        sets = [ChangeSet(state.changes / crawl) for crawl in state.crawls(state.changes) if crawl <= (now.at or "")]
        with read_session(graph) as session, history.opened(sets) as crawls:
            return of_name(session, crawls, about, name, settings["hub.endpoint"])
