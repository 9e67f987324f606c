"""The golden results: what each saved query answers on the sample graph, read by eye before it was committed.

`tests/answers/golden/<topic>/<name>.json` holds cases of one query:

    {"cases": [{"shows": "…", "parameters": {"model": "…"}, "rows": [{"id": "…", …}]}]}

Parameters that a case leaves out have their defaults. A column whose value depends on the day or the version stands
under "leave_out" with the reason: `{"cases": […], "leave_out": {"age": "counted from today"}}`.

A case has one right answer: where a query may show one of several, as `path` may, ask where there is only one.

`python -m tests.support.golden [NAME…]` writes the rows anew, of all queries or of those named: add a case without rows
and run it. A query that has no file gets one with the parameters of its example. Then read the rows against
demo/sample/README.md and the changes below: what is wrong in them stays wrong until somebody sees it.
"""

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import neo4j

from crawler import crawl, settings
from crawler.answers.values import plain
from crawler.graph.connection import Connection, Graph, open_connection
from crawler.stages import Options
from demo.sample_hub import sample_hub
from tests.support.lineage_graph import LIBRARY, ask
from tests.support.neo4j_for_tests import empty, neo4j_for_tests

GOLDEN = Path(__file__).parents[1] / "answers" / "golden"

# The sample is crawled twice, at these times, and in between this happened to it. All of it is made up.
FIRST_CRAWL = datetime(2025, 10, 1, 3, tzinfo=UTC)
SECOND_CRAWL = datetime(2025, 10, 8, 3, tzinfo=UTC)
_NEW = {
    "author": "example-lab",
    "private": False,
    "gated": False,
    "disabled": False,
    "downloads": 10,
    "likes": 0,
    "pipeline_tag": "text-generation",
    "library_name": "transformers",
}
CHANGES: list[dict[str, Any]] = [
    # A parent goes: example-lab/llama-2-7b-recipes-GGUF stays, below a model that is gone.
    {"op": "delete", "_id": "example-lab/llama-2-7b-recipes"},
    # A model gets another name, and keeps its key.
    {"op": "rename", "_id": "example-lab/two-teachers-7b", "to": "example-lab/two-mentors-7b"},
    # Somebody else registers the name that the renamed model gave up.
    {
        "op": "create",
        "record": _NEW
        | {
            "_id": "68e300000000000000000004",
            "id": "example-lab/two-teachers-7b",
            "createdAt": "2025-10-06T21:15:44.000Z",
            "lastModified": "2025-10-06T21:16:00.000Z",
            "tags": ["transformers", "pytorch", "text-generation", "license:mit", "region:us"],
            "cardData": {"license": "mit"},
        },
    },
    # A child no longer says what it was made from: its link to mistralai/Mistral-7B-v0.1 is withdrawn.
    {"op": "update", "_id": "example-lab/pinned-mistral", "fields": {"cardData": {"license": "apache-2.0"}}},
    # A quantised copy of a copy is new, in files that run code when they are loaded.
    {
        "op": "create",
        "record": _NEW
        | {
            "_id": "68e100000000000000000001",
            "id": "example-lab/zephyr-7b-beta-4bit",
            "createdAt": "2025-10-04T11:10:08.000Z",
            "lastModified": "2025-10-04T11:12:00.000Z",
            "tags": [
                "transformers",
                "pytorch",
                "mistral",
                "text-generation",
                "base_model:HuggingFaceH4/zephyr-7b-beta",
                "base_model:quantized:HuggingFaceH4/zephyr-7b-beta",
                "license:mit",
                "region:us",
            ],
            "cardData": {"license": "mit", "base_model": "HuggingFaceH4/zephyr-7b-beta"},
            "baseModels": {
                "relation": "quantized",
                "models": [{"_id": "653a4cbd3e4a2610d41e835a", "id": "HuggingFaceH4/zephyr-7b-beta"}],
            },
        },
    },
    # A copy says of what it is one by its name alone.
    {
        "op": "create",
        "record": _NEW
        | {
            "_id": "68e200000000000000000002",
            "id": "example-lab/phi-2-AWQ",
            "createdAt": "2025-10-05T07:40:31.000Z",
            "lastModified": "2025-10-05T07:41:00.000Z",
            "tags": [
                "transformers",
                "safetensors",
                "phi",
                "text-generation",
                "awq",
                "4-bit",
                "license:mit",
                "region:us",
            ],
            "cardData": {"license": "mit"},
            "config": {
                "architectures": ["PhiForCausalLM"],
                "model_type": "phi",
                "quantization_config": {"quant_method": "awq", "bits": 4},
            },
            "safetensors": {"parameters": {"I32": 347460480, "F16": 262684160}, "total": 610144640},
        },
    },
    # Another names its parent, but only its files show that it is a quantised copy.
    {
        "op": "create",
        "record": _NEW
        | {
            "_id": "68e200000000000000000003",
            "id": "example-lab/phi-2-notes",
            "createdAt": "2025-10-05T08:02:17.000Z",
            "lastModified": "2025-10-05T08:03:00.000Z",
            "tags": [
                "transformers",
                "gguf",
                "text-generation",
                "base_model:microsoft/phi-2",
                "license:mit",
                "region:us",
            ],
            "cardData": {"license": "mit", "base_model": "microsoft/phi-2"},
            "gguf": {"total": 2779683840, "architecture": "phi2", "context_length": 2048},
        },
    },
]


@contextmanager
def sample_graph(connection: Connection) -> Iterator[Graph]:
    """The graph of the sample, in place of whatever was there: crawled, changed and crawled again."""
    with (
        tempfile.TemporaryDirectory(prefix="hub-genealogy-golden-") as home,
        sample_hub() as hub,
        open_connection(connection) as graph,
    ):
        empty(graph)
        found = settings.load(
            environment={
                "HUB_GENEALOGY_HOME": home,
                "HF_ENDPOINT": hub.url,
                "HUB_GENEALOGY_SWEEP_MAX_TAIL_AGE": "off",
                "HUB_GENEALOGY_HUB_MAX_CLOCK_SKEW": "off",
                "NEO4J_URI": connection.uri,
                "NEO4J_USERNAME": connection.username,
                "NEO4J_PASSWORD": connection.password,
                "NEO4J_DATABASE": connection.database,
            }
        )
        crawl.crawl(found, Options(), lambda: FIRST_CRAWL)
        hub.apply(CHANGES)
        crawl.crawl(found, Options(), lambda: SECOND_CRAWL)
        with graph.session() as session:
            session.run("CALL db.awaitIndexes(120)").consume()
        yield graph


def path_of(name: str) -> Path:
    return GOLDEN / LIBRARY[name].topic / f"{name}.json"


def read(name: str) -> dict[str, Any]:
    """The golden results of a query."""
    content: dict[str, Any] = json.loads(path_of(name).read_text(encoding="utf-8"))
    return content


def answered(graph: Graph, name: str, case: Mapping[str, Any], leave_out: Mapping[str, str]) -> list[dict[str, Any]]:
    """What the query answers to a case, as JSON holds it."""
    rows = [
        {column: value for column, value in row.items() if column not in leave_out}
        for row in ask(graph, name, **case["parameters"])
    ]
    return json.loads(json.dumps(rows, default=plain))  # type: ignore[no-any-return]  # it is what went in


def _new_case(graph: Graph, name: str) -> dict[str, Any]:
    """A case of the query's example: its parameters that differ from their defaults."""
    query = LIBRARY[name]
    with graph.session(neo4j.READ_ACCESS) as session:
        example = session.run(f"RETURN {query.example} AS example").single(strict=True)["example"]
    given = {p.name: example[p.name] for p in query.parameters if p.required or example[p.name] != p.default}
    return {"shows": "the example", "parameters": json.loads(json.dumps(given, default=plain))}


def _text(content: Mapping[str, Any]) -> str:
    """JSON with each row on a line of its own."""
    marks: dict[str, str] = {}

    def mark(row: Any) -> str:
        marks[f"@{len(marks)}@"] = json.dumps(row, ensure_ascii=False)
        return f"@{len(marks) - 1}@"

    lined = {**content, "cases": [{**case, "rows": [mark(row) for row in case["rows"]]} for case in content["cases"]]}
    text = json.dumps(lined, ensure_ascii=False, indent=1)
    for found, row in marks.items():
        text = text.replace(f'"{found}"', row, 1)
    return text + "\n"


def write(graph: Graph, name: str) -> bool:
    """Write the rows of a query's golden results anew; whether the file changed."""
    path = path_of(name)
    content: dict[str, Any] = read(name) if path.exists() else {"cases": [_new_case(graph, name)]}
    leave_out = content.get("leave_out", {})
    content["cases"] = [{**case, "rows": answered(graph, name, case, leave_out)} for case in content["cases"]]
    before = path.read_text(encoding="utf-8") if path.exists() else None
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_text(content), encoding="utf-8")
    return before != path.read_text(encoding="utf-8")


def main(names: list[str]) -> None:
    """Write the golden results of the named queries, or of all."""
    with (
        neo4j_for_tests(settings.load(), lambda text: print(text, file=sys.stderr)) as connection,
        sample_graph(connection) as graph,
    ):
        for name in names or LIBRARY:
            changed = write(graph, LIBRARY.find(name).name)
            print(f"{'written' if changed else 'as it was'}: {path_of(name).relative_to(GOLDEN)}")


if __name__ == "__main__":
    main(sys.argv[1:])
