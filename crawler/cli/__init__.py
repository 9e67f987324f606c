"""The command line: one module for each command or group; `main` turns what went wrong into one line and a code."""

import logging
import os
import sys
from pathlib import Path
from typing import NoReturn

import click

from crawler import __version__, logs, settings, signals, streams
from crawler.cli.crawl import crawl, load, rebuild
from crawler.cli.db import db
from crawler.cli.doctor import doctor
from crawler.cli.export import export
from crawler.cli.figures import figures
from crawler.cli.graph import graph
from crawler.cli.lineage import lineage
from crawler.cli.query import query
from crawler.cli.schema import schema
from crawler.cli.status import status
from crawler.errors import HubGenealogyError, OutputLostError, ReaderGoneError, UsageError

logger = logging.getLogger(__name__)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="hub-genealogy")
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Settings file (default: hub-genealogy.yml, where there is one).",
)
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="NAME=VALUE",
    help="Override one setting, such as sweep.max_tail_age=off.",
)
@click.option("-v", "--verbose", is_flag=True, help="Say more.")
@click.option("-q", "--quiet", is_flag=True, help="Say only what is wrong.")
@click.option(
    "--log-format",
    type=click.Choice(settings.LOG_FORMATS),
    help="How stderr is written; the same as --set log.format=….",
)
@click.pass_context
def cli(
    context: click.Context,
    config: Path | None,
    overrides: tuple[str, ...],
    log_format: str | None,
    *,
    verbose: bool,
    quiet: bool,
) -> None:
    """The genealogy of the models on the Hugging Face Hub, in Neo4j.

    Exit codes: 0 done, 1 failed, 2 usage, 3 finished but a safety check refused part of it, 75 try again later,
    130 and 143 interrupted with the state saved.
    """

    def set_up_logs(chosen: str) -> None:
        unattended = context.invoked_subcommand == "crawl" and not sys.stderr.isatty()
        logs.set_up(verbose - quiet, json_lines=chosen == "json" or (chosen == "auto" and unattended))

    # For what is wrong with the settings.
    set_up_logs(log_format or os.environ.get(settings.BY_NAME["log.format"].variable) or "auto")
    pairs = [text.partition("=") for text in overrides]
    for name, equals, _value in pairs:
        if not equals:
            raise UsageError(f"--set {name} has no value: write --set {name}=VALUE")
    given = {name: value for name, _equals, value in pairs} | ({"log.format": log_format} if log_format else {})
    context.obj = settings.load(config, overrides=given)
    set_up_logs(context.obj["log.format"])


for command in (crawl, load, rebuild, query, lineage, figures, db, export, schema, graph, status, doctor):
    cli.add_command(command)


def main() -> NoReturn:
    """Run the command line and exit with the code that says what happened."""
    streams.set_up()
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command on the standard streams as they are; return its exit code."""
    signals.install()
    logs.set_up()
    try:
        for argument in arguments:
            settings.check_text(argument, "an argument")
        try:
            code = cli.main(arguments, prog_name="hub-genealogy", standalone_mode=False)
        finally:
            sys.stdout.flush()
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        if isinstance(error, click.NoSuchOption) and any(error.option_name in option.opts for option in cli.params):
            where = f"No such option {error.option_name!r} here. It goes before the command: hub-genealogy {error.option_name} …"
            error = click.NoSuchOption(error.option_name, where, ctx=error.ctx)
        error.show()
        return error.exit_code
    except click.Abort:  # no answer at a prompt
        return 1
    except HubGenealogyError as error:
        if isinstance(error, OutputLostError):
            streams.discard_output()
        if not isinstance(error, ReaderGoneError):
            logger.error("%s", error)  # noqa: TRY400  # one line for what a user can act on
        return error.exit_code
    return code if isinstance(code, int) else 0
