"""What the saved queries about one family answer, on a real Neo4j."""

from typing import Any

import neo4j
import pytest

from crawler.graph.connection import Graph
from tests.support.lineage_graph import ask, day, link, model, pick, write, write_former_name


@pytest.fixture
def family(graph: Graph) -> Graph:
    """A base and what came of it.

    base ◀─ left ◀─ tip ◀─ tail        a diamond with a tail
    base ◀─ right ◀─ tip
    base ◀─ vanished ◀─ orphan         a model in the middle that is gone
    base ◀╌ former                     a link that was withdrawn on the 5th
    base ◀─ self ↺
    ghost ◀─ base                      a parent that no listing holds
    one ⇄ two ◀─ three                 a family whose head is a circle
    """
    names = ("base", "left", "right", "tip", "tail", "orphan", "former", "self", "one", "two", "three", "alone")
    write(
        graph,
        [
            *(model(f"a/{name}") for name in names),
            model("a/vanished", status="gone", gone_at=day(4), gone_reason="deleted_or_private"),
            {"key": "absent:a/ghost", "id": "a/ghost", "status": "absent", "first_seen": day(1)},
        ],
        [
            link("a/left", "a/base"),
            link("a/right", "a/base", "adapter"),
            link("a/tip", "a/left", "merge"),
            link("a/tip", "a/right", "merge"),
            link("a/tail", "a/tip", "quantized", first_seen=day(6)),
            link("a/vanished", "a/base"),
            link("a/orphan", "a/vanished", "quantized"),
            link("a/former", "a/base", status="withdrawn", withdrawn_at=day(5)),
            link("a/self", "a/base"),
            link("a/self", "a/self"),
            link("a/one", "a/two"),
            link("a/two", "a/one", "unknown"),
            link("a/three", "a/two"),
            link("a/base", "") | {"parent": "absent:a/ghost"},
        ],
    )
    return graph


def test_descendants_are_found_once_with_their_least_depth_and_through_gone_models(family: Graph) -> None:
    rows = ask(family, "descendants", model="a/base")
    assert pick(rows, "id", "depth", "status") == {
        ("a/left", 1, "listed"),
        ("a/right", 1, "listed"),
        ("a/self", 1, "listed"),
        ("a/vanished", 1, "gone"),
        ("a/tip", 2, "listed"),
        ("a/orphan", 2, "listed"),
        ("a/tail", 3, "listed"),
    }
    assert len(rows) == 7
    assert [row["id"] for row in rows] == ["a/left", "a/right", "a/self", "a/vanished", "a/tip", "a/orphan", "a/tail"]


def test_descendants_say_how_each_derives_from_its_own_parents(family: Graph) -> None:
    relations = {row["id"]: row["relations"] for row in ask(family, "descendants", model="a/base")}
    assert (relations["a/tip"], relations["a/right"], relations["a/self"]) == (["merge"], ["adapter"], ["finetune"])


def test_ancestors_include_the_absent(family: Graph) -> None:
    assert pick(ask(family, "ancestors", model="a/tail"), "id", "depth", "status") == {
        ("a/tip", 1, "listed"),
        ("a/left", 2, "listed"),
        ("a/right", 2, "listed"),
        ("a/base", 3, "listed"),
        ("a/ghost", 4, "absent"),
    }


@pytest.mark.parametrize("query", ["ancestors", "descendants", "parents", "children"])
@pytest.mark.parametrize("name", ["a/one", "a/two", "a/self"])
def test_no_model_is_its_own_relative(family: Graph, query: str, name: str) -> None:
    assert (name,) not in pick(ask(family, query, model=name), "id")


def test_circles_are_walked_round(family: Graph) -> None:
    assert pick(ask(family, "descendants", model="a/one"), "id", "depth") == {("a/two", 1), ("a/three", 2)}
    assert pick(ask(family, "ancestors", model="a/three"), "id", "depth") == {("a/two", 1), ("a/one", 2)}


def test_depth_kinds_and_limit_narrow_the_answer(family: Graph) -> None:
    assert pick(ask(family, "descendants", model="a/base", max_depth=1, along=["finetune"]), "id") == {
        ("a/left",),
        ("a/self",),
        ("a/vanished",),
    }
    assert pick(ask(family, "descendants", model="a/base", along=["adapter", "merge"]), "id", "depth", "status") == {
        ("a/right", 1, "listed"),
        ("a/tip", 2, "listed"),
    }
    assert [row["id"] for row in ask(family, "descendants", model="a/base", limit=2)] == ["a/left", "a/right"]
    assert len(ask(family, "children", model="a/base", limit=1)) == 1


def test_a_kind_is_that_of_the_own_step_and_along_that_of_every_step(family: Graph) -> None:
    copies = ask(family, "descendants", model="a/base", kind=["quantized"])
    assert [(row["id"], row["depth"], row["relations"]) for row in copies] == [
        ("a/orphan", 2, ["quantized"]),
        ("a/tail", 3, ["quantized"]),
    ]
    assert ask(family, "descendants", model="a/base", along=["quantized"]) == []
    both = {"kind": ["quantized"], "along": ["quantized", "finetune"]}
    assert pick(ask(family, "descendants", model="a/base", **both), "id") == {("a/orphan",)}
    assert pick(ask(family, "ancestors", model="a/tail", kind=["adapter"]), "id", "depth") == {("a/base", 3)}
    assert pick(ask(family, "children", model="a/base", kind=["adapter"]), "id") == {("a/right",)}
    assert pick(ask(family, "siblings", model="a/left", kind=["adapter"]), "id") == {("a/right",)}
    assert [
        (row["depth"], row["models"]) for row in ask(family, "generations", model="a/base", kind=["quantized"])
    ] == [
        (2, 1),
        (3, 1),
    ]


def test_a_descendant_is_as_certain_as_the_weakest_link_of_its_shortest_path(graph: Graph) -> None:
    hub, card, rule = ["hub"], ["card"], ["inferred"]
    write(
        graph,
        [model(f"a/{name}") for name in ("base", "guess", "copy", "sure", "leaf")],
        [
            link("a/guess", "a/base", sources=rule),
            link("a/copy", "a/guess", sources=hub),
            link("a/sure", "a/base", sources=card),
            link("a/leaf", "a/guess", sources=hub),
            link("a/leaf", "a/sure", sources=hub),
        ],
    )
    assert pick(ask(graph, "descendants", model="a/base"), "id", "depth", "certainty") == {
        ("a/guess", 1, "inferred"),
        ("a/sure", 1, "declared_by_author"),
        ("a/copy", 2, "inferred"),
        ("a/leaf", 2, "declared_by_author"),
    }
    assert pick(ask(graph, "ancestors", model="a/copy"), "id", "certainty") == {
        ("a/guess", "declared_by_hub"),
        ("a/base", "inferred"),
    }
    assert pick(ask(graph, "roots", model="a/copy"), "id", "certainty") == {("a/base", "inferred")}
    assert [row["certainty"] for row in ask(graph, "path", model="a/copy", other="a/base")] == [
        "declared_by_hub",
        "inferred",
    ]
    assert pick(ask(graph, "generations", model="a/base"), "depth", "models", "inferred") == {(1, 2, 1), (2, 2, 0)}


def test_the_children_that_others_build_on_come_first(graph: Graph) -> None:
    write(
        graph,
        [
            model("a/base"),
            *(model(f"a/model-{number}", downloads=number) for number in range(12)),
            model("a/gone", status="gone", gone_at=day(2), downloads=99),
            *(model(f"b/{number}") for number in range(5)),
        ],
        [
            *(link(f"a/model-{number}", "a/base") for number in range(12)),
            link("a/gone", "a/base"),
            *(link(f"b/{number}", "a/model-7") for number in range(3)),
            link("b/3", "a/gone"),
            link("b/4", "a/gone"),
        ],
    )
    for query in ("children", "descendants"):
        first = ask(graph, query, model="a/base", limit=3)
        assert [(row["id"], row["children"]) for row in first] == [
            ("a/model-7", 3),
            ("a/model-11", 0),
            ("a/model-10", 0),
        ]
        assert [row["id"] for row in ask(graph, query, model="a/base") if row["id"].startswith("a/")][-1] == "a/gone"


def test_withdrawn_links_count_when_they_are_asked_for_or_on_a_day_when_they_stood(family: Graph) -> None:
    now = pick(ask(family, "children", model="a/base"), "id")
    everything = pick(ask(family, "children", model="a/base", include_withdrawn=True), "id", "link_status")
    on_the_4th = pick(ask(family, "children", model="a/base", as_of="2025-01-04"), "id", "link_status")
    assert ("a/former",) not in now
    assert ("a/former", "withdrawn") in everything
    assert ("a/former", "current") in on_the_4th
    below = ask(family, "descendants", model="a/base", include_withdrawn=True)
    assert [row["id"] for row in below if row["link_status"] == "withdrawn"] == [below[-1]["id"]] == ["a/former"]
    assert ("a/former",) not in pick(ask(family, "descendants", model="a/base", as_of="2025-01-05"), "id")


def test_as_of_answers_for_that_day(family: Graph) -> None:
    def status_of(name: str, as_of: object) -> str | None:
        rows = ask(family, "descendants", model="a/base", as_of=as_of)
        return {row["id"]: row["status"] for row in rows}.get(name)

    assert ask(family, "descendants", model="a/base", as_of="2024-12-31") == []
    assert status_of("a/vanished", "2025-01-03") == "listed"
    assert status_of("a/vanished", "2025-01-04") == "gone"
    assert status_of("a/orphan", "2025-01-04") == "listed"
    assert status_of("a/tail", "2025-01-05") is None
    assert status_of("a/tail", "2025-01-06") == "listed"
    assert status_of("a/tail", "2025-01-06T02:00:00Z") is None
    assert status_of("a/tail", day(6)) == "listed"
    assert status_of("a/tail", "2025-01-06T03:30:00+01:00") is None


def test_what_was_away_for_a_while_is_missing_for_that_while_only(graph: Graph) -> None:
    away = [day(3), day(5), day(7), day(8)]
    write(
        graph,
        [model("a/base"), model("a/mid", absences=away), model("a/leaf"), model("a/other")],
        [link("a/mid", "a/base"), link("a/leaf", "a/mid"), link("a/other", "a/base", absences=away)],
    )

    def on(number: int) -> set[tuple[Any, ...]]:
        return pick(ask(graph, "descendants", model="a/base", as_of=day(number)), "id", "status")

    def seen(mid: str, *others: str) -> set[tuple[str, str]]:
        return {("a/mid", mid), ("a/leaf", "listed"), *((other, "listed") for other in others)}

    assert [on(number) for number in (2, 3, 4, 5, 6, 7, 8, 9)] == [
        seen("listed", "a/other"),
        seen("gone"),
        seen("gone"),
        seen("listed", "a/other"),
        seen("listed", "a/other"),
        seen("gone"),
        seen("listed", "a/other"),
        seen("listed", "a/other"),
    ]
    assert pick(ask(graph, "model", model="a/mid", as_of=day(4)), "status") == {("gone",)}
    assert pick(ask(graph, "model", model="a/base", as_of=day(4)), "children") == {(1,)}
    assert pick(ask(graph, "top_parents", as_of=day(4)), "id", "children") == {("a/mid", 1)}


def test_parents_and_children_say_where_it_is_said(family: Graph) -> None:
    assert pick(ask(family, "parents", model="a/tip"), "id", "relation", "link_status", "link_since") == {
        ("a/left", "merge", "current", neo4j.time.DateTime.from_native(day(1))),
        ("a/right", "merge", "current", neo4j.time.DateTime.from_native(day(1))),
    }
    (row,) = ask(family, "parents", model="a/base")
    assert (row["id"], row["status"], row["sources"]) == ("a/ghost", "absent", ["hub", "tag"])


def test_the_model_is_told_with_its_names_and_counts(family: Graph) -> None:
    write_former_name(family, "old/base", "A/BASE")
    (row,) = ask(family, "model", model="a/base")
    assert (row["id"], row["key"], row["former_names"], row["parents"], row["children"]) == (
        "a/base",
        "A/BASE",
        ["old/base"],
        1,
        4,
    )
    (with_self_link,) = ask(family, "model", model="a/self")
    assert (with_self_link["parents"], with_self_link["children"]) == (1, 0)


def test_before_its_name_was_met_a_model_is_unknown(graph: Graph) -> None:
    write(graph, [model("a/late", first_seen=day(3), listed_at=day(5))])
    for query in ("model", "roots"):
        found = [pick(ask(graph, query, model="a/late", as_of=day(number)), "id", "status") for number in (2, 3, 5)]
        assert found == [set(), {("a/late", "absent")}, {("a/late", "listed")}]


def test_roots_are_where_the_record_ends(family: Graph) -> None:
    assert pick(ask(family, "roots", model="a/tail"), "id", "depth", "on_cycle", "status") == {
        ("a/ghost", 4, False, "absent"),
    }
    assert pick(ask(family, "roots", model="a/alone"), "id", "depth", "on_cycle") == {("a/alone", 0, False)}


def test_a_family_that_begins_with_a_circle_has_the_circle_for_its_roots(family: Graph) -> None:
    assert pick(ask(family, "roots", model="a/three"), "id", "depth", "on_cycle") == {
        ("a/two", 1, True),
        ("a/one", 2, True),
    }


def test_a_circle_below_a_root_is_no_root(graph: Graph) -> None:
    write(
        graph,
        [model(f"a/{name}") for name in ("leaf", "one", "two", "head", "self", "p", "q")],
        [
            link("a/leaf", "a/one"),
            link("a/one", "a/two"),
            link("a/two", "a/one"),
            link("a/two", "a/head"),
            link("a/leaf", "a/self"),
            link("a/self", "a/self"),
            link("a/one", "a/p"),
            link("a/p", "a/q"),
            link("a/q", "a/p"),
        ],
    )
    assert pick(ask(graph, "roots", model="a/leaf"), "id", "depth", "on_cycle") == {
        ("a/head", 3, False),
        ("a/self", 1, False),
        ("a/p", 2, True),
        ("a/q", 3, True),
    }


@pytest.mark.parametrize(("model_name", "other"), [("a/orphan", "a/base"), ("a/base", "a/orphan")])
def test_a_path_is_found_from_either_end(family: Graph, model_name: str, other: str) -> None:
    assert pick(ask(family, "path", model=model_name, other=other), "step", "child", "parent", "relation") == {
        (1, "a/orphan", "a/vanished", "quantized"),
        (2, "a/vanished", "a/base", "finetune"),
    }


def test_a_path_marks_what_is_gone_on_the_way(family: Graph) -> None:
    rows = ask(family, "path", model="a/orphan", other="a/ghost")
    assert [(row["child_status"], row["parent_status"]) for row in rows] == [
        ("listed", "gone"),
        ("gone", "listed"),
        ("listed", "absent"),
    ]


@pytest.mark.parametrize(("model_name", "other"), [("a/left", "a/right"), ("a/base", "a/alone"), ("a/base", "a/base")])
def test_where_neither_descends_from_the_other_there_is_no_path(family: Graph, model_name: str, other: str) -> None:
    assert ask(family, "path", model=model_name, other=other) == []


def test_top_parents_count_listed_children(family: Graph) -> None:
    rows = ask(family, "top_parents")
    assert [(row["id"], row["children"]) for row in rows] == [
        ("a/base", 3),
        ("a/two", 2),
        ("a/left", 1),
        ("a/one", 1),
        ("a/right", 1),
        ("a/tip", 1),
        ("a/vanished", 1),
        ("a/ghost", 1),
    ]
    assert [row["id"] for row in ask(family, "top_parents", limit=2)] == ["a/base", "a/two"]
    assert pick(ask(family, "top_parents", as_of="2025-01-03"), "id", "children") >= {("a/base", 5)}


def test_of_several_models_of_one_name_the_listed_one_answers_then_the_newest_and_a_key_reaches_each(
    graph: Graph,
) -> None:
    # The Hub's keys are in the order of creation; which of them went last says nothing.
    write(
        graph,
        [
            model("a/name", key="2-NEWEST", status="gone", gone_at=day(1)),
            model("a/name", key="1-OLDER", status="gone", gone_at=day(2)),
            model("a/name", key="0-LISTED"),
            *(model(f"a/{name}") for name in ("gone-child", "child", "gone-parent", "parent")),
        ],
        [
            link("a/gone-child", "2-newest"),
            link("a/child", "0-listed"),
            link("2-newest", "a/gone-parent"),
            link("0-listed", "a/parent"),
        ],
    )
    for name in ("model", "parents", "children", "ancestors", "descendants", "roots"):
        by_name, listed, gone = (ask(graph, name, model=called) for called in ("a/name", "0-LISTED", "2-NEWEST"))
        assert by_name == listed != gone, name
    assert pick(ask(graph, "path", model="a/name", other="a/child"), "child", "parent") == {("a/child", "a/name")}
    assert pick(ask(graph, "path", model="a/parent", other="a/name"), "child", "parent") == {("a/name", "a/parent")}
    with graph.session() as session:
        session.run("MATCH (m:Model {key: '0-LISTED'}) DETACH DELETE m").consume()
    assert pick(ask(graph, "model", model="a/name"), "key") == {("2-NEWEST",)}
