"""Families, cycles and the profile of small graphs: as the snapshot computes them, and by other hands."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import duckdb
import networkx as nx

from crawler.records.evidence import DECLARED
from crawler.snapshot.families import find_families
from crawler.snapshot.profile import make_profile
from crawler.snapshot.scripts import set_variables
from crawler.snapshot.tables import TABLES, ddl
from tests.support.sweeps import Rows, values

Edge = tuple[str, str]


@dataclass(frozen=True)
class Genealogy:
    """Models by key, current edges and withdrawn ones, from child to parent."""

    edges: Iterable[Edge]
    withdrawn: Iterable[Edge] = ()
    alone: Iterable[str] = ()
    status: dict[str, str] = field(default_factory=dict)
    """Of a model that is not listed."""
    created: dict[str, int] = field(default_factory=dict)
    """Days after 2020 began; a model without is as old as nobody knows."""
    relation: dict[Edge, str] = field(default_factory=dict)
    """Of an edge that is not `unknown`."""
    with_card: Iterable[str] = ()
    with_license: Iterable[str] = ()

    @property
    def models(self) -> list[str]:
        return sorted({key for edge in [*self.edges, *self.withdrawn] for key in edge} | set(self.alone))

    def source(self, edge: Edge) -> str:
        """Where a current edge is said: quantised copies are inferred, all others declared."""
        return "inferred" if self.relation.get(edge) == "quantized" else "hub"

    def listed(self, key: str) -> bool:
        """Whether the model is on the Hub."""
        return self.status.get(key, "listed") == "listed"

    def created_at(self, key: str) -> datetime | None:
        """When the model was made, as the tables hold times."""
        return datetime(2020, 1, 1) + timedelta(self.created[key]) if key in self.created else None  # noqa: DTZ001  # likewise

    @property
    def graph(self) -> "nx.DiGraph":
        """The current edges without self-links, from parent to child."""
        graph = nx.DiGraph((parent, child) for child, parent in self.edges if child != parent)
        graph.add_nodes_from(())
        return graph


@dataclass(frozen=True)
class Found:
    """What the snapshot's step made of a genealogy."""

    families: list[dict[str, Any]]
    cycles: Rows
    profile: dict[str, Any]

    def of_kind(self, kind: str) -> dict[str, dict[str, Any]]:
        """The families of a kind, by the key of their heads."""
        return {row["head"]: row for row in self.families if row["kind"] == kind}


def find(genealogy: Genealogy) -> Found:
    """Run the snapshot's step."""
    with duckdb.connect() as db:
        columns = {name: kind for name, kind in TABLES["models"].items() if name != "cycle"}
        db.execute(f"CREATE TABLE models ({ddl(columns)})")
        for name in ("edges", "enriched"):
            db.execute(f"CREATE TABLE {name} ({ddl(TABLES[name])})")
        set_variables(db, declared_sources=list(DECLARED))
        _insert(
            db,
            "models (key, id, status, created_at, has_card, licenses)",
            [
                (
                    key,
                    f"org/{key}",
                    genealogy.status.get(key, "listed"),
                    genealogy.created_at(key),
                    key in genealogy.with_card,
                    ["mit", "other"] if key in genealogy.with_license else [],
                )
                for key in genealogy.models
            ],
        )
        rows = [
            (*edge, "current", genealogy.relation.get(edge, "unknown"), [genealogy.source(edge)])
            for edge in genealogy.edges
        ]
        rows += [(*edge, "withdrawn", "finetune", ["hub"]) for edge in genealogy.withdrawn]
        _insert(db, "edges (child, parent, status, relation, sources)", rows)
        find_families(db)
        profile = make_profile(db)
        result = db.execute("SELECT * FROM families")
        names = [column[0] for column in result.description or []]
        families = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
        cycles = values(db.execute("SELECT key, cycle FROM models WHERE cycle IS NOT NULL").fetchall())
        return Found(families, cycles, profile)


def _insert(db: duckdb.DuckDBPyConnection, into: str, rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        marks = ", ".join(f"unnest(${number + 1})" for number in range(len(rows[0])))
        db.execute(f"INSERT INTO {into} SELECT {marks}", [list(column) for column in zip(*rows, strict=True)])


def expected_cycles(genealogy: Genealogy) -> Rows:
    """(key, least key on its cycle) of each model on a cycle."""
    components = nx.strongly_connected_components(genealogy.graph)
    return {(key, min(component)) for component in components if len(component) > 1 for key in component}


def expected_generations(graph: "nx.DiGraph") -> dict[str, int]:
    """The generation of each model: by the longest way in the graph of cycles taken together."""
    condensed = nx.condensation(graph)
    generation: dict[int, int] = {}
    for place in nx.topological_sort(condensed):
        generation[place] = max((generation[parent] + 1 for parent in condensed.predecessors(place)), default=0)
    return {key: generation[place] for key, place in condensed.graph["mapping"].items()}


def expected_families(genealogy: Genealogy) -> dict[str, dict[str, Any]]:
    """Size, depth and roots of each family, by its head."""
    graph = genealogy.graph
    generation = expected_generations(graph)
    never = 10**9

    def rank(key: str) -> tuple[int, bool, int, str]:
        return (
            -len(nx.descendants(graph, key)),
            graph.in_degree(key) > 0,
            genealogy.created.get(key, never),
            key,
        )

    return {
        min(members, key=rank): {
            "size": len(members),
            "depth": max(generation[key] for key in members),
            "roots": sum(graph.in_degree(key) == 0 for key in members),
        }
        for members in nx.weakly_connected_components(graph)
    }


def expected_followed(genealogy: Genealogy) -> dict[str, dict[str, Any]]:
    """Number and greatest distance of the descendants of each model that has some."""
    graph = genealogy.graph
    distances = {key: nx.single_source_shortest_path_length(graph, key) for key in graph}
    return {
        key: {"size": len(reached) - 1, "depth": max(reached.values())}
        for key, reached in distances.items()
        if len(reached) > 1
    }


def expected_profile(genealogy: Genealogy) -> dict[str, Any]:
    """The numbers of the whole graph."""
    graph = genealogy.graph
    families = expected_families(genealogy)
    status = Counter(genealogy.status.get(key, "listed") for key in genealogy.models)
    generations = Counter(expected_generations(graph).values())
    sizes = Counter(family["size"].bit_length() - 1 for family in families.values())
    return {
        "models_listed": status["listed"],
        "models_gone": status["gone"],
        "models_absent": status["absent"],
        "edges_current": len(set(genealogy.edges)),
        "edges_withdrawn": len(set(genealogy.withdrawn)),
        "families": len(families),
        "largest_family": max((family["size"] for family in families.values()), default=0),
        "models_on_cycles": len(expected_cycles(genealogy)),
        "longest_chain": max(generations, default=0),
        "depth_profile": [generations[place] for place in range(max(generations, default=-1) + 1)],
        "family_size_profile": [sizes[place] for place in range(max(sizes, default=-1) + 1)],
        **_expected_coverage(genealogy),
        **_expected_growth(genealogy),
    }


def _expected_coverage(genealogy: Genealogy) -> dict[str, int]:
    graph = genealogy.graph
    parents = {key: set(graph.predecessors(key)) if key in graph else set() for key in genealogy.models}
    listed = [key for key in genealogy.models if genealogy.listed(key)]

    def of_status(status: str) -> int:
        return sum(any(genealogy.status.get(parent) == status for parent in parents[key]) for key in listed)

    return {
        "listed_with_card": sum(key in genealogy.with_card for key in listed),
        "listed_with_license": sum(key in genealogy.with_license for key in listed),
        "listed_with_parent": sum(len(parents[key]) > 0 for key in listed),
        "listed_with_several_parents": sum(len(parents[key]) > 1 for key in listed),
        "listed_with_absent_parent": of_status("absent"),
        "listed_with_gone_parent": of_status("gone"),
        "listed_with_undeclared_parent": sum(
            len(parents[key]) > 0 and all(genealogy.source((key, parent)) == "inferred" for parent in parents[key])
            for key in listed
        ),
        "listed_with_known_card": 0,  # no card is asked for here
        "listed_with_known_files": 0,  # nor for files
    }


def _expected_growth(genealogy: Genealogy) -> dict[str, list[Any]]:
    made: dict[str, set[str]] = {}
    for key in genealogy.models:
        if (created := genealogy.created_at(key)) is not None:
            made.setdefault(f"{created.year}-{created.month:02}", set()).add(key)
    months = sorted(made)
    relations: dict[str, set[str]] = {}
    for child, parent in genealogy.edges:
        if child != parent:
            relations.setdefault(genealogy.relation.get((child, parent), "unknown"), set()).add(child)
    kinds = {
        "copies": "copy",
        "finetunes": "finetune",
        "adapters": "adapter",
        "quantized": "quantized",
        "merges": "merge",
    }
    counted = {
        "models": set(genealogy.models),
        "gone": {key for key in genealogy.models if genealogy.status.get(key) == "gone"},
        "derived": set().union(*relations.values()),
        **{column: relations.get(kind, set()) for column, kind in (kinds | {"unknown": "unknown"}).items()},
    }
    return {"growth_months": months} | {
        f"growth_{column}": [len(made[month] & keys) for month in months] for column, keys in counted.items()
    }
