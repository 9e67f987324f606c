"""No property is lost between the Hub's record and the graph: page row, snapshot, change set, load, dump."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from crawler.changes.crawl_node import FROM_MANIFEST, PROFILE, STANDING
from crawler.changes.tables import TABLES
from crawler.graph.connection import Connection
from crawler.records.used import EXPAND
from crawler.snapshot.columns import MODEL, read_from
from demo.simulated_hub import SimulatedHub
from tests.support.program import Program
from tests.support.small_hub import child, model

FULL = model(
    1,
    "maker/full",
    author="maker",
    lastModified="2025-02-03T04:05:06.000Z",
    sha="5f0b02c75b57c5855da9ae460ce51323ea669d8a",
    downloads=5,
    likes=6,
    gated="auto",
    disabled=False,
    pipeline_tag="text-generation",
    library_name="transformers",
    tags=["gguf", "license:mit", "dataset:org/data", "arxiv:2310.06825"],
    cardData={"license": "mit", "language": ["en"], "datasets": ["org/data"], "base_model": "maker/second"},
    config={
        "model_type": "llama",
        "architectures": ["LlamaForCausalLM"],
        "quantization_config": {"quant_method": "gptq"},
    },
    safetensors={"total": 7},
    inferenceProviderMapping=[{"provider": "novita", "providerId": "full", "status": "live", "task": "conversational"}],
)
# On a cycle with the first; its declarations disagree, so that a claim is left.
SECOND = model(
    2,
    "maker/second",
    tags=["base_model:finetune:maker/full"],
    cardData={"base_model": "maker/full", "base_model_relation": "merge"},
)
GONE, BACK = child(3, "maker/gone", FULL), child(4, "maker/back", FULL)
WITHDRAWN, WAVERING = child(5, "tuner/withdrawn", FULL), child(6, "tuner/wavering", FULL)
# A rule reads the relation from the marker.
PEFT = model(7, "tuner/peft", library_name="peft", tags=["peft"], cardData={"base_model": "maker/full"})
# Its parent is made after it was declared: the name is in doubt.
EARLY = model(8, "tuner/early", cardData={"base_model": "maker/late"})
DATA = model(
    21, "org/data", lastModified="2025-02-03T04:05:06.000Z", sha="5f0b02c75b57c5855da9ae460ce51323ea669d8a", downloads=5,
    likes=6, gated="auto", disabled=False, tags=["license:mit"],
    cardData={"license": "mit", "language": ["en"], "source_datasets": ["maker/source", "maker/late"]},
)  # fmt: skip
SOURCE, LEFT, RETURNED = model(22, "maker/source"), model(23, "maker/left"), model(24, "maker/returned")
WITHOUT = model(25, "maker/without", cardData={"source_datasets": "org/data"})
UNSURE = model(26, "maker/unsure", cardData={"source_datasets": "org/data"})


def dumped(program: Program) -> dict[str, list[dict[str, Any]]]:
    """Label or relationship type → the properties of each, as `graph dump` has them."""
    result = program.run("graph", "dump")
    assert result.code == 0, result.err
    found: dict[str, list[dict[str, Any]]] = {}
    for line in result.out.splitlines():
        [content] = json.loads(line).values()
        found.setdefault(content.get("type") or content["labels"][0], []).append(content["properties"])
    return found


def test_every_property_of_the_data_model_reaches_the_graph(empty_graph: Connection, tmp_path: Path) -> None:
    owners = tmp_path / "owners.json"
    owners.write_text('{"maker": {"isVerified": true}}', encoding="utf-8")
    models = [FULL, SECOND, GONE, BACK, WITHDRAWN, WAVERING, PEFT, EARLY]
    with SimulatedHub(models, datasets=[DATA, SOURCE, LEFT, RETURNED, WITHOUT, UNSURE], owners=owners) as hub:
        settings = {
            "HF_ENDPOINT": hub.url,
            "HUB_GENEALOGY_SWEEP_MAX_VANISHED_SHARE": "1",
            "HUB_GENEALOGY_ENRICH_OWNERS": "9",
            "HUB_GENEALOGY_DATASETS_CRAWL": "on",
        }
        program = Program(tmp_path / "home", empty_graph, settings)
        program.crawl()
        for record in (WITHDRAWN, WAVERING):
            hub.update(record["id"], {"tags": [], "cardData": {}, "baseModels": None})
        for record in (GONE, BACK):
            hub.delete(record["id"])
        for record in (LEFT, RETURNED):
            hub.datasets.delete(record["id"])
        for record in (WITHOUT, UNSURE):
            hub.datasets.update(record["id"], {"cardData": {}})
        hub.datasets.rename("maker/source", "maker/renamed")
        hub.datasets.create(model(29, "maker/late", createdAt=time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())))
        hub.rename("maker/second", "maker/renamed")
        hub.create(model(9, "maker/late", createdAt=time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())))
        program.crawl()
        hub.update(WAVERING["id"], WAVERING)
        hub.create(BACK)
        hub.datasets.create(RETURNED)
        hub.datasets.update(UNSURE["id"], {"cardData": UNSURE["cardData"]})
        program.crawl()
        hub.delete("maker/late")
        program.crawl_with({"HUB_GENEALOGY_SWEEP_MAX_VANISHED_SHARE": "0"}, code=3)
        found = dumped(program)
    names = {kind: {name for properties in rows for name in properties} for kind, rows in found.items()}
    expected: dict[str, set[str]] = {}
    for table in TABLES:
        expected.setdefault(table.element, set()).update(column.property_name for column in table.properties)
    expected["Crawl"] = {column.property_name for column in (*STANDING, *FROM_MANIFEST, *PROFILE)}
    expected["Crawl"] -= {"models_removed"}  # only where `keep.gone` is set: crawl/test_crawl.py
    assert {kind: names.get(kind, set()) ^ expected[kind] for kind in expected} == {kind: set() for kind in expected}

    [data] = [properties for properties in found["Dataset"] if properties["id"] == "org/data"]
    assert {name: value for name, value in data.items() if name not in ("first_seen", "listed_at")} == {
        "key": DATA["_id"], "id": "org/data", "id_lower": "org/data", "status": "listed", "owner": "org",
        "created_at": "2024-03-12T07:21:00Z", "modified_at": "2025-02-03T04:05:06Z",
        "revision": "5f0b02c75b57c5855da9ae460ce51323ea669d8a", "downloads": 5, "likes": 6, "gated": "auto",
        "disabled": False, "license": "mit", "languages": ["en"], "url": "https://huggingface.co/datasets/org/data",
    }  # fmt: skip
    [full] = [properties for properties in found["Model"] if properties["id"] == "maker/full"]
    assert {name: value for name, value in full.items() if name not in ("first_seen", "listed_at")} == {
        "key": FULL["_id"], "id": "maker/full", "id_lower": "maker/full", "hub_id": FULL["_id"], "status": "listed",
        "owner": "maker", "created_at": "2024-03-12T07:01:00Z", "modified_at": "2025-02-03T04:05:06Z",
        "revision": "5f0b02c75b57c5855da9ae460ce51323ea669d8a", "downloads": 5,
        "likes": 6, "gated": "auto", "disabled": False, "pipeline_tag": "text-generation", "library": "transformers",
        "license": "mit", "model_type": "llama", "architectures": ["LlamaForCausalLM"], "parameters": 7,
        "weight_formats": ["gguf"], "languages": ["en"], "papers": ["arxiv:2310.06825"], "has_card": True,
        "quantization": "gptq", "providers": ["novita"], "cycle": FULL["_id"],
        "url": "https://huggingface.co/maker/full", "short_name": "full",
    }  # fmt: skip


@pytest.mark.parametrize("field", sorted(set(EXPAND) - {"baseModels", "private"}))
def test_every_field_that_is_asked_for_fills_a_column(field: str) -> None:
    assert read_from(field)


def test_columns_name_no_field_that_is_not_asked_for() -> None:
    assert {field for column in MODEL for field in column.fields} <= {*EXPAND, "_id", "id"}
