"""A Chromium for the tests of Neo4j Browser: `python -m tests.support.chromium` makes sure that there is one.

It is found under its usual names, or where CHROMIUM says; else it is installed with apt, by root or with sudo; else
fetched by Playwright.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
# With a font: without one, a page has no letters.
APT = (("update", "-qq"), ("install", "-qq", "--yes", "--no-install-recommends", "chromium", "fonts-liberation"))


def find() -> Path | None:
    """The Chromium of this machine; None: the one that Playwright has fetched, if it has."""
    named = os.environ.get("CHROMIUM")
    found = named or next(filter(None, map(shutil.which, NAMES)), None)
    return Path(found) if found else None


def _install() -> bool:
    """With the system's packages, where this user may."""
    if shutil.which("apt-get") is None:
        return False
    prefix = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
    if prefix and shutil.which("sudo") is None:
        return False
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    return all(
        subprocess.run([*prefix, "apt-get", *step], env=environment, stdout=sys.stderr, check=False).returncode == 0
        for step in APT
    )


def main() -> int:
    """Find one or get one; returns 1, with one line that says what to do, where that is impossible."""
    named = os.environ.get("CHROMIUM")
    if named and shutil.which(named) is None:
        print(f"CHROMIUM names {named}, which is no program", file=sys.stderr)
        return 1
    if find() is not None:
        return 0
    print("no Chromium on this machine: installing one", file=sys.stderr)
    if _install() and find() is not None:
        return 0
    fetch = [sys.executable, "-m", "playwright", "install", "chromium"]
    if subprocess.run(fetch, stdout=sys.stderr, check=False).returncode == 0:
        return 0
    print(
        "no Chromium could be installed: install Chromium or Chrome, or name one, as in CHROMIUM=/usr/bin/… make test-browser",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
