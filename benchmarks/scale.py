"""Whole nights on a made Hub of any size, each stage with its time, processor time and memory, beside yardsticks.

    make bench-scale MODELS='100000 300000' OPTIONS='--nights 0 0.01'

The first night is the first crawl. Each further night changes a share of the models. `benchmarks.yardsticks` says what else
runs in the same run, for comparison. The result is Markdown on stdout, and `scale.md` and `scale.json` in the folder of the run.
"""

import argparse
import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.graphs import REPOSITORY
from benchmarks.grown import GrownHub
from benchmarks.page_hub import PageHub, write_night
from benchmarks.sampling import Spent, Watched, run, used
from benchmarks.scale_report import OF_DATASETS, Night, Size, Yardstick, machine, markdown
from crawler.hub.archive import Archive
from crawler.local.server import LocalServer
from crawler.state import State
from demo.simulated_hub.quota import UNLIMITED

logger = logging.getLogger(__name__)
YARDSTICKS = ("list-models", "import", "merge")
TITLES = {"import": ["bare import"], "merge": ["plain loader", "plain loader again"]}


@dataclass(frozen=True)
class Planned:
    """A crawl: the share of the models that changes before it (None: it is the first), its options and settings."""

    title: str
    share: float | None = None
    options: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)


class Crawls:
    """The crawls of one state folder, watched from outside."""

    def __init__(self, home: Path, settings: Mapping[str, str] | None = None) -> None:
        self.home, self._settings, self._before = home, settings or {}, frozenset[str]()
        self._state = State(home)

    def crawl(self, planned: Planned, endpoint: str) -> Night:
        """Run one crawl; the server was started before, so that its start is not counted."""
        self._program(endpoint, "db", "start")
        self._before = frozenset(self._state.crawls(self._state.archives))
        ended = run(
            [sys.executable, "-m", "crawler", "crawl", "--format", "json", *planned.options],
            {**self.environment(endpoint), **planned.settings},
            Watched(LocalServer(self.home).process, self._stage, self._temporary),
        )
        for stage, seconds in ended.said["seconds"].items():  # the program's own clock is more exact than samples
            if stage in ended.stages:
                beside = ended.stages.get(f"{OF_DATASETS}{stage}", Spent())  # the program counts it in the stage
                ended.stages[stage].seconds = seconds - beside.seconds
        return Night(planned.title, ended.said, ended.stages, self._disk(str(ended.said["crawl"])) | self._graph())

    def _disk(self, name: str) -> dict[str, int]:
        found = {"changes": used(self._state.changes / name)}
        for kind, tree in (("", self._state), (OF_DATASETS, self._state.datasets)):
            rows = used(tree.archives / name / "rows")
            found |= {
                f"{kind}archive": used(tree.archives / name) - rows,
                f"{kind}rows": rows,
                f"{kind}snapshot": used(tree.snapshots / name),
            }
        return found

    def _graph(self) -> dict[str, int]:
        data = self.home / "neo4j" / "data"
        return {"graph": used(data / "databases"), "transaction logs": used(data / "transactions")}

    def changes(self, night: Night) -> Path:
        """The change set of a night."""
        return self._state.changes / str(night.said["crawl"])

    def stop(self) -> dict[str, int]:
        """Stop the local Neo4j, which then has written all of the graph; return what that takes on the disk."""
        self._program("", "db", "stop")
        return self._graph()

    def _stage(self) -> str:
        """The stage of the crawl that runs, as the files that are there show it."""
        state = self._state
        name = max(set(state.crawls(state.archives)) - self._before, default=None)
        if name is None:
            return "start"
        datasets = state.datasets
        at_datasets = (datasets.archives / name / "crawl.json").exists()
        after = [
            ("load", state.changes / name),
            ("changes", datasets.snapshots / name if at_datasets else state.snapshots / name),
            (f"{OF_DATASETS}snapshot", state.snapshots / name),
            ("snapshot", datasets.archives / name / "walk.json"),
            (f"{OF_DATASETS}walk", Archive(datasets.archives / name).index_file),
            ("snapshot", state.archives / name / "walk.json"),
        ]
        return next((stage for stage, made in after if made.exists()), "walk")

    def _temporary(self) -> int:
        with suppress(FileNotFoundError):
            folders = [f for kind in (self._state.snapshots, self._state.changes) for f in kind.glob("*.tmp")]
            return sum(used(folder) for folder in folders)
        return 0

    def _program(self, endpoint: str, *arguments: str) -> None:
        command = [sys.executable, "-m", "crawler", "-q", *arguments]
        subprocess.run(command, env=self.environment(endpoint), check=True, stdout=subprocess.DEVNULL)

    def environment(self, endpoint: str) -> dict[str, str]:
        """The environment in which the program crawls from `endpoint` into this state folder."""
        ours = {
            "HF_ENDPOINT": endpoint or "http://127.0.0.1",
            "HUB_GENEALOGY_HOME": str(self.home),
            "HUB_GENEALOGY_SWEEP_MAX_TAIL_AGE": "off",  # the newest model of a first night is of its own clock
            "HUB_GENEALOGY_HUB_MAX_CLOCK_SKEW": "off",
            # A night is the walk and what follows from it: benchmarks.enrichment measures these.
            **{f"HUB_GENEALOGY_ENRICH_{topic}": "0" for topic in ("CARDS", "FILES", "OWNERS")},
        }
        theirs = {name: value for name, value in os.environ.items() if not name.startswith(("NEO4J_", "HF_"))}
        return {**theirs, **ours, **self._settings}


def measure(models: int, options: argparse.Namespace, so_far: Callable[[Size], object]) -> Size:
    """Nights and yardsticks at one size; what they leave on the disk is removed at the end.

    `so_far` is called after each night with what is known by then.
    """
    home: Path = options.home / str(models)
    shutil.rmtree(home, ignore_errors=True)
    (home / "hub").mkdir(parents=True)
    logger.info("growing a Hub of %d models", models)
    grown, crawls = GrownHub(models), Crawls(home / "state")
    nights: list[Night] = []
    yardsticks: list[Yardstick] = []
    try:
        for planned in plan(options):
            if planned.share is not None:
                grown.pass_night(planned.share, datetime.now(UTC))
            write_night(home / "hub", grown)
            with PageHub(home / "hub", quota=options.quota, window=options.window) as hub:
                logger.info("%d models: %s", models, planned.title)
                nights.append(crawls.crawl(planned, hub.url))
                if planned.share is None and "list-models" in options.yardsticks:
                    logger.info("%d models: list_models", models)
                    yardsticks.append(_yardstick("list_models", "list-models", hub.url))
            so_far(Size(models, nights, yardsticks, {}))
    finally:
        graph = crawls.stop()
    for kind in YARDSTICKS[1:]:
        if kind in options.yardsticks:
            yardsticks += _load(kind, models, home, crawls.changes(nights[0]))
    if not options.keep:
        shutil.rmtree(home)
    return Size(models, nights, yardsticks, graph)


def plan(options: argparse.Namespace) -> Iterator[Planned]:
    """The crawls of one size, in their order."""
    yield Planned("first night")
    for share in options.nights:
        yield Planned(f"{share:.1%} changed" if share else "unchanged", share)
    for share in options.increments:
        yield Planned(f"increment, {share:.1%} changed", share, ("--incremental",))
    if options.questions:
        cards, files = options.questions
        budgets = {"HUB_GENEALOGY_ENRICH_CARDS": str(cards), "HUB_GENEALOGY_ENRICH_FILES": str(files)}
        yield Planned(f"unchanged, {cards:,} cards and files of {files:,} models", 0.0, settings=budgets)


def _load(kind: str, models: int, home: Path, changes: Path) -> list[Yardstick]:
    """A yardstick of the first load, on a local server of its own; `merge` twice."""
    found, server = [], LocalServer(home / kind)
    try:
        for title in TITLES[kind]:
            logger.info("%d models: %s", models, title)
            if kind == "merge":
                server.start()
            found.append(_yardstick(title, kind, str(server.home), str(changes), server=server))
    finally:
        server.stop()
    return found


def _yardstick(title: str, *arguments: str, server: LocalServer | None = None) -> Yardstick:
    command = [sys.executable, "-m", "benchmarks.yardsticks", *arguments]
    environment = {**os.environ, "HF_HUB_DISABLE_TELEMETRY": "1"}
    ended = run(command, environment, Watched(server.process) if server else Watched())
    return Yardstick(title, ended.said, ended.stages["all"])


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure each size, and print and write the tables."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    options = _options().parse_args(arguments)
    sizes: list[Size] = []

    def write(size: Size) -> str:
        """Write the tables anew: a later night may fail, on a disk that is full."""
        measured = [*sizes, size]
        text, said = markdown(machine(), measured), {"machine": machine(), "sizes": [asdict(one) for one in measured]}
        (options.home / "scale.md").write_text(text, encoding="utf-8")
        (options.home / "scale.json").write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
        return text

    for models in options.models:
        size = measure(models, options, write)
        text = write(size)
        sizes.append(size)
    print(text, end="")
    return 0


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(prog="make bench-scale", description=(__doc__ or "").partition("\n")[0])
    options.add_argument(
        "--models", type=int, nargs="+", default=[100_000], help="how many models the Hub has on its first night; sizes"
    )
    options.add_argument(
        "--nights", type=float, nargs="*", default=[0.0, 0.01], help="the share that each further night changes"
    )
    options.add_argument(
        "--increments",
        type=float,
        nargs="*",
        default=[],
        help="add increments after the nights; each changes this share first",
    )
    options.add_argument(
        "--questions",
        type=int,
        nargs=2,
        metavar=("CARDS", "FILES"),
        help="add a last night that asks for this many cards, and for the files of this many models",
    )
    options.add_argument(
        "--yardsticks", nargs="*", choices=YARDSTICKS, default=YARDSTICKS, help="what is measured beside the nights"
    )
    options.add_argument("--quota", type=int, default=UNLIMITED, help="requests that the Hub allows in a window")
    options.add_argument("--window", type=float, default=300, help="the length of that window, in seconds")
    options.add_argument("--keep", action="store_true", help="keep Hub, state and graphs")
    options.add_argument(
        "--home", type=Path, default=REPOSITORY / "var" / "bench" / "scale", help="where all of it is made"
    )
    return options


if __name__ == "__main__":
    sys.exit(main())
