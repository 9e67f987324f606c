"""`hub-genealogy case open` on a real graph, and what a later crawl of it brings into the case."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from crawler.answers.run import read_session
from crawler.cases import register
from crawler.cases.calendar import due_day
from crawler.cases.gather import models_of
from crawler.errors import HubGenealogyError
from crawler.graph.connection import Connection, Graph
from tests.cases.conftest import ACTING
from tests.support.graph_parts import write_crawls
from tests.support.lineage_graph import day, link, model, wipe, write, write_dataset, write_former_name
from tests.support.program import Program, Result

TODAY = date.today()  # noqa: DTZ011  # the day of this machine, as the program takes it
RECEIVED = TODAY - timedelta(3)
ERASURE = ("--right", "erasure", "--received", str(RECEIVED))

Case = Callable[..., Result]


@pytest.fixture
def graph(schema_graph: Graph) -> Graph:
    wipe(schema_graph)
    write(
        schema_graph,
        [
            model("a/base", owner="a", gated="manual", revision="a1"),
            model("b/small", owner="b", revision="b1"),
            model("c/tuned", owner="c", revision="c1"),
            model("c/later", owner="c", status="gone", gone_at=day(5)),
            {"key": "absent:d/never", "id": "d/never", "status": "absent", "owner": "d", "first_seen": day(1)},
            model("e/alone", owner="e"),
            model("f/dropped", owner="f"),
        ],
        [
            link("b/small", "a/base", "quantized"),
            link("c/tuned", "b/small"),
            link("c/later", "a/base"),
            link("f/dropped", "a/base", status="withdrawn", withdrawn_at=day(6)),
        ],
    )
    write_former_name(schema_graph, "old/base", "A/BASE")
    write_dataset(schema_graph, "d/set", ["E/ALONE", "C/TUNED", "B/SMALL"])
    write_crawls(schema_graph, {"id": "000001", "started_at": day(1)}, {"id": "000002", "started_at": day(7)})
    return schema_graph


@pytest.fixture
def case(graph: Graph, connection: Connection, home: Path) -> Case:
    assert graph
    return lambda *arguments: Program(home, connection, {}).run("case", *arguments)


def test_a_case_concerns_the_model_and_all_that_descends_from_it(case: Case) -> None:
    done = case("open", "old/base", *ERASURE, "--reference", "R-1")
    assert (done.code, done.out) == (0, "1\n")
    due = due_day(RECEIVED, 1)
    assert done.messages[0] == "old/base is now called a/base"
    assert f"case 1: due on {due}, a " in done.messages[1]
    assert "; it concerns 5 models of 4 owners, as of crawl 000002" in done.messages[1]
    shown = case("show", "1", "--format", "json").json()
    assert (shown["model"], shown["key"], shown["due"]) == ("a/base", "A/BASE", str(due))
    assert [
        (row["id"], row["key"], row["owner"], row["class"], row["link_status"], row["status"], row["revision"])
        for row in shown["members"]
    ] == [
        ("a/base", "A/BASE", "a", "itself", "current", "listed", "a1"),
        ("b/small", "B/SMALL", "b", "same_weights", "current", "listed", "b1"),
        ("c/later", "C/LATER", "c", "retrained", "current", "gone", None),
        ("c/tuned", "C/TUNED", "c", "retrained", "current", "listed", "c1"),
        ("f/dropped", "F/DROPPED", "f", "retrained", "withdrawn", "listed", None),
    ]


def test_a_case_about_a_data_set_concerns_the_models_that_name_it_and_their_descendants(case: Case) -> None:
    done = case("open", "--dataset", "D/set", *ERASURE, "--reference", "R-1")
    assert (done.code, done.out) == (0, "1\n")
    shown = case("show", "1", "--format", "json").json()
    assert (shown["dataset"], [(row["id"], row["class"]) for row in shown["members"]]) == (
        "d/set",
        [("b/small", "trained_on"), ("c/tuned", "trained_on"), ("e/alone", "trained_on")],
    )


def test_what_is_overdue_when_it_is_opened_is_said(case: Case) -> None:
    received = TODAY - timedelta(60)
    done = case("open", "a/base", "--right", "access", "--received", str(received), "--reference", "R-1")
    assert (done.code, done.out) == (0, "1\n")
    assert done.messages[-1] == f"the term of case 1 is over already: it ended on {due_day(received, 1)}"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("z/base", *ERASURE, "--reference", "R-2"), "no model is known as 'z/base'"),
        (("--dataset", "z/nothing", *ERASURE, "--reference", "R-2"), "no data set is known as 'z/nothing'"),
        (("b/small", *ERASURE, "--reference", "r-1"), "case 1 has the reference r-1 already"),
    ],
    ids=["model", "data set", "reference"],
)
def test_a_case_that_cannot_be_opened_is_one_line(case: Case, arguments: tuple[str, ...], said: str) -> None:
    assert case("open", "a/base", *ERASURE, "--reference", "R-1").code == 0
    done = case("open", *arguments)
    assert (done.code, done.out, len(done.messages)) == (1, "", 1)
    assert said in done.messages[0]
    assert len(case("list", "--format", "json").json()) == 1


def test_a_model_without_a_case_makes_no_register(case: Case, home: Path) -> None:
    assert case("open", "z/base", *ERASURE, "--reference", "R-2").code == 1
    assert not (home / "cases.sqlite").exists()


def test_a_case_about_a_name_that_is_listed_later_goes_on(case: Case, graph: Graph, home: Path) -> None:
    write(graph, [], [link("e/alone", "absent:d/never") | {"parent": "absent:d/never"}])
    assert case("open", "d/never", *ERASURE, "--reference", "R-1").code == 0
    with graph.session() as session:
        session.run("MATCH (m:Model {key: 'absent:d/never'}) SET m.key = 'D/NEVER', m.status = 'listed'").consume()
    with read_session(graph) as session, register.opened(home, ACTING) as cases:
        assert cases is not None
        cases.adopt(1, models_of(session, "model", "absent:d/never"), "000003")
        assert cases.case(1).key == "D/NEVER"
        assert cases.adopt(1, models_of(session, "model", "D/NEVER"), "000004") == []
        with pytest.raises(HubGenealogyError, match="the graph has no model with the key 'absent:z/x'"):
            models_of(session, "model", "absent:z/x")


def test_what_a_later_crawl_found_comes_into_the_case_with_its_events(case: Case, graph: Graph, home: Path) -> None:
    assert case("open", "a/base", *ERASURE, "--reference", "R-1").code == 0
    assert case("set", "1", "--model", "b/small", "--state", "remedied").code == 0
    write(graph, [model("g/new", owner="g")], [link("g/new", "c/tuned", "adapter")])
    with graph.session() as session:
        session.run("MATCH (m:Model {key: 'B/SMALL'}) SET m.id = 'b/smaller', m.revision = 'b2'").consume()
        session.run("MATCH (m:Model {key: 'C/TUNED'}) SET m.status = 'gone'").consume()
    with read_session(graph) as session, register.opened(home, ACTING) as cases:
        assert cases is not None
        cases.adopt(1, models_of(session, "model", "A/BASE"), "000003")
        assert cases.adopt(1, models_of(session, "model", "A/BASE"), "000004") == []
    shown = case("show", "1", "--format", "json").json()
    assert [event["what"] for event in shown["events"][2:]] == [
        "renamed: b/small → b/smaller; crawl 000003",
        "repository changed since: b/smaller: b1 → b2; crawl 000003",
        "gone from the Hub: c/tuned; crawl 000003",
        "new: g/new (retrained); crawl 000003",
    ]
    assert {(row["id"], row["state"], row["revision"], row["changed_since"]) for row in shown["members"]} >= {
        ("b/smaller", "remedied", "b1", True),
        ("g/new", "to_contact", None, None),
    }
