"""The command `feed`: whose feed it writes, and what is wrong in one line."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import feedparser
import pytest

from crawler.answers.run import read_session
from crawler.cases.gather import models_of
from crawler.changes.diff import ChangeSet
from crawler.feeds import history
from crawler.feeds.family import Subject
from crawler.feeds.history import _states
from crawler.graph.connection import Connection, Graph
from crawler.state import State
from demo.simulated_hub import SimulatedHub
from tests.support.neo4j_for_tests import empty
from tests.support.program import Program, Result
from tests.support.small_hub import child, model

TODAY = str(date.today())  # noqa: DTZ011  # the day of this machine, as the program takes it
BASE = model(1, "Maker/base", sha="1" * 40)
ONE = child(2, "tuner/one", BASE) | {"sha": "2" * 40}
TWO = child(3, "tuner/two", ONE) | {"sha": "3" * 40}
FOUR = child(4, "other/four", BASE) | {"sha": "4" * 40, "tags": ["dataset:some/Set", "base_model:Maker/base"]}
LATE = child(5, "late/comer", {"_id": "0" * 24, "id": "no/body"})


@pytest.fixture(scope="module")
def two_nights(
    connection: Connection, opened_graph: Graph, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Program]:
    """Two crawls of a Hub that changed between them, with a case about the base."""
    empty(opened_graph)
    with SimulatedHub([one | {"gated": False} for one in (BASE, ONE, TWO, FOUR, LATE)]) as hub:
        settings = {"HF_ENDPOINT": hub.url, "HUB_GENEALOGY_SWEEP_MAX_VANISHED_SHARE": "1"}
        program = Program(tmp_path_factory.mktemp("feed") / "home", connection, settings)
        program.crawl()
        request = ("--right", "erasure", "--received", TODAY, "--reference", "R-SECRET")
        assert program.run("case", "open", "Maker/base", *request, "--note", "NOTE-SECRET").code == 0
        hub.rename("tuner/one", "tuner/first")
        hub.gate("tuner/two", "manual")
        hub.delete("other/four")
        hub.create(child(6, "new/five", TWO) | {"sha": "5" * 40})
        program.crawl()
        yield program


def parsed(result: Result) -> Any:
    assert result.code == 0, result.err
    found = feedparser.parse(result.out.encode())
    assert not found.bozo
    return found


def titles(result: Result) -> list[str]:
    return [entry.title for entry in parsed(result).entries]


CHANGED = "1 new, 1 gone, 1 renamed, 1 with other access"


@pytest.mark.parametrize(
    ("arguments", "title", "entries"),
    [
        (["Maker/base"], "What changes below Maker/base", [CHANGED, "4 new"]),
        (["https://huggingface.co/maker/Base"], "What changes below Maker/base", [CHANGED, "4 new"]),
        (["tuner/one"], "What changes below tuner/first", ["1 new, 1 renamed, 1 with other access", "2 new"]),
        (["no/body"], "What changes below no/body", ["2 new"]),
        (["--owner", "tuner"], "What changes among the models of tuner and below them", None),
        (["--dataset", "some/set"], "What changes below the data set some/Set", ["1 gone", "1 new"]),
        (["--case", "1"], "What changes among the models of case 1", [CHANGED]),
    ],
)
def test_a_feed_tells_what_each_crawl_found(
    arguments: list[str], title: str, entries: list[str] | None, two_nights: Program
) -> None:
    done = two_nights.run("feed", *arguments)
    assert parsed(done).feed.title == title
    assert titles(done) == entries or [CHANGED.replace(", 1 gone", ""), "2 new"]
    assert f"{title}: " in done.messages[-1]


def test_the_feed_of_a_case_says_what_crawls_found_and_nothing_of_the_request(two_nights: Program) -> None:
    case = two_nights.run("feed", "--case", "1").out
    assert "was tuner/one" in case
    assert [secret for secret in ("SECRET", "erasure", "to_contact", "received") if secret in case] == []
    model = parsed(two_nights.run("feed", "Maker/base")).entries[0].content[0].value
    assert model == parsed(two_nights.run("feed", "--case", "1")).entries[0].content[0].value


def test_the_change_sets_leave_the_facts_that_the_graph_has(two_nights: Program, opened_graph: Graph) -> None:
    state = State(two_nights.home)
    with history.opened([ChangeSet(state.changes / crawl) for crawl in state.crawls(state.changes)]) as crawls:
        for subject in (
            Subject("model", BASE["_id"]),
            Subject("model", "absent:no/body"),
            Subject("dataset", "absent:some/set"),
        ):
            rows, family = crawls._read(subject)
            *_, (_turn, last) = _states(rows, family())
            with read_session(opened_graph) as session:
                expected = models_of(session, subject.about, subject.key)
            found = last.facts()
            # Of what is gone, the change sets still know the access.
            known = {one.key: one.gated for one in expected if one.status == "listed"}
            assert {one.key: one.gated for one in found if one.key in known} == known
            assert [without_gate(one) for one in found] == [without_gate(one) for one in expected]


def without_gate(facts: Any) -> dict[str, Any]:
    return {name: getattr(facts, name) for name in facts.__slots__ if name != "gated"}


def test_the_same_feed_is_the_same_bytes_also_from_a_graph_that_was_made_anew(two_nights: Program) -> None:
    before = two_nights.run("feed", "Maker/base").out
    assert two_nights.run("rebuild").code == 0
    assert two_nights.run("feed", "Maker/base").out == before


def test_a_feed_is_written_into_a_file(two_nights: Program, tmp_path: Path) -> None:
    file = tmp_path / "base.atom"
    done = two_nights.run("feed", "Maker/base", "--to", str(file))
    assert (done.code, done.out) == (0, "")
    assert file.read_text(encoding="utf-8") == two_nights.run("feed", "Maker/base").out


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["Maker/bass"], 1, "no model is known as 'Maker/bass'; nearest: Maker/base"),
        (["--owner", "tunes"], 1, "no owner is known as 'tunes'; nearest: tuner"),
        (["--dataset", "some/sets"], 1, "no data set is known as 'some/sets'; nearest: some/Set"),
        (["--case", "7"], 1, "there is no case 7: `hub-genealogy case list --all` shows all"),
        ([], 2, "name a model, or --dataset ID, --case ID or --owner NAME: one of them"),
        (
            ["Maker/base", "--owner", "tuner"],
            2,
            "name a model, or --dataset ID, --case ID or --owner NAME: one of them",
        ),
    ],
)
def test_what_is_wrong_is_said_in_one_line(arguments: list[str], code: int, message: str, two_nights: Program) -> None:
    done = two_nights.run("feed", *arguments)
    assert (done.code, done.out, done.messages) == (code, "", [message])


def test_a_feed_needs_the_state_that_the_graph_was_made_from(two_nights: Program, tmp_path: Path) -> None:
    nowhere = two_nights.with_settings(HUB_GENEALOGY_HOME=str(tmp_path / "nowhere")).run("feed", "Maker/base")
    assert nowhere.code == 1
    assert nowhere.messages[0].startswith("there are no change sets in ")
    State(tmp_path / "other")
    other = two_nights.with_settings(HUB_GENEALOGY_HOME=str(tmp_path / "other")).run("feed", "Maker/base")
    assert other.code == 1
    assert other.messages[0].startswith("the graph was made from another state folder than ")
