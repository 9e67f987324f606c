"""`hub-genealogy export`: files for other programs."""

import logging
from pathlib import Path

import click

from crawler.answers import catalogue
from crawler.cli.export_bulk import bulk_command
from crawler.cli.export_documents import cyclonedx_command, prov_command, spdx_command
from crawler.cli.export_graph import graphml_command, parquet_command
from crawler.cli.options import write_whole
from crawler.exports import favourites as favourites_zip
from crawler.exports.style import STYLE
from crawler.settings import Settings

logger = logging.getLogger(__name__)


@click.group()
def export() -> None:
    """Files for other programs; an existing FILE is replaced, and - means stdout."""


@export.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), default="favourites.zip")
@click.pass_obj
def favourites(settings: Settings, file: Path) -> None:
    """The saved queries as favourites of Neo4j Browser [FILE: favourites.zip]."""
    queries = catalogue.saved_queries(settings)
    catalogue.warn_of_left_out(queries)
    count = write_whole(file, lambda out: favourites_zip.write(queries, out))
    logger.info("%s: %d favourites; drop it onto Neo4j Browser", file, count)


@export.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), default="hub-genealogy.grass")
def style(file: Path) -> None:
    """The colours and captions of the graph for Neo4j Browser [FILE: hub-genealogy.grass]."""
    write_whole(file, lambda out: out.write(STYLE.read_bytes()))
    logger.info("%s: drop it onto Neo4j Browser", file)


export.add_command(graphml_command)
export.add_command(parquet_command)
export.add_command(cyclonedx_command)
export.add_command(prov_command)
export.add_command(spdx_command)
export.add_command(bulk_command)
