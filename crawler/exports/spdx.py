"""SPDX 3.0.1 with its AI profile: a model, its ancestors, the data sets and licences that they name. JSON-LD."""

import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from crawler import __version__
from crawler.exports.facts import LINK_FACTS, MODEL_FACTS, Facts, Properties, purl, texts

_CREATION = "_:creation"
_UNKNOWN_LICENSE = "https://spdx.org/rdf/3.0.1/terms/ExpandedLicensing/NoAssertionLicense"


def document(facts: Facts) -> dict[str, Any]:
    """The model as the root of a document, with a relationship `descendantOf` for each link."""
    return {"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": iter(_Elements(facts))}


class _Elements:
    """The elements of one document; their names are of this document only."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._base = f"urn:hub-genealogy:{uuid.uuid4()}"
        self._relationships = 0

    def __iter__(self) -> Iterator[dict[str, Any]]:
        facts = self._facts
        program = self._name("program", "hub-genealogy")
        now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        yield {"type": "CreationInfo", "@id": _CREATION, "specVersion": "3.0.1", "created": now, "createdBy": [program]}
        yield self._element("SoftwareAgent", program, name=f"hub-genealogy {__version__}")
        yield self._element(
            "SpdxDocument", self._name("document", "1"), name=facts.about["model"], comment=_said(facts.about),
            rootElement=[self._name("model", facts.key)],
            profileConformance=["core", "software", "ai", "simpleLicensing"],
        )  # fmt: skip
        for owner in sorted(set(facts.owners.values())):
            yield self._element("Agent", self._name("owner", owner), name=owner)
        datasets = {one["id_lower"]: one for found in facts.datasets.values() for one in found}
        for key, one in sorted(datasets.items()):
            yield self._element(
                "dataset_DatasetPackage", self._name("dataset", key), name=one["id"],
                dataset_datasetType=["noAssertion"], software_primaryPurpose="data",
            )  # fmt: skip
        expressions = {expression(found) for found in facts.licenses.values()}
        for text in sorted(expressions):
            yield self._element(
                "simplelicensing_LicenseExpression", self._name("license", text), simplelicensing_licenseExpression=text
            )
        for key in facts.models:
            yield from self._model(key)

    def _model(self, key: str) -> Iterator[dict[str, Any]]:
        facts, model, name = self._facts, self._facts.models[key], self._name("model", key)
        owner, created = facts.owners.get(key), model.get("created_at")
        yield self._element(
            "ai_AIPackage", name,
            name=model["id"],
            comment=_said({one: model[one] for one in MODEL_FACTS if one in model}),
            software_primaryPurpose="model",
            software_packageVersion=model.get("revision"),
            software_packageUrl=purl(model),
            software_downloadLocation=model.get("url"),
            software_homePage=model.get("url"),
            suppliedBy=self._name("owner", owner) if owner else None,
            releaseTime=f"{created[:19]}Z" if created else None,  # SPDX has no fractions of seconds
            ai_typeOfModel=[model["model_type"]] if "model_type" in model else None,
            ai_domain=[model["pipeline_tag"]] if "pipeline_tag" in model else None,
        )  # fmt: skip
        declared = facts.licenses.get(key)
        license_ = self._name("license", expression(declared)) if declared else _UNKNOWN_LICENSE
        yield self._relationship(name, "hasDeclaredLicense", license_)
        yield self._relationship(name, "hasConcludedLicense", _UNKNOWN_LICENSE)
        for link in facts.parents.get(key, ()):
            said = {one: link.properties[one] for one in LINK_FACTS if one in link.properties}
            yield self._relationship(name, "descendantOf", self._name("model", link.end), said)
        for one in facts.datasets.get(key, ()):
            said = {"sources": one["sources"]} if one.get("sources") else {}
            yield self._relationship(name, "trainedOn", self._name("dataset", one["id_lower"]), said)

    def _relationship(self, start: str, kind: str, end: str, said: Properties | None = None) -> dict[str, Any]:
        """What is not declared is not known, so none claims to be complete."""
        self._relationships += 1
        return self._element(
            "Relationship", self._name("relationship", str(self._relationships)), relationshipType=kind, to=[end],
            completeness="noAssertion", comment=_said(said) if said else None, **{"from": start},
        )  # fmt: skip

    def _name(self, kind: str, key: str) -> str:
        return f"{self._base}:{kind}:{quote(key, safe='')}"

    def _element(self, kind: str, spdx_id: str, /, **values: Any) -> dict[str, Any]:
        known = {one: value for one, value in values.items() if value is not None}
        return {"type": kind, "spdxId": spdx_id, "creationInfo": _CREATION} | known


def expression(licenses: list[Properties]) -> str:
    """All licences that a model declares; a LicenseRef for one that has no SPDX id."""
    return " AND ".join(sorted({one.get("spdx") or _reference(one["id"]) for one in licenses}))


def _reference(license_id: str) -> str:
    return f"LicenseRef-{re.sub('[^A-Za-z0-9.-]+', '-', license_id)}"


def _said(values: Properties) -> str:
    """What SPDX has no place for, a line for each."""
    return "\n".join(f"{name}: {texts(value)}" for name, value in values.items())
