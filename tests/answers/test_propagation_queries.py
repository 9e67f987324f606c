"""Exact cases of queries below a model that random genealogies seldom meet."""

import pytest

from crawler.graph.connection import Graph
from tests.support.lineage_graph import ask, day, link, model, pick, write


@pytest.mark.parametrize(
    ("asked", "gone"), [(day(3), set()), (day(5), {("a/child", "a/back", day(4))}), (day(6), set())]
)
def test_a_parent_that_was_away_is_gone_on_those_days_alone(
    graph: Graph, asked: object, gone: set[tuple[str, str, object]]
) -> None:
    write(graph, [model("a/back", absences=[day(4), day(6)]), model("a/child")], [link("a/child", "a/back")])
    rows = ask(graph, "gone_parents", as_of=asked)
    assert {(row["id"], row["parent"], row["gone_at"].to_native()) for row in rows} == gone
    assert ask(graph, "gone_parents") == []


def test_a_generation_counts_the_kinds_of_links_from_the_generation_before_alone(graph: Graph) -> None:
    """low comes from mid by quantisation and from base by merging: it is a child, and its link to mid does not count."""
    write(
        graph,
        [model(f"a/{name}", owner="a") for name in ("base", "mid", "low", "two")],
        [
            link("a/mid", "a/base"),
            link("a/low", "a/base", "merge"),
            link("a/low", "a/mid", "quantized"),
            link("a/two", "a/mid", "adapter"),
            link("a/two", "a/low", "merge"),
        ],
    )
    columns = ("depth", "models", "finetunes", "adapters", "quantized", "merges", "unknown")
    assert pick(ask(graph, "generations", model="a/base"), *columns) == {(1, 2, 1, 0, 0, 1, 0), (2, 1, 0, 1, 0, 1, 0)}


def test_a_stronger_way_counts_though_it_is_longer_and_a_surer_one_before_a_shorter(graph: Graph) -> None:
    write(
        graph,
        [model(f"a/{name}") for name in ("base", "copy", "low", "sure")],
        [
            link("a/copy", "a/base", "quantized"),
            link("a/low", "a/copy", "quantized"),
            link("a/low", "a/base", "merge"),
            link("a/sure", "a/low", "quantized"),
            link("a/sure", "a/base", "quantized", sources=["card"]),
        ],
    )
    rows = ask(graph, "impact", model="a/base")
    assert pick(rows, "id", "class", "certainty", "depth") == {
        ("a/copy", "same_weights", "declared_by_hub", 1),
        ("a/low", "same_weights", "declared_by_hub", 2),
        ("a/sure", "same_weights", "declared_by_hub", 3),
    }
    assert [row["path"] for row in rows if row["id"] == "a/sure"] == [["a/sure", "a/low", "a/copy", "a/base"]]


def test_roles_of_copies(graph: Graph) -> None:
    """two repositories of copies of one base; an adapter of a copy holds none of its weights."""
    write(
        graph,
        [model(f"a/{name}") for name in ("base", "one", "two", "deep", "lora")],
        [
            link("a/one", "a/base", "quantized"),
            link("a/two", "a/base", "quantized"),
            link("a/deep", "a/one", "quantized"),
            link("a/lora", "a/one", "adapter"),
        ],
    )
    assert pick(ask(graph, "same_weights", model="a/one"), "id", "role", "distance") == {
        ("a/base", "original", 1),
        ("a/two", "sibling", 2),
        ("a/deep", "copy", 1),
    }
    assert ask(graph, "same_weights", model="a/lora") == []


def test_members_of_a_circle_are_ancestors_and_descendants_at_once(graph: Graph) -> None:
    write(graph, [model("a/one"), model("a/two")], [link("a/one", "a/two"), link("a/two", "a/one")])
    assert pick(ask(graph, "family", model="a/one"), "id", "kin") == {("a/one", "itself"), ("a/two", "both")}
