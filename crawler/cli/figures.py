"""`hub-genealogy figures`: the tables that papers print, from a snapshot."""

import logging
import sys

import click

from crawler.answers import formats
from crawler.answers.table import write_table
from crawler.cli.options import format_option, kept_snapshots
from crawler.errors import UsageError, nearest
from crawler.reports.figures import COLUMNS, in_sections
from crawler.reports.figures import figures as count_figures
from crawler.settings import Settings

logger = logging.getLogger(__name__)


@click.command()
@click.option("--crawl", metavar="CRAWL", help="The crawl whose snapshot is counted (default: the last).")
@format_option
@click.pass_obj
def figures(settings: Settings, crawl: str | None, output_format: str) -> None:
    """Count what papers on the Hub's model supply chain print: shares, relations, depths, families, licences.

    Reads a snapshot of the state folder and needs no database.
    """
    known = kept_snapshots(settings)
    chosen = crawl or list(known)[-1]
    if chosen not in known:
        raise UsageError(
            f"there is no snapshot of crawl {chosen!r}{nearest(chosen, known)}; kept are {', '.join(known)}"
        )
    rows = count_figures(known[chosen])
    if output_format == "table":
        write_table(COLUMNS[1:], in_sections(rows), sys.stdout)
    else:
        formats.WRITERS[output_format](COLUMNS, rows, sys.stdout)
    logger.info("as of crawl %s", chosen)
