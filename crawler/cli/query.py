"""`hub-genealogy query`: a saved query, asked and answered."""

import json
import logging
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import neo4j

from crawler.answers import catalogue, context, formats, library, parameters, plan, remarks
from crawler.answers.context import Context, Remark
from crawler.answers.library import SavedQuery
from crawler.answers.resolve import KINDS, resolve
from crawler.answers.run import answer, explain, read_session
from crawler.answers.values import plain
from crawler.cli import query_arguments
from crawler.cli.options import format_option
from crawler.errors import UsageError
from crawler.graph.connection import open_graph
from crawler.graph.state import check_readable
from crawler.settings import Settings

logger = logging.getLogger(__name__)


@click.command(
    context_settings={"ignore_unknown_options": True},
    options_metavar="[OPTIONS]",
    epilog="Each parameter of a query is also an option: --model M, --max-depth 3 and --include-withdrawn are "
    "-p model=M, -p max_depth=3 and -p include_withdrawn=true.",
)
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[NAME [MODEL|OWNER|DATASET|LICENSE]]")
@click.option(
    "-p", "--param", "given", multiple=True, metavar="NAME=VALUE", help="A parameter; give as many as needed."
)
@format_option
@click.option(
    "--with-context",
    is_flag=True,
    help="With --format json: print one object with the answer, the crawl at which it stands, and what was said on stderr.",
)
@click.option(
    "--file",
    type=click.Path(path_type=Path),
    metavar="FILE.cypher",
    help="Run the query in this file, by the same rules, instead of a saved one.",
)
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
    words: tuple[str, ...],
    given: tuple[str, ...],
    output_format: str,
    with_context: bool,
    file: Path | None,
    listing: bool,
    show: bool,
    explaining: bool,
) -> None:
    """Answer the saved query NAME from the graph. What follows NAME is what the query is about, such as a model."""
    queries = catalogue.saved_queries(settings)
    flags = {p.name for query in queries.values() for p in query.parameters if p.type == "boolean"}
    asked = query_arguments.read(words, flags)
    if listing:
        if asked.options:
            raise UsageError(f"--list has no option --{asked.options[0][0].replace('_', '-')}")
        catalogue.warn_of_left_out(queries)
        catalogue.write(queries, output_format, sys.stdout)
        return
    chosen, subjects = _choose(queries, file, asked)
    if show:
        click.echo(catalogue.explained(chosen), nl=False)
        return
    texts = (*given, *query_arguments.parameters(chosen, subjects, asked.options))
    if explaining:
        _explain(settings, chosen, parameters.values(chosen, texts, allow_missing=True), output_format)
        return
    if with_context and output_format != "json":
        raise UsageError(f"--with-context goes with --format json, not {output_format}")
    _Answer(settings, chosen, parameters.values(chosen, texts)).write(output_format, with_context=with_context)


def _choose(
    queries: library.Library, file: Path | None, asked: query_arguments.Words
) -> tuple[SavedQuery, tuple[str, ...]]:
    """The query, and the words after its name. A file of one's own that is left out is said, unless it is the one."""
    if file is not None:
        return library.read(file), asked.positional
    if not (asked.positional and asked.positional[0]):
        raise UsageError("name a saved query; hub-genealogy query --list shows them")
    chosen = queries.find(asked.positional[0])
    catalogue.warn_of_left_out(queries)
    return chosen, asked.positional[1:]


def _explain(settings: Settings, chosen: SavedQuery, values: dict[str, Any], output_format: str) -> None:
    """The plan is the same for whichever model: names need not be known, nor the graph be whole."""
    if output_format not in plan.OUTPUT_FORMATS:
        raise UsageError(f"--explain prints {' or '.join(plan.OUTPUT_FORMATS)}, not {output_format}")
    with open_graph(settings) as graph, read_session(graph, all_notifications=True) as session:
        plan.write(chosen.name, explain(session, chosen, values, settings["query.timeout"]), output_format, sys.stdout)


class _Answer:
    """One question, its answer on stdout, and what is to be said of it on stderr."""

    def __init__(self, settings: Settings, chosen: SavedQuery, values: dict[str, Any]) -> None:
        self._settings = settings
        self._query = chosen
        self._values = values
        self._names: dict[str, str] = {}
        self._notes: list[str] = []
        self._now = datetime.now(UTC)

    def write(self, output_format: str, *, with_context: bool) -> None:
        timeout = self._settings["query.timeout"]
        out = sys.stdout
        with open_graph(self._settings) as graph:
            check_readable(graph)
            if catalogue.is_own(self._query):
                with read_session(graph, all_notifications=True) as session:
                    self._say(remarks.of_unknown_names(session, self._query, self._values, timeout))
            with read_session(graph) as session:
                known = context.read(session)
                for name in ("as_of", "since"):
                    if self._values.get(name):
                        self._say(known.check_time(name, self._values[name], self._now))
                self._resolve_names(session)
                if with_context:
                    out.write('{"answer": ')
                with answer(session, self._query, self._values, timeout) as rows:
                    watched = remarks.Watched(self._query, rows)
                    formats.WRITERS[output_format]([column.name for column in self._query.columns], watched, out)
                if not with_context:
                    out.flush()  # the answer comes before what is said of it, also where both go into one file
                self._say(remarks.of_the_rows(self._query, self._values, watched))
                if known.has_withdrawn and not self._values.get("include_withdrawn", True):
                    self._say(remarks.of_withdrawn_links(session, self._query, self._values, watched, timeout))
        self._say(known.remarks(self._query, self._now))
        if with_context:
            out.write(f", {json.dumps(self._context(known), default=plain)[1:]}\n")

    def _resolve_names(self, session: neo4j.Session) -> None:
        """Put what a name means in its place; an unknown one is an error."""
        for name in KINDS.keys() & self._values.keys():
            if self._values[name]:
                found = resolve(session, self._values[name], self._settings["hub.endpoint"], KINDS[name])
                self._values[name], self._names[name] = found.key, found.id

    def _say(self, said: Iterable[Remark]) -> None:
        for level, text in said:
            logger.log(level, "%s", text)
            self._notes.append(text)

    def _context(self, known: Context) -> dict[str, Any]:
        """What `--with-context` prints beside the answer; names are those in the graph, whatever was typed."""
        return {
            "query": self._query.name,
            "parameters": self._values | self._names,
            **known.as_json(self._now),
            "notes": self._notes,
        }
