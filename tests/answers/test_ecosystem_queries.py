"""The queries under ecosystem/ and operations/ against a computation in plain Python, on random graphs and small cases."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.graph.connection import Graph
from tests.support.graph_parts import write_crawls, write_family, write_owners
from tests.support.lineage_graph import ask, day, link, model, pick, write
from tests.support.random_hub import random_hub


def gini(numbers: list[int]) -> float:
    """The mean difference of all pairs, over twice the mean."""
    return sum(abs(a - b) for a in numbers for b in numbers) / (2 * len(numbers) * sum(numbers))


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_whole_graph_figures_agree_with_a_plain_count(schema_graph: Graph, seed: int) -> None:
    hub = random_hub(seed)
    hub.write(schema_graph)
    for kind in (None, ["finetune", "adapter"]):
        steps = [step for step in hub.steps() if kind is None or step.edge["relation"] in kind]
        children = Counter(step.parent["key"] for step in steps)

        rows = ask(schema_graph, "top_owners", kind=kind)
        assert pick(rows, "owner", "by_others", "children", "parents", "top_children", "models") == {
            (
                owner,
                sum(step.parent["owner"] == owner != step.child["owner"] for step in steps),
                sum(count for key, count in children.items() if hub.models[key]["owner"] == owner),
                sum(hub.models[key]["owner"] == owner for key in children),
                max(count for key, count in children.items() if hub.models[key]["owner"] == owner),
                sum(m["owner"] == owner and m["status"] != "absent" for m in hub.models.values()),
            )
            for owner in {hub.models[key]["owner"] for key in children}
        }
        assert [row["by_others"] for row in rows] == sorted((row["by_others"] for row in rows), reverse=True)

        counts = sorted(children.values(), reverse=True)
        rows = ask(schema_graph, "concentration", kind=kind)
        assert [(row["parents"], row["children"], row["least"]) for row in rows] == [
            (first, sum(counts[:first]), counts[first - 1])
            for first in sorted({n for n in (1, 10, 100) if n < len(counts)} | {len(counts)} - {0})
        ]
        for row in rows:
            assert row["gini"] == pytest.approx(gini(counts))
            assert row["children_share"] == pytest.approx(row["children"] / sum(counts))
            assert row["parents_share"] == pytest.approx(row["parents"] / len(counts))

    steps = list(hub.steps())
    kinds = {
        step.edge["relation"]: [s.edge for s in steps if s.edge["relation"] == step.edge["relation"]] for step in steps
    }
    rows = ask(schema_graph, "relation_mix")
    assert pick(rows, "relation", "links", "by_hub", "by_author", "inferred", "disputed") == {
        (
            kind,
            len(edges),
            sum("hub" in edge["sources"] for edge in edges),
            sum(bool({"tag", "card", "adapter_config"} & set(edge["sources"])) for edge in edges),
            sum(edge["sources"] == ["inferred"] for edge in edges),
            sum("claims" in edge for edge in edges),
        )
        for kind, edges in kinds.items()
    }
    assert sum(row["share"] for row in rows) == pytest.approx(1 if steps else 0)
    mine = Counter(step.edge["relation"] for step in steps if step.child["owner"] == "a")
    assert pick(ask(schema_graph, "relation_mix", owner="a"), "relation", "links") == set(mine.items())

    listed = [found for found in hub.models.values() if found["status"] == "listed"]
    answers: Counter[tuple[str, str]] = Counter()
    for found in listed:
        first = hub.terms(found["key"])[:1]
        answers["gated", found["gated"]] += 1
        answers["disabled", str(found["disabled"]).lower()] += 1
        answers["license_family", (first[0].get("family") or "unknown") if first else "none"] += 1
        answers["commercial_use", str(first[0]["commercial_use"]) if first else "none"] += 1
    rows = ask(schema_graph, "openness")
    assert pick(rows, "question", "answer", "models") == {(*answer, n) for answer, n in answers.items()}
    for row in rows:
        assert row["share"] == pytest.approx(row["models"] / len(listed))


def test_what_counts_is_what_was_listed_and_declared_on_the_day(graph: Graph) -> None:
    away = [day(3), day(5)]
    write(
        graph,
        [
            model("a/base", owner="a"),
            model("b/gone", owner="b", status="gone", gone_at=day(6)),
            model("b/away", owner="b", absences=away),
            model("b/late", owner="b", listed_at=day(7)),
            model("b/fickle", owner="b"),
        ],
        [
            link("b/gone", "a/base"),
            link("b/away", "a/base"),
            link("b/late", "a/base", "merge", first_seen=day(7)),
            link("b/fickle", "a/base", "adapter", absences=away),
        ],
    )
    write_owners(graph)
    for number, expected in ((2, 3), (4, 1), (5, 3), (6, 2), (8, 3)):
        assert pick(ask(graph, "top_owners", as_of=day(number)), "owner", "children") == {("a", expected)}, number
        assert [row["children"] for row in ask(graph, "concentration", as_of=day(number))] == [expected]
        assert sum(row["links"] for row in ask(graph, "relation_mix", as_of=day(number))) == expected
    assert ask(graph, "top_owners", as_of="2024-12-31") == []


def test_families_are_shown_from_what_is_stored(graph: Graph) -> None:
    write(graph, [model("a/base", owner="a", license="mit"), model("a/other", owner="a")])
    write_family(graph, "family", "A/BASE", size=9, depth=3, roots=2)
    write_family(graph, "family", "A/OTHER", size=12, depth=2, roots=1)
    write_family(graph, "followed", "A/BASE", size=7, depth=3)
    assert pick(ask(graph, "most_followed"), "id", "descendants", "depth", "license") == {("a/base", 7, 3, "mit")}
    rows = ask(graph, "largest_families")
    assert [(row["root"], row["size"], row["depth"], row["roots"]) for row in rows] == [
        ("a/other", 12, 2, 1),
        ("a/base", 9, 3, 2),
    ]
    assert len(ask(graph, "largest_families", limit=1)) == 1


def at(number: int, **counts: Any) -> dict[str, Any]:
    """A crawl that began on that day of January."""
    begins = day(number)
    return {"id": f"202501{number:02}T030000Z", "started_at": begins, "finished_at": begins, **counts}


def test_profiles_are_those_of_the_newest_loaded_crawl(graph: Graph) -> None:
    write_crawls(
        graph,
        at(1, depth_profile=[1], family_size_profile=[0, 1], families=1, largest_family=2),
        at(2, depth_profile=[4, 5, 1], family_size_profile=[0, 2, 0, 1], families=3, largest_family=9),
        at(3, state="loading"),
    )
    assert pick(ask(graph, "depth_profile"), "generation", "models", "share", "beyond_share") == {
        (0, 4, 0.4, 1.0),
        (1, 5, 0.5, 0.6),
        (2, 1, 0.1, 0.1),
    }
    assert [(row["size_from"], row["size_to"], row["families"]) for row in ask(graph, "family_sizes")] == [
        (2, 3, 2),
        (4, 7, 0),
        (8, 9, 1),
    ]


COVERAGE = {
    "models_listed": 6,
    "models_gone": 3,
    "models_absent": 1,
    "listed_with_card": 5,
    "listed_with_license": 3,
    "listed_with_parent": 4,
    "listed_with_several_parents": 1,
    "listed_with_absent_parent": 2,
    "listed_with_gone_parent": 0,
    "listed_with_undeclared_parent": 1,
    "listed_with_known_card": 2,
    "listed_with_known_files": 3,
}


def test_coverage_is_that_of_the_newest_crawl_of_the_day(graph: Graph) -> None:
    write_crawls(graph, at(1), at(2, **COVERAGE), at(3, **COVERAGE | {"models_listed": 8}), at(4, state="loading"))
    earlier = ask(graph, "coverage", as_of="2025-01-02")
    assert pick(earlier, "measure", "models", "of", "share") == {
        ("listed", 6, 10, 0.6),
        ("gone", 3, 10, 0.3),
        ("absent", 1, 10, 0.1),
        ("with_card", 5, 6, 5 / 6),
        ("with_license", 3, 6, 0.5),
        ("with_parent", 4, 6, 4 / 6),
        ("with_several_parents", 1, 4, 0.25),
        ("with_absent_parent", 2, 4, 0.5),
        ("with_gone_parent", 0, 4, 0.0),
        ("with_undeclared_parent", 1, 4, 0.25),
        ("with_known_card", 2, 6, 2 / 6),
        ("with_known_files", 3, 6, 0.5),
    }
    assert pick(ask(graph, "coverage"), "measure", "models", "of") >= {("listed", 8, 12), ("with_card", 5, 8)}
    assert ask(graph, "coverage", as_of="2024-12-31") == []
    older = {name: count for name, count in COVERAGE.items() if "known" not in name and "undeclared" not in name}
    write_crawls(graph, at(5, **older))
    assert "with_known_card" not in {row["measure"] for row in ask(graph, "coverage")}
    write_crawls(graph, at(6, **dict.fromkeys(COVERAGE, 0) | {"models_listed": 1}))
    assert pick(ask(graph, "coverage"), "measure", "of", "share") >= {("listed", 1, 1.0), ("with_gone_parent", 0, None)}


def test_growth_adds_up_by_month_and_by_year(graph: Graph) -> None:
    kinds = ("copies", "finetunes", "adapters", "quantized", "merges", "unknown")
    counts: dict[str, list[Any]] = {f"growth_{kind}": [0, place, 0] for place, kind in enumerate(kinds)}
    counts |= {"growth_months": ["2022-03", "2024-01", "2024-11"], "growth_models": [5, 6, 9]}
    write_crawls(graph, at(1, **counts, growth_gone=[1, 0, 2], growth_derived=[0, 3, 0]))
    columns = ("period", "models", "gone", "derived", "derived_share", *kinds, "running_total")
    months = ask(graph, "growth")
    assert [row["period"] for row in months] == ["2024-11", "2024-01", "2022-03"]
    assert pick(months, *columns) == {
        ("2024-11", 9, 2, 0, 0.0, 0, 0, 0, 0, 0, 0, 20),
        ("2024-01", 6, 0, 3, 0.5, 0, 1, 2, 3, 4, 5, 11),
        ("2022-03", 5, 1, 0, 0.0, 0, 0, 0, 0, 0, 0, 5),
    }
    assert pick(ask(graph, "growth", by="year"), *columns) == {
        ("2024", 15, 2, 3, 0.2, 0, 1, 2, 3, 4, 5, 20),
        ("2022", 5, 1, 0, 0.0, 0, 0, 0, 0, 0, 0, 5),
    }
    assert ask(graph, "growth", by="week") == []


def test_growth_of_a_crawl_that_knew_no_copies_counts_none(graph: Graph) -> None:
    kinds = ("finetunes", "adapters", "quantized", "merges", "unknown")
    counts = {f"growth_{kind}": [1] for kind in ("models", "gone", "derived", *kinds)}
    write_crawls(graph, at(1, growth_months=["2024-11"], **counts))
    assert pick(ask(graph, "growth"), "models", "copies", "finetunes") == {(1, 0, 1)}


def test_a_graph_of_an_earlier_version_has_no_profile(graph: Graph) -> None:
    write_crawls(graph, at(1))
    for name in ("depth_profile", "family_sizes", "coverage", "growth"):
        assert ask(graph, name) == [], name


def test_churn_sums_up_the_crawls_after_the_first(graph: Graph) -> None:
    february = datetime(2025, 2, 1, 3, tzinfo=UTC)
    write_crawls(
        graph,
        at(1, models_added=100, edges_added=50, models_listed=100),
        at(2, models_added=5, models_retired=2, edges_withdrawn=1, models_listed=103),
        at(3, models_added=1, models_changed=4, kind="incremental", complete=False, models_listed=104),
        {"id": "20250201T030000Z", "started_at": february, "models_retired": 4, "models_listed": 100},
        {"id": "20250202T030000Z", "started_at": february, "state": "loading"},
    )
    assert [
        (
            row["period"],
            row["crawls"],
            row["complete"],
            row["models_added"],
            row["models_retired"],
            row["net"],
            row["models_listed"],
        )
        for row in ask(graph, "churn")
    ] == [("2025-02", 1, 1, 0, 4, -4, 100), ("2025-01", 2, 1, 6, 2, 4, 104)]
    assert [row["period"] for row in ask(graph, "churn", by="day")] == ["2025-02-01", "2025-01-03", "2025-01-02"]
    assert pick(ask(graph, "churn", by="year"), "period", "edges_withdrawn", "models_changed") == {("2025", 1, 4)}


def test_crawls_are_shown_newest_first_with_the_one_being_loaded(graph: Graph) -> None:
    write_crawls(graph, at(1, models_added=100), at(2, state="loading"))
    rows = ask(graph, "crawls")
    assert [(row["state"], row["models_added"]) for row in rows] == [("loading", 0), ("loaded", 100)]


def test_freshness_tells_the_newest_crawl_from_the_newest_complete_one(graph: Graph) -> None:
    assert ask(graph, "freshness") == []
    write_crawls(graph, at(1), at(2), at(3, kind="incremental", complete=False))
    (row,) = ask(graph, "freshness", now="2025-01-04T09:00:00Z")
    assert (row["kind"], row["age_hours"], row["complete_age_hours"]) == ("incremental", 30.0, 54.0)
    assert (row["crawls"], row["loading"], row["first_crawl_at"].to_native()) == (3, False, day(1))
    write_crawls(graph, at(4, state="loading"))
    (row,) = ask(graph, "freshness", now="2025-01-04T09:00:00Z")
    assert (row["crawl"], row["loading"]) == ("20250103T030000Z", True)


def test_an_incremental_crawl_alone_is_no_complete_sweep(graph: Graph) -> None:
    write_crawls(graph, at(3, complete=False))
    (row,) = ask(graph, "freshness")
    assert (row["complete_crawl"], row["complete_age_hours"]) == (None, None)


def test_no_models_give_no_figures(graph: Graph) -> None:
    for name in ("top_owners", "concentration", "relation_mix", "growth", "openness", "coverage", "churn", "crawls"):
        assert ask(graph, name) == [], name


def test_top_owners_can_be_restricted_to_persons_or_organisations(graph: Graph) -> None:
    write(
        graph,
        [model("org/base", owner="org"), model("ann/base", owner="ann"), model("bob/base", owner="bob"), model("none")],
        [
            link("ann/base", "org/base"),
            link("bob/base", "ann/base"),
            link("org/base", "bob/base"),
            link("ann/base", "none"),
        ],
    )
    write_owners(graph)
    with graph.session() as session:
        session.run("MATCH (o:Owner {name: 'org'}) SET o.kind = 'organisation'").consume()
        session.run("MATCH (o:Owner {name: 'ann'}) SET o.kind = 'person'").consume()
    assert pick(ask(graph, "top_owners"), "owner", "owner_kind") == {
        ("org", "organisation"),
        ("ann", "person"),
        ("bob", "unknown"),
        (None, None),
    }
    assert pick(ask(graph, "top_owners", owner_kind=["organisation", "unknown"]), "owner") == {("org",), ("bob",)}
