from collections.abc import Callable
from pathlib import Path

import pytest

from crawler.graph.connection import Connection, Graph
from tests.support.graph_parts import write_crawls
from tests.support.lineage_graph import day, link, model, wipe, write, write_former_name
from tests.support.program import Program, Result


@pytest.fixture
def reported_graph(schema_graph: Graph) -> Graph:
    wipe(schema_graph)
    write(
        schema_graph,
        [
            model("a/base", gated="manual", license="llama3", owner="a"),
            model("b/small", downloads=5, gated="false", owner="b"),
            model("c/tuned", downloads=7, gated="false", owner="c"),
            model("c/later", owner="c", status="gone", gone_at=day(5)),
            {"key": "absent:d/never", "id": "d/never", "status": "absent", "owner": "d", "first_seen": day(1)},
            model("e/alone", owner="e"),
            model("f/dropped", owner="f"),
        ],
        [
            link("b/small", "a/base", "quantized"),
            link("c/tuned", "b/small", "finetune", sources=["tag", "card"], declared_as=["b/small", "B/small"]),
            link("c/later", "a/base"),
            link("f/dropped", "a/base", status="withdrawn", withdrawn_at=day(6)),
        ],
    )
    write_former_name(schema_graph, "old/base", "A/BASE")
    write_former_name(schema_graph, "e/alone", "C/TUNED")
    write_crawls(schema_graph, {"id": "000001", "started_at": day(1)}, {"id": "000002", "started_at": day(7)})
    return schema_graph


@pytest.fixture
def report(reported_graph: Graph, connection: Connection, tmp_path: Path) -> Callable[..., Result]:
    assert reported_graph
    program = Program(tmp_path / "home", connection, {})

    def run(*arguments: str) -> Result:
        """Run `report`, for an answer in JSON where no other form is asked for."""
        chosen = () if {"--format", "--check"} & {*arguments} else ("--format", "json")
        return program.run("report", *arguments, *chosen)

    return run
