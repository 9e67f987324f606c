"""The state folder: its contents, its layout version, and its lock.

archive/<crawl>/     the pages of one walk: the values that are used, as received; `rows/`, what was parsed of them
snapshots/<crawl>/   what the Hub looked like after it, as Parquet tables
datasets/            the same two folders of the walks over the data sets: datasets/archive/<crawl>, datasets/snapshots/<crawl>
changes/<crawl>/     what it added, altered and retired; never pruned: the graph can be rebuilt from these alone
state.json           the version of this layout, the identity of this state, the last crawl the graph holds
cases.sqlite         the register of cases, where one was opened
evidence/            the findings of others, a file for each import
forgotten.json       by which forgotten owners are known, where an owner was forgotten
run.json             how the last run of crawl, load, rebuild or forget ended
lock                 held by the one process that writes
neo4j/               the local server's own data, where there is one

Of all that is here, only changes/, cases.sqlite, evidence/ and forgotten.json cannot be made again.
"""

import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import msgspec

from crawler import private
from crawler.errors import HubGenealogyError, UsageError
from crawler.files import check_regular, is_there, read_json, write_json, writing
from crawler.settings import default_home

# Version 2: manifests with typed warnings, which version 1 cannot read. Version 3: files of JSON that carry their digest,
# which version 2 would leave as it is beside other content. Version 4: forgotten owners, whom version 3 would take in again.
VERSION = 4
# The name of a crawl: its number, and the time at which it began.
_CRAWL = re.compile(r"[0-9]{1,12}(-[0-9A-Za-z]+)?", re.ASCII)


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


@dataclass(frozen=True, kw_only=True)
class _Content:
    """What `state.json` holds."""

    version: int
    id: str
    graph_at: str | None
    forgets: bool = False


class Tree:
    """The folders of the walks over one listing, with a folder for each crawl that did one."""

    def __init__(self, home: Path) -> None:
        self.archives = home / "archive"
        self.snapshots = home / "snapshots"


class State(Tree):
    """A state folder in the layout of this version."""

    def __init__(self, home: Path) -> None:
        """Open the state folder `home`; create it where it does not exist.

        Raises HubGenealogyError for a folder that a newer version wrote, or that cannot be written.
        """
        super().__init__(home)
        self.home = home
        self.datasets = Tree(home / "datasets")
        self.changes = home / "changes"
        self._file = home / "state.json"
        with writing(f"the state folder {home}"):
            private.make_folder(home)
            for folder in (self.archives, self.snapshots, self.changes):
                folder.mkdir(parents=True, exist_ok=True)
            if not is_there(self._file):
                if any(self.changes.iterdir()):
                    raise HubGenealogyError(
                        f"{self._file} is missing beside existing change sets: restore it from a backup"
                    )
                self._write(_Content(version=VERSION, id=uuid4().hex, graph_at=None))
        version = read_json(self._file).get("version")
        if type(version) is not int or not 1 <= version <= VERSION:
            raise HubGenealogyError(
                f"the state folder {home} was written by a newer hub-genealogy (layout {version!r:.20}, this one knows "
                f"{VERSION}): upgrade this installation, or set HUB_GENEALOGY_HOME to another folder"
            )
        self._content()

    @property
    def id(self) -> str:
        """The identity of this state. A graph stores the identity of the state it was made from."""
        return self._content().id

    @property
    def graph_at(self) -> str | None:
        """The last crawl that was loaded into a graph."""
        return self._content().graph_at

    @graph_at.setter
    def graph_at(self, crawl: str | None) -> None:
        with writing(f"the state folder {self.home}"):
            self._write(replace(self._content(), graph_at=crawl))

    @property
    def forgets(self) -> bool:
        """Whether an owner was forgotten: without `forgotten.json`, a crawl would take the name in again."""
        return self._content().forgets

    @forgets.setter
    def forgets(self, forgets: bool) -> None:
        with writing(f"the state folder {self.home}"):
            self._write(replace(self._content(), forgets=forgets))

    def _content(self) -> _Content:
        try:
            return msgspec.convert(read_json(self._file), _Content)
        except msgspec.ValidationError as error:
            raise HubGenealogyError(
                f"{self._file} does not hold what this program writes ({error}): restore it from a backup"
            ) from None

    def _write(self, content: _Content) -> None:
        fields = msgspec.to_builtins(content)
        if not content.forgets:  # as in most state folders
            del fields["forgets"]
        write_json(self._file, fields)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the writer's lock; raise LockHeldError at once if another process holds it.

        The system releases the lock of a process that died. A state folder that every user may write in is refused.
        """
        private.check_closed(self.home)
        with ExitStack() as stack:
            with writing(f"the lock in {self.home}"):
                check_regular(self.home / "lock")
                # Wait half a second: `status` holds the lock for an instant.
                lock = private.locked(
                    self.home / "lock", 0.5, f"another process works on {self.home}: try again when it has ended"
                )
                stack.enter_context(lock)
            self._upgrade()
            yield

    def _upgrade(self) -> None:
        """Set the layout version to this one, so that earlier versions refuse the folder from now on."""
        content = self._content()
        if content.version != VERSION:
            with writing(f"the state folder {self.home}"):
                self._write(replace(content, version=VERSION))

    @property
    def walked(self) -> tuple[Path, ...]:
        """The folders of archives and of snapshots."""
        return (self.archives, self.snapshots, self.datasets.archives, self.datasets.snapshots)

    def dataset_snapshot(self, crawl: str | None) -> Path | None:
        """Return the newest snapshot of the data sets after `crawl`; None where no crawl had walked them."""
        known = [] if crawl is None else [one for one in self.crawls(self.datasets.snapshots) if one <= crawl]
        return self.datasets.snapshots / known[-1] if known else None

    def crawls(self, folder: Path) -> list[str]:
        """Return the crawls in `folder` (archives, snapshots or changes), oldest first. Other names are left out.

        The folders of the data sets are there once a crawl has walked these.

        Raises HubGenealogyError where the folder cannot be read, or something else is in the place of a crawl.
        """
        try:
            with os.scandir(folder) as entries:
                found = {entry.name: entry.is_dir(follow_symlinks=False) for entry in entries}
        except OSError as error:
            if isinstance(error, FileNotFoundError) and folder in (self.datasets.archives, self.datasets.snapshots):
                return []
            raise HubGenealogyError(
                f"{folder} cannot be read: {error.strerror or error}; ask as the owner of the state folder"
            ) from None
        crawls = sorted(name for name in found if _CRAWL.fullmatch(name))
        for name in crawls:
            if not found[name]:
                raise HubGenealogyError(f"{folder / name} is a link or a file: put the folder of that crawl there")
        return crawls

    def snapshot(self, crawl: str | None) -> Path | None:
        """Return the snapshot folder of `crawl`."""
        return None if crawl is None else self.snapshots / crawl

    def last_snapshot(self) -> str | None:
        """Return the crawl of the newest snapshot."""
        return next(reversed(self.crawls(self.snapshots)), None)
