"""A case over ten real weeks: its states survive what arrives and vanishes, and its trail explains where every model stands."""

import time
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.cases import register
from crawler.cases.form import Case, Event, Member
from crawler.graph.connection import open_connection
from crawler.local.server import LocalServer
from demo.simulated_hub import SimulatedHub
from tests.cases.conftest import ACTING
from tests.cases.test_weeks import explained
from tests.support.program import Program
from tests.support.replays import lines, pass_week

pytestmark = [pytest.mark.soak, pytest.mark.timeout(3 * 3600)]

TODAY = date.today()  # noqa: DTZ011  # the day of this machine, as the program takes it
WEEKS = [f"week-{number:02d}" for number in range(1, 11)]
RENAMED, KILLED, REBUILT = "week-03", "week-05", "week-07"


def whole(program: Program) -> tuple[Case, list[Member], list[Event]]:
    with register.opened(program.home, ACTING, look=True) as cases:
        assert cases is not None
        return cases.whole(1)


def done(program: Program, *arguments: str) -> str:
    result = program.run(*arguments)
    assert result.code == 0, result.err
    return result.out


def killed_after_its_load(program: Program, crawls: int) -> None:
    """Kill a crawl when its changes are in the graph and the case may lack them."""
    assert program.connection is not None
    process = program.start("crawl")
    with open_connection(program.connection) as graph:
        while len(graph.read("MATCH (c:Crawl {state: 'loaded'}) RETURN c.id")) < crawls:
            assert process.poll() is None
            time.sleep(0.01)
    process.kill()
    process.communicate()


def test_a_case_of_ten_weeks(
    data: Path, server: LocalServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def tell(text: str) -> None:
        with capsys.disabled():
            print(f"\n{text}", end="", flush=True)

    baseline = data / "replay" / "baseline.jsonl.gz"
    records: dict[str, dict[str, Any]] = {record["_id"]: record for record in lines(baseline)}
    with SimulatedHub(baseline) as hub:
        given = {"HF_ENDPOINT": hub.url, "HUB_GENEALOGY_SWEEP_MAX_VANISHED_SHARE": "0.5"}
        program = Program(tmp_path / "home", server.start(), given)
        program.crawl()
        [head] = program.run("query", "most_followed", "--limit", "1", "--format", "json").json()
        received = str(TODAY - timedelta(3))
        done(program, "case", "open", head["id"], "--right", "erasure", "--received", received, "--reference", "R-1")
        _, first, _ = whole(program)
        owners = Counter(member.facts.owner for member in first if member.facts.owner).most_common(3)
        for (owner, _), state in zip(owners, ("contacted", "remedied", "refused"), strict=True):
            done(program, "case", "set", "1", "--owner", owner, "--state", state)
        said = {member.facts.key: member.state for member in whole(program)[1]}
        tell(f"{head['id']}: {len(first)} models; {Counter(said.values())}")
        for week in WEEKS:
            file = data / "replay" / f"{week}.jsonl.gz"
            hub.apply(file)
            pass_week(records, lines(file))
            if week == RENAMED:
                renamed = next(m.facts for m in first if m.facts.key in records and m.facts.depth and m.facts.owner)
                hub.rename(renamed.id, f"{renamed.owner}/renamed-in-a-test")
            if week == KILLED:
                killed_after_its_load(program, WEEKS.index(week) + 2)
            summary = program.crawl()
            tell(f"{week}: {summary['cases']['found']}")
            if week == REBUILT:
                before = whole(program)
                done(program, "rebuild")
                assert program.crawl()["cases"]["found"] == {}
                assert whole(program) == before
            _, members, _ = whole(program)
            now = {member.facts.key: member for member in members}
            assert {key: now[key].state for key in said} == said
            assert {key for key, one in now.items() if one.facts.status == "listed"} == now.keys() & records.keys()
            below = program.run("query", "descendants", "--model", head["id"], "--format", "json").json()
            assert {row["id"] for row in below} <= {member.facts.id for member in members}
        _, members, events = whole(program)
    assert {m.facts.key: (m.facts.id, m.facts.klass, m.facts.status, m.facts.link_status) for m in members} == {
        key: standing[:4] for key, standing in explained([member.facts for member in first], events).items()
    }
    found = Counter(event.kind for event in events if "crawl" in event.details)
    tell(f"after ten weeks: {len(members)} models, {Counter(member.facts.status for member in members)}; {dict(found)}")
    assert found["renamed"] == 1
    assert found["new"] == len(members) - len(first)
    assert found["new"] > 0
    assert found["vanished"] > 0
