"""What the server would do for a query: the operators of its plan, and its notifications."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, TextIO

import neo4j

from crawler.answers import formats

SHAPES = ("table", "json")
COLUMNS = ("operator", "estimated_rows", "details")


@dataclass(frozen=True)
class Operator:
    """One step of a plan; what it takes its rows from stands below it, one deeper."""

    depth: int
    operator: str
    estimated_rows: float | None
    details: str


@dataclass(frozen=True)
class Notification:
    """Something that the server has to say of a statement; the line is the file's."""

    severity: str
    status: str
    line: int | None
    message: str


def operators(plan: Mapping[str, Any], depth: int = 0) -> Iterator[Operator]:
    """The operators from the one that gives the result down to those that read the graph."""
    arguments = plan.get("args", {})
    yield Operator(
        depth=depth,
        operator=plan["operatorType"].split("@")[0],
        estimated_rows=arguments.get("EstimatedRows"),
        details=" ".join(arguments.get("Details", "").split()),
    )
    for child in plan.get("children", ()):
        yield from operators(child, depth + 1)


def notifications(summary: neo4j.ResultSummary) -> list[Notification]:
    """What the server has to say: deprecations, Cartesian products, names that the graph lacks, …"""
    return [
        Notification(
            severity=status.raw_severity or "",
            status=status.gql_status,
            line=status.position.line if status.position else None,
            message=" ".join(status.status_description.split()),
        )
        for status in summary.gql_status_objects
        if status.is_notification
    ]


def write(name: str, summary: neo4j.ResultSummary, shape: str, out: TextIO) -> None:
    """The plan as a table to read, or as one JSON object."""
    steps = list(operators(summary.plan or {"operatorType": "none"}))
    said = notifications(summary)
    if shape == "json":
        found = {
            "query": name,
            "operators": [asdict(step) for step in steps],
            "notifications": [asdict(one) for one in said],
        }
        out.write(json.dumps(found) + "\n")
        return
    rows = [["| " * step.depth + step.operator, _rounded(step.estimated_rows), step.details] for step in steps]
    formats.write_table(COLUMNS, rows, out)
    out.write("\nnotifications: none\n" if not said else "\nnotifications:\n")
    if said:
        formats.write_table(
            ("severity", "status", "line", "message"), [list(asdict(one).values()) for one in said], out
        )


def _rounded(rows: float | None) -> float | None:
    return None if rows is None else round(rows, 1)
