"""What the exports of a family share: its filters, what is read, and what a file says of itself."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import click
from msgspec.structs import asdict

from crawler.answers import context
from crawler.answers.checks import MAX_PATH_LENGTH
from crawler.answers.context import KNOWN_ONLY
from crawler.answers.resolve import resolve
from crawler.answers.run import read_session
from crawler.cli.options import moment_option
from crawler.cli.restriction import OPTIONS, left_out, read_filters
from crawler.exports import elements
from crawler.exports.elements import Columns
from crawler.graph.connection import open_graph
from crawler.graph.dump import Element
from crawler.graph.state import check_readable
from crawler.relatives.read import read
from crawler.settings import Settings

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Source:
    """What is written, and what the file says of itself."""

    columns: Columns
    found: Iterator[Element]
    about: Mapping[str, str]
    """The crawl, the model with its key, the filters, and what nobody can know."""


FILTERS = (
    click.option(
        "--label", type=click.Choice(elements.LABELS), multiple=True,
        help="Only nodes of this label, and relationships between chosen nodes; can be given several times.",
    ),
    *OPTIONS,
    click.option(
        "--max-depth", type=click.IntRange(1, MAX_PATH_LENGTH), metavar="STEPS",
        help="Only the models that are at most this many steps away.",
    ),
    click.option("--as-of", metavar="DAY", help="As of the end of this day (UTC), or as of a time."),
    click.option(
        "--include-withdrawn/--no-include-withdrawn", default=False, show_default=True,
        help="Also follow links that the child no longer declares; they are marked.",
    ),
)  # fmt: skip


@contextmanager
def family(
    settings: Settings,
    model: str,
    *,
    label: tuple[str, ...] = (),
    as_of: str | None = None,
    kind: tuple[str, ...] = (),
    along: tuple[str, ...] = (),
    status: tuple[str, ...] = (),
    only_above: bool = False,
    **bounds: Any,
) -> Iterator[Source]:
    """The family of a model, or on demand only what is above it; HubGenealogyError where no model is known as that.

    `bounds` are the depth, and whether withdrawn links are used.
    """
    filters = read_filters(kind=kind, along=along, status=status)
    day = moment_option(as_of)
    with open_graph(settings) as graph:
        check_readable(graph)
        with read_session(graph) as session:
            known = context.read(session)
            if day:
                for level, remark in known.check_time("as_of", day, datetime.now(UTC)):
                    logger.log(level, "%s", remark)
            meant = resolve(session, model, settings["hub.endpoint"])
            whole = elements.restricted(read(session, meant.key, day, only_above=only_above), **bounds)
        relatives = elements.restricted(whole, **asdict(filters), **bounds) if filters else whole
        columns = elements.columns(label or elements.LABELS)
        about = {"crawl": known.last.id, "limits": KNOWN_ONLY, "model": meant.id, "key": meant.key}
        about |= said(label=label, **as_filters(as_of=day, **asdict(filters), **bounds))
        yield Source(columns, elements.of_family(graph, relatives, columns), about)
        if filters:
            logger.info("%s", left_out(filters, len(whole.members) - len(relatives.members)))


def as_filters(**options: Any) -> dict[str, Any]:
    """The options that leave anything out."""
    return {name: value for name, value in options.items() if value not in ((), None, False)}


def said(**filters: Any) -> dict[str, str]:
    """Filters as a file names them."""
    return {
        name: ", ".join(value) if isinstance(value, tuple) else str(value).lower() if value is True else str(value)
        for name, value in filters.items()
        if value != ()
    }
