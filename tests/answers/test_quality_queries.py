"""The queries under quality/ against a computation in plain Python, on random graphs, and on small cases that say why."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.graph.connection import Graph
from tests.support.lineage_graph import ask, day, link, model, pick, write, write_former_name
from tests.support.random_hub import Hub, Step, random_hub


def names(steps: list[Step]) -> set[tuple[Any, ...]]:
    return {(step.child["id"], step.parent["id"]) for step in steps}


def most_downloaded_first(rows: list[dict[str, Any]]) -> bool:
    downloads = [row["downloads"] or 0 for row in rows]
    return downloads == sorted(downloads, reverse=True)


def mark_cycles(graph: Graph, hub: Hub) -> dict[str, set[str]]:
    """Give the models on circles their mark, as a snapshot does; mark → names."""
    below = {key: set(hub.way_down(key)) for key in hub.models}
    rings = {key: {other for other in below[key] if key in below[other]} for key in hub.models}
    marks = {key: min(ring) for key, ring in rings.items() if len(ring) > 1}
    with graph.session() as session:
        session.run(
            "UNWIND $rows AS row MATCH (m:Model {key: row[0]}) SET m.cycle = row[1]",
            rows=[list(item) for item in marks.items()],
        ).consume()
    return {mark: {hub.models[key]["id"] for key in rings[mark]} for mark in marks.values()}


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_quality_queries_agree_with_a_plain_search(schema_graph: Graph, seed: int) -> None:
    hub = random_hub(seed)
    hub.write(schema_graph)
    steps = list(hub.steps(to_itself=True))
    listed = {key: found for key, found in hub.models.items() if found["status"] == "listed"}

    for withdrawn in (False, True):
        selves = [
            step for step in hub.steps(listed=False, withdrawn=withdrawn, to_itself=True) if step.child is step.parent
        ]
        rows = ask(schema_graph, "self_links", include_withdrawn=withdrawn)
        everybody = list(hub.steps(listed=False))
        assert pick(rows, "id", "link_status", "parents", "children") == {
            (
                step.child["id"],
                step.edge["status"],
                sum(other.child is step.child for other in everybody),
                sum(other.parent is step.child for other in everybody),
            )
            for step in selves
        }
        order = [
            (row["link_status"], row["status"] != "listed", -row["children"], -(row["downloads"] or 0), row["id"])
            for row in rows
        ]
        assert order == sorted(order)

    rings = mark_cycles(schema_graph, hub)
    rows = ask(schema_graph, "cycles")
    assert {row["cycle"]: set(row["members"]) for row in rows} == rings
    for row in rows:
        inside = {(s.child["id"], s.parent["id"], s.edge["relation"]) for s in hub.steps(listed=False)}
        assert set(row["links"]) == {f"{c} -> {p} ({r})" for c, p, r in inside if {c, p} <= set(row["members"])}

    rows = ask(schema_graph, "contradictions")
    disputed = [step for step in steps if "claims" in step.edge]
    assert pick(rows, "child", "parent") == names(disputed)
    assert most_downloaded_first(rows)
    assert pick(ask(schema_graph, "contradictions", kind=["adapter"], owner="a"), "child", "parent") == names(
        [step for step in disputed if step.edge["relation"] == "adapter" and step.child["owner"] == "a"]
    )

    rows = ask(schema_graph, "inferred")
    assert pick(rows, "child", "parent", "what", "rule") == {
        (
            step.child["id"],
            step.parent["id"],
            "parent" if step.edge["sources"] == ["inferred"] else "relation",
            "name_suffix",
        )
        for step in steps
        if "inferred" in step.edge["sources"]
    }

    rows = ask(schema_graph, "case_variants")
    assert {(row["child"], row["parent"], *row["variants"]) for row in rows} == {
        (step.child["id"], step.parent["id"], *step.edge["declared_as"])
        for step in steps
        if step.edge["declared_as"] != [step.parent["id"]]
    }

    rows = ask(schema_graph, "unresolved")
    expected = {}
    for found in hub.models.values():
        named = [step for step in hub.steps(listed=False) if step.parent is found]
        if found["status"] == "absent" and named:
            by_listed = [step for step in named if step.child["status"] == "listed"]
            expected[found["id"]] = (
                len(by_listed),
                len(named) - len(by_listed),
                {step.edge["declared_as"][0] for step in named},
                max((step.child.get("downloads", 0) for step in by_listed), default=None),
            )
    downloads = {found["id"]: found.get("downloads", 0) for found in hub.models.values()} | {None: None}
    assert {
        row["id"]: (row["children"], row["gone_children"], set(row["spellings"]), downloads[row["example"]])
        for row in rows
    } == expected
    assert [row["children"] for row in rows] == sorted((row["children"] for row in rows), reverse=True)

    silent = {
        (
            step.child["id"],
            step.parent["id"],
            "adapter_config" if "adapter_config" in step.edge["sources"] else "inferred",
        )
        for step in hub.steps()
        if step.edge["relation"] == "adapter" and step.edge["sources"] in (["adapter_config"], ["inferred"])
    }
    with_base = {step.child["key"] for step in hub.steps() if step.edge["relation"] != "copy"}
    orphans = {
        (found["id"], None, "no_parent")
        for key, found in listed.items()
        if found.get("library") == "peft" and key not in with_base
    }
    rows = ask(schema_graph, "undeclared_adapters")
    assert pick(rows, "id", "parent", "why") == silent | orphans
    assert len(rows) == len(silent | orphans)
    assert most_downloaded_first(rows)

    rows = ask(schema_graph, "no_card")
    assert pick(rows, "id", "parents", "children") == {
        (
            found["id"],
            sum(step.child is found for step in hub.steps(listed=False)),
            sum(step.parent is found for step in hub.steps(listed=False)),
        )
        for found in listed.values()
        if not found["has_card"]
    }
    assert most_downloaded_first(rows)
    assert [row["id"] for row in ask(schema_graph, "no_card", limit=3)] == [row["id"] for row in rows[:3]]


def test_circles_that_share_a_model_are_one_and_a_link_to_itself_is_none(graph: Graph) -> None:
    write(
        graph,
        [
            *(
                model(f"a/{name}", cycle="A/ONE", created_at=day(n))
                for n, name in ((3, "one"), (2, "two"), (1, "three"))
            ),
            model("a/self"),
        ],
        [
            link("a/one", "a/two"),
            link("a/two", "a/one", "merge"),
            link("a/two", "a/three"),
            link("a/three", "a/two"),
            link("a/self", "a/self"),
        ],
    )
    (row,) = ask(graph, "cycles")
    assert (row["size"], row["members"]) == (3, ["a/three", "a/two", "a/one"])
    assert row["links"] == [
        "a/three -> a/two (finetune)",
        "a/two -> a/one (merge)",
        "a/two -> a/three (finetune)",
        "a/one -> a/two (finetune)",
    ]


def test_an_absent_parent_that_nobody_names_any_more_is_shown_when_asked(graph: Graph) -> None:
    write(
        graph,
        [model("a/child"), {"key": "absent:b/ghost", "id": "b/Ghost", "status": "absent", "first_seen": day(1)}],
        [
            link("a/child", "", status="withdrawn", withdrawn_at=day(2), declared_as=["b/Ghost"])
            | {"parent": "absent:b/ghost"}
        ],
    )
    assert ask(graph, "unresolved") == []
    (row,) = ask(graph, "unresolved", include_withdrawn=True)
    assert (row["id"], row["children"], row["spellings"], row["example"]) == ("b/Ghost", 0, ["b/Ghost"], None)


def test_an_address_is_no_other_case_of_a_name(graph: Graph) -> None:
    write(
        graph,
        [model("a/Base"), model("a/url"), model("a/low")],
        [
            link("a/url", "a/Base", declared_as=["https://huggingface.co/a/Base", "a/Base"]),
            link("a/low", "a/Base", declared_as=["a/Base", "a/base", "A/BASE"], resolved_by="base_models"),
        ],
    )
    (row,) = ask(graph, "case_variants")
    assert (row["child"], row["parent"], row["variants"], row["resolved_by"]) == (
        "a/low",
        "a/Base",
        ["a/base", "A/BASE"],
        "base_models",
    )


def test_a_reused_name_is_shown_with_each_model_that_had_it_and_the_children_that_mean_that_one(graph: Graph) -> None:
    write(
        graph,
        [
            model("dental/tooth", key="3", owner="dental", listed_at=day(8)),
            model("med/tooth", key="1"),
            model("Dental/Tooth", key="2", status="gone", gone_at=day(6)),
            *(model(f"a/{name}") for name in ("old-child", "late-child", "left", "of-the-gone", "new-child")),
            model("a/gone", status="gone", gone_at=day(2)),
            {"key": "absent:a/ghost", "id": "a/ghost", "status": "absent", "first_seen": day(1)},
        ],
        [
            link("a/old-child", "1", declared_as=["https://huggingface.co/Dental/tooth", "DENTAL/tooth"]),
            link("a/late-child", "1", declared_as=["med/tooth"]),
            link("a/left", "1", declared_as=["dental/tooth"], status="withdrawn", withdrawn_at=day(3)),
            link("1", "1", declared_as=["dental/tooth"]),
            link("a/of-the-gone", "2", declared_as=["dental/tooth"]),
            link("a/old-child", "2", declared_as=["dental/tooth"]),
            link("a/new-child", "3", declared_as=["dental/tooth"]),
        ],
    )
    write_former_name(graph, "Dental/tooth", "1")
    write_former_name(graph, "dental/incisor", "3")  # nobody has that name now
    write_former_name(graph, "a/ghost", "3")  # nor is a name that was only declared
    rows = ask(graph, "reused_names")
    assert [(row["id"], row["key"], row["earlier"], row["earlier_key"], row["earlier_status"]) for row in rows] == [
        ("dental/tooth", "3", "Dental/Tooth", "2", "gone"),
        ("dental/tooth", "3", "med/tooth", "1", "listed"),
    ]
    assert [row["children"] for row in rows] == [2, 1]
    assert [(row["since"].to_native(), row["until"] and row["until"].to_native()) for row in rows] == [
        (day(8), day(6)),
        (day(8), None),
    ]
    assert ask(graph, "reused_names", owner="med") == []
    assert ask(graph, "reused_names", owner="dental", limit=1) == rows[:1]
