"""How many nights it takes to ask a made Hub for all cards and files within its rate limits, and what that costs.

    python -m benchmarks.enrichment --models 100000 --cards 50000 --files 50000 --quota 500 --resolvers 3000 --window 10

The Hub lists nothing new after the first night, so each night is there for its questions. With `--kill`, the first night is
killed (SIGKILL) while it asks, and run again. Each card takes two requests: one that is redirected, one for the text. The files
of a model take one to the API, whose limit the walk uses, too. The table is Markdown on stdout.
"""

import argparse
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.graphs import REPOSITORY
from benchmarks.grown import GrownHub
from benchmarks.page_hub import Asked, PageHub, write_night
from benchmarks.scale import Crawls, Planned
from benchmarks.scale_report import Night, machine
from demo.simulated_hub.quota import UNLIMITED

logger = logging.getLogger(__name__)
TITLES = (
    "night", "cards", "files", "asked twice", "windows for files", "of each used", "windows of the API", "of each used",
    "refused", "s", "processor s", "MiB", "archive, bytes an answer", "snapshot, MB", "cards known", "links undeclared",
)  # fmt: skip


@dataclass(frozen=True)
class Enriched:
    """One night: what it cost, what it asked for, and what was known afterwards."""

    night: Night
    asked: Asked
    answers: int
    """Bytes of the answers in the archive."""
    known: int
    found: int

    def row(self, limits: Mapping[str, int]) -> tuple[str, ...]:
        """The cells of its row; `limits` are the requests that are allowed in a window, by bucket."""
        cards, files, said = self.asked.cards, self.asked.files, self.night.said
        twice = len(cards) - len(set(cards)) + len(files) - len(set(files))
        stages = self.night.stages.values()
        lines = self.answers / max(len(cards) + len(files), 1)
        used = (cell for bucket in ("resolvers", "api") for cell in self._used(bucket, limits[bucket]))
        return (
            self.night.title, f"{len(cards):,}", f"{len(files):,}", f"{twice:,}", *used,
            f"{self.asked.refused:,}", f"{sum(said['seconds'].values()):.0f}", f"{sum(s.cpu for s in stages):.0f}",
            f"{max(s.memory for s in stages):,}", f"{lines:,.0f}", f"{self.night.disk['snapshot'] / 1e6:.1f}",
            f"{self.known:,}", f"{self.found:,}",
        )  # fmt: skip

    def _used(self, bucket: str, limit: int) -> tuple[str, str]:
        """How many windows there were, and how much of each was used, the first and the last aside: these are used in part."""
        windows = [count for count in self.asked.windows.get(bucket, []) if count]
        whole = windows[1:-1]
        return f"{len(windows)}", f"{sum(whole) / len(whole) / limit:.1%}" if whole else ""


def measure(options: argparse.Namespace) -> list[Enriched]:
    """Nights until a night asks for nothing, or `--nights`."""
    home: Path = options.home
    shutil.rmtree(home, ignore_errors=True)
    (home / "hub").mkdir(parents=True)
    logger.info("growing a Hub of %d models", options.models)
    write_night(home / "hub", GrownHub(options.models))
    settings = {
        "HUB_GENEALOGY_ENRICH_CARDS": str(options.cards),
        "HUB_GENEALOGY_ENRICH_FILES": str(options.files),
        "HUB_GENEALOGY_DATASETS_CRAWL": "off",  # nothing is asked about them
    }
    crawls = Crawls(home / "state", settings)
    nights: list[Enriched] = []
    try:
        while len(nights) < options.nights and (not nights or nights[-1].asked.cards or nights[-1].asked.files):
            title = str(len(nights) + 1)
            logger.info("night %s", title)
            with PageHub(
                home / "hub",
                quota=options.quota,
                resolvers=options.resolvers,
                window=options.window,
                latency=options.latency,
            ) as hub:
                if options.kill and not nights:
                    killed_while_asking(crawls, hub.url, (options.cards + options.files) // 2)
                night = crawls.crawl(Planned(title), hub.url)
            nights.append(Enriched(night, hub.asked, *_known(crawls)))
    finally:
        crawls.stop()
    if not options.keep:
        shutil.rmtree(home)
    return nights


def killed_while_asking(crawls: Crawls, endpoint: str, answers: int) -> None:
    """Start a crawl, and kill it as soon as its archive holds that number of answers."""
    command = [sys.executable, "-m", "crawler", "-q", "crawl"]
    with subprocess.Popen(command, env=crawls.environment(endpoint), start_new_session=True) as program:
        while sum(_lines(path) for path in crawls.home.glob("archive/*/details.jsonl")) < answers:
            if program.poll() is not None:
                raise RuntimeError("the crawl ended before it could be killed")
            time.sleep(0.2)
        os.killpg(program.pid, signal.SIGKILL)
    logger.info("killed after %d answers", answers)


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _ in file)


def _known(crawls: Crawls) -> tuple[int, int, int]:
    answers = max(crawls.home.glob("archive/*")) / "details.jsonl"
    newest = max(crawls.home.glob("snapshots/*/snapshot.json"))
    profile = json.loads(newest.read_bytes())["profile"]
    size = answers.stat().st_size if answers.exists() else 0
    return size, profile["listed_with_known_card"], profile["listed_with_undeclared_parent"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print the table."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    options = argparse.ArgumentParser(
        prog="python -m benchmarks.enrichment", description=(__doc__ or "").partition("\n")[0]
    )
    options.add_argument("--models", type=int, default=100_000)
    options.add_argument("--cards", type=int, default=50_000, help="cards a night (enrich.cards)")
    options.add_argument("--files", type=int, default=0, help="models a night whose files are asked for (enrich.files)")
    options.add_argument("--quota", type=int, default=UNLIMITED, help="requests to the API in a window")
    options.add_argument("--latency", type=float, default=0, help="seconds that the Hub takes for an answer")
    options.add_argument(
        "--resolvers", type=int, default=3000, help="requests for files that the Hub allows in a window"
    )
    options.add_argument("--window", type=float, default=300, help="the length of that window, in seconds")
    options.add_argument("--nights", type=int, default=100, help="at most so many")
    options.add_argument("--kill", action="store_true", help="kill the first night while it asks, and run it again")
    options.add_argument("--keep", action="store_true", help="keep Hub, state and graph")
    options.add_argument("--home", type=Path, default=REPOSITORY / "var" / "bench" / "enrichment")
    given = options.parse_args(arguments)
    nights = measure(given)
    print(f"{machine()}\n\n| {' | '.join(TITLES)} |\n|{'--:|' * len(TITLES)}")
    for night in nights:
        print(f"| {' | '.join(night.row({'resolvers': given.resolvers, 'api': given.quota}))} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
