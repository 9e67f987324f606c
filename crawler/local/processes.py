"""The process of a local server: told from every other one, and asked whether a port is its own.

A command line can be imitated by anybody, a port taken by anybody. What nobody can imitate: a process of this user, that
runs the program which was started, began when it was started, and listens on the port itself.
"""

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import msgspec
import psutil
from psutil import Process

from crawler.errors import HubGenealogyError
from crawler.local.configuration import HOST

CLOCK = 2.0  # seconds by which two readings of the time of one start may differ
BEGINNING = 10.0  # seconds until a new process has a command line, at most
Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]


@dataclass(frozen=True)
class Run:
    """What is remembered of the last start. Earlier versions noted no `executable` and no `started`."""

    bolt: Port
    http: Port
    version: str
    executable: str | None = None
    pid: Annotated[int, msgspec.Meta(ge=1)] | None = None
    started: float | None = None
    """When the system began `pid`, in seconds."""


def noted(run: Run, process: Process) -> Run:
    """`run` with what tells its process, which was just started, from others."""
    try:
        deadline = time.monotonic() + BEGINNING
        while not process.cmdline() and time.monotonic() < deadline:  # the system has not finished its start
            time.sleep(0.01)
        return replace(run, pid=process.pid, executable=process.exe(), started=_started(process))
    except psutil.Error:  # it has ended already
        return replace(run, pid=process.pid)


def _started(process: Process) -> float:
    """When a process began, by a count that stays the same when the clock is set."""
    # Linux counts from the start of the machine, macOS keeps the time of day.
    return process.create_time() - (psutil.boot_time() if psutil.LINUX else 0.0)


def find(run: Run, arguments: Path, uid: int) -> Process | None:
    """The running process of `run`, whose command line names the file `arguments`, of the user `uid`."""
    if run.pid is None:  # its start was killed before it was noted
        return next((process for process in psutil.process_iter() if _is(process, run, arguments, uid)), None)
    try:
        process = Process(run.pid)
    except psutil.Error:
        return None
    return process if _is(process, run, arguments, uid) else None


def _is(process: Process, run: Run, arguments: Path, uid: int) -> bool:
    try:
        return (
            set(process.uids()) == {uid}
            and process.status() != psutil.STATUS_ZOMBIE
            and process.cmdline()[1:] == [f"@{arguments}"]
            and run.executable in {None, process.exe()}
            and (run.started is None or abs(_started(process) - run.started) < CLOCK)
        )
    except (psutil.Error, OSError):
        return False


def listens(process: Process, port: int) -> bool:
    """Whether it is this process that listens on a port of the loopback interface."""
    try:
        sockets = process.net_connections("tcp")
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        raise HubGenealogyError(
            f"the system does not say who listens on port {port}, so the password of the local Neo4j is not sent: ask as the "
            f"user and the group that started it (process {process.pid})"
        ) from None
    return any(
        (socket.status, socket.laddr.ip.removeprefix("::ffff:"), socket.laddr.port) == (psutil.CONN_LISTEN, HOST, port)
        for socket in sockets
    )
