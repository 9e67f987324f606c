"""The command line: one module for each command or group; `main` turns what went wrong into one line and a code.

The module of a command is imported when the command runs: all of them together take most of a second.
"""

import logging
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import NoReturn

import click

from crawler import __version__, logs, settings, signals, streams
from crawler.cli import environment
from crawler.errors import HubGenealogyError, InterruptedRunError, OutputLostError, ReaderGoneError, UsageError

logger = logging.getLogger(__name__)


# Command → the module of this package that it is in, and what the help says of it.
COMMANDS = {
    "case": (
        "case",
        "Keep a register of requests for rights: their terms, and what was done about each model concerned.",
    ),
    "crawl": ("crawl", "Walk the Hub's model list and bring the graph up to date: the nightly job."),
    "db": ("db", "The local Neo4j: a real server on this machine, one for each state folder."),
    "doctor": ("doctor", "Look for what is wrong with this installation; exit 1 where anything fails."),
    "evidence": ("evidence", "Links that others found, imported as a source of their own: imported:NAME."),
    "export": ("export", "Files for other programs; an existing FILE is replaced, and - means stdout."),
    "feed": ("feed", "Write an Atom feed of what changes below MODEL."),
    "figures": (
        "figures",
        "Count what papers on the Hub's model supply chain print: shares, relations, depths, families, licences.",
    ),
    "forget": (
        "forget",
        "Replace the name of OWNER, a person, everywhere in the state folder and the graph; the lineage stays.",
    ),
    "graph": ("graph", "The graph as a whole: its canonical text and the digest of it."),
    "lineage": (
        "lineage",
        "Explain each parent of MODEL: where it is declared, in which spelling, how that was resolved, or by which rule.",
    ),
    "load": ("crawl", "Apply the change sets that the graph lacks."),
    "openness": ("openness", "Show how open MODEL is, by 14 criteria, with the evidence."),
    "query": ("query", "Answer the saved query NAME from the graph."),
    "rebuild": ("crawl", "Make the graph anew from the change sets alone, offline."),
    "report": ("report", "Make the dossier of MODEL for a rights request."),
    "schema": ("schema", "The constraints and indexes that the graph needs."),
    "status": ("status", "Show where archive, snapshots and graph stand; starts and changes nothing."),
    "tree": ("tree", "Draw what MODEL descends from and what descends from it: ancestors above it, descendants below."),
}


class _Group(click.Group):
    """Holds only the names and short helps of its commands until one of them is asked for."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command itself."""
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        command: click.Command = getattr(import_module(f"{__name__}.{COMMANDS[cmd_name][0]}"), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of the commands, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, self.commands[name].get_short_help_str()) for name in self.list_commands(ctx)])


@click.group(
    cls=_Group,
    commands=[click.Command(name, short_help=text) for name, (_, text) in COMMANDS.items()],
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="hub-genealogy")
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Settings file (default: hub-genealogy.yml in the working folder, else in the state folder; it must be yours).",
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
    environment.warn_of_mistyped(os.environ)


def main() -> NoReturn:
    """Run the command line and exit with the code that says what happened."""
    streams.set_up()
    sys.exit(run(sys.argv[1:]))


def _in_one_line(error: click.ClickException) -> str:
    """What click has to say against the command line, and where the right one is described."""
    text = " ".join(error.format_message().split())
    context = getattr(error, "ctx", None)
    return text if context is None else f"{text.rstrip('.')} (see {context.command_path} --help)"


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
            where = f"{error.option_name} goes before the command: hub-genealogy {error.option_name} …"
            error = click.NoSuchOption(error.option_name, where, ctx=error.ctx)
        if isinstance(error, click.exceptions.NoArgsIsHelpError):
            error.show()
        else:
            logger.error("%s", _in_one_line(error))  # noqa: TRY400  # one line for what a user can act on
        return error.exit_code
    except click.Abort:  # no answer at a prompt
        return 1
    except (HubGenealogyError, InterruptedRunError) as error:
        if isinstance(error, OutputLostError):
            streams.discard_output()
        if not isinstance(error, ReaderGoneError):
            logger.error("%s", error)  # noqa: TRY400  # one line for what a user can act on
        return error.exit_code
    return code if isinstance(code, int) else 0
