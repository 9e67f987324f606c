"""PROV-JSON: models and data sets as entities, owners as agents, and a derivation for each link."""

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

from crawler.exports.elements import columns
from crawler.exports.facts import Facts, Properties
from crawler.exports.written import Named

_NAMESPACES = {kind: f"urn:hub-genealogy:{kind}:" for kind in ("graph", "model", "dataset", "owner")}
_TIMES = {
    name
    for properties in columns(("Model",)).values()
    for name, type_ in properties.items()
    if type_.startswith("TIMESTAMP")
}


def document(facts: Facts) -> dict[str, Any]:
    """The family as one document. The graph that it was taken from is an entity too, with its crawl and the filters."""
    sections = {
        "entity": _entities(facts),
        "agent": ((_name("owner", owner), {"prov:label": owner}) for owner in dict.fromkeys(facts.owners.values())),
        "wasDerivedFrom": _numbered("d", _derivations(facts)),
        "wasAttributedTo": _numbered("a", _attributions(facts)),
    }
    there = {
        "entity": True, "agent": facts.owners, "wasDerivedFrom": facts.parents or facts.datasets,
        "wasAttributedTo": facts.owners,
    }  # fmt: skip
    return {"prefix": _NAMESPACES} | {name: Named(members) for name, members in sections.items() if there[name]}


def _entities(facts: Facts) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "graph:export", _attributes("Export", facts.about)
    for key, model in facts.models.items():
        yield _name("model", key), _attributes("Model", model) | {"prov:label": model["id"]}
    datasets = {one["id_lower"]: one["id"] for found in facts.datasets.values() for one in found}
    for key, dataset in datasets.items():
        yield _name("dataset", key), _attributes("Dataset", {"id": dataset}) | {"prov:label": dataset}


def _derivations(facts: Facts) -> Iterator[dict[str, Any]]:
    for key in facts.models:
        child = _name("model", key)
        for link in facts.parents.get(key, ()):
            yield _derivation(child, _name("model", link.end)) | _attributes("DerivedFrom", link.properties)
        for one in facts.datasets.get(key, ()):
            said = {"sources": one["sources"]} if one.get("sources") else {}
            yield _derivation(child, _name("dataset", one["id_lower"])) | _attributes("TrainedOn", said)


def _attributions(facts: Facts) -> Iterator[dict[str, Any]]:
    for key, owner in facts.owners.items():
        yield {"prov:entity": _name("model", key), "prov:agent": _name("owner", owner)}


def _derivation(child: str, parent: str) -> dict[str, Any]:
    return {"prov:generatedEntity": child, "prov:usedEntity": parent}


def _numbered(letter: str, members: Iterable[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Relations without names of their own."""
    return ((f"_:{letter}{number}", member) for number, member in enumerate(members, start=1))


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
