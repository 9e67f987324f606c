"""What a user can get wrong: one clear line on stderr, the right exit code, nothing on stdout, no traceback."""

import json
import resource
import socket
import subprocess
from pathlib import Path

import neo4j
import pytest

from crawler.graph.connection import Connection
from demo.simulated_hub import SimulatedHub
from tests.support.neo4j_for_tests import erase
from tests.support.program import Program, Result


def the_line(result: Result) -> str:
    """The one line of the error."""
    assert result.out == ""
    assert "Traceback" not in result.err
    errors = [line for line in map(json.loads, result.err.splitlines()) if line["level"] == "error"]
    assert len(errors) == 1, result.err
    message: str = errors[0]["message"]
    assert "\n" not in message
    return message


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_no_neo4j(program: Program) -> None:
    uri = f"bolt://127.0.0.1:{free_port()}"
    for command in (["crawl"], ["load"], ["query", "top_parents"], ["graph", "hash"]):
        result = program.with_settings(NEO4J_URI=uri).run(*command)
        assert result.code == 75
        assert uri in the_line(result)


def test_an_address_that_is_none(program: Program) -> None:
    result = program.with_settings(NEO4J_URI="localhost:7687").run("query", "top_parents")
    assert result.code == 2
    assert "NEO4J_URI" in the_line(result)


def test_wrong_password(program: Program) -> None:
    result = program.with_settings(NEO4J_PASSWORD="not-the-password").run("crawl")
    assert result.code == 1
    assert "NEO4J_PASSWORD" in the_line(result)


def test_wrong_database(program: Program) -> None:
    result = program.with_settings(NEO4J_DATABASE="elsewhere").run("query", "top_parents")
    assert result.code == 1
    assert "NEO4J_DATABASE" in the_line(result)


def test_an_empty_graph_gives_no_empty_answer(program: Program) -> None:
    result = program.run("query", "top_parents")
    assert result.code == 1
    assert "hub-genealogy crawl" in the_line(result)


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["query", "descendant", "--model", "x/y"], "descendants"),
        (["query", "descendants"], "model"),
        (["query", "descendants", "--model", "x/y", "-p", "limit=many"], "limit"),
        (["query", "descendants", "--model", "x/y", "-p", "as_of=yesterday"], "as_of"),
        (["query", "descendants", "-p", "modle=x/y"], "model"),
        (["query"], "--list"),
        (["--set", "sweep.max_tail_agee=off", "crawl"], "sweep.max_tail_age"),
        (["--set", "sweep.max_tail_age=soon", "crawl"], "30s, 10m, 6h or 7d"),
        (["--set", "sweep.max_tail_age", "crawl"], "VALUE"),
        (["--config", "nowhere.yml", "crawl"], "nowhere.yml"),
    ],
)
def test_usage(program: Program, arguments: list[str], hint: str) -> None:
    result = program.run(*arguments)
    assert result.code == 2
    assert hint in the_line(result)


def test_an_unknown_setting_in_the_environment(program: Program) -> None:
    result = program.with_settings(HUB_GENEALOGY_SWEEP_MAX_TAIL_AGES="off").run("crawl")
    assert result.code == 2
    assert "HUB_GENEALOGY_SWEEP_MAX_TAIL_AGE" in the_line(result)


def test_an_unknown_model_gets_the_nearest_names(program: Program) -> None:
    program.crawl()
    result = program.run("query", "descendants", "--model", "mistralai/Mistral-7B-v0.4", "--format", "json")
    assert result.code == 1
    assert "mistralai/Mistral-7B-v0.1" in the_line(result)


def test_another_case_and_an_address_of_the_hub_are_resolved_and_said(program: Program) -> None:
    program.crawl()
    wanted = program.run("query", "children", "--model", "mistralai/Mistral-7B-v0.1", "--format", "jsonl")
    assert wanted.code == 0
    assert wanted.out
    for spelling in ("MISTRALAI/mistral-7b-V0.1", "https://huggingface.co/mistralai/Mistral-7B-v0.1/tree/main"):
        result = program.run("query", "children", "--model", spelling, "--format", "jsonl")
        assert (result.code, result.out) == (0, wanted.out)
        assert any("mistralai/Mistral-7B-v0.1" in message for message in result.messages)


def test_the_hub_is_unreachable(program: Program) -> None:
    address = f"http://127.0.0.1:{free_port()}"
    result = program.with_settings(HF_ENDPOINT=address, HUB_GENEALOGY_HUB_PATIENCE="1s").run("crawl")
    assert result.code == 75
    line = the_line(result)
    assert address in line
    assert "HF_ENDPOINT" in line


def test_the_hub_refuses_a_request(program: Program, hub: SimulatedHub) -> None:
    hub.fault("status", status=403, body='{"error": "no"}', times=None)
    result = program.run("crawl")
    assert result.code == 1
    assert "403" in the_line(result)


def test_a_full_disk_keeps_what_was_walked(program: Program, hub: SimulatedHub, tmp_path: Path) -> None:
    # The system refuses to let any file of this process grow beyond the limit, as a full disk refuses any growth.
    limit = 5000
    with subprocess.Popen(
        ["sh", "-c", 'exec "$@"', "sh", *_command(program, "crawl")],
        env=program.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),  # noqa: PLW1509  # no threads here
    ) as process:
        out, err = process.communicate(timeout=120)
    line = the_line(Result(process.returncode, out, err))
    assert process.returncode == 1
    assert "archive" in line
    assert "free some space" in line
    [index] = program.home.glob("archive/*/pages.jsonl")
    kept = len(index.read_text().splitlines())
    assert 0 < kept < 9
    hub.forget_requests()
    assert program.crawl()["complete"] is True
    assert len(hub.listing_requests()) == 9 - kept + 1  # the last page is asked for twice


def _command(program: Program, *arguments: str) -> list[str]:
    process = program.start("--version")
    process.communicate()
    return [*(str(part) for part in list(process.args)[:3]), *arguments]  # type: ignore[arg-type]  # a list, as Program starts it


def test_a_state_folder_of_a_newer_version(program: Program) -> None:
    program.home.mkdir()
    (program.home / "state.json").write_text('{"version": 99, "id": "x", "graph_at": null}')
    for command in ("crawl", "load", "rebuild"):
        result = program.run(command)
        assert result.code == 1
        assert "upgrade this installation" in the_line(result)


def test_a_second_crawl_on_the_same_state_stops_at_once(program: Program, hub: SimulatedHub) -> None:
    hub.fault("stall", seconds=60, at=2)
    first = program.start("crawl")
    try:
        while len(hub.listing_requests()) < 1:
            assert first.poll() is None
        result = program.run("crawl")
        assert result.code == 75
        assert "another process" in the_line(result)
    finally:
        first.kill()
        first.communicate()


def test_a_lost_state_is_refused_with_the_way_out(program: Program, tmp_path: Path) -> None:
    program.crawl()
    elsewhere = Program(tmp_path / "elsewhere", program.connection, program.settings)
    result = elsewhere.run("crawl")
    assert result.code == 1
    assert "rebuild" in the_line(result)


def test_a_lost_graph_is_refused_and_rebuilt(program: Program, empty_graph: Connection) -> None:
    program.crawl()
    before = program.digest()
    with neo4j.GraphDatabase.driver(empty_graph.uri, auth=(empty_graph.username, empty_graph.password)) as driver:
        erase(driver, empty_graph.database)
    result = program.run("crawl")
    assert result.code == 1
    assert "hub-genealogy rebuild" in the_line(result)
    assert program.run("rebuild").code == 0
    assert program.digest() == before


def test_a_graph_that_something_else_changed_is_noticed(program: Program, empty_graph: Connection) -> None:
    program.crawl()
    with (
        neo4j.GraphDatabase.driver(empty_graph.uri, auth=(empty_graph.username, empty_graph.password)) as driver,
        driver.session(database=empty_graph.database) as session,
    ):
        session.run("MATCH ()-[r:DERIVED_FROM]->() WITH r LIMIT 3 DELETE r").consume()
    result = program.run("crawl")
    assert result.code == 1
    assert "rebuild" in the_line(result)
