"""The measurements of `benchmarks.scale` as tables."""

import math
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import huggingface_hub
import neo4j
import psutil

from benchmarks.sampling import MEBIBYTE, Spent
from crawler import __version__
from crawler.local.jars import read_lock

# Where the data sets are meant, not the models.
OF_DATASETS = "data sets: "
STAGES = ("walk", f"{OF_DATASETS}walk", "snapshot", f"{OF_DATASETS}snapshot", "changes", "load")
_HEAD = "| seconds | processor | memory, MiB | server's processor | server's memory, MiB | temporary files, MiB |"


@dataclass(frozen=True)
class Cost:
    """Seconds, and processor seconds of the program and the server together. On a machine with other work, those say more."""

    seconds: float
    cpu: float

    def over(self, other: "Cost") -> "Cost":
        """How many times as much as another cost this one is."""
        return Cost(self.seconds / max(other.seconds, 0.01), self.cpu / max(other.cpu, 0.01))


@dataclass(frozen=True)
class Night:
    """One crawl: its summary, the cost of its stages, and the bytes on the disk when it had ended."""

    title: str
    said: Mapping[str, Any]
    stages: Mapping[str, Spent]
    disk: Mapping[str, int]

    def cost(self, stage: str) -> Cost:
        """The time of a stage, and its processor time."""
        spent = self.stages.get(stage, Spent())
        return Cost(spent.seconds, spent.cpu + spent.server_cpu)


@dataclass(frozen=True)
class Yardstick:
    """One run of what the crawler is compared with."""

    title: str
    said: Mapping[str, Any]
    spent: Spent

    @property
    def cost(self) -> Cost:
        """Its time leaves out its start and the writing of CSV. Its processor time covers the whole run."""
        seconds = self.said["import"] + self.said["indexes"] if "import" in self.said else self.said["seconds"]
        return Cost(float(seconds), self.spent.cpu + self.spent.server_cpu)


@dataclass(frozen=True)
class Size:
    """What was measured at one size."""

    models: int
    nights: Sequence[Night]
    yardsticks: Sequence[Yardstick]
    graph: Mapping[str, int]
    """The bytes of the graph after the last night, when its server had stopped."""

    def yardstick(self, title: str) -> Yardstick | None:
        """A yardstick, if it ran."""
        return next((one for one in self.yardsticks if one.title == title), None)


def machine() -> str:
    """The machine and the versions, in words."""
    memory = psutil.virtual_memory().total / (1 << 30)
    return (
        f"{os.cpu_count()} cores ({_processor()}), {memory:.0f} GiB, load {os.getloadavg()[0]:.1f} at the end; "
        f"{platform.system()}, Python {platform.python_version()}, DuckDB {duckdb.__version__}, "
        f"Neo4j {read_lock().version}, driver {neo4j.__version__}, huggingface_hub {huggingface_hub.__version__}, "
        f"hub-genealogy {__version__}"
    )


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")]
    return names[0] if names else platform.machine()


def markdown(on: str, sizes: Sequence[Size]) -> str:
    """Tables of costs, ratios and disk for each size, and of the growth between the sizes."""
    lines = [f"Measured on {on}."]
    for size in sizes:
        lines += ["", f"### {size.models:,} models", "", *_costs(size)]
        if ratios := ratios_of(size):
            rows = [f"| {what} | {ratio.seconds:.2f} | {ratio.cpu:.2f} |" for what, ratio in ratios]
            lines += ["", "| ratio | by time | by processor time |", "|---|---:|---:|", *rows]
        lines += ["", *_disk(size)]
    # Of the last size, some nights may be left.
    if len(sizes) > 1 and len(sizes[0].nights) == len(sizes[-1].nights):
        lines += ["", f"### Growth from {sizes[0].models:,} to {sizes[-1].models:,} models", "", *_growth(sizes)]
    return "\n".join(lines) + "\n"


def _costs(size: Size) -> list[str]:
    lines = [f"| run | stage {_HEAD}", "|---|---|---:|---:|---:|---:|---:|---:|"]
    for night in size.nights:
        datasets = f", {night.said['datasets']['seen']:,} data sets" if night.said["datasets"] else ""
        wrote = f"{night.title}: {night.said['models_seen']:,} models{datasets}, {night.said['rows_written']:,} rows written"
        lines += [
            _row(wrote if stage == STAGES[0] else "", stage, night.stages.get(stage, Spent())) for stage in STAGES
        ]
    for one in size.yardsticks:
        parts = ", ".join(
            f"{part} {value} s" for part, value in one.said.items() if part not in {"models", "rows", "seconds"}
        )
        spent = Spent(**{**vars(one.spent), "seconds": float(one.said.get("seconds", one.spent.seconds))})
        lines.append(_row(f"{one.title}{f' ({parts})' if parts else ''}", "", spent))
    return lines


def _row(title: str, stage: str, spent: Spent) -> str:
    return (
        f"| {title} | {stage} | {spent.seconds:.1f} | {spent.cpu:.1f} | {spent.memory:,} "
        f"| {spent.server_cpu:.1f} | {spent.server_memory:,} | {spent.temporary:,} |"
    )


def ratios_of(size: Size) -> list[tuple[str, Cost]]:
    """How the crawler compares with the yardsticks of the same run. A high value is good, except where it says `multiple`."""
    first, found = size.nights[0], []
    if listing := size.yardstick("list_models"):
        what = "walk with archive and parsing, {}: times as fast as `HfApi.list_models`"
        found += [(what.format(night.title), listing.cost.over(night.cost("walk"))) for night in size.nights]
    if bare := size.yardstick("bare import"):
        what = "first load: its time as a multiple of bare `neo4j-admin` import and its indexes"
        found.append((what, first.cost("load").over(bare.cost)))
    if plain := size.yardstick("plain loader"):
        what = "first load: times as fast as a plain loader, 10,000 rows by UNWIND and MERGE"
        found.append((what, plain.cost.over(first.cost("load"))))
    if again := size.yardstick("plain loader again"):
        what = "load, {}: times as fast as writing everything again"
        found += [(what.format(night.title), again.cost.over(night.cost("load"))) for night in size.nights[1:]]
    return found


def _disk(size: Size) -> list[str]:
    names = list(size.nights[0].disk)
    lines = [f"| MiB on the disk after | {' | '.join(names)} |", f"|---|{'---:|' * len(names)}"]
    for night in size.nights:
        values = " | ".join(f"{night.disk[name] / MEBIBYTE:,.1f}" for name in names)
        lines.append(f"| {night.title} | {values} |")
    if size.graph:
        values = " | ".join(f"{size.graph[name] / MEBIBYTE:,.1f}" if name in size.graph else "" for name in names)
        lines.append(f"| the server had stopped | {values} |")
    return lines


def _growth(sizes: Sequence[Size]) -> list[str]:
    """Exponents: 1 is linear. Of times below a second, nothing can be said."""
    least, most = sizes[0], sizes[-1]
    lines = [
        "| run | stage | exponent of time | exponent of processor time | exponent of memory |",
        "|---|---|---:|---:|---:|",
    ]
    for small, large in zip(least.nights, most.nights, strict=True):
        for stage in STAGES:
            a, b = small.stages.get(stage, Spent()), large.stages.get(stage, Spent())
            values = (
                exponent(least.models, a.seconds, most.models, b.seconds),
                exponent(least.models, a.cpu + a.server_cpu, most.models, b.cpu + b.server_cpu),
                exponent(least.models, a.memory, most.models, b.memory),
            )
            lines.append(f"| {large.title} | {stage} | {' | '.join('' if v is None else f'{v:.2f}' for v in values)} |")
    return lines


def exponent(size: int, cost: float, larger: int, larger_cost: float) -> float | None:
    """The power of the size with which the cost grows; None where the smaller cost is too small to tell."""
    if cost < 1 or larger_cost <= 0 or larger <= size:
        return None
    return math.log(larger_cost / cost) / math.log(larger / size)
