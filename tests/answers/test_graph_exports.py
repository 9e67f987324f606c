"""`export graphml` and `export parquet`, read back by other programs."""

from pathlib import Path
from typing import Any

import duckdb
import networkx as nx
import pytest

from crawler.graph.connection import Connection, Graph
from tests.support.graph_parts import write_crawls
from tests.support.lineage_graph import day, link, model, write
from tests.support.program import Program, Result

HOSTILE = "a/<b>&\"'\x01\x1b[31m\ufffe\u202e"


@pytest.fixture
def program(connection: Connection, graph: Graph, tmp_path: Path) -> Program:
    write(
        graph,
        [model("a/root", downloads=7), model("a/child"), model("a/lora"), model(HOSTILE), model("a/stranger")],
        [
            link("a/child", "a/root"),
            link("a/lora", "a/child", "adapter", declared_as=["a/child", "A/child"]),
            link(HOSTILE, "a/root", "quantized", status="withdrawn", withdrawn_at=day(2)),
            link("a/root", "a/root"),
        ],
    )
    write_crawls(graph, {"id": "c1"})
    return Program(tmp_path / "home", connection, {})


def export(program: Program, form: str, to: Path, *arguments: str) -> Result:
    done = program.run("export", form, *arguments, "--to", str(to))
    assert done.code == 0, done.err
    return done


def links(graph: Any) -> set[tuple[str, str, str, str]]:
    names = graph.nodes(data="id")
    return {
        (names[a], names[b], data["label"], data["status"])
        for a, b, data in graph.edges(data=True)
        if data["element"] == "DERIVED_FROM"
    }


SHOWN = "a/<b>&\"'\\u0001\\u001b[31m\\ufffe\\u202e"
LINKS = {
    ("a/child", "a/root", "finetune", "current"),
    ("a/lora", "a/child", "adapter", "current"),
    (SHOWN, "a/root", "quantized", "withdrawn"),
    ("a/root", "a/root", "finetune", "current"),
}


def test_networkx_reads_a_family_with_types_labels_and_withdrawn_links(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "out.graphml"
    export(program, "graphml", file, "a/lora")
    found = nx.read_graphml(file)
    assert links(found) == {one for one in LINKS if one[0] != SHOWN}
    assert found.graph["crawl"] == "c1"
    root = next(data for _, data in found.nodes(data=True) if data["label"] == "a/root")
    assert (root["downloads"], root["element"]) == (7, "Model")


def test_hostile_names_stay_data_in_graphml(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "out.graphml"
    export(program, "graphml", file, "a/root")
    assert links(nx.read_graphml(file)) == LINKS


def test_the_whole_graph_is_written_with_all_that_belongs_to_no_family(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "out.graphml"
    export(program, "graphml", file, "--all")
    found = nx.read_graphml(file)
    assert links(found) == LINKS
    assert {data["label"] for _, data in found.nodes(data=True)} == {
        "a/root", "a/child", "a/lora", SHOWN, "a/stranger", "c1",
    }  # fmt: skip


@pytest.mark.parametrize("asked", ["a/root", "--all"])
def test_duckdb_reads_typed_tables_with_exact_names(program: Program, tmp_path: Path, asked: str) -> None:
    folder = tmp_path / "out"
    export(program, "parquet", folder, asked)
    with duckdb.connect() as db:
        db.execute("SET TimeZone = 'UTC'")
        db.read_parquet(f"{folder}/Model.parquet").create_view("models")
        db.read_parquet(f"{folder}/DERIVED_FROM.parquet").create_view("links")
        steps = db.execute(
            """SELECT c.id, p.id, e.relation, e.status, e.first_seen FROM links e
            JOIN models c ON c.key = e."from" JOIN models p ON p.key = e."to" """
        ).fetchall()
        about = dict(
            db.execute("SELECT key, value FROM parquet_kv_metadata($1)", [f"{folder}/Model.parquet"]).fetchall()
        )
    assert {step[:4] for step in steps} == {(HOSTILE if one[0] == SHOWN else one[0], *one[1:]) for one in LINKS}
    assert {step[4] for step in steps} == {day(1).replace(tzinfo=None)}
    assert about[b"crawl"] == b"c1"


def test_relations_depth_and_day_restrict_a_family(program: Program, tmp_path: Path) -> None:
    for arguments, names in (
        (("--max-depth", "1"), {"a/root", "a/child", SHOWN}),
        (("--relation", "quantized"), {"a/root", SHOWN}),
        (("--as-of", "2025-01-01"), {"a/root", "a/child", "a/lora", SHOWN}),
    ):
        file = tmp_path / "out.graphml"
        export(program, "graphml", file, "a/root", *arguments)
        found = nx.read_graphml(file)
        assert {data["label"] for _, data in found.nodes(data=True)} == names
    assert {status for *_, status in links(found)} == {"current"}


def test_an_unknown_name_ends_with_1_and_leaves_no_file(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "out.graphml"
    done = program.run("export", "graphml", "a/nothing", "--to", str(file))
    assert (done.code, done.out, file.exists()) == (1, "", False)
    assert len(done.messages) == 1


def test_a_model_or_all_must_be_given_and_not_both(program: Program) -> None:
    assert {program.run("export", "graphml", *given).code for given in ((), ("a/root", "--all"))} == {2}


def test_a_folder_that_exists_is_left_alone(program: Program, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    assert program.run("export", "parquet", "a/root", "--to", str(tmp_path)).code == 1
    assert (tmp_path / "mine").read_text() == "mine"
