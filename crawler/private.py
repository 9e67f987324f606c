"""Folders and locks of this user: no other user of the machine can change, read or hold them."""

import errno
import os
import pwd
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from crawler.errors import HubGenealogyError, LockHeldError

OTHERS = stat.S_IRWXG | stat.S_IRWXO
OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def make_folder(folder: Path) -> None:
    """Make `folder` and what is missing above it, for this user alone. A folder that exists stays as it is."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        if not folder.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder)) from None
    except FileNotFoundError:
        make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def check_closed(folder: Path) -> None:
    """Raise HubGenealogyError if every user of this machine may write in `folder`."""
    if folder.stat().st_mode & stat.S_IWOTH:
        raise HubGenealogyError(
            f"every user of this machine may write in {folder}: see that it holds nothing of others, then chmod o-w {folder}"
        )


def check_own(folder: Path, uid: int | None = None) -> None:
    """Raise HubGenealogyError unless `folder`, and a link to it, is of this user (or `uid`), and nobody else may write in it."""
    for found in (folder.lstat(), folder.stat()):
        if found.st_uid != (os.geteuid() if uid is None else uid):
            raise HubGenealogyError(f"{folder} belongs to the user {user_name(found.st_uid)}: run this as that user")
    if found.st_mode & OTHERS_WRITE:
        raise HubGenealogyError(
            f"other users may write in {folder}: see that it holds nothing of theirs, then chmod go-w {folder}"
        )


def own_folder(folder: Path) -> None:
    """Make `folder` for this user alone, or close it to others; raise as `check_own` does."""
    make_folder(folder)
    check_own(folder)
    if folder.stat().st_mode & OTHERS:
        folder.chmod(0o700)


def user_name(uid: int) -> str:
    """The name of a user, or its number where it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


@contextmanager
def locked(file: Path, seconds: float, message: str) -> Iterator[None]:
    """Hold the lock in `file`. After `seconds` of waiting for another process, raise LockHeldError with `message`.

    Only its owner may open the file: whoever can read a file can lock it, and keep it.
    """
    with suppress(FileNotFoundError):  # earlier versions let everybody read it
        found = file.lstat()
        if stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid() and found.st_mode & OTHERS:
            file.chmod(0o600)
    lock = FileLock(file, timeout=seconds, mode=0o600)
    try:
        lock.acquire()
    except Timeout:
        raise LockHeldError(message) from None
    try:
        yield
    finally:
        lock.release()
