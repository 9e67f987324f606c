"""Saved queries of a user's own, beside the shipped ones."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.graph.connection import Connection, Graph
from tests.support.graph_parts import write_crawls
from tests.support.lineage_graph import LIBRARY, model, write
from tests.support.program import Program, Result

OWN = """\
// The models whose name ends like this
//
// One row for each listed model. Names only: what a name promises is not looked at.
//
// @param ending string default="-GGUF" — the last characters of the name
// @returns id string — the model's name
// @empty — no name ends so
// @budget 5 s
//
// :param {ending: '-GGUF'}

MATCH (m:Model {status: 'listed'})
WHERE m.id ENDS WITH $ending
RETURN m.id AS id
ORDER BY id;
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "own queries"
    put(folder, "names/ending.cypher", OWN)
    return folder


@pytest.fixture
def program(folder: Path, tmp_path: Path, connection: Connection) -> Program:
    return Program(tmp_path / "home", connection, {"HUB_GENEALOGY_QUERY_FOLDER": str(folder)})


@pytest.fixture
def nowhere(folder: Path, tmp_path: Path) -> Program:
    """The program without a database: what is read from files alone needs none."""
    unreachable = Connection("bolt://127.0.0.1:1", "neo4j", "none")
    return Program(tmp_path / "home", unreachable, {"HUB_GENEALOGY_QUERY_FOLDER": str(folder)})


def put(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def message(result: Result, code: int) -> str:
    (line,) = result.messages
    assert (result.code, result.out) == (code, ""), result.err
    return line


def test_a_query_of_ones_own_is_answered_like_any_other(graph: Graph, program: Program) -> None:
    write(graph, [model("a/one-GGUF"), model("a/two"), model("a/three-GGUF", status="gone")])
    write_crawls(graph, {"id": "20250101T030000Z"})
    answered = program.run("query", "ending", "--format", "json")
    assert (answered.code, answered.json()) == (0, [{"id": "a/one-GGUF"}])
    other = program.run("query", "ending", "-p", "ending=two", "--format", "jsonl")
    assert (other.code, other.out) == (0, '{"id": "a/two"}\n')
    assert program.run("query", "ending", "-p", "begin=x").code == 2


def test_a_query_that_takes_too_long_is_stopped_in_one_line(graph: Graph, program: Program, folder: Path) -> None:
    write_crawls(graph, {"id": "20250101T030000Z"})
    # Minutes of counting: no server is so quick that it would be done before its time is up.
    endless = OWN.replace(
        "MATCH (m:Model {status: 'listed'})", "UNWIND range(1, 5000000000) AS n\nWITH {id: toString(n)} AS m"
    )
    put(folder, "names/endless.cypher", endless)
    hasty = replace(program, settings={**program.settings, "HUB_GENEALOGY_QUERY_TIMEOUT": "0.5s"})
    said = message(hasty.run("query", "endless"), 1)
    assert "endless was stopped after 0.5 s: ask for less, or raise query.timeout" in said


def test_the_list_has_them_in_their_topic_and_says_that_they_are_ones_own(nowhere: Program) -> None:
    listing = nowhere.run("query", "--list").out
    assert "\nnames:\n" in listing
    entries = nowhere.run("query", "--list", "--format", "json").json()
    assert [entry["name"] for entry in entries if entry["own"]] == ["ending"]
    assert {entry["name"] for entry in entries} == {*LIBRARY, "ending"}
    assert nowhere.run("query", "ending", "--show").out == OWN


def test_a_file_with_the_name_of_a_shipped_query_is_left_out(nowhere: Program, folder: Path) -> None:
    path = put(folder, "names/descendants.cypher", OWN)
    shown = nowhere.run("query", "descendants", "--show")
    assert (shown.code, shown.out.splitlines()[0]) == (0, f"// {LIBRARY['descendants'].title}")
    assert shown.messages == [f"left out: {path}:1: the name 'descendants' is taken by {LIBRARY['descendants'].path}"]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("names/deep.cypher", OWN.replace("(m:Model {", "(m:Model)-[*]->({"), ":12: must be bounded"),
        ("names/writes.cypher", OWN.replace("WHERE", "SET m.x = 1 WITH m WHERE"), ":13: only reads; found SET"),
        ("names/asks.cypher", OWN.replace('default="-GGUF"', "required"), ":5: needs a default"),
        ("names/wrong.cypher", OWN.replace('default="-GGUF"', "default=5"), ":5: the default 5 is no string"),
        ("astray.cypher", OWN, ":1: must be in a folder named after its topic"),
        ("names/more/deeper.cypher", OWN, ":1: must be in a folder named after its topic"),
        ("names/Ending-2.cypher", OWN, ":1: 'Ending-2' is not a name for a topic or query"),
        ("my names/other.cypher", OWN, ":1: 'my names' is not a name for a topic or query"),
    ],
)
def test_a_file_that_breaks_a_rule_is_named_with_its_line(
    nowhere: Program, folder: Path, name: str, text: str, expected: str
) -> None:
    path = put(folder, name, text)
    line, said = expected.split(": ", 1)
    listing = nowhere.run("query", "--list")
    (warning,) = listing.messages
    assert listing.code == 0
    assert "  descendants " in listing.out
    assert "  ending " in listing.out
    assert warning.startswith(f"left out: {path}{line}: ")
    assert said in warning
    asked = message(nowhere.run("query", path.stem, "--show"), 1)
    assert f"left out: {asked}" == warning


def test_a_file_is_asked_directly_and_by_the_same_rules(graph: Graph, program: Program, tmp_path: Path) -> None:
    write(graph, [model("a/one-GGUF"), model("a/two")])
    write_crawls(graph, {"id": "20250101T030000Z"})
    path = put(tmp_path, "My question.cypher", OWN)
    asked = program.run("query", "--file", str(path), "--format", "json", "--ending", "two")
    assert (asked.code, asked.json()) == (0, [{"id": "a/two"}])
    assert asked.messages[0].startswith("My question: 1 row in ")
    assert program.run("query", "--file", str(path), "--show").out == OWN
    path.write_text(OWN.replace("WHERE", "SET m.x = 1 WITH m WHERE"))
    assert message(program.run("query", "--file", str(path)), 1) == f"{path}:13: a saved query only reads; found SET"
    missing = message(program.run("query", "--file", str(tmp_path / "no.cypher")), 2)
    assert missing.startswith(f"{tmp_path}/no.cypher: cannot be read: ")
    assert "takes nothing beside options, not 'ending'" in message(
        program.run("query", "--file", str(put(tmp_path, "ok.cypher", OWN)), "ending"), 2
    )


def test_what_editors_leave_in_the_folder_is_passed_over(nowhere: Program, folder: Path) -> None:
    put(folder, ".history/names/ending.cypher", "half a qu")
    put(folder, "names/.ending.cypher", "half a qu")
    put(folder, "names/README.md", "what is here")
    assert nowhere.run("query", "--list").code == 0


def test_a_folder_that_is_none_is_refused(nowhere: Program, folder: Path) -> None:
    missing = Program(nowhere.home, nowhere.connection, {"HUB_GENEALOGY_QUERY_FOLDER": f"{folder}/no"})
    assert message(missing.run("query", "--list"), 2) == f"query.folder: {folder}/no is not a folder"


@pytest.mark.parametrize("explained", [False, True])
def test_cypher_that_the_server_refuses_is_named_with_its_line(
    graph: Graph, program: Program, folder: Path, *, explained: bool
) -> None:
    write_crawls(graph, {"id": "20250101T030000Z"})
    path = put(folder, "names/typing.cypher", OWN.replace("m.id ENDS WITH", "m.id END WITH"))
    said = message(program.run("query", "typing", *(["--explain"] if explained else [])), 1)
    assert said.startswith(f"{path}:13: Invalid input")
    unknown = put(folder, "names/typing.cypher", OWN.replace("RETURN m.id", "RETURN toNothing(m.id)"))
    assert message(program.run("query", "typing"), 1).startswith(f"{unknown}:14: Unknown function 'toNothing'")


@pytest.mark.usefixtures("schema_graph")
def test_a_plan_is_shown_without_asking_the_graph(program: Program) -> None:
    explained = program.run("query", "descendants", "--explain")
    assert explained.code == 0, explained.err
    first, _rule, *steps = explained.out.splitlines()
    assert first.split() == ["operator", "estimated_rows", "details"]
    assert steps[0].startswith("ProduceResults")
    assert any("VarLengthExpand(Pruning,BFS,All)" in step and "DERIVED_FROM*..100" in step for step in steps)
    assert "rows in" not in explained.err


@pytest.mark.usefixtures("schema_graph")
def test_a_plan_says_what_the_server_has_against_the_query(program: Program, folder: Path) -> None:
    path = put(folder, "names/product.cypher", OWN.replace("(m:Model {status: 'listed'})", "(m:Model), (n:Modle)"))
    explained = program.run("query", "product", "--explain", "--format", "json")
    assert explained.code == 0, explained.err
    found = explained.json()
    assert found["query"] == path.stem
    assert [list(step) for step in found["operators"][:1]] == [["depth", "operator", "estimated_rows", "details"]]
    assert {step["operator"] for step in found["operators"]} >= {"ProduceResults", "CartesianProduct"}
    said = {(one["line"], one["status"]) for one in found["notifications"]}
    assert {(12, "03N90"), (12, "01N50")} <= said
    table = program.run("query", "product", "--explain").out
    assert "\nnotifications:\nseverity" in table
    assert "cartesian product" in table


def test_a_name_that_the_graph_lacks_is_said_beside_the_answer(graph: Graph, program: Program, folder: Path) -> None:
    write(graph, [model("a/one-GGUF")])
    write_crawls(graph, {"id": "20250101T030000Z"})
    path = put(folder, "names/mistyped.cypher", OWN.replace("RETURN m.id AS id", "RETURN m.idd AS id"))
    answered = program.run("query", "mistyped", "--format", "json")
    assert (answered.code, answered.json()) == (0, [{"id": None}])
    (said,) = [line for line in answered.messages if "idd" in line]
    assert said.startswith(f"{path}:14: The property `idd` does not exist")
    assert not [line for line in program.run("query", "ending").messages if "does not exist" in line]
    explained = program.run("query", "mistyped", "--explain")
    assert ("01N52" in explained.out, explained.err) == (True, "")


def test_a_plan_is_a_table_or_json(nowhere: Program) -> None:
    assert message(nowhere.run("query", "ending", "--explain", "--format", "csv"), 2) == (
        "--explain prints table or json, not csv"
    )


def test_the_list_tells_programs_all_that_a_header_says(nowhere: Program) -> None:
    lines = [json.loads(line) for line in nowhere.run("query", "--list", "--format", "jsonl").out.splitlines()]
    (path,) = [entry for entry in lines if entry["name"] == "path"]
    query = LIBRARY["path"]
    assert (path["topic"], path["title"], path["required"]) == ("genealogy", query.title, ["model", "other"])
    assert path["parameters"][0] == {
        "name": "model",
        "type": "string",
        "required": True,
        "default": None,
        "meaning": query.parameters[0].meaning,
    }
    assert [column["name"] for column in path["columns"]] == [column.name for column in query.columns]
    header, *rows = nowhere.run("query", "--list", "--format", "csv").out.splitlines()
    assert header == "topic,name,title,required,budget,own"
    assert len(rows) == len(lines)


def test_a_query_that_needs_more_memory_than_the_server_has_says_so(
    graph: Graph, program: Program, folder: Path
) -> None:
    hoard = (
        "UNWIND range(1, 1000000000) AS i WITH collect(i) AS hoard, $ending AS id\nRETURN id ORDER BY size(hoard), id"
    )
    put(folder, "names/ending.cypher", OWN[: OWN.index("MATCH")] + hoard + ";\n")
    write(graph, [model("a")])
    write_crawls(graph, {"id": "20250101T030000Z"})
    line = message(program.run("query", "ending"), 1)
    assert ("too little memory" in line, "heap" in line, "no Neo4j answers" in line) == (True, True, False)
