"""Nights in which the Hub is asked for the files of models: identical weights become links, in queries and in the dossier."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crawler.graph.connection import Connection
from crawler.hub.archive import Archive
from crawler.questions.question import FILES
from crawler.records.weights import LEAST_SIZE
from demo.simulated_hub import SimulatedHub
from tests.support.asking import asked_for_files, asked_in_a_night, links
from tests.support.program import Program
from tests.support.small_hub import model


def holder(number: int, name: str, month: int, **fields: Any) -> dict[str, Any]:
    """A model with weights that was created in this month; the smaller its number, the more downloads it has."""
    created = f"2024-{month:02}-01T00:00:00.000Z"
    record = {"tags": ["safetensors"], "downloads": 1000 - number, "sha": f"{number:040x}", "createdAt": created}
    return model(number, name, **record | fields)


ORIGINAL = holder(11, "org/original", 3)
COPY = holder(12, "copier/again", 5)
SHUFFLED = holder(13, "copier/shuffled", 6)
EARLY = holder(14, "early/mirror", 2)
PART = holder(15, "org/part", 7)
DECLARED = holder(
    16, "org/declared", 8, cardData={"base_model": "org/original"}, tags=["safetensors", "base_model:org/original"]
)
SMALL = holder(17, "org/small", 9)
LISTING = [ORIGINAL, COPY, SHUFFLED, PART, DECLARED, SMALL]
ONE, TWO, THREE = (bytes([number]) * LEAST_SIZE for number in (1, 2, 3))


def written(folder: Path, name: str, **files: bytes) -> None:
    for file, content in files.items():
        path = folder / name / file.replace("__", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    written(folder, "org/original", a__safetensors=ONE, b__safetensors=TWO, README__md=b"#", small__bin=b"x" * 1000)
    written(folder, "copier/again", a__safetensors=ONE, b__safetensors=TWO)
    written(folder, "copier/shuffled", a__safetensors=TWO, b__safetensors=ONE, tokenizer__bin=THREE)
    written(folder, "early/mirror", a__safetensors=ONE, b__safetensors=TWO)
    written(folder, "org/part", a__safetensors=ONE, b__safetensors=THREE, tokenizer__bin=THREE)
    written(folder, "org/declared", a__safetensors=ONE, b__safetensors=TWO, optimizer__pt=THREE)
    written(folder, "org/small", small__bin=b"x" * 1000, optimizer__pt=THREE)
    return folder


@pytest.fixture
def hub(files: Path) -> Iterator[SimulatedHub]:
    with SimulatedHub(LISTING, files=files) as running:
        yield running


@pytest.fixture
def nights(hub: SimulatedHub, empty_graph: Connection, tmp_path: Path) -> Program:
    settings = {
        "HF_ENDPOINT": hub.url,
        "HUB_GENEALOGY_ENRICH_FILES": "9",
        "HUB_GENEALOGY_HUB_PATIENCE": "1s",
        "HUB_GENEALOGY_HUB_TIMEOUT": "60s",
        # So few models are a large share.
        "HUB_GENEALOGY_SWEEP_MAX_VANISHED_SHARE": "1",
    }
    return Program(tmp_path / "home", empty_graph, settings)


def night(nights: Program, hub: SimulatedHub) -> list[str]:
    """Crawl once; return the names of the models whose files the Hub was asked for, in the order of the questions."""
    return asked_in_a_night(nights, hub, asked_for_files)


def classes(nights: Program, name: str) -> set[tuple[str, str, str]]:
    rows = nights.run("query", "impact", "--model", name, "--format", "json").json()
    return {(row["id"], row["class"], row["certainty"]) for row in rows}


COPIES = {
    ("copier/again", "same_weights", "observed_in_files"),
    ("copier/shuffled", "same_weights", "observed_in_files"),
    ("org/declared", "same_weights", "declared_by_author"),
}


def test_identical_files_become_links_queries_and_rows_of_the_dossier(nights: Program, hub: SimulatedHub) -> None:
    assert night(nights, hub) == [one["id"] for one in (ORIGINAL, COPY, SHUFFLED, PART, SMALL, DECLARED)]
    assert links(nights, "copier/shuffled") == {("org/original", "copy", "observed_in_files", "current")}
    assert links(nights, "org/declared") == {("org/original", "copy", "declared_by_author", "current")}
    assert links(nights, "org/part") == links(nights, "org/small") == set()
    assert classes(nights, "org/original") == COPIES
    same = nights.run("query", "same_weights", "--model", "org/original", "--format", "json").json()
    assert {row["id"] for row in same} >= {"copier/again", "copier/shuffled", "org/declared"}

    report = nights.run("report", "org/original", "--format", "json").json()
    assert {(row["id"], row["class"], row["certainty"]) for row in report["descendants"]} == COPIES
    sources = {
        row["id"]: [report["evidence"][place]["sources"] for place in row["evidence"]] for row in report["descendants"]
    }
    assert sources["org/declared"] == [["tag", "card", "files"]]
    assert sources["copier/again"] == [["files"]]
    page = nights.run("report", "org/original", "--format", "html", "--to", str(nights.home.parent / "page.html"))
    assert page.code == 0, page.err

    assert night(nights, hub) == []
    assert "those of 6 models are known as they are today; at most 9 more in each crawl" in nights.run("status").out
    before = nights.run("graph", "hash").out
    assert nights.run("rebuild").code == 0
    assert nights.run("graph", "hash").out == before


def test_lineage_names_the_files_and_the_share_where_only_a_part_is_equal(nights: Program, hub: SimulatedHub) -> None:
    night(nights, hub)
    rows = nights.run("lineage", "org/declared", "--format", "json").json()
    assert {row["source"] for row in rows} == {"tag", "card", "files"}
    [row] = nights.run("lineage", "copier/again", "--format", "json").json()
    assert (row["parent"], row["link"], row["source"], row["claimed"]) == ("org/original", "current", "files", "copy")
    assert row["why"] == "both hold the same weight files, such as a.safetensors"
    [row] = nights.run("lineage", "org/part", "--format", "json").json()
    assert (row["parent"], row["link"], row["relation"]) == ("org/original", "partial", None)
    assert (
        "it holds 1 of this model's 2 weight files of this kind, such as a.safetensors; the sets differ" in row["why"]
    )


def test_a_copy_that_was_created_before_its_original_takes_its_place(nights: Program, hub: SimulatedHub) -> None:
    night(nights, hub)
    hub.create(EARLY)
    assert night(nights, hub) == ["early/mirror"]
    assert links(nights, "org/original") == {("early/mirror", "copy", "observed_in_files", "current")}
    assert links(nights, "copier/again") == {("early/mirror", "copy", "observed_in_files", "current")}
    assert links(nights, "org/declared") == {("org/original", "copy", "declared_by_author", "current")}
    # The way to the declared copy leads through the original, which files alone link to the mirror.
    names = ("org/original", "copier/again", "copier/shuffled", "org/declared")
    assert classes(nights, "early/mirror") == {(name, "same_weights", "observed_in_files") for name in names}


def test_an_original_that_is_gone_keeps_its_copies_and_gains_new_ones(nights: Program, hub: SimulatedHub) -> None:
    one = nights.with_settings(HUB_GENEALOGY_ENRICH_FILES="1")
    assert night(one, hub) == ["org/original"]
    hub.delete("org/original")
    assert "org/original" not in night(nights, hub)
    assert classes(nights, "org/original") == COPIES
    assert links(nights, "copier/again") == {("org/original", "copy", "observed_in_files", "current")}


@pytest.mark.parametrize("status", [401, 404])
def test_a_model_that_is_not_there_any_more_keeps_its_links_and_is_not_asked_for_twice(
    nights: Program, hub: SimulatedHub, status: int
) -> None:
    night(nights, hub)
    hub.update(COPY["_id"], {"sha": "e" * 40})
    hub.fault("status", status=status, target="detail")
    assert night(nights, hub) == ["copier/again"]
    assert links(nights, "copier/again") == {("org/original", "copy", "observed_in_files", "current")}
    assert night(nights, hub) == []


def test_files_that_change_are_asked_for_again_and_the_link_is_withdrawn(
    nights: Program, hub: SimulatedHub, files: Path
) -> None:
    night(nights, hub)
    written(files, "copier/again", a__safetensors=THREE)
    assert night(nights, hub) == []
    hub.update(COPY["_id"], {"sha": "e" * 40})
    assert night(nights, hub) == ["copier/again"]
    assert links(nights, "copier/again") == set()
    rows = nights.run("query", "impact", "--model", "org/original", "--format", "json").json()
    assert {row["link_status"] for row in rows if row["id"] == "copier/again"} == {"withdrawn"}


def test_a_killed_crawl_asks_again_for_the_files_that_were_on_their_way_and_for_no_others(
    nights: Program, hub: SimulatedHub
) -> None:
    hub.fault("stall", target="detail", at=5, times=None, seconds=30)
    process = nights.start("crawl")
    for _ in range(600):
        if any(one.faults for one in hub.requests()):
            break
        time.sleep(0.1)
    time.sleep(0.5)  # the others of those four come, too
    process.kill()
    process.communicate()
    [archive] = [Archive(folder) for folder in (nights.home / "archive").iterdir()]
    stored = [answer.name for answer in archive.details()]
    before = asked_for_files(hub)
    hub.heal()
    hub.forget_requests()
    assert nights.run("crawl").code == 0
    again = asked_for_files(hub)
    everything = [one["id"] for one in (ORIGINAL, COPY, SHUFFLED, PART, SMALL, DECLARED)]
    assert sorted(stored + again) == sorted(everything)
    assert len(set(before) & set(again)) <= FILES.at_once
    assert classes(nights, "org/original") == COPIES


def test_the_archive_holds_the_names_and_hashes_of_weights_alone(nights: Program, hub: SimulatedHub) -> None:
    night(nights, hub)
    [file] = (nights.home / "archive").rglob("details.jsonl")
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    names = {line["name"]: [one["name"] for one in line["weights"]] for line in lines}
    assert names["org/declared"] == names["copier/shuffled"] == ["a.safetensors", "b.safetensors"]
    assert names["org/small"] == []


def test_what_is_forgotten_keeps_its_copies(nights: Program, hub: SimulatedHub, files: Path) -> None:
    written(files, "copier/again", copier__bin=THREE)
    night(nights, hub)
    result = nights.run("forget", "copier", "--yes")
    assert result.code == 0, result.err
    assert not [row for row in classes(nights, "org/original") if row[0].startswith("copier/")]
    assert night(nights, hub) == []
    assert len(classes(nights, "org/original")) == len(COPIES)
