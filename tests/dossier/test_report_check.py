"""`hub-genealogy report --check` as a user runs it."""

import csv
import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crawler.dossier.check import LARGEST
from crawler.graph.connection import Graph
from tests.support.lineage_graph import day, link, model, write
from tests.support.program import Result


@pytest.fixture
def kept(report: Callable[..., Result], tmp_path: Path) -> str:
    """A report of the graph as it was."""
    file = tmp_path / "kept.json"
    assert report("a/base", "--to", str(file)).code == 0
    return str(file)


def test_a_check_of_an_unchanged_graph_finds_nothing_and_ends_with_0(report: Callable[..., Result], kept: str) -> None:
    done = report("--check", kept, "--format", "json")
    assert (done.code, done.json()) == (0, [])
    assert "0 changes since the report of crawl 000002" in done.err
    assert report("--check", kept).out == ""
    assert report("--check", kept, "--format", "csv").out == "change,side,id,key,what,before,after\n"


def test_a_check_lists_what_is_new_gone_changed_or_no_longer_declared(
    reported_graph: Graph, report: Callable[..., Result], kept: str
) -> None:
    write(reported_graph, [model("g/new", owner="g")], [link("g/new", "b/small", "adapter")])
    with reported_graph.session() as session:
        session.run(
            "MATCH (b:Model {key: 'B/SMALL'}) SET b.id = 'b/renamed', b.status = 'gone' "
            "WITH b MATCH (b)<-[e:DERIVED_FROM]-(c:Model {key: 'C/TUNED'}) "
            "SET e.status = 'withdrawn', e.withdrawn_at = $day, c.gated = 'auto' "
            "WITH b MATCH (b)<-[f:DERIVED_FROM]-(:Model {key: 'G/NEW'}) SET f.certainty = 'observed_in_files'",
            day=day(8),
        ).consume()
    expected = [
        ("new", "descendant", "g/new", None, None, "needs_parent"),
        ("changed", "descendant", "b/renamed", "name", "b/small", "b/renamed"),
        ("gone", "descendant", "b/renamed", "status", "listed", "gone"),
        ("no_longer_declared", "descendant", "c/tuned", None, "retrained", "retrained"),
        ("changed", "descendant", "c/tuned", "gate", "false", "auto"),
    ]
    names = ("change", "side", "id", "what", "before", "after")
    done = report("--check", kept, "--format", "json")
    assert done.code == 1
    assert [tuple(row[name] for name in names) for row in done.json()] == expected
    rows = csv.DictReader(io.StringIO(report("--check", kept, "--format", "csv").out))
    assert [tuple(row[name] or None for name in names) for row in rows] == expected
    table = report("--check", kept)
    assert (table.code, table.out.count("\n")) == (1, 2 + len(expected))


def test_a_name_that_nothing_bore_is_the_same_model_once_it_is_listed(
    reported_graph: Graph, report: Callable[..., Result], tmp_path: Path
) -> None:
    write(reported_graph, [], [{**link("e/alone", "x"), "parent": "absent:d/never"}])
    file = tmp_path / "alone.json"
    assert report("e/alone", "--to", str(file)).code == 0
    with reported_graph.session() as session:
        session.run("MATCH (m:Model {key: 'absent:d/never'}) SET m.key = 'D', m.status = 'listed'").consume()
    done = report("--check", str(file), "--format", "json")
    assert [(row["change"], row["side"], row["key"], row["what"], row["after"]) for row in done.json()] == [
        ("changed", "ancestor", "D", "status", "listed")
    ]


def edited(change: Callable[[dict[str, Any]], object]) -> Callable[[str], str]:
    def edit(text: str) -> str:
        content = json.loads(text)
        change(content)
        return json.dumps(content)

    return edit


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda text: text[:-100], "damaged"),
        (lambda _text: "", "is no report of hub-genealogy"),
        (lambda _text: "{}", "is no report of hub-genealogy"),
        (lambda _text: "[" * 100_000, "is no report of hub-genealogy"),
        (lambda _text: '{"form": 2, "about": "model", "deep": ' + "[" * 100_000, "damaged"),
        (lambda _text: "<html><p>A page.</p></html>", "is no report of hub-genealogy"),
        (
            edited(lambda report: report.update(form=0)),
            "is a report of form 0, and this version reads forms 1, 2, 3",
        ),
        (
            edited(lambda report: report.update(form=4)),
            "is a report of form 4, and this version reads forms 1, 2, 3",
        ),
        (edited(lambda report: report.update(about="owner")), "damaged"),
        (edited(lambda report: report.update(more=1)), "unknown field `more`"),
        (edited(lambda report: report["descendants"][0].update(depth="deep")), "`$.descendants[0].depth`"),
        (edited(lambda report: report["descendants"][0].pop("class")), "`$.descendants[0]`"),
    ],
)
def test_a_damaged_or_foreign_file_and_one_of_another_form_are_told_in_one_line(
    report: Callable[..., Result], kept: str, damage: Callable[[str], str], said: str
) -> None:
    file = Path(kept)
    file.write_text(damage(file.read_text()))
    done = report("--check", kept)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert said in done.err


@pytest.mark.parametrize(
    ("disturb", "said"),
    [
        (lambda file: os.truncate(file, LARGEST + 1), "is larger than 1,024 MB, the most that is read"),
        (lambda file: (file.unlink(), file.symlink_to("/dev/zero")), "cannot be read: it is a device"),
    ],
)
def test_what_no_memory_holds_is_not_read_into_it(
    report: Callable[..., Result], kept: str, disturb: Callable[[Path], object], said: str
) -> None:
    disturb(Path(kept))
    done = report("--check", kept)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert said in done.err


def test_a_report_is_checked_by_a_link_to_it(report: Callable[..., Result], kept: str, tmp_path: Path) -> None:
    (tmp_path / "latest.json").symlink_to(kept)
    assert report("--check", str(tmp_path / "latest.json")).code == 0


def test_the_object_in_a_page_is_checked_too(report: Callable[..., Result], kept: str) -> None:
    file = Path(kept)
    script = f'<script type="application/json" id="report">{file.read_text()}</script>'
    file.write_text(f"<!doctype html><title>x</title>{script}<p>end")
    assert report("--check", kept).code == 0
