"""What several commands share."""

from pathlib import Path

import click

from crawler.answers.formats import WRITERS
from crawler.errors import HubGenealogyError
from crawler.settings import Settings
from crawler.state import State

format_option = click.option(
    "--format",
    "output_format",
    type=click.Choice(list(WRITERS)),
    default="table",
    show_default=True,
    help="How to print the answer.",
)


def kept_snapshots(settings: Settings) -> dict[str, Path]:
    """Crawl → its snapshot, oldest first; HubGenealogyError where there is none. Makes no state folder."""
    if settings.home.exists():
        state = State(settings.home)
        if crawls := state.crawls(state.snapshots):
            return {crawl: state.snapshots / crawl for crawl in crawls}
    raise HubGenealogyError(f"there is no snapshot in {settings.home} yet: run `hub-genealogy crawl` first")
