"""Room on the disk: how much a crawl is judged to need, and what is said where it is not there."""

import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from crawler.errors import HubGenealogyError
from crawler.files import size_of
from crawler.operations.space import check_space, needed_space, readable_size
from crawler.state import State

MB = 10**6
Usage = namedtuple("Usage", "total used free")  # noqa: PYI024  # what shutil.disk_usage gives


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State(tmp_path / "home")


def fill(folder: Path, size: int) -> None:
    (folder / "pages").mkdir(parents=True)
    with (folder / "pages" / "1").open("wb") as file:
        file.truncate(size)


def test_a_first_crawl_needs_the_least_that_is_set(state: State) -> None:
    assert needed_space(state, 200 * MB, 10_000 * MB) == 200 * MB


def test_a_crawl_is_judged_by_the_last_ones(state: State) -> None:
    for crawl, archive in (("000001", 40 * MB), ("000002", 10 * MB)):
        fill(state.archives / crawl, archive)
        fill(state.snapshots / crawl, 20 * MB)
        fill(state.changes / crawl, 4 * MB)
    assert needed_space(state, MB, 10_000 * MB) == 1.5 * (40 + 20 + 4 + 15 * 20) * MB
    assert needed_space(state, 700 * MB, 10_000 * MB) == 700 * MB


def test_temporary_files_take_no_more_than_they_may(state: State) -> None:
    fill(state.snapshots / "000001", 20 * MB)
    fill(state.changes / "000001", 0)
    assert needed_space(state, MB, 60 * MB) == 1.5 * (20 + 60) * MB


def test_what_an_interrupted_walk_has_fetched_is_not_needed_again(state: State) -> None:
    fill(state.archives / "000001", 40 * MB)
    fill(state.changes / "000001", 0)
    fill(state.archives / "000002", 35 * MB)
    assert needed_space(state, MB, 10_000 * MB) == (60 - 35) * MB


def test_a_crawl_without_room_is_refused_in_one_line(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(10**9, 10**9 - 150 * MB, 150 * MB))
    check_space(state, min_free=150 * MB, max_temporary=MB)
    with pytest.raises(HubGenealogyError) as caught:
        check_space(state, min_free=200 * MB, max_temporary=MB)
    message = str(caught.value)
    assert "\n" not in message
    assert caught.value.exit_code == 1
    for part in (str(state.home), "150 MB free", "200 MB", "keep.archives"):
        assert part in message


def test_links_count_for_themselves(tmp_path: Path) -> None:
    fill(tmp_path / "folder", 1000)
    (tmp_path / "folder" / "link").symlink_to(tmp_path / "folder" / "pages", target_is_directory=True)
    (tmp_path / "folder" / "file").symlink_to(tmp_path / "folder" / "pages" / "1")
    assert 1000 <= size_of(tmp_path / "folder") < 2000
    assert size_of(tmp_path / "none") == 0


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 B"), (999, "999 B"), (340 * MB, "340 MB"), (1_240 * MB, "1.2 GB"), (31_000 * MB, "31 GB")]
)
def test_sizes_are_written_for_people(size: int, text: str) -> None:
    assert readable_size(size) == text
