"""`hub-genealogy doctor`: that it finds what is wrong, says what to do, and leaves everything as it is."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import neo4j
import pytest

from crawler import settings
from crawler.errors import UsageError
from crawler.graph.connection import Connection
from crawler.operations import doctor as module
from crawler.operations.hub_check import check_hub
from demo.simulated_hub import SimulatedHub
from tests.support.program import Program
from tests.support.small_hub import FAMILY

Checks = dict[str, tuple[str, str]]


def doctor(program: Program, code: int) -> Checks:
    result = program.run("doctor", "--format", "json")
    assert result.code == code, (result.out, result.err)
    return {check["name"]: (check["verdict"], check["message"]) for check in result.json()}


def hub_said(hub: SimulatedHub, **environment: str) -> tuple[str, str]:
    check = check_hub(settings.load(environment={"HF_ENDPOINT": hub.url, **environment}))
    return check.verdict, check.message


def run(program: Program, statement: str) -> None:
    graph = program.connection
    assert graph is not None
    with (
        neo4j.GraphDatabase.driver(graph.uri, auth=(graph.username, graph.password)) as driver,
        driver.session(database=graph.database) as session,
    ):
        session.run(statement).consume()


def test_a_fresh_installation_is_well_and_stays_untouched(without_graph: Program, hub: SimulatedHub) -> None:
    found = doctor(without_graph, code=0)
    assert list(found) == ["program", "settings", "extra local", "extra fast", "state", "space", "hub", "neo4j"]
    assert {name for name, (verdict, _) in found.items() if verdict != "ok"} <= {"neo4j", "extra fast"}
    assert found["neo4j"][0] == "warn"
    assert "hub-genealogy db start" in found["neo4j"][1]
    assert not without_graph.home.exists()
    assert len(hub.requests()) == 1


def test_after_a_crawl_all_is_well_and_said_in_one_line_each(program: Program) -> None:
    crawl = program.crawl()["crawl"]
    result = program.run("doctor")
    assert result.code == 0, result.out
    lines = [line.split(maxsplit=1) for line in result.out.splitlines()]
    assert {verdict for verdict, _ in lines} <= {"ok", "warn"}
    for part in ("schema       applied", "lock         free", f"stands at crawl {crawl} and holds as much as it must"):
        assert part in result.out


def test_everything_that_is_wrong_is_found_in_one_run(program: Program, hub: SimulatedHub, tmp_path: Path) -> None:
    program.crawl()
    hub.stop()
    assert program.connection is not None
    wrong = Program(
        program.home,
        replace(program.connection, uri="bolt://127.0.0.1:1"),
        {**program.settings, "HUB_GENEALOGY_METRICS_TEXTFILE": str(tmp_path / "none" / "x.prom"),
         "HUB_GENEALOGY_DISK_MIN_FREE": "999999g"},
    )  # fmt: skip
    found = doctor(wrong, code=1)
    assert {name for name, (verdict, _) in found.items() if verdict == "fail"} == {"space", "metrics", "hub", "neo4j"}


def test_a_graph_that_was_changed_or_is_another_states_is_found(program: Program) -> None:
    program.crawl()
    run(program, "MATCH (m:Model {id: 'mistralai/Mistral-7B-v0.1'}) DETACH DELETE m")
    verdict, message = doctor(program, code=1)["graph"]
    assert verdict == "fail"
    assert "hub-genealogy rebuild" in message

    elsewhere = replace(program, home=program.home.with_name("elsewhere"))
    assert "HUB_GENEALOGY_HOME" in doctor(elsewhere, code=1)["graph"][1]
    (elsewhere.home / "changes").mkdir(parents=True)
    assert "another state folder" in doctor(elsewhere, code=1)["graph"][1]


def test_a_graph_that_is_behind_or_half_loaded_is_a_warning(program: Program) -> None:
    crawl = program.crawl()["crawl"]
    run(program, f"MATCH (c:Crawl {{id: '{crawl}'}}) SET c.state = 'loading'")
    assert doctor(program, code=0)["graph"] == (
        "warn", f"crawl {crawl} is being applied: if nothing is at work, run hub-genealogy load",
    )  # fmt: skip


def test_an_empty_graph_is_well_before_the_first_crawl(program: Program, bare_graph: Connection) -> None:
    found = doctor(replace(program, connection=bare_graph), code=0)
    assert found["graph"] == ("ok", "empty")
    assert found["schema"][0] == "ok"
    assert "the next crawl applies it" in found["schema"][1]


@pytest.mark.parametrize(
    ("spoil", "part"),
    [
        pytest.param(lambda home: (home / "state.json").unlink(), "restore it from a backup", id="state.json lost"),
        pytest.param(
            lambda home: (home / "state.json").write_text('{"version": 99}', encoding="utf-8"),
            "newer",
            id="newer layout",
        ),
        pytest.param(
            lambda home: next(home.glob("changes/*/changes.json")).write_text("{", encoding="utf-8"),
            "changes.json cannot be read",
            id="change set damaged",
        ),
    ],
)
def test_a_damaged_state_folder_is_found(without_graph: Program, spoil: Callable[[Path], object], part: str) -> None:
    assert without_graph.run("crawl", "--dry-run").code == 0
    folder = without_graph.home / "changes" / "000001-20260501T020000Z"
    folder.mkdir()
    (folder / "changes.json").write_text("{}", encoding="utf-8")
    spoil(without_graph.home)
    found = [message for verdict, message in doctor(without_graph, code=1).values() if verdict == "fail"]
    assert any(part in message for message in found), found


def test_a_settings_file_is_named(without_graph: Program, tmp_path: Path) -> None:
    file = tmp_path / "mine.yml"
    file.write_text("keep: {archives: 3}", encoding="utf-8")
    result = without_graph.run("--config", str(file), "doctor", "--format", "json")
    assert str(file) in json.loads(result.out)[1]["message"]


def test_missing_extras_are_said_with_the_command_that_installs_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_installed", lambda _names: False)
    beside = settings.load(environment={"NEO4J_URI": "bolt://127.0.0.1:1"})
    assert module._extra_local(settings.load(environment={})).verdict == "fail"
    assert module._extra_local(beside).verdict == "ok"
    assert "pip install 'hub-genealogy[fast]'" in module._extra_fast().message


def test_the_hub_is_asked_once_and_its_quota_is_said() -> None:
    with SimulatedHub(FAMILY, quota=500, token_quota=1000) as hub:
        verdict, message = hub_said(hub)
        assert (verdict, "499 of 500 requests left" in message) == ("ok", True)
        assert "HF_TOKEN" in message
        verdict, message = hub_said(hub, HF_TOKEN="hf_secret")
        assert (verdict, "999 of 1000 requests left" in message) == ("ok", True)
        assert "the token is accepted" in message
        hub_said(hub, HUB_GENEALOGY_HUB_CONTACT="mailto:crawler@example.org")
        assert "mailto:crawler@example.org" in hub.requests()[-1].headers["user-agent"]
        assert "hf_secret" not in message
        assert [request.with_token for request in hub.requests()] == [False, True, False]


@pytest.mark.parametrize(
    ("status", "token", "verdict", "part"),
    [
        (401, "hf_secret", "fail", "HF_TOKEN"),
        (401, "", "fail", "HF_ENDPOINT"),
        (404, "", "fail", "HF_ENDPOINT"),
        (503, "", "warn", "hub.patience"),
        (429, "", "warn", "quota is used up"),
    ],
)
def test_each_refusal_of_the_hub_says_what_to_do(status: int, token: str, verdict: str, part: str) -> None:
    with SimulatedHub(FAMILY) as hub:
        hub.fault("status", status=status)
        said, message = hub_said(hub, HF_TOKEN=token)
        assert said == verdict
        assert part in message
        assert "\n" not in message
        assert len(hub.requests()) == 1


def test_a_page_for_people_is_no_hub() -> None:
    with SimulatedHub(FAMILY) as hub:
        hub.fault("html")
        assert hub_said(hub)[0] == "fail"


@pytest.mark.parametrize("token", ["hf_\u00e9", "hf_secret\nX: y"])
def test_a_token_that_cannot_be_sent_is_said_and_not_shown(token: str) -> None:
    with SimulatedHub(FAMILY) as hub:
        verdict, message = hub_said(hub, HF_TOKEN=token)
        assert verdict == "fail"
        assert "HF_TOKEN" in message
        assert token[:4] not in message.replace("HF_TOKEN", "")
        assert hub.requests() == []


@pytest.mark.parametrize("endpoint", ["http://[bad", "http://host:99999", "http://host:port", "http://:80", "http://@"])
def test_an_address_that_is_none_is_a_usage_error(endpoint: str) -> None:
    with pytest.raises(UsageError, match="is not an address such as"):
        settings.load(environment={"HF_ENDPOINT": endpoint})
