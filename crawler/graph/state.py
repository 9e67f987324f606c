"""Where the graph stands: which crawl it holds, whether it is whole, and whether it belongs to this state folder."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from crawler.changes.tables import LABELS, TYPES
from crawler.errors import GraphBeingBuiltError, HubGenealogyError
from crawler.graph import schema
from crawler.graph.connection import Graph
from crawler.state import State

_PATTERNS = {label: f"(n:{label})" for label in LABELS} | {kind: f"()-[n:{kind}]->()" for kind in TYPES}

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Standing:
    """What the graph's own `Crawl` nodes say."""

    at: str | None
    """The newest crawl that is in the graph whole."""
    loading: str | None
    """The crawl that is being applied, or was when its process died."""
    building: bool
    """Whether the graph is being made: until it is whole, an answer from it would lack something."""
    wiping: bool
    """Whether the old graph is still being erased to make it anew."""
    state_id: str | None
    """The state folder whose change sets made it."""
    imported: frozenset[str] = frozenset()
    """The crawls whose rows came with an import. What is left of their load: the schema, the count, the note that they are in."""


def standing(graph: Graph) -> Standing:
    """Read where the graph stands."""
    crawls = graph.read(
        "MATCH (c:Crawl) WHERE c.made_from IS NOT NULL RETURN c.id AS id, c.state AS state, c.building AS building, "
        "c.wiping AS wiping, c.imported AS imported, c.made_from AS made_from"
    )
    return Standing(
        at=max((c["id"] for c in crawls if c["state"] == "loaded"), default=None),
        loading=min((c["id"] for c in crawls if c["state"] == "loading"), default=None),
        building=any(c["building"] for c in crawls),
        wiping=any(c["wiping"] for c in crawls),
        state_id=next((c["made_from"] for c in crawls), None),
        imported=frozenset(c["id"] for c in crawls if c["imported"]),
    )


def check_readable(graph: Graph) -> Standing:
    """Make sure that an answer from the graph can be whole.

    Raises GraphBeingBuiltError (75) while it is being made, and HubGenealogyError for an empty one and for one that
    lacks a schema file of this version. While a crawl's changes are being applied to a whole graph, a warning says so.
    """
    now = standing(graph)
    if now.building:
        raise GraphBeingBuiltError(
            "the graph is being built: ask again when that has ended (hub-genealogy load goes on with it)"
        )
    if now.at is None:
        raise HubGenealogyError(
            "the graph is empty: `hub-genealogy rebuild` makes it anew from the change sets of the state folder; if there "
            "are none, run `hub-genealogy crawl`"
        )
    schema.check_applied(graph)
    if now.loading is not None:
        logger.warning("the changes of crawl %s are being applied: the answer may hold a part of them", now.loading)
    return now


def check_belongs(now: Standing, state: State) -> None:
    """Make sure that the graph is the one this state folder made; HubGenealogyError with the way out where it is not."""
    way_out = (
        "use the folder it was made from (HUB_GENEALOGY_HOME), or make it anew from this one: hub-genealogy rebuild"
    )
    if now.state_id is not None and now.state_id != state.id:
        raise HubGenealogyError(f"the graph was made from another state folder than {state.home}: {way_out}")
    known = state.crawls(state.changes)
    for crawl in (now.at, now.loading):
        if crawl is not None and crawl not in known:
            raise HubGenealogyError(f"the graph holds crawl {crawl}, which {state.changes} lacks: {way_out}")
    if now.at is None and now.loading is None and state.graph_at is not None:
        raise HubGenealogyError(
            f"the graph is empty, but {state.home} has loaded it up to crawl {state.graph_at} before: "
            "check NEO4J_URI, or make it anew: hub-genealogy rebuild"
        )


def counts(graph: Graph) -> dict[str, int]:
    """How many nodes of each label and relationships of each type the graph holds (from the server's count store)."""
    return counted(graph, _PATTERNS)


def counted(graph: Graph, patterns: Mapping[str, str]) -> dict[str, int]:
    """How many matches for `n` each pattern has, by the names of the patterns: one request to the server for all of them."""
    each = (f"MATCH {pattern} WITH count(n) AS n RETURN '{name}' AS name, n" for name, pattern in patterns.items())
    return {record["name"]: int(record["n"]) for record in graph.read(" UNION ALL ".join(each))}


def check_counts(found: dict[str, int], expected: dict[str, int], crawl: str) -> None:
    """Make sure that the graph, which holds `found`, holds as much as crawl `crawl` left in it."""
    wrong = [f"{found[name]} {name} instead of {n}" for name, n in expected.items() if found[name] != n]
    if wrong:
        raise HubGenealogyError(
            f"the graph is not what crawl {crawl} left ({', '.join(wrong)}): make it anew with hub-genealogy rebuild"
        )
