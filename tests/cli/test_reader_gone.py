"""`| head -1`: the reader of stdout goes away in the middle of an answer."""

import subprocess
import sys

from crawler.graph.connection import open_connection
from tests.support.program import CHECKOUT, Program


def test_a_dump_of_a_filled_graph_ends_without_a_word_when_its_reader_goes_away(program: Program) -> None:
    program.crawl()
    assert program.connection is not None
    with open_connection(program.connection) as graph:  # more than the server sends ahead
        graph.write("UNWIND range(1, 5000) AS i CREATE (:Model {key: 'key' + i, id: 'maker/' + i})")
    done = subprocess.run(
        ["bash", "-c", '"$0" -m crawler graph dump | head -1; exit "${PIPESTATUS[0]}"', sys.executable],
        env=program.environment, cwd=CHECKOUT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, "")
    assert len(done.stdout.splitlines()) == 1
