"""`hub-genealogy export`: what Neo4j Browser takes. That it does is shown in tests/browser/."""

import io
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import neo4j
import pytest

from crawler.changes.tables import LABELS, STATUS_LABELS, TABLES
from crawler.exports import favourites
from crawler.exports.style import STYLE
from crawler.graph.connection import Connection
from tests.support.lineage_graph import LIBRARY, link, model, opened, write
from tests.support.program import Program


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """The program without a database: exports need none."""
    return Program(tmp_path / "home", Connection("bolt://127.0.0.1:1", "neo4j", "none"), {})


def files_in(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_favourites_are_the_query_files_by_topic_with_their_names_in_front(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "favourites.zip"
    assert program.run("export", "favourites", str(file)).code == 0
    found = files_in(file.read_bytes())
    assert {name for name in found if name.count("/") == 1} == {
        *(f"{query.topic}/{query.name}.cypher" for query in LIBRARY.values()),
        *(f"pictures/{path.name}" for path in favourites.PICTURES.glob("*.cypher")),
    }
    assert {name for name in found if name.count("/") == 0} == {"parameters.cypher", "find.cypher"}
    for query in LIBRARY.values():
        first, _, rest = found[f"{query.topic}/{query.name}.cypher"].partition("\n")
        assert first == f"// {query.name}: {query.title}"
        assert rest == query.text.partition("\n")[2]


def test_the_same_library_gives_the_same_bytes(program: Program, tmp_path: Path) -> None:
    one, two = tmp_path / "one.zip", tmp_path / "two.zip"
    for file in (one, two):
        assert program.run("export", "favourites", str(file)).code == 0
    assert one.read_bytes() == two.read_bytes()


def test_an_export_to_a_dash_goes_to_stdout(program: Program) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "crawler", "export", "favourites", "-"],
        env=program.environment,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        check=True,
    )
    assert len(files_in(done.stdout)) > len(LIBRARY)
    assert program.run("export", "style", "-").out == STYLE.read_text(encoding="utf-8")


def test_queries_of_ones_own_are_favourites_too(tmp_path: Path) -> None:
    own = tmp_path / "own" / "mine" / "mine.cypher"
    own.parent.mkdir(parents=True)
    own.write_text(LIBRARY["top_parents"].text, encoding="utf-8")
    program = Program(tmp_path / "home", None, {"HUB_GENEALOGY_QUERY_FOLDER": str(tmp_path / "own")})
    file = tmp_path / "favourites.zip"
    assert program.run("export", "favourites", str(file)).code == 0
    assert "mine/mine.cypher" in files_in(file.read_bytes())


@pytest.mark.parametrize("name", ["favourites", "style"])
def test_a_file_that_cannot_be_written_is_named_in_one_line(program: Program, tmp_path: Path, name: str) -> None:
    refused = program.run("export", name, str(tmp_path / "no" / "file"))
    assert (refused.code, refused.out, refused.messages) == (
        1,
        "",
        [f"{tmp_path}/no/file cannot be written: No such file or directory"],
    )


def test_one_favourite_sets_every_parameter_of_the_library(connection: Connection) -> None:
    with neo4j.GraphDatabase.driver(connection.uri, auth=(connection.username, connection.password)) as driver:
        text = favourites.parameters(LIBRARY)
        (record,) = driver.execute_query(f"RETURN {text} AS given").records
    given = record["given"]
    assert set(given) == {parameter.name for query in LIBRARY.values() for parameter in query.parameters}
    assert text.startswith("{model: 'mistralai/Mistral-7B-v0.1'")
    required = {parameter.name for query in LIBRARY.values() for parameter in query.parameters if parameter.required}
    assert {name for name in required if not given[name]} == set()
    assert (given["limit"], given["max_depth"], given["include_withdrawn"]) == (None, 100, False)


@pytest.mark.parametrize("path", sorted(favourites.PICTURES.glob("*.cypher")), ids=lambda path: path.stem)
def test_a_picture_is_drawn_from_paths_with_its_example(connection: Connection, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    example = re.search(r":param (\{.*\})", text)
    assert example is not None
    assert text.startswith(f"// {path.stem}, drawn: ")
    with opened(connection) as graph, graph.session(neo4j.READ_ACCESS) as session:
        given = session.run(f"RETURN {example[1]} AS example").single(strict=True)["example"]
        base = given["model"]
        write(graph, [model(base), model("a/child"), model("a/base")], [link("a/child", base), link(base, "a/base")])
        result = session.run(text.rstrip().removesuffix(";"), given)
        assert {type(record["p"]) for record in result} == {neo4j.graph.Path}


def test_the_style_names_every_label_of_the_graph_and_nothing_else() -> None:
    text = STYLE.read_text(encoding="utf-8")
    assert set(re.findall(r"node\.(\w+) \{", text)) == {*LABELS, *STATUS_LABELS.values(), "Crawl"}
    rules = re.findall(r"(\w[\w.]*) \{\n((?:  [\w-]+: [^;{}]+(?:\{\w+\}[^;]*)?;\n)+)\}\n", text)
    assert "".join(f"{name} {{\n{body}}}\n" for name, body in rules) == text
    captions = {name: re.findall(r"\{(\w+)\}", body) for name, body in rules}
    known = {table.element: {column.property_name for column in table.properties} for table in TABLES}
    assert captions["node.Model"] == ["remark", "short_name"]
    assert captions["relationship.DERIVED_FROM"] == ["remark", "relation"]
    assert {name: set(captions[f"node.{name}"]) - known[name] for name in LABELS} == {name: set() for name in LABELS}
