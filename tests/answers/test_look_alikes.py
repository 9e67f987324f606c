"""`look_alikes`: which models are candidates, and what speaks for and against each."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.graph.connection import Graph
from tests.support.lineage_graph import ask, day, link, model, pick, wipe, write
from tests.support.plain_lineages import Lineage, adjacency, depths, in_force, lineages, looks_like, pairs_of

SHAPE: dict[str, Any] = {"parameters": 7, "model_type": "llama", "architectures": ["LlamaForCausalLM"]}


def test_a_candidate_has_size_architectures_and_model_type_and_is_not_older(graph: Graph) -> None:
    young = SHAPE | {"created_at": day(4)}
    gguf = {"parameters": 7, "weight_formats": ["gguf"], "created_at": day(4)}
    write(
        graph,
        [
            model("a/base", **SHAPE, created_at=day(3)),
            model("b/like", **young),
            model("b/undated", **SHAPE),
            model("b/file", **gguf),
            model("c/older", **SHAPE, created_at=day(2)),
            model("c/larger", **young | {"parameters": 8}),
            model("c/other-type", **young | {"model_type": "mistral"}),
            model("c/other-class", **young | {"architectures": ["LlamaModel"]}),
            model("c/untold", parameters=7, created_at=day(4)),
            model("c/declares", **young),
            model("c/gone", **young | {"status": "gone", "gone_at": day(5)}),
        ],
        [link("c/declares", "c/larger")],
    )
    assert pick(ask(graph, "look_alikes", model="a/base"), "id", "candidates") == {
        ("b/like", 3),
        ("b/undated", 3),
        ("b/file", 3),
    }
    [first] = ask(graph, "look_alikes", model="a/base", limit=1)
    assert first["candidates"] == 3
    assert pick(ask(graph, "look_alikes", model="a/base", as_of=day(4)), "id") == {
        ("b/like",),
        ("b/undated",),
        ("b/file",),
        ("c/gone",),
    }


@pytest.mark.parametrize("missing", [{"parameters": None}, {"model_type": None, "architectures": None}])
def test_without_its_size_or_its_architecture_nothing_is_compared(graph: Graph, missing: dict[str, None]) -> None:
    shape = {name: value for name, value in SHAPE.items() if name not in missing}
    write(graph, [model("a/base", **shape), model("b/like", **shape)])
    assert ask(graph, "look_alikes", model="a/base") == []


def test_a_model_from_which_it_descends_is_no_candidate_and_a_link_to_itself_declares_nothing(graph: Graph) -> None:
    write(
        graph,
        [model(f"a/{name}", **SHAPE) for name in ("base", "parent", "mirror")],
        [link("a/base", "a/parent"), link("a/mirror", "a/mirror")],
    )
    [row] = ask(graph, "look_alikes", model="a/base")
    assert (row["id"], "has_children" in row["speaks_against"]) == ("a/mirror", False)


def test_what_speaks_for_and_against_a_candidate_decides_its_place(graph: Graph) -> None:
    about = {"license": "mit", "library": "transformers", "pipeline_tag": "text-generation"}
    other = {"license": "gemma", "library": "mlx", "pipeline_tag": "fill-mask"}
    write(
        graph,
        [
            model("a/Tiny-7b", **SHAPE, **about, owner="a", downloads=5, created_at=day(1)),
            model("z/tiny-7b", **SHAPE, **about, owner="a", quantization="gptq", created_at=day(2)),
            model("b/tiny-7b-chat", **SHAPE, created_at=day(2)),
            model("b/tiny_chat", **SHAPE, created_at=day(2)),
            model("c/new", **SHAPE, **other, owner="c", downloads=6, created_at=day(1)),
            model("d/child"),
            model("d/file", parameters=7, weight_formats=["gguf"], created_at=day(2)),
        ],
        [
            link("d/child", "c/new"),
            link("b/tiny_chat", "a/Tiny-7b", status="withdrawn", withdrawn_at=day(3)),
            link("c/new", "d/child", status="withdrawn", withdrawn_at=day(3)),
        ],
    )
    rows = ask(graph, "look_alikes", model="a/Tiny-7b")
    assert [(row["id"], row["speaks_for"], row["speaks_against"]) for row in rows] == [
        ("z/tiny-7b", ["same_name", "same_owner", "same_license", "same_library", "same_task", "quantized"], []),
        ("b/tiny_chat", ["declared_once", "same_first_word"], []),
        ("b/tiny-7b-chat", ["name_contained"], []),
        ("d/file", ["quantized"], ["architecture_unknown", "other_name"]),
        (
            "c/new",
            [],
            [
                "declared_another_once", "age_unknown", "other_name", "other_license", "other_library", "other_task",
                "has_children", "more_downloads",
            ],
        ),
    ]  # fmt: skip


@settings(max_examples=50, deadline=None)
@given(lineage=lineages(), data=st.data())
def test_candidates_are_those_that_plain_python_finds(
    schema_graph: Graph, lineage: Lineage, data: st.DataObject
) -> None:
    for node in lineage.models:
        shape = data.draw(
            st.fixed_dictionaries(
                {},
                optional={
                    "parameters": st.sampled_from([7, 7, 8]),
                    "model_type": st.sampled_from(["llama", "llama", "mistral"]),
                    "architectures": st.sampled_from([["A"], ["A"], ["B"]]),
                    "created_at": st.integers(1, 3).map(day),
                },
            )
        )
        node.update(shape)
    wipe(schema_graph)
    write(schema_graph, lineage.models, lineage.links)
    links = [
        entry
        for entry in in_force(lineage.links, lineage.at, None, include_withdrawn=False)
        if entry["child"] != entry["parent"]
    ]
    above = depths(lineage.model, adjacency(pairs_of(links)))
    declaring = {entry["child"] for entry in links}
    itself = lineage.nodes[lineage.model]
    expected = {
        name
        for name in lineage.names
        if name not in declaring | above.keys()
        and lineage.status(name) == "listed"
        and looks_like(itself, lineage.nodes[name])
    }
    rows = ask(schema_graph, "look_alikes", **lineage.asked("model", "as_of"))
    assert {row["key"] for row in rows} == expected
    assert [row["candidates"] for row in rows] == [len(expected)] * len(expected)
    points = [len(row["speaks_for"]) - len(row["speaks_against"]) for row in rows]
    assert points == sorted(points, reverse=True)
