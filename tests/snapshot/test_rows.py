"""What a snapshot holds beside lineage: popularity, licences, datasets, rejected rows, and its own description."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.changes.diff import diff
from crawler.errors import HubGenealogyError
from crawler.hub.archive import Archive
from crawler.snapshot.build import build, is_due
from crawler.snapshot.rows import remove_rows
from crawler.snapshot.tables import TABLES
from tests.support.full_disk import files_no_longer_than
from tests.support.sweeps import Sweeps, child, record

THURSDAY, FRIDAY = datetime(2026, 1, 1, 23, tzinfo=UTC), datetime(2026, 1, 2, 1, tzinfo=UTC)
MONDAY, NEXT_MONDAY = datetime(2026, 1, 5, 1, tzinfo=UTC), datetime(2026, 1, 12, 1, tzinfo=UTC)


def popular(downloads: int) -> list[object]:
    return [record("k1", "org/model", downloads=downloads, likes=downloads)]


@pytest.mark.parametrize(
    ("cadence", "last", "due"),
    [
        pytest.param("weekly", None, True, id="never before"),
        pytest.param("never", None, True, id="never still means once"),
        pytest.param("weekly", "2026-01-05T00:00:00+00:00", False, id="the same week"),
        pytest.param("weekly", "2026-01-04T23:59:59+00:00", True, id="the week before"),
        pytest.param("weekly", "2025-01-09T00:00:00+00:00", True, id="the same week of another year"),
        pytest.param("weekly", "2026-01-05T01:00:00+02:00", True, id="the week is counted in UTC"),
        pytest.param("sweep", "2026-01-09T00:00:00+00:00", True, id="every sweep"),
        pytest.param("never", "2020-01-01T00:00:00+00:00", False, id="never again"),
    ],
)
def test_when_popularity_is_due(cadence: str, last: str | None, due: bool) -> None:
    before = None if last is None else datetime.fromisoformat(last)
    assert is_due(cadence, datetime(2026, 1, 9, 3, tzinfo=UTC), before) is due


def test_popularity_is_carried_over_within_a_week_and_refreshed_in_the_next(hub: Sweeps) -> None:
    found = []
    for number, start in enumerate((THURSDAY, FRIDAY, MONDAY, NEXT_MONDAY), start=1):
        hub.sweep(popular(number), started=start, popularity="weekly")
        found.append((hub.rows("models", "downloads", "likes"), hub.made.popularity_at, hub.changes.rows_written))
    written = hub.changes.rows["models"]["put"]
    assert found == [
        ({(1, 1)}, THURSDAY, 3),
        ({(1, 1)}, THURSDAY, 0),
        ({(3, 3)}, MONDAY, 0),
        ({(4, 4)}, NEXT_MONDAY, 0),
    ]
    assert (written, hub.changes.rows["popularity"]) == (0, {"put": 1, "del": 0})


def test_popularity_that_is_not_due_is_still_read_of_a_new_model(hub: Sweeps) -> None:
    hub.sweep(popular(1), popularity="never")
    hub.sweep([*popular(2), record("k2", "org/new", downloads=7)], popularity="never")
    assert hub.rows("models", "key", "downloads", "likes") == {("k1", 1, 1), ("k2", 7, None)}


def test_licences_in_use_are_listed_with_their_terms_and_go_with_their_last_model(hub: Sweeps) -> None:
    hub.sweep([record("k1", "org/a", card_license=["mit", "my-own"]), record("k2", "org/b", tags=["license:gemma"])])
    assert hub.rows("licenses", "id", "name", "commercial_use") == {
        ("mit", "MIT License", "yes"), ("my-own", None, "unknown"), ("gemma", "Gemma Terms of Use", "yes"),
    }  # fmt: skip
    hub.sweep([record("k1", "org/a", card_license="mit")])
    assert hub.rows("licenses", "id") == {("mit",), ("gemma",)}, "a gone model keeps its licence"
    assert hub.changes.rows["licenses"] == {"put": 0, "del": 1}
    assert hub.changes.rows["licensed_under"] == {"put": 0, "del": 1}


def test_a_dataset_that_card_and_tag_name_has_both_sources(hub: Sweeps) -> None:
    hub.sweep([record("k1", "org/a", tags=["dataset:Squad"], card_datasets=["squad", "org/data"])])
    hub.sweep([record("k1", "org/a", tags=["dataset:Squad"])])
    assert hub.rows("models", "datasets") == {(((("id", "Squad"), ("sources", ("tag",))),),)}
    assert hub.changes.rows["datasets"] == {"put": 0, "del": 1}
    assert hub.changes.rows["trained_on"] == {"put": 1, "del": 1}


def test_what_was_rejected_stays_until_the_model_is_seen_again(hub: Sweeps) -> None:
    bad, good = child("k1", "org/a", "/srv/mine"), record("k2", "org/b")
    row = ("k1", "org/a", "cardData.base_model", "/srv/mine", "local_path")
    columns = ("model", "id", "field", "value", "reason")
    hub.sweep([bad, good])
    assert hub.rows("rejected", *columns) == {row}
    hub.sweep([good], complete=False)
    assert hub.rows("rejected", *columns) == {row}, "not seen"
    hub.sweep([good])
    assert hub.rows("rejected", *columns) == {row}, "gone, and known by what it declared"
    hub.sweep([child("k1", "org/a", "org/b"), good])
    assert hub.rows("rejected", *columns) == set(), "it has mended its card"


def test_what_was_rejected_of_a_model_stays_while_its_record_is_unreadable(hub: Sweeps) -> None:
    hub.sweep([child("k1", "org/a", "/srv/mine")])
    hub.sweep([{"_id": "k1", "id": 5}])
    mine, name = ("k1", "cardData.base_model", "/srv/mine"), ("k1", "id", "5")
    assert hub.rows("rejected", "model", "field", "value") == {mine, name}
    hub.sweep([{"_id": "k1", "id": 6}])
    assert hub.rows("rejected", "model", "field", "value") == {mine, ("k1", "id", "6")}


def test_objects_that_are_no_models_do_not_pile_up_over_incomplete_sweeps(hub: Sweeps) -> None:
    for _ in range(3):
        hub.sweep([None, {"id": "org/x"}, record("k1", "org/a")], complete=False)
        assert hub.rows("rejected", "model", "id", "field", "value") == {
            (None, None, "record", "null"), (None, "org/x", "_id", "null"),
        }  # fmt: skip
    hub.sweep([record("k1", "org/a")], complete=False)
    assert len(hub.rows("rejected", "field")) == 2
    hub.sweep([record("k1", "org/a")])
    assert hub.rows("rejected", "field") == set(), "a complete sweep has seen every record"


def test_hostile_text_comes_through_as_data(hub: Sweeps) -> None:
    name = "org/';DROP/**/TABLE/**/models;--"
    hub.sweep([record("k1", name, pipeline_tag="$now'\"\\{}", card_base_model=["org/x'; --", "${HOME}"])])
    assert hub.rows("models", "id", "pipeline_tag") == {(name, "$now'\"\\{}")}
    assert hub.rows("rejected", "value", "reason") == {
        ("org/x'; --", "not_a_repository_name"), ("${HOME}", "not_a_repository_name"),
    }  # fmt: skip


def test_a_damaged_page_is_one_line_and_leaves_no_snapshot(hub: Sweeps) -> None:
    hub.sweep(popular(1))
    archive = Archive(hub.folder / "archive" / "000001")
    (archive.folder / "pages" / "000001.json.gz").write_bytes(b"\x1f\x8bbroken")
    remove_rows(archive)
    folder = hub.folder / "snapshots" / "again"
    with pytest.raises(HubGenealogyError, match=r"^.*the archive is damaged; crawl anew$"):
        build(archive, None, folder)
    assert not folder.exists()


def test_a_full_disk_is_one_line_wherever_it_is_met_and_leaves_nothing_half(tmp_path: Path) -> None:
    hub = Sweeps(tmp_path)
    hub.sweep([child(f"k{number}", f"org/m{number}", "org/m0") for number in range(50)])
    with (
        files_no_longer_than(2000),
        pytest.raises(HubGenealogyError, match=r"^the change set .* free some space and run"),
    ):
        diff(None, hub.snapshot, tmp_path / "changes")
    archive = Archive(tmp_path / "archive" / "000001")
    for size in (2000, 12_000):
        with (
            files_no_longer_than(size),
            pytest.raises(HubGenealogyError, match=r"^the snapshot .* free some space and run"),
        ):
            build(archive, None, tmp_path / "again")
    assert not (tmp_path / "changes" / "changes.json").exists()
    assert not (tmp_path / "again").exists()


def test_a_folder_with_quotes_in_its_name_works_on_disk_too(tmp_path: Path) -> None:
    hub = Sweeps(tmp_path / 'it\'s "quoted"')
    hub.sweep([record("k1", "org/parent"), child("k2", "org/child", "org/parent")])
    hub.sweep([record("k1", "org/parent"), child("k2", "org/child", "org/parent")])
    assert (hub.edges(), hub.changes.rows_written) == ({("k2", "k1", "current")}, 0)
    left = {path.name for path in hub.snapshot.iterdir()}
    assert left == {f"{name}.parquet" for name in TABLES} | {"snapshot.json"}
    assert (hub.made.crawl, hub.made.previous, hub.made.models_seen) == ("000002", "000001", 2)
