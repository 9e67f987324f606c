"""The program as its users run it: its arguments and environment, its two streams and its exit code.

`run` calls the program's `main` in this process, which saves the second that a new interpreter needs for its imports.
`start` starts a process: for what is killed, interrupted, or watched while it runs.
"""

import io
import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import chdir, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest import mock

from huggingface_hub.utils import close_session

from crawler.cli import run
from crawler.graph.connection import Connection

CHECKOUT = Path(__file__).parents[2]
# Requests for cards, files and owners are counted where a test is about them. An empty text means the default.
UNENRICHED = {f"HUB_GENEALOGY_ENRICH_{topic}": "0" for topic in ("CARDS", "FILES", "OWNERS")}


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def messages(self) -> list[str]:
        """The messages on stderr: JSON lines."""
        return [json.loads(line)["message"] for line in self.err.splitlines() if line.startswith("{")]


@dataclass(frozen=True)
class Program:
    """`hub-genealogy` with a state folder, a database and a Hub of its own."""

    home: Path
    connection: Connection | None
    settings: Mapping[str, str]

    @property
    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("HUB_GENEALOGY_", "NEO4J_", "HF_"))}
        graph = self.connection
        database = (
            {
                "NEO4J_URI": graph.uri,
                "NEO4J_USERNAME": graph.username,
                "NEO4J_PASSWORD": graph.password,
                "NEO4J_DATABASE": graph.database,
            }
            if graph
            else {}
        )
        # What the sample and the replays listed last is old: its age says nothing about the walk. Data sets have their own tests.
        defaults = {
            "HUB_GENEALOGY_HOME": str(self.home),
            "HUB_GENEALOGY_SWEEP_MAX_TAIL_AGE": "off",
            "HUB_GENEALOGY_LOG_FORMAT": "json",
            "HUB_GENEALOGY_DATASETS_CRAWL": "off",
            "HUB_GENEALOGY_DUCKDB_THREADS": "1",  # a worker of the tests has one processor
            **UNENRICHED,
        }
        return kept | database | defaults | dict(self.settings)

    def with_settings(self, **settings: str) -> "Program":
        """The same program with more or other environment variables."""
        return replace(self, settings={**self.settings, **settings})

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a process."""
        return subprocess.Popen(
            [sys.executable, "-m", "crawler", *arguments],
            env=self.environment,
            cwd=CHECKOUT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str) -> Result:
        """Run one command in this process; a traceback is never an answer."""
        out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _stream in range(2))
        with (
            _as_a_process(),
            mock.patch.dict(os.environ, self.environment, clear=True),
            mock.patch.multiple(sys, stdin=io.StringIO(), stdout=out, stderr=err),
        ):
            code = run(list(arguments))
        for stream in (out, err):
            stream.seek(0)
        result = Result(code, out.read(), err.read())
        assert "Traceback" not in result.err, result.err
        return result

    def crawl(self, *arguments: str, code: int = 0) -> dict[str, Any]:
        """Run a crawl that must end with `code`, and return its summary."""
        result = self.run("crawl", "--format", "json", *arguments)
        assert result.code == code, result.err
        summary: dict[str, Any] = result.json()
        assert summary["exit_code"] == code
        return summary

    def facts(self) -> str:
        """The digest of the graph without popularity and the times that crawls set."""
        return self._hash("--facts")

    def digest(self) -> str:
        """The digest of the graph to the last property."""
        return self._hash()

    def _hash(self, *arguments: str) -> str:
        result = self.run("graph", "hash", *arguments)
        assert result.code == 0, result.err
        return result.out.strip()

    def crawl_with(self, settings: Mapping[str, str], *arguments: str, code: int = 0) -> dict[str, Any]:
        """Run one crawl with other settings."""
        return self.with_settings(**settings).crawl(*arguments, code=code)


def wait_for(
    process: subprocess.Popen[str], reached: Callable[[], bool], seconds: float = 60, pause: float = 0.01
) -> None:
    """Wait until `reached`, at most `seconds`; fail where the program ends before that."""
    deadline = time.monotonic() + seconds
    while not reached():
        assert process.poll() is None, f"the program ended before that: {process.communicate()[1]}"
        assert time.monotonic() < deadline
        time.sleep(pause)


@contextmanager
def _as_a_process() -> Iterator[None]:
    """Give the program what it has to itself in a process of its own: logs, signals, a folder, connections to the Hub."""
    loggers = [logging.getLogger(), logging.getLogger("crawler")]
    kept = [(logger, logger.handlers, logger.level) for logger in loggers]
    signals = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        with chdir(CHECKOUT):
            yield
    finally:
        close_session()
        for logger, handlers, level in kept:
            logger.handlers = handlers
            logger.setLevel(level)
        for number, handler in signals.items():
            signal.signal(number, handler)
