"""`export spdx`, read with SPDX's own bindings, which check every property against the model of SPDX 3.0.1."""

import io
from pathlib import Path
from typing import Any

import pytest
from spdx_python_model import v3_0_1 as spdx

from crawler.graph.connection import Connection, Graph
from tests.support.exported import HOSTILE, HOSTILE_SET, MANY, STEERING
from tests.support.exported import program as exported
from tests.support.program import Program

UNKNOWN = "NoAssertionLicense"


@pytest.fixture
def program(connection: Connection, graph: Graph, tmp_path: Path) -> Program:
    return exported(connection, graph, tmp_path / "home")


class Read:
    """What the bindings make of a document; they refuse an unknown property, a wrong type and a missing value."""

    def __init__(self, program: Program, *arguments: str) -> None:
        done = program.run("export", "spdx", *arguments)
        assert done.code == 0, done.err
        assert not STEERING.search(done.out)
        self.objects = spdx.SHACLObjectSet()
        spdx.JSONLDDeserializer().read(io.BytesIO(done.out.encode()), self.objects)
        spdx.JSONLDSerializer().write(self.objects, io.BytesIO())
        assert self.objects.missing_ids == set()

    def of(self, kind: str) -> list[Any]:
        return list(self.objects.foreach_type(getattr(spdx, kind)))

    def related(self, kind: str) -> set[tuple[str, str]]:
        """The names, or licences, at the ends of relationships."""
        return {
            (one.from_.name, _name(end))
            for one in self.of("Relationship")
            for end in one.to
            if one.relationshipType.endswith(f"/{kind}")
        }

    def package(self, name: str) -> Any:
        [found] = [one for one in self.of("ai_AIPackage") if one.name == name]
        return found


def _name(end: Any) -> str:
    if isinstance(end, str):
        return end.rpartition("/")[2]
    return str(getattr(end, "simplelicensing_licenseExpression", None) or end.name)


def test_a_model_descends_from_its_parents_and_is_trained_on_data_sets(program: Program) -> None:
    found = Read(program, "a/lora", "--include-withdrawn")
    assert found.related("descendantOf") == {
        ("a/lora", "a/root"), ("a/root", "gpt2"), ("a/lora", HOSTILE), ("a/lora", "No/Where"), ("a/lora", "a/other"),
        ("a/other", "a/twin"), ("a/twin", "a/other"),
    }  # fmt: skip
    assert found.related("trainedOn") == {("a/root", "sets/corpus"), ("a/lora", HOSTILE_SET)}
    [document] = found.of("SpdxDocument")
    assert ([one.name for one in document.rootElement], "crawl: c1" in document.comment) == (["a/lora"], True)


def test_a_package_has_version_place_owner_and_package_url_where_they_are_known(program: Program) -> None:
    found = Read(program, "a/lora")
    root, gpt2, absent = (found.package(name) for name in ("a/root", "gpt2", "No/Where"))
    assert (root.software_packageVersion, root.suppliedBy.name) == ("0" * 40, "a")
    assert root.software_packageUrl == f"pkg:huggingface/a/root@{'0' * 40}"
    assert root.releaseTime.isoformat() == "2025-01-01T03:00:00+00:00"
    assert (gpt2.software_packageUrl, gpt2.software_downloadLocation) == (None, "https://huggingface.co/gpt2")
    assert (absent.software_downloadLocation, absent.suppliedBy) == (None, None)


def test_evidence_stands_with_each_relationship(program: Program) -> None:
    [link] = [
        one for one in Read(program, "a/lora").of("Relationship")
        if one.relationshipType.endswith("/descendantOf") and [end.name for end in one.to] == ["a/root"]
    ]  # fmt: skip
    assert link.comment.split("\n") == [
        "relation: adapter", "certainty: declared_by_hub", "sources: hub, tag", "declared_as: a/root, A/Root", "status: current",
    ]  # fmt: skip


def test_every_package_has_one_declared_and_one_concluded_licence_as_the_ai_profile_demands(program: Program) -> None:
    found = Read(program, "a/lora", "--include-withdrawn")
    names = {one.name for one in found.of("ai_AIPackage")}
    declared = dict.fromkeys(names, UNKNOWN) | {
        "a/root": "Apache-2.0 AND LicenseRef-openrail AND LicenseRef-our-own-license", "a/lora": "MIT",
    }  # fmt: skip
    assert found.related("hasDeclaredLicense") == set(declared.items())
    assert found.related("hasConcludedLicense") == {(name, UNKNOWN) for name in names}
    [document] = found.of("SpdxDocument")
    assert {one.rpartition("/")[2] for one in document.profileConformance} == {
        "core", "software", "ai", "simpleLicensing",
    }  # fmt: skip


def test_three_hundred_parents_are_all_there(program: Program) -> None:
    assert Read(program, "many/merge").related("descendantOf") == {("many/merge", name) for name in MANY}


def test_filters_restrict_a_document(program: Program) -> None:
    found = Read(program, "a/lora", "--along", "adapter", "--label", "Model")
    assert {one.name for one in found.of("ai_AIPackage")} == {"a/lora", "a/root"}
    assert found.of("dataset_DatasetPackage") == []


def test_an_unknown_name_ends_with_1_and_leaves_the_file_that_is_there(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "out.json"
    file.write_text("mine")
    done = program.run("export", "spdx", "a/rot", "--to", str(file))
    assert (done.code, done.out, file.read_text(), len(done.messages)) == (1, "", "mine", 1)
    assert program.run("export", "spdx", "a/root", "--to", str(file)).code == 0
    assert "descendantOf" in file.read_text()
