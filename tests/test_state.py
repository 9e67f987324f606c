"""The state folder: one writer, one layout, files that are there whole or not at all."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from crawler.errors import HubGenealogyError, LockHeldError
from crawler.files import built_at, read_json, write_json, writing
from crawler.state import VERSION, State
from tests.support.full_disk import files_no_longer_than

HOLDER = """
import sys
from pathlib import Path
from crawler.state import State

with State(Path(sys.argv[1])).locked():
    print("locked", flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_process_holds(home: Path) -> Iterator[subprocess.Popen[str]]:
    """A process of its own that has the lock of `home` until the block ends."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "locked\n"
        try:
            yield process
        finally:
            process.kill()


def message_of(home: Path) -> str:
    """The one line with which the state folder is refused."""
    with pytest.raises(HubGenealogyError) as caught:
        State(home)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_new_state_folder_is_made_with_an_identity_that_stays(tmp_path: Path) -> None:
    first = State(tmp_path / "deep" / "home")
    assert (first.graph_at, len(first.id)) == (None, 32)
    first.graph_at = "000001"
    again = State(tmp_path / "deep" / "home")
    assert (again.id, again.graph_at) == (first.id, "000001")
    assert State(tmp_path / "other").id != first.id


@pytest.mark.parametrize("version", [VERSION + 1, None, "1"])
def test_a_layout_of_another_version_is_refused_with_the_way_out(tmp_path: Path, version: object) -> None:
    State(tmp_path)
    write_json(tmp_path / "state.json", {"version": version, "id": "x", "graph_at": None})
    assert "upgrade this installation, or set HUB_GENEALOGY_HOME to another folder" in message_of(tmp_path)


def test_a_writer_takes_an_earlier_layout_over_and_a_reader_leaves_it(tmp_path: Path) -> None:
    State(tmp_path)
    earlier = {"version": 1, "id": "x", "graph_at": "000001-a"}
    write_json(tmp_path / "state.json", earlier)
    state = State(tmp_path)
    assert (state.id, read_json(tmp_path / "state.json")) == ("x", earlier)
    with state.locked():
        assert read_json(tmp_path / "state.json") == {**earlier, "version": VERSION}


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe"])
def test_a_damaged_state_file_is_refused(tmp_path: Path, content: bytes) -> None:
    State(tmp_path)
    (tmp_path / "state.json").write_bytes(content)
    assert "restore it from a backup" in message_of(tmp_path)


def test_a_state_file_that_is_missing_beside_change_sets_is_not_made_anew(tmp_path: Path) -> None:
    (State(tmp_path).changes / "000001").mkdir()
    (tmp_path / "state.json").unlink()
    assert message_of(tmp_path).startswith(f"{tmp_path / 'state.json'} is missing beside existing change sets")
    assert not (tmp_path / "state.json").exists()


def test_a_home_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("x", encoding="utf-8")
    assert message_of(tmp_path / "home").startswith(f"the state folder {tmp_path / 'home'} cannot be written: ")


def test_a_lock_that_another_process_holds_is_refused_at_once_and_freed_by_its_death(tmp_path: Path) -> None:
    state = State(tmp_path)
    with another_process_holds(tmp_path) as process:
        with pytest.raises(LockHeldError, match="another process works on") as caught, state.locked():
            pass
        assert caught.value.exit_code == 75
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        with state.locked():
            pass


def test_a_lock_is_held_against_the_same_process_too_and_freed_at_the_end(tmp_path: Path) -> None:
    with State(tmp_path).locked(), pytest.raises(LockHeldError), State(tmp_path).locked():
        pass
    with State(tmp_path).locked():
        pass


def test_a_lock_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "lock").mkdir()
    with pytest.raises(HubGenealogyError, match="cannot be written") as caught, State(tmp_path).locked():
        pass
    assert not isinstance(caught.value, LockHeldError)


def test_crawls_are_listed_oldest_first_without_what_is_half_done(tmp_path: Path) -> None:
    state = State(tmp_path)
    for name in ("000002-b", "000010-c", "000001-a", "000003-d.tmp"):
        (state.snapshots / name).mkdir()
    (state.snapshots / "note.txt").touch()
    assert state.crawls(state.snapshots) == ["000001-a", "000002-b", "000010-c"]
    assert state.last_snapshot() == "000010-c"
    assert (state.snapshot("000002-b"), state.snapshot(None)) == (state.snapshots / "000002-b", None)


def test_json_is_written_whole_and_read_back(tmp_path: Path) -> None:
    content = {"text": "é\ud800", "none": None, "list": [1, {"a": 2}]}
    write_json(tmp_path / "file.json", content)
    assert read_json(tmp_path / "file.json") == content
    assert [path.name for path in tmp_path.iterdir()] == ["file.json"]


def test_json_that_cannot_be_written_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    write_json(path, {"old": 1})
    with pytest.raises(HubGenealogyError, match="free some space"), writing("the file"), files_no_longer_than(20):
        write_json(path, {"new": "x" * 100})
    assert read_json(path) == {"old": 1}
    write_json(path, {"new": 2})
    assert read_json(path) == {"new": 2}


def test_a_folder_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "target"
    (tmp_path / "target.tmp").mkdir()
    (tmp_path / "target.tmp" / "left by a kill").touch()
    with pytest.raises(FileNotFoundError), built_at(target) as temporary:
        (temporary / "half").rename(temporary / "missing" / "half")
    assert not target.exists()
    with built_at(target) as temporary:
        assert list(temporary.iterdir()) == [], "what an earlier run left is gone"
        (temporary / "whole").touch()
        assert not target.exists()
    assert [path.name for path in target.iterdir()] == ["whole"]
    assert [path.name for path in tmp_path.iterdir()] == ["target"]


def test_a_writing_error_without_a_number_is_still_one_line() -> None:
    with (
        pytest.raises(HubGenealogyError, match=r"^the file cannot be written: odd; fix that and run"),
        writing("the file"),
    ):
        raise OSError("odd")
