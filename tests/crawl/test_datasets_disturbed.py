"""The walk over the data sets is disturbed: after at most one repetition, the graph has the facts of an undisturbed run."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from errno import ENOSPC
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from crawler.graph.connection import Connection, Graph
from crawler.hub import client, rates
from crawler.snapshot import build
from demo.simulated_hub import SimulatedHub
from tests.support.neo4j_for_tests import empty
from tests.support.program import Program, wait_for
from tests.support.small_hub import hub_id, model

SETS = [model(n, f"owner/set-{n}", cardData={"source_datasets": f"owner/set-{n - 1}"}) for n in range(10, 16)]
MODELS = [model(n, f"maker/model-{n}", cardData={"datasets": [f"Owner/SET-{n + 8}"]}) for n in range(1, 7)]
PAGES = 3
# The exit code of a crawl that meets the fault on this page; where it is not 0, another crawl follows.
FAULTS: dict[str, tuple[str, dict[str, Any], dict[int, int]]] = {
    "503": ("status", {"status": 503}, {}),
    "404": ("status", {"status": 404}, {1: 3, 2: 3, 3: 3}),
    "429": ("rate_limited", {"seconds": 0}, {}),
    "a dropped connection": ("drop", {"where": "middle"}, {}),
    "cut JSON": ("truncated", {}, {}),
    "HTML": ("html", {}, {}),
    "no Link": ("no_link", {}, {}),
    "a Link to itself": ("same_page", {}, {}),
    "an empty page": ("empty_page", {}, {}),
    "another listing": ("link", {"value": '</api/models?cursor=x>; rel="next"'}, {1: 3, 2: 3, 3: 3}),
    "ids that are numbers": ("raw_record", {"raw": b'{"_id":17,"id":18}'}, {}),
}


@pytest.fixture(scope="module")
def hub() -> Iterator[SimulatedHub]:
    with SimulatedHub() as running:
        yield running


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the program wait a fiftieth of a second before it asks again."""
    monkeypatch.setattr(client, "LONGEST_WAIT", 0.02)
    monkeypatch.setattr(rates, "LONGEST_WAIT", 0.02)


def program_of(hub: SimulatedHub, home: Path, graph: Connection) -> Program:
    return Program(
        home,
        graph,
        {
            "HF_ENDPOINT": hub.url,
            "HUB_GENEALOGY_DATASETS_CRAWL": "on",
            "HUB_GENEALOGY_HUB_PAGE_SIZE": "2",
            "HUB_GENEALOGY_HUB_PATIENCE": "20s",
            "HUB_GENEALOGY_SWEEP_MAX_VANISHED_SHARE": "1",
        },
    )


def begin(hub: SimulatedHub) -> None:
    hub.begin_anew(MODELS)
    hub.datasets.replace_listing(SETS)


def change(hub: SimulatedHub) -> None:
    hub.datasets.rename(hub_id(11), "owner/renamed")
    hub.datasets.delete(hub_id(14))
    hub.datasets.update(hub_id(13), {"cardData": {"license": "mit"}})


@pytest.fixture(scope="module")
def undisturbed(
    hub: SimulatedHub, connection: Connection, opened_graph: Graph, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """The facts of two nights."""
    empty(opened_graph)
    begin(hub)
    program = program_of(hub, tmp_path_factory.mktemp("undisturbed"), connection)
    program.crawl()
    change(hub)
    program.crawl()
    return program.facts()


@pytest.fixture
def program(hub: SimulatedHub, empty_graph: Connection, tmp_path: Path) -> Program:
    """The program after a first night, beside a Hub that has changed since."""
    begin(hub)
    program = program_of(hub, tmp_path / "home", empty_graph)
    program.crawl()
    change(hub)
    return program


def stalled(program: Program, hub: SimulatedHub) -> subprocess.Popen[str]:
    """A crawl that waits for the third page of the data sets."""
    hub.forget_requests()
    hub.fault("stall", seconds=60, target="datasets", at=3)
    process = program.start("crawl")
    wait_for(process, lambda: len(hub.datasets.listing_requests()) == 3)
    return process


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_on_any_page_leaves_the_facts_of_an_undisturbed_run(
    undisturbed: str, program: Program, hub: SimulatedHub, name: str
) -> None:
    kind, options, codes = FAULTS[name]
    for page in range(1, PAGES + 1):
        hub.fault(kind, target="datasets", at=page, **options)
        program.crawl(code=codes.get(page, 0))
        hub.heal()
    if codes:
        program.crawl()
    assert program.facts() == undisturbed


def test_a_walk_that_is_killed_goes_on_after_its_last_page(
    undisturbed: str, program: Program, hub: SimulatedHub
) -> None:
    process = stalled(program, hub)
    process.kill()
    process.communicate(timeout=30)
    hub.heal()
    hub.forget_requests()
    program.crawl()
    # The models, and the first two pages of the data sets, were in the archive.
    assert hub.listing_requests() == []
    assert len(hub.datasets.listing_requests()) == 2
    assert program.facts() == undisturbed


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("there", ["build.duckdb", "models.parquet"])
def test_the_tables_of_the_models_are_made_beside_the_walk_and_end_with_the_program(
    undisturbed: str, program: Program, hub: SimulatedHub, *, number: signal.Signals, there: str
) -> None:
    process, snapshots = stalled(program, hub), program.home / "snapshots"
    wait_for(process, lambda: any(snapshots.glob(f"*.tmp/{there}")))
    process.send_signal(number)
    _, said = process.communicate(timeout=30)
    if number is signal.SIGKILL:
        assert process.returncode == -number
    else:
        assert process.returncode == 128 + number, said
        assert "finished work is kept" in said
    hub.heal()
    program.crawl()
    assert program.facts() == undisturbed
    assert not any(snapshots.glob("*.tmp"))


def test_a_walk_that_was_interrupted_too_long_ago_is_left_out_and_its_crawl_finished(
    hub: SimulatedHub, empty_graph: Connection, tmp_path: Path
) -> None:
    begin(hub)
    hub.create(model(20, "maker/of-nothing", cardData={"base_model": "nobody/nothing"}))
    program = program_of(hub, tmp_path / "home", empty_graph)
    program.crawl()
    hub.create(model(21, "maker/of-nothing-either", cardData={"base_model": "nobody/either"}))
    process = stalled(program, hub)
    process.kill()
    process.communicate(timeout=30)
    hub.heal()
    hub.forget_requests()
    summary = program.with_settings(HUB_GENEALOGY_SWEEP_RESUME_WITHIN="0s").crawl()
    assert summary["crawl"].startswith("000003-")
    assert summary["warnings"] == []
    # The answers about models were in the archive.
    assert "/api/models/nobody/either" not in {request.path for request in hub.requests()}
    [finished] = program.home.glob("changes/000002-*/changes.json")
    [warning] = json.loads(finished.read_text(encoding="utf-8"))["warnings"]
    assert warning["kind"] == "not_walked"
    assert "its walk was interrupted: it began" in warning["numbers"]["why"]
    assert len(list(program.home.glob("datasets/snapshots/*"))) == 2


def test_a_walk_that_failed_before_the_kill_is_done_again_and_leaves_no_warning(
    undisturbed: str, program: Program, hub: SimulatedHub
) -> None:
    hub.fault("status", status=404, target="datasets", at=2)
    with mock.patch.object(build, "find_families", side_effect=OSError(ENOSPC, os.strerror(ENOSPC))):
        assert program.run("crawl").code == 1
    hub.heal()
    assert program.crawl()["warnings"] == []
    assert program.facts() == undisturbed


def test_questions_about_models_are_asked_before_the_walk(
    hub: SimulatedHub, empty_graph: Connection, tmp_path: Path
) -> None:
    begin(hub)
    hub.create(model(20, "maker/of-nothing", baseModels=None, cardData={"base_model": "nobody/nothing"}))
    hub.forget_requests()
    program_of(hub, tmp_path / "home", empty_graph).crawl()
    paths = [request.path for request in hub.requests()]
    assert paths.index("/api/models/nobody/nothing") < paths.index("/api/datasets")


def test_a_snapshot_that_cannot_be_begun_ends_the_crawl_before_the_walk(
    undisturbed: str, program: Program, hub: SimulatedHub
) -> None:
    (edges,) = program.home.glob("snapshots/*/edges.parquet")
    whole = edges.read_bytes()
    edges.write_bytes(b"PAR1")
    hub.forget_requests()
    result = program.run("crawl")
    assert result.code == 1
    assert any(f"{edges} is not the file that its manifest lists" in message for message in result.messages)
    assert hub.datasets.listing_requests() == []
    edges.write_bytes(whole)
    hub.forget_requests()
    program.crawl()
    assert hub.listing_requests() == []
    assert program.facts() == undisturbed


def test_tables_that_cannot_be_made_do_not_end_the_walk(undisturbed: str, program: Program, hub: SimulatedHub) -> None:
    hub.forget_requests()
    with mock.patch.object(build, "find_families", side_effect=OSError(ENOSPC, os.strerror(ENOSPC))):
        result = program.run("crawl")
    assert result.code == 1
    assert "No space left on device" in result.messages[-1]
    assert len(hub.datasets.listing_requests()) == PAGES + 1  # a last one is empty
    assert len(list(program.home.glob("datasets/archive/*/walk.json"))) == 2
    program.crawl()
    assert program.facts() == undisturbed
