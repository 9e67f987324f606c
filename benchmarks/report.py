"""The measurements as Markdown, and their place in docs/benchmarks.md."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import Operator, Time
from crawler.errors import HubGenealogyError

# Nobody waits longer for an answer at 305,000 models, and hardly anybody longer than half a second.
LIMIT, USUAL = 5.0, 0.5


@dataclass(frozen=True)
class Results:
    """What was measured on one graph."""

    title: str
    holds: str
    """What the graph holds, in words."""
    times: Sequence[Time]
    plans: Sequence[tuple[Time, Sequence[Operator]]]
    """Of the slowest."""


def too_slow(results: Sequence[Results]) -> list[str]:
    """One line for each query that failed, exceeded its budget, or took longer than anybody waits."""
    return [
        f"{time.query.name} ({result.title}; {time.asking.subject}): "
        + (time.failure or f"{time.seconds:.2f} s, budget {time.budget:g} s")
        for result in results
        for time in result.times
        if not time.held or time.seconds > LIMIT
    ]


def markdown(machine: str, results: Sequence[Results]) -> str:
    """Tables of every query on every graph, and the plans of the slowest."""
    lines = [f"Measured on {machine}."]
    for result in results:
        lines += ["", f"### {result.title}", "", f"{result.holds}.", "", *_table(result), "", _summary(result)]
        for time, operators in result.plans:
            hits = sum(operator.db_hits for operator in operators)
            lines += [
                "",
                f"`{time.query.name}` ({time.asking.subject}), {time.seconds:.2f} s, {hits:,} db hits:",
                "",
                "| operator | rows | db hits |",
                "|---|---:|---:|",
                *(_row(f"`{'· ' * o.depth}{o.name}`", f"{o.rows:,}", f"{o.db_hits:,}") for o in operators),
            ]
    return "\n".join(lines) + "\n"


def _table(result: Results) -> list[str]:
    order = sorted(result.times, key=lambda time: (time.query.topic, time.query.name))
    return [
        "| query | topic | asked about | rows | first row | seconds | budget | held |",
        "|---|---|---|---:|---:|---:|---:|---|",
        *(
            _row(
                f"`{time.query.name}`",
                time.query.topic,
                time.asking.subject,
                f"{time.rows:,}",
                "" if time.failure else f"{time.first:.3f}",
                "failed" if time.failure else f"{time.seconds:.3f}",
                f"{time.budget:g}",
                "yes" if time.held else "**no**",
            )
            for time in order
        ),
    ]


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _summary(result: Results) -> str:
    times = result.times
    held, usual = sum(time.held for time in times), sum(not time.failure and time.seconds <= USUAL for time in times)
    longest = max((time.seconds for time in times), default=0.0)
    return (
        f"{held} of {len(times)} within their budget, {usual} of {len(times)} within {USUAL:g} s; "
        f"the longest took {longest:.2f} s."
    )


def put(page: Path, name: str, text: str) -> None:
    """Put `text` between the marks of `name` on a page; raises HubGenealogyError where the page has none."""
    begin, end = f"<!-- {name}: written by make bench -->\n", f"<!-- end of {name} -->\n"
    before, found, rest = page.read_text(encoding="utf-8").partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise HubGenealogyError(
            f"{page} lacks the lines {begin.strip()} and {end.strip()}: put them where the tables belong"
        )
    page.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8")
