"""However long an answer is, the program that passes it on stays small."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.graph.connection import Connection, Graph
from tests.support.graph_parts import write_crawls
from tests.support.lineage_graph import opened
from tests.support.measured import measured
from tests.support.program import Program

LONG = """\
// Many rows
//
// As many rows as are asked for, each as wide as that of a descendant.
//
// @param rows integer default=10 — how many
// @returns id string — a name
// @returns depth integer — a number
// @returns relations list<string> — a list
// @returns url string — an address
// @empty — none were asked for
// @budget 10 s
//
// :param {rows: 10}

UNWIND range(1, $rows) AS n
RETURN 'owner-of-many/model-number-' + n AS id, n % 7 AS depth, ['finetune', 'merge'] AS relations,
       'https://huggingface.co/owner-of-many/model-number-' + n AS url
ORDER BY n;
"""


@pytest.fixture(scope="module")
def loaded(connection: Connection) -> Iterator[Graph]:
    with opened(connection) as graph:
        write_crawls(graph, {"id": "20250101T030000Z"})
        yield graph


def asked(program: Program, shape: str, rows: int, out: Path) -> tuple[int, int]:
    """The lines of an answer, and the most memory that the program ever held, in KiB."""
    done = measured(program, "query", "many", "-p", f"rows={rows}", "--format", shape, out=out)
    assert done.code == 0, done.err
    with out.open("rb") as stream:
        return sum(1 for _ in stream), done.peak


@pytest.mark.usefixtures("loaded")
def test_three_hundred_thousand_rows_take_no_more_memory_than_ten_thousand(
    connection: Connection, tmp_path: Path
) -> None:
    path = tmp_path / "own" / "long" / "many.cypher"
    path.parent.mkdir(parents=True)
    path.write_text(LONG, encoding="utf-8")
    program = Program(tmp_path / "home", connection, {"HUB_GENEALOGY_QUERY_FOLDER": str(path.parents[1])})
    _, small = asked(program, "jsonl", 10_000, tmp_path / "few")
    for shape, frame in (("jsonl", 0), ("csv", 1)):
        lines, peak = asked(program, shape, 300_000, tmp_path / "many")
        assert lines == 300_000 + frame
        assert 20_000 < small < peak + 8_000
        assert peak < small + 8_000, shape  # the rows themselves are 40 MB of text
