"""What this machine has, as far as this process may use it: memory and processors."""

import os
from pathlib import Path

_CGROUPS = Path("/sys/fs/cgroup")


def memory() -> int:
    """The bytes of memory of this machine, or of the container or service that this process runs in."""
    physical = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return min([physical, *_limits()])


def processors() -> int:
    """The number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _limits() -> list[int]:
    """The limits that Linux sets to the group of this process and to those around it (cgroup v2)."""
    try:
        lines = Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    own = next((line.removeprefix("0::/") for line in lines if line.startswith("0::/")), "")
    folder = _CGROUPS / own
    texts = []
    for group in (folder, *folder.parents):
        try:
            texts.append((group / "memory.max").read_text(encoding="utf-8").strip())
        except OSError:
            continue
    return [int(text) for text in texts if text.isdigit()]
