"""The file of the register: `cases.sqlite` in the state folder. How it is made, opened, upgraded and written.

The standard library's sqlite3 and plain SQL: three tables and a dozen statements need no mapper of objects, and what is
checked (foreign keys, the trail that cannot be changed) stands in the tables themselves, for whatever program opens them.

A rollback journal (`journal_mode=DELETE`) and not a write-ahead log: between two commands the register is one file, which a
backup can copy; a log would lie beside it and hold the last changes. `synchronous=EXTRA`: what was committed is on the disk,
the folder too, also after a power failure. A few changes a day can wait for that. `secure_delete`: what is overwritten
leaves no bytes in the file. A transaction of a process that was killed is undone by the next one that opens the file.
"""

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from crawler import private
from crawler.cases import schema
from crawler.errors import HubGenealogyError, TryLaterError
from crawler.files import check_regular, sync_folder

NAME = "cases.sqlite"
# How long a command waits for another one that writes, in seconds.
PATIENCE = 10.0


def path_of(home: Path) -> Path:
    """The register of the state folder `home`."""
    return home / NAME


@contextmanager
def opened(home: Path, *, make: bool = False, look: bool = False) -> Iterator[sqlite3.Connection | None]:
    """The register of `home`, upgraded to this version; None where there is none and none is to be made.

    With `look`, nothing is changed: not the version, not the rights, not what a command that was killed left.

    HubGenealogyError, in one line, for a register of a newer version, a damaged one, and one that cannot be written.
    """
    file = path_of(home)
    with _told(file):
        if make and not _is_there(file):
            _make(file)
        if not _is_there(file):
            yield None
            return
        check_regular(file)
        private.check_closed(home)
        if file.stat().st_mode & private.OTHERS and not look:
            file.chmod(0o600)  # restored from a backup, perhaps
        with closing(_connect(file, "ro" if look else "rw")) as connection:
            _upgrade(connection, file, look=look)
            yield connection


@contextmanager
def changing(connection: sqlite3.Connection) -> Iterator[None]:
    """One transaction: all of it or nothing. No other process writes between its first reading and its end."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # some failures end it by themselves
            connection.execute("ROLLBACK")
        raise


@contextmanager
def reading(connection: sqlite3.Connection) -> Iterator[None]:
    """Several readings of one state."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _is_there(file: Path) -> bool:
    """Whether there is a register; OSError where that cannot be known: a folder that is closed is no empty one."""
    try:
        file.lstat()
    except FileNotFoundError:
        return False
    return True


@contextmanager
def _told(file: Path) -> Iterator[None]:
    """Turn what SQLite and the system raise into one line."""
    try:
        yield
    except OSError as error:
        raise HubGenealogyError(
            f"the case register {file} cannot be used: {error.strerror or error}; make it usable, or ask as the owner of the "
            "state folder"
        ) from None
    except sqlite3.OperationalError as error:
        if _code(error) in ("SQLITE_BUSY", "SQLITE_LOCKED"):
            raise TryLaterError(
                f"another process has been writing to {file} for more than {PATIENCE:.0f} s: try again"
            ) from None
        if _code(error) in ("", "SQLITE_ERROR"):  # a table or a column is missing, or a text cannot be read
            raise damaged(file, error) from None
        raise HubGenealogyError(
            f"the case register {file} cannot be used ({error}): look at its rights and at the free space; nothing was changed"
        ) from None
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        raise damaged(file, error) from None


def damaged(file: Path, error: Exception | str) -> HubGenealogyError:
    """The error of a register that does not hold what this program writes."""
    shown = " ".join(str(error).split())  # SQLite quotes what it cannot read
    return HubGenealogyError(f"{file} is damaged ({shown:.200}): restore it from a backup")


def _code(error: sqlite3.Error) -> str:
    """The name of SQLite's primary result code; extended ones, such as SQLITE_BUSY_SNAPSHOT, begin with it."""
    return "_".join(getattr(error, "sqlite_errorname", "").split("_")[:2])


def _connect(file: Path, mode: str = "rw") -> sqlite3.Connection:
    """Open a file that is there. Transactions are begun and ended by `changing` alone."""
    address = f"file:{quote(str(file.absolute()))}?mode={mode}"
    connection = sqlite3.connect(address, uri=True, timeout=PATIENCE, isolation_level=None)
    try:
        connection.row_factory = sqlite3.Row
        for pragma in ("foreign_keys=ON", "trusted_schema=OFF", "synchronous=EXTRA", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return connection


def _make(file: Path) -> None:
    """Make an empty register, whole or not at all: an empty file in its place is a damaged one."""
    private.make_folder(file.parent)
    private.check_own(file.parent)  # a register of root could not be read by the user of the state folder
    descriptor, name = tempfile.mkstemp(prefix=f"{NAME}.", suffix=".tmp", dir=file.parent)  # mode 600
    os.close(descriptor)
    new = Path(name)
    try:
        with closing(_connect(new)) as connection, changing(connection):
            connection.execute(f"PRAGMA application_id={schema.APPLICATION}")
            _migrate(connection, 0)
        try:
            os.link(new, file)
        except FileExistsError:
            return  # another process was faster: its register is the one
    finally:
        new.unlink()
    sync_folder(file.parent)


def _upgrade(connection: sqlite3.Connection, file: Path, *, look: bool) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if application != schema.APPLICATION:
        raise HubGenealogyError(f"{file} is no case register of hub-genealogy: restore it from a backup")
    if _version(connection, file) < len(schema.MIGRATIONS):
        if look:
            raise HubGenealogyError(f"{file} is of an earlier version: the next command of `case` upgrades it")
        with changing(connection):
            _migrate(connection, _version(connection, file))  # another process may have done it in the meantime


def _version(connection: sqlite3.Connection, file: Path) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    newest = len(schema.MIGRATIONS)
    if not 1 <= version <= newest:
        raise HubGenealogyError(
            f"{file} was written by a newer hub-genealogy (register version {version}, this one knows {newest}): upgrade "
            "this installation"
        )
    return int(version)


def _migrate(connection: sqlite3.Connection, version: int) -> None:
    for statements in schema.MIGRATIONS[version:]:
        for statement in statements:
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version={len(schema.MIGRATIONS)}")
