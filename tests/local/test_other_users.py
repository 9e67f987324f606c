"""The local Neo4j beside a second user of the machine, who wants its password, its ports or its locks."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import psutil
import pytest
from neo4j.exceptions import DriverError

from crawler import private
from crawler.errors import GraphUnreachableError, HubGenealogyError, LockHeldError
from crawler.graph import connection as driver
from crawler.graph.connection import Connection, open_connection
from crawler.local import jars, java, processes, server
from crawler.local.ports import free_port
from crawler.local.processes import Run
from crawler.local.server import LocalServer
from crawler.state import State
from tests.support.neo4j_for_tests import lock_for_tests
from tests.support.other_user import OtherUser

BOLT, HTTP = 37687, 37474
# A server that speaks as much Bolt as it takes to be told the password, and prints all that it is told.
TRAP = """
import socket, threading
server = socket.create_server(("127.0.0.1", {port}))
print("listening", flush=True)
def serve(client):
    client.recv(20)
    client.sendall(bytes([0, 0, 4, 5]))
    while told := client.recv(65536):
        print(told.hex(), flush=True)
        client.sendall(bytes.fromhex("0003b170a00000") * 2)
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
"""
# Starts a server as its user does. Waits for the other user's after the ports are chosen and before any is taken.
START = f"""
import logging, os, pathlib, sys, time
from crawler.local import java, ports, server
server.BOLT_PORT, server.HTTP_PORT = {BOLT}, {HTTP}
logging.basicConfig(format="%(message)s", level=logging.INFO)
home, meeting = map(pathlib.Path, sys.argv[1:])
start = java.start
def together(*arguments):
    (meeting / str(os.getuid())).touch()
    while len(list(meeting.iterdir())) < 2:
        time.sleep(0.05)
    return start(*arguments)
java.start = together
local = server.LocalServer(home, heap="512m", page_cache="64m")
print(local.start().uri, flush=True)
sys.stdin.readline()
print(local.status().uri, local.stop())
"""


class Trap:
    """A process that listens on a port for a password."""

    def __init__(self, running: subprocess.Popen[str]) -> None:
        self._running = running
        assert running.stdout is not None
        assert running.stdout.readline() == "listening\n"

    def told(self) -> bytes:
        """All that it was told, at its end."""
        self._running.kill()
        return b"".join(bytes.fromhex(line) for line in self._running.communicate()[0].split())


@contextmanager
def trap(start: Callable[..., subprocess.Popen[str]], port: int) -> Iterator[Trap]:
    with start(sys.executable, "-c", TRAP.format(port=port)) as running:
        try:
            yield Trap(running)
        finally:
            running.kill()


def by_this_user(*command: str, **options: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(command, text=True, stdout=subprocess.PIPE, **options)


@pytest.fixture(scope="module", autouse=True)
def ports() -> Iterator[None]:
    """Others test the usual ones."""
    with mock.patch.multiple(server, BOLT_PORT=BOLT, HTTP_PORT=HTTP):
        yield


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServer]:
    local = LocalServer(tmp_path_factory.mktemp("home"), heap="512m", page_cache="64m", lock=lock_for_tests())
    yield local
    local.stop()


def test_a_program_that_asks_for_the_password_can_get_it(other_user: OtherUser) -> None:
    """So that what the other tests do not find in the trap would be there."""
    with trap(other_user.start, BOLT) as waiting:
        with open_connection(Connection(f"bolt://127.0.0.1:{BOLT}", "neo4j", "secret")):
            pass
        assert b"secret" in waiting.told()


def test_a_port_that_another_user_takes_while_neo4j_starts_brings_them_no_password(
    local: LocalServer, other_user: OtherUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, port = java.start, free_port(BOLT, BOLT)
    with ExitStack() as stack:
        traps: list[Trap] = []

        def late(*arguments: Any) -> psutil.Process:
            if not traps:
                traps.append(stack.enter_context(trap(other_user.start, port)))
            return start(*arguments)

        monkeypatch.setattr(java, "start", late)
        connection = local.start()
        assert (local.status().running, local.status().uri) == (True, connection.uri)
        assert connection.uri != f"bolt://127.0.0.1:{port}"
        told = traps[0].told()
        assert (b"neo4j" in told, connection.password.encode() in told) == (False, False)


def test_a_port_that_another_user_takes_when_neo4j_died_brings_them_no_password_of_an_open_driver(
    local: LocalServer, other_user: OtherUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = local.start()
    monkeypatch.setattr(driver, "RETRY_SECONDS", 5.0)
    with open_connection(connection) as graph:
        assert graph.read("RETURN 1 AS one")[0]["one"] == 1
        neo4j = running(local)
        neo4j.kill()
        neo4j.wait(30)
        with trap(other_user.start, port_of(connection)) as waiting:
            with pytest.raises(DriverError, match="does not listen on port"):
                graph.read("RETURN 1 AS one")
            assert local.connection() is None
            told = waiting.told()
        assert (b"neo4j" in told, connection.password.encode() in told) == (False, False)
        assert local.start().uri == connection.uri
        assert graph.read("RETURN 2 AS two")[0]["two"] == 2, "a driver goes on when the server was started anew"


def test_a_port_that_another_user_took_is_a_server_that_does_not_answer(
    local: LocalServer, other_user: OtherUser
) -> None:
    connection = local.start()
    local.stop()
    with trap(other_user.start, port_of(connection)):
        with (
            pytest.raises(GraphUnreachableError, match=r"does not listen .*\): hub-genealogy db start\Z"),
            open_connection(connection),
        ):
            pass
        assert (local.status().running, local.status().uri, local.status().browser) == (False, None, None)


@pytest.mark.parametrize("imitated_by", ["another user", "this user"])
def test_a_program_with_the_command_line_of_the_server_is_not_believed(
    tmp_path: Path, other_user: OtherUser, imitated_by: str
) -> None:
    local = LocalServer(tmp_path / "home", heap="512m", page_cache="64m")
    with local._locked():
        local.password_file.write_text("secret")
    port = free_port(BOLT, BOLT)
    with ExitStack() as stack:
        if imitated_by == "this user":
            folder, start = tmp_path, by_this_user
        else:
            folder, start = stack.enter_context(other_user.folder()), other_user.start
        script = folder / f"@{local._arguments}"
        make = "import pathlib, sys; f = pathlib.Path(sys.argv[1]); f.parent.mkdir(parents=True); f.write_text(sys.argv[2])"
        with start(sys.executable, "-c", make, str(script), TRAP.format(port=port)):
            pass
        enter = "import os, sys; os.chdir(sys.argv[1]); os.execv(sys.argv[2], sys.argv[2:])"
        with (
            start(sys.executable, "-c", enter, str(folder), sys.executable, f"@{local._arguments}") as imitation,
            killed_at_the_end(imitation),
        ):
            waiting = Trap(imitation)
            assert psutil.Process(imitation.pid).cmdline()[1:] == [f"@{local._arguments}"]
            for pid in (None, imitation.pid):
                local._remember(Run(port, port, "5.26.0", str(java.SHIPPED.resolve()), pid))
                assert not local.status().running
                assert local.connection() is None
                assert not local.stop()
            assert b"secret" not in waiting.told()


def test_a_process_number_that_came_round_is_told_by_its_start(tmp_path: Path) -> None:
    arguments = tmp_path / "arguments"
    script = tmp_path / f"@{arguments}"
    script.parent.mkdir(parents=True)
    script.write_text("print('begun', flush=True); input()", encoding="utf-8")
    with by_this_user(sys.executable, f"@{arguments}", cwd=tmp_path, stdin=subprocess.PIPE) as program:
        assert program.stdout is not None
        program.stdout.readline()
        run = processes.noted(Run(1, 1, "5.26.0"), psutil.Process(program.pid))
        assert run.started is not None
        uid = os.geteuid()
        assert processes.find(run, arguments, uid) == psutil.Process(program.pid)
        for other in (
            replace(run, started=run.started - 60),
            replace(run, executable="/usr/bin/java"),
            replace(run, pid=os.getpid()),
        ):
            assert processes.find(other, arguments, uid) is None
        assert processes.find(run, tmp_path / "others", uid) is None
        assert processes.find(run, arguments, uid + 1) is None
        program.communicate("\n")


def test_a_process_that_was_started_just_now_is_found_at_once(tmp_path: Path) -> None:
    """For an instant, the system gives a new process no command line."""
    arguments = tmp_path / "arguments"
    script = tmp_path / f"@{arguments}"
    script.parent.mkdir(parents=True)
    script.write_text("import time; time.sleep(60)", encoding="utf-8")
    for _ in range(20):
        program = java.start(Path(sys.executable), arguments, tmp_path / "log", {})
        try:
            run = processes.noted(Run(1, 1, "5.26.0"), program)
            assert processes.find(run, arguments, os.geteuid()) == program
        finally:
            program.kill()
            program.wait(30)


def test_two_users_who_start_at_the_same_moment_get_a_server_each(other_user: OtherUser, tmp_path: Path) -> None:
    with other_user.folder() as theirs, public_folder() as meeting:
        give_jars(other_user, meeting, theirs / "cache")
        (meeting / "meeting").mkdir()
        (meeting / "meeting").chmod(0o777)
        command = (sys.executable, "-c", START)
        place = str(meeting / "meeting")
        ours = by_this_user(*command, str(tmp_path / "home"), place, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        environment = {"HOME": str(theirs), "XDG_CACHE_HOME": str(theirs / "cache")}
        others = other_user.start(
            *command,
            str(theirs / "state" / "home"),
            place,
            environment=environment,
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        addresses = [user.stdout.readline().strip() for user in (ours, others) if user.stdout]
        ended = [user.communicate("\n", timeout=120) for user in (ours, others)]
        said = "".join(errors for _, errors in ended)
        left = [
            entry.name
            for entry in theirs.parent.iterdir()
            if entry.lstat().st_uid == other_user.uid and not entry.name.startswith("hub-genealogy-other-")
        ]
    assert [out.strip() for out, _ in ended] == [f"{address} True" for address in addresses], said
    assert len({f"bolt://127.0.0.1:{BOLT}", *addresses}) == 2, "one has the port that both chose, one has another"
    assert said.count("another program took port") == 1
    assert left == []


def test_the_lock_of_a_server_is_waited_for_no_longer_than_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "START_SECONDS", 0.1)
    monkeypatch.setattr(server, "STOP_SECONDS", 0.0)
    local = LocalServer(tmp_path)
    with (
        local._locked(),
        pytest.raises(LockHeldError, match=r"\Aanother process is starting or stopping [^\n]*\Z"),
    ):
        LocalServer(tmp_path).stop()


def test_the_lock_of_the_jars_is_waited_for_no_longer_than_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jars, "FETCH_SECONDS", 0.1)
    with (
        private.locked(tmp_path / "lock", 1, "never"),
        pytest.raises(LockHeldError, match=r"\Aanother process has been fetching Neo4j into [^\n]*\Z"),
    ):
        jars.ensure_jars(lock_for_tests(), tmp_path)


def test_what_a_server_writes_while_it_runs_is_closed_to_others(local: LocalServer) -> None:
    local.start()
    folders = {"run", "conf", "logs", "tmp", "data"}
    assert {name for name in folders if (local.folder / name).stat().st_mode & 0o077} == set()
    assert local.folder.stat().st_mode & 0o777 == 0o700
    files = [file for name in ("run", "conf") for file in (local.folder / name).iterdir()]
    assert {file.name for file in files if file.stat().st_mode & 0o077} == set()
    assert f"-Djava.io.tmpdir={local.folder / 'tmp'}" in (local.folder / "run" / "server.arguments").read_text()


def test_a_server_folder_that_another_user_made_is_not_used(other_user: OtherUser) -> None:
    """In a state folder that everybody could write in once."""
    with public_folder() as home:
        make = (
            "import os, sys; os.umask(0); os.makedirs(sys.argv[1]); open(sys.argv[1] + '/server.json', 'w').write('%s')"
        )
        note = json.dumps({"bolt": BOLT, "http": HTTP, "version": "5.26.0", "pid": 1})
        other_user.python(make % note, home / "neo4j" / "run")
        home.chmod(0o755)
        local = LocalServer(home)
        for command in (local.start, local.stop, local.connection, local.status):
            with pytest.raises(HubGenealogyError, match=r"\A[^\n]*neo4j belongs to the user [^\n]*\Z"):
                command()


def test_no_server_starts_in_a_state_folder_that_every_user_may_write_in(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    with pytest.raises(HubGenealogyError, match=r"\Aevery user of this machine may write in [^\n]*\Z"):
        LocalServer(tmp_path).start()
    assert list(tmp_path.iterdir()) == []


def test_who_may_read_a_state_folder_gets_its_status_but_neither_its_lock_nor_its_graph(other_user: OtherUser) -> None:
    """As the members of a group for which an operator opened the folder."""
    with public_folder() as home:
        home.chmod(0o755)
        local = LocalServer(home)
        with State(home).locked(), local._locked():
            local._remember(Run(BOLT, HTTP, "5.26.0", pid=1))
            local.password_file.write_text("secret")
        (local.folder / "data" / "databases").mkdir(parents=True)

        def said(*command: str) -> str:
            environment = {"HUB_GENEALOGY_HOME": str(home), "HUB_GENEALOGY_LOG_FORMAT": "text"}
            return other_user.run(sys.executable, "-m", "crawler", *command, environment=environment)

        assert "the lock cannot be read" in said("status")
        assert "not known whether it runs" in said("status")
        for command in (("query", "roots", "--model", "a/b"), ("db", "stop"), ("db", "status"), ("crawl",)):
            lines = said(*command).splitlines()
            assert len(lines) == 1, lines
            assert (
                "belongs to the user" in lines[0] or "ask as its owner" in lines[0] or "Permission denied" in lines[0]
            )


def running(local: LocalServer) -> psutil.Process:
    return psutil.Process(json.loads((local.folder / "run" / "server.json").read_text())["pid"])


def port_of(connection: Connection) -> int:
    return int(connection.uri.rpartition(":")[2])


@contextmanager
def killed_at_the_end(program: subprocess.Popen[str]) -> Iterator[None]:
    try:
        yield
    finally:
        program.kill()


@contextmanager
def public_folder() -> Iterator[Path]:
    """A folder in which both users may write."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o777)
        yield Path(folder)


def give_jars(other_user: OtherUser, shared: Path, cache: Path) -> None:
    """Fill the cache of the other user, who needs no network for it."""
    found = jars.ensure_jars(jars.read_lock())
    folder = shared / found[0].parent.name
    shutil.copytree(found[0].parent, folder, ignore=shutil.ignore_patterns("lock", "starting"))
    folder.chmod(0o755)
    for file in folder.iterdir():
        file.chmod(0o644)
    copy = "import shutil, sys; shutil.copytree(sys.argv[1], sys.argv[2])"
    said = other_user.python(copy, folder, cache / "hub-genealogy" / folder.name)
    assert said == ""
