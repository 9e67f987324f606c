"""Dossiers of real families: every number by plain Python on what the graph holds, and a past day as it was then.

REPORT_PAGES=FOLDER writes the pages there: the pictures of docs/rights-requests.md are made of two of them.
"""

import json
import os
import resource
import time
from pathlib import Path

import neo4j
import pytest

from crawler.graph.connection import Graph
from tests.support import recounts
from tests.support.lineage_graph import ask, pick
from tests.support.output import say
from tests.support.pages import Page
from tests.support.plain_lineages import Links, adjacency, depths
from tests.support.replays import Replay, edges_of

pytestmark = [pytest.mark.replay, pytest.mark.timeout(1800)]


@pytest.mark.usefixtures("graph")
def test_a_past_day_is_reported_as_it_was_then(replay: Replay, tmp_path: Path) -> None:
    assert len(replay.reports) > 1
    columns = ("key", "class", "certainty", "link_status", "depth", "steps", "status")
    for then in replay.reports:
        now = replay.program.run("report", then["model"]["key"], "--as-of", then["made_at"], "--format", "json").json()
        for side in ("ancestors", "descendants"):
            found, expected = ({row["key"]: row for row in one[side]} for one in (now, then))
            assert found.keys() == expected.keys()
            assert {key: [row[name] for name in columns] for key, row in found.items()} == {
                key: [row[name] for name in columns] for key, row in expected.items()
            }
            names = {row["id"]: row["key"] for row in expected.values()}
            names_now = {row["id"]: row["key"] for row in found.values()}
            for key, row in found.items():
                # By keys: a model may have another name by now.
                ways = (
                    [names_now.get(name) for name in row["path"]],
                    [names.get(name) for name in expected[key]["path"]],
                )
                assert ways[0] == ways[1]
    kept = tmp_path / "then.json"
    kept.write_text(json.dumps(replay.reports[0]))
    done = replay.program.run("report", "--check", str(kept), "--format", "json")
    new = {row["key"] for row in done.json() if row["change"] == "new" and row["side"] == "descendant"}
    last, first = ({row["key"] for row in report["descendants"]} for report in (replay.reports[-1], replay.reports[0]))
    if replay.reports[0]["model"]["key"] == replay.reports[-1]["model"]["key"]:
        assert new == last - first
    assert done.code == 1


@pytest.fixture(scope="module")
def found(graph: Graph) -> tuple[recounts.Nodes, Links]:
    return recounts.read(graph)


@pytest.fixture(scope="module")
def subjects(graph: Graph) -> dict[str, str]:
    """The model with most descendants, and the merge with most parents. No record of the replay has a gate."""
    with graph.session(neo4j.READ_ACCESS) as session:
        merge = session.run(
            "MATCH (m:Model)-[e:DERIVED_FROM {relation: 'merge'}]->() WITH m, count(e) AS parents "
            "RETURN m.id AS id ORDER BY parents DESC, id LIMIT 1"
        ).single(strict=True)
    return {"root": ask(graph, "most_followed", limit=1)[0]["id"], "merge": merge["id"]}


@pytest.mark.parametrize("kind", ["root", "merge"])
def test_every_number_of_a_report_is_what_plain_python_counts(
    replay: Replay,
    found: tuple[recounts.Nodes, Links],
    subjects: dict[str, str],
    request: pytest.FixtureRequest,
    kind: str,
) -> None:
    report = replay.program.run("report", subjects[kind], "--format", "json").json()
    recounts.check(report, *found)
    assert len(report["descendants"]) + len(report["ancestors"]) >= {"root": 3_700, "merge": 50}[kind]
    began = time.monotonic()
    page = replay.program.run("report", subjects[kind]).out
    seconds = time.monotonic() - began
    assert json.loads(Page(page).held["application/json"])["summary"] == report["summary"]
    megabytes = len(page.encode()) / 1e6
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    say(request.config, f"{kind}: a page of {megabytes:.1f} MB in {seconds:.1f} s, the tests at {memory} MB of memory")
    if os.environ.get("REPORT_PAGES"):
        (Path(os.environ["REPORT_PAGES"]) / f"report-{kind}.html").write_text(page, encoding="utf-8")


def test_the_listed_descendants_of_the_root_are_those_that_the_listing_declares(
    replay: Replay, subjects: dict[str, str]
) -> None:
    report = replay.program.run("report", subjects["root"], "--format", "json").json()
    down = adjacency([(parent, child.lower()) for child, parent, _relation in edges_of(replay.records)])
    names = {record["id"].lower() for record in replay.records.values()}
    declared = depths(subjects["root"].lower(), down).keys() & names - {subjects["root"].lower()}
    listed = {row["id"].lower() for row in report["descendants"] if row["status"] == "listed"}
    # A link survives the parent that it led to, and the parent's own links: more are known than the last listing says.
    assert declared <= listed
    assert len(listed - declared) < 0.05 * len(listed)


def test_classes_and_contacts_of_the_root_are_those_of_the_saved_queries(
    replay: Replay, graph: Graph, subjects: dict[str, str]
) -> None:
    report = replay.program.run("report", subjects["root"], "--format", "json").json()
    columns = ("id", "class", "certainty", "link_status", "depth", "status", "children", "downloads")
    impact = ask(graph, "impact", model=subjects["root"], paths=0)
    assert pick(report["descendants"], *columns) == pick(impact, *columns)
    columns = ("direction", "wave", "link_status", "owner", "id", "models", "all_models", "total_downloads")
    contacts = [row for row in report["contacts"] if row["direction"] != "beside"]
    assert pick(contacts, *columns) == pick(ask(graph, "notify", model=subjects["root"]), *columns)
