"""A question in a folder that holds no state: no server is started, and the answer says where to look."""

from pathlib import Path

import pytest

from crawler.state import holds_state, other_states
from tests.support.program import Program

QUESTIONS = [
    ("query", "children", "--model", "maker/base"),
    ("query", "children", "--explain"),
    ("graph", "hash"),
    ("graph", "dump"),
    ("schema", "check"),
    ("lineage", "maker/base"),
    ("figures",),
    ("load",),
    ("rebuild",),
    ("forget", "maker", "--yes"),
]


@pytest.mark.parametrize("question", QUESTIONS, ids=" ".join)
def test_a_question_starts_no_server_and_names_the_folder_and_the_others(
    question: tuple[str, ...], tmp_path: Path
) -> None:
    other = tmp_path / "data" / "hub-genealogy"
    (other / "changes" / "000001-20260501T020000Z").mkdir(parents=True)
    empty = Program(tmp_path / "empty", None, {"XDG_DATA_HOME": str(tmp_path / "data")})
    result = empty.run(*question)
    assert (result.code, result.out, len(result.messages)) == (1, "", 1)
    for part in (str(empty.home), "HUB_GENEALOGY_HOME", str(other), "hub-genealogy crawl"):
        assert part in result.messages[0]
    assert not empty.home.exists()


def test_a_folder_in_which_a_walk_never_began_knows_nobody_to_forget(tmp_path: Path) -> None:
    empty = Program(tmp_path, None, {})
    for folder in ("archive", "snapshots", "changes"):
        (tmp_path / folder).mkdir()
    result = empty.run("forget", "maker", "--yes")
    assert (result.code, len(result.messages)) == (1, 1)
    assert f"there is no state in {tmp_path}" in result.messages[0]


def test_status_and_doctor_name_the_other_folders_too(tmp_path: Path) -> None:
    other = tmp_path / "data" / "hub-genealogy"
    (other / "changes" / "000001-20260501T020000Z").mkdir(parents=True)
    settings = {"XDG_DATA_HOME": str(tmp_path / "data"), "HF_ENDPOINT": "http://127.0.0.1:1"}
    empty = Program(tmp_path / "empty", None, settings)
    assert str(other) in empty.run("status").out
    assert str(other) in empty.run("doctor").out
    assert not empty.home.exists()


def test_db_stop_finds_nothing_to_stop_and_makes_nothing(tmp_path: Path) -> None:
    empty = Program(tmp_path / "empty", None, {})
    result = empty.run("db", "stop")
    assert (result.code, result.messages) == (0, [f"Neo4j in {empty.home} did not run"])
    assert not empty.home.exists()


def test_the_other_folders_are_the_users_makes_and_the_demos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert other_states() == []
    places = [tmp_path / "data" / "hub-genealogy", tmp_path / "var", tmp_path / "var" / "demo"]
    for place in places:
        (place / "changes" / "000001-20260501T020000Z").mkdir(parents=True)
    assert other_states() == places


@pytest.mark.parametrize("left", ["archive/000001", "snapshots/000001", "changes/000001", "neo4j/data/databases"])
def test_whatever_a_crawl_or_a_server_left_makes_a_state(left: str, tmp_path: Path) -> None:
    for folder in ("archive", "snapshots", "changes", "neo4j/run"):
        (tmp_path / folder).mkdir(parents=True)
    assert not holds_state(tmp_path)
    (tmp_path / left).mkdir(parents=True)
    assert holds_state(tmp_path)


def test_a_folder_that_cannot_be_looked_into_is_not_taken_for_empty(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert holds_state(tmp_path / "file" / "state")
