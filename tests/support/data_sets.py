"""Data sets that are made from one another and the models that name them, in a graph and by plain Python."""

from typing import Any

from hypothesis import strategies as st

from crawler.graph.connection import Graph
from tests.support.lineage_graph import day

DATASETS = ("s/a", "s/b", "s/c", "s/d")
MODELS = ("m/1", "m/2", "m/3")
Links = dict[tuple[str, str], str]
LINKS = st.dictionaries(
    st.tuples(st.sampled_from(DATASETS), st.sampled_from(DATASETS)), st.sampled_from(["current", "withdrawn"])
)
TRAINED = st.sets(st.tuples(st.sampled_from(MODELS), st.sampled_from(DATASETS)), max_size=6)


def write_datasets(graph: Graph, links: Links, trained: set[tuple[str, str]], **properties: Any) -> None:
    """Data sets with the links between them, and the models that name them; every one is younger than day 1."""
    graph.write(
        "UNWIND $datasets AS name CREATE (d:Dataset {key: toUpper(name), id: name, id_lower: name, status: 'listed'}) "
        "SET d += $properties",
        datasets=DATASETS,
        properties=properties,
    )
    graph.write(
        "UNWIND $links AS link MATCH (a:Dataset {id: link[0]}) MATCH (b:Dataset {id: link[1]}) "
        "CREATE (a)-[e:DERIVED_FROM {status: link[2], first_seen: $first_seen}]->(b) "
        "SET e.withdrawn_at = CASE link[2] WHEN 'withdrawn' THEN $withdrawn_at END",
        links=[[*ends, status] for ends, status in links.items()],
        first_seen=day(3),
        withdrawn_at=day(6),
    )
    graph.write(
        "UNWIND $trained AS one MATCH (m:Model {id: one[0]}) MATCH (d:Dataset {id: one[1]}) CREATE (m)-[:TRAINED_ON]->(d)",
        trained=[list(one) for one in trained],
    )


def made_from(links: Links, start: str, *, withdrawn: bool) -> dict[str, int]:
    """How far each data set is that is made from `start`, with or without withdrawn links."""
    found, level = {start: 0}, {start}
    while level:
        level = {
            child
            for (child, parent), status in links.items()
            if parent in level and child not in found and (withdrawn or status == "current")
        }
        found |= dict.fromkeys(level, max(found.values()) + 1)
    return found
