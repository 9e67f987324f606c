"""`hub-genealogy export graphml` and `export parquet`: a family, or the whole graph, for other programs."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
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
from crawler.cli.options import moment_option
from crawler.errors import HubGenealogyError, UsageError
from crawler.exports import elements, graphml, parquet
from crawler.exports.elements import Columns, Element
from crawler.graph.connection import open_graph
from crawler.graph.state import check_readable
from crawler.logs import printable
from crawler.relatives.read import read
from crawler.settings import Settings

logger = logging.getLogger(__name__)

RELATIONS = ("finetune", "adapter", "quantized", "merge", "copy", "unknown")

Source = tuple[Columns, Iterator[Element], Mapping[str, str]]


def _arguments(command: Callable[..., None]) -> Callable[..., None]:
    """What both commands take."""
    for decorate in reversed(
        (
            click.argument("model", required=False),
            click.option("--all", "everything", is_flag=True, help="Write the whole graph."),
            click.option(
                "--relation", "relations", type=click.Choice(RELATIONS), multiple=True,
                help="Follow links of this relation only; can be given several times.",
            ),
            click.option(
                "--max-depth", type=click.IntRange(1, MAX_PATH_LENGTH), metavar="STEPS",
                help="Only the models that are at most this many steps away.",
            ),
            click.option("--as-of", metavar="DAY", help="As of the end of this day (UTC), or as of a time."),
            click.pass_obj,
        )
    ):  # fmt: skip
        command = decorate(command)
    return command


@click.command("graphml")
@click.option("--to", "file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", default="hub-genealogy.graphml",
              show_default=True, help="The file, which is written over; - means stdout.")  # fmt: skip
@_arguments
def graphml_command(settings: Settings, *, file: Path, **asked: Any) -> None:
    """The family of MODEL, or with --all everything, as GraphML, for Gephi or networkx."""
    from crawler.cli.export import write_whole  # noqa: PLC0415  # that module registers this command

    with _source(settings, **asked) as (columns, found, about):
        count = write_whole(file, lambda out: graphml.write(columns, found, about, out))
    logger.info("%s: %d nodes and relationships", file, count)


@click.command("parquet")
@click.option("--to", "folder", type=click.Path(path_type=Path), metavar="FOLDER", default="hub-genealogy.parquet",
              show_default=True, help="The folder, which must not exist yet.")  # fmt: skip
@_arguments
def parquet_command(settings: Settings, *, folder: Path, **asked: Any) -> None:
    """The family of MODEL, or with --all everything, as a folder of Parquet files."""
    if folder.exists():
        raise HubGenealogyError(f"{folder} exists already: give another folder with --to, or remove it")
    with _source(settings, **asked) as (columns, found, about):
        try:
            # A folder of our own beside it: whatever else is there stays, and a failure leaves nothing.
            with TemporaryDirectory(dir=folder.absolute().parent) as temporary:
                built = Path(temporary) / "built"
                built.mkdir()
                count = parquet.write(columns, found, about, built)
                built.rename(folder)
        except OSError as error:
            raise HubGenealogyError(f"{folder} cannot be written: {error.strerror or error}") from None
    logger.info("%s: %d nodes and relationships", folder, count)


@contextmanager
def _source(
    settings: Settings,
    *,
    model: str | None,
    everything: bool,
    relations: tuple[str, ...],
    max_depth: int | None,
    as_of: str | None,
) -> Iterator[Source]:
    if (model is None) != everything:
        raise UsageError("give a MODEL, or --all for the whole graph")
    day = moment_option(as_of)
    if everything and (relations or max_depth or day):
        raise UsageError("--relation, --max-depth and --as-of go with a MODEL, not with --all")
    with open_graph(settings) as graph:
        check_readable(graph)
        with read_session(graph) as session:
            known = context.read(session)
            about = {"crawl": known.last.id, "limits": DECLARED_ONLY}
            if model is None:
                yield elements.GRAPH_COLUMNS, elements.of_graph(graph), about
                return
            if day:
                for level, remark in known.check_time("as_of", day, datetime.now(UTC)):
                    logger.log(level, "%s", remark)
            relatives = read(session, (bearer := resolve(session, model, settings["hub.endpoint"])).key, day)
        about |= {"model": printable(bearer.id)} | ({"as_of": day} if day else {})
        found = elements.of_family(elements.restricted(relatives, relations, max_depth))
        yield elements.FAMILY_COLUMNS, found, about
