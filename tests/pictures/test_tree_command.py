"""`hub-genealogy tree` as a user runs it."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from crawler.graph.connection import Connection
from tests.support.golden import sample_graph
from tests.support.golden_pictures import PICTURES, REPOSITORY, draw
from tests.support.lineage_graph import link, model, write
from tests.support.program import CHECKOUT, Program, Result

BASE = "mistralai/Mistral-7B-v0.1"


@pytest.fixture(scope="module")
def sample(connection: Connection) -> Iterator[Connection]:
    """The graph of the sample, and a family beside it that is too large for a row each."""
    with sample_graph(connection) as graph:
        children = [f"large/child-{n}" for n in range(50)]
        write(
            graph,
            [model("large/root"), *map(model, children)],
            [link(one, "large/root", "adapter") for one in children],
        )
        yield connection


def run(connection: Connection, home: Path, *arguments: str) -> Result:
    return Program(home, connection, {}).run("tree", *arguments)


@pytest.mark.parametrize("name", PICTURES)
def test_the_pictures_of_the_sample_are_those_that_were_looked_at(
    sample: Connection, tmp_path: Path, name: str
) -> None:
    assert draw(sample, tmp_path, name) == (REPOSITORY / name).read_text(encoding="utf-8")


def test_the_picture_goes_to_stdout_and_what_it_rests_on_to_stderr(sample: Connection, tmp_path: Path) -> None:
    done = run(sample, tmp_path, "HuggingFaceH4/Zephyr-7B-beta")
    assert done.code == 0
    assert "HuggingFaceH4/zephyr-7b-beta" in done.out.splitlines()
    assert done.messages[0] == "HuggingFaceH4/Zephyr-7B-beta: taken as HuggingFaceH4/zephyr-7b-beta"
    assert done.messages[-1].startswith("as of crawl ")
    assert "known lineage only" in done.messages[-1]


def test_an_unknown_name_is_an_error_that_names_the_nearest(sample: Connection, tmp_path: Path) -> None:
    refused = run(sample, tmp_path, "HuggingFaceH4/zephyr-7b-betta")
    assert (refused.code, refused.out) == (1, "")
    assert "nearest: HuggingFaceH4/zephyr-7b-beta" in refused.messages[-1]


def test_a_renamed_and_a_gone_model_are_said(sample: Connection, tmp_path: Path) -> None:
    renamed = run(sample, tmp_path, "meta-llama/Meta-Llama-3.1-8B")
    assert renamed.messages[0] == "meta-llama/Meta-Llama-3.1-8B is now called meta-llama/Llama-3.1-8B"
    gone = run(sample, tmp_path, "example-lab/llama-2-7b-recipes")
    assert gone.messages[0] == "example-lab/llama-2-7b-recipes is gone: deleted or private now"
    assert "example-lab/llama-2-7b-recipes (gone)" in gone.out.splitlines()


def test_links_that_are_no_longer_declared_are_marked_or_left_out_and_counted(
    sample: Connection, tmp_path: Path
) -> None:
    followed = run(sample, tmp_path, BASE, "--include-withdrawn")
    assert "example-lab/pinned-mistral (no longer declared)" in followed.out
    left_out = run(sample, tmp_path, BASE)
    assert "pinned-mistral" not in left_out.out
    said = "1 model more is related by links that are no longer declared; --include-withdrawn shows them"
    assert said in left_out.messages
    assert said not in followed.messages


def test_what_is_farther_away_than_asked_for_is_counted(sample: Connection, tmp_path: Path) -> None:
    done = run(sample, tmp_path, BASE, "--max-depth", "1")
    assert "more not shown" in done.out
    [said] = [message for message in done.messages if "more than 1 step away, and only counted" in message]
    number = int(said.split()[0])
    assert f"{number} are not shown" in done.out
    assert run(sample, tmp_path, BASE, "--max-depth", "0").code == 2


def test_models_that_share_a_row_are_said_and_all_shows_each(sample: Connection, tmp_path: Path) -> None:
    grouped = run(sample, tmp_path, "large/root")
    assert "50 models: large/child-0, " in grouped.out
    assert "50 models without children share 1 row; --all gives each of them its own" in grouped.messages
    every = run(sample, tmp_path, "large/root", "--all")
    assert sum("large/child-" in line for line in every.out.splitlines()) == 50
    assert not [message for message in every.messages if "--all" in message]
    page = run(sample, tmp_path, "large/root", "--format", "html")
    assert page.out.count("<details>") == 1
    assert not [message for message in page.messages if "--all" in message]


def test_a_day_before_the_first_crawl_is_refused(sample: Connection, tmp_path: Path) -> None:
    refused = run(sample, tmp_path, BASE, "--as-of", "2020-01-01")
    assert (refused.code, refused.out) == (1, "")
    assert "before the first crawl" in refused.messages[-1]
    mistyped = run(sample, tmp_path, BASE, "--as-of", "yesterday")
    assert mistyped.code == 2
    assert "--as-of takes a day or a time such as 2025-03-01" in mistyped.messages[-1]


def test_two_pictures_of_one_graph_are_the_same_bytes(sample: Connection, tmp_path: Path) -> None:
    for shape in ("svg", "html", "dot", "mermaid"):
        first, second = (run(sample, tmp_path, BASE, "--format", shape).out for _ in range(2))
        assert first == second
    ET.fromstring(run(sample, tmp_path, BASE, "--format", "svg").out)  # noqa: S314  # our own


def test_the_picture_comes_first_where_stdout_and_stderr_are_one_file(sample: Connection, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "crawler", "tree", BASE]
    program = Program(tmp_path, sample, {"HUB_GENEALOGY_LOG_FORMAT": "text"})
    with (tmp_path / "both").open("w", encoding="utf-8") as both:
        subprocess.run(command, check=True, stdout=both, stderr=both, env=program.environment, cwd=CHECKOUT, timeout=60)
    lines = (tmp_path / "both").read_text(encoding="utf-8").splitlines()
    assert lines[1] == BASE
    assert lines[-1].startswith("as of crawl ")
