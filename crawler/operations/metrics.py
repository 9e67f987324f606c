"""How the last crawl went, as a file for the textfile collector of Prometheus' node_exporter.

The file is replaced as a whole. A run that failed keeps the numbers of the one before it and says so in its exit code;
the time of the last complete crawl survives every run that was none, and the numbers of the data sets every crawl that does not
walk them.
"""

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from crawler.files import is_there, read_bytes, replacing
from crawler.operations.last_run import exit_code_of

logger = logging.getLogger(__name__)

PREFIX = "hub_genealogy_crawl_"
# Every metric: its name after the prefix, and what it means.
METRICS = {
    "exit_code": "Exit code of the last run: 0 done, 3 a safety check refused part, 75 try later, else failed.",
    "end_timestamp_seconds": "When the last run ended, however it ended.",
    "complete_timestamp_seconds": "When the last crawl that saw the whole listing ended.",
    "complete": "Whether the last crawl saw the whole listing.",
    "models_seen": "Models on the pages of the last crawl.",
    "models_added": "Models that the last crawl listed anew.",
    "models_changed": "Models that the last crawl found changed.",
    "models_retired": "Models that the last crawl marked as gone.",
    "models_removed": "Models that the last crawl removed, as keep.gone says.",
    "edges_added": "Derivations that the last crawl added.",
    "edges_changed": "Derivations that the last crawl found changed.",
    "edges_withdrawn": "Derivations that the last crawl marked as withdrawn.",
    "rejected": "Records and references that the last crawl could not use.",
    "rows_written": "Rows that the last crawl changed in the graph.",
    "warnings": "Warnings of the last crawl.",
    "datasets_complete": "Whether the last walk over the data sets saw the whole listing.",
    "datasets_seen": "Data sets on the pages of that walk.",
    "datasets_listed": "Listed data sets after it.",
    "datasets_added": "Data sets that it listed anew.",
    "datasets_changed": "Data sets that it found changed.",
    "datasets_retired": "Data sets that it marked as gone.",
    "datasets_removed": "Data sets that it removed, as keep.gone says.",
    "datasets_rejected": "Records and references of data sets that it could not use.",
    "datasets_requests": "Pages that the Hub sent for it, and single questions that the Hub answered.",
    "datasets_seconds": "Time that the walk and the snapshot of the data sets took.",
    "cases_open": "Open cases at the end of the last crawl.",
    "cases_due": "Of these: cases whose term ends within a week.",
    "cases_overdue": "Of these: cases whose term is over.",
    "seconds": "Time that each stage of the last crawl took.",
}
_SAMPLE = re.compile(rf"{PREFIX}(?P<metric>[a-z_]+)(?P<labels>\{{[^}}]*\}})? (?P<value>[0-9.e+-]+)")

Samples = dict[tuple[str, str], float]


def write(path: Path | None, summary: dict[str, Any], now: datetime) -> None:
    """Write the summary of a crawl that ended; without a path, nothing."""
    samples: Samples = {
        (metric, ""): float(summary[metric]) for metric in METRICS if isinstance(summary.get(metric), int)
    }
    samples["warnings", ""] = len(summary["warnings"])
    samples["end_timestamp_seconds", ""] = now.timestamp()
    for name in ("open", "due", "overdue") if summary["cases"] else ():
        samples[f"cases_{name}", ""] = summary["cases"][name]
    for name, value in (summary["datasets"] or {}).items():
        samples[f"datasets_{name}", ""] = float(value)
    for stage, seconds in summary["seconds"].items():
        samples["seconds", f'{{stage="{stage}"}}'] = seconds
    if summary["complete"] and summary["kind"] == "full":
        samples["complete_timestamp_seconds", ""] = now.timestamp()
    of_datasets = [metric for metric in METRICS if metric.startswith("datasets_")]
    _replace(path, samples, keep=("complete_timestamp_seconds", *of_datasets))


def write_failure(path: Path | None, exit_code: int, now: datetime) -> None:
    """Note that a run ended with `exit_code` before it had a summary; the other numbers stay as they were."""
    samples: Samples = {("exit_code", ""): exit_code, ("end_timestamp_seconds", ""): now.timestamp()}
    _replace(path, samples, keep=tuple(METRICS))


@contextmanager
def failure_noted(path: Path | None, clock: Callable[[], datetime]) -> Iterator[None]:
    """Note in the file at `path` what ends the block, if it is an exception. Entered by the one who holds the lock."""
    try:
        yield
    except BaseException as error:
        write_failure(path, exit_code_of(error), clock())
        raise


def _replace(path: Path | None, samples: Samples, keep: tuple[str, ...]) -> None:
    """Write `samples` and those of the metrics `keep` that the file holds already and `samples` do not.

    What cannot be written is a warning: the crawl itself is done, and an alert on the age of the file still rings.
    """
    if path is None:
        return
    try:
        kept = {name: value for name, value in _read(path).items() if name[0] in keep}
        # The collector reads names in .prom only: not the one that is written first.
        with replacing(path) as file:
            file.write(_text(kept | samples).encode())
    except OSError as error:
        logger.warning("metrics.textfile: %s cannot be written: %s", path, error.strerror or error)


def _read(path: Path) -> Samples:
    if not is_there(path):
        return {}
    lines = read_bytes(path).decode(errors="replace").splitlines()
    found: Samples = {}
    for match in filter(None, map(_SAMPLE.fullmatch, lines)):
        try:
            found[match["metric"], match["labels"] or ""] = float(match["value"])
        except ValueError:
            continue
    return found


def _text(samples: Samples) -> str:
    lines = []
    for metric, meaning in METRICS.items():
        those = [f"{PREFIX}{name}{labels} {value!r}" for (name, labels), value in samples.items() if name == metric]
        if those:
            lines += [f"# HELP {PREFIX}{metric} {meaning}", f"# TYPE {PREFIX}{metric} gauge", *those]
    return "".join(line + "\n" for line in lines)
