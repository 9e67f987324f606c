"""Every saved query gives its golden results on the graph of the sample; tests/support/golden.py says how they are made."""

import io
import re
from collections.abc import Iterator

import pytest

from crawler.answers.table import display_width, is_address, shown, write_table
from crawler.graph.connection import Connection, Graph
from tests.support import golden
from tests.support.lineage_graph import LIBRARY, ask


@pytest.fixture(scope="module")
def sample_graph(connection: Connection) -> Iterator[Graph]:
    with golden.sample_graph(connection) as graph:
        yield graph


@pytest.mark.parametrize("name", LIBRARY)
def test_a_query_gives_its_golden_results(sample_graph: Graph, name: str) -> None:
    assert golden.path_of(name).exists(), (
        f"{name} has no golden results: run python -m tests.support.golden {name}, and read them"
    )
    content = golden.read(name)
    leave_out = content.get("leave_out", {})
    assert set(leave_out) <= {column.name for column in LIBRARY[name].columns}
    assert any(case["rows"] for case in content["cases"]), "no case has a row"
    for case in content["cases"]:
        assert golden.answered(sample_graph, name, case, leave_out) == case["rows"], case["shows"]


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("name", LIBRARY)
def test_an_answer_fits_the_terminal_and_leaves_nothing_out(sample_graph: Graph, name: str, width: int) -> None:
    columns = [column.name for column in LIBRARY[name].columns]
    for case in golden.read(name)["cases"]:
        rows = [list(row.values()) for row in ask(sample_graph, name, **case["parameters"])]
        out = io.StringIO()
        write_table(columns, rows, out, width)
        text = out.getvalue()
        assert [line for line in text.splitlines() if display_width(line) > width] == []
        for column, *values in zip(columns, *rows, strict=True):
            if not is_address(column):
                beginnings = {re.split("[ /_.-]", shown(column, value))[0] for value in values}
                assert {beginning for beginning in beginnings if beginning not in text} == set()


def test_golden_results_belong_to_a_query() -> None:
    found = {path.relative_to(golden.GOLDEN) for path in golden.GOLDEN.rglob("*.json")}
    assert found == {golden.path_of(name).relative_to(golden.GOLDEN) for name in LIBRARY}


@pytest.mark.parametrize("name", LIBRARY)
def test_golden_results_ask_for_parameters_that_the_query_has(name: str) -> None:
    known = {parameter.name for parameter in LIBRARY[name].parameters}
    assert [case["shows"] for case in golden.read(name)["cases"] if not set(case["parameters"]) <= known] == []
