"""`export prov`, read with the library `prov`."""

from pathlib import Path
from typing import Any

import pytest
from prov.model import ProvAgent, ProvAttribution, ProvDerivation, ProvDocument, ProvEntity

from crawler.graph.connection import Connection, Graph
from tests.support.exported import HOSTILE, HOSTILE_SET, MANY, STEERING
from tests.support.exported import program as exported
from tests.support.program import Program


@pytest.fixture
def program(connection: Connection, graph: Graph, tmp_path: Path) -> Program:
    return exported(connection, graph, tmp_path / "home")


class Read:
    """What the library makes of a document."""

    def __init__(self, program: Program, *arguments: str) -> None:
        done = program.run("export", "prov", *arguments)
        assert done.code == 0, done.err
        assert not STEERING.search(done.out)
        self.document = ProvDocument.deserialize(content=done.out, format="json")
        self.names = {
            one.identifier: str(next(iter(one.get_attribute("prov:label"))))
            for kind in (ProvEntity, ProvAgent)
            for one in self.document.get_records(kind)
            if one.get_attribute("prov:label")
        }

    def pairs(self, kind: Any) -> set[tuple[str, str]]:
        return {(self.names[one.args[0]], self.names[one.args[1]]) for one in self.document.get_records(kind)}

    def values(self, name: str, attribute: str) -> set[Any]:
        [found] = [one for one in self.document.get_records(ProvEntity) if self.names.get(one.identifier) == name]
        return set(found.get_attribute(f"graph:{attribute}"))


def test_a_family_is_read_as_entities_derivations_and_attributions(program: Program) -> None:
    found = Read(program, "a/root")
    assert found.pairs(ProvDerivation) == {
        ("a/root", "gpt2"), ("a/lora", "a/root"), ("a/root", "sets/corpus"), ("a/lora", HOSTILE_SET),
    }  # fmt: skip
    assert found.pairs(ProvAttribution) == {("a/root", "a"), ("a/lora", "a")}
    assert set(found.names.values()) == {"gpt2", "a/root", "a/lora", "sets/corpus", HOSTILE_SET, "a"}


def test_properties_keep_their_types(program: Program) -> None:
    found = Read(program, "a/root")
    assert found.values("a/root", "parameters") == {7}
    assert {one.year for one in found.values("a/root", "created_at")} == {2025}
    [export] = [one for one in found.document.get_records(ProvEntity) if one.identifier not in found.names]
    assert export.get_attribute("graph:crawl") == {"c1"}


def test_evidence_stands_with_each_derivation(program: Program) -> None:
    found = Read(program, "a/lora")
    [link] = [
        one for one in found.document.get_records(ProvDerivation)
        if found.names[one.args[0]] == "a/lora" and found.names[one.args[1]] == "a/root"
    ]  # fmt: skip
    assert link.get_attribute("graph:sources") == {"hub", "tag"}
    assert link.get_attribute("graph:declared_as") == {"a/root", "A/Root"}
    assert link.get_attribute("graph:relation") == {"adapter"}


def test_hostile_absent_gone_and_ring_shaped_relatives_are_there(program: Program) -> None:
    found = Read(program, "a/lora", "--include-withdrawn")
    assert {("a/lora", HOSTILE), ("a/lora", "No/Where"), ("a/other", "a/twin"), ("a/twin", "a/other")} <= found.pairs(
        ProvDerivation
    )
    assert found.values("a/other", "status") == {"gone"}


def test_three_hundred_parents_are_all_there(program: Program) -> None:
    assert Read(program, "many/merge").pairs(ProvDerivation) == {("many/merge", name) for name in MANY}


def test_filters_restrict_a_family(program: Program) -> None:
    assert Read(program, "a/lora", "--along", "adapter", "--label", "Model").pairs(ProvDerivation) == {
        ("a/lora", "a/root")
    }


def test_an_unknown_name_ends_with_1_and_leaves_the_file_that_is_there(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "out.json"
    file.write_text("mine")
    done = program.run("export", "prov", "a/rot", "--to", str(file))
    assert (done.code, done.out, file.read_text(), len(done.messages)) == (1, "", "mine", 1)
    assert program.run("export", "prov", "a/root", "--to", str(file)).code == 0
    assert "wasDerivedFrom" in file.read_text()
