"""Reports of the sample that the demo crawls: a gated model with open descendants, and every other one, counted again."""

import json
from typing import Any

import pytest

from crawler.graph.connection import Graph
from tests.support import recounts
from tests.support.pages import Page
from tests.support.program import Program

GATED = "black-forest-labs/FLUX.1-dev"


@pytest.fixture
def crawled(program: Program) -> Program:
    program.crawl()
    return program


def declared(sample: list[dict[str, Any]]) -> set[str]:
    """The open descendants of the gated model, as the typed tags of the listing say it."""
    parents = {
        record["id"]: {
            tag.split(":")[2] for tag in record["tags"] if tag.startswith("base_model:") and tag.count(":") == 2
        }
        for record in sample
    }
    found = {GATED}
    for _step in parents:
        found |= {name for name, above in parents.items() if above & found}
    return {record["id"] for record in sample if record["id"] in found and record["gated"] is False}


def test_every_number_of_a_gated_models_report_is_what_plain_python_counts(
    crawled: Program, opened_graph: Graph, sample: list[dict[str, Any]]
) -> None:
    report = crawled.run("report", GATED, "--format", "json").json()
    recounts.check(report, *recounts.read(opened_graph))
    assert (report["model"]["gated"], report["summary"]["gated"]) == ("auto", 0)
    assert {row["id"] for row in report["descendants"] if row["gated"] == "false"} == declared(sample)
    assert report["summary"]["open"] == len(declared(sample)) > 3
    page = Page(crawled.run("report", GATED).out)
    assert "whoever asks gets access" in page.text
    assert f"{len(declared(sample))} are open to everybody, 0 ask for permission" in page.text
    assert json.loads(page.held["application/json"])["summary"] == report["summary"]


def test_every_number_of_every_models_report_is_what_plain_python_counts(crawled: Program, opened_graph: Graph) -> None:
    nodes, links = recounts.read(opened_graph)
    reports = [crawled.run("report", key, "--format", "json").json() for key in sorted(nodes)]
    for report in reports:
        recounts.check(report, nodes, links)
    assert sum(bool(report["beside"]) for report in reports) > 5
    assert sum(bool(report["summary"]["usual"]["followed_rank"]) for report in reports if report["summary"]["usual"])
