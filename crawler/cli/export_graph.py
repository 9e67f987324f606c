"""`hub-genealogy export graphml` and `export parquet`: a family, or the whole graph, for other programs."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from crawler.answers import context
from crawler.answers.context import KNOWN_ONLY
from crawler.answers.run import read_session
from crawler.cli.export_filters import FILTERS, Source, as_filters, family, said
from crawler.cli.options import new_folder, with_options, write_whole
from crawler.errors import UsageError
from crawler.exports import elements, graphml, parquet
from crawler.graph.connection import open_graph
from crawler.graph.state import check_readable
from crawler.readable import counted
from crawler.settings import Settings
from crawler.snapshot.database import Limits

logger = logging.getLogger(__name__)


def _arguments(command: Callable[..., None]) -> Callable[..., None]:
    """What both commands take."""
    return with_options(  # type: ignore[no-any-return]  # click types no decorator
        click.argument("model", required=False),
        click.option("--all", "everything", is_flag=True, help="Write the whole graph."),
        *FILTERS,
        click.pass_obj,
    )(command)


@click.command("graphml")
@click.option("--to", "file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", default="hub-genealogy.graphml",
              show_default=True, help="The file, replaced if it exists; - means stdout.")  # fmt: skip
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
    limits = Limits.from_settings(settings)
    with new_folder(folder) as built, _source(settings, **asked) as source:
        waiting = built.with_name("waiting")
        built.mkdir()
        waiting.mkdir()
        count = parquet.write(source.columns, source.found, source.about, built, waiting=waiting, limits=limits)
    _say(folder, count)


def _say(place: Path, count: int) -> None:
    logger.info("%s: %s", place, counted(count, "node or relationship", "nodes and relationships"))


@contextmanager
def _source(
    settings: Settings, *, model: str | None, everything: bool, label: tuple[str, ...], **filters: Any
) -> Iterator[Source]:
    if (model is None) != everything:
        raise UsageError("give a MODEL, or --all for the whole graph")
    if model is not None:
        with family(settings, model, label=label, **filters) as source:
            yield source
        return
    if used := as_filters(**filters):
        raise UsageError(f"--{min(used).replace('_', '-')} goes with a MODEL, not with --all")
    with open_graph(settings) as graph:
        check_readable(graph)
        with read_session(graph) as session:
            crawl = context.read(session).last.id
        columns = elements.columns(label or (*elements.LABELS, "Crawl"))
        about = {"crawl": crawl, "limits": KNOWN_ONLY} | said(label=label)
        yield Source(columns, elements.of_graph(graph, columns), about)
