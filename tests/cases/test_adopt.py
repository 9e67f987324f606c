from collections.abc import Collection
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.cases.adopt import adopted, changes
from crawler.cases.form import STATES, Facts, sentence

BASE = Facts("B", "a/base", "itself", status="listed", owner="a", gated="false", revision="1")
SMALL = Facts("S", "b/small", "same_weights", depth=1, owner="b", gated="false", revision="1", parents=("B",))
TUNED = Facts("T", "c/tuned", "retrained", depth=2, owner="c", gated="manual", revision="1", parents=("S",))
FAMILY = [BASE, SMALL, TUNED]

NAMES = st.sampled_from(["a/x", "a/y", "b/x", "B/X", "c/z"])
FACTS = st.builds(
    Facts,
    key=st.sampled_from(["1", "2", "3", "4", "absent:a/x", "absent:b/x"]),
    id=NAMES,
    klass=st.sampled_from(["same_weights", "retrained", "mixed"]),
    link_status=st.sampled_from(["current", "withdrawn"]),
    depth=st.integers(1, 3),
    status=st.sampled_from(["listed", "gone", "absent"]),
    gated=st.sampled_from([None, "false", "auto"]),
    revision=st.sampled_from([None, "r1", "r2"]),
    parents=st.lists(st.sampled_from(["1", "2", "absent:a/x"]), unique=True, max_size=2).map(
        lambda keys: tuple(sorted(keys))
    ),
)
CROWD = st.lists(FACTS, max_size=6, unique_by=lambda facts: facts.key)


def told(known: Collection[Facts], found: Collection[Facts]) -> set[str]:
    return {sentence(change.kind, change.details) for change in changes(known, found)}


def test_a_family_that_did_not_change_has_no_events() -> None:
    assert changes(FAMILY, FAMILY[::-1]) == []


def test_each_kind_of_change_is_told_once_and_by_name() -> None:
    new = Facts("N", "d/new", "mixed", depth=3, parents=("T",))
    assert told(FAMILY, [*FAMILY, new]) == {"new: d/new (mixed)"}
    assert told(FAMILY, [BASE, SMALL, replace(TUNED, status="gone", gated=None)]) == {"gone from the Hub: c/tuned"}
    assert told([replace(TUNED, status="gone")], [TUNED]) == {"back on the Hub: c/tuned"}
    assert told(FAMILY, [BASE, SMALL, replace(TUNED, id="e/tuned", owner="e")]) == {"renamed: c/tuned → e/tuned"}
    assert told(FAMILY, [BASE, SMALL, replace(TUNED, parents=("B",))]) == {
        "other parents declared: c/tuned: b/small → a/base"
    }
    assert told(FAMILY, [BASE, replace(SMALL, gated="auto"), TUNED]) == {"access: b/small: false → auto"}
    assert told(FAMILY, [BASE, replace(SMALL, revision="2"), TUNED]) == {"repository changed since: b/small: 1 → 2"}
    assert told(FAMILY, [BASE, SMALL, replace(TUNED, klass="mixed")]) == {"class: c/tuned: retrained → mixed"}
    assert told(FAMILY, [BASE, SMALL]) == {"no link leads to it any more: c/tuned"}
    assert told(FAMILY, [BASE, SMALL, replace(TUNED, link_status="withdrawn", parents=())]) == {
        "only links that are no longer declared lead to it: c/tuned"
    }
    assert told([replace(TUNED, link_status="withdrawn", parents=())], [TUNED]) == {
        "declared links lead to it again: c/tuned"
    }


def test_a_parent_that_is_renamed_gives_its_children_no_other_parents() -> None:
    assert told(FAMILY, [BASE, replace(SMALL, id="b/smaller"), TUNED]) == {"renamed: b/small → b/smaller"}


def test_a_name_that_nobody_had_listed_keeps_its_place_when_it_is_listed() -> None:
    absent = Facts("absent:b/small", "B/small", "same_weights", depth=1, status="absent", parents=("B",))
    below = replace(TUNED, parents=("absent:b/small",))
    assert told([BASE, absent, below], FAMILY) == {"listed for the first time: b/small", "renamed: B/small → b/small"}
    assert adopted([BASE, absent, below], FAMILY)["absent:b/small"] == SMALL


def test_what_was_known_of_a_model_that_is_gone_is_compared_when_it_comes_back() -> None:
    gone = adopted(FAMILY, [BASE, SMALL, replace(TUNED, status="gone", gated=None, revision=None)])["T"]
    assert (gone.gated, gone.revision) == ("manual", "1")
    assert told([gone], [replace(TUNED, gated="false", revision="2")]) == {
        "back on the Hub: c/tuned",
        "access: c/tuned: manual → false",
        "repository changed since: c/tuned: 1 → 2",
    }


def test_a_revision_that_was_not_known_before_is_no_change() -> None:
    assert told([replace(SMALL, revision=None)], [SMALL]) == set()


@settings(max_examples=60)
@given(CROWD, CROWD)
def test_nobody_leaves_a_case_and_all_that_are_found_are_in_it(known: list[Facts], found: list[Facts]) -> None:
    after = adopted(known, found)
    assert {facts.key for facts in known} <= after.keys()
    assert {facts.key for facts in found} <= {facts.key for facts in after.values()}
    assert len({facts.key for facts in after.values()}) == len(after)
    assert len(after) <= len(known) + len(found)


@settings(max_examples=60)
@given(CROWD, CROWD)
def test_looking_twice_finds_nothing_the_second_time(known: list[Facts], found: list[Facts]) -> None:
    after = list(adopted(known, found).values())
    assert changes(after, found) == []
    assert list(adopted(after, found).values()) == after


@settings(max_examples=60)
@given(CROWD, CROWD)
def test_new_models_are_those_that_the_case_did_not_know(known: list[Facts], found: list[Facts]) -> None:
    new = [change.after.key for change in changes(known, found) if change.kind == "new"]
    assert new == sorted(set(new))
    assert set(new) == {facts.key for facts in adopted(known, found).values()} - {
        facts.key for key, facts in adopted(known, found).items() if key in {before.key for before in known}
    }


@settings(max_examples=60)
@given(CROWD, CROWD)
def test_the_order_in_which_models_are_read_changes_nothing(known: list[Facts], found: list[Facts]) -> None:
    # Several names of one listed model cannot be told apart: the first that is read takes its place.
    if len({facts.key.lower() for facts in known if facts.key.startswith("absent:")}) < 2:
        assert changes(known[::-1], found[::-1]) == changes(known, found)


@pytest.mark.timeout(20)
def test_a_large_family_is_compared_in_the_time_of_its_size() -> None:
    known = [Facts(str(n), f"o/{n}", "retrained", revision="r1", parents=(str(n // 2),)) for n in range(30_000)]
    found = [replace(facts, revision="r2") for facts in known[1:]]
    assert len(changes(known, found)) == 30_000
    assert len(adopted(known, found)) == 30_000


def test_the_states_of_the_register_are_those_of_the_design() -> None:
    assert list(STATES) == [
        "to_contact", "contacted", "reminded", "remedied", "refused", "unreachable", "not_concerned",
    ]  # fmt: skip
