"""Which Java the local server runs on, and whether its makers have published newer ones since."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psutil

from crawler.local import java, runtime
from crawler.local.server import LocalServer
from crawler.operations.check import Check, ok, warn
from crawler.settings import Settings


def check_java(settings: Settings) -> Iterator[Check]:
    """The Java of the next start, and the one of the server that runs where they differ."""
    named, limit, server = settings["neo4j.java"], settings["doctor.max_java_age"], LocalServer.from_settings(settings)
    found = runtime.usable(named or java.SHIPPED)
    age = (datetime.now(UTC).date() - found.released).days
    text = f"Java {found.version} of {found.released}, {age} days old, at {found.executable}"
    if in_use := _other_in_use(server, found.executable):
        yield warn("java", f"the next start takes {text}; {in_use}: hub-genealogy db stop")
    elif limit is not None and age > limit.days:
        yield warn(
            "java",
            f"{text}: its makers have published security updates since; set neo4j.java to a newer Java, of the "
            "system's packages for example",
        )
    elif found.version.startswith("25.") and server.lock.version.startswith("5."):
        yield warn(
            "java", f"{text}: Neo4j {server.lock.version} runs on it, but its makers support it on Java 21, not on 25"
        )
    else:
        yield ok("java", text)


def _other_in_use(server: LocalServer, executable: Path) -> str | None:
    """What is to be said of a server that does not run on the Java that is at `executable` now."""
    process = server.process()
    if process is None:
        return None
    try:
        used, started = Path(process.exe()), process.create_time()
    except psutil.Error:
        return None  # it ended just now
    if used != executable.resolve():
        return f"the server that runs was started with {used}"
    if used.stat().st_ctime > started:
        return "the server that runs was started before that Java was installed"
    return None
