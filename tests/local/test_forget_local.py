"""After `forget`, the local server's store, its transaction logs and a dump of its database do not hold the name."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler import ledger
from crawler.local.server import LocalServer
from demo.simulated_hub import SimulatedHub
from tests.support.every_byte import holding
from tests.support.person import LISTING, NAME, first_night, second_night, third_night
from tests.support.program import Program, Result

SETTINGS = {
    "HUB_GENEALOGY_NEO4J_HEAP": "512m",
    "HUB_GENEALOGY_NEO4J_PAGE_CACHE": "64m",
    "HUB_GENEALOGY_HUB_PAGE_SIZE": "10",
    "HUB_GENEALOGY_SWEEP_MAX_VANISHED_SHARE": "1",
}


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    with SimulatedHub(LISTING) as hub:
        program = Program(tmp_path / "home", None, {"HF_ENDPOINT": hub.url, **SETTINGS})
        try:
            for night in (first_night, second_night, third_night):
                night(hub)
                program.crawl()
            yield program
        finally:
            program.run("db", "stop")


def done(result: Result) -> Result:
    assert result.code == 0, result.err
    return result


def test_no_byte_is_left_in_the_local_server_or_in_a_dump_of_it(program: Program, tmp_path: Path) -> None:
    done(program.run("db", "stop"))  # so that the store is written
    before = holding(program.home, NAME)
    assert any(where.startswith("neo4j/data/databases/neo4j/") for where in before)
    assert any(where.startswith("neo4j/data/transactions/neo4j/") for where in before)
    store = program.home / "neo4j" / "data" / "databases" / "neo4j"
    was = store.stat().st_ino

    said = done(program.run("forget", NAME, "--yes"))
    assert not [message for message in said.messages if "may hold the name" in message]
    # Whatever way the store packs texts in: it is another store, made of files without the name.
    assert store.stat().st_ino != was
    assert holding(program.home, NAME) == []
    assert program.crawl()["rows_written"] == 0
    done(program.run("rebuild"))
    assert holding(program.home, NAME) == []

    done(program.run("db", "stop"))
    assert holding(program.home, NAME) == []
    server = LocalServer(program.home, heap="512m", page_cache="64m")
    dumps = tmp_path / "dumps"
    dumps.mkdir()
    server.admin("database", "dump", "neo4j", f"--to-path={dumps}")
    # A dump is packed as no library here can unpack it; loaded, it is a store and its logs again.
    other = LocalServer(tmp_path / "other", heap="512m", page_cache="64m")
    other.admin("database", "load", "neo4j", f"--from-path={dumps}")
    assert list((tmp_path / "other" / "neo4j" / "data" / "databases" / "neo4j").iterdir())
    assert holding(tmp_path / "other", NAME) == []
    assert len(ledger.read(program.home).tokens) == 1
