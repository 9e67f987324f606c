"""Cases and the nightly crawl: what happens below a model comes into its case, once, whatever happens to the crawl."""

import json
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.cases import register, store
from crawler.graph.connection import Connection, Graph
from demo.simulated_hub import SimulatedHub
from tests.cases.conftest import ACTING
from tests.support.neo4j_for_tests import empty
from tests.support.program import Program
from tests.support.small_hub import child, model

TODAY = date.today()  # noqa: DTZ011  # the day of this machine, as the program takes it
ERASURE = ("--right", "erasure", "--received", str(TODAY - timedelta(3)))
SHAS = {name: f"{number:040x}" for number, name in enumerate(("base", "one", "two", "three", "four", "edited"))}
BASE = model(1, "Maker/base", sha=SHAS["base"])
ONE = child(2, "tuner/one", BASE) | {"sha": SHAS["one"]}
TWO = child(3, "tuner/two", ONE) | {"sha": SHAS["two"]}
THREE = child(4, "other/three", BASE) | {"sha": SHAS["three"]}
FOUR = child(5, "other/four", BASE) | {"sha": SHAS["four"]}
FAMILY = [BASE, ONE, TWO, THREE, FOUR, model(6, "x/alone"), child(7, "late/comer", {"_id": "0" * 24, "id": "no/body"})]
# What the night that changes the family brings into a case, without its crawl.
NIGHT = [
    "renamed: tuner/one → tuner/first",
    "access: tuner/two: false → manual",
    f"repository changed since: tuner/two: {SHAS['two']} → {SHAS['edited']}",
    "gone from the Hub: other/three",
    "only links that are no longer declared lead to it: other/four",
    "new: new/five (retrained)",
]
FOUND = {"renamed": 1, "gated": 1, "changed": 1, "vanished": 1, "withdrawn": 1, "new": 1}

Mirror = set[tuple[Any, ...]]


def change(hub: SimulatedHub) -> None:
    """A night in which a descendant arrives, one vanishes, one is renamed, one is edited and gated, one withdrawn."""
    hub.rename("tuner/one", "tuner/first")
    hub.update("tuner/two", {"sha": SHAS["edited"], "lastModified": "2024-05-01T00:00:00.000Z"})
    hub.gate("tuner/two", "manual")
    hub.delete("other/three")
    hub.update("other/four", {"tags": [], "cardData": {}, "baseModels": None})
    hub.create(child(8, "new/five", TWO) | {"sha": "5" * 40})


@pytest.fixture(scope="module")
def changing_hub() -> Iterator[SimulatedHub]:
    with SimulatedHub() as running:
        yield running


@pytest.fixture
def night(changing_hub: SimulatedHub, empty_graph: Connection, tmp_path: Path) -> Program:
    """A crawled family, with a case about its base in which two owners were written to."""
    return begun(changing_hub, empty_graph, tmp_path / "home")


def begun(hub: SimulatedHub, connection: Connection, home: Path, cases: int = 1) -> Program:
    hub.begin_anew([record | {"gated": False} for record in FAMILY])
    settings = {"HF_ENDPOINT": hub.url, "HUB_GENEALOGY_SWEEP_MAX_VANISHED_SHARE": "1"}
    program = Program(home, connection, settings)
    program.crawl()
    for number in range(1, cases + 1):
        assert case(program, "open", "Maker/base", *ERASURE, "--reference", f"R-{number}") == f"{number}\n"
        case(program, "set", str(number), "--model", "tuner/one", "--state", "contacted", "--medium", "discussion")
        case(program, "set", str(number), "--owner", "other", "--state", "remedied")
    return program


def case(program: Program, *arguments: str) -> str:
    done = program.run("case", *arguments)
    assert done.code == 0, done.err
    return done.out


def shown(program: Program, number: int = 1) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(case(program, "show", str(number), "--format", "json"))
    return found


def told(program: Program, number: int = 1) -> list[str]:
    """What crawls brought into a case, without their names."""
    events = shown(program, number)["events"]
    return [event["what"].partition("; crawl ")[0] for event in events if "crawl" in event["details"]]


def states(program: Program) -> set[tuple[str, str, str, str]]:
    rows = shown(program)["members"]
    return {(row["id"], row["status"], row["link_status"], row["state"]) for row in rows}


def mirror(graph: Graph) -> Mirror:
    """Each case of the graph with its properties, and the models that it concerns with their states."""
    rows = graph.read(
        "MATCH (c:Case) OPTIONAL MATCH (c)-[r:CONCERNS]->(m:Model) "
        "RETURN c.id, c.right, toString(c.received), toString(c.due), c.state, m.id, r.state"
    )
    return {tuple(row.values()) for row in rows}


AFTER = {
    ("Maker/base", "listed", "current", "to_contact"),
    ("tuner/first", "listed", "current", "contacted"),
    ("tuner/two", "listed", "current", "to_contact"),
    ("other/three", "gone", "current", "remedied"),
    ("other/four", "listed", "withdrawn", "remedied"),
    ("new/five", "listed", "current", "to_contact"),
}


def test_a_case_over_several_nights_adopts_what_happens_and_keeps_its_states(
    night: Program, changing_hub: SimulatedHub, opened_graph: Graph
) -> None:
    quiet = night.crawl()
    assert quiet["cases"] == {"open": 1, "due": 0, "overdue": 0, "found": {}}
    assert told(night) == []
    change(changing_hub)
    busy = night.crawl()
    assert busy["cases"] == {"open": 1, "due": 0, "overdue": 0, "found": FOUND}
    assert busy["warnings"] == []
    assert Counter(told(night)) == Counter(NIGHT)
    assert all(f"crawl {busy['crawl']}" in event["what"] for event in shown(night)["events"] if event["kind"] in FOUND)
    assert states(night) == AFTER
    [remedied] = [row for row in shown(night)["members"] if row["id"] == "other/four"]
    assert remedied["changed_since"] is False
    assert {(name, state) for *_, name, state in mirror(opened_graph)} == {(one[0], one[3]) for one in AFTER}

    changing_hub.create(THREE | {"gated": False})
    changing_hub.update("other/four", {"sha": SHAS["edited"]})
    back = night.crawl()
    assert back["cases"]["found"] == {"returned": 1, "changed": 1}
    [remedied] = [row for row in shown(night)["members"] if row["id"] == "other/four"]
    assert (remedied["revision"], remedied["changed_since"]) == (SHAS["four"], True)
    before, trail = states(night), told(night)
    assert night.run("rebuild").code == 0
    assert night.crawl()["cases"]["found"] == {}
    assert (states(night), told(night)) == (before, trail)


def test_a_crawl_and_status_say_what_was_found(night: Program, changing_hub: SimulatedHub) -> None:
    change(changing_hub)
    words = "models: 1 new, 1 gone, 1 renamed, 1 no longer declared, 1 with other access, 1 changed"
    said = night.run("--log-format", "text", "crawl")
    assert f"; cases: 1 open; {words}; exit 0\n" in said.out
    night.crawl()  # finds nothing more
    found = night.run("status", "--format", "json").json()
    crawl = found["last_crawl"]["crawl"]
    assert found["cases"] | {"crawl": None} == {
        "open": 1, "due": 0, "overdue": 0, "crawl": None, "found": FOUND, "problem": None,
    }  # fmt: skip
    assert found["cases"]["crawl"] < crawl
    table = night.run("status").out
    assert "cases          1 open\n" in table
    assert f"crawl {found['cases']['crawl']} was the last to find something: {words}\n" in table


def test_a_crawl_without_cases_says_nothing_of_them(
    changing_hub: SimulatedHub, empty_graph: Connection, tmp_path: Path
) -> None:
    program = begun(changing_hub, empty_graph, tmp_path / "home", cases=0)
    said = program.run("--log-format", "text", "crawl")
    assert "cases" not in said.out
    found = program.run("status", "--format", "json").json()
    assert found["cases"] is None
    assert not store.path_of(program.home).exists()
    assert program.crawl()["cases"] is None


def test_nothing_comes_from_a_crawl_that_a_safety_check_refused(night: Program, changing_hub: SimulatedHub) -> None:
    change(changing_hub)
    refused = night.crawl_with({"HUB_GENEALOGY_SWEEP_MAX_VANISHED_SHARE": "0"}, code=3)
    assert refused["cases"]["found"] == {}
    assert refused["warnings"][1:] == [
        "the cases were not brought up to date: a safety check refused part of this crawl; the next crawl makes up for it"
    ]
    assert told(night) == []
    night.crawl()
    assert Counter(told(night)) == Counter(NIGHT)


def test_a_register_that_is_busy_loses_neither_the_crawl_nor_what_it_found(
    night: Program, changing_hub: SimulatedHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "PATIENCE", 0.1)
    change(changing_hub)
    with closing(sqlite3.connect(store.path_of(night.home), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        busy = night.crawl()
    assert (busy["models_added"], busy["exit_code"], len(busy["warnings"])) == (1, 0, 1)
    assert busy["warnings"][0].startswith("case 1 was not brought up to date (another process has been writing to ")
    assert told(night) == []
    night.crawl()
    assert Counter(told(night)) == Counter(NIGHT)


def test_a_register_that_is_damaged_does_not_stop_the_crawl_and_is_said_everywhere(night: Program) -> None:
    store.path_of(night.home).write_bytes(b"no register" * 1000)
    done = night.crawl()
    assert (done["complete"], done["cases"]) == (True, None)
    assert {warning.partition(" (")[0] for warning in done["warnings"]} == {
        "the cases were not brought up to date",
        "the graph does not show the cases as they are",
        "the terms of the cases are not known",
    }
    assert "restore it from a backup" in night.run("status", "--format", "json").json()["cases"]["problem"]
    assert "restore it from a backup" in night.run("status").out
    doctor = night.run("doctor")
    assert doctor.code == 1
    assert "restore it from a backup" in doctor.out


def test_a_model_that_the_graph_lacks_keeps_no_other_case_from_its_news(
    night: Program, changing_hub: SimulatedHub
) -> None:
    case(night, "open", "x/alone", *ERASURE, "--reference", "R-2")
    with closing(sqlite3.connect(store.path_of(night.home))) as connection, connection:
        connection.execute("UPDATE cases SET key = 'nothing' WHERE id = 2")
    change(changing_hub)
    done = night.crawl()
    assert done["warnings"] == [
        "case 2 was not brought up to date (the graph has no model with the key 'nothing'); the next crawl makes up for it"
    ]
    assert Counter(told(night)) == Counter(NIGHT)


def test_an_ended_case_adopts_nothing_and_stays_in_the_graph(
    night: Program, changing_hub: SimulatedHub, opened_graph: Graph
) -> None:
    case(night, "close", "1", "--yes")
    change(changing_hub)
    assert night.crawl()["cases"] == {"open": 0, "due": 0, "overdue": 0, "found": {}}
    assert told(night) == []
    assert {row[4] for row in mirror(opened_graph)} == {"closed"}


def test_doctor_and_the_metrics_say_what_is_open_due_and_overdue(night: Program, tmp_path: Path) -> None:
    assert ["ok", "cases", "1 open"] in [line.split(maxsplit=2) for line in night.run("doctor").out.splitlines()]
    for reference, days in (("late", 60), ("soon", 27)):
        received = str(TODAY - timedelta(days))
        case(night, "open", "x/alone", "--right", "access", "--received", received, "--reference", reference)
    checks = {
        check["name"]: (check["verdict"], check["message"]) for check in night.run("doctor", "--format", "json").json()
    }
    assert checks["cases"] == ("warn", "3 open, 1 overdue, 1 due soon: hub-genealogy case list")
    file = tmp_path / "numbers.prom"
    night.crawl_with({"HUB_GENEALOGY_METRICS_TEXTFILE": str(file)})
    lines = file.read_text(encoding="utf-8").splitlines()
    names = [f"hub_genealogy_crawl_cases_{name}" for name in ("open 3", "due 1", "overdue 1")]
    assert [line for line in lines if "cases" in line and line[0] != "#"] == names


def grown(home: Path) -> Callable[[], bool]:
    """Whether a crawl has brought anything into a case."""

    def reached() -> bool:
        with register.opened(home, ACTING, look=True) as cases:
            return cases is not None and cases.last_found()[0] is not None

    return reached


def applied(graph: Graph) -> Callable[[], bool]:
    """Whether the second crawl is in the graph whole."""
    return lambda: len(graph.read("MATCH (c:Crawl {state: 'loaded'}) RETURN c.id")) == 2


@pytest.mark.parametrize("place", ["in the walk", "in the load", "after the load", "between two cases"])
def test_a_crawl_that_was_killed_leaves_each_case_as_an_undisturbed_one_does(
    place: str, changing_hub: SimulatedHub, empty_graph: Connection, opened_graph: Graph, tmp_path: Path
) -> None:
    program = begun(changing_hub, empty_graph, tmp_path / "home", cases=6)
    change(changing_hub)
    reached = {
        "in the walk": lambda: len(list(program.home.glob("archive/*/crawl.json"))) == 2,
        "in the load": lambda: opened_graph.read("MATCH (c:Crawl {state: 'loading'}) RETURN c") != [],
        "after the load": applied(opened_graph),
        "between two cases": grown(program.home),
    }[place]
    process = program.with_settings(HUB_GENEALOGY_LOAD_BATCH_ROWS="1").start("crawl")
    try:
        deadline = time.monotonic() + 60
        while not reached():
            assert process.poll() is None, f"the crawl ended before it could be killed: {process.communicate()[1]}"
            assert time.monotonic() < deadline
    finally:
        process.kill()
        process.communicate(timeout=30)
    assert process.returncode == -9
    program.crawl()
    assert [Counter(told(program, number)) for number in range(1, 7)] == [Counter(NIGHT)] * 6
    assert states(program) == AFTER
    assert {(number, name, state) for number, *_, name, state in mirror(opened_graph)} == {
        (number, one[0], one[3]) for number in range(1, 7) for one in AFTER
    }
    assert {path.name for path in program.home.glob("cases.*")} == {"cases.sqlite"}


def test_who_writes_while_a_crawl_adopts_loses_nothing(night: Program, changing_hub: SimulatedHub) -> None:
    change(changing_hub)
    process = night.start("crawl")
    written = 0
    while process.poll() is None:
        with register.opened(night.home, ACTING) as cases:
            assert cases is not None
            cases.note(1, f"note {written}")
            cases.set_model(1, "tuner/two", register.Word(("contacted", "reminded")[written % 2], TODAY))
        written += 1
        time.sleep(0.005)
    assert process.returncode == 0, process.communicate()[1]
    process.communicate()
    events = shown(night)["events"]
    assert [event["what"] for event in events if event["kind"] == "noted"] == [
        f"note: note {number}" for number in range(written)
    ]
    assert Counter(told(night)) == Counter(NIGHT)
    last = ("contacted", "reminded")[(written - 1) % 2]
    assert states(night) == AFTER - {("tuner/two", "listed", "current", "to_contact")} | {
        ("tuner/two", "listed", "current", last)
    }


def test_the_graph_shows_each_case_after_each_command(night: Program, opened_graph: Graph) -> None:
    facts, digest, dumped = night.facts(), night.digest(), night.run("graph", "dump").out
    received = TODAY - timedelta(3)
    due = shown(night)["due"]
    expected = {
        (1, "erasure", str(received), due, "open", name, state)
        for name, state in (
            ("Maker/base", "to_contact"),
            ("tuner/one", "contacted"),
            ("tuner/two", "to_contact"),
            ("other/three", "remedied"),
            ("other/four", "remedied"),
        )
    }
    assert mirror(opened_graph) == expected
    case(night, "extend", "1", "--reason", "many owners")
    case(night, "set", "1", "--model", "tuner/two", "--state", "unreachable")
    case(night, "open", "x/alone", "--right", "access", "--received", str(received), "--reference", "R-2")
    case(night, "refuse", "2", "--reason", "unfounded", "--remedies", "authority and court")
    later = shown(night)["due"]
    assert later > due
    changed = {(*row[:3], later, *row[4:6], "unreachable" if row[5] == "tuner/two" else row[6]) for row in expected} | {
        (2, "access", str(received), due, "refused", "x/alone", "to_contact")
    }
    assert mirror(opened_graph) == changed
    assert (night.facts(), night.digest(), night.run("graph", "dump").out) == (facts, digest, dumped)
    assert night.run("rebuild").code == 0
    assert mirror(opened_graph) == changed
    empty(opened_graph)
    assert night.run("rebuild").code == 0
    assert mirror(opened_graph) == changed
    store.path_of(night.home).unlink()
    night.crawl()
    assert mirror(opened_graph) == set()


def test_a_graph_that_is_away_stops_no_command(night: Program, opened_graph: Graph) -> None:
    before = mirror(opened_graph)
    assert night.connection is not None
    away = Program(night.home, Connection("bolt://127.0.0.1:9", "neo4j", "x", "neo4j"), night.settings)
    done = away.run("case", "set", "1", "--model", "tuner/two", "--state", "refused")
    assert done.code == 0
    assert done.messages[-1].startswith(
        "the graph does not show case 1 as it is (no Neo4j answers at bolt://127.0.0.1:9"
    )
    assert mirror(opened_graph) == before
    night.crawl()
    assert (("tuner/two", "refused")) in {row[5:] for row in mirror(opened_graph)}


def test_a_graph_of_another_state_folder_does_not_show_a_case(night: Program, opened_graph: Graph) -> None:
    before = mirror(opened_graph)
    opened_graph.write("MATCH (c:Crawl) SET c.made_from = 'another'")
    case(night, "set", "1", "--model", "tuner/two", "--state", "refused")
    assert mirror(opened_graph) == before


def test_what_another_program_calls_a_case_is_refused_and_left_alone(night: Program, opened_graph: Graph) -> None:
    opened_graph.write("CREATE (:Case {id: 'theirs', matter: 'a divorce'})")
    done = night.run("rebuild")
    assert done.code == 1
    assert "(1 Case)" in done.messages[-1]
    assert opened_graph.read("MATCH (c:Case {id: 'theirs'}) RETURN c.matter AS m")[0]["m"] == "a divorce"
    opened_graph.write("MATCH (c:Case {id: 'theirs'}) DELETE c")
    opened_graph.write("MATCH (c:Case) CREATE (c)-[:CONCERNS]->(:Word)")
    assert "1 CONCERNS" in night.run("rebuild").messages[-1]
