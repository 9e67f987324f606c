"""Where the tests of Neo4j Browser get their Chromium."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent / "support" / "chromium.py"
APT = """#!/bin/sh
echo "$0 $*" | sed 's,.*/,,' >> "$NOTES"
[ "$1" != install ] || [ -n "$BROKEN" ] || { printf '#!/bin/sh\\n' > "$BIN/chromium"; chmod +x "$BIN/chromium"; }
[ -z "$BROKEN" ]
"""
SUDO = """#!/bin/sh
echo "sudo $*" >> "$NOTES"
[ "$1" = --non-interactive ] && shift && exec "$@"
"""


class Machine:
    """A folder that stands for all the programs of a machine, and what was asked of them."""

    def __init__(self, folder: Path) -> None:
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.notes = folder / "notes"
        for name in ("sh", "sed", "chmod"):
            (self.bin / name).symlink_to(f"/bin/{name}")

    def add(self, name: str, text: str) -> None:
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)

    def run(self, *, uid: int = 0, **variables: str) -> subprocess.CompletedProcess[str]:
        # The user is made up, and Playwright is kept from fetching: its module is not to be found.
        program = (
            "import os, runpy, sys\n"
            f"os.geteuid = lambda: {uid}\n"
            f"sys.argv = [{str(SCRIPT)!r}]\n"
            "sys.executable = '/bin/false'\n"
            f"runpy.run_path({str(SCRIPT)!r}, run_name='__main__')\n"
        )
        environment = {"PATH": str(self.bin), "BIN": str(self.bin), "NOTES": str(self.notes), **variables}
        return subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False
        )

    @property
    def asked(self) -> list[str]:
        return self.notes.read_text().splitlines() if self.notes.exists() else []


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    if not all(os.access(f"/bin/{name}", os.X_OK) for name in ("sh", "sed", "chmod", "false")):
        pytest.skip("this machine keeps its programs elsewhere")
    return Machine(tmp_path)


def test_a_chromium_that_is_there_is_taken(machine: Machine) -> None:
    machine.add("google-chrome", "#!/bin/sh\n")
    machine.add("apt-get", APT)
    assert (machine.run().returncode, machine.asked) == (0, [])


INSTALL = "apt-get install -qq --yes --no-install-recommends chromium fonts-liberation"


def test_root_installs_one_with_apt(machine: Machine) -> None:
    machine.add("apt-get", APT)
    assert (machine.run().returncode, machine.asked) == (0, ["apt-get update -qq", INSTALL])


def test_others_install_one_with_sudo(machine: Machine) -> None:
    machine.add("apt-get", APT)
    machine.add("sudo", SUDO)
    assert machine.run(uid=1000).returncode == 0
    assert machine.asked[0] == "sudo --non-interactive apt-get update -qq"
    assert machine.asked[-1] == INSTALL


@pytest.mark.parametrize("programs", [(), ("apt-get",)])
def test_where_none_can_be_had_one_line_says_what_to_do(machine: Machine, programs: tuple[str, ...]) -> None:
    for name in programs:
        machine.add(name, APT)
    refused = machine.run(uid=1000 if programs else 0, BROKEN="yes")
    assert refused.returncode == 1
    assert refused.stderr.splitlines()[-1] == (
        "no Chromium could be installed: install Chromium or Chrome, or name one, as in CHROMIUM=/usr/bin/… make test-browser"
    )


def test_a_chromium_that_is_named_wrongly_is_not_replaced(machine: Machine) -> None:
    machine.add("chromium", "#!/bin/sh\n")
    refused = machine.run(CHROMIUM="/no/chrome")
    assert (refused.returncode, refused.stderr) == (1, "CHROMIUM names /no/chrome, which is no program\n")
