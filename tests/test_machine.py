"""What this machine has: limits of a container or a service count, and so do the processors that a process may use."""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from crawler import machine


def test_the_memory_is_that_of_the_machine_or_less() -> None:
    assert 64 << 20 < machine.memory() <= psutil.virtual_memory().total


def test_the_narrowest_limit_around_this_process_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = next((line[4:] for line in Path("/proc/self/cgroup").read_text().splitlines() if line.startswith("0::/")), "")
    monkeypatch.setattr(machine, "_CGROUPS", tmp_path)
    (tmp_path / own).mkdir(parents=True, exist_ok=True)
    (tmp_path / own / "memory.max").write_text("max\n")
    assert machine.memory() == os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    (tmp_path / "memory.max").write_text("104857600\n")
    assert machine.memory() == 104857600


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system does not bind processes to processors")
def test_only_the_processors_that_this_process_may_use_count() -> None:
    bound = "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})"
    code = f"{bound}; from crawler import machine; print(machine.processors())"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "1\n"
