"""`graph hash` and `graph dump`: the graph as text, to compare it and to keep it."""

import sys
from contextlib import closing

import click

from crawler.graph.connection import open_graph
from crawler.graph.dump import digest
from crawler.graph.dump import dump as dump_lines
from crawler.graph.state import check_readable, counts
from crawler.logs import Progress, printable_json


@click.group()
def graph() -> None:
    """The graph as a whole: its canonical text and the digest of it."""


@graph.command("hash")
@click.option("--facts", is_flag=True, help="Leave out popularity and the times that crawls set.")
@click.pass_context
def hash_(context: click.Context, *, facts: bool) -> None:
    """Print the SHA-256 of the dump without Crawl nodes: equal digests, equal graphs."""
    with open_graph(context.obj) as opened:
        check_readable(opened)
        progress = Progress("hash", sum(counts(opened).values()))
        try:
            found = digest(opened, facts=facts, progress=progress)
        finally:
            progress.done()
        print(found)


@graph.command()
@click.option("--facts", is_flag=True, help="Leave out popularity and the times that crawls set.")
@click.pass_context
def dump(context: click.Context, *, facts: bool) -> None:
    """Print every node and relationship as JSON Lines, in canonical order."""
    with open_graph(context.obj) as opened:
        check_readable(opened)
        # Closed before the graph is, also where the reader of stdout has gone away.
        with closing(dump_lines(opened, facts=facts)) as lines:
            for line in map(printable_json, lines) if sys.stdout.isatty() else lines:
                print(line)
