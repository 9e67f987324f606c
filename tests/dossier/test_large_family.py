"""A family of 30,000 models in a graph: its page, its case and its exports, made by processes of their own."""

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.cases.follow import Follower
from crawler.files import size_of
from crawler.graph.connection import Connection, Graph
from tests.cases.conftest import ACTING
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


@pytest.mark.timeout(900)
def test_a_family_of_30_000_fits_a_page_of_15_megabytes_a_case_and_exports_in_bounded_memory(
    root: str, connection: Connection, schema_graph: Graph, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    program, file = Program(tmp_path / "home", connection, {}), tmp_path / "large.html"
    today = f"{datetime.now(UTC):%F}"
    for what, arguments in (
        ("made", ("report", root, "--to", str(file))),
        ("checked", ("report", "--check", str(file))),
        ("made a case", ("case", "open", root, "--right", "erasure", "--received", today, "--reference", "R-1")),
    ):
        began = time.monotonic()
        done = measured(program, *arguments, out=tmp_path / "out")
        assert done.code == 0, done.err
        say(
            request.config,
            f"a page of {file.stat().st_size:,} bytes is {what} in {time.monotonic() - began:.1f} s "
            f"({done.worked:.1f} s of the processor), with {done.peak // 1024} MiB of memory",
        )
        assert 30 < done.peak / 1024 < 600  # it takes about 150
    assert file.stat().st_size < 15_000_000
    # The command itself mirrors into a graph of its own state folder only.
    began = time.monotonic()
    Follower(schema_graph, program.home, ACTING).mirror_one(1)
    say(request.config, f"mirrored in {time.monotonic() - began:.1f} s")
    [concerned] = schema_graph.read(
        "MATCH (:Case {id: 1})-[:CONCERNS]->(m:Model) RETURN count(DISTINCT m.key) AS models"
    )
    assert concerned["models"] == 30_001
    for form in ("graphml", "parquet", "prov"):
        export(program, form, root, tmp_path, request.config)
    # A merge of all of them has as many ancestors: what a bill of materials holds.
    members = [one.key for one in reports.large(30_000).members.values()]
    write(schema_graph, [model("all/merged")], [link("all/merged", "", "merge") | {"parent": key} for key in members])
    for form in ("cyclonedx", "spdx"):
        export(program, form, "all/merged", tmp_path, request.config)


def export(program: Program, form: str, name: str, folder: Path, config: pytest.Config) -> None:
    began, place = time.monotonic(), folder / f"large.{form}"
    done = measured(program, "export", form, name, "--to", str(place), out=folder / "out")
    assert done.code == 0, done.err
    say(
        config,
        f"exported as {form}, {size_of(place) or place.stat().st_size:,} bytes, in {time.monotonic() - began:.1f} s "
        f"({done.worked:.1f} s of the processor), with {done.peak // 1024} MiB of memory",
    )
    assert 30 < done.peak / 1024 < 1000
