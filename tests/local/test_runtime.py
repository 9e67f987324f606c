"""Which Java the local server runs on: the setting `neo4j.java`, and what is refused there."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from crawler import settings
from crawler.errors import HubGenealogyError
from crawler.local import java, runtime
from crawler.local.server import LocalServer
from tests.support.javas import HOME, java_of, script
from tests.support.somebody_else import somebody_else


@pytest.mark.parametrize("named", [HOME, HOME / "bin" / "java"])
def test_the_setting_names_the_home_of_a_java_or_its_executable(named: Path) -> None:
    found = runtime.usable(named)
    assert found.executable.samefile(java.SHIPPED)
    assert found.version.startswith("21.")
    assert found.released.year >= 2025


def test_a_script_and_a_link_that_lead_to_a_java_are_followed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(java.SHIPPED)
    shim = script(tmp_path / "shim", f'exec {java.SHIPPED} "$@"')
    assert {runtime.executable(tmp_path / "link"), runtime.executable(shim)} == {HOME / "bin" / "java"}


@pytest.mark.parametrize("version", ["17.0.15", "1.8.0_402", "23.0.2", "26"])
def test_a_java_that_neo4j_does_not_run_on_is_refused(tmp_path: Path, version: str) -> None:
    named = java_of(tmp_path, version, "2026-01-20")
    with pytest.raises(HubGenealogyError) as refused:
        runtime.executable(named)
    assert str(refused.value) == (
        f"{named} is Java {version}: set neo4j.java to the home or the executable of Java 21 or 25, or leave it out"
    )


@pytest.mark.parametrize("version", ["21", "21.0.11", "25.0.4"])
def test_a_java_with_long_term_support_is_taken(tmp_path: Path, version: str) -> None:
    assert runtime.usable(java_of(tmp_path, version, "2026-10-20")).version == version


def test_what_is_no_java_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("java")
    (tmp_path / "text").chmod(0o755)
    os.mkfifo(tmp_path / "pipe")
    silent, dated = script(tmp_path / "silent"), java_of(tmp_path, "21.0.9", "yesterday")
    for named, reason in [
        (tmp_path / "none", "does not exist"),
        (tmp_path, "does not exist"),  # a folder without bin/java
        (tmp_path / "pipe", "is not a program"),
        (tmp_path / "text", "is no Java"),
        (silent, "is no Java"),
        (dated, "is no Java"),
    ]:
        with pytest.raises(HubGenealogyError, match=reason) as refused:
            runtime.executable(named)
        assert "\n" not in str(refused.value)


def test_a_java_that_this_user_may_not_run_is_refused(tmp_path: Path) -> None:
    private = java_of(tmp_path, "21.0.9", "2026-01-20")
    private.chmod(stat.S_IRUSR | stat.S_IXUSR if os.geteuid() == 0 else 0)
    with somebody_else(), pytest.raises(HubGenealogyError, match="not a program that this user may run"):
        runtime.executable(private)


@pytest.fixture
def local(tmp_path: Path) -> Iterator[LocalServer]:
    named = script(tmp_path / "my-java", f'exec {java.SHIPPED} "$@"')
    values = settings.load(
        environment={
            "HUB_GENEALOGY_HOME": str(tmp_path / "home"),
            "HUB_GENEALOGY_NEO4J_JAVA": str(named),
            "HUB_GENEALOGY_NEO4J_HEAP": "512m",
            "HUB_GENEALOGY_NEO4J_PAGE_CACHE": "64m",
        }
    )
    server = LocalServer.from_settings(values)
    yield server
    server.stop()


def test_the_server_runs_on_the_java_that_is_set_and_is_found_again(local: LocalServer) -> None:
    connection = local.start()
    process = local.process()
    assert process is not None
    assert process.cmdline()[0] == str(HOME / "bin" / "java")
    assert Path(process.exe()).samefile(java.SHIPPED)
    assert local.start() == connection
    assert local.stop()
    assert not psutil.pid_exists(process.pid)


def test_a_wrong_java_keeps_the_server_from_starting_before_anything_is_made(
    local: LocalServer, tmp_path: Path
) -> None:
    local.named_java = java_of(tmp_path, "17.0.15", "2026-01-20")
    with pytest.raises(HubGenealogyError, match=r"is Java 17\.0\.15: set neo4j\.java"):
        local.start()
    assert local.process() is None
    assert not local.password_file.exists()
