"""`| head -1`: the reader of stdout goes away in the middle of an answer."""

import subprocess
import sys

from tests.support.program import CHECKOUT, Program


def test_a_dump_of_a_filled_graph_ends_without_a_word_when_its_reader_goes_away(program: Program) -> None:
    program.crawl()
    done = subprocess.run(
        ["bash", "-c", '"$0" -m crawler graph dump | head -1; exit "${PIPESTATUS[0]}"', sys.executable],
        env=program.environment, cwd=CHECKOUT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, "")
    assert len(done.stdout.splitlines()) == 1
