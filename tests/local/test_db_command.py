"""`hub-genealogy db`, as far as it needs no server."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from crawler.cli.db import db
from crawler.errors import UsageError
from crawler.settings import load


def run(home: Path, *arguments: str, uri: str | None = None) -> Result:
    environment = {"HUB_GENEALOGY_HOME": str(home)} | ({"NEO4J_URI": uri} if uri else {})
    return CliRunner().invoke(db, arguments, obj=load(environment=environment))


def test_status_is_one_json_object_with_the_promised_fields(tmp_path: Path) -> None:
    status = json.loads(run(tmp_path, "status", "--format", "json").stdout)
    assert list(status) == ["uri", "username", "password_file", "browser", "running", "version", "home"]
    assert (status["running"], status["uri"], status["home"]) == (False, None, str(tmp_path))


def test_status_touches_nothing(tmp_path: Path) -> None:
    run(tmp_path / "home", "status")
    assert not (tmp_path / "home").exists()


def test_status_is_readable_without_a_format(tmp_path: Path) -> None:
    assert "running        no\n" in run(tmp_path, "status").stdout


@pytest.mark.parametrize("command", ["start", "stop", "reset"])
def test_another_server_is_left_alone(tmp_path: Path, command: str) -> None:
    error = run(tmp_path, command, uri="bolt://127.0.0.1:1").exception
    assert isinstance(error, UsageError)
    assert "NEO4J_URI" in str(error)


def test_reset_without_a_terminal_wants_yes(tmp_path: Path) -> None:
    kept = tmp_path / "neo4j" / "data" / "kept"
    kept.mkdir(parents=True)
    error = run(tmp_path, "reset").exception
    assert isinstance(error, UsageError)
    assert "--yes" in str(error)
    assert kept.exists()


def test_reset_erases_the_data(tmp_path: Path) -> None:
    (tmp_path / "neo4j" / "data" / "erased").mkdir(parents=True)
    assert run(tmp_path, "reset", "--yes").exit_code == 0
    assert [file.name for file in (tmp_path / "neo4j").iterdir() if "data" in file.name or "erased" in file.name] == []


def test_stop_without_a_server_is_no_failure(tmp_path: Path) -> None:
    assert run(tmp_path, "stop").exit_code == 0
