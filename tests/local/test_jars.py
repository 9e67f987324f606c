"""The jars of the local server: exactly the locked ones, compared before they are used."""

import gc
import hashlib
import os
import re
import stat
import subprocess
import warnings
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from zipfile import ZipFile

import pytest

from crawler.errors import HubGenealogyError, TryLaterError, UsageError
from crawler.local import jars, java
from crawler.local.jars import Jar, Lock, cache, ensure_jars, read_lock
from tests.support.somebody_else import NOBODY

CONTENT = b"a jar"
JAR = Jar("org.example:part:1.0", hashlib.sha256(CONTENT).hexdigest(), len(CONTENT))
NATIVE = Jar("org.example:part:1.0:linux", JAR.sha256, JAR.size)
LOCK = Lock("1.0", "org.example.Main", ("org.example:part:1.0",), (JAR, NATIVE))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A cache that holds both jars of the lock."""
    folder = tmp_path / "jars"
    folder.mkdir()
    for jar in LOCK.jars:
        (folder / jar.name).write_bytes(CONTENT)
    return folder


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A repository of jars on loopback, which the user's jgo.conf names."""
    root = tmp_path / "repository"
    root.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=root)) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        configuration = tmp_path / "jgo.conf"
        configuration.write_text(f"[repositories]\ncentral = http://127.0.0.1:{server.server_port}\n")
        monkeypatch.setenv("JGO_CONFIG_FILE", str(configuration))
        yield root / "org" / "example" / "part" / "1.0"
        server.shutdown()
        thread.join()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # jgo leaves an answer open that is no jar
        gc.collect()


def publish(place: Path, content: bytes) -> None:
    place.mkdir(parents=True)
    for jar in LOCK.jars:
        (place / jar.name).write_bytes(content)


def test_the_shipped_lock_names_every_jar_once_with_its_hash() -> None:
    lock = read_lock()
    assert re.fullmatch(r"5\.26\.[0-9]+", lock.version)
    assert len({jar.name for jar in lock.jars}) == len(lock.jars) > 200
    assert {jar.coordinate for jar in lock.jars} >= set(lock.roots)
    assert all(re.fullmatch("[0-9a-f]{64}", jar.sha256) and jar.size > 0 for jar in lock.jars)


def test_the_shipped_lock_names_no_place_to_fetch_from() -> None:
    assert "://" not in jars.LOCK.read_text(encoding="utf-8")


def test_docker_runs_the_release_that_the_lock_names() -> None:
    compose = (Path(__file__).parents[2] / "docker-compose.yml").read_text(encoding="utf-8")
    assert f"image: neo4j:{read_lock().version}-community\n" in compose


def test_the_jars_are_given_in_the_order_of_the_lock(folder: Path) -> None:
    assert ensure_jars(LOCK, folder) == [folder / "part-1.0.jar", folder / "part-1.0-linux.jar"]


def test_a_file_that_the_lock_does_not_name_is_removed_and_said(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    (folder / "stranger-1.0.jar").write_bytes(b"?")
    (folder / "link.jar").symlink_to(folder / JAR.name)
    (folder / "folder").mkdir()
    ensure_jars(LOCK, folder)
    assert {entry.name for entry in folder.iterdir()} == {"part-1.0.jar", "part-1.0-linux.jar", "lock", "folder"}
    assert "stranger-1.0.jar: the lock of Neo4j 1.0 does not name it" in caplog.text


def test_java_loads_no_class_of_a_jar_that_a_locked_jar_names_but_the_lock_does_not(tmp_path: Path) -> None:
    """As jaxb-runtime names jakarta.activation-api: Java adds what a manifest names to the class path by itself."""
    folder, stranger = tmp_path / "jars", "stranger-1.0.jar"
    folder.mkdir()
    with ZipFile(folder / JAR.name, "w") as jar:
        jar.writestr("META-INF/MANIFEST.MF", f"Manifest-Version: 1.0\nClass-Path: {stranger}\n")
    with ZipFile(folder / stranger, "w") as jar:
        jar.writestr("Stranger.class", "no class, so that Java says that it read this")
    locked = Jar(JAR.coordinate, jars.sha256(folder / JAR.name), (folder / JAR.name).stat().st_size)

    def said(paths: list[Path]) -> str:
        words = [str(java.SHIPPED), "-cp", os.pathsep.join(map(str, paths)), "Stranger"]
        return str(subprocess.run(words, capture_output=True, text=True, check=False).stderr)

    assert "ClassFormatError" in said([folder / JAR.name])
    assert "ClassNotFoundException" in said(ensure_jars(Lock("1.0", "Stranger", (), (locked,)), folder))


def test_a_jar_with_another_hash_is_refused(folder: Path) -> None:
    (folder / JAR.name).write_bytes(b"A jar")
    with pytest.raises(HubGenealogyError, match=r"part-1\.0\.jar is not the locked .* delete that file"):
        ensure_jars(LOCK, folder)


def test_a_jar_that_changed_after_a_start_is_refused_even_with_its_size_and_time(folder: Path) -> None:
    ensure_jars(LOCK, folder)
    before = (folder / JAR.name).stat()
    (folder / JAR.name).write_bytes(b"A jar")
    os.utime(folder / JAR.name, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(HubGenealogyError, match="not the locked"):
        ensure_jars(LOCK, folder)


def test_a_jar_of_another_lock_is_refused(folder: Path) -> None:
    other = Lock("1.0", LOCK.main, LOCK.roots, (Jar(JAR.coordinate, "0" * 64, JAR.size),))
    with pytest.raises(HubGenealogyError, match="not the locked"):
        ensure_jars(other, folder)


def test_others_lose_the_right_to_write_into_the_folder_of_the_jars(folder: Path) -> None:
    folder.chmod(0o777)
    folder.parent.chmod(0o775)
    ensure_jars(LOCK, folder)
    assert [stat.S_IMODE(place.stat().st_mode) for place in (folder, folder.parent)] == [0o755, 0o755]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to somebody else")
def test_jars_in_a_folder_of_another_user_are_not_used(folder: Path) -> None:
    os.chown(folder, NOBODY, NOBODY)
    with pytest.raises(HubGenealogyError, match=r"other users can replace Neo4j's jars in .*: set XDG_CACHE_HOME"):
        ensure_jars(LOCK, folder)


def test_missing_jars_are_fetched_from_the_repositories_of_the_user(tmp_path: Path, repository: Path) -> None:
    publish(repository, CONTENT)
    found = ensure_jars(LOCK, tmp_path / "new")
    assert [jar.read_bytes() for jar in found] == [CONTENT, CONTENT]
    assert not list((tmp_path / "new").glob("fetching-*"))


def test_a_fetched_jar_with_another_hash_never_enters_the_cache(tmp_path: Path, repository: Path) -> None:
    publish(repository, b"A jar")
    with pytest.raises(HubGenealogyError, match=r"org\.example:part:1\.0\S* as fetched is not the locked one"):
        ensure_jars(LOCK, tmp_path / "new")
    assert not list((tmp_path / "new").glob("*.jar"))


def test_a_jar_that_no_repository_has_can_be_tried_again_later(tmp_path: Path, repository: Path) -> None:
    repository.mkdir(parents=True)
    with pytest.raises(TryLaterError, match=r"org\.example:part:1\.0\S* cannot be fetched"):
        ensure_jars(LOCK, tmp_path / "new")


def test_a_cache_whose_path_java_would_take_for_two_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/one:two")
    with pytest.raises(UsageError, match="because of the ':' in it: set XDG_CACHE_HOME"):
        cache()
