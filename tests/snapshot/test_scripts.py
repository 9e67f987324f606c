"""The scripts of a snapshot: run in the order of their numbers, and their headers say what they read and make."""

import re
from itertools import pairwise

import pytest

from crawler.snapshot.scripts import SQL, STEPS
from crawler.snapshot.tables import PAGE_ROWS, TABLES

# What Python makes: the rows of the pages, the snapshot before, the rules, the answers, what families.py finds.
BY_PYTHON = (
    {f"page_{name}" for name in PAGE_ROWS}
    | {f"old_{name}" for name in TABLES}
    | {
        "known_licenses",
        "name_rules",
        "named_keys",
        "answered",
        "enrichment",
        "findings",
        "told",
        "told_owners",
        "told_said",
        "weighed",
        "weighed_files",
        "member_of",
        "strong",
        "generation",
        "reach",
    }
)
CREATED = re.compile(r"\b(?:CREATE (?:OR REPLACE )?(?:TEMP )?(?:TABLE|VIEW)|RENAME TO) (\w+)")
CHANGED = re.compile(r"\b(?:INSERT INTO|UPDATE|DELETE FROM|ALTER TABLE) (\w+)")
VARIABLE = re.compile(r"getvariable\('(\w+)'\)")


def text(step: str) -> str:
    return (SQL / f"{step}.sql").read_text(encoding="utf-8")


def statements(step: str) -> str:
    """The SQL without comments and texts in quotes, except the names of variables."""
    bare = re.sub(r"--[^\n]*", "", text(step))
    return re.sub(r"getvariable\('\w+'\)|'[^']*'", lambda match: match[0] if match[0][0] == "g" else "''", bare)


def header(step: str, mark: str) -> set[str]:
    """The names in the line `-- In:` (Out, Changes, Variables), which explanations in brackets may follow."""
    lines = [line for line in text(step).splitlines() if line.startswith(f"-- {mark}:")]
    names = re.sub(r"\([^()]*\)", "", " ".join(lines).removeprefix(f"-- {mark}:")) if lines else ""
    return {name.strip() for name in names.split(",") if name.strip()}


def known() -> set[str]:
    return BY_PYTHON.union(*(CREATED.findall(statements(step)) for step in STEPS))


def used(step: str) -> set[str]:
    """The tables that the script reads: names after FROM, JOIN and the like, and in lists of tables after FROM."""
    found = re.findall(r"\b(?:FROM|JOIN|USING) (?:ONLY )?(\w+)|, (\w+) (?=[a-z]\b)", statements(step))
    return {name for pair in found for name in pair if name} & known()


def test_the_steps_are_the_scripts_in_the_order_of_their_numbers() -> None:
    assert list(STEPS) == sorted(path.stem for path in SQL.glob("*.sql"))
    numbers = [int(step.partition("_")[0]) for step in STEPS]
    assert all(after == before + 1 for before, after in pairwise(numbers))


@pytest.mark.parametrize("step", STEPS)
def test_a_header_says_what_the_script_makes_changes_reads_and_asks(step: str) -> None:
    made = set(CREATED.findall(statements(step)))
    changed = set(CHANGED.findall(statements(step))) - made
    assert header(step, "Out") == made
    assert header(step, "Changes") == changed
    assert header(step, "Variables") == set(VARIABLE.findall(statements(step)))
    assert header(step, "In") == used(step) - made - changed


@pytest.mark.parametrize("step", STEPS)
def test_what_a_script_reads_is_there_before_it(step: str) -> None:
    before = BY_PYTHON.union(*(CREATED.findall(statements(other)) for other in STEPS[: STEPS.index(step)]))
    assert header(step, "In") | header(step, "Changes") <= before


@pytest.mark.parametrize("step", STEPS)
def test_a_header_begins_with_what_the_script_is_for(step: str) -> None:
    assert re.match(r"-- [A-Z][^:\n]+: .+", text(step))
