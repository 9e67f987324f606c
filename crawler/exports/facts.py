"""What documents about a model are made of: its family in memory, with what stands beside each model."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from crawler.graph.dump import Element

Properties = Mapping[str, Any]

# What the graph says of a model and of a link, beyond what most formats have a place for.
MODEL_FACTS = ("key", "status", "gone_reason", "gated", "created_at", "parameters", "library", "quantization")
LINK_FACTS = (
    "relation",
    "certainty",
    "sources",
    "declared_as",
    "claims",
    "rule",
    "name_doubt",
    "status",
    "withdrawn_at",
)


@dataclass
class Facts:
    """Models by key, and what the graph says of each."""

    key: str
    """The model that the document is about."""
    about: Mapping[str, str]
    """Crawl, filters and limits."""
    models: dict[str, Properties] = field(default_factory=dict)
    licenses: dict[str, list[Properties]] = field(default_factory=dict)
    """Model → the licences that it declares."""
    datasets: dict[str, list[Properties]] = field(default_factory=dict)
    """Model → the data sets that it says it was trained on: `id`, `id_lower`, `sources`."""
    owners: dict[str, str] = field(default_factory=dict)
    """Model → its publisher."""
    parents: dict[str, list[Element]] = field(default_factory=dict)
    """Model → its links to its parents, without one to itself."""


def gather(found: Iterable[Element], about: Mapping[str, str]) -> Facts:
    """The facts in the elements of a family."""
    facts = Facts(about["key"], about)
    nodes: dict[tuple[str, str], Properties] = {}
    for one in found:
        if one.kind == "Model":
            facts.models[one.key] = one.properties
        elif one.is_node:
            nodes[one.kind, one.key] = one.properties
        elif one.kind == "DERIVED_FROM":
            if one.start != one.end:
                facts.parents.setdefault(one.start, []).append(one)
        elif one.kind == "LICENSED_UNDER":
            facts.licenses.setdefault(one.start, []).append(nodes["License", one.end])
        elif one.kind == "TRAINED_ON":
            facts.datasets.setdefault(one.start, []).append({**nodes["Dataset", one.end], **one.properties})
        elif one.kind == "PUBLISHED_BY":
            facts.owners[one.start] = one.end
    return facts


def purl(model: Properties) -> str | None:
    """The package URL of a model that a listing held and whose name has an owner."""
    owner, slash, name = str(model["id"]).partition("/")
    if not (slash and owner and name and model.get("url")):
        return None
    version = f"@{quote(model['revision'].lower(), safe='')}" if model.get("revision") else ""
    return f"pkg:huggingface/{quote(owner, safe='')}/{quote(name, safe='')}{version}"


def texts(value: object) -> str:
    """A property as text."""
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
