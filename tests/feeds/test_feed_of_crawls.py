"""Feeds of a Hub that is swept again and again: what an entry tells, and that it stays as it was published."""

from pathlib import Path
from typing import Any

import feedparser
import pytest

from crawler.changes.diff import ChangeSet
from crawler.errors import HubGenealogyError
from crawler.feeds import atom, history, make
from crawler.feeds.atom import document
from crawler.feeds.family import Subject
from crawler.feeds.make import of_subject
from tests.support.sweeps import Record, Sweeps, child, drop_column, record, resolved

BASE = record("1", "maker/base", sha="a" * 40)
ONE = child("2", "tuner/one", "maker/base", sha="b" * 40)
TWO = child("3", "other/two", "tuner/one", sha="c" * 40)
FAMILY = [BASE, ONE, TWO, record("4", "x/alone")]
STATE = "0" * 32


def swept(folder: Path, *nights: list[Record]) -> Sweeps:
    sweeps = Sweeps(folder)
    for night in nights:
        assert sweeps.sweep(night).changes
    return sweeps


def feed(sweeps: Sweeps, about: str = "model", key: str = "1", name: str = "maker/base", at: int = 1000) -> bytes:
    """The feed after the sweep `at`, or after the last."""
    sets = [ChangeSet(folder) for folder in sorted((sweeps.folder / "changes").iterdir())][:at]
    with history.opened(sets) as crawls:
        return document(of_subject(crawls, Subject(about, key), name), STATE)


def parsed(content: bytes) -> Any:
    found = feedparser.parse(content)
    assert not found.bozo, found.get("bozo_exception")
    assert found.version == "atom10"
    return found


def titles(content: bytes) -> list[str]:
    """What each entry says, the oldest first."""
    return [entry.title for entry in reversed(parsed(content).entries)]


def told(content: bytes) -> str:
    """What the newest entry says, as text."""
    return str(parsed(content).entries[0].content[0].value)


def test_an_entry_tells_what_its_crawl_found_below_a_model(tmp_path: Path) -> None:
    edited, renamed = ONE | {"sha": "d" * 40}, TWO | {"id": "other/second"}
    new = child("5", "new/three", "maker/base", card_base_model_relation="quantized")
    sweeps = swept(tmp_path, FAMILY, [BASE, edited, renamed, new])
    content = feed(sweeps)
    assert titles(content) == ["3 new", "1 new, 1 renamed, 1 changed"]
    text = told(content)
    assert '<a href="https://huggingface.co/new/three">new/three</a> (same weights)' in text
    assert '<a href="https://huggingface.co/other/second">other/second</a> (was other/two)' in text
    assert "tuner/one</a> (bbbbbbbbbb → dddddddddd)" in text


def test_what_vanished_is_no_longer_declared_or_has_other_parents_is_told(tmp_path: Path) -> None:
    three, four = (child(key, f"new/{key}", "maker/base") for key in ("three", "four"))
    moved, alone = child("three", "new/three", "tuner/one"), record("four", "new/four")
    sweeps = swept(tmp_path, [*FAMILY, three, four], [BASE, ONE, moved, alone])
    assert titles(feed(sweeps)) == ["5 new", "1 gone, 1 with other parents, 1 no longer declared"]
    text = told(feed(sweeps))
    assert '<a href="https://huggingface.co/other">other/two</a>' in text  # its owner is the nearest page that is left
    assert "new/three</a> (parents: maker/base → tuner/one)" in text


def test_a_crawl_that_found_nothing_below_a_model_makes_no_entry(tmp_path: Path) -> None:
    popular = [one | {"downloads": 10**6} for one in FAMILY]
    elsewhere = [*FAMILY[:3], record("4", "x/alone", sha="9" * 40), child("6", "x/child", "x/alone")]
    sweeps = swept(tmp_path, FAMILY, FAMILY, popular, elsewhere)
    first = feed(sweeps, at=1)
    assert titles(first) == ["3 new"]
    assert [feed(sweeps, at=night) for night in (2, 3, 4)] == [first] * 3


def lives(nights: int) -> list[list[Record]]:
    """A family in which something happens every night, a rename, an absence and a new parent among it."""
    found, now = [], {one["_id"]: one for one in [*FAMILY, child("7", "late/child", "no/body")]}
    for night in range(nights):
        if night:
            now[f"n{night:02}"] = child(f"n{night:02}", f"new/{night:02}", "maker/base", "tuner/one")
        if night == 2:
            del now["3"]
        if night == 3:
            now["1"] = BASE | {"id": "maker/renamed"}
            now["8"] = child("8", "no/body", "maker/renamed")  # until now it was but a name
        if night == 5:
            now["3"] = TWO
        if night == 6:
            now["2"] = ONE | {"gated": "manual", "cardData": {}}
        found.append(list(now.values()))
    return found


@pytest.fixture(scope="module")
def ten_nights(tmp_path_factory: pytest.TempPathFactory) -> Sweeps:
    trained = {"tags": ["dataset:some/set"]}
    nights = [[one | trained if one["_id"] in ("2", "n04") else one for one in night] for night in lives(10)]
    return swept(tmp_path_factory.mktemp("nights"), *nights)


@pytest.mark.parametrize(
    ("watched", "first", "at_least"),
    [
        (("model", "1", "maker/base"), 1, 8),
        (("model", "8", "no/body"), 4, 2),
        (("owner", "tuner", "tuner"), 1, 8),
        (("dataset", "absent:some/set", "some/set"), 1, 3),
    ],
)
def test_an_entry_that_was_published_stays_as_it_is_whatever_later_crawls_find(
    watched: tuple[str, str, str], first: int, at_least: int, ten_nights: Sweeps
) -> None:
    earlier: list[Any] = []
    for night in range(first, 11):
        content = feed(ten_nights, *watched, at=night)
        entries = parsed(content).entries
        assert len(entries) <= night
        assert entries[len(entries) - len(earlier) :] == earlier
        assert len({entry.id for entry in entries}) == len(entries)
        earlier = entries
    assert len(earlier) >= at_least
    assert feed(ten_nights, *watched) == content


def test_a_feed_holds_the_newest_entries_and_counts_those_that_it_leaves_out(
    ten_nights: Sweeps, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = parsed(feed(ten_nights)).entries
    monkeypatch.setattr(atom, "ENTRIES", 3)
    monkeypatch.setattr(make, "ENTRIES", 3)
    found = parsed(feed(ten_nights))
    assert found.entries == every[:3]
    assert found.feed.subtitle == f"The newest entries; {len(every) - 3} earlier crawls are left out."


def test_a_model_that_was_but_a_name_keeps_its_feed_when_it_is_listed(tmp_path: Path) -> None:
    orphan = child("7", "late/child", "no/body")
    sweeps = swept(tmp_path, [orphan], [orphan, record("8", "no/body")], [orphan, child("8", "no/body", "late/child")])
    before = parsed(feed(sweeps, key="absent:no/body", name="no/body", at=1))
    after = parsed(feed(sweeps, key="8", name="no/body"))
    assert (before.feed.id, before.entries[0]) == (after.feed.id, after.entries[-1])
    assert titles(feed(sweeps, key="8", name="no/body", at=2)) == ["2 new", "1 listed for the first time"]
    assert "links" not in before.feed  # there is no page of it
    assert after.feed.link == "https://huggingface.co/no/body"


def test_the_feed_of_an_owner_tells_of_models_that_come_and_go(tmp_path: Path) -> None:
    moved = ONE | {"id": "elsewhere/one"}
    sweeps = swept(tmp_path, [BASE, ONE], [BASE, ONE, child("5", "x/five", "tuner/one")], [BASE, moved, TWO])
    assert titles(feed(sweeps, "owner", "tuner", "tuner")) == ["1 new", "1 new", "2 without a link"]


def test_the_feed_of_a_data_set_tells_of_models_that_name_it_and_of_their_descendants(tmp_path: Path) -> None:
    naming = ONE | {"tags": ["dataset:some/Set"]}
    sweeps = swept(tmp_path, FAMILY, [BASE, naming, TWO], [BASE, naming, TWO, child("5", "x/five", "other/two")])
    content = feed(sweeps, "dataset", "absent:some/set", "some/Set")
    assert titles(content) == ["2 new", "1 new"]
    assert parsed(content).feed.link == "https://huggingface.co/datasets/some/Set"


def test_change_sets_of_a_version_that_knew_less_are_read(tmp_path: Path) -> None:
    sweeps = swept(tmp_path, FAMILY, [*FAMILY, child("5", "new/three", "maker/base")])
    content = feed(sweeps)
    drop_column(tmp_path / "changes" / "000001" / "derived_from.put.parquet", "certainty")
    drop_column(tmp_path / "changes" / "000001" / "models.put.parquet", "revision")
    assert feed(sweeps) == content


def test_a_table_that_a_change_set_has_lost_is_not_empty(tmp_path: Path) -> None:
    sweeps = swept(tmp_path, FAMILY, [*FAMILY, child("5", "new/three", "maker/base")])
    lost = tmp_path / "changes" / "000002" / "derived_from.put.parquet"
    lost.rename(tmp_path / "elsewhere")
    with pytest.raises(HubGenealogyError, match=f"{lost} is missing, but its manifest lists 1 rows"):
        feed(sweeps)
    lost.write_bytes(b"PAR1")
    with pytest.raises(HubGenealogyError, match=f"{lost} is not the file that its manifest lists"):
        feed(sweeps)


def test_ids_and_times_come_from_the_crawl_and_the_state_alone(tmp_path: Path) -> None:
    found = parsed(feed(swept(tmp_path, FAMILY, [BASE, ONE])))
    assert found.feed.id.startswith("urn:uuid:")
    assert all(entry.id.startswith("urn:uuid:") for entry in found.entries)
    assert [entry.updated for entry in found.entries] == ["2026-01-02T03:00:00Z", "2026-01-01T03:00:00Z"]
    assert found.feed.updated == "2026-01-02T03:00:00Z"


def test_a_relation_that_the_hub_corrects_is_told_as_another_class(tmp_path: Path) -> None:
    said, corrected = (
        ONE | {"baseModels": resolved(relation, ("1", "maker/base"))} for relation in ("finetune", "quantized")
    )
    sweeps = swept(tmp_path, [BASE, said], [BASE, corrected])
    assert titles(feed(sweeps)) == ["2 new", "1 of another class"]
    assert "tuner/one</a> (retrained → same weights)" in told(feed(sweeps))
