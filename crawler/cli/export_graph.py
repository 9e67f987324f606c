"""`hub-genealogy export graphml` and `export parquet`: a family, or the whole graph, for other programs."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from crawler.answers import context
from crawler.answers.checks import MAX_PATH_LENGTH
from crawler.answers.context import DECLARED_ONLY
from crawler.answers.resolve import resolve
from crawler.answers.run import read_session
from crawler.cli.options import moment_option, write_whole
from crawler.errors import HubGenealogyError, UsageError
from crawler.exports import elements, graphml, parquet
from crawler.exports.elements import Columns
from crawler.files import is_there
from crawler.graph.connection import open_graph
from crawler.graph.dump import Element
from crawler.graph.state import check_readable
from crawler.logs import printable
from crawler.readable import counted
from crawler.records.words import RELATIONS
from crawler.relatives.read import read
from crawler.settings import Settings
from crawler.snapshot.database import Limits

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Source:
    """What is written, and what the file says of itself."""

    columns: Columns
    found: Iterator[Element]
    about: Mapping[str, str]


def _several(name: str, choices: list[str], text: str) -> Callable[[Any], Any]:
    return click.option(
        f"--{name}", type=click.Choice(choices), multiple=True, help=f"{text}; can be given several times."
    )


_RELATIONS = list(RELATIONS)
# What both commands take.
_ARGUMENTS = (
    click.argument("model", required=False),
    click.option("--all", "everything", is_flag=True, help="Write the whole graph."),
    _several("label", list(elements.LABELS), "Only nodes of this label, and relationships between chosen nodes"),
    _several("kind", _RELATIONS, "Only relatives whose own link is of this relation"),
    _several("along", _RELATIONS, "Use only links of this relation, at every step"),
    click.option(
        "--max-depth", type=click.IntRange(1, MAX_PATH_LENGTH), metavar="STEPS",
        help="Only the models that are at most this many steps away.",
    ),
    click.option("--as-of", metavar="DAY", help="As of the end of this day (UTC), or as of a time."),
    click.option(
        "--include-withdrawn/--no-include-withdrawn", default=True, show_default=True,
        help="Follow links that the child no longer declares; they are marked.",
    ),
    click.pass_obj,
)  # fmt: skip


def _arguments(command: Callable[..., None]) -> Callable[..., None]:
    for decorate in reversed(_ARGUMENTS):
        command = decorate(command)
    return command


@click.command("graphml")
@click.option("--to", "file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", default="hub-genealogy.graphml",
              show_default=True, help="The file, which is written over; - means stdout.")  # fmt: skip
@_arguments
def graphml_command(settings: Settings, *, file: Path, **asked: Any) -> None:
    """The family of MODEL, or with --all everything, as GraphML, for Gephi or networkx."""
    with _source(settings, **asked) as source:
        count = write_whole(file, lambda out: graphml.write(source.columns, source.found, source.about, out))
    _say(file, count)


@click.command("parquet")
@click.option("--to", "folder", type=click.Path(path_type=Path), metavar="FOLDER", default="hub-genealogy.parquet",
              show_default=True, help="The folder, which must not exist yet.")  # fmt: skip
@_arguments
def parquet_command(settings: Settings, *, folder: Path, **asked: Any) -> None:
    """The family of MODEL, or with --all everything, as a folder of Parquet files."""
    if is_there(folder):
        raise HubGenealogyError(f"{folder} exists already: give another folder with --to, or remove it")
    limits = Limits.from_settings(settings)
    with _source(settings, **asked) as source:
        try:
            # A folder of our own beside it: whatever else is there stays, and a failure leaves nothing.
            with TemporaryDirectory(dir=folder.absolute().parent) as temporary:
                built, waiting = (Path(temporary) / name for name in ("built", "waiting"))
                built.mkdir()
                waiting.mkdir()
                count = parquet.write(source.columns, source.found, source.about, built, waiting=waiting, limits=limits)
                built.rename(folder)
        except OSError as error:
            raise HubGenealogyError(f"{folder} cannot be written: {error.strerror or error}") from None
    _say(folder, count)


def _say(place: Path, count: int) -> None:
    logger.info("%s: %s", place, counted(count, "node or relationship", "nodes and relationships"))


@contextmanager
def _source(
    settings: Settings,
    *,
    model: str | None,
    everything: bool,
    label: tuple[str, ...],
    as_of: str | None,
    **filters: Any,
) -> Iterator[Source]:
    if (model is None) != everything:
        raise UsageError("give a MODEL, or --all for the whole graph")
    day = moment_option(as_of)
    used = {name: value for name, value in filters.items() if value not in ((), None) and value is not True} | (
        {"as_of": day} if day else {}
    )
    if everything and used:
        raise UsageError(f"--{min(used).replace('_', '-')} goes with a MODEL, not with --all")
    with open_graph(settings) as graph:
        check_readable(graph)
        with read_session(graph) as session:
            known = context.read(session)
            about = {"crawl": known.last.id, "limits": DECLARED_ONLY}
            about |= {name: _said(value) for name, value in (used | ({"label": label} if label else {})).items()}
            if model is None:
                columns = elements.columns(label or (*elements.LABELS, "Crawl"))
                yield Source(columns, elements.of_graph(graph, columns), about)
                return
            if day:
                for level, remark in known.check_time("as_of", day, datetime.now(UTC)):
                    logger.log(level, "%s", remark)
            meant = resolve(session, model, settings["hub.endpoint"])
            relatives = elements.restricted(read(session, meant.key, day), **filters)
        columns = elements.columns(label or elements.LABELS)
        yield Source(
            columns,
            elements.of_family(graph, relatives, columns),
            {"model": printable(meant.id), "key": meant.key} | about,
        )


def _said(value: Any) -> str:
    """A filter as the file names it."""
    return (
        ", ".join(value) if isinstance(value, tuple) else str(value).lower() if isinstance(value, bool) else str(value)
    )
