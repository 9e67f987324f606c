"""`export cyclonedx`, checked with the strict validator of CycloneDX's own library."""

from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from crawler.exports.cyclonedx import SPEC_VERSIONS
from crawler.graph.connection import Connection, Graph
from crawler.records.licenses import LICENSES
from tests.support.exported import HOSTILE, HOSTILE_SET, MANY, STEERING
from tests.support.exported import program as exported
from tests.support.lineage_graph import link, model, write
from tests.support.program import Program


@pytest.fixture
def program(connection: Connection, graph: Graph, tmp_path: Path) -> Program:
    return exported(connection, graph, tmp_path / "home")


def bill(program: Program, *arguments: str, version: str = "1.6") -> dict[str, Any]:
    """The bill that the program prints, which is valid."""
    done = program.run("export", "cyclonedx", *arguments, "--spec-version", version)
    assert done.code == 0, done.err
    error = JsonStrictValidator(SchemaVersion.from_version(version)).validate_str(done.out)
    assert error is None, error
    assert not STEERING.search(done.out)
    found: dict[str, Any] = done.json()
    assert found["specVersion"] == version
    return found


def properties(holder: dict[str, Any]) -> dict[str, str]:
    return {one["name"].removeprefix("hub-genealogy:"): one["value"] for one in holder["properties"]}


def name(component: dict[str, Any]) -> str:
    return "/".join(component[part] for part in ("group", "name") if part in component)


def parents(component: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {name(one): one for one in component.get("pedigree", {}).get("ancestors", ())}


@pytest.mark.parametrize("version", SPEC_VERSIONS)
def test_a_bill_has_the_model_with_its_parents_and_every_ancestor_with_its_own(program: Program, version: str) -> None:
    found = bill(program, "a/lora", "--include-withdrawn", version=version)
    model = found["metadata"]["component"]
    assert (model["type"], name(model), model["version"]) == ("machine-learning-model", "a/lora", "1" * 40)
    assert parents(model).keys() == {"a/root", HOSTILE, "No/Where", "a/other"}
    components = {name(one): one for one in found["components"]}
    assert components.keys() == {"a/root", "gpt2", HOSTILE, "No/Where", "a/other", "a/twin"}
    assert parents(components["a/root"]).keys() == {"gpt2"}  # not itself, though it declares that
    assert not any("pedigree" in parent for one in (model, *components.values()) for parent in parents(one).values())
    assert properties(found["metadata"])["crawl"] == "c1"


def test_relation_and_evidence_stand_with_each_parent(program: Program) -> None:
    found = parents(bill(program, "a/lora", "--include-withdrawn")["metadata"]["component"])
    said = {one: properties(found[one]) for one in ("a/root", HOSTILE, "a/other")}
    assert (said["a/root"]["link:relation"], said["a/root"]["link:certainty"]) == ("adapter", "declared_by_hub")
    assert (said["a/root"]["link:sources"], said["a/root"]["link:declared_as"]) == ("hub, tag", "a/root, A/Root")
    assert said[HOSTILE]["link:certainty"] == "declared_by_author"
    assert {one: values["link:status"] for one, values in said.items()} == {
        "a/root": "current", HOSTILE: "current", "a/other": "withdrawn",
    }  # fmt: skip
    assert (said["a/other"]["model:status"], found["a/other"]["publisher"]) == ("gone", "a")


def test_licences_without_an_spdx_id_stand_under_name_and_data_sets_in_the_model_card(program: Program) -> None:
    found = bill(program, "a/lora")
    root = parents(found["metadata"]["component"])["a/root"]
    assert [one["license"] for one in sorted(root["licenses"], key=str)] == [
        {"id": "Apache-2.0"}, {"name": LICENSES["openrail"].name}, {"name": "our-own-license"},
    ]  # fmt: skip
    parameters = root["modelCard"]["modelParameters"]
    assert [one["name"] for one in parameters["datasets"]] == ["sets/corpus"]
    assert (parameters["task"], parameters["modelArchitecture"]) == ("text-generation", "MistralForCausalLM")
    [hostile] = found["metadata"]["component"]["modelCard"]["modelParameters"]["datasets"]
    assert (hostile["type"], hostile["name"]) == ("dataset", HOSTILE_SET)


def test_a_purl_names_owner_name_and_commit_and_a_model_without_owner_or_listing_has_none(program: Program) -> None:
    found = bill(program, "a/lora")
    purls = {name(one): one.get("purl") for one in (found["metadata"]["component"], *found["components"])}
    assert purls["a/lora"] == f"pkg:huggingface/a/lora@{'1' * 40}"
    assert (purls["gpt2"], purls["No/Where"]) == (None, None)
    read = PackageURL.from_string(purls[HOSTILE] or "")
    assert (read.type, f"{read.namespace}/{read.name}", read.version) == ("huggingface", HOSTILE, None)
    assert bill(program, "gpt2")["metadata"]["component"]["version"] == "ABC0123"


def test_a_purl_keeps_the_case_of_names_and_has_the_commit_in_lower_case(program: Program, graph: Graph) -> None:
    write(graph, [model("Maker/Big", revision="ABCDEF")], [link("a/lora", "Maker/Big")])
    assert (
        parents(bill(program, "a/lora")["metadata"]["component"])["Maker/Big"]["purl"]
        == "pkg:huggingface/Maker/Big@abcdef"
    )


def test_models_on_a_cycle_are_each_others_ancestor_once(program: Program) -> None:
    found = bill(program, "a/twin")
    assert parents(found["metadata"]["component"]).keys() == {"a/other"}
    assert [(name(one), *parents(one)) for one in found["components"]] == [("a/other", "a/twin")]


def test_three_hundred_parents_are_all_there(program: Program) -> None:
    found = bill(program, "many/merge")
    assert parents(found["metadata"]["component"]).keys() == set(MANY)
    assert len(found["components"]) == 300


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (("--max-depth", "1"), {"a/root", HOSTILE, "No/Where"}),
        (("--along", "adapter"), {"a/root"}),
        (("--kind", "merge"), {HOSTILE}),
        (("--include-withdrawn",), {"a/root", "gpt2", HOSTILE, "No/Where", "a/other", "a/twin"}),
        (("--as-of", "2025-01-01"), {"a/root", "gpt2", HOSTILE, "No/Where", "a/other", "a/twin"}),
    ],
)
def test_filters_restrict_a_bill_and_stand_in_it(program: Program, arguments: tuple[str, ...], names: set[str]) -> None:
    found = bill(program, "a/lora", *arguments)
    assert {name(one) for one in found["components"]} == names
    assert arguments[0].removeprefix("--").replace("-", "_") in properties(found["metadata"])


def test_labels_leave_out_what_stands_beside_models(program: Program) -> None:
    found = bill(program, "a/root", "--label", "License")["metadata"]["component"]
    assert ("licenses" in found, "publisher" in found, "datasets" in found["modelCard"]["modelParameters"]) == (
        True, False, False,
    )  # fmt: skip


def test_every_spdx_id_of_the_table_of_licences_is_one_of_cyclonedx(program: Program, graph: Graph) -> None:
    with graph.session() as session:
        session.run(
            "MATCH (m:Model {key: 'GPT2'}) UNWIND $rows AS row CREATE (m)-[:LICENSED_UNDER]->(l:License) SET l = row",
            rows=[{"id": f"x-{one.id}", "spdx": one.spdx} for one in LICENSES.values() if one.spdx],
        ).consume()
    assert len(bill(program, "gpt2")["metadata"]["component"]["licenses"]) > 20


def test_an_unknown_name_ends_with_1_and_leaves_the_file_that_is_there(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "out.json"
    file.write_text("mine")
    done = program.run("export", "cyclonedx", "a/rot", "--to", str(file))
    assert (done.code, done.out, file.read_text()) == (1, "", "mine")
    [said] = done.messages
    assert "'a/rot'; nearest: a/root" in said
    assert program.run("export", "cyclonedx", "a/root", "--to", str(file)).code == 0
    assert "CycloneDX" in file.read_text()
