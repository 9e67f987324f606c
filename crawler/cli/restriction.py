"""The options that restrict a report or an export to a part of a family, with the words of the saved queries."""

from collections.abc import Callable
from typing import Any

import click

from crawler.answers import parameters
from crawler.dossier.form import Filters
from crawler.errors import UsageError
from crawler.readable import counted

OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "--kind", multiple=True, metavar="KINDS",
        help="Only relatives whose own step is of these kinds, such as quantized,adapter.",
    ),
    click.option("--along", multiple=True, metavar="KINDS", help="Use only links of these kinds, at every step."),
    click.option("--status", multiple=True, metavar="STATUSES", help="Only relatives that are listed, gone or absent."),
)  # fmt: skip


def read_filters(*, kind: tuple[str, ...], along: tuple[str, ...], status: tuple[str, ...]) -> Filters:
    """What the options say; UsageError for a value that is unknown, or where no path can match."""
    found = {}
    for name, texts in {"kind": kind, "along": along, "status": status}.items():
        try:
            found[name] = tuple(parameters.filter_values(name, ",".join(texts))) if texts else ()
        except ValueError as error:
            raise UsageError(f"--{name} takes {error}, not {','.join(texts)!r}") from None
    if contradiction := parameters.contradicts(found["kind"], found["along"]):
        raise UsageError(contradiction)
    return Filters(**found)


def left_out(filters: Filters, relatives: int) -> str:
    """How many relatives the filters leave out."""
    return f"restricted to {filters}: {counted(relatives, 'relative is', 'relatives are')} left out"
