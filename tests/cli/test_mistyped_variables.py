"""Environment variables that are almost those of the program."""

from pathlib import Path

import pytest

from tests.support.program import Program


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("NEO4J_URL", "NEO4J_URI"),
        ("NEO4J_USER", "NEO4J_USERNAME"),
        ("NEO4J_PASS", "NEO4J_PASSWORD"),
        ("HF_END_POINT", "HF_ENDPOINT"),
        ("HUBGENEALOGY_HOME", "HUB_GENEALOGY_HOME"),
    ],
)
def test_a_variable_that_is_almost_right_is_named_with_the_right_one(name: str, right: str, tmp_path: Path) -> None:
    result = Program(tmp_path, None, {name: "bolt://elsewhere:7687"}).run("query", "--list")
    assert (result.code, result.messages) == (
        0,
        [f"the environment variable {name} is not used: did you mean {right}?"],
    )
    assert "elsewhere" not in result.err


def test_the_variables_of_other_programs_are_left_alone(tmp_path: Path) -> None:
    others = (
        "NEO4J_HOME",
        "NEO4J_CONF",
        "NEO4J_AUTH",
        "HF_HOME",
        "HF_HUB_CACHE",
        "HF_TOKEN_PATH",
        "HF_HUB_OFFLINE",
        "HUB_TOKEN",
    )
    result = Program(tmp_path, None, dict.fromkeys(others, "x") | {"NEO4J_URL": ""}).run("query", "--list")
    assert (result.code, result.err) == (0, "")
