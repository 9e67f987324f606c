"""How long the saved queries take: caches warm, the whole answer read, the median of several runs."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import neo4j
from neo4j.exceptions import Neo4jError

from benchmarks.graphs import Measured
from benchmarks.subjects import Asking, Subjects, askings
from crawler.answers.library import SavedQuery
from crawler.answers.run import answer, read_session
from crawler.errors import HubGenealogyError
from crawler.graph.connection import Graph

RUNS = 5
PATIENCE = timedelta(seconds=120)
PACE_ROWS = 200_000
# Of an answer with more rows than this, each further row may take longer: that is the driver's pace, whatever the query.
LONG_ANSWER, ROW_SECONDS = 30_000, 100e-6


@dataclass(frozen=True)
class Time:
    """The slowest way to ask one query of one graph."""

    query: SavedQuery
    asking: Asking
    rows: int
    seconds: float
    first: float
    """Seconds until the first row, or the end where there is none; from then on the driver decides the pace."""
    failure: str | None = None

    @property
    def budget(self) -> float:
        """The seconds that this answer may take: those of the query's file, for the full Hub, and those of a long answer."""
        return self.query.budget + ROW_SECONDS * max(self.rows - LONG_ANSWER, 0)

    @property
    def held(self) -> bool:
        """Whether the budget was kept."""
        return self.failure is None and self.seconds <= self.budget


@dataclass(frozen=True)
class Operator:
    """One operator of an executed plan; `depth` counts the second inputs on the way to it."""

    depth: int
    name: str
    details: str
    rows: int
    db_hits: int


def measure(
    measured: Measured, queries: Iterable[SavedQuery], subjects: Subjects, say: Callable[[str], None]
) -> list[Time]:
    """The slowest asking of each query, with its time; `say` is told each as it is known."""
    times = []
    for query in queries:
        # The first run fills the caches, the second tells which asking is the slowest, and that one is timed.
        tried = [_run(measured.graph, query, asking, runs=2)[-1] for asking in askings(query, subjects)]
        worst = max(tried, key=lambda time_: (time_.failure is not None, time_.seconds))
        if worst.failure is None:
            runs = _run(measured.graph, query, worst.asking, runs=RUNS)
            worst = sorted(runs, key=lambda time_: time_.seconds)[len(runs) // 2]
        say(f"{measured.title}: {query.name} ({worst.asking.subject}): {worst.rows} rows, {worst.seconds:.3f} s")
        times.append(worst)
    return times


def pace(graph: Graph) -> float:
    """Seconds that it takes to read PACE_ROWS rows of one number: a yardstick, since a machine may be faster one day."""
    seconds = []
    for _ in range(RUNS):
        with read_session(graph) as session:
            started = time.perf_counter()
            for _row in session.run("UNWIND range(1, $rows) AS number RETURN number", rows=PACE_ROWS):
                pass  # reading is what is timed
            seconds.append(time.perf_counter() - started)
    return sorted(seconds)[RUNS // 2]


def _run(graph: Graph, query: SavedQuery, asking: Asking, *, runs: int) -> list[Time]:
    """So many runs one after the other; a run that fails is the last."""
    times: list[Time] = []
    for _ in range(runs):
        rows, first, failure, started = 0, None, None, time.perf_counter()
        try:
            with read_session(graph) as session, answer(session, query, asking.values, PATIENCE) as found:
                for _row in found:
                    rows += 1
                    first = first or time.perf_counter() - started
        except (HubGenealogyError, Neo4jError) as error:
            failure = " ".join(str(error).split())
        seconds = time.perf_counter() - started
        times.append(Time(query, asking, rows, seconds, first or seconds, failure))
        if failure is not None:
            break
    return times


def slowest(times: Iterable[Time], count: int) -> list[Time]:
    """The ones that took longest of those that gave an answer."""
    return sorted((time_ for time_ in times if time_.failure is None), key=lambda time_: -time_.seconds)[:count]


def profile(graph: Graph, measured: Time) -> list[Operator]:
    """The operators of the query's plan with their rows and db hits, from the top; the query runs once more."""
    statement = neo4j.Query(f"PROFILE {measured.query.statement}", timeout=PATIENCE.total_seconds())
    with graph.session(neo4j.READ_ACCESS) as session:
        result = session.run(statement, dict(measured.asking.values))
        for _row in result:
            pass  # what is not read is not counted
        plan = result.consume().profile
    return list(_operators(plan, 0)) if plan else []


def _operators(plan: Mapping[str, Any], depth: int) -> Iterator[Operator]:
    arguments = plan.get("args", {})
    yield Operator(
        depth,
        str(plan["operatorType"]).partition("@")[0],
        " ".join(str(arguments.get("Details", "")).split()),
        int(plan.get("rows", 0)),
        int(plan.get("dbHits", 0)),
    )
    below = plan.get("children", ())
    for number, child in enumerate(below):
        # The first input goes on in the same column, as most operators have no other; the rest stand apart.
        yield from _operators(child, depth + (len(below) > 1 and number > 0))
