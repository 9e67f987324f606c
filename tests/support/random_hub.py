"""A random Hub with every awkward shape, as rows for a graph and as plain Python for an independent computation."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from crawler.answers.parameters import RELATIONS
from crawler.graph.connection import Graph
from tests.support.graph_parts import UNHEARD_OF, license_node, write_licenses, write_owners
from tests.support.lineage_graph import day, link, model, wipe, write

# One or more of every kind of terms.
LICENSE_IDS = ("mit", "apache-2.0", "gpl-3.0", "lgpl", "cc-by-nc-4.0", "cc-by-nc-sa-4.0", "llama2", "gemma", "grok2-community",
               "h-research", "cc", "other", UNHEARD_OF)  # fmt: skip
SOURCES = (
    ["hub", "tag", "card"],
    ["tag"],
    ["card"],
    ["adapter_config"],
    ["inferred"],
    ["hub", "inferred"],
    ["tag", "adapter_config"],
)


@dataclass(frozen=True)
class Step:
    """A link, with the models at its ends."""

    child: dict[str, Any]
    parent: dict[str, Any]
    edge: dict[str, Any]


@dataclass(frozen=True)
class Hub:
    """Models by key, links, and the licences that each model carries."""

    models: dict[str, dict[str, Any]]
    links: list[dict[str, Any]]
    licenses: dict[str, list[str]]

    def write(self, graph: Graph) -> None:
        """Make it the content of the graph."""
        wipe(graph)
        write(graph, self.models.values(), self.links)
        write_licenses(graph, self.licenses)
        write_owners(graph)

    def steps(self, *, listed: bool = True, withdrawn: bool = False, to_itself: bool = False) -> Iterator[Step]:
        """The links that hold today, of children that are listed."""
        for entry in self.links:
            found = Step(self.models[entry["child"]], self.models[entry["parent"]], entry["properties"])
            if (
                (withdrawn or found.edge["status"] == "current")
                and (not listed or found.child["status"] == "listed")
                and (to_itself or found.child is not found.parent)
            ):
                yield found

    def terms(self, key: str) -> list[dict[str, Any]]:
        """The terms of the licences that a model carries."""
        return [license_node(name) for name in self.licenses.get(key, [])]

    def way_down(self, start: str, relations: list[str] | None = None, *, withdrawn: bool = False) -> dict[str, int]:
        """How far below `start` every model is that descends from it; `start` itself is 0 steps away."""
        below: dict[str, set[str]] = {}
        for step in self.steps(listed=False, withdrawn=withdrawn):
            if relations is None or step.edge["relation"] in relations:
                below.setdefault(step.parent["key"], set()).add(step.child["key"])
        found, level, depth = {start: 0}, {start}, 0
        while level:
            depth += 1
            level = {child for parent in level for child in below.get(parent, ())} - found.keys()
            found |= dict.fromkeys(level, depth)
        return found


def random_hub(seed: int) -> Hub:
    """Up to forty models: listed, gone and absent; links mostly to an older model, some to itself, some closing a circle."""
    dice = random.Random(seed)
    count = dice.randint(2, 40)
    models = [_model(dice, number) for number in range(count)]
    links = {}
    for _ in range(dice.randint(0, 2 * count)):
        child, parent = sorted((dice.randrange(count), dice.randrange(count)), reverse=dice.random() < 0.9)
        if models[child]["status"] != "absent":
            links[child, parent] = _link(dice, models[child], models[parent])
    licenses = {
        found["key"]: dice.sample(LICENSE_IDS, dice.choice([1, 1, 1, 2]))
        for found in models
        if found["status"] != "absent" and dice.random() < 0.8
    }
    return Hub({found["key"]: found for found in models}, list(links.values()), licenses)


def _model(dice: random.Random, number: int) -> dict[str, Any]:
    name = f"{dice.choice('abc')}/Model-{number}"
    if dice.random() < 0.15:
        absent = {"key": f"absent:{name.lower()}", "id": name, "status": "absent", "first_seen": day(1)}
        return {**absent, "owner": name[0]}
    made = model(
        name,
        owner=name[0],
        created_at=datetime(dice.randint(2022, 2024), dice.randint(1, 12), dice.randint(1, 28), 12, tzinfo=UTC),
        downloads=dice.choice([0, 1, 5, 5, 70]),
        has_card=dice.random() < 0.7,
        gated=dice.choice(["false", "auto", "manual"]),
        disabled=dice.random() < 0.1,
    )
    if dice.random() < 0.1:
        del made["downloads"]
    if dice.random() < 0.5:
        made["library"] = dice.choice(["peft", "transformers"])
    if dice.random() < 0.15:
        made |= {"status": "gone", "gone_at": day(dice.randint(2, 9))}
    return made


def _link(dice: random.Random, child: dict[str, Any], parent: dict[str, Any]) -> dict[str, Any]:
    sources = dice.choice(SOURCES)
    properties: dict[str, Any] = {
        "sources": sources,
        "declared_as": [dice.choice([parent["id"], parent["id"].lower()])],
    }
    if dice.random() < 0.2:
        properties["claims"] = ["card:merge"]
    if "inferred" in sources:
        properties["rule"] = "name_suffix"
    if dice.random() < 0.15:
        properties |= {"status": "withdrawn", "withdrawn_at": day(dice.randint(6, 9))}
    found = link("", "", dice.choice(RELATIONS), **properties)
    return found | {"child": child["key"], "parent": parent["key"]}
