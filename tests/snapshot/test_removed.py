"""What `keep.gone` removes: what has been gone for long and is named by nobody, only after a whole walk that may retire."""

from datetime import timedelta
from typing import Any

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.snapshot.scripts import run, set_variables
from tests.support.sweeps import Record, Sweeps, at, child, record

TWO_DAYS = timedelta(days=2)
ROOT = record("k1", "org/root")
CHILD = child("k2", "person/child", "org/root", card_license="mit", tags=["dataset:person/texts"])
GRANDCHILD = child("k3", "other/grandchild", "person/child")
WITH_ABSENT = child("k4", "person/orphan", "no/where")


def names(hub: Sweeps) -> set[str]:
    return {name for _key, name, _status in hub.models()}


def sweeps(hub: Sweeps, records: list[Record], count: int, **options: Any) -> None:
    for _night in range(count):
        hub.sweep(records, **options)


def test_by_default_what_is_gone_stays_for_ever(hub: Sweeps) -> None:
    hub.sweep([ROOT, CHILD])
    sweeps(hub, [ROOT], 4)
    assert hub.models() == {("k1", "org/root", "listed"), ("k2", "person/child", "gone")}
    assert hub.changes.models_removed is None


def test_a_model_that_nobody_names_goes_with_all_that_is_its_own(hub: Sweeps) -> None:
    graph: dict[str, Any] = {}
    hub.sweep([ROOT, CHILD, WITH_ABSENT]).apply_to(graph)
    hub.sweep([ROOT, CHILD | {"id": "person/new-name"}, WITH_ABSENT])
    hub.apply_to(graph)
    assert hub.rows("names", "model") == {("k2",)}
    for _night in range(3):
        hub.sweep([ROOT], keep_gone=TWO_DAYS).apply_to(graph)
    assert {"person/new-name", "person/orphan", "no/where"} < names(hub), "gone for exactly two days: not longer"
    hub.sweep([ROOT], keep_gone=TWO_DAYS).apply_to(graph)
    assert graph == hub.graph() == hub.folded()
    assert hub.models() == {("k1", "org/root", "listed")}
    assert (hub.edges(), hub.rows("names", "model"), hub.rows("licenses", "id")) == (set(), set(), set())
    assert (hub.changes.models_removed, hub.changes.models_retired, hub.changes.edges_withdrawn) == (2, 0, 0)
    assert "person" not in repr(hub.graph())
    hub.sweep([ROOT], keep_gone=TWO_DAYS)
    assert (hub.changes.models_removed, hub.changes.rows_written) == (None, 0)


def test_a_parent_stays_as_long_as_a_model_that_stays_names_it_or_once_did(hub: Sweeps) -> None:
    hub.sweep([ROOT, CHILD, GRANDCHILD])
    sweeps(hub, [GRANDCHILD], 6, keep_gone=TWO_DAYS)
    assert names(hub) == {"org/root", "person/child", "other/grandchild"}, "the root is named by a model that is needed"
    hub.sweep([record("k3", "other/grandchild")], keep_gone=TWO_DAYS)
    assert hub.edges() == {("k3", "k2", "withdrawn"), ("k2", "k1", "current")}
    sweeps(hub, [], 4, keep_gone=TWO_DAYS)
    assert hub.models() == set(), "when the last one goes, so do the others"


def test_a_circle_of_models_that_are_gone_does_not_keep_itself(hub: Sweeps) -> None:
    circle = [child("k1", "a/one", "a/two"), child("k2", "a/two", "a/one"), child("k3", "a/self", "a/self")]
    hub.sweep([*circle, record("k9", "b/stays")])
    sweeps(hub, [record("k9", "b/stays")], 4, keep_gone=TWO_DAYS)
    assert names(hub) == {"b/stays"}


def test_a_model_that_comes_back_in_time_stays_and_one_that_comes_back_later_is_new(hub: Sweeps) -> None:
    hub.sweep([ROOT, CHILD])
    sweeps(hub, [ROOT], 2, keep_gone=TWO_DAYS)
    hub.sweep([ROOT, CHILD], keep_gone=TWO_DAYS)
    assert {(key, seen.day) for key, seen in hub.rows("models", "key", "first_seen")} == {("k1", 1), ("k2", 1)}
    sweeps(hub, [ROOT], 4, keep_gone=TWO_DAYS)
    hub.sweep([ROOT, CHILD], keep_gone=TWO_DAYS)
    assert {(key, seen.day) for key, seen in hub.rows("models", "key", "first_seen")} == {("k1", 1), ("k2", 9)}
    assert (hub.changes.models_added, hub.edges()) == (1, {("k2", "k1", "current")})


def test_a_broken_walk_or_a_refused_one_removes_nothing(hub: Sweeps) -> None:
    hub.sweep([ROOT, CHILD, GRANDCHILD])
    hub.sweep([ROOT, GRANDCHILD | {"cardData": {}}])
    for options in ({"complete": False}, {"max_vanished_share": 0.1}):
        sweeps(hub, [ROOT], 4, keep_gone=TWO_DAYS, **options)
        assert "person/child" in names(hub)


KEYS = [f"k{number}" for number in range(7)]
LINKS = st.sets(st.tuples(st.sampled_from(KEYS), st.sampled_from(KEYS)), max_size=10)


@settings(deadline=None)
@given(old=st.sets(st.sampled_from(KEYS)), named=st.sets(st.sampled_from(KEYS)), past=LINKS, present=LINKS)
def test_what_stays_is_what_a_model_that_stays_leads_to(
    old: set[str], named: set[str], past: set[tuple[str, str]], present: set[tuple[str, str]]
) -> None:
    # Of data sets: what models name stays, too.
    stays = set(KEYS) - old | named
    while more := {parent for child_, parent in past | present if child_ in stays} - stays:
        stays |= more
    with duckdb.connect() as db:
        db.execute("CREATE TABLE real (key VARCHAR, status VARCHAR, gone_at TIMESTAMP)")
        for key in KEYS:
            db.execute(
                "INSERT INTO real VALUES (?, ?, ?)", [key, *(("gone", at(1)) if key in old else ("listed", None))]
            )
        db.execute("CREATE TABLE names AS SELECT key AS model FROM real")
        db.execute("CREATE TABLE said AS SELECT key AS child FROM real")
        db.execute("CREATE TABLE weights AS SELECT key AS model FROM real")
        for name, links in (("past", past), ("present", present)):
            db.execute(f"CREATE TABLE {name} (child VARCHAR, parent VARCHAR)")
            for link in links:
                db.execute(f"INSERT INTO {name} VALUES (?, ?)", link)  # noqa: S608  # our own names
        db.execute("CREATE TABLE named_keys (key VARCHAR)")
        for key in named:
            db.execute("INSERT INTO named_keys VALUES (?)", [key])
        set_variables(db, gone_before=at(2))
        run(db, "12_removed")
        assert {key for (key,) in db.execute("SELECT key FROM real").fetchall()} == stays
        assert {key for (key,) in db.execute("SELECT model FROM names").fetchall()} == stays
        assert {key for (key,) in db.execute("SELECT child FROM said").fetchall()} == stays
        assert {key for (key,) in db.execute("SELECT model FROM weights").fetchall()} == stays
        assert set(db.execute("FROM past").fetchall()) == {link for link in past if link[0] in stays}
