"""`hub-genealogy export cyclonedx` and `export prov`: documents about one model, for programs that exchange such documents."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from crawler.cli.export_filters import FILTERS, family
from crawler.cli.options import output, with_options
from crawler.exports import cyclonedx, prov, spdx
from crawler.exports.facts import Facts, gather
from crawler.exports.written import pieces
from crawler.readable import counted
from crawler.settings import Settings

logger = logging.getLogger(__name__)


def _arguments(command: Callable[..., None]) -> Callable[..., None]:
    """What each of these commands takes."""
    to = click.option(
        "--to", "file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
        help="Write into FILE, replacing it if it exists; without it, to stdout.",
    )  # fmt: skip
    return with_options(click.argument("model"), to, *FILTERS, click.pass_obj)(command)  # type: ignore[no-any-return]  # click types no decorator


@click.command("cyclonedx")
@click.option(
    "--spec-version", type=click.Choice(cyclonedx.SPEC_VERSIONS), default=cyclonedx.SPEC_VERSIONS[0], show_default=True,
    help="The version of CycloneDX.",
)  # fmt: skip
@_arguments
def cyclonedx_command(settings: Settings, *, spec_version: str, **asked: Any) -> None:
    """A bill of materials of MODEL with its ancestors, as CycloneDX."""
    _write(settings, lambda facts: cyclonedx.bill(facts, spec_version), only_above=True, **asked)


@click.command("prov")
@_arguments
def prov_command(settings: Settings, **asked: Any) -> None:
    """The family of MODEL as PROV-JSON: which model was derived from which, and who published it."""
    _write(settings, prov.document, **asked)


@click.command("spdx")
@_arguments
def spdx_command(settings: Settings, **asked: Any) -> None:
    """MODEL with its ancestors as SPDX 3.0.1, in JSON-LD, with the AI profile."""
    _write(settings, spdx.document, only_above=True, **asked)


def _write(
    settings: Settings,
    document: Callable[[Facts], dict[str, Any]],
    *,
    file: Path | None,
    model: str,
    label: tuple[str, ...],
    **asked: Any,
) -> None:
    # Whatever else is left out, a document is about models.
    with family(settings, model, label=tuple({"Model": 1} | dict.fromkeys(label)) if label else (), **asked) as source:
        facts = gather(source.found, source.about)
    with output(file) as out:
        out.writelines(pieces(document(facts)))
    logger.info(
        "%s: %s, as of crawl %s",
        facts.about["model"],
        counted(len(facts.models), "model", "models"),
        facts.about["crawl"],
    )
