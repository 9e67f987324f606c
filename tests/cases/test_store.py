"""The register as a file: made, opened, upgraded, backed up and damaged."""

import io
import json
import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.cases import schema, store
from crawler.cases.ics import calendar
from crawler.cases.register import Word, opened
from crawler.cases.write import as_json, write_for_people
from crawler.errors import HubGenealogyError
from tests.cases.conftest import ACTING, MODELS, NOON, Opened, request
from tests.support.program import CHECKOUT

VERSION_1 = Path(__file__).parent / "version_1.sql"


def only(home: Path) -> set[str]:
    return {path.name for path in home.iterdir()}


def tables(home: Path) -> list[str]:
    with closing(sqlite3.connect(store.path_of(home))) as connection:
        return [
            sql for (sql,) in connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name")
        ]


def test_reading_makes_no_register(home: Path) -> None:
    with opened(home, ACTING) as found:
        assert found is None
    assert not home.exists()


def test_a_register_is_one_file_of_its_owner_alone(home: Path, cases: Opened) -> None:
    old = os.umask(0)
    try:
        with cases() as found:
            found.open(request(), MODELS)
            assert stat.S_IMODE(store.path_of(home).stat().st_mode) == 0o600
    finally:
        os.umask(old)
    assert only(home) == {"cases.sqlite"}
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_a_register_that_others_can_read_is_closed_to_them(home: Path, cases: Opened) -> None:
    with cases():
        store.path_of(home).chmod(0o644)
    with cases():
        assert stat.S_IMODE(store.path_of(home).stat().st_mode) == 0o600


def test_it_is_durable_and_checks_what_it_is_given(home: Path) -> None:
    with store.opened(home, make=True) as connection:
        assert connection is not None
        values = {
            name: connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in (
                "journal_mode",
                "synchronous",
                "foreign_keys",
                "secure_delete",
                "user_version",
                "application_id",
            )
        }
    assert values == {
        "journal_mode": "delete",
        "synchronous": 3,
        "foreign_keys": 1,
        "secure_delete": 1,
        "user_version": len(schema.MIGRATIONS),
        "application_id": schema.APPLICATION,
    }


def test_a_newer_register_is_refused_and_stays_as_it_is(home: Path, cases: Opened) -> None:
    with cases():
        pass
    with closing(sqlite3.connect(store.path_of(home))) as connection:
        connection.execute("PRAGMA user_version=99")
    before = store.path_of(home).read_bytes()
    with pytest.raises(
        HubGenealogyError, match=r"newer hub-genealogy \(register version 99, this one knows 2\): upgrade"
    ):
        cases().__enter__()
    assert store.path_of(home).read_bytes() == before


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "another file": lambda _: b"reference,right\n" * 500,
    "cut off": lambda content: content[: len(content) // 2],
    "overwritten": lambda content: content[:4096] + b"\xff" * (len(content) - 4096),
    "its first page lost": lambda content: bytes(4096) + content[4096:],
    "a bit of its header": lambda content: bytes([content[0] ^ 1]) + content[1:],
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_register_is_told_in_one_line(home: Path, cases: Opened, kind: str) -> None:
    with cases() as found:
        found.open(request(), MODELS)
    file = store.path_of(home)
    file.write_bytes(DAMAGE[kind](file.read_bytes()))
    with pytest.raises(HubGenealogyError, match="restore it from a backup") as raised, cases() as found:
        found.whole(1)
    assert "\n" not in str(raised.value)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(flips=st.lists(st.tuples(st.integers(0, 2**20), st.integers(1, 255)), min_size=1, max_size=20))
def test_a_register_with_other_bytes_is_read_or_refused_in_one_line(home: Path, flips: list[tuple[int, int]]) -> None:
    home.mkdir(exist_ok=True)
    file = store.path_of(home)
    file.unlink(missing_ok=True)
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(VERSION_1.read_text(encoding="utf-8"))
    content = bytearray(file.read_bytes())
    for place, other in flips:
        content[place % len(content)] ^= other
    file.write_bytes(content)
    try:
        with opened(home, ACTING) as found:
            assert found is not None
            case, members, events = found.whole(1)
            found.adopt(1, MODELS, "000002")
            found.set_model(1, "a/base", Word("contacted", NOON.date()))
        json.dumps(as_json(case, members, events, NOON.date()))
        write_for_people(case, members, events, NOON.date(), io.StringIO())
        calendar(case, events)
    except HubGenealogyError as error:
        assert "\n" not in str(error)  # noqa: PT017  # it may be read as well


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [("cases", "received", "no day"), ("members", "parents", "["), ("events", "details", "{")],
)
def test_a_value_that_this_program_never_writes_is_told_in_one_line(
    home: Path, cases: Opened, table: str, column: str, value: str
) -> None:
    with cases() as found:
        found.open(request(), MODELS)
    with closing(sqlite3.connect(store.path_of(home))) as connection:
        connection.execute("PRAGMA ignore_check_constraints=ON")
        connection.execute("DROP TRIGGER events_are_not_changed")
        connection.execute(f"UPDATE {table} SET {column} = ?", (value,))  # noqa: S608  # its own
        connection.commit()
    with pytest.raises(HubGenealogyError, match="is damaged"), cases() as found:
        found.whole(1)


def test_another_database_in_its_place_is_no_register(home: Path) -> None:
    home.mkdir()
    with closing(sqlite3.connect(store.path_of(home))) as connection:
        connection.execute("CREATE TABLE cases (id)")
    with pytest.raises(HubGenealogyError, match="is no case register of hub-genealogy"):
        opened(home, ACTING).__enter__()


def test_a_folder_that_cannot_be_looked_into_is_not_taken_for_one_without_cases(home: Path) -> None:
    home.write_text("a file")
    for make in (False, True):
        with pytest.raises(HubGenealogyError, match=r"cannot be used: Not a directory; .* owner of the state folder"):
            opened(home, ACTING, make=make).__enter__()


@pytest.mark.parametrize("what", ["link", "folder", "pipe"])
def test_what_is_no_file_is_not_opened(home: Path, tmp_path: Path, what: str) -> None:
    home.mkdir()
    file, elsewhere = store.path_of(home), tmp_path / "elsewhere"
    if what == "link":
        file.symlink_to(elsewhere)
    elif what == "folder":
        file.mkdir()
    else:
        os.mkfifo(file)
    for make in (False, True):
        with pytest.raises(HubGenealogyError, match=r"it is a (symbolic link|folder|named pipe)"):
            opened(home, ACTING, make=make).__enter__()
    assert not elsewhere.exists()


def test_a_folder_that_everybody_may_write_in_is_refused(home: Path, cases: Opened) -> None:
    with cases():
        pass
    home.chmod(0o777)
    with pytest.raises(HubGenealogyError, match="every user of this machine may write"):
        cases().__enter__()


def test_odd_letters_in_the_path_mean_themselves(tmp_path: Path) -> None:
    home = tmp_path / "a?mode=ro#b%20é"
    with opened(home, ACTING, make=True) as found:
        assert found is not None
        found.open(request(), MODELS)
    assert only(home) == {"cases.sqlite"}


def test_a_register_of_version_1_is_what_a_new_one_is_with_its_cases(home: Path, tmp_path: Path) -> None:
    home.mkdir()
    with closing(sqlite3.connect(store.path_of(home))) as connection:
        connection.executescript(VERSION_1.read_text(encoding="utf-8"))
    with opened(home, ACTING) as found:
        assert found is not None
        case, members, events = found.whole(1)
    assert (case.reference, [member.facts for member in members]) == ("R-1", MODELS)
    assert [member.state for member in members] == ["to_contact", "remedied", "to_contact", "to_contact"]
    assert [event.kind for event in events] == ["opened", "set", "noted"]
    with opened(tmp_path / "new", ACTING, make=True):
        assert tables(home) == tables(tmp_path / "new")


MORE = ("ALTER TABLE cases ADD COLUMN country TEXT", "UPDATE cases SET country = 'FR'")


def test_an_older_register_is_upgraded_when_it_is_opened(
    home: Path, cases: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    with cases() as found:
        found.open(request(), MODELS)
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, MORE))
    with store.opened(home) as connection:
        assert connection is not None
        assert [tuple(row) for row in connection.execute("SELECT reference, country FROM cases")] == [("R-1", "FR")]
        assert connection.execute("PRAGMA user_version").fetchone()[0] == 3
    monkeypatch.undo()
    with pytest.raises(HubGenealogyError, match="register version 3, this one knows 2"):
        cases().__enter__()


def test_an_upgrade_that_fails_leaves_the_register_as_it_was(
    home: Path, cases: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    with cases() as found:
        found.open(request(), MODELS)
    before = tables(home)
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, (*MORE, "SELECT nothing")))
    with pytest.raises(HubGenealogyError):
        cases().__enter__()
    monkeypatch.undo()
    assert tables(home) == before
    with cases() as found:
        assert len(found.cases()) == 1


def test_a_backup_made_as_the_docs_say_is_a_register_with_all_that_was_written(home: Path, cases: Opened) -> None:
    with cases() as found:
        found.open(request(), MODELS)
        found.note(1, "a note")
        before = found.whole(1)
    page = (CHECKOUT / "docs" / "cases.md").read_text(encoding="utf-8")
    [code] = [line.split("'")[1] for line in page.splitlines() if "VACUUM INTO" in line]
    backup = home.with_name("backup.sqlite")
    subprocess.run([sys.executable, "-c", code, store.path_of(home), backup], check=True)
    (home / "cases.sqlite").unlink()
    backup.rename(home / "cases.sqlite")
    with cases() as found:
        assert found.whole(1) == before
        found.note(1, "after it")
    assert stat.S_IMODE(store.path_of(home).stat().st_mode) == 0o600


def test_a_full_disk_is_one_line_and_loses_nothing(home: Path, cases: Opened) -> None:
    with cases() as found:
        found.open(request(), MODELS)

    def fill() -> None:
        with store.opened(home) as connection:
            assert connection is not None
            connection.execute(f"PRAGMA max_page_count={connection.execute('PRAGMA page_count').fetchone()[0]}")
            with store.changing(connection):
                connection.execute("UPDATE members SET note = hex(zeroblob(100000))")

    with pytest.raises(HubGenealogyError, match=r"cannot be used .*free space"):
        fill()
    with cases() as found:
        assert {m.note for m in found.members(1)} == {None}
