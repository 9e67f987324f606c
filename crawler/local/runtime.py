"""Which Java runs Neo4j: the one that `neo4j.java` names, else the one of the extra `local`."""

import os.path
import re
import subprocess
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from crawler.errors import HubGenealogyError
from crawler.local import java

USABLE = ("21", "25")  # the releases with long-term support that a Neo4j from 5.26 on starts with
PATIENCE = 60.0  # seconds: a Java tells its version in less than one
_PROPERTY = re.compile(r"^ +java\.(home|version|version\.date) = (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Runtime:
    """A Java as it describes itself; `released` is when its makers published this version."""

    executable: Path
    version: str
    released: date


def executable(named: Path | None) -> Path:
    """The Java that starts Neo4j. HubGenealogyError where `named` is none, or one that Neo4j does not run on."""
    return java.SHIPPED if named is None else usable(named).executable


def usable(file: Path) -> Runtime:
    """The Java at `file`, its executable or its home. HubGenealogyError where it is none that Neo4j runs on."""
    found = described(file)
    if found.version.partition(".")[0] not in USABLE:
        raise HubGenealogyError(_way_out(file, f"is Java {found.version}"))
    return found


def described(file: Path) -> Runtime:
    """What the Java at `file` says of itself; HubGenealogyError where there is none."""
    program = file.absolute() / "bin" / "java" if os.path.isdir(file) else file.absolute()  # noqa: PTH112  # `Path.is_dir` raises without the right
    said = dict(_PROPERTY.findall(_asked(program)))
    try:
        # Not `program`, which can be a script or a link that leads to it.
        return Runtime(Path(said["home"]) / "bin" / "java", said["version"], date.fromisoformat(said["version.date"]))
    except (KeyError, ValueError):
        raise HubGenealogyError(_way_out(program, "is no Java")) from None


def _asked(program: Path) -> str:
    """What a Java prints about itself."""
    try:
        done = subprocess.run(
            [str(program), "-XshowSettings:properties", "-version"],
            env=java.environment({}),
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE,
        )
    except FileNotFoundError:
        raise HubGenealogyError(_way_out(program, "does not exist")) from None
    except PermissionError:
        raise HubGenealogyError(_way_out(program, "is not a program that this user may run")) from None
    except (OSError, subprocess.TimeoutExpired):
        raise HubGenealogyError(_way_out(program, "is no Java")) from None
    return done.stderr.decode(errors="replace")


def _way_out(file: Path, what: str) -> str:
    return f"{file} {what}: set neo4j.java to the home or the executable of Java {' or '.join(USABLE)}, or leave it out"
