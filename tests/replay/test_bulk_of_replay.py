"""Ten weeks of the real Hub, imported by neo4j-admin and loaded over Bolt: one graph, to the last property and label.

One model in SHARE is in the run, chosen by its key: all of them take several minutes.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest

from crawler.graph.connection import open_connection
from crawler.local.server import LocalServer
from demo.simulated_hub import SimulatedHub
from tests.support.graph_parts import labelled
from tests.support.program import Program
from tests.support.replays import lines

pytestmark = [pytest.mark.replay, pytest.mark.timeout(1800)]

SHARE = 10
IMPORT = {"HUB_GENEALOGY_LOAD_BULK_ROWS": "1", "HUB_GENEALOGY_LOAD_BULK_SHARE": "0"}
ROWS = {"HUB_GENEALOGY_LOAD_BULK_ROWS": "100000000"}
MEMORY = {"HUB_GENEALOGY_NEO4J_HEAP": "1g", "HUB_GENEALOGY_NEO4J_PAGE_CACHE": "256m"}


def kept(changes: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [c for c in changes if crc32((c.get("_id") or c["record"]["_id"]).encode()) % SHARE == 0]


@pytest.fixture(scope="module")
def week_10(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A state folder with a server of its own: the baseline, then ten weeks in one night; its graph is imported."""
    weeks = sorted((data / "replay").glob("week-*.jsonl.gz"))
    assert len(weeks) == 10
    with SimulatedHub(kept(lines(data / "replay" / "baseline.jsonl.gz"))) as hub:
        settings = {"HF_ENDPOINT": hub.url, "HUB_GENEALOGY_SWEEP_MAX_VANISHED_SHARE": "1", **MEMORY, **IMPORT}
        program = Program(tmp_path_factory.mktemp("bulk"), None, settings)
        try:
            program.crawl()
            for week in weeks:
                hub.apply(kept(lines(week)))
            program.crawl()
            yield program
        finally:
            program.run("db", "stop")


def labels_of(program: Program) -> dict[tuple[str, tuple[str, ...]], int]:
    connection = LocalServer(program.home, heap="1g", page_cache="256m").start()
    with open_connection(connection) as graph:
        return dict(labelled(graph))


def test_an_import_of_ten_weeks_is_the_graph_that_bolt_makes(
    week_10: Program, capsys: pytest.CaptureFixture[str]
) -> None:
    imported = week_10.digest(), week_10.facts(), labels_of(week_10)
    assert {status for status, _labels in imported[2]} == {"listed", "gone", "absent"}

    rebuilt = week_10.with_settings(**ROWS).run("rebuild")
    assert (rebuilt.code, [m for m in rebuilt.messages if "importing" in m]) == (0, []), rebuilt.err
    assert (week_10.digest(), week_10.facts(), labels_of(week_10)) == imported
    with capsys.disabled():
        print(f"\ngraph hash, imported and over Bolt: {imported[0]}; of the facts: {imported[1]}", end="", flush=True)
