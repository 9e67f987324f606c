"""The benchmark of whole nights, at a tiny size: it runs from end to end, and its tables hold what it measured. No times."""

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks import scale
from benchmarks.grown import GrownHub
from benchmarks.sampling import Spent, used
from benchmarks.scale_report import OF_DATASETS, STAGES, Night, Size, Yardstick, exponent, markdown, ratios_of
from benchmarks.yardsticks import merge_into
from crawler.changes.tables import LABELS, TYPES
from crawler.graph.connection import Graph

MODELS = 2000


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that kept everything: two nights, and two of the yardsticks."""
    folder = tmp_path_factory.mktemp("scale")
    nights = ["--nights", "0.01", "--increments", "0.02", "--questions", "20", "10"]
    options = ["--yardsticks", "list-models", "import", "--keep", "--home", str(folder)]
    assert scale.main(["--models", str(MODELS), *nights, *options]) == 0
    return folder


@pytest.fixture(scope="module")
def said(home: Path) -> Any:
    [size] = json.loads((home / "scale.json").read_text(encoding="utf-8"))["sizes"]
    return size


def test_each_stage_of_each_night_has_its_costs(said: Any) -> None:
    titles = ["first night", "1.0% changed", "increment, 2.0% changed", "unchanged, 20 cards and files of 10 models"]
    assert [night["title"] for night in said["nights"]] == titles
    first, second, increment, asking = said["nights"]
    assert first["said"]["models_seen"] == said["models"] == MODELS
    assert 0 < second["said"]["rows_written"] < first["said"]["rows_written"]
    for night in said["nights"]:
        assert night["said"]["exit_code"] == 0
        spent = {stage: night["stages"].get(stage, {"seconds": 0.0})["seconds"] for stage in STAGES}
        assert spent["load"] == night["said"]["seconds"]["load"]
        both = spent["snapshot"] + spent[f"{OF_DATASETS}snapshot"]
        assert both == pytest.approx(night["said"]["seconds"]["snapshot"])
        assert night["stages"]["load"]["memory"] > 30
        assert night["stages"]["load"]["server_memory"] > 100
        assert night["stages"]["load"]["server_cpu"] > 0
        assert set(night["stages"]) <= {"start", *STAGES}
    trees = ("archive", "rows", "snapshot")
    assert first["disk"].keys() == {
        *trees, *(f"{OF_DATASETS}{tree}" for tree in trees), "changes", "graph", "transaction logs",
    }  # fmt: skip
    assert min(first["disk"].values()) > 0
    assert first["said"]["datasets"]["seen"] == len(GrownHub(MODELS).datasets)
    assert (increment["said"]["kind"], increment["said"]["exit_code"]) == ("incremental", 0)
    assert 0 < increment["said"]["models_changed"] < MODELS / 10
    assert asking["said"]["edges_added"] > 0  # copies of weights, and parents that cards name


def test_the_yardsticks_handle_what_the_crawl_handled(said: Any, home: Path) -> None:
    listing, bare = said["yardsticks"]
    assert (listing["title"], listing["said"]["models"]) == ("list_models", MODELS)
    assert bare["title"] == "bare import"
    assert bare["said"].keys() == {"csv", "import", "indexes"}
    assert bare["spent"]["memory"] > 100
    text = (home / "scale.md").read_text(encoding="utf-8")
    assert f"### {MODELS:,} models" in text
    assert "| first load: its time as a multiple of bare `neo4j-admin` import and its indexes | " in text


@pytest.mark.usefixtures("empty_graph")
def test_the_plain_loader_makes_what_the_crawl_made_and_the_second_time_nothing_more(
    home: Path, opened_graph: Graph
) -> None:
    changes = min((home / str(MODELS) / "state" / "changes").glob("0*"))
    totals = json.loads((changes / "changes.json").read_text(encoding="utf-8"))["totals"]
    for _ in range(2):
        rows = merge_into(opened_graph, changes)
        counted = {
            **{label: opened_graph.read(f"MATCH (n:{label}) RETURN count(n) AS n")[0]["n"] for label in LABELS},
            **{kind: opened_graph.read(f"MATCH ()-[r:{kind}]->() RETURN count(r) AS n")[0]["n"] for kind in TYPES},
        }
        assert counted == totals
    written = json.loads((changes / "changes.json").read_text(encoding="utf-8"))["rows_written"]
    assert rows == written


def a_size(models: int, *, slower: float = 1.0) -> Size:
    spent = {stage: Spent(seconds=10 * slower, cpu=8 * slower, memory=100) for stage in STAGES}
    said = {"models_seen": models, "rows_written": 5, "datasets": None}
    night = Night("first night", said, spent, {"archive": 2 << 20, "graph": 1 << 20})
    yardsticks = [
        Yardstick("list_models", {"models": models, "seconds": 35.0}, Spent(cpu=10.0, server_cpu=6.0)),
        Yardstick("bare import", {"csv": 1.0, "import": 4.0, "indexes": 4.0}, Spent(cpu=10.0, server_cpu=6.0)),
        Yardstick("plain loader", {"rows": 5, "seconds": 12.0}, Spent(cpu=10.0, server_cpu=6.0)),
        Yardstick("plain loader again", {"rows": 5, "seconds": 20.0}, Spent(cpu=10.0, server_cpu=6.0)),
    ]
    return Size(models, [night, replace(night, title="unchanged")], yardsticks, {"graph": 3 << 20})


def test_ratios_compare_each_stage_with_its_yardstick_and_leave_out_those_that_did_not_run() -> None:
    ratios = [ratio for _, ratio in ratios_of(a_size(1000))]
    assert [ratio.seconds for ratio in ratios] == [3.5, 3.5, 1.25, 1.2, 2.0]
    assert [ratio.cpu for ratio in ratios] == [2.0, 2.0, 0.5, 2.0, 2.0]
    assert ratios_of(replace(a_size(1000), yardsticks=[])) == []


def test_growth_is_the_power_of_the_size_and_silent_where_a_time_is_too_short() -> None:
    assert exponent(1000, 2.0, 10_000, 200.0) == pytest.approx(2)
    assert exponent(1000, 0.4, 10_000, 4.0) is None
    text = markdown("this machine", [a_size(1000), a_size(10_000, slower=10**1.1)])
    assert "### Growth from 1,000 to 10,000 models" in text
    assert "| first night | walk | 1.10 | 1.10 | 0.00 |" in text
    assert "| first night | 2.0 | 1.0 |" in text
    assert "| the server had stopped |  | 3.0 |" in text


def test_a_sparse_file_uses_what_it_holds(tmp_path: Path) -> None:
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(100 << 20)
    (tmp_path / "full").write_bytes(b"x" * (1 << 20))
    assert math.isclose(used(tmp_path), 1 << 20, rel_tol=0.1)
