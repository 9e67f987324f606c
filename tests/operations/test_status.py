"""`hub-genealogy status`: what it says before a crawl, after one, beside one, and without a database."""

import re
import socket
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from crawler.cli.status import _ago
from crawler.graph.connection import Connection, open_connection
from crawler.graph.lease import leased
from crawler.operations.status import _way_to_local
from crawler.state import State
from demo.simulated_hub import SimulatedHub
from tests.support.program import Program
from tests.support.somebody_else import somebody_else

FIELDS = [
    "home", "exists", "locked", "others", "last_run", "last_crawl", "last_complete", "datasets", "interrupted", "archives",
    "snapshots", "change_sets", "cases", "cards", "files", "forgotten", "feeds", "graph", "bytes",
]  # fmt: skip


def status(program: Program) -> dict[str, Any]:
    result = program.run("status", "--format", "json")
    assert result.code == 0, result.err
    found: dict[str, Any] = result.json()
    return found


def table(program: Program) -> str:
    result = program.run("status")
    assert result.code == 0, result.err
    return result.out


def test_before_the_first_crawl_nothing_is_made_and_no_server_is_started(without_graph: Program) -> None:
    found = status(without_graph)
    assert list(found) == FIELDS
    assert (found["exists"], found["locked"], found["last_crawl"], found["change_sets"]) == (False, False, None, 0)
    assert (found["graph"]["running"], found["graph"]["uri"]) == (False, None)
    assert found["graph"]["problem"] is None
    assert found["forgotten"] is None
    assert (found["last_run"], found["last_complete"]) == (None, None)
    assert found["bytes"]["free"] > 0
    text = table(without_graph)
    assert re.search(r"^graph +none yet$", text, re.MULTILINE)
    assert "db start" not in text
    assert not without_graph.home.exists()


def test_after_a_crawl_it_says_what_is_where(program: Program) -> None:
    summary = program.crawl()
    found = status(program)
    last = found["last_crawl"]
    assert (last["crawl"], last["kind"], last["complete"]) == (summary["crawl"], "full", True)
    assert (last["models_seen"], last["warnings"]) == (172, [])
    assert 0 <= last["age_seconds"] < 600
    assert (found["archives"], found["snapshots"], found["change_sets"]) == (1, 1, 1)
    graph = found["graph"]
    assert (graph["running"], graph["at"], graph["building"], graph["lacks"]) == (True, summary["crawl"], False, [])
    assert graph["problem"] is None
    assert all(found["bytes"][name] > 1000 for name in ("archive", "snapshots", "changes"))
    text = table(program)
    assert re.search(rf"^last crawl +{summary['crawl']}, full, complete, 172 models seen$", text, re.MULTILINE)
    assert re.search(rf"^graph +\S+, stands at crawl {summary['crawl']}$", text, re.MULTILINE)


def test_the_last_run_is_said_with_its_end_and_the_last_complete_crawl_with_its_age(program: Program) -> None:
    complete = program.crawl()["crawl"]
    found = status(program)
    run, last = found["last_run"], found["last_complete"]
    assert (run["command"], run["exit_code"], run["reason"]) == ("crawl", 0, None)
    assert 0 <= run["age_seconds"] < 600
    assert (last["crawl"], last["models_seen"]) == (complete, 172)
    assert 0 <= last["age_seconds"] < 600

    program.crawl("--max-models", "20")
    found = status(program)
    assert (found["last_complete"]["crawl"], found["last_crawl"]["complete"]) == (complete, False)
    assert re.search(rf"^last complete +{complete}, ended \d+ (s|min) ago$", table(program), re.MULTILINE)


def test_a_run_that_failed_is_said_with_its_code_and_reason(program: Program, hub: SimulatedHub) -> None:
    hub.fault("status", status=403)
    failed = program.run("crawl")
    assert failed.code == 1
    run = status(program)["last_run"]
    assert (run["command"], run["exit_code"], run["reason"]) == ("crawl", 1, failed.messages[-1])
    assert re.search(r"^last run +crawl, exit code 1, \d+ (s|min) ago: \S+", table(program), re.MULTILINE)


def test_what_a_safety_check_refused_is_said_as_refused(program: Program, hub: SimulatedHub) -> None:
    program.crawl()
    for record in hub.records()[:40]:
        hub.delete(record["_id"])
    summary = program.crawl(code=3)
    found = status(program)
    assert found["last_run"]["exit_code"] == 3
    assert found["last_crawl"]["refused"] == summary["warnings"]
    assert re.search(r"^ +refused: 40 of 172 listed models vanished", table(program), re.MULTILINE)


def test_a_second_run_beside_the_first_leaves_the_note_of_the_first(program: Program) -> None:
    program.crawl()
    with State(program.home).locked():
        assert program.run("crawl").code == 75
        assert status(program)["last_run"]["exit_code"] == 0


def test_a_note_of_the_last_run_that_is_damaged_is_said_by_status_and_doctor(program: Program) -> None:
    program.crawl()
    file = program.home / "run.json"
    file.write_text("{", encoding="utf-8")
    result = program.run("status")
    assert (result.code, result.messages[-1].startswith(f"{file} is damaged")) == (1, True)
    checks = {check["name"]: check["verdict"] for check in program.run("doctor", "--format", "json").json()}
    assert (checks["last run"], checks["files"]) == ("fail", "ok")


def test_a_stopped_server_of_a_state_is_said_with_the_way_to_start_it(without_graph: Program) -> None:
    (without_graph.home / "neo4j" / "data" / "databases").mkdir(parents=True)
    assert "hub-genealogy db start" in status(without_graph)["graph"]["problem"]
    assert re.search(r"^graph +local, not running$", table(without_graph), re.MULTILINE)


def test_a_server_that_this_user_may_not_look_at_is_not_said_to_be_stopped() -> None:
    with TemporaryDirectory(dir="/tmp") as folder:  # a place that another user can reach
        program = Program(Path(folder) / "home", None, {})
        run = program.home / "neo4j" / "run"
        (program.home / "changes").mkdir(parents=True)
        (program.home / "neo4j" / "data" / "databases").mkdir(parents=True)
        run.mkdir()
        (run / "server.json").write_text("{}", encoding="utf-8")
        assert "not running" in table(program)
        Path(folder).chmod(0o755)
        run.chmod(0)
        with somebody_else():
            text = table(program)
        run.chmod(0o700)
    assert re.search(r"^graph +local, not known whether it runs$", text, re.MULTILINE)
    assert "ask as its owner" in text
    assert "not running" not in text


def test_after_the_local_graph_was_erased_the_way_to_make_it_anew_is_said(without_graph: Program) -> None:
    (without_graph.home / "changes" / "20250101T030000Z").mkdir(parents=True)
    problem = "there is no local graph: hub-genealogy rebuild makes it from the change sets"
    assert _way_to_local(without_graph.home) == problem


def test_the_writer_of_the_graph_is_said_wherever_it_works(program: Program, empty_graph: Connection) -> None:
    assert status(program)["graph"]["lease"] is None
    with open_connection(empty_graph) as graph, leased(graph, "another state"):
        held = status(program)["graph"]["lease"]
        assert re.fullmatch(rf"{re.escape(socket.gethostname())} since \S+, until \S+", held)
        assert re.search(r"^ +its writer: ", table(program), re.MULTILINE)
    assert status(program)["graph"]["lease"] is None


def test_a_database_that_is_away_is_said_and_is_no_failure(program: Program) -> None:
    program.crawl()
    assert program.connection is not None
    away = replace(program, connection=replace(program.connection, uri="bolt://127.0.0.1:1"))
    found = status(away)
    assert found["last_crawl"] is not None
    assert (found["graph"]["running"], found["graph"]["at"]) == (False, None)
    assert "no Neo4j answers at bolt://127.0.0.1:1" in found["graph"]["problem"]
    assert "no answer" in table(away)


def test_a_wrong_password_is_said_and_is_no_failure(program: Program) -> None:
    assert program.connection is not None
    other = replace(program, connection=replace(program.connection, password="wrong password"))
    graph = status(other)["graph"]
    assert "refuses the user" in graph["problem"]
    assert graph["running"]
    assert "runs, but cannot be read" in table(other)


def test_a_graph_of_another_state_is_said(program: Program) -> None:
    program.crawl()
    other = replace(program, home=program.home.with_name("other"))
    (other.home / "changes").mkdir(parents=True)
    graph = status(other)["graph"]
    assert "another state folder" in graph["problem"]
    assert graph["lacks"] is None


def test_beside_a_walk_and_after_its_kill_it_says_how_far_it_is(program: Program, hub: SimulatedHub) -> None:
    hub.fault("stall", seconds=60, at=5)
    process = program.start("crawl")
    try:
        deadline = time.monotonic() + 60
        while len(list(program.home.glob("archive/*/pages/*.gz"))) < 4:
            assert process.poll() is None, process.communicate()[1]
            assert time.monotonic() < deadline
            time.sleep(0.02)
        found = status(program)
        assert found["locked"]
        assert "in work" in table(program)
        assert re.search(r"^last run +crawl, began \d+ (s|min) ago, at work$", table(program), re.MULTILINE)
    finally:
        process.kill()
        process.communicate()
    assert (found["interrupted"]["pages"], found["interrupted"]["models"]) == (4, 80)
    assert not found["interrupted"]["walked"]
    found = status(program)
    assert not found["locked"]
    assert found["interrupted"]["pages"] == 4
    assert found["graph"]["lease"].endswith("; that run was killed, and the next one takes over")
    assert "the next run goes on with it" in table(program)
    assert "did not end: it was killed, or the machine stopped" in table(program)

    program.crawl()
    assert status(program)["interrupted"] is None


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-5, "0 s"), (3500, "58 min"), (7260, "2 h 1 min"), (86_399, "1 day 0 h"), (172_800, "2 days 0 h")],
)
def test_ages_are_written_for_people(seconds: int, text: str) -> None:
    assert _ago(seconds) == f"{text} ago"
