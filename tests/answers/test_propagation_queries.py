"""Exact cases of queries below a model that random genealogies seldom meet."""

from typing import Any

import pytest

from crawler.graph.connection import Graph
from tests.support.graph_parts import write_owners
from tests.support.lineage_graph import ask, day, link, model, pick, write, write_dataset


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


def test_an_unchanged_copy_holds_the_same_weights_in_every_answer(graph: Graph) -> None:
    write(
        graph,
        [
            model("t/base", owner="t", gated="manual"),
            *(model(f"{name}/m", owner=name, gated="false") for name in ("ann", "bob", "cy")),
        ],
        [
            link("ann/m", "t/base", "copy", certainty="observed_in_files", sources=["files"]),
            link("bob/m", "ann/m", "quantized"),
            link("cy/m", "ann/m", "copy", certainty="inferred", sources=["inferred"]),
        ],
    )
    both = {
        ("ann/m", "same_weights", "observed_in_files", 1),
        ("bob/m", "same_weights", "observed_in_files", 2),
        ("cy/m", "unclear", "inferred", 2),
    }
    for name in ("impact", "gated_bypass"):
        assert pick(ask(graph, name, model="t/base"), "id", "class", "certainty", "depth") == both, name
    assert pick(ask(graph, "exposure_summary", model="t/base"), "class", "certainty", "models") == {
        ("same_weights", "observed_in_files", 2),
        ("unclear", "inferred", 1),
        ("total", None, 3),
    }
    assert pick(ask(graph, "notify", model="bob/m"), "direction", "wave", "owner") == {
        ("self", 0, "bob"),
        ("upstream", 1, "ann"),
        ("upstream", 1, "t"),
    }
    assert pick(ask(graph, "same_weights", model="bob/m"), "id", "role", "certainty", "distance") == {
        ("ann/m", "original", "declared_by_hub", 1),
        ("t/base", "original", "observed_in_files", 2),
    }
    assert pick(ask(graph, "descendants", model="t/base", kind=["copy"]), "id") == {("ann/m",), ("cy/m",)}
    assert pick(ask(graph, "generations", model="t/base"), "depth", "copies", "quantized") == {(1, 1, 0), (2, 1, 1)}


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


@pytest.fixture
def edited(graph: Graph) -> Graph:
    """A gated base, an owner's copy of it whose card no longer says so since day 5, an adapter of that, and a late model."""
    write(
        graph,
        [
            model("top/base", owner="top", gated="manual"),
            model("ann/copy", owner="ann", gated="false", weight_formats=["pytorch"]),
            model("bob/lora", owner="bob", gated="false", weight_formats=["pytorch"]),
            model("cy/tuned", owner="cy", gated="false", weight_formats=["pytorch"]),
        ],
        [
            link("ann/copy", "top/base", "quantized", status="withdrawn", withdrawn_at=day(5)),
            link("bob/lora", "ann/copy", "adapter", sources=["card"]),
            link("cy/tuned", "top/base", "finetune"),
        ],
    )
    write_dataset(graph, "some/set", ["TOP/BASE"])
    return graph


def test_an_edited_card_removes_nobody_from_an_answer(edited: Graph) -> None:
    asked = {
        "impact": {"model": "top/base"},
        "gated_bypass": {"model": "top/base"},
        "unsafe_weights": {"model": "top/base"},
        "dataset_impact": {"dataset": "some/set"},
    }
    for name, given in asked.items():
        rows = [(row["id"], row["link_status"]) for row in ask(edited, name, **given) if row["id"] != "top/base"]
        assert rows == [("cy/tuned", "current"), ("ann/copy", "withdrawn"), ("bob/lora", "withdrawn")], name
        rows = [(row["id"], row["link_status"]) for row in ask(edited, name, **given, as_of=day(4))]
        assert ("ann/copy", "current") in rows, name
        assert {row["id"] for row in ask(edited, name, **given, include_withdrawn=False)} - {"top/base"} == {"cy/tuned"}
    assert pick(ask(edited, "same_weights", model="top/base"), "id", "link_status") == {("ann/copy", "withdrawn")}
    columns = ("direction", "link_status", "wave", "owner", "certainty")
    assert [tuple(row[column] for column in columns) for row in ask(edited, "notify", model="top/base")] == [
        ("self", "current", 0, "top", None),
        ("downstream", "current", 3, "cy", "declared_by_hub"),
        ("downstream", "withdrawn", 1, "ann", "declared_by_hub"),
        ("downstream", "withdrawn", 2, "bob", "declared_by_author"),
    ]
    assert [tuple(row[column] for column in columns) for row in ask(edited, "notify", model="ann/copy")] == [
        ("self", "current", 0, "ann", None),
        ("downstream", "current", 2, "bob", "declared_by_author"),
        ("upstream", "withdrawn", 1, "top", "declared_by_hub"),
    ]


def test_deployers_are_those_of_the_model_and_of_listed_descendants_on_the_best_way_to_each(edited: Graph) -> None:
    write(
        edited,
        [
            model("dee/gone", owner="dee", status="gone", gone_at=day(3), providers=["novita"]),
            model("dee/deep", owner="dee", providers=["novita", "together"]),
            model("dee/alone", owner="dee"),
        ],
        [link("dee/gone", "cy/tuned"), link("dee/deep", "dee/gone", "quantized"), link("top/base", "dee/deep")],
    )
    with edited.session() as session:
        session.run("MATCH (m:Model) WHERE m.id IN ['top/base', 'bob/lora'] SET m.providers = ['together']").consume()
    columns = ("id", "providers", "depth", "link_status")
    rows = [tuple(row[name] for name in columns) for row in ask(edited, "deployers", model="top/base")]
    assert rows == [
        ("top/base", ["together"], 0, "current"),
        ("dee/deep", ["novita", "together"], 3, "current"),
        ("bob/lora", ["together"], 2, "withdrawn"),
    ]
    given: tuple[tuple[dict[str, Any], set[str]], ...] = (
        ({"include_withdrawn": False}, {"top/base", "dee/deep"}),
        ({"max_depth": 2}, {"top/base", "bob/lora"}),
        ({"along": ["quantized", "adapter"]}, {"top/base", "bob/lora"}),
        ({"limit": 1}, {"top/base"}),
    )
    for asked, found in given:
        assert {row["id"] for row in ask(edited, "deployers", model="top/base", **asked)} == found, asked
    before = ask(edited, "deployers", model="top/base", as_of=day(4))
    assert pick(before, "id", "link_status") == {
        ("top/base", "current"), ("dee/deep", "current"), ("bob/lora", "current"),
    }  # fmt: skip
    assert ask(edited, "deployers", model="dee/alone") == []


def test_a_total_counts_what_impact_lists_and_notify_counts(edited: Graph) -> None:
    summary = ask(edited, "exposure_summary", model="top/base")
    listed = [(row["class"], row["link_status"]) for row in ask(edited, "impact", model="top/base")]
    assert [(row["class"], row["link_status"]) for row in summary] == [*listed, ("total", None)]
    waves = [row for row in ask(edited, "notify", model="top/base") if row["direction"] == "downstream"]
    assert (summary[-1]["models"], summary[-1]["owners"]) == (3, 3) == (sum(r["all_models"] for r in waves), len(waves))
    assert sum(row["models"] for row in summary[:-1]) == 3


def test_a_way_of_declared_links_counts_though_a_withdrawn_one_is_stronger(graph: Graph) -> None:
    write(
        graph,
        [model(f"a/{name}", owner="a") for name in ("base", "merged", "copy")],
        [
            link("a/copy", "a/base", "quantized", status="withdrawn", withdrawn_at=day(5)),
            link("a/merged", "a/base", "merge"),
            link("a/merged", "a/copy", "quantized"),
        ],
    )
    assert pick(ask(graph, "impact", model="a/base"), "id", "class", "link_status") == {
        ("a/merged", "mixed", "current"),
        ("a/copy", "same_weights", "withdrawn"),
    }
    rows = [row for row in ask(graph, "notify", model="a/base") if row["direction"] == "downstream"]
    assert [(row["id"], row["wave"], row["link_status"], row["all_models"]) for row in rows] == [
        ("a/merged", 4, "current", 1),
        ("a/copy", 1, "withdrawn", 1),
    ]


def test_a_row_of_notify_is_about_the_model_that_it_names(graph: Graph) -> None:
    """near is gone and far is listed: far is named, with its own depth, downloads and evidence; near has no page any more."""
    write(
        graph,
        [
            model("top/base", owner="top", status="gone", gone_at=day(2)),
            model("a/near", owner="a", status="gone", gone_at=day(2), downloads=9),
            model("a/far", owner="a", downloads=5),
        ],
        [link("a/near", "top/base"), link("a/far", "a/near", sources=["card"])],
    )
    columns = ("id", "depth", "certainty", "downloads", "models", "listed", "total_downloads", "contact")
    assert [tuple(row[column] for column in columns) for row in ask(graph, "notify", model="top/base")] == [
        ("top/base", 0, None, None, 1, 0, 0, None),
        ("a/far", 2, "declared_by_author", 5, 2, 1, 5, "https://huggingface.co/a/far/discussions"),
    ]
    assert pick(ask(graph, "impact", model="top/base"), "id", "contact") == {
        ("a/near", None),
        ("a/far", "https://huggingface.co/a/far/discussions"),
    }


def test_upwards_a_copy_has_the_owner_of_its_weights_first_and_a_merge_those_of_its_parents(graph: Graph) -> None:
    write(
        graph,
        [model(f"{name}/m", owner=name) for name in ("base", "tuned", "copy", "other", "mix")],
        [
            link("tuned/m", "base/m"),
            link("copy/m", "tuned/m", "quantized"),
            link("mix/m", "tuned/m", "merge"),
            link("mix/m", "other/m", "merge"),
        ],
    )
    columns = ("direction", "wave", "class", "owner", "depth")
    assert [tuple(row[column] for column in columns) for row in ask(graph, "notify", model="copy/m")] == [
        ("self", 0, "itself", "copy", 0),
        ("upstream", 1, "same_weights", "tuned", 1),
        ("upstream", 3, "retrained", "base", 2),
    ]
    assert [tuple(row[column] for column in columns) for row in ask(graph, "notify", model="mix/m")] == [
        ("self", 0, "itself", "mix", 0),
        ("upstream", 4, "mixed", "tuned", 1),
        ("upstream", 4, "mixed", "other", 1),
        ("upstream", 4, "mixed", "base", 2),
    ]


def test_kind_is_the_last_step_and_along_every_step(graph: Graph) -> None:
    write(
        graph,
        [
            model("a/base", gated="auto"),
            *(
                model(f"a/{name}", owner="a", gated="false", weight_formats=["pytorch"])
                for name in ("tuned", "deep", "copy")
            ),
        ],
        [
            link("a/tuned", "a/base"),
            link("a/deep", "a/tuned", "quantized"),
            link("a/copy", "a/base", "quantized"),
        ],
    )
    for name in ("gated_bypass", "unsafe_weights"):
        asked = {"model": "a/base"}
        assert pick(ask(graph, name, **asked, kind=["quantized"]), "id") == {("a/deep",), ("a/copy",)}, name
        assert pick(ask(graph, name, **asked, along=["quantized"]), "id") == {("a/copy",)}, name
        assert pick(ask(graph, name, **asked, kind=["quantized"], along=["finetune"]), "id") == set(), name


def test_notify_can_be_restricted_to_persons_or_organisations(graph: Graph) -> None:
    write(
        graph,
        [
            model("top/base", owner="top"),
            model("ann/copy", owner="ann"),
            model("bob/copy", owner="bob"),
            model("no-owner"),
        ],
        [link("ann/copy", "top/base"), link("bob/copy", "top/base"), link("no-owner", "top/base")],
    )
    write_owners(graph)
    with graph.session() as session:
        session.run("MATCH (o:Owner {name: 'top'}) SET o.kind = 'organisation'").consume()
        session.run("MATCH (o:Owner {name: 'ann'}) SET o.kind = 'person'").consume()
    assert pick(ask(graph, "notify", model="top/base"), "owner", "owner_kind") == {
        ("top", "organisation"),
        ("ann", "person"),
        ("bob", "unknown"),
        (None, None),
    }
    for kinds, owners in ((["person"], {"ann"}), (["organisation", "unknown"], {"top", "bob"})):
        rows = ask(graph, "notify", model="top/base", owner_kind=kinds)
        assert {row["owner"] for row in rows} == owners
