"""`hub-genealogy query` as a user runs it."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.answers import catalogue, library
from crawler.graph.connection import Connection, Graph
from crawler.records.words import CERTAINTIES, CLASSES, OTHER_CLASSES, RELATIONS
from tests.support.graph_parts import write_crawls
from tests.support.lineage_graph import LIBRARY, link, model, wipe, write, write_former_name
from tests.support.program import CHECKOUT, Program, Result


@pytest.fixture
def graph(schema_graph: Graph) -> Graph:
    wipe(schema_graph)
    write(
        schema_graph,
        [
            model("a/base", gated="manual"),
            model("a/child", downloads=5, gated="false"),
            model("a/grandchild"),
            model("a/alone"),
        ],
        [link("a/child", "a/base"), link("a/grandchild", "a/child", "quantized")],
    )
    write_former_name(schema_graph, "old/base", "A/BASE")
    write_crawls(schema_graph, {"id": "20250101T030000Z"})
    return schema_graph


def run(connection: Connection, home: Path, *arguments: str) -> Result:
    return Program(home, connection, {}).run("query", *arguments)


@pytest.mark.usefixtures("graph")
def test_an_answer_goes_to_stdout_and_everything_else_to_stderr(connection: Connection, tmp_path: Path) -> None:
    done = run(connection, tmp_path, "descendants", "--model", "old/base", "--format", "json")
    assert (done.code, [(row["id"], row["depth"]) for row in json.loads(done.out)]) == (
        0,
        [("a/child", 1), ("a/grandchild", 2)],
    )
    assert [list(row) for row in json.loads(done.out)] == [[c.name for c in LIBRARY["descendants"].columns]] * 2
    messages = [json.loads(line)["message"] for line in done.err.splitlines()]
    assert messages[0] == "old/base is now called a/base"
    assert messages[1].startswith("descendants: 2 rows in ")


@pytest.mark.usefixtures("graph")
def test_the_answer_comes_first_where_stdout_and_stderr_are_one_file(connection: Connection, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "crawler", "query", "descendants", "a/base", "--format", "jsonl"]
    program = Program(tmp_path, connection, {"HUB_GENEALOGY_LOG_FORMAT": "text"})
    with (tmp_path / "both").open("w", encoding="utf-8") as both:
        subprocess.run(command, check=True, stdout=both, stderr=both, env=program.environment, cwd=CHECKOUT, timeout=60)
    lines = (tmp_path / "both").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["id"] for line in lines[:2]] == ["a/child", "a/grandchild"]
    assert lines[2].startswith("descendants: 2 rows in ")


@pytest.mark.usefixtures("graph")
def test_every_format_has_the_same_rows(connection: Connection, tmp_path: Path) -> None:
    found = {
        shape: run(connection, tmp_path, "children", "-p", "model=a/base", "--format", shape).out
        for shape in ("table", "csv", "json", "jsonl")
    }
    (row,) = json.loads(found["json"])
    assert [json.loads(line) for line in found["jsonl"].splitlines()] == [row]
    (line,) = csv.DictReader(io.StringIO(found["csv"]))
    assert (line["id"], line["downloads"], line["sources"]) == ("a/child", "5", "hub; tag")
    table = dict(line.split(maxsplit=1) for line in found["table"].splitlines() if " " in line)
    assert (table["id"], table["downloads"], table["sources"]) == ("a/child", "5", "hub, tag")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["decendants"], 2, "unknown query 'decendants'; nearest: descendants"),
        ([], 2, "name a saved query"),
        ([""], 2, "name a saved query"),
        (["descendants"], 2, "descendants needs the parameter 'model'"),
        (["descendants", "--model", ""], 2, "descendants needs the parameter 'model'"),
        (
            ["descendants", "--model", "a/base", "-p", "limit=few"],
            2,
            "the parameter 'limit' takes a whole number, not 'few'",
        ),
        (
            ["descendants", "a/base", "--max-dept", "3"],
            2,
            "descendants has no option --max-dept; nearest: --max-depth",
        ),
        (["descendants", "a/base", "--fromat", "csv"], 2, "descendants has no option --fromat; nearest: --format"),
        (["descendants", "a/base", "--max-depth"], 2, "--max-depth needs a value"),
        (["descendants", "a/base", "--limit", "-1"], 2, "the parameter 'limit' takes a whole number above 0, not '-1'"),
        (["descendants", "a/base", "a/child"], 2, "descendants takes only model beside options, not 'a/child'"),
        (["descendants", "a/base", "--model", "a/child"], 2, "the parameter 'model' is given twice"),
        (["descendants", "a/base", "--kind", "halved"], 2, "takes some of copy, finetune, adapter, quantized, merge"),
        (["descendants", "a/base", "-x"], 2, "there is no option -x"),
        (["descendants", "a/base", "-q"], 2, "-q stands before the command: hub-genealogy -q query"),
        (["growth", "--by", "day"], 2, "the parameter 'by' takes one of month, year, not 'day'"),
        (["churn", "--by", "week"], 2, "the parameter 'by' takes one of day, month, year, not 'week'"),
        (["--file", "gone.cypher"], 2, "gone.cypher: cannot be read: No such file or directory"),
        (["descendants", "a/base", "--with-context"], 2, "--with-context goes with --format json, not table"),
        (["--list", "--topic", "quality"], 2, "--list has no option --topic"),
        (["top_parents", "a/base"], 2, "top_parents takes nothing beside options, not 'a/base'"),
        (["descendants", "a/bass"], 1, "no model is known as 'a/bass'; nearest: a/base"),
        (["top_parents", "--model", "a/base"], 2, "top_parents has no parameter 'model'"),
        (["descendants", "--model", "a/bass"], 1, "no model is known as 'a/bass'; nearest: a/base"),
    ],
)
@pytest.mark.usefixtures("graph")
def test_what_is_wrong_is_said_in_one_line(
    connection: Connection,
    tmp_path: Path,
    arguments: list[str],
    code: int,
    message: str,
) -> None:
    done = run(connection, tmp_path, *arguments)
    assert (done.code, done.out, done.err.count("\n")) == (code, "", 1)
    assert message in json.loads(done.err)["message"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["descendants", "--model", "a/base", "-p", "limit=1"], "the limit of 1 row that was asked for is reached"),
        (["descendants", "--model", "a/base", "-p", "max_depth=2"], "paths were followed for 2 steps and no further"),
        (
            ["path", "--model", "a/alone", "-p", "other=a/base"],
            "no rows: neither is declared to descend from the other",
        ),
        (["parents", "--model", "a/base"], "no rows: it declares no parent"),
    ],
)
@pytest.mark.usefixtures("graph")
def test_a_bound_that_is_reached_and_an_empty_answer_are_explained(
    connection: Connection,
    tmp_path: Path,
    arguments: list[str],
    said: str,
) -> None:
    done = run(connection, tmp_path, *arguments)
    assert (done.code, said in done.err) == (0, True)


def test_a_chain_longer_than_the_bound_is_said_to_be_cut(graph: Graph, connection: Connection, tmp_path: Path) -> None:
    write(graph, [model(f"c/{n}") for n in range(103)], [link(f"c/{n + 1}", f"c/{n}") for n in range(102)])
    done = run(connection, tmp_path, "descendants", "--model", "c/0", "--format", "jsonl")
    assert (done.out.count("\n"), "paths were followed for 100 steps" in done.err) == (100, True)
    whole = run(connection, tmp_path, "descendants", "--model", "c/3", "--format", "jsonl")
    assert (whole.out.count("\n"), "paths were followed" in whole.err) == (99, False)


@pytest.mark.parametrize(
    ("crawl", "code"), [("{state: 'loading', building: true, id: '1', made_from: 'x'}", 75), (None, 1)]
)
def test_a_graph_that_is_not_whole_gives_no_answer(
    graph: Graph,
    connection: Connection,
    tmp_path: Path,
    crawl: str | None,
    code: int,
) -> None:
    with graph.session() as session:
        session.run("MATCH (c:Crawl) DELETE c").consume()
        if crawl:
            session.run(f"CREATE (:Crawl {crawl})").consume()
    done = run(connection, tmp_path, "model", "--model", "a/base")
    assert (done.code, done.out) == (code, "")


def test_list_and_show_need_no_graph(tmp_path: Path) -> None:
    nowhere = Connection("bolt://127.0.0.1:1", "neo4j", "none")
    listing = run(nowhere, tmp_path, "--list")
    assert listing.code == 0
    assert all(f"  {query.name} " in listing.out and query.title in listing.out for query in LIBRARY.values())
    assert "\ngenealogy:\n" in listing.out
    shown = run(nowhere, tmp_path, "roots", "--show")
    assert shown.code == 0
    assert shown.out.startswith(LIBRARY["roots"].text.split("\nMATCH", maxsplit=1)[0])


def test_a_query_is_shown_with_the_meaning_of_its_words_and_stays_a_query(tmp_path: Path) -> None:
    shown = run(Connection("bolt://127.0.0.1:1", "neo4j", "none"), tmp_path, "impact", "--show").out
    impact = LIBRARY["impact"]
    words = [*RELATIONS, *CLASSES, *CERTAINTIES]
    header, statement = shown[: shown.index(impact.statement)], shown[shown.index(impact.statement) :]
    assert [word for word in words if f"//   {word}: " not in header] == []
    assert library.parse(shown, impact.path).statement.endswith(impact.statement)
    assert statement.endswith(";\n")
    assert (
        "strongest first"
        not in run(Connection("bolt://127.0.0.1:1", "neo4j", "none"), tmp_path, "crawls", "--show").out
    )


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("impact", set()),
        ("notify", {"itself"}),
        ("dataset_impact", {"trained_on"}),
        ("exposure_summary", {"total"}),
        ("family", set()),
    ],
)
def test_a_query_is_shown_with_the_words_that_stand_in_place_of_a_class(name: str, words: set[str]) -> None:
    shown = catalogue.explained(LIBRARY[name])
    assert {word for word in OTHER_CLASSES if f"//   {word}: {OTHER_CLASSES[word]}" in shown} == words


@pytest.mark.usefixtures("graph")
@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["descendants", "a/base"], ["a/child", "a/grandchild"]),
        (["--max-depth", "1", "descendants", "a/base"], ["a/child"]),
        (["descendants", "--max_depth=1", "a/base"], ["a/child"]),
        (["--include-withdrawn", "children", "--model=a/base"], ["a/child"]),
        (["children", "a/base", "--include-withdrawn", "false", "--kind", "finetune,quantised"], ["a/child"]),
        (["children", "a/child", "--kind", "quantised"], ["a/grandchild"]),
        (["common_ancestors", "a/grandchild", "a/child"], ["a/child", "a/base"]),
        (["gated_bypass", "a/base"], ["a/child"]),
        (["gated_bypass", "a/alone"], []),
    ],
)
def test_what_a_query_is_about_follows_its_name_and_each_parameter_is_an_option(
    connection: Connection, tmp_path: Path, arguments: list[str], found: list[str]
) -> None:
    done = run(connection, tmp_path, *arguments, "--format", "json")
    assert (done.code, [row["id"] for row in done.json()]) == (0, found), done.err
