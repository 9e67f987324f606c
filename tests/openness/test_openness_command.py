"""`hub-genealogy openness` as a user runs it, on the graph of the sample."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.graph.connection import Connection, Graph
from crawler.openness.rules import CRITERIA
from tests.openness.test_curated import FILE
from tests.support.golden import sample_graph
from tests.support.lineage_graph import ask
from tests.support.program import CHECKOUT, Program, Result

ZEPHYR = "HuggingFaceH4/zephyr-7b-beta"


@pytest.fixture(scope="module")
def sample_of(connection: Connection) -> Iterator[Graph]:
    with sample_graph(connection) as graph:
        yield graph


@pytest.fixture
def sample(sample_of: Graph, connection: Connection) -> Connection:
    del sample_of
    return connection


def run(connection: Connection, home: Path, *arguments: str) -> Result:
    return Program(home, connection, {}).run("openness", *arguments)


def test_it_prints_what_the_saved_query_prints_in_every_format(sample: Connection, tmp_path: Path) -> None:
    for output_format in ("table", "json", "jsonl", "csv"):
        asked = Program(tmp_path, sample, {}).run("query", "openness_of", ZEPHYR, "--format", output_format)
        done = run(sample, tmp_path, ZEPHYR, "--format", output_format)
        assert (done.code, done.out) == (0, asked.out)
    rows = json.loads(run(sample, tmp_path, ZEPHYR, "--format", "json").out)
    assert [row["criterion"] for row in rows] == list(CRITERIA)
    assert {row["criterion"]: row["verdict"] for row in rows} == dict.fromkeys(CRITERIA, "not derivable") | {
        "llmweights": "open",
        "rldata": "open",
        "rlweights": "open",
        "license": "open",
        "architecture": "partial",
        "preprint": "partial",
        "modelcard": "partial",
        "package": "partial",
        "api": "open",
    }


def test_the_ten_models_of_the_documentation_have_the_verdicts_that_stand_there(sample_of: Graph) -> None:
    lines = (CHECKOUT / "docs" / "openness.md").read_text(encoding="utf-8").splitlines()
    header = next(place for place, line in enumerate(lines) if line.startswith("| model |"))
    table = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[header : header + 12]]
    assert table[0][1:] == list(CRITERIA)
    letters = {"open": "o", "partial": "p", "closed": "c", "not derivable": "-"}
    pairs = []
    for name, *cells in table[2:]:
        rows = ask(sample_of, "openness_of", model=name)
        assert [letters[row["verdict"]] for row in rows] == [cell[0] for cell in cells], name
        pairs += [tuple(cell.split()) for cell in cells]
    unknown, same = sum(ours == "-" for ours, _ in pairs), sum(ours == index for ours, index in pairs)
    assert f"Of {len(pairs)} verdicts, {unknown} are not derivable, {same} are the same" in "\n".join(lines)


def test_the_crawl_is_said_on_stderr(sample: Connection, tmp_path: Path) -> None:
    done = run(sample, tmp_path, "huggingfaceh4/zephyr-7b-beta")
    assert done.messages[0] == f"huggingfaceh4/zephyr-7b-beta: taken as {ZEPHYR}"
    assert done.messages[-1].startswith("as of crawl ")


def test_an_unknown_name_is_an_error_with_the_nearest_names(sample: Connection, tmp_path: Path) -> None:
    done = run(sample, tmp_path, "HuggingFaceH4/zefyr-7b-beta")
    assert (done.code, done.out) == (1, "")
    assert ZEPHYR in done.messages[-1]


@pytest.mark.parametrize(
    ("name", "status", "said"),
    [
        ("example-lab/llama-2-7b-recipes", "gone", "is gone: deleted or private now"),
        ("runwayml/stable-diffusion-v1-5", "absent", "is absent: named by others, but in no listing so far"),
    ],
)
def test_a_gone_or_absent_model_says_what_it_is(
    sample: Connection, tmp_path: Path, name: str, status: str, said: str
) -> None:
    done = run(sample, tmp_path, name, "--format", "json")
    rows = json.loads(done.out)
    assert len(rows) == len(CRITERIA)
    assert {row["status"] for row in rows if row["id"] == name} == {status}
    assert any(said in message for message in done.messages)


def test_a_curated_file_is_laid_beside_it_and_named(sample: Connection, tmp_path: Path) -> None:
    file = tmp_path / "example.yaml"
    file.write_text(FILE.replace("llmweights:\n    class:", "llmweights:\n    class: partial"), encoding="utf-8")
    done = run(sample, tmp_path, ZEPHYR, "--curated", str(file), "--format", "csv")
    rows = {row["criterion"]: row for row in csv.DictReader(io.StringIO(done.out))}
    assert {name: (row["agreement"], row["curated"]) for name, row in rows.items() if row["curated"]} == {
        "opencode": ("only the file", "partial"),
        "llmdata": ("only the file", "closed"),
        "llmweights": ("differs", "partial"),
    }
    assert {row["curated_source"] for row in rows.values()} == {"https://huggingface.co/example-lab/example-7b"}
    assert rows["opencode"]["curated_url"] == "https://example.org/code"
    assert (
        f"{file} is about Example 7B: 0 verdicts are the same, 1 differs (llmweights), 2 only in the file"
        in done.messages
    )
    assert f"{file} is about example-lab/example-7b, not about {ZEPHYR}: compare with care" in done.messages


def test_a_curated_file_that_is_wrong_stops_it_before_anything_is_asked(sample: Connection, tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text("license: {class: maybe}", encoding="utf-8")
    done = run(sample, tmp_path, ZEPHYR, "--curated", str(file))
    assert (done.code, done.out) == (2, "")
    assert done.messages[-1].startswith(f"{file}: license.class is 'maybe'")
    assert run(sample, tmp_path, ZEPHYR, "--curated", str(file), "--family").code == 2


def test_a_family_shows_what_its_members_opened_and_closed(sample: Connection, tmp_path: Path) -> None:
    done = run(sample, tmp_path, "google/gemma-7b", "--family", "--format", "json")
    rows = json.loads(done.out)
    assert {row["parent"] for row in rows} >= {"google/gemma-7b"}
    assert [row["created_at"] for row in rows] == sorted(row["created_at"] for row in rows)
    quantized = {row["criterion"]: row["change"] for row in rows if row["id"] == "unsloth/gemma-7b-bnb-4bit"}
    assert quantized["llmweights"] == "opened"
    assert quantized["license"] == "opened"


def test_a_model_without_relatives_has_no_row_and_says_why(sample: Connection, tmp_path: Path) -> None:
    done = run(sample, tmp_path, "dslim/bert-base-NER", "--family")
    assert done.code == 0
    assert any(message.startswith("no rows: ") for message in done.messages)
