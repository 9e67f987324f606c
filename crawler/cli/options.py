"""Options that several commands share."""

import click

from crawler.answers.formats import WRITERS

format_option = click.option(
    "--format",
    "shape",
    type=click.Choice(list(WRITERS)),
    default="table",
    show_default=True,
    help="How to print the answer.",
)
