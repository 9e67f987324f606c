"""Files where somebody may have put something else in the way: every file of this program is written here.

Nothing is read or written through a symbolic link, and nothing but regular files: a named pipe would hang, a device would
do whatever it does. A file is there whole or not at all. JSON that is written here carries the digest of its own content.
"""

import errno
import hashlib
import json
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from crawler.errors import HubGenealogyError, UsageError

FULL_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# No file of JSON that this program writes comes near: a larger one is not read into memory.
LARGEST_JSON = 256 << 20
# The name of the digest in an object of JSON.
DIGEST = "digest"
MOST_LINKS = 40
_KINDS = {
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


class DamagedFileError(HubGenealogyError):
    """A file does not hold what this program writes."""


class NoRegularFileError(OSError):
    """Something other than a file is in its place."""

    def __init__(self, path: Path, mode: int) -> None:
        super().__init__(errno.EINVAL, f"it is {_KINDS.get(stat.S_IFMT(mode), 'no regular file')}", str(path))


@contextmanager
def writing(what: str) -> Iterator[None]:
    """Turn a full disk, a missing permission or something in the way into a one-line error about `what`."""
    try:
        yield
    except OSError as error:
        way_out = "free some space" if error.errno in FULL_DISK else "fix that"
        where = f" ({error.filename})" if isinstance(error, NoRegularFileError) else ""
        raise HubGenealogyError(
            f"{what} cannot be written: {error.strerror or error}{where}; {way_out} and run the same command again: it "
            "continues from here"
        ) from error


def is_there(path: Path) -> bool:
    """Whether anything is at `path`; a symbolic link that leads nowhere is something."""
    return os.path.lexists(path)


def check_regular(path: Path) -> None:
    """Raise NoRegularFileError where something other than a file is at `path`."""
    with suppress(FileNotFoundError):
        mode = path.lstat().st_mode
        if not stat.S_ISREG(mode):
            raise NoRegularFileError(path, mode)


def open_regular(path: Path, flags: int = os.O_RDONLY) -> FileIO:
    """Open the file at `path` unbuffered; NoRegularFileError, and no waiting, for anything else."""
    check_regular(path)  # opening some devices does something
    descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o666)
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        raise NoRegularFileError(path, mode)
    return FileIO(descriptor, "rb" if flags & os.O_ACCMODE == os.O_RDONLY else "r+b")


def read_given(file: Path, at_most: int) -> str:
    """The text of a file that the user names; UsageError as in `read_given_bytes`, or where it is no UTF-8."""
    try:
        return read_given_bytes(file, at_most).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{file} is not UTF-8: save it as UTF-8") from None


def read_given_bytes(file: Path, at_most: int) -> bytes:
    """The content of a file that the user names, by a link too; UsageError where it cannot be read or is larger than that."""
    try:
        return read_bytes(file.resolve(strict=True), at_most)
    except OSError as error:
        if error.errno == errno.EFBIG:
            raise UsageError(f"{file} is larger than {at_most >> 20:,} MB, the most that is read") from None
        raise UsageError(f"{file} cannot be read: {error.strerror or error}") from None


def read_bytes(path: Path, at_most: int = LARGEST_JSON) -> bytes:
    """The content of the file at `path`; OSError where it has more than `at_most` bytes."""
    with open_regular(path) as file:
        if os.fstat(file.fileno()).st_size > at_most:
            raise OSError(errno.EFBIG, "it is larger than anything that this program writes", str(path))
        return file.read()


def sha256_of(path: Path) -> str:
    """The SHA-256 of the file at `path`."""
    with open_regular(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def resolved(folder: Path) -> Path:
    """The absolute `folder` without symbolic links; OSError where one belongs to another user than this one and root."""
    here, names, links = Path(folder.anchor), list(folder.parts[1:]), 0
    while names:
        name = names.pop(0)
        here = here.parent if name == ".." else here / name
        state = here.lstat()
        if not stat.S_ISLNK(state.st_mode):
            continue
        links += 1
        if state.st_uid not in {0, os.geteuid()}:
            raise PermissionError(errno.EPERM, f"{here} is a symbolic link of another user", str(folder))
        if links > MOST_LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(folder))
        target = here.readlink()
        here = Path(target.anchor) if target.anchor else here.parent
        names[:0] = target.parts[bool(target.anchor) :]
    return here


@contextmanager
def replacing(path: Path, mode: int = 0o666) -> Iterator[BinaryIO]:
    """Write `path` whole or not at all: a reader finds the old file or the new one, also after a kill at any moment.

    A symbolic link at `path`, and any other thing that is no file, is refused: NoRegularFileError. So is a link of another
    user on the way there.
    """
    folder = os.open(resolved(path.parent.absolute()), os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    temporary = f"{path.name}.tmp"
    try:
        check_regular(path)
        with suppress(FileNotFoundError):
            os.unlink(temporary, dir_fd=folder)  # of a process that was killed
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            with os.fdopen(os.open(temporary, flags, mode, dir_fd=folder), "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path.name, src_dir_fd=folder, dst_dir_fd=folder)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary, dir_fd=folder)
            raise
        os.fsync(folder)
    finally:
        os.close(folder)


def create(path: Path, mode: int) -> TextIO:
    """Open the new file `path` for text, in a folder that is not yet in its place; FileExistsError where anything is there."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    return os.fdopen(descriptor, "w", encoding="utf-8", newline="\n")


def states_below(folder: Path) -> Iterator[os.stat_result]:
    """What the system knows of each file below `folder`. Links are not followed; what vanishes or is hidden is left out."""
    for parent, _folders, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError, PermissionError):
                yield os.lstat(os.path.join(parent, name))  # noqa: PTH118  # thousands of pages


def size_of(folder: Path) -> int:
    """The bytes in the files below `folder`, as `states_below` finds them."""
    return sum(state.st_size for state in states_below(folder))


def digest_of(content: dict[str, Any]) -> str:
    """The digest of an object of JSON, however it is laid out."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def write_json(path: Path, content: dict[str, Any], mode: int = 0o666) -> None:
    """Write `content` with its digest, whole or not at all."""
    text = json.dumps({**content, DIGEST: digest_of(content)}, indent=2, allow_nan=False)
    with replacing(path, mode) as file:
        file.write(f"{text}\n".encode())


def read_json(path: Path) -> dict[str, Any]:
    """Read a file that `write_json` wrote: DamagedFileError where it is another text, HubGenealogyError where it cannot be read.

    Files of earlier versions have no digest.
    """
    try:
        return _parsed(read_bytes(path))
    except OSError as error:
        raise HubGenealogyError(
            f"{path} cannot be read ({error.strerror or error}): make it readable, or restore it from a backup"
        ) from None
    except ValueError as error:
        raise DamagedFileError(f"{path} cannot be read ({error}): restore it from a backup") from None


def _parsed(text: bytes) -> dict[str, Any]:
    """The object in `text`; ValueError where it is none, or not the one that was written."""
    try:
        content = json.loads(text.decode(), parse_constant=_no_number)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not isinstance(content, dict):
        raise ValueError("it does not hold what this program writes")  # noqa: TRY004  # the content is wrong, not an argument
    if DIGEST in content and content.pop(DIGEST) != digest_of(content):
        raise ValueError("it is not what was written: its digest differs")
    return content


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no number")


def line_of(content: dict[str, Any]) -> bytes:
    """A line as `append_line` writes it."""
    return json.dumps({**content, DIGEST: digest_of(content)}).encode() + b"\n"


def append_line(path: Path, content: dict[str, Any]) -> None:
    """Append `content` with its digest as one line of JSON and sync it to the disk.

    An incomplete last line, left by a kill, is cut off first.
    """
    line = line_of(content)
    # Unbuffered: closing the file must not retry a write that the disk refused.
    with open_regular(path, os.O_RDWR | os.O_CREAT | os.O_APPEND) as file:
        end = file.seek(0, os.SEEK_END)
        if end:
            file.seek(end - 1)
            if file.read(1) != b"\n":
                file.seek(0)
                end = file.read().rfind(b"\n") + 1
                file.truncate(end)
        if file.write(line) != len(line):
            file.truncate(end)
            raise OSError(errno.ENOSPC, "the line was cut off")
        os.fsync(file.fileno())


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Read the lines of `append_line`. An incomplete last line is ignored; ValueError for any other bad line."""
    try:
        text = read_bytes(path)
    except FileNotFoundError:
        return []
    return [_parsed(line) for line in text.split(b"\n")[:-1]]


def keep_lines(path: Path, count: int) -> None:
    """Cut off everything behind the first `count` lines of `path`."""
    lines = read_bytes(path).splitlines(keepends=True)
    with open_regular(path, os.O_RDWR) as file:
        file.truncate(sum(map(len, lines[:count])))
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Sync the folder itself, so that a rename in it survives a power failure."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def built_at(folder: Path) -> Iterator[Path]:
    """Yield a temporary folder; rename it to `folder` when the block succeeds, so that `folder` is never incomplete."""
    temporary = folder.with_name(folder.name + ".tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    yield temporary
    for path in temporary.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
    temporary.rename(folder)
    sync_folder(folder.parent)
