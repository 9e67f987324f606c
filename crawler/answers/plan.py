"""The server's plan for a query: its operators and notifications."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, TextIO

import neo4j

from crawler.answers.table import write_table

OUTPUT_FORMATS = ("table", "json")
COLUMNS = ("operator", "estimated_rows", "details")


@dataclass(frozen=True)
class Operator:
    """One step of a plan. The steps that deliver its rows follow it, one level deeper."""

    depth: int
    operator: str
    estimated_rows: float | None
    details: str


@dataclass(frozen=True)
class Notification:
    """A notification of the server about a statement; `line` is the line of the file."""

    severity: str
    status: str
    line: int | None
    message: str


def operators(plan: Mapping[str, Any], depth: int = 0) -> Iterator[Operator]:
    """The operators of the plan, from the one that produces the result to those that read the graph."""
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
    """The server's notifications: deprecations, Cartesian products, names that the graph lacks and so on."""
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


def write(name: str, summary: neo4j.ResultSummary, output_format: str, out: TextIO) -> None:
    """Write the plan as a table or as one JSON object."""
    steps = list(operators(summary.plan or {"operatorType": "none"}))
    said = notifications(summary)
    if output_format == "json":
        found = {
            "query": name,
            "operators": [asdict(step) for step in steps],
            "notifications": [asdict(one) for one in said],
        }
        out.write(json.dumps(found) + "\n")
        return
    rows = [["| " * step.depth + step.operator, _rounded(step.estimated_rows), step.details] for step in steps]
    write_table(COLUMNS, rows, out)
    out.write("\nnotifications: none\n" if not said else "\nnotifications:\n")
    if said:
        write_table(("severity", "status", "line", "message"), [list(asdict(one).values()) for one in said], out)


def _rounded(rows: float | None) -> float | None:
    return None if rows is None else round(rows, 1)
