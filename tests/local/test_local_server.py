"""The local Neo4j: one real server for each state folder, found again, started anew, erased."""

import json
import os
import socket
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import neo4j
import psutil
import pytest

from crawler.errors import HubGenealogyError
from crawler.graph.connection import Connection
from crawler.local import java, ports, server
from crawler.local.java import telling_line
from crawler.local.ports import free_port
from crawler.local.server import LocalServer

START = """
import pathlib, sys
from crawler.local.server import LocalServer
print(LocalServer(pathlib.Path(sys.argv[1]), heap="512m", page_cache="64m").start().uri)
"""


def ask(connection: Connection, cypher: str) -> Any:
    auth = (connection.username, connection.password)
    with neo4j.GraphDatabase.driver(connection.uri, auth=auth) as driver:
        return driver.execute_query(cypher, database_=connection.database).records[0][0]


def ask_process(local: LocalServer) -> psutil.Process:
    return psutil.Process(json.loads((local.folder / "run" / "server.json").read_text())["pid"])


def blocked(port: int) -> socket.socket:
    """A listener on `port`, or on none if somebody listens there already."""
    listener = socket.socket()
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen()
    except OSError:
        pass
    return listener


# What Java's argument file, Neo4j's settings or the locale could misread.
ODD_NAME = "state of mine: #1 \"é\" 'x' ${x} %d;[y]"


@pytest.fixture
def local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalServer]:
    monkeypatch.setenv("LC_ALL", "C")
    local = LocalServer(tmp_path / ODD_NAME, heap="512m", page_cache="64m")
    yield local
    local.stop()


def test_a_server_is_started_found_killed_recovered_and_reset(local: LocalServer) -> None:
    with blocked(7687), blocked(7474):  # so that the next free ones are taken
        both = [
            subprocess.Popen([sys.executable, "-c", START, str(local.home)], stdout=subprocess.PIPE, text=True)
            for _ in range(2)
        ]
        said = [process.communicate(timeout=300)[0].strip() for process in both]
    assert [process.returncode for process in both] == [0, 0], "two starts at once"
    assert said[0] == said[1] != "bolt://127.0.0.1:7687"
    first = ask_process(local)  # it outlived the processes that started it
    assert sum(process.cmdline()[1:] == first.cmdline()[1:] for process in processes()) == 1

    connection = local.start()
    assert connection.uri == said[0]
    assert ask_process(local) == first, "a second start changes nothing"
    status = local.status()
    assert (status.running, status.uri, status.home) == (True, connection.uri, str(local.home))
    heard = {c.laddr.ip.removeprefix("::ffff:") for c in first.net_connections() if c.status == psutil.CONN_LISTEN}
    assert heard == {"127.0.0.1"}
    assert status.browser is not None
    with urllib.request.urlopen(f"{status.browser}/browser/") as page:  # noqa: S310 - loopback
        assert b"<html" in page.read()

    assert stat.S_IMODE(local.password_file.stat().st_mode) == 0o600
    assert local.password_file.read_text().strip() == connection.password
    assert connection.password not in repr(connection)
    assert connection.password not in (local.folder / "run" / "server.arguments").read_text()
    with pytest.raises(HubGenealogyError, match="must be stopped first"):
        local.admin("--version")

    logs = "SHOW SETTINGS YIELD name, value WHERE name = 'db.tx_log.rotation.retention_policy' RETURN value"
    assert ask(connection, logs) == "keep_none"

    ask(connection, "CREATE (n:Kept) RETURN 1")
    first.kill()
    first.wait(30)
    assert not local.status().running
    assert local.start() == connection, "the same ports and password, since both are free"
    assert ask(connection, "MATCH (n:Kept) RETURN count(n)") == 1

    local.password_file.write_text("another")
    with pytest.raises(HubGenealogyError, match="refuses the password") as refused:
        local.start()
    assert not names_an_erasing_command(str(refused.value))
    local.password_file.write_text(connection.password)

    assert local.stop()
    assert not local.stop()
    status = local.status()
    assert (status.running, status.uri, status.browser) == (False, None, None), "anybody may listen there now"
    assert local.admin("--version").strip() == local.status().version
    local.reset()
    assert ask(local.start(), "MATCH (n) RETURN count(n)") == 0
    assert not (local.folder / "run" / "server.json").read_text().count(connection.password)


def names_an_erasing_command(message: str) -> bool:
    return any(word in message for word in ("reset", "rebuild", "erase"))


def processes() -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        try:
            process.cmdline()
        except psutil.Error:
            continue
        yield process


def test_a_server_that_ends_while_it_starts_says_why(local: LocalServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "CONFIGURATION", "server.no.such.setting=1\n")
    (local.folder / "data" / "databases" / "system").mkdir(parents=True)  # as if it had run before
    local.password_file.write_text("password")
    with pytest.raises(HubGenealogyError, match=r"\A[^\n]* ended while it started: [^\n]*no\.such\.setting[^\n]*\Z"):
        local.start()
    assert not local.status().running


def test_an_administration_task_that_fails_says_why(local: LocalServer) -> None:
    with pytest.raises(
        HubGenealogyError, match=r"\Aneo4j-admin dbms set-initial-password failed: [^\n]*8 characters\."
    ):
        local.admin("dbms", "set-initial-password", "short")
    assert not list((local.folder / "run").glob("admin-*")), "the file with the password is gone"


def test_a_password_that_begins_with_a_dash_is_no_option(local: LocalServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.local.server.secrets.token_urlsafe", lambda _: "--a-password-as-chance-has-it")
    with local._locked():
        local._set_password()
    assert (local.folder / "data" / "dbms" / "auth.ini").read_text().startswith("neo4j:SHA-256")


def test_without_the_extra_the_way_out_is_one_line() -> None:
    code = "import sys; sys.modules['psutil'] = None\nimport crawler.local.server"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.splitlines()[-1].startswith(
        "crawler.errors.UsageError: a local Neo4j needs more packages: pip install"
    )


@pytest.mark.parametrize("name", ["conf/neo4j.conf", "logs/neo4j.out"])
def test_a_start_writes_through_no_symbolic_link(local: LocalServer, tmp_path: Path, name: str) -> None:
    other = tmp_path / "other"
    other.write_text("kept", encoding="utf-8")
    (local.folder / name).parent.mkdir(parents=True, mode=0o700)
    (local.folder / name).symlink_to(other)
    with pytest.raises(HubGenealogyError, match=rf"it is a symbolic link: .*{name}"):
        local.start()
    assert other.read_text(encoding="utf-8") == "kept"


def test_a_process_number_that_was_given_to_another_program_is_stale(local: LocalServer) -> None:
    (local.folder / "run").mkdir(parents=True)
    (local.folder / "run" / "server.json").write_text(
        json.dumps({"bolt": 7687, "http": 7474, "version": "5.26.0", "pid": os.getpid()}),
    )
    assert not local.status().running
    assert not local.stop()


@pytest.mark.parametrize(
    "note",
    [
        '{"bolt": ',
        "[]",
        '{"bolt": "7687", "http": 7474, "version": "5.26.0"}',
        '{"bolt": 99999, "http": 7474, "version": "5.26.0"}',
        '{"bolt": 7687, "http": 7474, "version": "5.26.0", "pid": "1"}',
        '{"bolt": 7687, "http": 7474, "version": "5.26.0", "pid": -1}',
        '{"bolt": 7687, "http": 7474, "version": "5.26.0", "pid": 99999999999999999999}',
        '{"bolt": ' + "[" * 100_000,
    ],
)
def test_a_damaged_note_of_the_last_start_is_no_obstacle(local: LocalServer, note: str) -> None:
    (local.folder / "run").mkdir(parents=True)
    (local.folder / "run" / "server.json").write_text(note)
    assert local.status().uri is None
    assert local.connection() is None


def test_a_full_disk_is_one_line(local: LocalServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "ROOM", 2**80)
    with pytest.raises(HubGenealogyError, match="is full: Neo4j needs"):
        local.start()


def test_a_lost_password_is_named_with_the_way_out(local: LocalServer) -> None:
    (local.folder / "data" / "databases" / "system").mkdir(parents=True)
    with pytest.raises(HubGenealogyError, match=r"password is gone: restore it, or ") as lost:
        local.start()
    assert not names_an_erasing_command(str(lost.value))


def test_a_state_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(HubGenealogyError, match="Not a directory"):
        LocalServer(tmp_path / "file").start()


def test_the_preferred_port_is_taken_when_it_is_free() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert free_port(port, 1) == port


def test_the_next_free_port_is_taken_when_it_is_not() -> None:
    with blocked(0) as listener:
        port = listener.getsockname()[1]
        assert port < free_port(port, port) <= port + 500


def test_no_free_port_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "PORTS_TRIED", 1)
    with blocked(0) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(HubGenealogyError, match=f"no free port for Neo4j: {port} to {port} are taken"):
            free_port(port, port)


@pytest.mark.parametrize(
    ("log", "line"),
    [
        ("ERROR Failed\nCaused by: a.B: outer\n\tat x\nCaused by: a.C: disk  full\n\tat y\n", "a.C: disk full"),
        ("INFO Starting\nERROR no memory\nINFO Stopped\n", "ERROR no memory"),
        ("a.IllegalException: no such\n\tat a.B.c(B.java:1)\n\t... 5 more\n", "a.IllegalException: no such"),
        ("Killed\n\n", "Killed"),
        ("", ""),
    ],
)
def test_the_line_that_matters_is_the_innermost_cause(log: str, line: str) -> None:
    assert telling_line(log) == line


def test_java_sees_no_secret_of_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "secret")
    monkeypatch.setenv("NEO4J_PASSWORD", "secret")
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", "-Xlog:all")
    assert not {"HF_TOKEN", "NEO4J_PASSWORD", "JAVA_TOOL_OPTIONS"} & set(java.environment({}))


def test_arguments_survive_blanks_quotes_and_backslashes(tmp_path: Path) -> None:
    file = tmp_path / "run.arguments"
    java.write_arguments(file, [tmp_path / "a b.jar"], [], ["Main", 'say "a\\b"'])
    assert file.read_text().splitlines()[-3:] == [f'"{tmp_path}/a b.jar"', '"Main"', '"say \\"a\\\\b\\""']
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_line_break_in_a_path_stays_in_its_word_of_the_argument_file(tmp_path: Path) -> None:
    java.write_arguments(tmp_path / "arguments", [], [], ["Main", 'a\nb\rc"d\\e'])
    assert (tmp_path / "arguments").read_text(encoding="utf-8").endswith('"Main"\n"a\\nb\\rc\\"d\\\\e"\n')


def test_a_program_that_ended_is_not_waited_for_although_its_parent_takes_no_note(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    parent = (
        "import pathlib, subprocess, sys, time\n"
        "child = subprocess.Popen(['sleep', '600'])\n"
        "pathlib.Path(sys.argv[1]).write_text(str(child.pid))\n"
        "time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", parent, str(note)]) as running:
        try:
            deadline = time.monotonic() + 30
            while not note.exists() or not note.read_text():
                assert time.monotonic() < deadline
                time.sleep(0.02)
            child = psutil.Process(int(note.read_text()))
            begun = time.monotonic()
            java.stop(child, 30)
            assert time.monotonic() - begun < 20
            assert child.status() == psutil.STATUS_ZOMBIE
        finally:
            running.kill()
