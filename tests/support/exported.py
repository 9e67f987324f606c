"""A graph for the documents that `export` writes: everything that such a document could stumble over."""

import re
from pathlib import Path
from urllib.parse import quote

from crawler.graph.connection import Connection, Graph
from tests.support.graph_parts import UNHEARD_OF, write_crawls, write_licenses, write_owners
from tests.support.lineage_graph import day, link, model, write, write_dataset
from tests.support.program import Program

HOSTILE = "a/<b>&\"'\n\x00\x01\x1b[31m\ufffe\u202e{}:@?#%2F é\U0001f600"
HOSTILE_SET = "sets/\"<a>\n\u202e'"
# Characters that steer a terminal: they stand in a document as escapes.
STEERING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]")
MANY = [f"many/parent-{number}" for number in range(300)]


def program(connection: Connection, graph: Graph, home: Path) -> Program:
    """The program on that graph."""
    write(
        graph,
        [
            model("gpt2", revision="ABC0123", license="mit"),
            model("a/root", owner="a", revision="0" * 40, gated="false", pipeline_tag="text-generation",
                  model_type="mistral", architectures=["MistralForCausalLM"], parameters=7, created_at=day(1)),
            model("a/lora", owner="a", revision="1" * 40),
            model("a/twin", owner="a"),
            model("a/other", owner="a", status="gone", gone_at=day(2)),
            model(HOSTILE, owner="a", url=f"https://huggingface.co/{quote(HOSTILE)}"),
            {"key": "absent:no/where", "id": "No/Where", "status": "absent", "first_seen": day(1)},
            model("many/merge"), *(model(name) for name in MANY),
        ],
        [
            link("a/root", "gpt2"),
            link("a/root", "a/root"),
            link("a/lora", "a/root", "adapter", declared_as=["a/root", "A/Root"]),
            link("a/lora", HOSTILE, "merge", sources=["card"]),
            {**link("a/lora", ""), "parent": "absent:no/where"},
            link("a/lora", "a/other", "quantized", status="withdrawn", withdrawn_at=day(2)),
            link("a/twin", "a/other"), link("a/other", "a/twin"),
            *(link("many/merge", name, "merge") for name in MANY),
        ],
    )  # fmt: skip
    write_licenses(graph, {"A/ROOT": ["apache-2.0", "openrail", UNHEARD_OF], "A/LORA": ["mit"]})
    write_owners(graph)
    write_dataset(graph, "sets/corpus", ["A/ROOT"])
    write_dataset(graph, HOSTILE_SET, ["A/LORA"])
    write_crawls(graph, {"id": "c1"})
    return Program(home, connection, {})
