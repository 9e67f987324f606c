"""The digest of a graph, and what it says while it is made."""

from crawler.graph.connection import open_connection
from crawler.graph.dump import digest, dump
from tests.support.program import Program


def test_a_digest_tells_each_line_that_it_has_read_and_is_the_same_without_telling(program: Program) -> None:
    program.crawl()
    assert program.connection is not None
    told: list[tuple[int, str]] = []
    with open_connection(program.connection) as graph:
        silent = digest(graph)
        loud = digest(graph, progress=lambda count, what: told.append((count, what)))
        lines = sum(1 for _line in dump(graph, crawls=False))
    assert loud == silent
    assert told == [(number, "nodes and relationships") for number in range(1, lines + 1)]
    assert lines > 0
