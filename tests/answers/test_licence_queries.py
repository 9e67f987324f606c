"""The queries under licences/ against a computation in plain Python, on random graphs, and on small cases that say why."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.graph.connection import Graph
from tests.support.graph_parts import UNHEARD_OF, license_node, write_licenses
from tests.support.lineage_graph import ask, day, link, model, pick, write
from tests.support.random_hub import Hub, random_hub

# From what leaves most freedom to what leaves least.
ORDER = {
    "commercial_use": ("yes", "conditions", "no"),
    "share_alike": ("no", "weak", "yes"),
    "use_restrictions": ("no", "yes"),
}


def wider(above: dict[str, Any], own: dict[str, Any]) -> list[str]:
    """The terms in which a licence is known to be freer than the one above it."""
    known = [term for term in ORDER if "unknown" not in (above[term], own[term])]
    return [term for term in known if ORDER[term].index(own[term]) < ORDER[term].index(above[term])]


def surely_as_strict(above: dict[str, Any], own: dict[str, Any]) -> bool:
    """Whether nothing that is not known could make a licence freer than the one above it."""
    if above["id"] == own["id"]:
        return above.get("family") != "unspecified"
    return all(
        above[term] == order[0]
        or own[term] == order[-1]
        or ("unknown" not in (above[term], own[term]) and order.index(own[term]) >= order.index(above[term]))
        for term, order in ORDER.items()
    )


def finding(above: dict[str, Any], own: list[dict[str, Any]]) -> str | None:
    if not own or all(above[term] == order[0] for term, order in ORDER.items()):
        return None
    if any(surely_as_strict(above, each) for each in own):
        return None
    return "freer" if all(wider(above, each) for each in own) else "unclear"


def conflicts(hub: Hub, relations: list[str] | None, *, withdrawn: bool, of: str | None) -> set[tuple[Any, ...]]:
    nearest: dict[tuple[str, str], tuple[int, str]] = {}
    for key, names in hub.licenses.items():
        for below, depth in hub.way_down(key, relations, withdrawn=withdrawn).items():
            if below != key and hub.models[below]["status"] == "listed" and of in (None, key, below):
                for name in names:
                    place = (depth, hub.models[key]["id"])
                    nearest[below, name] = min(nearest.get((below, name), place), place)
    found = set()
    for (below, name), (depth, ancestor) in nearest.items():
        above, own = license_node(name), hub.terms(below)
        kind = finding(above, own)
        if kind is not None:
            terms = {term for each in own for term in wider(above, each)} if kind == "freer" else set()
            found.add(
                (hub.models[below]["id"], ancestor, name, kind, tuple(term for term in ORDER if term in terms), depth)
            )
    return found


def shown(rows: list[dict[str, Any]]) -> set[tuple[Any, ...]]:
    rows = [row | {"terms": tuple(row["terms"])} for row in rows]
    return pick(rows, "id", "ancestor", "ancestor_license", "finding", "terms", "depth")


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_conflicts_are_those_of_a_plain_search(schema_graph: Graph, seed: int) -> None:
    hub = random_hub(seed)
    hub.write(schema_graph)
    for given_relations, withdrawn in ((None, False), (["finetune", "merge", "quantized"], True)):
        asked: dict[str, Any] = {"along": given_relations, "include_withdrawn": withdrawn}
        every = conflicts(hub, given_relations, withdrawn=withdrawn, of=None)
        rows = ask(schema_graph, "conflicts", **asked, include_unclear=True)
        assert shown(rows) == every
        assert len(rows) == len(every)
        order = [(row["finding"] != "freer", -(row["downloads"] or 0), row["id"]) for row in rows]
        assert order == sorted(order)
        freer = {row for row in every if row[3] == "freer"}
        assert shown(ask(schema_graph, "conflicts", **asked)) == freer
        assert shown(ask(schema_graph, "conflicts", **asked, license="llama2")) == {
            r for r in freer if r[2] == "llama2"
        }
        for row in rows:
            assert (row["path"][0], row["path"][-1]) == (row["id"], row["ancestor"])
            assert len(row["path"]) == row["depth"] + 1
        for key in list(hub.models)[:3]:
            one = ask(schema_graph, "conflicts", **asked, model=key, include_unclear=True)
            expected = conflicts(hub, given_relations, withdrawn=withdrawn, of=key)
            assert shown(one) == expected


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_changes_of_licence_are_counted_as_by_hand(schema_graph: Graph, seed: int) -> None:
    hub = random_hub(seed)
    hub.write(schema_graph)
    for kind in (None, ["finetune"]):
        counted: Counter[tuple[str | None, str | None]] = Counter()
        for step in hub.steps():
            if kind is None or step.edge["relation"] in kind:
                above, own = (hub.licenses.get(end["key"], [None]) for end in (step.parent, step.child))
                counted.update((one, other) for one in above for other in own)
        rows = ask(schema_graph, "mutations", kind=kind)
        assert pick(rows, "parent_license", "child_license", "links") == {(*pair, n) for pair, n in counted.items()}
        assert [row["links"] for row in rows] == sorted(counted.values(), reverse=True)
        for row in rows:
            one, other = row["parent_license"], row["child_license"]
            both = None not in (one, other)
            assert row["freer"] == (wider(license_node(one), license_node(other)) if both else [])
            assert row["change"] == (
                ("kept" if one == other else "changed")
                if both
                else {(True, True): "none", (True, False): "added"}.get((one is None, other is None), "dropped")
            )


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_missing_licences_are_those_that_a_parent_has(schema_graph: Graph, seed: int) -> None:
    hub = random_hub(seed)
    hub.write(schema_graph)
    expected: dict[str, set[tuple[str, str]]] = {}
    licences: dict[str, set[str]] = {}
    for step in hub.steps():
        child, parent = step.child["key"], step.parent["key"]
        if child not in hub.licenses and parent in hub.licenses:
            expected.setdefault(step.child["id"], set()).add((step.parent["id"], step.edge["relation"]))
            licences.setdefault(step.child["id"], set()).update(hub.licenses[parent])
    rows = ask(schema_graph, "missing")
    assert {row["id"]: set(zip(row["parents"], row["relations"], strict=True)) for row in rows} == expected
    assert {row["id"]: set(row["parent_licenses"]) for row in rows} == licences
    downloads = [row["downloads"] or 0 for row in rows]
    assert downloads == sorted(downloads, reverse=True)
    assert pick(ask(schema_graph, "missing", owner="a"), "id") == {
        (name,) for name in expected if name.startswith("a/")
    }


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_the_licences_of_a_family_are_counted_as_by_hand(schema_graph: Graph, seed: int) -> None:
    hub = random_hub(seed)
    hub.write(schema_graph)
    for key in list(hub.models)[:5]:
        for relations, furthest in ((None, 100), (["finetune", "quantized"], 2)):
            members = {
                found: depth
                for found, depth in hub.way_down(key, relations).items()
                if depth <= furthest and hub.models[found]["status"] == "listed"
            }
            carried = [(name, found) for found in members for name in hub.licenses.get(found, [None])]
            counted = Counter(name for name, _found in carried)
            rows = ask(schema_graph, "by_family", model=key, along=relations, max_depth=furthest)
            assert pick(rows, "license", "models", "nearest") == {
                (name, n, min(members[found] for other, found in carried if other == name))
                for name, n in counted.items()
            }
            for row in rows:
                assert row["share"] == pytest.approx(row["models"] / len(members))
                own = license_node(row["license"]) if row["license"] else None
                assert row["freer"] == [
                    term for term in ORDER if own and any(term in wider(above, own) for above in hub.terms(key))
                ]


def test_what_is_freer_is_found_below_several_steps_and_through_models_that_are_gone(graph: Graph) -> None:
    write(
        graph,
        [
            model("a/llama"),
            model("a/gone", status="gone", gone_at=day(3)),
            model("a/free"),
            model("a/kept"),
            model("a/bare"),
        ],
        [link("a/gone", "a/llama"), link("a/free", "a/gone"), link("a/kept", "a/gone"), link("a/bare", "a/llama")],
    )
    write_licenses(graph, {"A/LLAMA": ["llama2"], "A/FREE": ["mit"], "A/KEPT": ["gemma"], "A/GONE": ["apache-2.0"]})
    rows = ask(graph, "conflicts")
    (row,) = [row for row in rows if row["id"] == "a/free"]
    assert (row["terms"], row["path"]) == (
        ["commercial_use", "share_alike", "use_restrictions"],
        ["a/free", "a/gone", "a/llama"],
    )
    # Gemma sets no conditions on commercial use, llama2 does.
    assert pick(rows, "id", "ancestor_license", "depth") == {("a/free", "llama2", 2), ("a/kept", "llama2", 2)}


def test_terms_that_are_unknown_are_neither_a_conflict_nor_called_fine(graph: Graph) -> None:
    names = ("llama", "other", "unheard", "dual", "half")
    write(graph, [model(f"a/{n}") for n in names], [link(f"a/{n}", "a/llama") for n in names[1:]])
    write_licenses(
        graph,
        {
            "A/LLAMA": ["llama2"],
            "A/OTHER": ["other"],
            "A/UNHEARD": [UNHEARD_OF],
            "A/DUAL": ["mit", "llama2"],
            "A/HALF": ["mit", "other"],
        },
    )
    assert ask(graph, "conflicts") == []
    assert pick(ask(graph, "conflicts", include_unclear=True), "id", "finding") == {
        ("a/other", "unclear"),
        ("a/unheard", "unclear"),
        ("a/half", "unclear"),
    }


def test_the_path_is_searched_for_as_many_rows_as_asked(graph: Graph) -> None:
    write(
        graph,
        [model("a/llama"), *(model(f"a/{n}", downloads=n) for n in range(4))],
        [link(f"a/{n}", "a/llama") for n in range(4)],
    )
    write_licenses(graph, {"A/LLAMA": ["llama2"], **{f"A/{n}": ["mit"] for n in range(4)}})
    rows = ask(graph, "conflicts", paths=2)
    assert [(row["id"], row["path"]) for row in rows] == [
        ("a/3", ["a/3", "a/llama"]),
        ("a/2", ["a/2", "a/llama"]),
        ("a/1", None),
        ("a/0", None),
    ]


def test_of_two_models_of_a_name_the_conflicts_are_those_of_the_listed_one(graph: Graph) -> None:
    write(
        graph,
        [
            model("a/base", key="OLD", status="gone", gone_at=day(2)),
            model("a/base", key="NEW"),
            model("a/x"),
            model("a/y"),
        ],
        [link("a/x", "old"), link("a/y", "new")],
    )
    write_licenses(graph, {"OLD": ["llama2"], "NEW": ["gemma"], "A/X": ["mit"], "A/Y": ["mit"]})
    assert pick(ask(graph, "conflicts", model="a/base"), "id") == {("a/y",)}
    assert pick(ask(graph, "conflicts", model="OLD"), "id") == {("a/x",)}
    assert pick(ask(graph, "by_family", model="a/base"), "license") == {("gemma",), ("mit",)}


def test_a_family_of_an_earlier_day_has_the_members_of_that_day(graph: Graph) -> None:
    write(
        graph,
        [model("a/base"), model("a/gone", status="gone", gone_at=day(4)), model("a/late", listed_at=day(5))],
        [link("a/gone", "a/base"), link("a/late", "a/base", first_seen=day(5))],
    )
    write_licenses(graph, {"A/BASE": ["mit"], "A/GONE": ["gemma"], "A/LATE": ["llama2"]})

    def licenses(as_of: str | None) -> set[tuple[Any, ...]]:
        return pick(ask(graph, "by_family", model="a/base", as_of=as_of), "license", "nearest")

    assert licenses("2025-01-03") == {("mit", 0), ("gemma", 1)}
    assert licenses("2025-01-04") == {("mit", 0)}
    assert licenses(None) == {("mit", 0), ("llama2", 1)}
