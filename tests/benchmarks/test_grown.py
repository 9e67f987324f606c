"""The made Hub of any size: the same each time, in the shape of the real one, and served whole."""

import json
import urllib.error
import urllib.request
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from benchmarks.grown import GrownHub
from benchmarks.page_hub import PageHub, write_night
from crawler.records.record import parse, parse_dataset

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SIZE = 20_000


def answered(url: str) -> tuple[bytes, str | None]:
    """The body of an answer of our own server, and its Link."""
    with urllib.request.urlopen(url) as answer:  # noqa: S310  # the server listens on loopback
        return answer.read(), answer.headers.get("Link")


def listed(url: str | None) -> list[dict[str, Any]]:
    """Every record from this page on."""
    found: list[dict[str, Any]] = []
    while url:
        body, link = answered(url)
        found += json.loads(body)
        url = link and link[1 : link.index(">")]
    return found


def test_a_grown_hub_is_the_same_each_time_and_so_are_its_nights() -> None:
    hubs = [GrownHub(500), GrownHub(500)]
    for hub in hubs:
        hub.pass_night(0.1, NOW)
    assert list(hubs[0].records()) == list(hubs[1].records())
    assert list(GrownHub(500, seed=2).records()) != list(GrownHub(500).records())


def test_a_repository_keeps_its_key_and_its_creation_through_many_nights() -> None:
    hub = GrownHub(500)
    made: dict[str, str] = {}
    for night in range(7):
        if night:
            hub.pass_night(0.3, NOW + timedelta(days=night))
        for listing in (hub, hub.datasets):
            records = [json.loads(record) for record in listing.records()]
            keys = [(record["createdAt"], record["_id"]) for record in records]
            assert keys == sorted(keys)
            for created, key in keys:
                assert made.setdefault(key, created) == created
    assert len(made) == len(hub) + len(hub.datasets)


def test_it_has_the_shape_of_the_replay() -> None:
    hub = GrownHub(SIZE)
    links = [link for number in range(SIZE) for link in hub.links(number)]
    children = Counter(link.parent for link in links if not link.absent)
    owners = Counter(hub.owner(number) for number in range(SIZE))
    assert 0.45 < sum(1 for number in range(SIZE) if hub.links(number)) / SIZE < 0.51
    assert 0.035 < sum(link.absent for link in links) / len(links) < 0.055
    assert 0.02 < max(children.values()) / len(links) < 0.15
    assert 0.08 < len(children) / len(links) < 0.14
    assert 0.2 < len(owners) / SIZE < 0.3
    sizes = [len(hub.record(number)) for number in range(0, SIZE, 50)]
    assert 900 < sum(sizes) / len(sizes) < 1300


def test_its_records_are_models_to_the_parser_and_some_hold_what_it_rejects() -> None:
    hub = GrownHub(1000)
    parsed = [parse(json.loads(record)) for record in hub.records()]
    assert all(found.model is not None for found in parsed)
    assert sum(len(found.rejected) for found in parsed) == 4
    assert {declared.relation for found in parsed for declared in found.declared} >= {"finetune", "merge", "adapter"}


def test_a_night_adds_edits_renames_and_deletes_about_as_many_as_it_was_told() -> None:
    hub = GrownHub(SIZE)
    before = {record["_id"]: record for record in map(json.loads, hub.records())}
    hub.pass_night(0.05, NOW)
    after = {record["_id"]: record for record in map(json.loads, hub.records())}
    new, gone = len(after.keys() - before.keys()), len(before.keys() - after.keys())
    renamed = sum(after[key]["id"] != before[key]["id"] for key in before.keys() & after.keys())
    assert 300 < new < 370
    assert 100 < gone < 200
    assert 20 < renamed < 80
    assert sum(record["lastModified"].startswith("2026-11-01") for record in after.values()) == len(hub.changed)


def test_its_data_sets_are_data_sets_to_the_parser_and_models_name_them() -> None:
    hub = GrownHub(3000)
    parsed = [parse_dataset(json.loads(record)) for record in hub.datasets.records()]
    listed = {found.model.id for found in parsed if found.model is not None}
    assert len(listed) == len(parsed) == len(hub.datasets)
    made_from = {declared.target for found in parsed for declared in found.declared}
    assert made_from & listed
    assert made_from - listed
    named = {name for record in hub.records() for name in json.loads(record)["cardData"].get("datasets", ())}
    assert len(named & listed) > len(named) / 2
    assert {name.lower() for name in named if name.isupper()} <= listed
    assert {name for name in named if name.startswith("absent-")}


def test_the_pages_hold_every_record_once_oldest_first_and_an_increment_newest_first(tmp_path: Path) -> None:
    hub = GrownHub(3500)
    hub.pass_night(0.02, NOW)
    write_night(tmp_path, hub)
    with PageHub(tmp_path) as served:
        all_of_them = listed(f"{served.url}/api/models?sort=createdAt&direction=1&limit=1000")
        datasets = listed(f"{served.url}/api/datasets?sort=createdAt&direction=1&limit=300")
        newest = listed(f"{served.url}/api/models?sort=lastModified&limit=700")
    assert all_of_them == [json.loads(record) for record in hub.records()]
    assert datasets == [json.loads(record) for record in hub.datasets.records()]
    assert [found["_id"] for found in all_of_them] == sorted(found["_id"] for found in all_of_them)
    times = [found["lastModified"] for found in newest]
    assert times == sorted(times, reverse=True)
    assert {found["lastModified"] for found in newest[: len(hub.changed)]} == {"2026-11-01T00:00:00.000Z"}


def test_the_rate_limit_answers_429_beyond_its_quota(tmp_path: Path) -> None:
    write_night(tmp_path, GrownHub(10))
    with PageHub(tmp_path, quota=1, window=60) as served:
        assert len(listed(f"{served.url}/api/models")) == 10
        with pytest.raises(urllib.error.HTTPError) as refused:
            listed(f"{served.url}/api/models")
    with refused.value:
        assert (refused.value.code, "r=0" in refused.value.headers["RateLimit"]) == (429, True)


def test_after_a_night_a_model_still_has_its_own_files_and_record(tmp_path: Path) -> None:
    hub = GrownHub(400)
    hub.pass_night(0.2, NOW)
    write_night(tmp_path, hub)
    assert len(list(hub.records())) < len(hub)
    with PageHub(tmp_path) as served:
        for record in map(json.loads, list(hub.records())[::40]):
            body, _ = answered(f"{served.url}/api/models/{record['id']}?blobs=true")
            assert json.loads(body).items() >= record.items()


def test_every_tenth_model_holds_the_files_of_another_and_cards_count_in_the_limit_for_files(tmp_path: Path) -> None:
    grown = GrownHub(20)
    write_night(tmp_path, grown)
    with PageHub(tmp_path, quota=3, window=60) as served:
        held = {}
        for number in (0, 9, 10):
            files, _ = answered(f"{served.url}/api/models/{grown.name(number)}?blobs=true")
            held[number] = json.loads(files)["siblings"]
        card, _ = answered(f"{served.url}/{grown.name(6)}/resolve/main/README.md")
        assert f"[{grown.name(3)}]" in card.decode()
    assert held[0] == held[9] != held[10]
    assert {bucket: sum(counts) for bucket, counts in served.asked.windows.items()} == {"api": 3, "resolvers": 2}
    assert (served.asked.files, served.asked.cards) == ([grown.name(number) for number in (0, 9, 10)], [grown.name(6)])
