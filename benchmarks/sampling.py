"""What a program costs while it runs: seconds, processor time and memory, by stage, sampled from outside."""

import json
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from crawler.files import states_below

MEBIBYTE = 1 << 20
SAMPLE_EVERY = 0.2


@dataclass
class Spent:
    """The cost of one stage. The local Neo4j is counted apart, because it goes on running after the program."""

    seconds: float = 0.0
    cpu: float = 0.0
    """Processor seconds of all processes of the program."""
    memory: int = 0
    """The highest sum of their resident memory, in MiB. What two processes share counts twice."""
    server_cpu: float = 0.0
    server_memory: int = 0
    temporary: int = 0
    """The most that lay in temporary folders, in MiB."""


@dataclass(frozen=True)
class Ended:
    """A program that ended well: the object on the last line of its stdout, and its cost by stage."""

    said: Mapping[str, Any]
    stages: Mapping[str, Spent]


class _Sampler:
    """Charges what is used between two samples to the stage at hand."""

    def __init__(self, program: int, watched: "Watched") -> None:
        self._program, self._watched = psutil.Process(program), watched
        self.stages: dict[str, Spent] = {}
        self._server = watched.server()
        # What the server had used before is not the program's.
        self._seen = {self._server.pid: _of(self._server)[0]} if self._server else {}
        self._at = time.monotonic()

    def sample(self) -> None:
        spent = self.stages.setdefault(self._watched.stage(), Spent())
        now = time.monotonic()
        spent.seconds += now - self._at
        self._at = now
        if self._server is None or not self._server.is_running():
            self._server = self._watched.server()
        memory = 0
        for process in self._family():
            cpu, resident = self._used(process)
            spent.cpu += cpu
            memory += resident
        spent.memory = max(spent.memory, memory // MEBIBYTE)
        if self._server is not None:
            cpu, resident = self._used(self._server)
            spent.server_cpu += cpu
            spent.server_memory = max(spent.server_memory, resident // MEBIBYTE)
        spent.temporary = max(spent.temporary, self._watched.temporary() // MEBIBYTE)

    def _family(self) -> list[psutil.Process]:
        try:
            family = [self._program, *self._program.children(recursive=True)]
        except psutil.Error:
            return []
        return [process for process in family if self._server is None or process.pid != self._server.pid]

    def _used(self, process: psutil.Process) -> tuple[float, int]:
        """Processor seconds since the last sample, and resident bytes."""
        cpu, resident = _of(process)
        since = max(cpu - self._seen.get(process.pid, 0.0), 0.0)
        self._seen[process.pid] = max(cpu, self._seen.get(process.pid, 0.0))
        return since, resident


def _of(process: psutil.Process) -> tuple[float, int]:
    try:
        with process.oneshot():
            return sum(process.cpu_times()[:2]), process.memory_info().rss
    except psutil.Error:  # it has ended
        return 0.0, 0


@dataclass(frozen=True)
class Watched:
    """What a sample asks for: the local Neo4j, if it runs; the stage at hand; the bytes in temporary folders."""

    server: Callable[[], psutil.Process | None] = lambda: None
    stage: Callable[[], str] = lambda: "all"
    temporary: Callable[[], int] = lambda: 0


def run(command: Sequence[str], environment: Mapping[str, str], watched: Watched = Watched()) -> Ended:
    """Run `command` to its end; RuntimeError with the end of its stderr where it fails."""
    with (
        subprocess.Popen(
            command, env=dict(environment), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process,
        _sampled(_Sampler(process.pid, watched)) as sampler,
    ):
        out, errors = process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command[1:4])} ended with {process.returncode}: {errors[-2000:]}")
    return Ended(json.loads(out.splitlines()[-1]), sampler.stages)


@contextmanager
def _sampled(sampler: _Sampler) -> Iterator[_Sampler]:
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(SAMPLE_EVERY):
            sampler.sample()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield sampler
    finally:
        ended.set()
        thread.join()
        sampler.sample()


def used(folder: Path) -> int:
    """The bytes on the disk of the files below `folder`. Sparse files count what they hold."""
    return sum(state.st_blocks * 512 for state in states_below(folder))
