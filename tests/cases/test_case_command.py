"""`hub-genealogy case` as a user runs it, where it needs no graph. `test_case_open.py` has the rest."""

import csv
import io
import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from crawler.cases import register
from crawler.cases.calendar import due_day
from crawler.cases.form import Facts
from tests.cases.conftest import ACTING, MODELS, Opened, request
from tests.support.program import Program, Result

TODAY = date.today()  # noqa: DTZ011  # the day of this machine, as the program takes it
RECEIVED = TODAY - timedelta(5)

Case = Callable[..., Result]


@pytest.fixture
def case(home: Path) -> Case:
    return lambda *arguments, **settings: Program(home, None, settings).run("case", *arguments)


@pytest.fixture
def one(case: Case, cases: Opened) -> Case:
    """A register with one open case, number 1."""
    with cases() as found:
        found.open(request(received=RECEIVED), MODELS)
    return case


def test_without_a_register_there_are_no_cases_and_none_is_made(case: Case, home: Path) -> None:
    listed = case("list", "--format", "json")
    assert (listed.code, listed.json()) == (0, [])
    assert listed.messages == [f"no case was ever opened in {home}"], "it may be the wrong folder"
    shown = case("show", "1")
    assert (shown.code, shown.out) == (1, "")
    assert "there is no case 1" in shown.messages[0]
    assert not home.exists()


def test_the_list_has_what_is_due_first_and_marks_what_is_overdue(case: Case, cases: Opened) -> None:
    with cases() as found:
        for reference, days in (("soon", 20), ("overdue", 40), ("new", 1), ("ended", 3)):
            found.open(request(reference, TODAY - timedelta(days)), MODELS)
        found.close(4, TODAY, None, all_the_same=True)
        found.set_model(1, "b/small", register.Word("contacted", TODAY))
        found.set_model(1, "b/tuned", register.Word("remedied", TODAY))
    listed = case("list", "--format", "json")
    late = due_day(TODAY - timedelta(40), 1)
    assert [(row["reference"], row["overdue"], row["state"]) for row in listed.json()] == [
        ("overdue", True, "open"),
        ("soon", False, "open"),
        ("new", False, "open"),
    ]
    [overdue, soon, _] = listed.json()
    assert (overdue["due"], overdue["days_left"]) == (str(late), (late - TODAY).days)
    assert (soon["models"], soon["to_contact"], soon["waiting"], soon["done"]) == (4, 2, 1, 1)
    assert listed.messages == ["1 case is overdue"]
    table = case("list", "--all").out.splitlines()
    assert [line.split()[1] for line in table[2:]] == ["overdue", "soon", "new", "ended"]
    assert ["OVERDUE" in line for line in table[2:]] == [True, False, False, False]
    [*_, ended] = csv.DictReader(io.StringIO(case("list", "--all", "--format", "csv").out))
    assert (ended["state"], ended["days_left"]) == ("closed", "")


def test_a_case_is_shown_as_one_object(one: Case) -> None:
    assert one("set", "1", "--model", "b/small", "--state", "remedied", "--medium", "discussion").code == 0
    found = one("show", "1", "--format", "json").json()
    assert {name: found[name] for name in ("id", "reference", "right", "model", "received", "due", "state")} == {
        "id": 1, "reference": "R-1", "right": "erasure", "model": "a/base", "received": str(RECEIVED),
        "due": str(due_day(RECEIVED, 1)), "state": "open",
    }  # fmt: skip
    assert [
        {name: row[name] for name in ("id", "key", "owner", "class", "state", "revision")} for row in found["members"]
    ] == [
        {"id": "a/base", "key": "B", "owner": "a", "class": "itself", "state": "to_contact", "revision": "r1"},
        {"id": "b/small", "key": "S", "owner": "b", "class": "same_weights", "state": "remedied", "revision": "r1"},
        {"id": "b/tuned", "key": "T", "owner": "b", "class": "retrained", "state": "to_contact", "revision": "r1"},
        {
            "id": "c/never",
            "key": "absent:c/never",
            "owner": "c",
            "class": "unclear",
            "state": "to_contact",
            "revision": None,
        },
    ]
    assert found["owners"] == [
        {"owner": "b", "models": 2, "states": {"to_contact": 1, "remedied": 1}},
        {"owner": "a", "models": 1, "states": {"to_contact": 1}},
        {"owner": "c", "models": 1, "states": {"to_contact": 1}},
    ]
    [opened, changed] = found["events"]
    assert {"at", "what", "by"} <= opened.keys()
    assert changed["what"] == f"b/small: to_contact → remedied, on {TODAY}; medium discussion"
    assert changed["by"] == register.system_user()
    assert datetime.fromisoformat(changed["at"]).utcoffset() == timedelta(0)
    assert found == one("export", "1", "--format", "json").json()


def test_a_case_about_a_data_set_says_so(case: Case, cases: Opened) -> None:
    with cases() as found:
        found.open(replace(request(), about="dataset", key="d/set", subject="d/set"), MODELS)
    shown = case("show", "1", "--format", "json").json()
    assert (shown["dataset"], "model" in shown) == ("d/set", False)
    assert "d/set (data set)" in case("show", "1").out


def test_people_read_the_term_the_models_and_the_trail(one: Case, cases: Opened) -> None:
    with cases() as found:
        found.adopt(1, [replace(MODELS[1], revision="r2", link_status="withdrawn")], "000002")
    text = one("show", "1").out
    assert f"due        {due_day(RECEIVED, 1)}, " in text
    assert " left\n" in text
    for row in (
        "b/small",
        "listed, link withdrawn",
        "changed since",
        "no link leads to it any more: b/tuned; crawl 000002",
    ):
        assert row in text


def test_an_owner_stands_for_its_models(one: Case) -> None:
    done = one("set", "1", "--owner", "https://huggingface.co/b", "--state", "contacted", "--medium", "post")
    assert (done.code, done.out, done.messages) == (0, "", ["case 1: 2 models of b → contacted"])
    assert one("set", "1", "--model", "https://huggingface.co/b/small", "--state", "not_concerned").code == 0
    assert one("set", "1", "--owner", "b", "--state", "reminded").messages == [
        "case 1: 1 model of b → reminded; 1 settled one stays as it was"
    ]


def test_a_case_from_extension_to_end(one: Case) -> None:
    extended = one("extend", "1", "--reason", "2,000 owners")
    assert extended.code == 0
    assert f"due on {due_day(RECEIVED, 3)}, a " in extended.messages[0]
    assert "for you to decide" in extended.messages[0]
    assert f"by {due_day(RECEIVED, 1)}" in extended.messages[0]
    assert one("note", "1", "the first answers are in").code == 0
    assert one("close", "1").messages == ["in case 1, 4 models are still to_contact: set the state first, or add --yes"]
    assert one("close", "1", "--yes", "--note", "answered by post").code == 0
    shown = one("show", "1", "--format", "json").json()
    assert (shown["state"], shown["days_left"], shown["overdue"]) == ("closed", None, False)
    assert [event["kind"] for event in shown["events"]] == ["opened", "extended", "noted", "closed"]


def test_a_refusal_after_the_first_term_is_written_down_with_a_warning(case: Case, cases: Opened) -> None:
    with cases() as found:
        found.open(request(received=TODAY - timedelta(40)), MODELS)
    done = case("refuse", "1", "--reason", "unfounded", "--remedies", "the authority, and the court")
    assert done.code == 0
    assert done.messages[1] == (
        f"the person had to be told of a refusal by {due_day(TODAY - timedelta(40), 1)}, within the first term"
    )


def test_the_longest_extension_is_a_setting(one: Case) -> None:
    settings = {"HUB_GENEALOGY_CASES_EXTENSION_MONTHS": "0"}
    refused = one("extend", "1", "--reason", "why", **settings)
    assert (refused.code, refused.messages) == (
        1,
        ["the term of case 1 can be extended by 0 months at most (cases.extension_months)"],
    )
    wrong = one("list", HUB_GENEALOGY_CASES_TERM_MONTHS="0")
    assert (wrong.code, "a whole number of months from 1 to 120" in wrong.messages[0]) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("set", "1", "--model", "b/small", "--state", "done"), 2, "'done' is not one of 'to_contact'"),
        (("set", "1", "--state", "contacted"), 2, "name --model M or --owner O: one of them"),
        (("set", "1", "--model", "b/small", "--owner", "b", "--state", "contacted"), 2, "one of them"),
        (("set", "1", "--model", "b/smal", "--state", "contacted"), 1, "case 1 has no model 'b/smal'; nearest: b/small"),
        (("set", "1", "--model", "b/small", "--state", "contacted", "--day", str(TODAY + timedelta(1))), 2, "in the future"),
        (("set", "1", "--model", "b/small", "--state", "contacted", "--day", "yesterday"), 2, "a day such as 2026-03-01"),
        (("set", "1", "--model", "b/small", "--state", "contacted", "--day", "2026-02-30"), 2, "a day such as 2026-03-01"),
        (("set", "1", "--model", "b/small", "--state", "contacted", "--day", "20260201"), 2, "a day such as 2026-03-01"),
        (("set", "1", "--model", "b/small", "--state", "contacted", "--day", "2020-01-01"), 1, "before case 1 was received"),
        (("show", "2"), 1, "there is no case 2"),
        (("show", "R-1"), 2, "'R-1' is not a valid integer"),
        (("show", "99999999999999999999"), 2, "not in the range"),
        (("note", "1", " "), 2, "the note is empty"),
        (("note", "1", "x" * 5000), 2, "4000 at most"),
        (("extend", "1"), 2, "'--reason'"),
        (("extend", "1", "--reason", "x", "--months", "3"), 1, "by 2 months at most"),
        (("refuse", "1", "--reason", "x"), 2, "'--remedies'"),
        (("export", "1"), 2, "'--format'"),
        (("open", "a/base", "--right", "erasure", "--received", str(TODAY), "--reference", "r-1"), 1, "has the reference r-1"),
        (("open", "a/base", "--right", "oblivion", "--received", str(TODAY), "--reference", "R-2"), 2, "'oblivion'"),
        (("open", "a/base", "--right", "erasure", "--received", "2999-01-01", "--reference", "R-2"), 2, "in the future"),
        (("open", "--right", "erasure", "--received", str(TODAY), "--reference", "R-2"), 2, "name a model, or --dataset"),
        (("open", "a/base", "--right", "erasure", "--received", str(TODAY), "--reference", "a\x1bb"), 2, "control characters"),
        (("open", "a/base", "--right", "erasure", "--received", str(TODAY), "--reference", " "), 2, "--reference is empty"),
    ],
    ids=lambda value: " ".join(value)[:60] if isinstance(value, tuple) else None,
)  # fmt: skip
def test_a_wrong_call_is_one_line_and_changes_nothing(
    one: Case, arguments: tuple[str, ...], code: int, said: str
) -> None:
    before = one("show", "1", "--format", "json").out
    done = one(*arguments)
    assert (done.code, done.out, len(done.messages), len(done.err.splitlines())) == (code, "", 1, 1)
    assert said in done.messages[0]
    assert one("show", "1", "--format", "json").out == before
    assert len(one("list", "--all", "--format", "json").json()) == 1


def test_a_closed_case_takes_nothing_more(one: Case) -> None:
    assert one("close", "1", "--yes").code == 0
    for arguments in (
        ("note", "1", "late"),
        ("set", "1", "--owner", "b", "--state", "contacted"),
        ("extend", "1", "--reason", "x"),
        ("refuse", "1", "--reason", "x", "--remedies", "y"),
        ("close", "1"),
    ):
        done = one(*arguments)
        assert (done.code, done.messages) == (1, ["case 1 is closed: nothing more is written into it"])


@pytest.mark.parametrize(
    "arguments",
    [
        ("note", "1", "write to jane@example.org"),
        ("set", "1", "--owner", "b", "--state", "contacted", "--note", "call 06 12 34 56 78"),
        ("set", "1", "--owner", "b", "--state", "contacted", "--medium", "jane@example.org"),
        ("extend", "1", "--reason", "Jane Doe, 1985-03-12"),
        ("refuse", "1", "--reason", "x", "--remedies", "jane@example.org"),
        ("close", "1", "--note", "jane@example.org"),
        ("open", "a/base", "--right", "erasure", "--received", str(TODAY), "--reference", "jane@example.org"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_what_looks_like_personal_data_needs_a_yes_and_is_not_repeated_in_the_log(
    one: Case, arguments: tuple[str, ...]
) -> None:
    done = one(*arguments)
    assert (done.code, done.out, len(done.messages)) == (2, "", 1)
    assert "add --yes" in done.messages[0]
    assert not any(word in done.err for word in ("jane@", "06 12", "1985-"))
    assert len(one("show", "1", "--format", "json").json()["events"]) == 1


def test_with_a_yes_it_is_stored_with_a_warning(one: Case) -> None:
    done = one("note", "1", "write to jane@example.org", "--yes")
    assert (done.code, done.messages) == (0, ["the note seems to hold an e-mail address: it is stored all the same"])
    assert one("show", "1", "--format", "json").json()["events"][-1]["what"] == "note: write to jane@example.org"


def test_an_export_is_a_file_for_its_owner_alone(one: Case, tmp_path: Path) -> None:
    file = tmp_path / "case.ics"
    done = one("export", "1", "--format", "ics", "--to", str(file))
    assert (done.code, done.out) == (0, "")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_bytes().startswith(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
    assert one("export", "1", "--format", "ics", "--to", str(tmp_path / "no" / "folder")).code == 1


def test_hostile_names_reach_no_terminal(case: Case, cases: Opened) -> None:
    name = "x\x1b[2J\u202e/y"
    with cases() as found:
        found.open(replace(request(), subject=name), [Facts("K", name, "itself", owner=name)])
        found.note(1, name)
    for arguments in (("show", "1"), ("show", "1", "--format", "json"), ("list",), ("export", "1", "--format", "json")):
        done = case(*arguments)
        assert done.code == 0
        assert not {"\x1b", "\u202e"} & set(done.out + done.err)


def test_a_damaged_register_is_one_line(one: Case, home: Path) -> None:
    (home / "cases.sqlite").write_bytes(b"nothing")
    done = one("list")
    assert (done.code, done.out, len(done.messages)) == (1, "", 1)
    assert "is damaged (file is not a database): restore it from a backup" in done.messages[0]


def test_a_day_of_the_tests_is_a_day_of_the_program() -> None:
    assert ACTING.today == date(2026, 11, 28)
