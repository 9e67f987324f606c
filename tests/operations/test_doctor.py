"""`hub-genealogy doctor`: that it finds what is wrong, says what to do, and leaves everything as it is."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import neo4j
import pytest

from crawler import settings
from crawler.errors import UsageError
from crawler.graph.connection import Connection
from crawler.operations import doctor as module
from crawler.operations.clock import check_hub_clock, started_in_future
from crawler.operations.hub_check import check_hub
from crawler.state import State
from demo.simulated_hub import SimulatedHub
from tests.support.program import Program
from tests.support.small_hub import FAMILY, model

Checks = dict[str, tuple[str, str]]


def doctor(program: Program, code: int) -> Checks:
    result = program.run("doctor", "--format", "json")
    assert result.code == code, (result.out, result.err)
    return {check["name"]: (check["verdict"], check["message"]) for check in result.json()}


def hub_checks(hub: SimulatedHub, **environment: str) -> Checks:
    checks = check_hub(settings.load(environment={"HF_ENDPOINT": hub.url, **environment}))
    return {check.name: (check.verdict, check.message) for check in checks}


def hub_said(hub: SimulatedHub, **environment: str) -> tuple[str, str]:
    return hub_checks(hub, **environment)["hub"]


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
    assert list(found) == [
        "program", "settings", "extra local", "extra fast", "java", "state", "space", "hub", "clock", "listing", "neo4j",
    ]  # fmt: skip
    assert {name for name, (verdict, _) in found.items() if verdict != "ok"} <= {"extra fast", "java"}
    assert found["neo4j"] == ("ok", "none yet: the first crawl starts a local one")
    assert not without_graph.home.exists()
    assert len(hub.requests()) == 2


def test_after_a_crawl_all_is_well_and_said_in_one_line_each(program: Program) -> None:
    crawl = program.crawl()["crawl"]
    result = program.run("doctor")
    assert result.code == 0, result.out
    lines = [line.split(maxsplit=1) for line in result.out.splitlines()]
    assert {verdict for verdict, _ in lines} <= {"ok", "warn"}
    for part in ("schema       applied", "lock         free", f"stands at crawl {crawl} and holds as much as it must"):
        assert part in result.out


def test_the_age_of_the_last_complete_crawl_fails_above_a_setting(program: Program) -> None:
    sample = program.with_settings(HUB_GENEALOGY_DOCTOR_MAX_AGE="0s")
    program.crawl("--max-models", "20")
    level, text = doctor(sample, code=0)["freshness"]
    assert (level, re.sub(r"\d+ (s|min)", "1 s", text)) == ("warn", "no crawl was complete in 1 s")
    program.crawl()
    level, text = doctor(program, code=0)["freshness"]
    assert (level, re.sub(r"\d+ (s|min)", "1 s", text)) == ("ok", "the last complete crawl ended 1 s ago")
    verdict, message = doctor(sample, code=1)["freshness"]
    assert (verdict, "above doctor.max_age" in message) == ("fail", True)
    assert doctor(program.with_settings(HUB_GENEALOGY_DOCTOR_MAX_AGE="off"), code=0)["freshness"][0] == "ok"


def test_how_the_last_run_ended_is_said_and_a_failure_fails(program: Program, hub: SimulatedHub) -> None:
    program.crawl()
    verdict, message = doctor(program, code=0)["last run"]
    assert (verdict, message.startswith("crawl ended at "), message[-11:]) == ("ok", True, "exit code 0")
    hub.fault("status", status=403, at=1, times=1)
    reason = program.run("crawl").messages[-1]
    verdict, message = doctor(program, code=1)["last run"]
    assert (verdict, message.endswith(reason)) == ("fail", True)


def test_what_a_safety_check_refused_is_a_warning(program: Program, hub: SimulatedHub) -> None:
    program.crawl()
    for record in hub.records()[:40]:
        hub.delete(record["_id"])
    program.crawl(code=3)
    found = doctor(program, code=0)
    verdict, message = found["last run"]
    assert (verdict, "with exit code 3: 40 of 172 listed models vanished" in message) == ("warn", True)
    verdict, message = found["last crawl"]
    assert (verdict, message.startswith("40 of 172 listed models vanished")) == ("warn", True)


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


@pytest.mark.parametrize(
    ("bits", "name", "verdict", "part"),
    [
        (0o750, "state", "ok", "of this version"),
        (0o755, "access", "warn", "every user of this machine can read"),
        (0o777, "state", "fail", "every user of this machine may write in"),
    ],
)
def test_a_state_folder_that_is_open_to_every_user_is_said(
    without_graph: Program, bits: int, name: str, verdict: str, part: str
) -> None:
    State(without_graph.home)
    without_graph.home.chmod(bits)
    found = doctor(without_graph, code=1 if verdict == "fail" else 0)
    assert (found[name][0], part in found[name][1]) == (verdict, True)
    assert ("access" in found) == (name == "access")


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
    assert "pip install --require-hashes -r requirements.txt" in module._extra_fast().message


def test_the_hubs_quota_is_said_and_whether_it_takes_the_token() -> None:
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
        verdict, message = hub_checks(hub)["listing"]
    assert verdict == "fail"
    assert "serves no listing that can be walked" in message


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


MANY = [model(number, f"maker/m{number}") for number in range(1, 25)]


def test_two_pages_as_a_crawl_asks_for_them_are_looked_at() -> None:
    with SimulatedHub(MANY) as hub:
        verdict, message = hub_checks(hub)["listing"]
        assert (verdict, message.partition(",")[0]) == ("ok", "20 models in order of creation")
        first, second = hub.listing_requests()
        assert first.query.startswith("sort=createdAt&direction=1&limit=10&expand=author&")
        assert "cursor=" in second.query


def test_a_mirror_whose_link_names_the_hubs_own_host_is_well() -> None:
    with SimulatedHub(MANY, host="huggingface.co") as hub:
        assert hub_checks(hub)["listing"][0] == "ok"
        assert len(hub.listing_requests()) == 2


def without(*fields: str) -> list[dict[str, Any]]:
    return [{name: value for name, value in record.items() if name not in fields} for record in MANY]


@pytest.mark.parametrize(
    ("records", "fault", "part"),
    [
        pytest.param(MANY, ("no_link", {}), "has no Link to a second one", id="no Link"),
        pytest.param(MANY, ("same_page", {}), "leads back to that page", id="a Link to itself"),
        pytest.param(
            MANY, ("link", {"value": '<https://huggingface.co/models?p=1>; rel="next"'}),
            "leads to 'https://huggingface.co/models?p=1', which is no page of this listing", id="a Link elsewhere",
        ),
        pytest.param(MANY, ("html", {}), "no JSON array", id="a page for people"),
        pytest.param(
            MANY, ("body", {"raw": b'[{"_id":"b","id":"x/b"},{"_id":"a","id":"x/a"}]'}), "come without createdAt",
            id="no fields",
        ),
        pytest.param(without("tags", "likes"), None, "come without tags, likes", id="two fields missing"),
        pytest.param([], None, "lists no model", id="an empty listing"),
    ],
)  # fmt: skip
def test_a_listing_that_cannot_be_walked_is_said_with_what_is_wrong(
    records: list[dict[str, Any]], fault: tuple[str, dict[str, Any]] | None, part: str
) -> None:
    with SimulatedHub(records) as hub:
        if fault is not None:
            hub.fault(fault[0], **fault[1])
        verdict, message = hub_checks(hub)["listing"]
        assert verdict == "fail"
        assert part in message
        assert "HF_ENDPOINT" in message


@pytest.mark.parametrize("order", [MANY[:10][::-1], MANY[:5] + MANY[:5]], ids=["newest first", "twice the same"])
def test_a_listing_in_another_order_is_no_listing(order: list[dict[str, Any]]) -> None:
    with SimulatedHub(MANY) as hub:
        hub.fault("body", raw=json.dumps(order).encode())
        verdict, message = hub_checks(hub)["listing"]
        assert (verdict, "do not come in order of creation" in message) == ("fail", True)


def test_a_second_page_that_is_refused_is_said() -> None:
    with SimulatedHub(MANY) as hub:
        hub.fault("status", at=2, status=400)
        assert hub_checks(hub)["listing"][0] == "fail"
        hub.fault("status", at=2, status=503)
        assert hub_checks(hub)["listing"][0] == "warn"


NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
TEN_MINUTES = timedelta(minutes=10)


@pytest.mark.parametrize(
    ("hub", "limit", "verdict", "part"),
    [
        (NOW, TEN_MINUTES, "ok", "within"),
        (NOW - TEN_MINUTES, TEN_MINUTES, "ok", "within"),
        (NOW - timedelta(days=3652), TEN_MINUTES, "fail", "is 3652 days 0 h ahead of the Hub's"),
        (NOW + timedelta(minutes=11), TEN_MINUTES, "fail", "is 11 min behind the Hub's"),
        (NOW + timedelta(minutes=11), None, "ok", "hub.max_clock_skew is off"),
        (None, TEN_MINUTES, "ok", "has no Date"),
    ],
)
def test_this_machines_clock_is_compared_with_the_hubs(
    hub: datetime | None, limit: timedelta | None, verdict: str, part: str
) -> None:
    check = check_hub_clock(hub, NOW, limit)
    assert (check.verdict, part in check.message) == (verdict, True), check.message


def test_the_hubs_clock_is_the_date_of_its_answer() -> None:
    with SimulatedHub(MANY) as hub:
        assert hub_checks(hub)["clock"] == ("ok", "within 10 min of the Hub's")


def test_a_last_crawl_that_started_in_the_future_is_said_with_the_way_out() -> None:
    later = NOW + timedelta(days=3652)
    said = started_in_future("000007-20360430T120000Z", later, NOW, TEN_MINUTES)
    assert said is not None
    assert "started 3652 days 0 h in the future" in said
    assert "hub-genealogy rebuild" in said
    assert started_in_future("000007", later, NOW, None) is None
    assert started_in_future("000007", NOW + TEN_MINUTES, NOW, TEN_MINUTES) is None
