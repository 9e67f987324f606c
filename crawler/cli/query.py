"""`hub-genealogy query`: a saved query, asked and answered."""

import logging
import sys
import time
from collections.abc import Iterator
from typing import Any

import click

from crawler.answers import catalogue, formats, parameters, plan
from crawler.answers.checks import MAX_PATH_LENGTH
from crawler.answers.library import SavedQuery
from crawler.answers.resolve import KINDS, resolve
from crawler.answers.run import answer, explain, read_session
from crawler.cli.options import format_option
from crawler.errors import UsageError
from crawler.graph.connection import open_graph
from crawler.graph.state import check_readable
from crawler.settings import Settings

logger = logging.getLogger(__name__)

# The columns, in a query that follows paths, that say how far away something is.
DEPTHS = ("depth", "other_depth", "step")


@click.command()
@click.argument("name", required=False)
@click.option(
    "-p", "--param", "given", multiple=True, metavar="NAME=VALUE", help="A parameter; give as many as needed."
)
@click.option(
    "--model", metavar="MODEL", help="The same as -p model=MODEL: a name, a former name, or an address on the Hub."
)
@format_option
@click.option(
    "--list", "listing", is_flag=True, help="List the saved queries by topic, with the parameters that each one needs."
)
@click.option(
    "--show", is_flag=True, help="Print the query itself: what it means, its parameters and columns, its Cypher."
)
@click.option(
    "--explain",
    "explaining",
    is_flag=True,
    help="Print what the server would do, and what it says against the query, without running it.",
)
@click.pass_obj
def query(
    settings: Settings,
    *,
    name: str | None,
    given: tuple[str, ...],
    model: str | None,
    output_format: str,
    listing: bool,
    show: bool,
    explaining: bool,
) -> None:
    """Answer the saved query NAME from the graph."""
    queries = catalogue.saved_queries(settings)
    if listing:
        catalogue.write(queries, output_format, sys.stdout)
        return
    if not name:
        raise UsageError("name a saved query; hub-genealogy query --list shows them")
    chosen = queries.find(name)
    if show:
        click.echo(chosen.text, nl=False)
        return
    if model:
        given = (*given, f"model={model}")
    if explaining:
        _explain(settings, chosen, parameters.values(chosen, given, allow_missing=True), output_format)
        return
    _answer(settings, chosen, parameters.values(chosen, given), output_format)


def _explain(settings: Settings, chosen: SavedQuery, values: dict[str, Any], output_format: str) -> None:
    """The plan is the same for whichever model: names need not be known, nor the graph be whole."""
    if output_format not in plan.OUTPUT_FORMATS:
        raise UsageError(f"--explain prints {' or '.join(plan.OUTPUT_FORMATS)}, not {output_format}")
    with open_graph(settings) as graph, read_session(graph, all_notifications=True) as session:
        plan.write(chosen.name, explain(session, chosen, values, settings["query.timeout"]), output_format, sys.stdout)


def _answer(settings: Settings, chosen: SavedQuery, values: dict[str, Any], output_format: str) -> None:
    with open_graph(settings) as graph:
        check_readable(graph)
        with read_session(graph) as session:
            for name in KINDS.keys() & values.keys():
                if values[name]:
                    values[name] = resolve(session, values[name], settings["hub.endpoint"], KINDS[name]).key
            started = time.monotonic()
            columns = [column.name for column in chosen.columns]
            with answer(session, chosen, values, settings["query.timeout"]) as rows:
                watched = _Watched(rows, [i for i, name in enumerate(columns) if name in DEPTHS and chosen.traverses])
                formats.WRITERS[output_format](columns, watched, sys.stdout)
    logger.info(
        "%s: %d %s in %.1f s",
        chosen.name,
        watched.count,
        "row" if watched.count == 1 else "rows",
        time.monotonic() - started,
    )
    _say_bounds(chosen, values, watched)


class _Watched:
    """Rows on their way, counted, and how deep the deepest is."""

    def __init__(self, rows: Iterator[list[Any]], depths: list[int]) -> None:
        self.count = 0
        self.deepest = 0
        self._rows = rows
        self._depths = depths

    def __iter__(self) -> Iterator[list[Any]]:
        for row in self._rows:
            self.count += 1
            for place in self._depths:
                self.deepest = max(self.deepest, row[place] or 0)
            yield row


def _say_bounds(chosen: SavedQuery, values: dict[str, Any], watched: _Watched) -> None:
    """An answer that may be cut, and what an empty one means, are said on stderr."""
    if watched.count == 0:
        logger.info("no rows: %s", chosen.empty)
    if values.get("limit") is not None and watched.count >= values["limit"]:
        logger.warning("the limit of %d rows that was asked for is reached: there may be more", values["limit"])
    bound = min(values.get("max_depth") or MAX_PATH_LENGTH, MAX_PATH_LENGTH)
    if watched.deepest >= bound:
        logger.warning("paths were followed for %d steps and no further: there may be more beyond", bound)
