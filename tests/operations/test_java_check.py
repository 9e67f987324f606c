"""`hub-genealogy doctor` on Java: which one runs, and how old its release is."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler import settings
from crawler.local.server import LocalServer
from crawler.operations.java_check import check_java
from tests.support.javas import HOME, java_of, script
from tests.support.program import Program

TODAY = datetime.now(UTC).date()


def said(home: Path, **environment: str) -> tuple[str, str]:
    (check,) = check_java(settings.load(environment={"HUB_GENEALOGY_HOME": str(home), **environment}))
    return check.verdict, check.message


def test_the_java_of_the_extra_is_named_with_its_release_and_its_age(tmp_path: Path) -> None:
    verdict, message = said(tmp_path, HUB_GENEALOGY_DOCTOR_MAX_JAVA_AGE="off")
    assert verdict == "ok"
    assert message.startswith("Java 21.0.")
    assert message.endswith(f" days old, at {HOME / 'bin' / 'java'}")


@pytest.mark.parametrize(("days", "verdict"), [(0, "ok"), (210, "ok"), (211, "warn")])
def test_an_old_release_is_a_warning_above_the_setting(tmp_path: Path, days: int, verdict: str) -> None:
    named = java_of(tmp_path, "21.0.9", str(TODAY - timedelta(days=days)))
    found, message = said(tmp_path, HUB_GENEALOGY_NEO4J_JAVA=str(named))
    assert (found, "set neo4j.java to a newer Java" in message) == (verdict, verdict == "warn")
    assert f"Java 21.0.9 of {TODAY - timedelta(days=days)}, {days} days old" in message


def test_a_java_that_the_makers_of_this_neo4j_do_not_support_is_a_warning(tmp_path: Path) -> None:
    named = java_of(tmp_path, "25.0.4", str(TODAY))
    verdict, message = said(tmp_path, HUB_GENEALOGY_NEO4J_JAVA=str(named))
    assert (verdict, "support it on Java 21, not on 25" in message) == ("warn", True)


def test_a_setting_that_names_no_java_fails(without_graph: Program, tmp_path: Path) -> None:
    result = without_graph.with_settings(HUB_GENEALOGY_NEO4J_JAVA=str(tmp_path / "none")).run("doctor")
    assert result.code == 1
    assert f"java         {tmp_path / 'none'} does not exist: set neo4j.java" in result.out


def test_a_server_elsewhere_has_a_java_of_its_own(without_graph: Program) -> None:
    result = without_graph.with_settings(NEO4J_URI="bolt://127.0.0.1:1", NEO4J_PASSWORD="x").run(
        "doctor", "--format", "json"
    )
    assert "java" not in {check["name"] for check in result.json()}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LocalServer]:
    local = LocalServer(tmp_path / "home", heap="512m", page_cache="64m")
    local.start()
    yield local
    local.stop()


def test_a_server_that_still_runs_on_the_java_of_before_is_a_warning(server: LocalServer, tmp_path: Path) -> None:
    off = {"HUB_GENEALOGY_DOCTOR_MAX_JAVA_AGE": "off"}
    assert said(server.home, **off)[0] == "ok"

    other = tmp_path / "other"
    (other / "bin").mkdir(parents=True)
    script(other / "bin" / "java")
    named = script(tmp_path / "named", f"{HOME}/bin/java \"$@\" 2>&1 | sed 's|java.home = .*|java.home = {other}|' >&2")
    verdict, message = said(server.home, HUB_GENEALOGY_NEO4J_JAVA=str(named), **off)
    assert (verdict, message.startswith("the next start takes Java 21")) == ("warn", True)
    assert message.endswith(f"the server that runs was started with {HOME / 'bin' / 'java'}: hub-genealogy db stop")


def test_a_server_that_was_started_before_its_java_was_replaced_is_a_warning(
    server: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = server.process()
    assert process is not None
    before = os.stat(process.exe()).st_ctime - 1  # noqa: PTH116
    monkeypatch.setattr(process, "create_time", lambda: before)
    monkeypatch.setattr(LocalServer, "process", lambda _: process)
    verdict, message = said(server.home, HUB_GENEALOGY_DOCTOR_MAX_JAVA_AGE="off")
    assert (verdict, "was started before that Java was installed: hub-genealogy db stop" in message) == ("warn", True)
