"""PROV-JSON: models and data sets as entities, owners as agents, and a derivation for each link."""

from typing import Any
from urllib.parse import quote

from crawler.exports.elements import columns
from crawler.exports.facts import Facts, Properties

_NAMESPACES = {kind: f"urn:hub-genealogy:{kind}:" for kind in ("graph", "model", "dataset", "owner")}
_TIMES = {
    name
    for properties in columns(("Model",)).values()
    for name, type_ in properties.items()
    if type_.startswith("TIMESTAMP")
}


def document(facts: Facts) -> dict[str, Any]:
    """The family as one document. The graph that it was taken from is an entity too, with its crawl and the filters."""
    entities = {"graph:export": _attributes("Export", facts.about)}
    agents: dict[str, Any] = {}
    derived: list[dict[str, Any]] = []
    attributed: list[dict[str, Any]] = []
    for key, model in facts.models.items():
        entity = _name("model", key)
        entities[entity] = _attributes("Model", model) | {"prov:label": model["id"]}
        derived += [
            _derivation(entity, _name("model", link.end)) | _attributes("DerivedFrom", link.properties)
            for link in facts.parents.get(key, ())
        ]
        for one in facts.datasets.get(key, ()):
            dataset = _name("dataset", one["id_lower"])
            entities[dataset] = _attributes("Dataset", {"id": one["id"]}) | {"prov:label": one["id"]}
            said = {"sources": one["sources"]} if one.get("sources") else {}
            derived.append(_derivation(entity, dataset) | _attributes("TrainedOn", said))
        if key in facts.owners:
            agent = _name("owner", facts.owners[key])
            agents[agent] = {"prov:label": facts.owners[key]}
            attributed.append({"prov:entity": entity, "prov:agent": agent})
    sections = {
        "entity": entities, "agent": agents, "wasDerivedFrom": _numbered("d", derived),
        "wasAttributedTo": _numbered("a", attributed),
    }  # fmt: skip
    return {"prefix": _NAMESPACES} | {name: members for name, members in sections.items() if members}


def _derivation(child: str, parent: str) -> dict[str, Any]:
    return {"prov:generatedEntity": child, "prov:usedEntity": parent}


def _numbered(letter: str, members: list[dict[str, Any]]) -> dict[str, Any]:
    """Relations without names of their own."""
    return {f"_:{letter}{number}": member for number, member in enumerate(members, start=1)}


def _name(kind: str, key: str) -> str:
    """A qualified name: whatever the key holds, letters, digits and escapes."""
    return f"{kind}:{quote(key, safe='').replace('.', '%2E').replace('~', '%7E')}"


def _attributes(kind: str, properties: Properties) -> dict[str, Any]:
    """Properties as the graph names them; a list is as many values."""
    values = {f"graph:{name}": _value(name, value) for name, value in properties.items()}
    return {"prov:type": {"$": f"graph:{kind}", "type": "prov:QUALIFIED_NAME"}} | values


def _value(name: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_value(name, one) for one in value]
    return {"$": value, "type": "xsd:dateTime"} if name in _TIMES else value
