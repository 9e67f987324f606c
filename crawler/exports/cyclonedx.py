"""CycloneDX: a bill of materials of a model. Its parents are ancestors in its pedigree, one level deep."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from crawler import __version__
from crawler.exports.facts import LINK_FACTS, MODEL_FACTS, Facts, Properties, purl, texts
from crawler.graph.dump import Element

SPEC_VERSIONS = ("1.6", "1.7")
NAME = "hub-genealogy"


def bill(facts: Facts, spec_version: str) -> dict[str, Any]:
    """The bill of materials of one model: it, and as components its ancestors, each with its own parents."""
    above = (key for key in facts.models if key != facts.key)
    return {
        "$schema": f"http://cyclonedx.org/schema/bom-{spec_version}.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": spec_version,
        "serialNumber": f"urn:uuid:{uuid.uuid4()}",
        "version": 1,
        "metadata": {
            "timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
            "tools": {"components": [{"type": "application", "name": NAME, "version": __version__}]},
            "component": _with_parents(facts, facts.key),
            "properties": [_property(name, text) for name, text in facts.about.items()],
        },
        "components": (_with_parents(facts, key) for key in above),
    }


def _with_parents(facts: Facts, key: str) -> dict[str, Any]:
    links = facts.parents.get(key, ())
    pedigree = {"pedigree": {"ancestors": [_parent(facts, link) for link in links]}} if links else {}
    return {"bom-ref": f"model:{quote(key, safe='')}"} | _component(facts, key) | pedigree


def _parent(facts: Facts, link: Element) -> dict[str, Any]:
    """A parent, with what is known of the link to it."""
    component = _component(facts, link.end)
    component["properties"] += [
        _property(f"link:{name}", link.properties[name]) for name in LINK_FACTS if name in link.properties
    ]
    return component


def _component(facts: Facts, key: str) -> dict[str, Any]:
    model = facts.models[key]
    group, slash, name = str(model["id"]).partition("/")
    values = {
        "type": "machine-learning-model",
        "group": group if slash and name else None,
        "name": name if slash and name else model["id"],
        "version": model.get("revision"),
        "publisher": facts.owners.get(key),
        "licenses": [{"license": _license(one)} for one in facts.licenses.get(key, ())],
        "purl": purl(model),
        "externalReferences": [{"type": "website", "url": model["url"]}] if model.get("url") else [],
        "modelCard": _card(facts, key),
        "properties": [_property(f"model:{name}", model[name]) for name in MODEL_FACTS if name in model],
    }
    return {name: value for name, value in values.items() if value}


def _license(found: Properties) -> dict[str, Any]:
    """By its SPDX id, where it has one; else by its name."""
    if spdx := found.get("spdx"):
        return {"id": spdx}
    return {"name": found.get("name") or found["id"]}


def _card(facts: Facts, key: str) -> dict[str, Any]:
    model = facts.models[key]
    values = {
        "task": model.get("pipeline_tag"),
        "architectureFamily": model.get("model_type"),
        "modelArchitecture": texts(model.get("architectures", [])),
        "datasets": list(_datasets(facts, key)),
    }
    parameters = {name: value for name, value in values.items() if value}
    return {"modelParameters": parameters} if parameters else {}


def _datasets(facts: Facts, key: str) -> Iterator[dict[str, Any]]:
    for one in facts.datasets.get(key, ()):
        said = {"contents": {"properties": [_property("sources", one["sources"])]}} if one.get("sources") else {}
        yield {"type": "dataset", "name": one["id"], **said}


def _property(name: str, value: object) -> dict[str, str]:
    return {"name": f"{NAME}:{name}", "value": texts(value)}
