"""Data sets that are made from others, asked about: report, case and feed, from the walk to the answer."""

import json

import feedparser
import pytest

from demo.simulated_hub import SimulatedHub
from tests.support.program import Program
from tests.support.small_hub import BASE, child, hub_id, model

SQUAD, MORE = hub_id(11), hub_id(12)
MODELS = [
    BASE,
    child(2, "tuner/one", BASE) | {"tags": ["dataset:squad"]},
    model(3, "tuner/two", tags=["dataset:org/more"]),
    child(4, "tuner/below", model(3, "tuner/two")),
]
SETS = [
    model(11, "rajpurkar/squad"),
    model(12, "org/More", cardData={"source_datasets": ["extended|squad"]}),
]
EXPECTED = {("tuner/one", "rajpurkar/squad"), ("tuner/two", "org/More"), ("tuner/below", "org/More")}
RIGHT = ("--right", "erasure", "--received", "2026-01-02", "--reference", "R-1")


@pytest.fixture
def program(hub: SimulatedHub, program: Program) -> Program:
    hub.begin_anew(MODELS)
    hub.datasets.replace_listing(SETS)
    hub.datasets.redirect("squad", "rajpurkar/squad")
    return program.with_settings(
        HUB_GENEALOGY_DATASETS_CRAWL="on", HUB_GENEALOGY_SWEEP_MAX_VANISHED_SHARE="1", HUB_GENEALOGY_HUB_PAGE_SIZE="100"
    )


def test_a_report_a_case_and_a_feed_of_a_data_set_say_by_which_one_a_model_was_reached(
    hub: SimulatedHub, program: Program
) -> None:
    program.crawl()
    report = json.loads(program.run("report", "--dataset", "squad", "--format", "json").out)
    assert (report["dataset"], report["key"]) == ("rajpurkar/squad", SQUAD)
    assert {(one["id"], one["dataset"]) for one in report["descendants"]} == EXPECTED
    assert report["contacts"][0]["contact"] == "https://huggingface.co/datasets/rajpurkar/squad/discussions"
    page = program.run("report", "--dataset", "squad").out
    assert "by org/More, which is made from the data set" in page
    assert program.run("case", "open", "--dataset", "squad", *RIGHT).code == 0
    # Somebody else takes the name of the data set, and another model names the one that is made from it.
    hub.datasets.rename(SQUAD, "stanford/squad")
    hub.datasets.create(model(14, "rajpurkar/squad"))
    hub.create(model(5, "tuner/new", tags=["dataset:org/More"]))
    program.crawl()
    shown = json.loads(program.run("case", "show", "1", "--format", "json").out)
    assert {(one["id"], one["dataset"]) for one in shown["members"]} == {*EXPECTED, ("tuner/new", "org/More")}
    feed = feedparser.parse(program.run("feed", "--dataset", "stanford/squad").out)
    assert [entry.title for entry in feed.entries] == ["1 new", "3 new"]
    assert "(trained on, by org/More)" in feed.entries[0].content[0].value
    # The data set that bears the name now has nothing to do with them.
    other = json.loads(program.run("report", "--dataset", "rajpurkar/squad", "--format", "json").out)
    assert (other["key"], other["descendants"]) == (hub_id(14), [])


def test_a_check_of_a_report_follows_a_data_set_that_was_renamed(hub: SimulatedHub, program: Program) -> None:
    program.crawl()
    file = program.home / "squad.json"
    program.run("report", "--dataset", "squad", "--format", "json", "--to", str(file))
    hub.datasets.rename(SQUAD, "stanford/squad")
    hub.datasets.create(model(14, "rajpurkar/squad"))
    program.crawl()
    assert program.run("report", "--check", str(file)).code == 0
