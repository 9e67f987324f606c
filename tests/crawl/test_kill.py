"""`kill -9` anywhere, then the same command again: the graph of an undisturbed run."""

import random
import subprocess
import time
from collections.abc import Callable, Iterator

import neo4j
import pytest

from crawler.graph.connection import Connection, open_connection
from demo import SAMPLE
from demo.simulated_hub import SimulatedHub
from tests.support.neo4j_for_tests import empty
from tests.support.program import Program, wait_for

MAXIMUM_SECONDS = 60


@pytest.fixture(scope="module")
def driver(connection: Connection) -> Iterator[neo4j.Driver]:
    with neo4j.GraphDatabase.driver(connection.uri, auth=(connection.username, connection.password)) as opened:
        yield opened


@pytest.fixture(scope="module")
def undisturbed(connection: Connection, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """The facts after a first crawl and after a second one of a Hub that changed, neither of them disturbed."""
    with open_connection(connection) as graph:
        empty(graph)
    with SimulatedHub(SAMPLE) as hub:
        program = Program(tmp_path_factory.mktemp("undisturbed"), connection, {"HF_ENDPOINT": hub.url})
        program.crawl()
        first = program.facts()
        change(hub)
        program.crawl()
        return first, program.facts()


def change(hub: SimulatedHub) -> None:
    hub.rename("HuggingFaceH4/zephyr-7b-beta", "HuggingFaceH4/zephyr-7b-final")
    hub.delete("mistralai/Mistral-7B-Instruct-v0.2")
    hub.update("TheBloke/zephyr-7B-beta-GGUF", {"tags": ["gguf"], "cardData": {}, "baseModels": None})


def kill_when(program: Program, reached: Callable[[], bool]) -> None:
    """Start a crawl and kill it as soon as `reached`; fail where it ends before that."""
    process = program.start("crawl")
    try:
        wait_for(process, reached, MAXIMUM_SECONDS, pause=0.002)
    finally:
        process.kill()
        process.communicate(timeout=30)  # ends when nobody has its output open: no worker outlives it
    assert process.returncode == -9


def there(program: Program, pattern: str) -> Callable[[], bool]:
    return lambda: any(program.home.glob(pattern))


def loaded_to(driver: neo4j.Driver, step: int) -> Callable[[], bool]:
    """Whether a load has come to the given step."""

    def reached() -> bool:
        with driver.session() as session:
            found = session.run("MATCH (c:Crawl {state: 'loading'}) RETURN max(c.step) AS step").single(strict=True)
            return found["step"] is not None and found["step"] >= step

    return reached


# Where the kill strikes: what must be there at that moment. The steps of a load are those of crawler.graph.statements.
PLACES: dict[str, Callable[[Program, neo4j.Driver, SimulatedHub], Callable[[], bool]]] = {
    "before the first page": lambda program, _d, _h: there(program, "archive/*/crawl.json"),
    "in the walk": lambda program, _d, _h: there(program, "archive/*/pages/000004.json.gz"),
    "at the walk's end": lambda program, _d, _h: there(program, "archive/*/walk.json"),
    "in the snapshot": lambda program, _d, _h: there(program, "snapshots/*.tmp"),
    "after the snapshot": lambda program, _d, _h: there(program, "snapshots/*/snapshot.json"),
    "in the changes": lambda program, _d, _h: there(program, "changes/*.tmp"),
    "in the load, among the models": lambda _p, driver, _h: loaded_to(driver, 0),
    "in the load, among the owners": lambda _p, driver, _h: loaded_to(driver, 1),
    "in the load, among the edges": lambda _p, driver, _h: loaded_to(driver, 5),
    "in the load, among the licences": lambda _p, driver, _h: loaded_to(driver, 8),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_first_crawl_that_was_killed_ends_in_the_same_graph(
    place: str, program: Program, hub: SimulatedHub, driver: neo4j.Driver, undisturbed: tuple[str, str]
) -> None:
    slow = program.with_settings(HUB_GENEALOGY_LOAD_BATCH_ROWS="3")
    kill_when(slow, PLACES[place](slow, driver, hub))
    program.crawl()
    assert program.facts() == undisturbed[0]
    assert not list(program.home.glob("*/*.tmp"))


def test_the_workers_of_a_snapshot_end_with_the_crawl_that_was_killed(
    program: Program, undisturbed: tuple[str, str]
) -> None:
    # Enough pages for several tasks, and so for several processes.
    many = program.with_settings(HUB_GENEALOGY_HUB_PAGE_SIZE="1")
    kill_when(many, there(many, "archive/*/rows/*.tmp/models.jsonl"))
    many.crawl()
    assert program.facts() == undisturbed[0]


@pytest.mark.parametrize("seed", range(6))
def test_crawls_that_were_killed_at_random_end_in_the_same_graph(
    seed: int, program: Program, hub: SimulatedHub, undisturbed: tuple[str, str]
) -> None:
    chance = random.Random(seed)
    program.crawl()
    change(hub)
    slow = program.with_settings(HUB_GENEALOGY_LOAD_BATCH_ROWS="1")
    kills, longest = 0, 2.5
    while kills < 3:
        process = slow.start("crawl")
        try:
            process.communicate(timeout=chance.uniform(0.3, longest))
            longest = 0.3 + (longest - 0.3) / 2  # this machine is quicker than that
        except subprocess.TimeoutExpired:
            kills += 1
            process.kill()
            process.communicate()
    program.crawl()
    assert program.facts() == undisturbed[1]


def test_a_rebuild_that_was_killed_says_so_and_goes_on(
    program: Program, driver: neo4j.Driver, undisturbed: tuple[str, str]
) -> None:
    program.crawl()
    before = program.digest()
    slow = program.with_settings(HUB_GENEALOGY_LOAD_BATCH_ROWS="1")
    process = slow.start("rebuild")
    building = loaded_to(driver, 0)
    try:
        while not building():
            assert process.poll() is None
            time.sleep(0.002)
    finally:
        process.kill()
        process.communicate()
    asked = program.run("query", "descendants", "--model", "mistralai/Mistral-7B-v0.1")
    assert (asked.code, asked.out) == (75, "")
    assert "being built" in asked.messages[-1]
    loaded = program.run("load")
    assert loaded.code == 0, loaded.err
    assert program.digest() == before
    assert program.facts() == undisturbed[0]


def test_sigterm_keeps_the_walk_and_exits_143(
    program: Program, hub: SimulatedHub, undisturbed: tuple[str, str]
) -> None:
    hub.fault("stall", seconds=20, at=4)
    process = program.start("crawl")
    while not (program.home / "archive").exists() or not list(program.home.glob("archive/*/pages/000003.json.gz")):
        assert process.poll() is None
        time.sleep(0.01)
    process.terminate()
    _out, err = process.communicate(timeout=30)
    assert process.returncode == 143
    assert "the same command resumes from there" in err
    hub.heal()
    hub.forget_requests()
    program.crawl()
    assert len(hub.listing_requests()) < 9
    assert program.facts() == undisturbed[0]
