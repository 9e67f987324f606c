"""What `query` says beside an answer, and of the parameters of a query."""

from pathlib import Path

import pytest

from crawler.answers import catalogue
from crawler.graph.connection import Connection, Graph
from tests.support.graph_parts import write_crawls
from tests.support.lineage_graph import LIBRARY, day, link, model, write
from tests.support.program import Program

UNCLEAR = "the kind of a step is not declared, or a link is only inferred; that does not mean that the models are safe"


@pytest.fixture
def program(graph: Graph, connection: Connection, tmp_path: Path) -> Program:
    """A base with a fine-tuned model, a copy of that, a child of a kind that nobody declares, and one by a guess."""
    write(
        graph,
        [model(f"a/{name}") for name in ("base", "tuned", "copy", "odd", "guess")],
        [
            link("a/tuned", "a/base"),
            link("a/copy", "a/tuned", "quantized"),
            link("a/odd", "a/base", "unknown"),
            link("a/guess", "a/base", "quantized", sources=["inferred"]),
        ],
    )
    write_crawls(graph, {"id": "20250101T030000Z", "started_at": day(1)})
    return Program(tmp_path, connection, {})


def test_unclear_is_not_safe_is_said_once_where_rows_are_unclear(program: Program) -> None:
    done = program.run("query", "impact", "a/base", "--format", "json", "--with-context")
    said = [message for message in done.messages if "unclear" in message]
    assert said == [f"2 rows are unclear: {UNCLEAR}"]
    assert said[0] in done.json()["notes"]
    assert "unclear" not in program.run("query", "impact", "a/tuned").err


def test_an_empty_answer_to_along_points_to_kind(program: Program) -> None:
    hint = "along=quantized asks that every step be of that kind; kind=quantized asks it of a row's own step only"
    assert hint in program.run("query", "descendants", "a/odd", "--along", "quantized").messages
    assert hint not in program.run("query", "descendants", "a/base", "--along", "quantized").messages
    assert hint not in program.run("query", "descendants", "a/base", "--kind", "adapter").messages
    assert hint not in program.run("query", "children", "a/odd", "--along", "quantized").messages  # one step is both


@pytest.mark.parametrize(
    ("query", "options", "said"),
    [
        ("children", ["--along", "merge"], "without along=merge, there are 3 rows"),
        ("children", ["--status", "gone,absent"], "without status=gone,absent, there are 3 rows"),
        ("parents", ["--kind", "merge", "--status", "gone"], "without kind=merge and status=gone, there are 0 rows"),
        ("family", ["--kind", "adapter"], "without kind=adapter, there are 5 rows"),
        ("descendants", ["--along", "adapter"], "without along=adapter, there are 4 rows"),
        ("notify", ["--owner-kind", "person"], "without owner_kind=person, there are 5 rows"),
    ],
)
def test_an_answer_that_filters_leave_empty_says_what_there_is_without(
    program: Program, query: str, options: list[str], said: str
) -> None:
    done = program.run("query", query, "a/base", *options, "--format", "json")
    assert (done.code, done.json()) == (0, [])
    assert said in done.messages


def test_an_answer_with_rows_or_without_filters_says_nothing_of_filters(program: Program) -> None:
    assert "without" not in program.run("query", "children", "a/base", "--kind", "finetune").err
    assert "without" not in program.run("query", "parents", "a/base").err


def test_a_flag_is_turned_off_by_no(program: Program) -> None:
    given = program.run("query", "impact", "a/base", "--no-include-withdrawn", "--format", "json", "--with-context")
    assert given.json()["parameters"]["include_withdrawn"] is False
    wrong = program.run("query", "impact", "a/base", "--no-limit")
    assert (wrong.code, wrong.messages) == (2, ["--no-limit needs a value"])


def test_rows_can_be_sorted_by_name(program: Program) -> None:
    rows = program.run("query", "children", "a/base", "--order", "name", "--format", "json").json()
    assert [row["id"] for row in rows] == ["a/guess", "a/odd", "a/tuned"]
    wrong = program.run("query", "children", "a/base", "--order", "size")
    assert (wrong.code, wrong.messages) == (
        2,
        ["children: the parameter 'order' takes one of important, name, not 'size'"],
    )


@pytest.mark.parametrize("name", LIBRARY)
def test_the_help_of_a_query_lists_its_parameters(name: str, tmp_path: Path) -> None:
    done = Program(tmp_path, None, {}).run("query", name, "--help")
    assert (done.code, done.err) == (0, "")
    text = " ".join(done.out.split())
    assert LIBRARY[name].title in text
    for parameter in LIBRARY[name].parameters:
        assert f"--{parameter.name.replace('_', '-')} {parameter.meaning} [" in text


def test_help_without_a_query_is_that_of_the_command(tmp_path: Path) -> None:
    program = Program(tmp_path, None, {})
    assert program.run("query", "-h").out == program.run("query", "--help").out
    assert "--with-context" in program.run("query", "--help").out
    unknown = program.run("query", "decendants", "--help")
    assert unknown.code == 2
    assert unknown.messages[0].startswith("unknown query 'decendants'; nearest: descendants")


@pytest.mark.parametrize("name", LIBRARY)
def test_on_a_terminal_the_comments_of_a_query_are_as_narrow_as_that(name: str) -> None:
    query = LIBRARY[name]
    wide, narrow = catalogue.explained(query), catalogue.explained(query, 80)
    header = narrow.removesuffix(query.statement + ";\n")
    comments = [line for line in header.splitlines() if ":param" not in line]
    assert max(map(len, comments)) <= 80
    assert narrow.endswith(query.statement + ";\n")
    assert narrow.replace("//", "").split() == wide.replace("//", "").split()
