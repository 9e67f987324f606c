"""The program as a process of its own, with the most memory that it held and the time that its processor worked."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.support.program import CHECKOUT, Program

# Linux sets `ru_maxrss` of a new program to what the process held that started it, here the tests with all their data;
# VmHWM begins anew. Elsewhere there is no /proc, and macOS counts bytes.
_MEASURED = """
import atexit, json, pathlib, resource, sys

note = pathlib.Path(sys.argv.pop(1))

def say():
    used = resource.getrusage(resource.RUSAGE_SELF)
    status = pathlib.Path("/proc/self/status")
    if status.exists():
        peak = next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
    else:
        peak = used.ru_maxrss // 1024
    note.write_text(json.dumps([used.ru_utime + used.ru_stime, peak]))

atexit.register(say)
from crawler.__main__ import main
main()
"""


@dataclass(frozen=True)
class Measured:
    """A command that was run to its end."""

    code: int
    err: str
    worked: float
    """Seconds of the processor."""
    peak: int
    """The most memory that it held, in KiB (RSS)."""


def measured(program: Program, *arguments: str, out: Path) -> Measured:
    """Run one command, with its standard output in `out`."""
    note = out.with_name(f"{out.name}.measured")
    with out.open("wb") as stream:
        done = subprocess.run(
            [sys.executable, "-c", _MEASURED, str(note), *arguments],
            env=program.environment,
            cwd=CHECKOUT,
            stdout=stream,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    worked, peak = json.loads(note.read_text(encoding="utf-8"))
    return Measured(done.returncode, done.stderr, worked, peak)
