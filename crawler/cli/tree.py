"""`hub-genealogy tree`: the family of a model as a picture."""

import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

import click

from crawler.answers import context, library
from crawler.answers.checks import MAX_PATH_LENGTH
from crawler.answers.context import KNOWN_ONLY, Context
from crawler.answers.resolve import resolve
from crawler.answers.run import read_session
from crawler.cli.options import moment_option
from crawler.graph.connection import open_graph
from crawler.graph.state import check_readable
from crawler.pictures import diagrams, page, svg, text
from crawler.pictures.grouping import UNGROUPED, Tree, grow
from crawler.pictures.shortening import shortened
from crawler.readable import counted
from crawler.relatives.read import read
from crawler.resources import shipped
from crawler.settings import Settings

logger = logging.getLogger(__name__)

# How each format that is no text for a terminal is made of a tree and its caption, and in how many rows unless all are
# asked for; None: in all. Only a page can fold groups and unfold them again.
DRAWN: dict[str, tuple[Callable[[Tree, Sequence[str]], str], int | None]] = {
    "svg": (lambda tree, caption: svg.drawing(tree, caption, rows=None) + "\n", svg.ROWS),
    "html": (page.page, None),
    "dot": (lambda tree, _: diagrams.dot(tree), None),
    "mermaid": (lambda tree, _: diagrams.mermaid(tree), diagrams.MERMAID_ROWS),
}


@click.command()
@click.argument("model")
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", *DRAWN]),
    default="text",
    show_default=True,
    help="How to draw it; svg and html need no network and no script.",
)
@click.option("--all", "everything", is_flag=True, help="Give every model a row of its own.")
@click.option(
    "--max-depth",
    type=click.IntRange(1, MAX_PATH_LENGTH),
    metavar="STEPS",
    help="Only count the models that are more than this many steps away.",
)
@click.option("--as-of", metavar="DAY", help="Draw it as of the end of this day (UTC), or as of a time.")
@click.option(
    "--include-withdrawn/--no-include-withdrawn",
    default=False,
    show_default=True,
    help="Also follow links that the child no longer declares; they are marked.",
)
@click.pass_obj
def tree(
    settings: Settings,
    *,
    model: str,
    output_format: str,
    everything: bool,
    max_depth: int | None,
    as_of: str | None,
    include_withdrawn: bool,
) -> None:
    """Draw what MODEL descends from and what descends from it: ancestors above it, descendants below.

    The models that others build on most come first. In large families, models without children share a
    row if they hang from one model by the same relation.
    """
    day = moment_option(as_of)
    now = datetime.now(UTC)
    with open_graph(settings) as graph:
        check_readable(graph)
        with read_session(graph) as session:
            known = context.read(session)
            if day:
                for level, remark in known.check_time("as_of", day, now):
                    logger.log(level, "%s", remark)
            relatives = read(session, resolve(session, model, settings["hub.endpoint"]).key, day)
    grown = grow(
        relatives,
        include_withdrawn=include_withdrawn,
        max_depth=max_depth,
        ungrouped=None if everything else UNGROUPED,
    )
    if output_format == "text":
        drawn = grown
        text.write(drawn, sys.stdout)
    else:
        draw, rows = DRAWN[output_format]
        drawn = grown if rows is None or everything else shortened(grown, rows)
        sys.stdout.write(draw(drawn, _caption(known, day)))
    sys.stdout.flush()  # the picture comes before what is said of it, also where both go into one file
    for remark in _remarks(drawn, beyond=grown.hidden, max_depth=max_depth, folds=output_format != "html"):
        logger.info("%s", remark)
    for level, remark in known.remarks(library.read(shipped("queries") / "genealogy" / "descendants.cypher"), now):
        logger.log(level, "%s", remark)


def _caption(known: Context, day: str | None) -> list[str]:
    """What stands below a picture that may be read far from here. It says nothing that changes with the hour."""
    return [f"{f'as of {day}, from' if day else 'as of'} crawl {known.last}; {KNOWN_ONLY}"]


def _remarks(drawn: Tree, *, beyond: int, max_depth: int | None, folds: bool) -> Iterator[str]:
    """What the picture leaves out, and how to see it."""
    groups = [row for row in (*drawn.above, *drawn.below) if len(row.members) > 1]
    if groups and folds:
        models = counted(sum(len(row.members) for row in groups), "model", "models")
        rows = counted(len(groups), "row", "rows")
        yield f"{models} without children share {rows}; --all gives each of them its own"
    if drawn.hidden > beyond:
        yield f"{counted(drawn.hidden - beyond, 'model is', 'models are')} in no row, and only counted; --all shows them"
    if beyond:
        steps = counted(max_depth or 0, "step", "steps")
        yield f"{counted(beyond, 'model is', 'models are')} more than {steps} away, and only counted"
    if drawn.left_out:
        what = counted(drawn.left_out, "model more is", "models more are")
        yield f"{what} related by links that are no longer declared; --include-withdrawn shows them"
