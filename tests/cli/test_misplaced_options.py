"""An option of the program that is written after the command."""

from pathlib import Path

import pytest

from tests.support.program import Program


@pytest.mark.parametrize("option", ["--log-format", "-q", "--set"])
def test_an_option_of_the_program_after_the_command_is_told_where_it_stands(option: str, tmp_path: Path) -> None:
    result = Program(tmp_path, None, {}).run("crawl", option, "text")
    assert result.code == 2
    assert f"It goes before the command: hub-genealogy {option} …" in result.err
    assert "Did you mean" not in result.err
