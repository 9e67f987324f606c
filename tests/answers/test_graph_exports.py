"""`export graphml` and `export parquet`, read back by other programs."""

from pathlib import Path
from typing import Any

import duckdb
import networkx as nx
import pytest

from crawler.graph.connection import Connection, Graph
from tests.support.graph_parts import write_crawls, write_family, write_licenses, write_owners
from tests.support.lineage_graph import day, link, model, write, write_dataset, write_former_name
from tests.support.program import Program, Result

HOSTILE = "a/<b>&\"'\x00\x01\x1b[31m\ufffe\u202e"


@pytest.fixture
def program(connection: Connection, graph: Graph, tmp_path: Path) -> Program:
    write(
        graph,
        [
            model("a/root", owner="a", downloads=7),
            model("a/child"),
            model("a/lora"),
            model(HOSTILE),
            model("a/stranger", owner="b"),
        ],
        [
            link("a/child", "a/root"),
            link("a/lora", "a/child", "adapter", declared_as=["a/child", "A/child"]),
            link(HOSTILE, "a/root", "quantized", status="withdrawn", withdrawn_at=day(2)),
            link("a/root", "a/root"),
        ],
    )
    write_licenses(graph, {"A/ROOT": ["apache-2.0"], "A/STRANGER": ["mit"]})
    write_owners(graph)
    write_dataset(graph, "sets/corpus", ["A/CHILD"])
    write_former_name(graph, "a/before", "A/ROOT")
    write_family(graph, "family", "A/ROOT", size=5)
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


SHOWN = "a/<b>&\"'\\u0000\\u0001\\u001b[31m\\ufffe\\u202e"
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
    export(program, "graphml", file, "a/root", "--include-withdrawn")
    assert links(nx.read_graphml(file)) == LINKS


BESIDE = {
    ("PUBLISHED_BY", "a/root", "a"),
    ("TRAINED_ON", "a/child", "sets/corpus"),
    ("LICENSED_UNDER", "a/root", "apache-2.0"),
    ("NOW", "a/before", "a/root"),
    ("HEADED_BY", "family:A/ROOT", "a/root"),
}
OF_A_STRANGER = {("PUBLISHED_BY", "a/stranger", "b"), ("LICENSED_UNDER", "a/stranger", "mit")}


def beside(graph: Any) -> set[tuple[str, str, str]]:
    """The relationships that are no links, and what is connected by them."""
    names = graph.nodes(data="label")
    return {
        (data["element"], names[a], names[b])
        for a, b, data in graph.edges(data=True)
        if data["element"] != "DERIVED_FROM"
    }


def labels(graph: Any) -> set[tuple[str, str]]:
    return {(data["element"], data["label"]) for _, data in graph.nodes(data=True)}


NODES = {("Model", name) for name in ("a/root", "a/child", "a/lora", SHOWN)} | {
    ("Owner", "a"), ("Dataset", "sets/corpus"), ("License", "apache-2.0"), ("FormerName", "a/before"),
    ("Family", "family:A/ROOT"),
}  # fmt: skip


def test_a_family_is_written_with_owners_data_sets_licences_former_names_and_figures(
    program: Program, tmp_path: Path
) -> None:
    file = tmp_path / "out.graphml"
    export(program, "graphml", file, "a/before", "--include-withdrawn")
    found = nx.read_graphml(file)
    assert (links(found), beside(found), labels(found)) == (LINKS, BESIDE, NODES)


def test_the_whole_graph_is_written_with_all_that_belongs_to_no_family(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "out.graphml"
    export(program, "graphml", file, "--all")
    found = nx.read_graphml(file)
    assert (links(found), beside(found)) == (LINKS, BESIDE | OF_A_STRANGER)
    assert labels(found) - NODES == {("Model", "a/stranger"), ("Owner", "b"), ("License", "mit"), ("Crawl", "c1")}
    assert labels(found) > NODES


@pytest.mark.parametrize("asked", [("a/root", "--include-withdrawn"), ("--all",)])
def test_labels_restrict_nodes_and_the_relationships_between_them(
    program: Program, tmp_path: Path, asked: tuple[str, ...]
) -> None:
    file = tmp_path / "out.graphml"
    export(program, "graphml", file, *asked, "--label", "Model", "--label", "Owner")
    found = nx.read_graphml(file)
    assert {element for element, _ in labels(found)} == {"Model", "Owner"}
    assert {element for element, *_ in beside(found)} == {"PUBLISHED_BY"}
    assert (links(found), found.graph["label"]) == (LINKS, "Model, Owner")


@pytest.mark.parametrize("asked", [("a/root", "--include-withdrawn"), ("--all",)])
def test_duckdb_reads_typed_tables_with_exact_names(program: Program, tmp_path: Path, asked: tuple[str, ...]) -> None:
    folder = tmp_path / "out"
    export(program, "parquet", folder, *asked)
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


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (("--max-depth", "1"), {"a/root", "a/child"}),
        (("--include-withdrawn", "--max-depth", "1"), {"a/root", "a/child", SHOWN}),
        (("--along", "quantized"), {"a/root"}),
        (("--along", "quantized", "--include-withdrawn"), {"a/root", SHOWN}),
        (("--along", "finetune", "--along", "adapter"), {"a/root", "a/child", "a/lora"}),
        (("--kind", "adapter"), {"a/root", "a/lora"}),
        (("--kind", "adapter", "--max-depth", "1"), {"a/root"}),
        (("--kind", "quantised,adapter"), {"a/root", "a/lora"}),
        (("--status", "gone"), {"a/root"}),
        (("--status", "listed", "--status", "absent"), {"a/root", "a/child", "a/lora"}),
    ],
)
def test_filters_of_a_family_mean_what_they_mean_in_queries_and_are_in_the_file(
    program: Program, tmp_path: Path, arguments: tuple[str, ...], names: set[str]
) -> None:
    file = tmp_path / "out.graphml"
    export(program, "graphml", file, "a/root", "--label", "Model", *arguments)
    found = nx.read_graphml(file)
    assert {name for _, name in labels(found)} == names
    assert arguments[0].removeprefix("--").replace("-", "_") in found.graph


def test_a_way_to_a_gone_relative_passes_through_listed_ones_and_its_status_is_that_of_the_day(
    program: Program, graph: Graph, tmp_path: Path
) -> None:
    write(graph, [model("a/left", status="gone", gone_at=day(2))], [link("a/left", "a/child")])
    file = tmp_path / "out.graphml"
    export(program, "graphml", file, "a/root", "--label", "Model", "--status", "gone")
    assert {name for _, name in labels(nx.read_graphml(file))} == {"a/root", "a/left"}
    export(program, "graphml", file, "a/root", "--label", "Model", "--status", "gone", "--as-of", "2025-01-01")
    assert {name for _, name in labels(nx.read_graphml(file))} == {"a/root"}


def test_an_export_says_how_many_relatives_the_filters_leave_out(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "out.graphml"
    done = program.run("export", "graphml", "a/root", "--kind", "adapter", "--status", "listed", "--to", str(file))
    assert done.code == 0, done.err
    assert "restricted to kind=adapter, status=listed: 1 relative is left out" in done.messages
    assert nx.read_graphml(file).graph["status"] == "listed"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("a/root", "--status", "deleted"), "--status takes some of listed, gone, absent, not 'deleted'"),
        (
            ("a/root", "--kind", "merge", "--along", "adapter"),
            "along=adapter leaves out kind=merge, so no path can match",
        ),
        (("--all", "--status", "gone"), "--status goes with a MODEL, not with --all"),
    ],
)
def test_a_wrong_filter_of_an_export_is_one_line_and_leaves_no_file(
    program: Program, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = program.run("export", "graphml", *arguments, "--to", str(tmp_path / "out.graphml"))
    assert (done.code, done.out, len(done.messages), list(tmp_path.glob("*.graphml"))) == (2, "", 1, [])
    assert done.messages[0].startswith(said)


def test_a_family_as_of_a_day_has_the_links_and_the_states_of_that_day(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "out.graphml"
    export(program, "graphml", file, "a/root", "--as-of", "2025-01-01")
    found = nx.read_graphml(file)
    assert links(found) == {(*one[:3], "current") for one in LINKS}
    assert found.graph["as_of"] == "2025-01-01"
    assert found.graph["crawl"] == "c1"


def test_no_name_in_the_graph_has_half_a_surrogate_pair(graph: Graph) -> None:
    with pytest.raises(UnicodeEncodeError):
        write(graph, [model("a/\ud800")])


def test_an_unknown_name_ends_with_1_and_leaves_no_file(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "out.graphml"
    done = program.run("export", "graphml", "a/nothing", "--to", str(file))
    assert (done.code, done.out, file.exists()) == (1, "", False)
    assert done.messages == ["no model is known as 'a/nothing'; nearest: a/root, a/stranger"]


def test_a_model_or_all_must_be_given_and_not_both_and_filters_of_a_family_go_with_a_model(program: Program) -> None:
    wrong = ((), ("a/root", "--all"), ("--all", "--max-depth", "2"), ("--all", "--include-withdrawn"))
    assert {program.run("export", "graphml", *given).code for given in wrong} == {2}


def test_a_folder_that_exists_is_left_alone(program: Program, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    assert program.run("export", "parquet", "a/root", "--to", str(tmp_path)).code == 1
    assert (tmp_path / "mine").read_text() == "mine"


def test_a_parquet_export_keeps_to_the_memory_that_is_set_and_leaves_nothing_if_it_cannot(
    program: Program, tmp_path: Path
) -> None:
    narrow = program.with_settings(HUB_GENEALOGY_DUCKDB_MEMORY="1m")
    done = narrow.run("export", "parquet", "--all", "--to", str(tmp_path / "out"))
    assert done.code == 1
    assert "raise duckdb.memory" in done.messages[-1]
    assert list(tmp_path.iterdir()) == []
