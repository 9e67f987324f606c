import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from crawler.cases import register, store
from crawler.cases.form import Facts
from crawler.cases.register import Acting, Word
from crawler.errors import HubGenealogyError
from tests.cases.conftest import ACTING, MODELS, NOON, Opened, request

TODAY = date(2026, 11, 28)


def states(cases: Opened, number: int = 1) -> dict[str, tuple[str, str | None, bool | None]]:
    with cases() as found:
        return {m.facts.id: (m.state, m.revision, m.changed_since) for m in found.members(number)}


def told(cases: Opened, number: int = 1) -> list[str]:
    with cases() as found:
        return [event.what for event in found.events(number)]


@pytest.fixture
def one(cases: Opened) -> Opened:
    """A register with one open case."""
    with cases() as found:
        found.open(request(), MODELS)
    return cases


def test_a_case_is_as_it_was_opened(one: Opened) -> None:
    with one() as found:
        case, members, events = found.whole(1)
    assert (case.reference, case.right, case.subject, case.state) == ("R-1", "erasure", "a/base", "open")
    assert (case.received, case.first_due, case.due) == (date(2026, 11, 2), date(2026, 12, 2), date(2026, 12, 2))
    assert [member.facts for member in members] == MODELS
    assert {(member.state, member.since, member.medium, member.note) for member in members} == {
        ("to_contact", TODAY, None, None)
    }
    assert [(event.at, event.kind, event.by, event.what) for event in events] == [
        (
            NOON,
            "opened",
            "anna",
            "opened: erasure for a/base, received 2026-11-02, due 2026-12-02; models: 4",
        )
    ]


def test_the_term_is_that_of_the_day_on_which_the_case_was_opened(cases: Opened) -> None:
    with cases() as found:
        found.open(replace(request(), term=2), [])
        found.open(request("R-2"), [])
        assert [case.due for case in found.cases()] == [date(2026, 12, 2), date(2027, 1, 2)]


def test_open_cases_come_first_and_of_these_what_is_due_first(cases: Opened) -> None:
    with cases() as found:
        for reference, day in (("late", 20), ("first", 3), ("ended", 1), ("second", 4)):
            found.open(request(reference, date(2026, 11, day)), [])
        found.close(3, TODAY, None)
        assert [case.reference for case in found.cases()] == ["first", "second", "late"]
        assert [case.reference for case in found.cases(ended=True)] == ["first", "second", "late", "ended"]


def test_a_model_is_found_by_name_in_any_case_and_by_key(one: Opened) -> None:
    for text, state in (("b/small", "contacted"), ("B/TUNED", "reminded"), ("absent:c/never", "unreachable")):
        with one() as found:
            found.set_model(1, text, Word(state, TODAY, "discussion"))
    assert {name: state for name, (state, _, _) in states(one).items()} == {
        "a/base": "to_contact",
        "b/small": "contacted",
        "b/tuned": "reminded",
        "c/never": "unreachable",
    }
    assert told(one)[1:] == [
        "b/small: to_contact → contacted, on 2026-11-28; medium discussion",
        "b/tuned: to_contact → reminded, on 2026-11-28; medium discussion",
        "c/never: to_contact → unreachable, on 2026-11-28; medium discussion",
    ]


def test_a_name_in_another_case_that_two_models_have_is_refused_with_their_keys(cases: Opened) -> None:
    with cases() as found:
        found.open(request(), [Facts("1", "a/X", "itself"), Facts("2", "A/x", "mixed")])
        with pytest.raises(HubGenealogyError, match=r"several models called 'a/x': give the key of one: 2, 1"):
            found.set_model(1, "a/x", Word("contacted", TODAY))
        assert found.set_model(1, "A/x", Word("contacted", TODAY)).facts.key == "2"


def test_an_owner_stands_for_all_its_models_that_are_not_settled(one: Opened) -> None:
    with one() as found:
        found.set_model(1, "b/tuned", Word("remedied", TODAY))
        changed, settled = found.set_owner(1, "B", Word("contacted", TODAY, "post", "twice"))
        assert ([m.facts.id for m in changed], [m.facts.id for m in settled]) == (["b/small"], ["b/tuned"])
        found.set_owner(1, "b", Word("remedied", TODAY))
        with pytest.raises(HubGenealogyError, match=r"all models of b in case 1 are settled .*--model"):
            found.set_owner(1, "b", Word("contacted", TODAY))
    assert told(one)[2] == "b: b/small → contacted, on 2026-11-28; medium post; twice"


def test_remedied_remembers_the_revision_so_that_a_later_change_is_seen(one: Opened) -> None:
    with one() as found:
        found.set_model(1, "b/small", Word("remedied", TODAY))
        found.set_model(1, "c/never", Word("remedied", TODAY))
        found.adopt(1, [*MODELS[:1], replace(MODELS[1], revision="r2"), *MODELS[2:]], "000002")
    assert states(one) == {
        "a/base": ("to_contact", "r1", False),
        "b/small": ("remedied", "r1", True),
        "b/tuned": ("to_contact", "r1", False),
        "c/never": ("remedied", None, None),
    }
    with one() as found:
        found.set_model(1, "b/small", Word("remedied", TODAY))
    assert states(one)["b/small"] == ("remedied", "r2", False)


def test_a_crawl_brings_new_models_in_and_keeps_the_states_of_the_others(one: Opened) -> None:
    base, small, tuned, never = MODELS
    later = [
        base,
        replace(small, id="b/smaller"),
        replace(tuned, status="gone", revision=None),
        replace(never, key="N", id="C/never", status="listed", revision="n1"),
        Facts("D", "d/new", "mixed", depth=2, owner="d", parents=("S",)),
    ]
    with one() as found:
        found.set_model(1, "c/never", Word("contacted", TODAY))
        changes = found.adopt(1, later, "000002")
        assert found.adopt(1, later, "000003") == []
        members = {m.facts.key: (m.facts.id, m.facts.status, m.state) for m in found.members(1)}
    assert members == {
        "B": ("a/base", "listed", "to_contact"),
        "S": ("b/smaller", "listed", "to_contact"),
        "T": ("b/tuned", "gone", "to_contact"),
        "N": ("C/never", "listed", "contacted"),
        "D": ("d/new", "listed", "to_contact"),
    }
    assert told(one)[2:] == [
        "listed for the first time: C/never; crawl 000002",
        "renamed: c/never → C/never; crawl 000002",
        "renamed: b/small → b/smaller; crawl 000002",
        "gone from the Hub: b/tuned; crawl 000002",
        "new: d/new (mixed); crawl 000002",
    ]
    assert len(changes) == 5


def test_a_case_about_a_name_that_is_listed_later_is_about_that_model(cases: Opened) -> None:
    absent = Facts("absent:c/never", "c/never", "itself", status="absent")
    with cases() as found:
        found.open(replace(request(), key=absent.key, subject=absent.id), [absent])
        found.adopt(1, [replace(absent, key="N", status="listed")], "000002")
        assert (found.case(1).key, [m.facts.key for m in found.members(1)]) == ("N", ["N"])


def test_nothing_is_written_where_a_crawl_changed_nothing(one: Opened, home: Path) -> None:
    before = store.path_of(home).read_bytes()
    with one() as found:
        assert found.adopt(1, MODELS, "000002") == []
    assert store.path_of(home).read_bytes()[100:] == before[100:]  # the header counts transactions


def test_a_term_is_extended_within_itself_and_by_no_more_than_allowed(one: Opened) -> None:
    with one() as found:
        assert found.extend(1, TODAY, "many owners", 2, 1).due == date(2027, 1, 2)
        assert found.extend(1, TODAY, "more owners", 2).due == date(2027, 2, 2)
        with pytest.raises(HubGenealogyError, match=r"by 2 months at most, and it was extended by 2 already"):
            found.extend(1, TODAY, "again", 2)
        found.open(request("R-2", date(2026, 10, 28)), [])
        assert found.extend(2, TODAY, "on its last day", 2).due == date(2027, 1, 28)
        found.open(request("R-3", date(2026, 10, 27)), [])
        with pytest.raises(HubGenealogyError, match=r"the first term of case 3 ended on 2026-11-27"):
            found.extend(3, TODAY, "too late", 2)
        with pytest.raises(HubGenealogyError, match=r"by 2 months at most \("):
            found.extend(3, date(2026, 11, 1), "too long", 2, 3)
        with pytest.raises(HubGenealogyError, match=r"by 0 months at most"):
            found.extend(3, date(2026, 11, 1), "none at all", 0)
    assert told(one)[1:] == [
        "extended to 2027-01-02, on 2026-11-28; many owners",
        "extended to 2027-02-02, on 2026-11-28; more owners",
    ]


def test_nothing_is_written_into_a_case_that_has_ended(cases: Opened) -> None:
    with cases() as found:
        for reference in ("closed", "refused"):
            found.open(request(reference), MODELS)
        found.close(1, TODAY, "answered", all_the_same=True)
        found.refuse(2, TODAY, "unfounded", "authority and court")
        for number, state in ((1, "closed"), (2, "refused")):
            before = len(found.events(number))
            for attempt in (
                lambda n=number: found.note(n, "late"),
                lambda n=number: found.set_model(n, "b/small", Word("contacted", TODAY)),
                lambda n=number: found.set_owner(n, "b", Word("contacted", TODAY)),
                lambda n=number: found.extend(n, TODAY, "why", 2),
                lambda n=number: found.refuse(n, TODAY, "why", "where"),
                lambda n=number: found.close(n, TODAY, None),
                lambda n=number: found.adopt(n, [], "000002"),
            ):
                with pytest.raises(HubGenealogyError, match=f"case {number} is {state}: nothing more"):
                    attempt()
            assert len(found.events(number)) == before
    assert told(cases, 2)[-1] == "refused on 2026-11-28; remedies named: authority and court; unfounded"


def test_a_case_is_not_closed_while_nobody_wrote_to_an_owner_unless_asked_to(one: Opened) -> None:
    with one() as found:
        with pytest.raises(HubGenealogyError, match=r"4 models are still to_contact"):
            found.close(1, TODAY, None)
        for member in MODELS:
            found.set_model(1, member.key, Word("contacted", TODAY))
        assert found.close(1, TODAY, None).state == "closed"


def test_each_wrong_call_is_one_line_and_changes_nothing(one: Opened) -> None:
    with one() as found:
        wrong: dict[str, Callable[[], object]] = {
            "case 1 has the reference R-1 already": lambda: found.open(request(), MODELS),
            "case 1 has the reference r-1 already": lambda: found.open(request("r-1"), MODELS),
            "there is no case 7": lambda: found.note(7, "x"),
            "case 1 has no model 'b/smal'; nearest: b/small": lambda: found.set_model(
                1, "b/smal", Word("contacted", TODAY)
            ),
            "case 1 has no owner 'z'": lambda: found.set_owner(1, "z", Word("contacted", TODAY)),
            "2026-11-01 is before case 1 was received": lambda: found.close(1, date(2026, 11, 1), None),
        }
        for message, attempt in wrong.items():
            with pytest.raises(HubGenealogyError) as raised:
                attempt()
            assert message in str(raised.value)
            assert "\n" not in str(raised.value)
        assert [len(found.events(1)), len(found.cases())] == [1, 1]


def test_the_trail_can_be_neither_changed_nor_deleted(one: Opened, home: Path) -> None:
    assert len(told(one)) == 1
    with closing(sqlite3.connect(store.path_of(home))) as connection:
        for statement in ("UPDATE events SET by = 'x'", "DELETE FROM events"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                connection.execute(statement)
        with pytest.raises(sqlite3.IntegrityError, match="never deleted"):
            connection.execute("DELETE FROM cases")


def test_a_member_of_no_case_and_an_unknown_state_cannot_be_stored(one: Opened, home: Path) -> None:
    assert told(one)
    with store.opened(home) as connection:
        assert connection is not None
        with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
            connection.execute("UPDATE members SET \"case\" = 9 WHERE key = 'B'")
        for column, value in (("state", "done"), ("since", "2026-13-01"), ("link_status", ""), ("status", "lost")):
            with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
                connection.execute(f"UPDATE members SET {column} = ?", (value,))  # noqa: S608  # its own column


def test_an_event_names_the_user_and_who_became_that_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SUDO_USER", raising=False)
    alone = register.system_user()
    monkeypatch.setenv("SUDO_USER", "anna")
    assert alone
    assert not alone.startswith("the user")
    assert register.system_user() == f"{alone} (sudo: anna)"


def test_hostile_names_and_notes_are_stored_as_they_are(cases: Opened) -> None:
    name = "x'; DROP TABLE cases; --/\x1b[2J{id}%s\u202e"
    with cases() as found:
        found.open(request(), [Facts("K", name, "itself", owner=name)])
        found.note(1, name)
        found.set_model(1, name, Word("contacted", TODAY, note=name))
    with cases() as found:
        assert found.members(1)[0].facts.id == name
        assert [event.what for event in found.events(1)][1] == f"note: {name}"


def test_a_day_is_that_of_the_place_of_the_machine() -> None:
    assert Acting(NOON, "x").today == TODAY == ACTING.today
