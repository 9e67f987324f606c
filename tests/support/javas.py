"""Programs that stand for another Java than the one that comes with the extra `local`."""

from pathlib import Path

from crawler.local import java

HOME = java.SHIPPED.parents[1]


def script(file: Path, *lines: str) -> Path:
    file.write_text("\n".join(("#!/bin/sh", *lines)) + "\n")
    file.chmod(0o755)
    return file


def java_of(folder: Path, version: str, day: str) -> Path:
    """A program that describes itself as a Java does."""
    return script(
        folder / f"java-{version}",
        f"echo '    java.home = {HOME}' >&2",
        f"echo '    java.version = {version}' >&2",
        f"echo '    java.version.date = {day}' >&2",
    )
