"""The replay files, and what they say a graph must hold: by other means than the crawler's."""

import gzip
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crawler.graph.connection import Graph
from demo.simulated_hub import SimulatedHub
from tests.support.program import Program

WEEKS = ("baseline", "week-01", "week-02", "week-03")


def lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as opened:
        for line in opened:
            yield json.loads(line)


def edges_of(records: dict[str, dict[str, Any]]) -> set[tuple[str, str, str]]:
    """(child, parent, relation), as the typed tags say it; names in lower case, an absent one has no other spelling."""
    return {
        (record["id"], tag.split(":", 2)[2].lower(), tag.split(":", 2)[1])
        for record in records.values()
        for tag in record["tags"]
        if tag.startswith("base_model:") and tag.count(":") == 2
    }


def pass_week(records: dict[str, dict[str, Any]], changes: Iterable[dict[str, Any]]) -> None:
    """Do to the listed `records`, by key, what a week of the replay did."""
    for change in changes:
        if change["op"] == "add":
            records[change["record"]["_id"]] = change["record"]
        else:
            records.pop(change["_id"])


@dataclass
class Replay:
    """The real Hub, week by week, crawled into one graph: as far as somebody has asked for it."""

    data: Path
    hub: SimulatedHub
    program: Program
    graph: Graph
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    done: int = 0
    reports: list[dict[str, Any]] = field(default_factory=list)
    """After each crawl, the dossier of the model that had the most descendants."""

    def weeks(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Let the weeks that are left pass; each with the summary of the crawl that followed it."""
        while self.done < len(WEEKS):
            week = WEEKS[self.done]
            file = self.data / "replay" / f"{week}.jsonl.gz"
            if week == "baseline":
                self.records.update((record["_id"], record) for record in lines(file))
            else:
                self.hub.apply(file)
                pass_week(self.records, lines(file))
            self.done += 1
            summary = self.program.crawl()
            [head] = self.program.run("query", "most_followed", "--limit", "1", "--format", "json").json()
            self.reports.append(self.program.run("report", head["id"], "--format", "json").json())
            yield week, summary
