"""What an answer says about time: the crawl at which it stands, the times that it can be asked for, withdrawn links."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.graph.connection import Connection, Graph
from tests.support.graph_parts import write_crawls
from tests.support.lineage_graph import day, link, model, write
from tests.support.program import Program, Result

FIRST, LAST = "000001-20250102T030000Z", "000002-20250109T030000Z"
KNOWN = f"from its first crawl, {FIRST} of 2025-01-02 03:00 UTC, to its last, {LAST} of 2025-01-09 03:00 UTC"


@pytest.fixture
def program(graph: Graph, connection: Connection, tmp_path: Path) -> Program:
    """A graph of two crawls; the second found that one child no longer declares its parent."""
    since: dict[str, Any] = {"first_seen": day(2)}
    write(
        graph,
        [model(name, **since) for name in ("a/base", "a/child", "a/below", "a/edited", "a/under")],
        [
            link("a/child", "a/base", **since),
            link("a/below", "a/child", **since),
            link("a/edited", "a/base", **since, status="withdrawn", withdrawn_at=day(9)),
            link("a/under", "a/edited", **since),
        ],
    )
    write_crawls(
        graph,
        {"id": FIRST, "started_at": day(2)},
        {"id": LAST, "started_at": day(9), "edges_withdrawn": 1, "kind": "full"},
    )
    return Program(tmp_path, connection, {})


def children(program: Program, *arguments: str) -> Result:
    return program.run("query", "children", "a/base", "--format", "json", *arguments)


@pytest.mark.parametrize("as_of", ["2025-01-01", "2025-01-02T02:59:59Z", "2025-01-02T04:00:00+02:00"])
def test_a_time_before_the_first_crawl_is_refused(program: Program, as_of: str) -> None:
    done = children(program, "--as-of", as_of)
    (message,) = done.messages
    assert (done.code, done.out) == (1, "")
    assert message.startswith("as_of=2025-01-0")
    assert message.endswith(f" is before the first crawl: this graph knows the time {KNOWN}")


def test_a_graph_of_one_crawl_names_it_once(program: Program, graph: Graph) -> None:
    with graph.session() as session:
        session.run("MATCH (c:Crawl {id: $last}) DETACH DELETE c", last=LAST).consume()
    done = children(program, "--as-of", "2025-01-01")
    known = f"this graph knows the time of its only crawl, {FIRST} of 2025-01-02 03:00 UTC"
    assert (done.code, done.messages) == (1, [f"as_of=2025-01-01 is before the first crawl: {known}"])


def test_a_time_in_the_future_is_refused(program: Program) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    done = children(program, "--as-of", tomorrow)
    assert (done.code, done.out) == (1, "")
    assert done.messages == [f"as_of={tomorrow} is in the future (UTC): this graph knows the time {KNOWN}"]


@pytest.mark.parametrize(
    ("as_of", "found"),
    [("2025-01-02", ["a/child", "a/edited"]), ("2025-01-09", ["a/child"]), ("2025-01-10", ["a/child"])],
)
def test_a_time_since_the_first_crawl_is_answered(program: Program, as_of: str, found: list[str]) -> None:
    done = children(program, "--as-of", as_of)
    assert (done.code, [row["id"] for row in done.json()]) == (0, found)
    assert any("is after the last crawl" in message for message in done.messages) == (as_of == "2025-01-10")


@pytest.mark.parametrize(
    ("since", "found", "said"),
    [
        ("2025-01-01", 5, [f"since=2025-01-01 is before the first crawl: this graph knows the time {KNOWN}"]),
        ("2025-01-02", 5, []),
        ("2025-01-09", 1, []),
        ("2025-01-10", 0, [f"since=2025-01-10 is after the last crawl: this graph knows the time {KNOWN}"]),
    ],
)
def test_changes_since_a_time_without_a_crawl_are_answered_with_a_warning(
    program: Program, since: str, found: int, said: list[str]
) -> None:
    done = program.run("query", "changed_since", "a/base", "--since", since, "--format", "json")
    assert (done.code, len(done.json())) == (0, found)
    assert [message for message in done.messages if "this graph knows" in message] == said


def test_changes_since_a_time_in_the_future_are_refused(program: Program) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    done = program.run("query", "changed_since", "a/base", "--since", tomorrow)
    assert (done.code, done.out) == (1, "")
    assert done.messages == [f"since={tomorrow} is in the future (UTC): this graph knows the time {KNOWN}"]


def test_today_is_answered_whatever_the_hour(program: Program) -> None:
    assert children(program, "--as-of", datetime.now(UTC).date().isoformat()).code == 0


def test_an_answer_ends_with_its_crawl_and_its_age(program: Program) -> None:
    stands = rf"as of crawl {LAST} of 2025-01-09 03:00 UTC, {(datetime.now(UTC) - day(9)).days} days \d+ h ago"
    limits = "; known lineage only: docs/lineage.md says what is missing"
    assert re.fullmatch(stands + limits, children(program).messages[-1])
    assert re.fullmatch(stands, program.run("query", "no_card").messages[-1])
    assert program.run("-q", "query", "children", "a/base").err == ""


def test_an_answer_says_what_a_safety_check_refused(program: Program, graph: Graph) -> None:
    write_crawls(
        graph,
        {"id": "000003", "started_at": day(10), "complete": False, "refusals": ["9 of 10 listed models vanished"]},
    )
    stands, incomplete, refused = children(program).messages[-3:]
    assert stands.startswith("as of crawl 000003 of 2025-01-10 03:00 UTC, ")
    assert incomplete.startswith(f"that crawl did not see the whole listing; the last that did is {LAST} of 2025-01-09")
    assert refused == "a safety check of that crawl refused part of it: 9 of 10 listed models vanished"
    quiet = program.run("-q", "query", "children", "a/base")
    assert quiet.messages == [refused]


def test_the_context_is_given_to_programs_that_ask_for_it(program: Program) -> None:
    plain, whole = children(program), children(program, "--with-context")
    context = whole.json()
    assert context["answer"] == plain.json()
    assert context["query"] == "children"
    assert context["parameters"] == {
        "model": "a/base", "kind": None, "along": None, "status": None, "as_of": None, "include_withdrawn": False,
        "order": "important", "limit": None,
    }  # fmt: skip
    assert {**context["crawl"], "age_hours": None} == {
        "id": LAST, "kind": "full", "started_at": "2025-01-09T03:00:00Z", "age_hours": None, "complete": True, "refusals": [],
    }  # fmt: skip
    assert (context["complete_crawl"]["id"], context["first_crawl"]["id"]) == (LAST, FIRST)
    assert context["notes"] == whole.messages
    empty = program.run("query", "children", "a/below", "--format", "json", "--with-context").json()
    assert (empty["answer"], empty["notes"][1].startswith("no rows: ")) == ([], True)


MORE = "links that are no longer declared"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["children"], f"1 more row rests on {MORE}; --include-withdrawn shows all"),
        (["descendants"], f"2 more rows rest on {MORE}; --include-withdrawn shows all"),
        (["descendants", "--limit", "1"], f"2 more rows rest on {MORE}; --include-withdrawn shows all"),
        (["descendants", "--as-of", "2025-01-02"], None),
        (["descendants", "--include-withdrawn"], None),
        (["impact"], None),
        (["impact", "--include-withdrawn=false"], f"2 more rows rest on {MORE}; --include-withdrawn shows all"),
        (["notify", "--include-withdrawn=false"], f"2 more rows rest on {MORE}; --include-withdrawn shows all"),
        (["parents"], None),
        (["generations"], f"2 rows are different with {MORE}; --include-withdrawn shows them"),
    ],
)
def test_what_rests_on_withdrawn_links_is_counted(program: Program, arguments: list[str], said: str | None) -> None:
    name, *options = arguments
    messages = program.run("query", name, "a/base", *options).messages
    assert [message for message in messages if MORE in message] == ([] if said is None else [said])


def test_where_no_crawl_has_withdrawn_a_link_nothing_is_counted(program: Program, graph: Graph) -> None:
    with graph.session() as session:
        session.run("MATCH (c:Crawl) SET c.edges_withdrawn = 0").consume()
    assert not any(MORE in message for message in children(program).messages)
