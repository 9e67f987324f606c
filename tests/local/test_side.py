"""A database that was imported beside the one that is served takes its place whole, or not at all."""

import os
from pathlib import Path

import pytest

from crawler.local import side

IN_PLACE = {"databases": "new", "transactions": "new"}


def database(folder: Path, content: str) -> None:
    for kind in side.KINDS:
        store = folder / "data" / kind / "neo4j"
        store.mkdir(parents=True)
        (store / "store").write_text(content)
        system = folder / "data" / kind / "system"
        system.mkdir()
        (system / "store").write_text("users")


def content(folder: Path) -> dict[str, str]:
    assert {(folder / "data" / kind / "system" / "store").read_text() for kind in side.KINDS} == {"users"}
    return {kind: (folder / "data" / kind / "neo4j" / "store").read_text() for kind in side.KINDS}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """An import in a server's folder that holds a graph already."""
    database(tmp_path, "old")
    place = side.begin(tmp_path)
    database(place, "new")
    return place


def test_an_import_that_is_ready_takes_the_place_of_the_graph_and_leaves_the_users(place: Path, tmp_path: Path) -> None:
    side.finish(place)
    side.take_place(tmp_path)
    assert content(tmp_path) == IN_PLACE
    assert [entry.name for entry in tmp_path.iterdir()] == ["data"]


def test_an_import_that_is_not_ready_takes_no_place_and_is_erased_by_the_next(place: Path, tmp_path: Path) -> None:
    side.take_place(tmp_path)
    assert content(tmp_path) == {"databases": "old", "transactions": "old"}
    other = side.begin(tmp_path)
    assert other != place
    assert {entry.name for entry in tmp_path.iterdir()} == {"data", other.name}


@pytest.mark.parametrize("moves", range(5))
def test_a_start_that_was_killed_between_two_moves_is_gone_on_with(place: Path, tmp_path: Path, moves: int) -> None:
    side.finish(place)
    names = [
        name
        for kind in side.KINDS
        for name in (
            (tmp_path / "data" / kind / "neo4j", place / f"old-{kind}"),
            (place / "data" / kind / "neo4j", tmp_path / "data" / kind / "neo4j"),
        )
    ]
    for before, after in names[:moves]:
        before.rename(after)
    side.take_place(tmp_path)
    assert content(tmp_path) == IN_PLACE
    assert [entry.name for entry in tmp_path.iterdir()] == ["data"]


def test_no_process_of_this_run_belongs_to_the_service_of_another() -> None:
    assert side.service_of(os.getpid()) is None


def test_the_service_of_a_process_is_read_from_its_control_group(tmp_path: Path) -> None:
    file = tmp_path / "cgroup"
    found = []
    for text in ("0::/system.slice/hub-genealogy-neo4j.service\n", "0::/user.slice/session-3.scope\n", "0::/\n"):
        file.write_text(text)
        found.append(side._service(file))
    assert found == ["hub-genealogy-neo4j.service", None, None]
    assert side._service(tmp_path / "missing") is None
