"""docs/security.md: a table of what holds which door, and the tests that show it."""

import ast
import re
from pathlib import Path

TESTS = Path(__file__).resolve().parent
PAGE = (TESTS.parent / "docs" / "security.md").read_text(encoding="utf-8")
HEADER = ["asset", "attacker", "door", "what holds it", "test"]


def rows() -> list[list[str]]:
    """The rows of the page's tables, cell by cell; without their headers."""
    lines = [line for line in PAGE.splitlines() if line.startswith("|") and not line.startswith("|---")]
    found = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return [[cell.strip("| ") for cell in row] for row in found if row != HEADER]


def test_each_row_has_all_its_cells_and_ends_with_tests() -> None:
    assert len(rows()) > 15
    for row in rows():
        assert len(row) == len(HEADER) and all(row), row  # noqa: PT018  # the row says what is wrong
        assert re.fullmatch(r"`[\w/]+\.py::test_\w+`(, `[\w/]+\.py::test_\w+`)*", row[-1]), row


def test_each_test_that_the_page_names_exists() -> None:
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", PAGE)
    assert len(named) > 30
    for file, test in named:
        tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
        assert test in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, f"{file}::{test}"
