import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.settings import SETTINGS, Setting
from tests.support.reference import DOCS, PAGES, REPOSITORY

OTHERS = [REPOSITORY / name for name in ("README.md", "CHANGELOG.md", "queries/README.md")]
TEXTS = [*OTHERS, *sorted(DOCS.glob("*.md"))]


def test_the_reference_says_what_the_program_says(tmp_path: Path) -> None:
    # In a process of its own: click remembers how a command's help was first asked for, and other tests ask for it.
    subprocess.run([sys.executable, "-m", "tests.support.reference", tmp_path], cwd=REPOSITORY, check=True)
    for name in PAGES:
        page = (REPOSITORY / name).read_text(encoding="utf-8")
        assert page == (tmp_path / name).read_text(encoding="utf-8"), f"{name}: run make reference"


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_every_setting_is_documented_with_its_variables(setting: Setting) -> None:
    page = (DOCS / "settings.md").read_text(encoding="utf-8")
    for name in (setting.name, setting.variable, setting.alias):
        assert name is None or f"`{name}`" in page


@pytest.mark.parametrize("text", TEXTS, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_links_inside_the_repository_lead_somewhere(text: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)", text.read_text(encoding="utf-8"))
    inside = [target for target in targets if "://" not in target]
    assert [target for target in inside if not (text.parent / target).exists()] == []


def test_every_page_of_the_docs_is_linked_from_the_readme() -> None:
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    assert [page.name for page in sorted(DOCS.glob("*.md")) if f"(docs/{page.name})" not in readme] == []


def test_make_targets_named_in_the_docs_exist() -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    for text in TEXTS:
        named = set(re.findall(r"(?:`|^\s*|\$ )make ([a-z-]+)", text.read_text(encoding="utf-8"), re.MULTILINE))
        assert named <= targets, text.name


def messages() -> list[str]:
    """Every text in the program, with … for what is filled in when it is used."""
    found = []
    for path in (REPOSITORY / "crawler").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            parts = node.values if isinstance(node, ast.JoinedStr) else [node]
            found.append("".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in parts))
    # What is filled in: by an f-string, by `logging`, by the numbers of a warning.
    return [re.sub(r"%(?:\.\d+)?[a-z]|\{[^{}]+\}", "…", text) for text in found]


def quoted_messages() -> list[str]:
    """What docs/operations.md quotes of the program: the tables of warnings, and backticks after an exit code."""
    page = (DOCS / "operations.md").read_text(encoding="utf-8")
    tables = re.findall(r"^\| warning \|.*\n.*\n((?:\|.*\n)+)", page, re.MULTILINE)
    warnings = [row.split(" | ")[0].removeprefix("| ") for table in tables for row in table.splitlines()]
    failures = re.findall(r"^\| [^|]+ \| (?:1|75), ([^|]+) \|", page, re.MULTILINE)
    return [*warnings, *(text for cell in failures for text in re.findall(r"`([^`]+)`", cell))]


@pytest.mark.parametrize("quoted", quoted_messages())
def test_a_message_quoted_for_the_operator_is_one_of_the_program(quoted: str) -> None:
    pattern = re.compile(".*".join(map(re.escape, quoted.split("…"))))
    assert any(pattern.search(text) for text in messages())
