"""The page of a family of 30,000 models in a graph, made and checked by processes of their own."""

import time
from pathlib import Path

import pytest

from crawler.graph.connection import Connection, Graph
from tests.support import reports
from tests.support.graph_parts import write_crawls
from tests.support.lineage_graph import day, link, model, wipe, write
from tests.support.measured import measured
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


@pytest.mark.timeout(600)
def test_the_page_of_a_family_of_30_000_stays_below_15_megabytes(
    root: str, connection: Connection, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    program, file = Program(tmp_path / "home", connection, {}), tmp_path / "large.html"
    for what, arguments in (("made", (root, "--to", str(file))), ("checked", ("--check", str(file)))):
        began = time.monotonic()
        done = measured(program, "report", *arguments, out=tmp_path / "out")
        assert done.code == 0, done.err
        say(
            request.config,
            f"a page of {file.stat().st_size:,} bytes is {what} in {time.monotonic() - began:.1f} s "
            f"({done.worked:.1f} s of the processor), with {done.peak // 1024} MiB of memory",
        )
        assert 30 < done.peak / 1024 < 600  # it takes about 150
    assert file.stat().st_size < 15_000_000
