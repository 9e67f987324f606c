"""The saved query `openness_of` and the rules in Python say the same, on a real Neo4j; and the reader reads what they need."""

import random
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import pytest

from crawler.answers.run import read_session
from crawler.graph.connection import Connection, Graph
from crawler.openness.read import read_family, read_model
from crawler.openness.rules import CRITERIA, judge
from crawler.openness.steps import changes
from tests.support.graph_parts import write_licenses
from tests.support.lineage_graph import ask, link, model, opened, write

MODELS = [f"m/{number:02}" for number in range(60)]
LICENCES = ("mit", "apache-2.0", "llama2", "cc-by-4.0", "cc-by-nc-4.0", "other", "gpl", "made-up")


@pytest.fixture(scope="module")
def random_graph(connection: Connection) -> Iterator[Graph]:
    """Models with anything in any place, in families, circles and alone."""
    chance = random.Random(18)
    with opened(connection) as graph:
        write(graph, [model(name, **_properties(chance)) for name in MODELS], _links(chance))
        write_licenses(graph, {name.upper(): chance.sample(LICENCES, chance.choice((0, 1, 1, 2))) for name in MODELS})
        with graph.session() as session:
            session.run(
                "UNWIND $rows AS row CREATE (d:Dataset {id: row.id, id_lower: row.id}) SET d += row.known "
                "WITH d, row UNWIND row.models AS key MATCH (m:Model {key: key}) CREATE (m)-[:TRAINED_ON]->(d)",
                rows=[
                    {
                        "id": f"data/{number:02}",
                        "known": chance.choice(
                            (
                                {},
                                {"status": "listed", "gated": "false"},
                                {"status": "listed", "gated": "auto"},
                                {"status": "gone"},
                            )
                        ),
                        "models": [name.upper() for name in chance.sample(MODELS, 6)],
                    }
                    for number in range(14)
                ],
            ).consume()
        yield graph


def _properties(chance: random.Random) -> dict[str, Any]:
    def some(*values: Any) -> Any:
        return chance.choice((None, *values))

    status = chance.choice(("listed",) * 6 + ("gone", "gone", "absent"))
    found = {
        "status": status,
        "gone_reason": some("deleted_or_private", "unknown") if status == "gone" else None,
        "gated": some("false", "false", "auto", "manual"),
        "disabled": some(False, False, True),
        "weight_formats": some(["safetensors"], ["gguf", "safetensors"]),
        "parameters": some(7),
        "library": some("transformers", "peft"),
        "providers": some(["novita"], ["hf-inference", "novita"]),
        "model_type": some("mistral"),
        "architectures": some(["A"], ["A", "B"]),
        "has_card": some(True, False),
        "languages": some(["en"]),
        "pipeline_tag": some("text-generation"),
        "papers": some(
            ["arxiv:2310.06825"], ["doi:10.57967/hf/1"], ["doi:10.1/x", "arxiv:2301.00001"], ["doi:10.48550/arXiv.1"]
        ),
    }
    return {name: value for name, value in found.items() if value is not None}


def _links(chance: random.Random) -> list[dict[str, Any]]:
    kinds = ("quantized", "quantized", "finetune", "adapter", "merge", "unknown")
    ends = {(chance.choice(MODELS), chance.choice(MODELS)) for _ in range(45)} | {("m/00", "m/01"), ("m/01", "m/00")}
    return [
        link(child, parent, chance.choice(kinds), status=chance.choice(("current", "current", "withdrawn")))
        for child, parent in sorted(ends)
    ]


def test_the_saved_query_and_the_rules_say_the_same_of_every_model(random_graph: Graph) -> None:
    verdicts = set()
    for name in MODELS:
        with read_session(random_graph) as session:
            found = judge(read_model(session, name.upper()).facts(name.upper()))
        assert ask(random_graph, "openness_of", model=name) == [asdict(one) for one in found], name
        verdicts |= {(one.criterion, one.verdict, one.reason) for one in found}
    assert {verdict for _, verdict, _ in verdicts} == {"open", "partial", "closed", "not derivable"}
    assert len(verdicts) > 45  # of about 50 that there are: the families show them


def test_a_family_holds_what_the_rules_need_of_each_member(random_graph: Graph) -> None:
    differences = 0
    for name in MODELS[::6]:
        with read_session(random_graph) as session:
            family, steps = read_family(session, name.upper())
            for change in changes(family, steps):
                differences += 1
                for record, finding in ((change.child, change.after), (change.parent, change.before)):
                    alone = judge(read_model(session, record.key).facts(record.key))
                    assert finding == alone[list(CRITERIA).index(finding.criterion)]
    assert differences


def test_a_name_that_the_graph_does_not_have_gives_no_row(random_graph: Graph) -> None:
    assert ask(random_graph, "openness_of", model="m/none") == []
