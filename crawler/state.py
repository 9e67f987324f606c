"""The state folder: its contents, its layout version, and its lock.

archive/<crawl>/     the pages of one walk: the values that are used, as received; `rows/`, what was parsed of them
snapshots/<crawl>/   what the Hub looked like after it, as Parquet tables
changes/<crawl>/     what it added, altered and retired; never pruned: the graph can be rebuilt from these alone
state.json           the version of this layout, the identity of this state, the last crawl the graph holds
run.json             how the last run of crawl, load or rebuild ended
lock                 held by the one process that writes
neo4j/               the local server's own data, where there is one
"""

import errno
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from crawler import private
from crawler.errors import HubGenealogyError, UsageError
from crawler.settings import default_home

# Version 2: manifests with typed warnings, which version 1 cannot read.
VERSION = 2
FULL_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def writing(what: str) -> Iterator[None]:
    """Turn a full disk or a missing permission into a one-line error about `what`."""
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        way_out = "free some space" if error.errno in FULL_DISK else "fix that"
        raise HubGenealogyError(
            f"{what} cannot be written: {reason}; {way_out} and run the same command again: it continues from here"
        ) from error


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write `content` atomically: a reader finds the old file or the new one, also after a kill at any moment."""
    temporary = path.with_name(path.name + ".tmp")
    with temporary.open("w", encoding="utf-8") as file:
        json.dump(content, file, indent=2)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync_folder(path.parent)


def read_json(path: Path) -> dict[str, Any]:
    """Read a file that `write_json` wrote; raise HubGenealogyError if it is damaged."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise HubGenealogyError(f"{path} cannot be read ({error}): restore it from a backup") from None
    if not isinstance(content, dict):
        raise HubGenealogyError(f"{path} does not hold what this program writes: restore it from a backup")
    return content


def append_line(path: Path, content: dict[str, Any]) -> None:
    """Append `content` as one line of JSON and sync it to the disk. An incomplete last line, left by a kill, is cut off first."""
    line = json.dumps(content).encode() + b"\n"
    # Unbuffered: closing the file must not retry a write that the disk refused.
    with path.open("a+b", buffering=0) as file:
        end = file.seek(0, os.SEEK_END)
        if end:
            file.seek(end - 1)
            if file.read(1) != b"\n":
                end = path.read_bytes().rfind(b"\n") + 1
                file.truncate(end)
        if file.write(line) != len(line):
            file.truncate(end)
            raise OSError(errno.ENOSPC, "the line was cut off")
        os.fsync(file.fileno())


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Read the lines of `append_line`. An incomplete last line is ignored; any other bad line raises ValueError."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1]]


def sync_folder(folder: Path) -> None:
    """Sync the folder itself, so that a rename in it survives a power failure."""
    descriptor = os.open(folder, os.O_RDONLY)
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


def holds_state(home: Path) -> bool:
    """Whether the folder `home` holds something that a crawl or a local server left; so too where it cannot be looked into."""
    try:
        # `Path.exists` and `Path.glob` take a folder that is closed to this user for an empty one.
        return any(_entries(home / name) for name in ("archive", "snapshots", "changes", "neo4j/data"))
    except OSError:
        return True


def other_states() -> list[Path]:
    """The state folders at the usual places: the user's data folder, and those of make and of `make demo` in this checkout."""
    places = []
    with suppress(UsageError):  # a user without a home folder
        places.append(default_home())
    with suppress(OSError):  # a working folder that is gone
        places += [Path.cwd() / "var", Path.cwd() / "var" / "demo"]
    return [place for place in places if _is_state(place)]


def way_to_a_state(home: Path) -> str:
    """What to do where `home` holds nothing to answer from."""
    others = " or ".join(str(place) for place in other_states() if place != home)
    where = f"to {others}, where there is a state" if others else "to the folder of a state"
    return f"run `hub-genealogy crawl` first, or set HUB_GENEALOGY_HOME {where}"


def _entries(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208  # names are enough
    except FileNotFoundError:
        return []


def _is_state(place: Path) -> bool:
    try:
        return bool(_entries(place / "changes"))
    except OSError:
        return False


class State:
    """A state folder in the layout of this version."""

    def __init__(self, home: Path) -> None:
        """Open the state folder `home`; create it where it does not exist.

        Raises HubGenealogyError for a folder that a newer version wrote, or that cannot be written.
        """
        self.home = home
        self.archives = home / "archive"
        self.snapshots = home / "snapshots"
        self.changes = home / "changes"
        self._file = home / "state.json"
        with writing(f"the state folder {home}"):
            private.make_folder(home)
            for folder in (self.archives, self.snapshots, self.changes):
                folder.mkdir(parents=True, exist_ok=True)
            if not self._file.exists():
                if any(self.changes.iterdir()):
                    raise HubGenealogyError(
                        f"{self._file} is missing beside existing change sets: restore it from a backup"
                    )
                write_json(self._file, {"version": VERSION, "id": uuid4().hex, "graph_at": None})
        version = read_json(self._file).get("version")
        if not isinstance(version, int) or version > VERSION:
            raise HubGenealogyError(
                f"the state folder {home} was written by a newer hub-genealogy (layout {version}, this one knows "
                f"{VERSION}): upgrade this installation, or set HUB_GENEALOGY_HOME to another folder"
            )

    @property
    def id(self) -> str:
        """The identity of this state. A graph stores the identity of the state it was made from."""
        return str(read_json(self._file)["id"])

    @property
    def graph_at(self) -> str | None:
        """The last crawl that was loaded into a graph."""
        crawl = read_json(self._file)["graph_at"]
        return None if crawl is None else str(crawl)

    @graph_at.setter
    def graph_at(self, crawl: str | None) -> None:
        with writing(f"the state folder {self.home}"):
            write_json(self._file, {**read_json(self._file), "graph_at": crawl})

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the writer's lock; raise LockHeldError at once if another process holds it.

        The system releases the lock of a process that died. A state folder that every user may write in is refused.
        """
        private.check_closed(self.home)
        with ExitStack() as stack:
            with writing(f"the lock in {self.home}"):
                # Wait half a second: `status` holds the lock for an instant.
                lock = private.locked(
                    self.home / "lock", 0.5, f"another process works on {self.home}: try again when it has ended"
                )
                stack.enter_context(lock)
            self._upgrade()
            yield

    def _upgrade(self) -> None:
        """Set the layout version to this one, so that earlier versions refuse the folder from now on."""
        content = read_json(self._file)
        if content["version"] != VERSION:
            with writing(f"the state folder {self.home}"):
                write_json(self._file, {**content, "version": VERSION})

    def crawls(self, folder: Path) -> list[str]:
        """Return the crawls in `folder` (archives, snapshots or changes), oldest first."""
        return sorted(path.name for path in folder.iterdir() if path.is_dir() and not path.name.endswith(".tmp"))

    def snapshot(self, crawl: str | None) -> Path | None:
        """Return the snapshot folder of `crawl`."""
        return None if crawl is None else self.snapshots / crawl

    def last_snapshot(self) -> str | None:
        """Return the crawl of the newest snapshot."""
        return next(reversed(self.crawls(self.snapshots)), None)
