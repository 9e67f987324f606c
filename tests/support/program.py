"""The program as its users run it: a process, its arguments and environment, its two streams and its exit code."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crawler.graph.connection import Connection


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def messages(self) -> list[str]:
        """The messages on stderr, which is no terminal here: JSON lines."""
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
        # What the sample and the replays listed last is old: its age says nothing about the walk.
        defaults = {"HUB_GENEALOGY_HOME": str(self.home), "HUB_GENEALOGY_SWEEP_MAX_TAIL_AGE": "off"}
        return kept | database | defaults | dict(self.settings)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "crawler", *arguments],
            env=self.environment,
            cwd=Path(__file__).parents[2],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, timeout: float = 600) -> Result:
        with self.start(*arguments) as process:
            try:
                out, err = process.communicate(timeout=timeout)
            except BaseException:
                process.kill()
                raise
        return Result(process.returncode, out, err)

    def crawl(self, *arguments: str, code: int = 0) -> dict[str, Any]:
        """Run a crawl that must end with `code`, and return its summary."""
        result = self.run("crawl", "--format", "json", *arguments)
        assert result.code == code, result.err
        summary: dict[str, Any] = result.json()
        assert summary["exit_code"] == code
        return summary

    def facts(self) -> str:
        """The digest of the graph without popularity and the times that crawls set."""
        result = self.run("graph", "hash", "--facts")
        assert result.code == 0, result.err
        return result.out.strip()

    def digest(self) -> str:
        """The digest of the graph to the last property."""
        result = self.run("graph", "hash")
        assert result.code == 0, result.err
        return result.out.strip()

    def crawl_with(self, settings: Mapping[str, str], *arguments: str, code: int = 0) -> dict[str, Any]:
        """Run one crawl with other settings."""
        return Program(self.home, self.connection, {**self.settings, **settings}).crawl(*arguments, code=code)
