"""Families in memory, as `crawler.relatives` reads them from a graph."""

from collections.abc import Iterable
from typing import Any

import networkx as nx
from hypothesis import strategies as st

from crawler.records.words import CERTAINTIES, RELATIONS
from crawler.relatives.model import Link, Member, Relatives


def member(key: str, name: str | None = None, **properties: Any) -> Member:
    """A listed model, called after its key."""
    return Member(**{"key": key, "id": name or f"org/{key}", "status": "listed", "owner": "org"} | properties)


def link(child: str, parent: str, relation: str = "finetune", **properties: Any) -> Link:
    return Link(**{"child": child, "parent": parent, "relation": relation, "certainty": "declared_by_hub"} | properties)


def family(key: str, members: Iterable[Member], links: Iterable[Link]) -> Relatives:
    """The relatives of the model `key` among these models and links; what is no relative is left out."""
    every = list(links)
    graph = nx.DiGraph((one.parent, one.child) for one in every)
    graph.add_node(key)
    above, below = nx.ancestors(graph, key), nx.descendants(graph, key)
    found = {one.key: one for one in members if one.key in {key} | above | below}
    return Relatives(
        key=key,
        members=found,
        links=tuple(one for one in every if {one.child, one.parent} <= found.keys()),
        above=frozenset(above),
        below=frozenset(below),
    )


KEYS = [f"k{number}" for number in range(9)]


@st.composite
def families(draw: st.DrawFn) -> Relatives:
    """Anything: chains, ladders, cycles, self-links, withdrawn links, many siblings."""
    ends = st.tuples(st.sampled_from(KEYS), st.sampled_from(KEYS))
    drawn = draw(st.lists(ends, unique=True, max_size=24))
    leaves = draw(st.lists(st.sampled_from(KEYS), max_size=60))
    pairs = [*drawn, *((f"leaf{number}", parent) for number, parent in enumerate(leaves))]
    links = [
        Link(
            child=child,
            parent=parent,
            relation=draw(st.sampled_from(list(RELATIONS))),
            certainty=draw(st.sampled_from(list(CERTAINTIES))),
            withdrawn=draw(st.sampled_from([False, False, True])),
        )
        for child, parent in pairs
    ]
    members = [
        member(key, children=draw(st.integers(0, 3)), downloads=draw(st.one_of(st.none(), st.integers(0, 3))))
        for key in sorted({KEYS[0], *(end for pair in pairs for end in pair)})
    ]
    return family(KEYS[0], members, links)
