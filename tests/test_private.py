"""The folders and locks of one user, and what a second user of the machine can do to them."""

import re
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler import private
from crawler.errors import HubGenealogyError, LockHeldError
from crawler.state import State
from tests.support.other_user import OtherUser

# What a user who may read a file can do: lock it, and keep it.
HOLD = """
import fcntl, os, sys
try:
    fcntl.flock(os.open(sys.argv[1], os.O_RDONLY), fcntl.LOCK_EX | fcntl.LOCK_NB)
    print("held", flush=True)
    sys.stdin.read()
except OSError as error:
    print(type(error).__name__)
"""


@pytest.fixture
def open_place() -> Iterator[Path]:
    """A folder of this user that other users may look into."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_state_folder_and_those_made_above_it_are_for_their_owner_only(open_place: Path) -> None:
    State(open_place / "deep" / "home")
    assert (mode(open_place / "deep"), mode(open_place / "deep" / "home")) == (0o700, 0o700)


def test_a_state_folder_that_an_operator_opened_to_a_group_stays_so(open_place: Path) -> None:
    home = open_place / "home"
    home.mkdir()
    home.chmod(0o750)
    with State(home).locked():
        pass
    assert mode(home) == 0o750


def test_another_user_cannot_hold_the_lock_of_a_state_folder_that_everybody_may_read(
    open_place: Path, other_user: OtherUser
) -> None:
    state = State(open_place)
    with state.locked():
        pass
    assert other_user.python(HOLD, open_place / "lock") == "PermissionError"


def test_the_lock_of_an_earlier_version_which_everybody_could_hold_is_closed_to_others(
    open_place: Path, other_user: OtherUser
) -> None:
    state = State(open_place)
    (open_place / "lock").touch()
    (open_place / "lock").chmod(0o644)
    with state.locked():
        assert other_user.python(HOLD, open_place / "lock") == "PermissionError"


def test_waiting_for_a_lock_ends_with_the_line_that_was_given(tmp_path: Path) -> None:
    with (
        private.locked(tmp_path / "lock", 0.1, "held"),
        pytest.raises(LockHeldError, match=r"\Aanother one\Z"),
        private.locked(tmp_path / "lock", 0.1, "another one"),
    ):
        pass


@pytest.mark.parametrize("bits", [0o777, 0o1777, 0o707])
def test_no_crawl_works_in_a_state_folder_that_every_user_may_write_in(tmp_path: Path, bits: int) -> None:
    state = State(tmp_path)
    tmp_path.chmod(bits)
    expected = f"every user of this machine may write in {re.escape(str(tmp_path))}: .*chmod o-w"
    with pytest.raises(HubGenealogyError, match=rf"\A{expected}[^\n]*\Z"), state.locked():
        pass


def test_a_folder_of_another_user_is_not_taken_for_ones_own(other_user: OtherUser) -> None:
    with other_user.folder() as theirs:
        other_user.python("import os, sys; os.chmod(sys.argv[1], 0o755)", theirs)
        with pytest.raises(HubGenealogyError, match=rf"belongs to the user {other_user.uid}: run this as that user"):
            private.own_folder(theirs)


def test_a_link_that_another_user_made_to_ones_own_folder_is_not_followed(
    open_place: Path, other_user: OtherUser
) -> None:
    with other_user.folder() as theirs:
        other_user.python("import os, sys; os.chmod(sys.argv[1], 0o755)", theirs)
        other_user.python("import os, sys; os.symlink(sys.argv[1], sys.argv[2])", open_place, theirs / "link")
        with pytest.raises(HubGenealogyError, match=r"link belongs to the user"):
            private.own_folder(theirs / "link")


def test_ones_own_link_to_ones_own_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o755)
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    private.own_folder(tmp_path / "link")
    assert mode(tmp_path / "elsewhere") == 0o700


def test_ones_own_folder_that_others_may_write_in_is_refused_and_one_that_they_may_read_is_closed(
    tmp_path: Path,
) -> None:
    for bits in (0o770, 0o707):
        tmp_path.chmod(bits)
        with pytest.raises(HubGenealogyError, match=r"\Aother users may write in [^\n]*chmod go-w [^\n]*\Z"):
            private.own_folder(tmp_path)
    tmp_path.chmod(0o755)
    private.own_folder(tmp_path)
    assert mode(tmp_path) == 0o700


def test_a_user_without_a_name_is_named_by_number() -> None:
    assert private.user_name(0) == "root"
    assert private.user_name(2**31 - 7) == str(2**31 - 7)
