"""What `hub-genealogy query` does with the graph: the answer of a saved query, or the plan of it."""

import json
import logging
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import neo4j

from crawler.answers import catalogue, context, formats, plan, remarks
from crawler.answers.context import Context, Remark
from crawler.answers.library import SavedQuery
from crawler.answers.resolve import KINDS, resolve
from crawler.answers.run import answer, explain, read_session
from crawler.answers.values import plain
from crawler.errors import UsageError
from crawler.graph.connection import open_graph
from crawler.graph.state import check_readable
from crawler.settings import Settings

logger = logging.getLogger(__name__)


def explain_plan(settings: Settings, chosen: SavedQuery, values: dict[str, Any], output_format: str) -> None:
    """The plan is the same for whichever model: names need not be known, nor the graph be whole."""
    if output_format not in plan.OUTPUT_FORMATS:
        raise UsageError(f"--explain prints {' or '.join(plan.OUTPUT_FORMATS)}, not {output_format}")
    with open_graph(settings) as graph, read_session(graph, all_notifications=True) as session:
        plan.write(chosen.name, explain(session, chosen, values, settings["query.timeout"]), output_format, sys.stdout)


class Answer:
    """One question, its answer on stdout, and what is to be said of it on stderr."""

    def __init__(self, settings: Settings, chosen: SavedQuery, values: dict[str, Any]) -> None:
        self._settings = settings
        self._query = chosen
        self._values = values
        self._names: dict[str, str] = {}
        self._notes: list[str] = []
        self._now = datetime.now(UTC)

    def write(self, output_format: str, *, with_context: bool) -> None:
        """Print the answer, then say what is to be said of it."""
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
                self._say(remarks.of_filters(session, self._query, self._values, watched, timeout))
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
