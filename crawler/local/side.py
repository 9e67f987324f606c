"""A graph that `neo4j-admin` imports beside the one that the server serves, and that takes its place at the next start.

`neo4j/import-…/` is a home of Neo4j of its own. The file `ready` is written into it when the import has ended. Only then
does a start of the server move the database to its place. Each move is a rename; a start that was killed between them is
gone on with by the next one. A database that is not ready is erased when the next import begins. The users and passwords
are in another database, `system`, which stays.
"""

import os
import secrets
import shutil
from collections.abc import Iterable
from pathlib import Path

import psutil

from crawler import private
from crawler.files import replacing, sync_folder
from crawler.local import java

DATABASE = "neo4j"
PLACES = "import-*"
READY = "ready"
ARGUMENTS = "arguments"
# Neo4j keeps the store and the transactions of a database apart.
KINDS = ("databases", "transactions")
# Neo4j's importer warns of less, however small the graph is.
LEAST_HEAP = 1280 << 20
LEAST_OFF_HEAP = 1 << 30
IMPORTER_SECONDS = 10.0  # until an importer is ended that does not end when it is asked
CONFIGURATION = """\
db.tx_log.preallocate=false
dbms.usage_report.enabled=false
"""


def begin(folder: Path) -> Path:
    """Make the home of a new import in `folder`; erase what earlier ones left."""
    discard(folder)
    place = folder / f"import-{secrets.token_hex(4)}"
    private.make_folder(place)
    private.make_folder(place / "conf")
    private.make_folder(place / "tmp")
    java.write_private(place / "conf" / "neo4j.conf", CONFIGURATION)
    return place


def finish(place: Path) -> None:
    """Note that the import in `place` has ended well."""
    with replacing(place / READY, 0o600):
        pass


def take_place(folder: Path) -> None:
    """Put the database of an import that is ready in the place of the one that `folder` holds. The server must not run."""
    for place in folder.glob(PLACES):
        if not (place / READY).exists():
            continue
        for kind in KINDS:
            new, old = place / "data" / kind / DATABASE, folder / "data" / kind / DATABASE
            if not new.exists():  # moved by a start that was killed
                continue
            private.make_folder(old.parent)
            if old.exists():
                old.rename(place / f"old-{kind}")
            new.rename(old)
            sync_folder(old.parent)
        erase(folder, place)


def discard(folder: Path) -> None:
    """Erase every import that did not take its place, and end an importer that outlived the process that started it."""
    places = list(folder.glob(PLACES))
    commands = [[f"@{place / ARGUMENTS}"] for place in places]
    for process in psutil.process_iter() if places else ():
        try:
            if process.uids().real == os.geteuid() and process.cmdline()[1:] in commands:
                java.stop(process, IMPORTER_SECONDS)
        except psutil.Error:
            continue
    erase(folder, *places)


def erase(folder: Path, *names: Path) -> None:
    """Erase files of `folder`, and what an erasing that was killed left. A rename happens at once, or not at all."""
    for path in names:
        if path.exists():
            path.rename(folder / f"erased-{secrets.token_hex(4)}")
    for erased in folder.glob("erased-*"):
        shutil.rmtree(erased)


def options(heap: str | None, place: Path) -> list[str]:
    """Java's options for an import in `place`; `heap` is what is set for the server."""
    return [f"-Xmx{max(size_in_bytes(heap), LEAST_HEAP)}", f"-Djava.io.tmpdir={place / 'tmp'}"]


def command(page_cache: str | None, arguments: Iterable[str]) -> list[str]:
    """What `neo4j-admin` is told; `page_cache` is what is set for the server. A single bad row ends the import."""
    off_heap = max(size_in_bytes(page_cache), LEAST_OFF_HEAP)
    return [
        "database", "import", "full", DATABASE, f"--max-off-heap-memory={off_heap}", "--bad-tolerance=0", "--strict",
        "--verbose", *arguments,
    ]  # fmt: skip


def size_in_bytes(text: str | None) -> int:
    """A size as Java takes it; 0 where none is set."""
    return 0 if text is None else int(text[:-1]) << (30 if text.endswith("g") else 20)


def service_of(pid: int) -> str | None:
    """The systemd service that the process belongs to; None for one that belongs to none, or to that of this process."""
    own, other = (_service(Path(f"/proc/{number}/cgroup")) for number in ("self", pid))
    return None if other == own else other


def _service(file: Path) -> str | None:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    # As in: 0::/system.slice/hub-genealogy-neo4j.service
    names = [part for line in lines for part in line.split("/") if part.endswith(".service")]
    return names[-1] if names else None
