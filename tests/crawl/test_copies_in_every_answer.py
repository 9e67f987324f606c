"""Copies that nobody declares, in every saved query that follows links and in the dossier.

org/original and its copies hold the same two weight files: copier/again in the same order, copier/shuffled in another one.
early/mirror was created before the original, though it holds the same. Then the original goes.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from crawler.graph.connection import Connection
from crawler.records.weights import LEAST_SIZE
from demo.simulated_hub import SimulatedHub
from tests.support.lineage_graph import opened
from tests.support.program import Program
from tests.support.small_hub import model

ONE, TWO = (bytes([number]) * LEAST_SIZE for number in (1, 2))
# Name, month of its creation, the contents of its shards.
HOLDERS = (
    ("early/mirror", 2, (ONE, TWO)),
    ("org/original", 3, (ONE, TWO)),
    ("copier/again", 5, (ONE, TWO)),
    ("copier/shuffled", 6, (TWO, ONE)),
)
MIRROR, ORIGINAL, AGAIN, SHUFFLED = (name for name, _month, _shards in HOLDERS)
TUNED = model(
    19,
    "org/tuned",
    createdAt="2024-07-01T00:00:00.000Z",
    cardData={"base_model": ORIGINAL},
    tags=[f"base_model:{ORIGINAL}", f"base_model:finetune:{ORIGINAL}"],
)
FILES = "observed_in_files"


@pytest.fixture(scope="module")
def answers(connection: Connection, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """The program when the original is gone, and all files were asked for before."""
    folder = tmp_path_factory.mktemp("copies")
    models = [TUNED]
    for number, (name, month, shards) in enumerate(HOLDERS, start=11):
        (folder / "files" / name).mkdir(parents=True)
        for place, content in enumerate(shards, start=1):
            (folder / "files" / name / f"model-0000{place}-of-00002.safetensors").write_bytes(content)
        models.append(model(number, name, createdAt=f"2024-{month:02}-01T00:00:00.000Z", tags=["safetensors"]))
    with SimulatedHub(models, files=folder / "files") as hub:
        settings = {
            "HF_ENDPOINT": hub.url,
            "HUB_GENEALOGY_ENRICH_FILES": "9",
            "HUB_GENEALOGY_SWEEP_MAX_VANISHED_SHARE": "1",
        }
        program = Program(folder / "home", connection, settings)
        with opened(connection):
            program.crawl()
            hub.delete(ORIGINAL)
            program.crawl()
            yield program


def rows(answers: Program, query: str, name: str, *columns: str, **others: str) -> set[tuple[Any, ...]]:
    given = [part for key, value in {"model": name, **others}.items() for part in ("-p", f"{key}={value}")]
    result = answers.run("query", query, *given, "--format", "json")
    assert result.code == 0, result.err
    return {tuple(row[column] for column in columns) for row in result.json()}


def test_the_oldest_holder_is_the_parent_of_all_others(answers: Program) -> None:
    for name in (ORIGINAL, AGAIN, SHUFFLED):
        assert rows(answers, "parents", name, "id", "relation", "certainty") == {(MIRROR, "copy", FILES)}
        assert rows(answers, "roots", name, "id", "depth") == {(MIRROR, 1)}
        assert rows(answers, "path", name, "child", "parent", "relation", other=MIRROR) == {(name, MIRROR, "copy")}
        assert (MIRROR, 1, FILES) in rows(answers, "ancestors", name, "id", "depth", "certainty")
    assert rows(answers, "children", MIRROR, "id", "relation", "status") == {
        (ORIGINAL, "copy", "gone"),
        (AGAIN, "copy", "listed"),
        (SHUFFLED, "copy", "listed"),
    }
    assert rows(answers, "siblings", AGAIN, "id") == {(ORIGINAL,), (SHUFFLED,)}
    assert rows(answers, "generations", MIRROR, "depth", "models", "gone", "copies", "finetunes") == {
        (1, 3, 1, 3, 0),
        (2, 1, 0, 0, 1),
    }
    assert (AGAIN,) in rows(answers, "family", SHUFFLED, "id")
    assert rows(answers, "common_ancestors", AGAIN, "id", other=SHUFFLED) == {(MIRROR,)}


def test_copies_hold_the_same_weights_in_the_queries_of_propagation(answers: Program) -> None:
    assert rows(answers, "impact", MIRROR, "id", "class", "certainty", "status") == {
        (ORIGINAL, "same_weights", FILES, "gone"),
        (AGAIN, "same_weights", FILES, "listed"),
        (SHUFFLED, "same_weights", FILES, "listed"),
        ("org/tuned", "retrained", FILES, "listed"),
    }
    everybody = {MIRROR, ORIGINAL, AGAIN, SHUFFLED}
    for name in everybody:
        assert {found for (found,) in rows(answers, "same_weights", name, "id")} | {name} == everybody
    assert rows(answers, "exposure_summary", MIRROR, "class", "status", "models") == {
        ("same_weights", "gone", 1),
        ("same_weights", "listed", 2),
        ("retrained", "listed", 1),
        ("total", None, 4),
    }
    asked = rows(answers, "notify", ORIGINAL, "direction", "wave", "owner")
    assert {("upstream", 1, "early"), ("downstream", 3, "org")} <= asked
    result = answers.run("query", "gone_parents", "--format", "json")
    assert {(row["id"], row["parent"]) for row in result.json()} == {("org/tuned", ORIGINAL)}


def test_the_dossier_has_the_copies_of_the_same_original_and_the_one_that_is_gone(answers: Program) -> None:
    report = answers.run("report", ORIGINAL, "--format", "json").json()
    assert {(row["id"], row["class"]) for row in report["ancestors"]} == {(MIRROR, "same_weights")}
    assert {(row["id"], row["class"]) for row in report["descendants"]} == {("org/tuned", "retrained")}
    assert {row["id"] for row in report["beside"]} == {AGAIN, SHUFFLED}
    report = answers.run("report", MIRROR, "--format", "json").json()
    assert {(row["id"], row["class"], row["status"]) for row in report["descendants"]} == {
        (ORIGINAL, "same_weights", "gone"),
        (AGAIN, "same_weights", "listed"),
        (SHUFFLED, "same_weights", "listed"),
        ("org/tuned", "retrained", "listed"),
    }
