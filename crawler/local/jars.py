"""Neo4j's jars: exactly those of `neo4j.lock.json`, downloaded once into the user's cache and verified.

The lock names every jar with its SHA-256 and its size; `python -m crawler.local.relock` writes it. jgo fetches the
jars, from the repositories of the user's own `jgo.conf` first, and checks nothing that this module relies on: a jar
enters the cache only after its SHA-256 agreed with the lock, and is compared again at every start, which takes 0.2 to
0.4 s. The folder holds nothing else: a jar may name others beside it, which Java loads where they are.
"""

import hashlib
import json
import logging
import os
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from crawler import private
from crawler.errors import HubGenealogyError, TryLaterError, UsageError
from crawler.settings import user_folder

log = logging.getLogger(__name__)

LOCK = Path(__file__).with_name("neo4j.lock.json")
WORKERS = 6
LOCK_FILE, STAGING = "lock", "fetching-"  # what may stand beside the jars
FETCH_SECONDS = 1200.0  # how long another process of this user may fetch
OF_OTHERS = 0o022  # the right of others to write


@dataclass(frozen=True)
class Jar:
    """One line of the lock; `coordinate` is group:artifact:version or group:artifact:version:classifier."""

    coordinate: str
    sha256: str
    size: int

    @property
    def name(self) -> str:
        """The file's name, as Maven would call it."""
        _, *parts = self.coordinate.split(":")
        return "-".join(parts) + ".jar"


@dataclass(frozen=True)
class Lock:
    """What the local server runs: the release, its main class, the coordinates it was resolved from, and every jar."""

    version: str
    main: str
    roots: tuple[str, ...]
    jars: tuple[Jar, ...]


def read_lock(file: Path = LOCK) -> Lock:
    """The lock in `file`: the one that is shipped with this version of the package, or a test's of another release."""
    content = json.loads(file.read_text(encoding="utf-8"))
    jars = tuple(Jar(**jar) for jar in content["jars"])
    return Lock(content["version"], content["main"], tuple(content["roots"]), jars)


def cache() -> Path:
    """The user's cache for this program. UsageError where Java would take its path for several."""
    folder = user_folder("XDG_CACHE_HOME", ".cache", "NEO4J_URI")
    if os.pathsep in str(folder):
        raise UsageError(
            f"Java takes no jars from {folder}, because of the {os.pathsep!r} in it: set XDG_CACHE_HOME to another folder"
        )
    return folder


def sha256(file: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def ensure_jars(lock: Lock, folder: Path | None = None) -> list[Path]:
    """The locked jars on this disk, in the lock's order: each compared with the lock, what is missing fetched.

    Raises HubGenealogyError when a jar is not the locked one or could be replaced by another user, TryLaterError when
    one cannot be fetched.
    """
    folder = folder or cache() / f"neo4j-{lock.version}"
    private.make_folder(folder)
    for place in (folder.parent, folder):
        _make_ours(place)
    held = (
        f"another process has been fetching Neo4j into {folder} for {FETCH_SECONDS / 60:.0f} minutes: try again later"
    )
    with private.locked(folder / LOCK_FILE, FETCH_SECONDS, held):  # two processes fetch once
        _remove_strangers(lock, folder)
        missing = [jar for jar in lock.jars if not (folder / jar.name).exists()]
        _compare([jar for jar in lock.jars if jar not in missing], folder)
        if missing:
            _fetch(lock.version, missing, folder)
    return [folder / jar.name for jar in lock.jars]


def _make_ours(folder: Path) -> None:
    """Make sure that no other user can replace a jar between its comparison and the start of Java."""
    state = folder.stat()
    if state.st_uid == os.geteuid():
        folder.chmod(state.st_mode & ~OF_OTHERS & 0o7777)
    elif state.st_uid != 0 or state.st_mode & OF_OTHERS:
        raise HubGenealogyError(
            f"other users can replace Neo4j's jars in {folder}: set XDG_CACHE_HOME to a folder of your own"
        )


def _remove_strangers(lock: Lock, folder: Path) -> None:
    """Remove the files that the lock does not name: of an older version of this program, or of an attacker."""
    names = {LOCK_FILE, *(jar.name for jar in lock.jars)}
    for entry in folder.iterdir():
        if entry.name not in names and (entry.is_symlink() or not entry.is_dir()):
            log.warning("removing %s: the lock of Neo4j %s does not name it", entry, lock.version)
            entry.unlink()


def _compare(jars: list[Jar], folder: Path) -> None:
    for jar in jars:
        if sha256(folder / jar.name) != jar.sha256:
            raise HubGenealogyError(
                f"{folder / jar.name} is not the locked {jar.coordinate} (its SHA-256 differs): not started; "
                "delete that file to fetch it again",
            )


def _fetch(version: str, jars: list[Jar], folder: Path) -> None:
    needed = sum(jar.size for jar in jars)
    log.info("fetching Neo4j %s: %d files, %.0f MB, into %s", version, len(jars), needed / 1e6, folder)
    if shutil.disk_usage(folder).free < needed:
        raise HubGenealogyError(f"no room for Neo4j in {folder}: {needed / 1e6:.0f} MB are needed")
    for left in folder.glob(f"{STAGING}*"):  # by a process that was killed
        shutil.rmtree(left)
    with (
        tempfile.TemporaryDirectory(dir=folder, prefix=STAGING) as staging,
        ThreadPoolExecutor(WORKERS) as pool,
        click.progressbar(length=needed, label="Neo4j", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar,
    ):
        for jar in pool.map(partial(_fetch_one, maven(Path(staging)), folder), jars):
            bar.update(jar.size)


def maven(repository_cache: Path) -> Any:
    """A jgo context that stores into `repository_cache` and asks the user's own repositories before the public one."""
    from jgo.config import GlobalSettings  # noqa: PLC0415 - a second to import, needed for the first start only
    from jgo.constants import MAVEN_CENTRAL_URL  # noqa: PLC0415 - as above
    from jgo.maven import MavenContext  # noqa: PLC0415 - as above

    repositories = {**GlobalSettings.load().repositories}
    repositories.setdefault("central", MAVEN_CENTRAL_URL)
    return MavenContext(repo_cache=repository_cache, remote_repos=repositories, timeout=60)


def _fetch_one(context: Any, folder: Path, jar: Jar) -> Jar:
    group, artifact, version, *classifier = jar.coordinate.split(":")
    wanted = context.project(group, artifact).at_version(version).artifact(*classifier)

    def attempt() -> Path:
        wanted.cached_path.unlink(missing_ok=True)  # half a file of an attempt before
        fetched: Path = wanted.resolve()
        return fetched

    retrying = Retrying(
        retry=retry_if_exception_type((OSError, RuntimeError)),  # of the network; a jar that no repository has
        stop=stop_after_attempt(3),
        wait=wait_exponential(max=10),
        reraise=True,
    )
    try:
        fetched = retrying(attempt)
    except (OSError, RuntimeError) as error:
        raise TryLaterError(f"{jar.coordinate} cannot be fetched: {' '.join(str(error).split())[:300]}") from None
    if sha256(fetched) != jar.sha256:
        raise HubGenealogyError(f"{jar.coordinate} as fetched is not the locked one (its SHA-256 differs): not started")
    fetched.replace(folder / jar.name)
    return jar
