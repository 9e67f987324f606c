"""A name that no listing holds is asked for, politely: its redirect finds the model that it has become."""

from collections.abc import Mapping

import pytest

from crawler.errors import HubGenealogyError
from crawler.hub.archive import Archive, Detail
from tests.support.sweeps import Sweeps, at, child, record

ASKED = ("name", "asked_at", "status", "key")
MISSING = Detail(401)


class Hub:
    """Answers for names, and notes which were asked for."""

    def __init__(self, answers: Mapping[str, Detail]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def __call__(self, name: str) -> Detail:
        self.asked.append(name)
        if name not in self.answers:
            raise HubGenealogyError("no answer")
        return self.answers[name]


def test_a_redirect_finds_the_model_and_leaves_its_former_name(hub: Sweeps) -> None:
    there = Hub({"Old/Name": Detail(200, "k1", "new/name")})
    page = [record("k1", "new/name"), child("k2", "org/child", "old/name"), child("k3", "org/other", "Old/Name")]
    hub.sweep(page, look_up=there)
    assert hub.rows("edges", "child", "parent", "step", "status") == {
        ("k2", "k1", "redirect", "current"),
        ("k3", "k1", "redirect", "current"),
    }
    assert hub.rows("names", "id_lower", "model", "since", "until", "origin") == {
        ("old/name", "k1", None, None, "redirect")
    }
    assert {status for _, _, status in hub.models()} == {"listed"}
    hub.sweep(page, look_up=there)
    assert hub.changes.rows_written == 0
    assert there.asked == ["Old/Name"], (
        "two spellings of one name are one question, and what is known is not asked again"
    )


def test_a_placeholder_of_earlier_sweeps_is_healed_by_a_redirect(hub: Sweeps) -> None:
    page = [record("k1", "new/name"), child("k2", "org/child", "old-name")]
    hub.sweep(page, redirects=0, look_up=Hub({}))
    assert hub.edges() == {("k2", "absent:old-name", "current")}
    hub.sweep(page, look_up=Hub({"old-name": Detail(200, "k1", "new/name")}))
    assert hub.rows("edges", "child", "parent", "first_seen", "status") == {("k2", "k1", at(1), "current")}
    assert hub.models() == {("k1", "new/name", "listed"), ("k2", "org/child", "listed")}
    assert (hub.changes.edges_added, hub.changes.edges_changed, hub.changes.edges_withdrawn) == (0, 1, 0)


def test_names_are_asked_for_in_their_order_so_many_a_crawl_and_once_a_month(hub: Sweeps) -> None:
    page = [child("k1", "org/child", "lost/c", "lost/a", "lost/b")]
    asked = []
    for _ in range(33):
        there = Hub(dict.fromkeys(("lost/a", "lost/b", "lost/c"), MISSING))
        hub.sweep(page, look_up=there, redirects=2)
        asked.append(there.asked)
    assert asked == [["lost/a", "lost/b"], ["lost/c"], *[[]] * 28, ["lost/a", "lost/b"], ["lost/c"], []]
    assert hub.rows("asked", *ASKED) == {
        ("lost/a", at(31), 401, None),
        ("lost/b", at(31), 401, None),
        ("lost/c", at(32), 401, None),
    }


def test_a_hub_that_will_not_answer_is_left_alone_and_its_names_come_last_the_next_time(
    hub: Sweeps, caplog: pytest.LogCaptureFixture
) -> None:
    page = [child("k1", "org/child", *(f"lost/{letter}" for letter in "abcde"))]
    broken = Hub({})
    hub.sweep(page, look_up=broken)
    assert broken.asked == ["lost/a", "lost/b", "lost/c"]
    assert "the remaining questions are left for the next crawl" in caplog.text
    mended = Hub(dict.fromkeys((f"lost/{letter}" for letter in "abcde"), MISSING))
    hub.sweep(page, look_up=mended)
    assert mended.asked == ["lost/d", "lost/e", "lost/a", "lost/b", "lost/c"]


def test_a_redirect_to_a_model_that_no_listing_holds_waits_until_one_does(hub: Sweeps) -> None:
    one = child("k2", "org/child", "old/name")
    hub.sweep([one], look_up=Hub({"old/name": Detail(200, "k1", "new/name")}))
    assert hub.edges() == {("k2", "absent:old/name", "current")}
    hub.sweep([one, record("k1", "new/name")], look_up=Hub({}))
    assert hub.edges() == {("k2", "k1", "current")}


def test_a_private_answer_of_the_tokens_owner_is_no_answer(hub: Sweeps) -> None:
    page = [record("k1", "new/name"), child("k2", "org/child", "old/name")]
    hub.sweep(page, look_up=Hub({"old/name": Detail(200, "k1", "new/name", private=True)}))
    assert hub.edges() == {("k2", "absent:old/name", "current")}


def test_a_name_that_is_taken_again_means_the_later_bearer_only_where_it_is_declared_anew(hub: Sweeps) -> None:
    page = [record("k1", "new/name"), child("k2", "org/child", "old/name")]
    hub.sweep(page, look_up=Hub({"old/name": Detail(200, "k1", "new/name")}))
    hub.sweep([*page, record("k3", "old/name")], look_up=Hub({}))
    assert hub.edges() == {("k2", "k1", "current")}
    hub.sweep([*page, record("k3", "old/name"), child("k4", "org/later", "old/name")], look_up=Hub({}))
    assert hub.edges() == {("k2", "k1", "current"), ("k4", "k3", "current")}


def test_the_same_archive_gives_the_same_snapshot_without_the_hub(hub: Sweeps) -> None:
    page = [record("k1", "new/name"), child("k2", "org/child", "old/name", "lost/x")]
    hub.sweep(page, look_up=Hub({"old/name": Detail(200, "k1", "new/name"), "lost/x": MISSING}))
    details = Archive(hub.folder / "archive" / "000001").details()
    assert [(d.key, d.name, d.detail.status) for d in details] == [(None, "lost/x", 401), (None, "old/name", 200)]
    before = {path.name: path.read_bytes() for path in hub.snapshot.iterdir()}
    hub.build_again()
    assert {path.name: path.read_bytes() for path in hub.snapshot.iterdir()} == before
