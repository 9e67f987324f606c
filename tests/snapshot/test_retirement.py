"""Who may be retired, when: only by a complete sweep, only within the limit, never for being unreadable."""

from collections.abc import Callable

import pytest

from crawler.hub.archive import Detail
from crawler.records.forgetting import Forgotten
from tests.support.sweeps import CUT_SHORT, Sweeps, at, child, record

TEN = [record(f"k{number}", f"org/m{number}") for number in range(10)]


def gone(hub: Sweeps) -> set[str]:
    """The keys of the models that are gone."""
    return {key for key, _, status in hub.models() if status == "gone"}


def test_a_complete_sweep_retires_what_vanished(hub: Sweeps) -> None:
    hub.sweep(TEN)
    hub.sweep(TEN[:9], max_vanished_share=0.1)
    assert hub.rows("models", "key", "status", "gone_at", "gone_reason") >= {
        ("k9", "gone", at(2), "unknown"), ("k8", "listed", None, None),
    }  # fmt: skip
    assert (hub.made.vanished, hub.made.retirement_refused, hub.made.warnings) == (1, False, ())
    assert hub.changes.models_retired == 1
    hub.sweep(TEN[:9])
    assert hub.rows("models", "key", "gone_at") >= {("k9", at(2))}, "gone once, not every night"
    assert (hub.made.vanished, hub.changes.rows_written) == (0, 0)


def test_an_incomplete_sweep_retires_nothing_and_keeps_what_it_did_not_see(hub: Sweeps) -> None:
    family = [record("k1", "org/parent"), child("k2", "org/child", "org/parent"), child("k3", "org/lost", "no/where")]
    hub.sweep(family)
    edges, models = hub.edges(), hub.models()
    hub.sweep([record("k4", "org/new")], complete=False)
    assert hub.edges() == edges
    assert hub.models() == models | {("k4", "org/new", "listed")}
    assert (hub.made.complete, hub.made.warnings, hub.made.retirement_refused) == (
        False, CUT_SHORT, False,
    )  # fmt: skip
    assert (hub.made.vanished, hub.changes.models_retired, hub.changes.models_added) == (3, 0, 1)


def test_an_empty_incomplete_sweep_changes_nothing(hub: Sweeps) -> None:
    hub.sweep(TEN)
    hub.sweep([], complete=False)
    assert hub.changes.rows_written == 0
    hub.sweep(complete=False)
    assert hub.changes.rows_written == 0


def test_a_parent_that_an_incomplete_sweep_sees_heals_a_child_that_it_does_not_see(hub: Sweeps) -> None:
    hub.sweep([child("k1", "org/child", "org/parent")])
    hub.sweep([record("k2", "org/parent")], complete=False)
    assert hub.edges() == {("k1", "k2", "current")}
    assert hub.models() == {("k1", "org/child", "listed"), ("k2", "org/parent", "listed")}


def test_more_than_the_limit_is_refused_with_the_way_out(hub: Sweeps) -> None:
    hub.sweep(TEN)
    hub.sweep(TEN[:8], max_vanished_share=0.1)
    assert gone(hub) == set()
    assert hub.made.retirement_refused
    (warning,) = hub.made.warnings
    assert warning.text.startswith(
        "2 of 10 listed models vanished (20.0%), above sweep.max_vanished_share (10.0%): none was "
    )
    assert warning.text.endswith("crawl again with --accept-vanished")
    assert (hub.made.complete, hub.changes.models_retired) == (True, 0)
    hub.sweep(TEN[:8], max_vanished_share=0.1, accept_vanished=True)
    assert gone(hub) == {"k8", "k9"}
    assert not hub.made.retirement_refused


@pytest.mark.parametrize(("models", "kept", "limit"), [(100, 71, 0.29), (100, 93, 0.07), (50, 49, 0.02)])
def test_a_share_that_is_exactly_the_limit_is_within_it(hub: Sweeps, models: int, kept: int, limit: float) -> None:
    records = [record(f"k{number}", f"org/m{number}") for number in range(models)]
    hub.sweep(records)
    hub.sweep(records[:kept], max_vanished_share=limit)
    assert len(gone(hub)) == models - kept


@pytest.mark.parametrize(
    "unreadable",
    [
        pytest.param({"_id": "k9", "id": None}, id="its name is lost"),
        pytest.param({"_id": None, "id": "org/m9"}, id="its key is lost"),
        pytest.param(TEN[9] | {"private": "no"}, id="whether it is private cannot be read"),
    ],
)
def test_a_record_that_becomes_unreadable_is_not_retired(hub: Sweeps, unreadable: object) -> None:
    hub.sweep(TEN)
    hub.sweep([*TEN[:9], unreadable])
    assert gone(hub) == set()
    assert (hub.made.vanished, hub.made.rejected, hub.changes.rows_written) == (0, 1, 0)


def test_a_model_that_became_private_is_gone(hub: Sweeps) -> None:
    hub.sweep(TEN)
    hub.sweep([*TEN[:9], TEN[9] | {"private": True}])
    assert gone(hub) == {"k9"}


def test_a_gone_model_that_comes_back_was_away(hub: Sweeps) -> None:
    for records in (TEN, TEN[:9], TEN, TEN[:9], TEN[:9], TEN):
        hub.sweep(records)
    assert hub.rows("models", "key", "status", "absences", "listed_at") >= {
        ("k9", "listed", (at(2), at(3), at(4), at(6)), at(1)), ("k8", "listed", None, at(1)),
    }  # fmt: skip


def test_a_model_met_twice_counts_as_it_was_met_last(hub: Sweeps) -> None:
    first = child("k1", "org/before", "org/x", "not a name")
    last = child("k1", "org/after", "org/y", "not a name")
    hub.sweep([first, record("k2", "org/other")], [last])
    assert hub.models() == {
        ("k1", "org/after", "listed"), ("k2", "org/other", "listed"), ("absent:org/y", "org/y", "absent"),
    }  # fmt: skip
    assert hub.edges() == {("k1", "absent:org/y", "current")}
    assert hub.rows("rejected", "model", "value") == {("k1", "not a name")}
    assert (hub.made.models_seen, hub.made.rejected) == (2, 1)


def test_of_two_listed_models_of_one_name_the_newest_is_meant(hub: Sweeps) -> None:
    hub.sweep([record("k1", "org/name")])
    hub.sweep([record("k3", "org/name"), child("k2", "org/child", "org/name")], complete=False)
    assert hub.models() == {("k1", "org/name", "listed"), ("k2", "org/child", "listed"), ("k3", "org/name", "listed")}
    assert hub.edges() == {("k2", "k3", "current")}
    hub.sweep([record("k3", "org/name"), child("k2", "org/child", "org/name")])
    assert gone(hub) == {"k1"}
    assert hub.edges() == {("k2", "k3", "current")}


STAND_IN = Forgotten(b"key").token("jane")
HERS = [record(f"k{number}", f"{STAND_IN}/m{number}") for number in (20, 21)]


def gone_for(asked: list[str]) -> Callable[[str], Detail]:
    def look_up(name: str) -> Detail:
        asked.append(name)
        return Detail(404)

    return look_up


def test_models_of_a_forgotten_owner_are_retired_with_others_and_never_asked_for(hub: Sweeps) -> None:
    asked: list[str] = []
    hub.sweep([*TEN, *HERS])
    hub.sweep(TEN[:9], confirm_sample=9, look_up=gone_for(asked))
    assert gone(hub) == {"k9", "k20", "k21"}
    assert hub.rows("models", "key", "gone_reason") >= {("k9", "deleted_or_private"), ("k20", "unknown")}
    assert (asked, hub.made.warnings) == (["org/m9"], ())


def test_models_of_a_forgotten_owner_that_vanish_alone_stay_listed_until_another_shows_that_the_walk_is_right(
    hub: Sweeps,
) -> None:
    asked: list[str] = []
    hub.sweep([*TEN, *HERS])
    hub.sweep(TEN, confirm_sample=9, look_up=gone_for(asked))
    assert (gone(hub), asked, hub.changes.rows_written) == (set(), [], 0)
    assert [(warning.refuses, warning.text.split(",")[0]) for warning in hub.made.warnings] == [
        (False, "2 models of forgotten owners were not met")
    ]
    assert not hub.made.retirement_refused
    hub.sweep(TEN[:9], confirm_sample=9, look_up=gone_for(asked))
    assert (gone(hub), asked) == ({"k9", "k20", "k21"}, ["org/m9"])


def test_models_of_a_forgotten_owner_are_retired_where_the_user_believes_it(hub: Sweeps) -> None:
    hub.sweep([*TEN, *HERS])
    hub.sweep(TEN, accept_vanished=True, confirm_sample=9, look_up=gone_for([]))
    assert (gone(hub), hub.made.warnings) == ({"k20", "k21"}, ())


def test_the_stand_in_of_a_parent_is_asked_for_as_little_as_a_name_that_is_known(hub: Sweeps) -> None:
    asked: list[str] = []
    hub.sweep([child("k1", "org/child", f"{STAND_IN}/lost", "org/lost")], confirm_sample=9, look_up=gone_for(asked))
    assert asked == ["org/lost"]
    assert (f"absent:{STAND_IN}/lost", f"{STAND_IN}/lost", "absent") in hub.models()
