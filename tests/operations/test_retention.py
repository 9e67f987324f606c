"""What is removed after a crawl, and what never is."""

import shutil
from pathlib import Path

import pytest

from crawler.operations.retention import prune
from crawler.state import State


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State(tmp_path / "home")


def hold(state: State, *, archives: str = "", snapshots: str = "", changes: str = "") -> None:
    """Fill the state folder: each digit is a crawl."""
    for folder, crawls in ((state.archives, archives), (state.snapshots, snapshots), (state.changes, changes)):
        for crawl in crawls:
            (folder / crawl / "pages").mkdir(parents=True)
            (folder / crawl / "pages" / "1").write_text("content", encoding="utf-8")


def held(state: State) -> tuple[str, str, str]:
    archives, snapshots, changes = map(state.crawls, (state.archives, state.snapshots, state.changes))
    return "".join(archives), "".join(snapshots), "".join(changes)


def test_the_newest_stay_and_change_sets_are_never_removed(state: State) -> None:
    hold(state, archives="1234", snapshots="1234", changes="1234")
    gone = prune(state, archives=2, snapshots=1)
    assert held(state) == ("34", "4", "1234")
    assert sorted(path.relative_to(state.home).as_posix() for path in gone) == [
        "archive/1", "archive/2", "snapshots/1", "snapshots/2", "snapshots/3",
    ]  # fmt: skip
    assert prune(state, archives=2, snapshots=1) == []


def test_an_archive_without_its_change_set_stays_with_the_snapshot_it_builds_on(state: State) -> None:
    hold(state, archives="1234", snapshots="123", changes="13")
    prune(state, archives=1, snapshots=1)
    assert held(state) == ("234", "123", "13")


def test_an_interrupted_walk_does_not_count_as_one_of_the_newest(state: State) -> None:
    hold(state, archives="1234", snapshots="123", changes="123")
    prune(state, archives=2, snapshots=2)
    assert held(state) == ("234", "23", "123")


def test_an_empty_state_has_nothing_to_remove(state: State) -> None:
    assert prune(state, archives=1, snapshots=1) == []


def test_a_kill_while_removing_leaves_no_half_archive(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    hold(state, archives="12", changes="12")

    def killed(_folder: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(shutil, "rmtree", killed)
    with pytest.raises(KeyboardInterrupt):
        prune(state, archives=1, snapshots=1)
    assert held(state) == ("2", "", "12")
    assert [path.name for path in state.archives.glob("*.tmp")] == ["1.tmp"]


def test_what_cannot_be_removed_is_said_and_the_rest_goes(
    state: State, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    hold(state, archives="123", changes="123")
    remove = shutil.rmtree

    def refuse(folder: Path) -> None:
        if folder.name == "1.tmp":
            raise PermissionError(13, "Permission denied", str(folder))
        remove(folder)

    monkeypatch.setattr(shutil, "rmtree", refuse)
    assert prune(state, archives=1, snapshots=1) == [state.archives / "2"]
    assert "cannot be removed" in caplog.text


def test_what_a_killed_dry_run_left_goes(state: State) -> None:
    hold(state, archives="1", changes="1")
    left = state.home / "dry-run-x1"
    (left / "snapshots").mkdir(parents=True)
    (left / "snapshots" / "1").symlink_to(state.archives / "1", target_is_directory=True)
    assert prune(state, archives=1, snapshots=1) == [left]
    assert not left.exists()
    assert (state.archives / "1" / "pages" / "1").exists()
