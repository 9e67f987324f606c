"""A second user of this machine: processes with a user id of their own, for tests of what one user can do to another.

Root becomes the other user; anybody else takes one of their subordinate ids, in a user namespace. Where the Python of the
tests is below a folder that is closed to others, as a home folder is, the process sees that folder empty but for Python.
"""

import os
import shlex
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from crawler.errors import HubGenealogyError

CHECKOUT = Path(__file__).parents[2]
NEEDED = {Path(sys.base_prefix).resolve(), Path(sys.prefix).resolve(), CHECKOUT}
_IMPORT = "import crawler, os; print(os.getpid(), flush=True); input()"
_MAKE = "import tempfile; print(tempfile.mkdtemp(prefix='hub-genealogy-other-', dir='/tmp'))"
_REMOVE = "import shutil, sys; shutil.rmtree(sys.argv[1])"


def _entrance() -> list[str]:
    """The command that starts another one as the other user."""
    root = os.geteuid() == 0
    closed = {_first_closed(path) for path in NEEDED} - {None}
    shown = [path for path in NEEDED if _first_closed(path)]
    lines = ["set -e"]
    lines += [f"exec {number}< {shlex.quote(str(path))}" for number, path in enumerate(shown, 3)]
    lines += [f"mount -t tmpfs -o mode=755 tmpfs {shlex.quote(str(path))}" for path in closed]
    for number, path in enumerate(shown, 3):
        place = shlex.quote(str(path))
        lines.append(f"mkdir -p {place}; mount -c --bind /proc/self/fd/{number} {place}; exec {number}<&-")
    uid = 64123 if root else 1  # nobody's; the first of the subordinate ids
    lines.append(f'exec setpriv --reuid {uid} --regid {uid} --clear-groups -- "$@"')
    spaces = [] if root else ["--user", "--map-root-user", "--map-auto"]
    spaces += ["--mount"] if closed else []
    return [*(["unshare", *spaces, "--"] if spaces else []), "sh", "-c", "\n".join(lines), "sh"]


def _first_closed(path: Path) -> Path | None:
    """The outermost folder on the way to `path` that others may not pass."""
    way = reversed((path, *path.parents))
    return next((folder for folder in way if not folder.stat().st_mode & stat.S_IXOTH), None)


class OtherUser:
    """Starts processes as another user than the one that runs the tests."""

    def __init__(self) -> None:
        """Raise HubGenealogyError, with one line that says what is needed, where there can be no second user."""
        self.uid, said = None, ""
        try:
            with self.start(sys.executable, "-c", _IMPORT, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
                assert process.stdout is not None
                if process.stdout.readline():
                    self.uid = os.stat(f"/proc/{process.pid}").st_uid  # noqa: PTH116 - of the process
                said = process.communicate("\n")[1].strip().rpartition("\n")[2]
        except OSError as error:
            said = str(error)
        if self.uid in {None, os.geteuid()}:
            raise HubGenealogyError(
                "tests with a second user need Linux, and root or newuidmap with a range in /etc/subuid; that user must be "
                f"able to read this checkout and its .venv ({said or 'it got no user id of its own'})"
            )

    def start(
        self, *command: str, environment: Mapping[str, str] | None = None, **options: Any
    ) -> subprocess.Popen[str]:
        """Start a process with an environment of its own, away from the folders of the user who runs the tests."""
        clean = {"PATH": os.environ["PATH"], "HOME": "/", "LC_ALL": "C.UTF-8"} | dict(environment or {})
        usual: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "cwd": "/"}
        return subprocess.Popen([*_entrance(), *command], env=clean, text=True, **(usual | options))

    def run(self, *command: str, **options: Any) -> str:
        """What a process of the other user prints, errors included."""
        with self.start(*command, stderr=subprocess.STDOUT, **options) as process:
            return process.communicate(timeout=300)[0].strip()

    def python(self, code: str, *arguments: object, **options: Any) -> str:
        """What a piece of Python prints, run by the other user."""
        return self.run(sys.executable, "-c", code, *map(str, arguments), **options)

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """A new folder of the other user, in the shared temporary folder."""
        folder = Path(self.python(_MAKE))
        try:
            yield folder
        finally:
            self.python(_REMOVE, folder)
