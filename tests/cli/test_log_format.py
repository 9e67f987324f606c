"""Who reads stderr: people, or for a crawl that nobody watches, programs."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.program import CHECKOUT, Program


def first_line(tmp_path: Path, *arguments: str, terminal: bool = False, setting: str = "auto") -> str:
    """What the program says first where it fails at once."""
    program = Program(tmp_path, None, {"HUB_GENEALOGY_LOG_FORMAT": setting, "HF_ENDPOINT": "http://127.0.0.1:1"})
    ours, theirs = os.openpty() if terminal else os.pipe()
    subprocess.run(
        [sys.executable, "-m", "crawler", *arguments],
        env=program.environment,
        cwd=CHECKOUT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        check=False,
    )
    said = os.read(ours, 10_000).decode()
    os.close(ours)
    os.close(theirs)
    return said.splitlines()[0]


def kind(line: str) -> str:
    if line.startswith("error: "):
        return "text"
    assert json.loads(line)["level"] == "error"
    return "json"


LINEAGE = ("lineage", "maker/model")
# A database that does not answer ends a crawl before it begins.
CRAWL = ("--set", "neo4j.uri=bolt://127.0.0.1:1", "crawl")
UNKNOWN = ("--set", "nothing=1", "crawl")


@pytest.mark.parametrize(
    ("options", "arguments", "setting", "terminal", "expected"),
    [
        ((), LINEAGE, "auto", False, "text"),
        ((), LINEAGE, "auto", True, "text"),
        ((), LINEAGE, "json", False, "json"),
        (("--log-format", "json"), LINEAGE, "text", True, "json"),
        ((), CRAWL, "auto", False, "json"),
        ((), CRAWL, "auto", True, "text"),
        ((), CRAWL, "text", False, "text"),
        (("--log-format", "text"), CRAWL, "auto", False, "text"),
        ((), UNKNOWN, "auto", False, "json"),
        ((), UNKNOWN, "text", False, "text"),
        ((), ("--set", "nothing=1", "lineage", "maker/model"), "json", True, "json"),
        (("--log-format", "text"), UNKNOWN, "auto", False, "text"),
    ],
)
def test_stderr_is_text_unless_a_crawl_writes_it_to_no_terminal_or_json_is_asked_for(
    tmp_path: Path,
    options: tuple[str, ...],
    arguments: tuple[str, ...],
    *,
    setting: str,
    terminal: bool,
    expected: str,
) -> None:
    assert kind(first_line(tmp_path, *options, *arguments, terminal=terminal, setting=setting)) == expected


def test_a_format_of_logs_that_there_is_not_is_named(tmp_path: Path) -> None:
    assert "log.format: 'xml' (HUB_GENEALOGY_LOG_FORMAT) is not auto, text or json" in first_line(
        tmp_path, *LINEAGE, setting="xml"
    )
