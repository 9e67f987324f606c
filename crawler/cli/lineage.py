"""`hub-genealogy lineage`: why each parent of a model is believed."""

import logging
import sys

import click

from crawler.answers import formats
from crawler.cli.options import format_option, kept_snapshots
from crawler.reports.lineage import COLUMNS, explain
from crawler.settings import Settings

logger = logging.getLogger(__name__)


@click.command()
@click.argument("model")
@format_option
@click.pass_obj
def lineage(settings: Settings, model: str, output_format: str) -> None:
    """Explain each parent of MODEL: where it is declared, in which spelling, how that was resolved, or by which rule.

    Reads the last snapshot of the state folder and needs no database.
    """
    last, snapshot = list(kept_snapshots(settings).items())[-1]
    name, rows = explain(snapshot, model, settings["hub.endpoint"])
    if name != model:
        logger.info("%s: taken as %s", model, name)
    formats.WRITERS[output_format](COLUMNS, rows, sys.stdout)
    logger.info("as of crawl %s", last)
    if not rows:
        logger.info("no rows: %s declares no parent, and no rule found one; that is no proof that it has none", name)
