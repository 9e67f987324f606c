"""`make bench`: every saved query on the replay at week 10 and on made shapes, or on the graph that NEO4J_URI names."""

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from benchmarks import graphs, report, subjects
from benchmarks.graphs import Measured
from benchmarks.measure import PACE_ROWS, RUNS, measure, pace, profile, slowest
from benchmarks.report import Results
from crawler import settings
from crawler.answers import library
from crawler.answers.library import SavedQuery
from crawler.errors import HubGenealogyError
from crawler.graph.connection import Graph
from crawler.resources import shipped

PLANS = 5
PAGE = graphs.REPOSITORY / "docs" / "benchmarks.md"
PLACE = "saved queries"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write; returns 1 where a query took longer than it may."""
    options = _options().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    logging.getLogger("benchmarks").setLevel(logging.INFO)
    try:
        queries = library.load(shipped("queries"))
        chosen = [queries.find(name) for name in options.query] or list(queries.values())
        results = []
        for opened in _graphs(options):
            with opened as measured:
                results.append(benchmark(measured, chosen))
        text = report.markdown(_machine(), results)
        if not (options.query or options.graph or os.environ.get("NEO4J_URI")):
            report.put(PAGE, PLACE, text)
    except HubGenealogyError as error:
        print(f"make bench: {error}", file=sys.stderr)
        return error.exit_code
    print(text, end="")
    wrong = report.too_slow(results)
    for line in wrong:
        print(f"too slow: {line}", file=sys.stderr)
    return 1 if wrong else 0


def benchmark(measured: Measured, queries: Sequence[SavedQuery]) -> Results:
    """Measure `queries` on one graph, and look into the slowest."""
    times = measure(measured, queries, subjects.find(measured), lambda text: print(text, file=sys.stderr, flush=True))
    plans = [(time, profile(measured.graph, time)) for time in slowest(times, PLANS)]
    holds = (
        f"{_holds(measured.graph)}. The yardstick, {PACE_ROWS:,} rows of one number, took {pace(measured.graph):.1f} s"
    )
    return Results(measured.title, holds, times, plans)


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        epilog="The page docs/benchmarks.md is written where everything was measured.",
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="the folder of the replay files")
    parser.add_argument("--home", type=Path, default=graphs.REPOSITORY / "var" / "bench", help="where graphs are kept")
    parser.add_argument("--graph", choices=("replay", "shapes"), action="append", help="only this one")
    parser.add_argument("--query", action="append", default=[], metavar="NAME", help="only this one")
    parser.add_argument("--keep", action="store_true", help="take the graphs as they are, whatever made them")
    return parser


def _graphs(options: argparse.Namespace) -> list[AbstractContextManager[Measured]]:
    if os.environ.get("NEO4J_URI"):
        return [graphs.given(settings.load())]
    known = {
        "replay": graphs.replay(options.home / "replay", options.data, keep=options.keep),
        "shapes": graphs.shaped(options.home / "shapes", keep=options.keep),
    }
    return [opened for name, opened in known.items() if name in (options.graph or known)]


def _holds(graph: Graph) -> str:
    [row] = graph.read(
        "MATCH (c:Crawl {state: 'loaded'}) WITH max(c.id) AS newest MATCH (c:Crawl {id: newest}) "
        "RETURN c.models_listed AS listed, c.models_gone AS gone, c.models_absent AS absent, c.edges_current AS current, "
        "c.edges_withdrawn AS withdrawn, c.longest_chain AS longest, c.largest_family AS largest"
    )
    [server] = graph.read("CALL dbms.components() YIELD versions RETURN versions[0] AS version")
    return (
        "{listed:,} listed, {gone:,} gone and {absent:,} absent models, {current:,} current and {withdrawn:,} withdrawn links; "
        "the largest family has {largest:,} members, the longest chain {longest} steps; Neo4j {version}"
    ).format(**dict(row), **dict(server))


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    # Whoever reads the table must see whether the machine had other work.
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GiB, load {os.getloadavg()[2]:.1f}; caches warm, the whole answer read by the "
        f"Python driver, the median of {RUNS} runs of the slowest way to ask"
    )


if __name__ == "__main__":
    sys.exit(main())
