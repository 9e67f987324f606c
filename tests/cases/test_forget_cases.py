"""A forgotten owner's name in the register of cases: replaced in every text, and told in the trail."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from crawler.cases import forget, store
from crawler.cases.form import Case, Event, Facts, Member
from crawler.cases.register import Request, Word
from crawler.errors import HubGenealogyError
from crawler.records.forgetting import Forgotten
from tests.cases.conftest import ACTING, MODELS, NOON, Opened, request
from tests.support.every_byte import holding

KEY = Forgotten(b"key")
JANE = Forgotten(b"key", frozenset({KEY.token("janeqdoe")}))
TOKEN = KEY.token("JaneQDoe")
HERS = [
    Facts("B", "JaneQDoe/base", "itself", owner="JaneQDoe", revision="r1"),
    Facts(
        "absent:janeqdoe/lost", "JaneQDoe/lost", "retrained", owner="JaneQDoe", depth=1, status="absent", parents=("B",)
    ),
    Facts("C", "c/child", "retrained", owner="c", depth=2, parents=("B", "absent:janeqdoe/lost")),
]


@pytest.fixture
def two_cases(cases: Opened) -> Opened:
    """A case about a model of hers, in which much happened, and one about others."""
    with cases() as found:
        found.open(Request("about JaneQDoe/base", "erasure", "model", "B", "JaneQDoe/base", NOON.date(), 1), HERS)
        found.open(request("R-2"), MODELS)
        found.set_owner(1, "JaneQDoe", Word("contacted", NOON.date(), "discussion", "told JaneQDoe."))
        renamed = [Facts("B", "JaneQDoe/base-2", "itself", owner="JaneQDoe", revision="r2"), *HERS[1:]]
        found.adopt(1, renamed, "000002")
        found.note(1, "JaneQDoe/base-2 is the same")
    return cases


def read(cases: Opened, number: int) -> tuple[Case, list[Member], list[Event]]:
    with cases() as found:
        return found.whole(number)


def test_every_text_is_replaced_and_the_trail_says_so(two_cases: Opened, home: Path) -> None:
    other = read(two_cases, 2)
    before = read(two_cases, 1)
    assert holding(home, "JaneQDoe") == ["cases.sqlite"]
    assert forget.replace(home, ACTING, JANE.value) == 1
    assert holding(home, "JaneQDoe") == []
    case, members, events = read(two_cases, 1)
    assert (case.reference, case.subject) == (f"about {TOKEN}/base", f"{TOKEN}/base")
    lost = f"absent:{TOKEN.lower()}/lost"
    assert {
        (one.facts.key, one.facts.id, one.facts.owner, one.facts.parents, one.state, one.note) for one in members
    } == {
        ("B", f"{TOKEN}/base-2", TOKEN, (), "contacted", f"told {TOKEN}."),
        (lost, f"{TOKEN}/lost", TOKEN, ("B",), "contacted", f"told {TOKEN}."),
        ("C", "c/child", "c", ("B", lost), "to_contact", None),
    }
    assert [event.what for event in events] == [
        *(JANE.text(event.what) for event in before[2]),
        "the name of an owner who is forgotten was replaced, wherever it stood in this case",
    ]
    assert read(two_cases, 2) == other
    assert forget.replace(home, ACTING, JANE.value) == 0
    assert read(two_cases, 1) == (case, members, events)


@pytest.mark.usefixtures("two_cases")
def test_the_trail_cannot_be_changed_afterwards(home: Path) -> None:
    forget.replace(home, ACTING, JANE.value)
    with closing(sqlite3.connect(store.path_of(home))) as connection:
        for statement in ("UPDATE events SET kind = 'x'", "DELETE FROM events", "DELETE FROM cases"):
            with pytest.raises(sqlite3.IntegrityError):
                connection.execute(statement)


def test_what_fails_leaves_the_register_as_it_was(two_cases: Opened, home: Path) -> None:
    before = read(two_cases, 1)
    with closing(sqlite3.connect(store.path_of(home))) as connection:
        connection.execute("UPDATE members SET parents = 'no json' WHERE \"case\" = 2 AND key = 'T'")
        connection.commit()
    with pytest.raises(HubGenealogyError, match="is damaged"):
        forget.replace(home, ACTING, JANE.value)
    assert read(two_cases, 1) == before


def test_where_there_is_no_register_none_is_made(home: Path) -> None:
    assert forget.replace(home, ACTING, JANE.value) == 0
    assert not home.exists()


def test_a_state_that_is_spelt_like_a_name_stays(cases: Opened, home: Path) -> None:
    odd = Forgotten(b"key", frozenset({KEY.token("contacted"), KEY.token("c")}))
    with cases() as found:
        found.open(request(), HERS)
        found.set_owner(1, "c", Word("contacted", NOON.date(), None, None))
    assert forget.replace(home, ACTING, odd.value) == 1
    with closing(sqlite3.connect(store.path_of(home))) as connection:
        [(details,)] = connection.execute("SELECT details FROM events WHERE kind = 'owner_set'").fetchall()
    assert json.loads(details)["to"] == "contacted"
    assert read(cases, 1)[1][2].state == "contacted"
