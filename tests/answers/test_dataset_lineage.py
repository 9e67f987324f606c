"""Data sets that are made from others: the models that name them count as well, on random graphs as in plain Python."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.answers.resolve import KINDS, resolve
from crawler.answers.run import read_session
from crawler.graph.connection import Graph
from tests.support.lineage_graph import ask, day, link, model, pick, wipe, write

HUB = "https://huggingface.co"
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


def steps(links: Links, start: str, *, withdrawn: bool) -> dict[str, int]:
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


@settings(max_examples=40)
@given(links=LINKS, trained=TRAINED, include_withdrawn=st.booleans(), as_of=st.sampled_from([None, 2, 4, 8]))
def test_models_that_name_a_data_set_made_from_another_are_reached(
    schema_graph: Graph, links: Links, trained: set[tuple[str, str]], include_withdrawn: bool, as_of: int | None
) -> None:
    wipe(schema_graph)
    write(schema_graph, [model(name) for name in MODELS])
    write_datasets(schema_graph, links, trained)
    # On day 2 there was no link yet; on day 4, none was withdrawn.
    then = {} if as_of == 2 else dict.fromkeys(links, "current") if as_of == 4 else links
    best: dict[str, tuple[bool, int, str]] = {}
    for withdrawn in (False, True) if include_withdrawn else (False,):
        for name, distance in steps(then, "s/a", withdrawn=withdrawn).items():
            best[name] = min(best.get(name, (withdrawn, distance, name)), (withdrawn, distance, name))
    expected: dict[str, tuple[bool, int, str]] = {}
    for one, name in trained:
        if name in best:
            expected[one] = min(expected.get(one, best[name]), best[name])
    rows = ask(
        schema_graph, "dataset_impact", dataset="S/A", include_withdrawn=include_withdrawn,
        as_of=None if as_of is None else day(as_of),
    )  # fmt: skip
    assert pick(rows, "id", "class", "link_status", "dataset") == {
        (one, "trained_on", "withdrawn" if withdrawn else "current", name)
        for one, (withdrawn, _, name) in expected.items()
    }
    assert len(rows) == len(expected)


def test_descendants_are_reached_through_a_data_set_that_is_made_from_another(graph: Graph) -> None:
    write(graph, [model("m/top"), model("m/below")], [link("m/below", "m/top")])
    write_datasets(graph, {("s/b", "s/a"): "current", ("s/c", "s/b"): "current"}, {("m/top", "s/c")})
    rows = ask(graph, "dataset_impact", dataset="s/a")
    assert pick(rows, "id", "class", "depth", "root", "dataset") == {
        ("m/top", "trained_on", 0, "m/top", "s/c"),
        ("m/below", "retrained", 1, "m/top", "s/c"),
    }


@pytest.mark.parametrize("text", ["old/name", "OLD/Name", f"{HUB}/datasets/old/name"])
def test_a_former_name_of_a_data_set_finds_it(graph: Graph, text: str) -> None:
    graph.write(
        "CREATE (:Dataset {key: 'D', id: 'new/home', id_lower: 'new/home', status: 'listed', former_names: ['Old/name']})"
    )
    graph.write("CREATE (:Crawl {id: '1', started_at: datetime()})")
    with read_session(graph) as session:
        assert resolve(session, text, HUB, KINDS["dataset"]).key == "new/home"
