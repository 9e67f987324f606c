"""The page of a family of 30,000 models in a graph, made and checked by processes of their own."""

import os
import time
from pathlib import Path

import pytest

from crawler.graph.connection import Connection, Graph
from tests.support import reports
from tests.support.graph_parts import write_crawls
from tests.support.lineage_graph import day, link, model, wipe, write
from tests.support.output import say
from tests.support.program import Program


@pytest.fixture
def root(schema_graph: Graph) -> str:
    """The name of the model with 30,000 descendants."""
    wipe(schema_graph)
    family = reports.large(30_000)
    fields = ("owner", "downloads", "license", "gated")
    write(
        schema_graph,
        [
            model(one.id, key=one.key, **{name: getattr(one, name) for name in fields})
            for one in family.members.values()
        ],
        [
            link("", "", one.relation, sources=list(one.sources)) | {"child": one.child, "parent": one.parent}
            for one in family.links
        ],
    )
    write_crawls(schema_graph, {"id": "000001", "started_at": day(1)})
    return family.members[family.key].id


def run(program: Program, *arguments: str) -> tuple[int, float, float, int]:
    """The exit code, the seconds that passed, those that the processor worked, and the memory in MB."""
    began = time.monotonic()
    process = program.start(*arguments)
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    process.stderr.close()
    _pid, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return (
        process.returncode,
        time.monotonic() - began,
        used.ru_utime + used.ru_stime,
        used.ru_maxrss // 1024,
    )


@pytest.mark.timeout(600)
def test_a_family_of_30_000_is_reported_and_checked_in_a_minute(
    root: str, connection: Connection, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    program, file = Program(tmp_path / "home", connection, {}), tmp_path / "large.html"
    for what, arguments in (("made", (root, "--to", str(file))), ("checked", ("--check", str(file)))):
        code, passed, worked, memory = run(program, "report", *arguments)
        say(
            request.config,
            f"a page of {file.stat().st_size:,} bytes is {what} in {passed:.1f} s "
            f"({worked:.1f} s of the processor), with {memory} MB of memory",
        )
        assert code == 0
        assert worked < 60
        assert memory < 700
    assert file.stat().st_size < 15_000_000
