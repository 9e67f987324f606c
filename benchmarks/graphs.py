"""The graphs that are measured, each made by the real crawler from a simulated Hub, in a state folder that is kept."""

import hashlib
import json
import logging
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import shapes
from crawler import settings
from crawler.crawl import crawl
from crawler.errors import UsageError
from crawler.graph.connection import Graph, open_graph
from crawler.graph.state import check_readable
from crawler.local.server import LocalServer
from crawler.settings import Settings
from crawler.stages import Options
from demo.simulated_hub import SimulatedHub

logger = logging.getLogger(__name__)
REPOSITORY = Path(__file__).parent.parent
# A graph is made anew where any of these changed: they decide what it holds.
_MAKERS = ("records", "snapshot", "changes", "graph")


@dataclass(frozen=True)
class Measured:
    """A graph to put questions to; `names` are models to ask about by name."""

    title: str
    graph: Graph
    names: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def given(values: Settings) -> Iterator[Measured]:
    """The graph that NEO4J_URI names, whatever it holds: nothing is made and nothing is written."""
    with open_graph(values) as graph:
        check_readable(graph)
        yield Measured(f"the graph at {values['neo4j.uri']}", graph)


@contextmanager
def replay(home: Path, data: Path, *, keep: bool = False) -> Iterator[Measured]:
    """The real Hub as the replay files have it: the baseline, and ten weeks later."""
    files = [data / "replay" / "baseline.jsonl.gz", *sorted((data / "replay").glob("week-*.jsonl.gz"))]
    if not files[0].is_file():
        raise UsageError(f"no real data at {data}: name its folder, as in make bench DATA=…")

    def make(values: Callable[[str], Settings]) -> None:
        with SimulatedHub(files[0]) as hub:
            _crawl(values(hub.url))
            for week in files[1:]:
                hub.apply(week)
            _crawl(values(hub.url))

    with _kept(home, [file.name + str(file.stat().st_size) for file in files], make, keep=keep) as graph:
        yield Measured("replay, week 10", graph)


@contextmanager
def shaped(home: Path, size: float = 1.0, *, keep: bool = False) -> Iterator[Measured]:
    """The made Hub of shapes that are hard to search; some models go, and some withdraw, before a second crawl."""

    def make(values: Callable[[str], Settings]) -> None:
        made = shapes.Shapes(size)
        with tempfile.TemporaryDirectory() as folder:
            listing = Path(folder) / "shapes.jsonl"
            listing.write_text("".join(json.dumps(record) + "\n" for record in made.records()), encoding="utf-8")
            with SimulatedHub(listing) as hub:
                _crawl(values(hub.url))
                hub.apply(made.changes())
                _crawl(values(hub.url))

    with _kept(home, [f"size {size}", Path(shapes.__file__).read_text(encoding="utf-8")], make, keep=keep) as graph:
        yield Measured("shapes", graph, shapes.NAMES)


def _crawl(values: Settings) -> None:
    summary: dict[str, Any] = crawl(values, Options())
    logger.info("crawled %d models in %s", summary["models_seen"], summary["seconds"])


@contextmanager
def _kept(
    home: Path, ingredients: list[str], make: Callable[[Callable[[str], Settings]], None], *, keep: bool
) -> Iterator[Graph]:
    """The graph of the state folder `home`, made by `make` where none was, or where its ingredients changed.

    With `keep`, a graph that is there is taken as it is.
    """

    def values(endpoint: str | None = None) -> Settings:
        ours = {
            "home": str(home),
            "sweep.max_tail_age": "off",  # the newest model of a replay is old
            "sweep.max_vanished_share": "1",
            "datasets.crawl": "off",  # the replay lists none
        }
        # Nothing of the user's own: neither their graph nor their token.
        return settings.load(environment={}, overrides=ours | ({"hub.endpoint": endpoint} if endpoint else {}))

    server = LocalServer.from_settings(values())
    mark, made_of = home / "made-of", _digest(ingredients)
    try:
        if not mark.is_file() or not (keep or mark.read_text(encoding="utf-8") == made_of):
            logger.info("making the graph in %s", home)
            server.stop()
            shutil.rmtree(home, ignore_errors=True)
            make(values)
            mark.write_text(made_of, encoding="utf-8")
        with open_graph(values()) as graph:
            yield graph
    finally:
        server.stop()


def _digest(ingredients: list[str]) -> str:
    sources = [path for name in _MAKERS for path in (REPOSITORY / "crawler" / name).rglob("*") if path.is_file()]
    sources += (REPOSITORY / "schema").glob("*.cypher")
    digest = hashlib.sha256("\n".join(ingredients).encode())
    for path in sorted(path for path in sources if path.suffix != ".pyc"):
        digest.update(path.read_bytes())
    return digest.hexdigest()
