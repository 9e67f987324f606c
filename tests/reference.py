"""The reference pages of `docs/` that are made from the program itself: `python tests/reference.py` writes them anew."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from crawler.cli import cli
from crawler.settings import SETTINGS

DOCS = Path(__file__).resolve().parent.parent / "docs"
WIDTH = 100
NOTE = "<!-- Made by `python tests/reference.py`: change the program, then run it. -->\n"


def commands() -> str:
    """docs/commands.md: the help of every command."""
    parts = [
        "# Commands\n",
        NOTE,
        "What `hub-genealogy COMMAND --help` prints. `python -m crawler` is the same program.\n",
        "stdout is data, stderr is logs: readable on a terminal, one JSON object a line elsewhere.\n",
    ]
    for path, text in _helps(cli, _context(cli, "hub-genealogy")):
        parts.append(f"## {path}\n\n```text\n{text.rstrip()}\n```\n")
    return "\n".join(parts)


def _helps(command: click.Command, context: click.Context) -> Iterator[tuple[str, str]]:
    yield context.command_path, command.get_help(context)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            member = command.get_command(context, name)
            if member is not None:
                yield from _helps(member, _context(member, name, context))


def _context(command: click.Command, name: str, parent: click.Context | None = None) -> click.Context:
    return click.Context(command, parent, name, **{**command.context_settings, "terminal_width": WIDTH})


def settings() -> str:
    """docs/settings.md: every setting."""
    parts = [
        "# Settings\n",
        NOTE,
        "A setting is read from `hub-genealogy.yml` in the working folder (or the file that `--config` names), overridden by",
        "the environment, overridden by `--set NAME=VALUE`. What is unknown or cannot be read is an error, exit code 2.\n",
        "```yaml\nsweep:\n  max_vanished_share: 0.05\nneo4j:\n  heap: 2g\n```\n",
        "Keep secrets in the environment: what is given as `--set` shows in process lists.\n",
        "| setting | environment variable | default | meaning |\n|---|---|---|---|",
    ]
    rows = []
    for setting in SETTINGS:
        variables = " or ".join(f"`{name}`" for name in (setting.alias, setting.variable) if name)
        default = "" if setting.default is None else f"`{setting.default}`"
        rows.append(f"| `{setting.name}` | {variables} | {default} | {setting.meaning.replace('|', chr(92) + '|')} |")
    return "\n".join(parts) + "\n" + "\n".join(rows) + "\n"


PAGES = {"commands.md": commands, "settings.md": settings}


def main(folder: Path = DOCS) -> None:
    """Write the pages into `folder`."""
    for name, page in PAGES.items():
        (folder / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
