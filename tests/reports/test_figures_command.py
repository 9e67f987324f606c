"""`figures`: what papers print, counted from a snapshot whose every model is known."""

import io
import re
from itertools import pairwise
from pathlib import Path

import pytest

from crawler.answers.table import write_table
from crawler.reports.figures import COLUMNS, figures, in_sections
from crawler.state import State
from tests.support.program import Program
from tests.support.sweeps import Sweeps, child, record, resolved


@pytest.fixture
def snapshot(tmp_path: Path) -> Path:
    """base ◀─ two ◀─ three; base, other ◀─ merged; lost ◀─ orphan; one that links to itself; one alone; one that went."""
    hub = Sweeps(tmp_path / "sweeps")
    base, other = record("a", "org/base", card_license="mit"), record("b", "org/other", card_license="llama2")
    models = [
        base, other, record("s", "org/alone", card_base_model="./local"),
        child("c", "org/two", "org/base", baseModels=resolved("finetune", ("a", "org/base")), card_license="mit"),
        child("d", "org/three", "org/two", card_base_model_relation="quantized", card_license="apache-2.0"),
        child("e", "org/merged", "org/base", "ORG/other", tags=["base_model:merge:org/base", "base_model:merge:org/other"]),
        child("f", "org/orphan", "lost/one"),
        child("g", "org/self", "org/self"),
    ]  # fmt: skip
    hub.sweep([*models, child("h", "org/vanished", "org/base")])
    hub.sweep(models)
    return hub.snapshot


def test_every_table(snapshot: Path) -> None:
    tables: dict[str, set[tuple[str, int, float | None]]] = {}
    for table, figure, count, share in figures(snapshot):
        tables.setdefault(table, set()).add((figure, count, share))
    assert tables == {
        "families": {
            ("families of two models or more", 2, None),
            ("models in the largest", 6, None),
            ("models on cycles", 0, None),
            ("links in the longest chain", 2, None),
        },
        "depth: longest way from a root": {("0", 3, 0.375), ("1", 4, 0.5), ("2", 1, 0.125)},
        "sizes of families": {("2 to 3 models", 1, 0.5), ("4 to 7 models", 1, 0.5)},
        "models": {
            ("listed", 8, None),
            ("derived: with a parent", 4, 0.5),
            ("with several parents", 1, 0.25),
            ("gone", 1, None),
            ("absent: named as a parent, never listed", 1, None),
        },
        "relations of links": {
            ("merge", 2, 0.4), ("finetune", 1, 0.2), ("quantized", 1, 0.2), ("unknown", 1, 0.2),
        },
        "relations of derived models": {
            ("merge", 1, 0.25), ("finetune", 1, 0.25), ("quantized", 1, 0.25), ("unknown", 1, 0.25),
        },
        "evidence for links": {("tag, card", 2, 0.4), ("card", 2, 0.4), ("hub, card", 1, 0.2)},
        "how parents were found": {("current_id", 3, 0.6), ("base_models", 1, 0.2), ("absent", 1, 0.2)},
        "declarations": {
            ("card", 6, 0.6), ("tag: merge", 2, 0.2), ("card: quantized", 1, 0.1), ("hub: finetune", 1, 0.1),
        },
        "declarations rejected": {("cardData.base_model: local_path", 1, None)},
        "declarations unexplained": {("of a listed model, neither a link nor rejected", 0, None)},
        "said outside the tags only": {("card", 2, None)},
        "parents per model": {("1", 3, 0.75), ("2", 1, 0.25)},
        "parents by status": {("listed", 4, 0.8), ("absent", 1, 0.2)},
        "licences along links": {
            ("the same", 1, 0.2), ("another", 1, 0.2), ("the parent alone states one", 2, 0.4),
            ("neither states one", 1, 0.2),
        },
        "most frequent changes of licence": {("mit → apache-2.0", 1, 0.2)},
        "largest families": {("org/base", 6, 0.75), ("lost/one", 2, 0.25)},
    }  # fmt: skip


def test_for_people_each_table_stands_below_its_title_and_no_line_is_wider_than_80_columns(
    tmp_path: Path, snapshot: Path
) -> None:
    program = Program(tmp_path / "home", None, {})
    snapshot.rename(State(tmp_path / "home").snapshots / snapshot.name)
    rows = program.run("figures", "--format", "json").json()
    lines = program.run("figures").out.splitlines()
    assert max(map(len, lines)) <= 80
    titles = [line for before, line in pairwise(lines) if not before or before.startswith("-")]
    assert titles == list(dict.fromkeys(row["table"] for row in rows))
    shown = [re.split(" {2,}", line.strip()) for line in lines if line.startswith("  ")]
    assert [(figure, int(count)) for figure, count, *_share in shown] == [(row["figure"], row["count"]) for row in rows]
    assert ["finetune", "1", "20.0 %"] in shown


def test_a_terminal_that_is_narrow_wraps_what_is_counted(snapshot: Path) -> None:
    out = io.StringIO()
    write_table(COLUMNS[1:], in_sections(figures(snapshot)), out, width=50)
    assert max(map(len, out.getvalue().splitlines())) <= 50
    assert "  absent: named as a parent," in out.getvalue()


def test_the_command_counts_the_last_snapshot_or_the_one_that_is_named(tmp_path: Path, snapshot: Path) -> None:
    program = Program(tmp_path / "home", None, {})
    missing = program.run("figures")
    assert (missing.code, missing.out, (tmp_path / "home").exists()) == (1, "", False)
    assert "run `hub-genealogy crawl` first" in missing.messages[-1]
    kept = State(tmp_path / "home").snapshots
    (snapshot.parent / "000001").rename(kept / "000001")
    snapshot.rename(kept / "000002")

    def listed(*arguments: str) -> int:
        rows = program.run("figures", "--format", "json", *arguments).json()
        return {(row["table"], row["figure"]): int(row["count"]) for row in rows}["models", "listed"]

    assert (listed(), listed("--crawl", "000001")) == (8, 9)
    wrong = program.run("figures", "--crawl", "000003")
    assert (wrong.code, wrong.out) == (2, "")
    assert "000001, 000002" in wrong.messages[-1]
