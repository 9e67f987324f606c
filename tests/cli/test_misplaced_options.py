"""An option of the program that is written after the command."""

from pathlib import Path

import pytest

from tests.support.program import Program


@pytest.mark.parametrize("option", ["--log-format", "-q", "--set"])
def test_an_option_of_the_program_after_the_command_is_told_where_it_stands(option: str, tmp_path: Path) -> None:
    result = Program(tmp_path, None, {}).run("crawl", option, "text")
    assert (result.code, result.out) == (2, "")
    assert result.err.count("\n") == 1
    assert f"{option} goes before the command: hub-genealogy {option} …" in result.messages[0]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("crawl", "--max-model", "3"), "No such option '--max-model'"),
        (("crawl", "--max-models", "few"), "Invalid value for '--max-models': 'few' is not a valid integer range"),
        (("crawls",), "No such command 'crawls'"),
        (("lineage",), "Missing argument 'MODEL'"),
        (("query", "--format", "xml"), "Invalid value for '--format': 'xml' is not one of 'table'"),
    ],
)
def test_a_wrong_command_line_is_told_in_one_line_that_names_the_help(
    arguments: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    result = Program(tmp_path, None, {"HUB_GENEALOGY_LOG_FORMAT": "text"}).run(*arguments)
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert result.err.startswith(f"error: {said}")
    command = "" if said.startswith("No such command") else f" {arguments[0]}"
    assert result.err.endswith(f"see hub-genealogy{command} --help)\n")


def test_a_group_without_a_command_shows_its_help(tmp_path: Path) -> None:
    result = Program(tmp_path, None, {}).run("db")
    assert result.code == 2
    assert "Commands:" in result.err
