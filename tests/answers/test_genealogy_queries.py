"""What the saved queries answer, on a real Neo4j."""

import time
from typing import Any

import neo4j
import pytest
from lineage_graph import LIBRARY, ask, day, link, model, pick, write, write_dataset, write_former_name

from crawler.answers import library
from crawler.answers.parameters import RELATIONS
from crawler.errors import HubGenealogyError
from crawler.graph.connection import Connection, Graph
from crawler.resources import shipped

DEFAULTS: dict[str, Any] = {
    "model": "a/base",
    "other": "a/leaf",
    "max_depth": 100,
    "relations": None,
    "as_of": None,
    "include_withdrawn": False,
    "limit": None,
    "dataset": "x",
    "since": None,
    "paths": 500,
}


def test_the_first_eight_queries_are_there() -> None:
    eight = {"model", "parents", "children", "ancestors", "descendants", "roots", "path", "top_parents"}
    assert eight <= set(LIBRARY)


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
    assert [row["id"] for row in rows] == [row["id"] for row in sorted(rows, key=lambda row: (row["depth"], row["id"]))]


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


def test_depth_relations_and_limit_narrow_the_answer(family: Graph) -> None:
    assert pick(ask(family, "descendants", model="a/base", max_depth=1, relations=["finetune"]), "id") == {
        ("a/left",),
        ("a/self",),
        ("a/vanished",),
    }
    assert pick(
        ask(family, "descendants", model="a/base", relations=["adapter", "merge"]), "id", "depth", "status"
    ) == {
        ("a/right", 1, "listed"),
        ("a/tip", 2, "listed"),
    }
    assert [row["id"] for row in ask(family, "descendants", model="a/base", limit=2)] == ["a/left", "a/right"]
    assert len(ask(family, "children", model="a/base", limit=1)) == 1


def test_withdrawn_links_count_when_they_are_asked_for_or_on_a_day_when_they_stood(family: Graph) -> None:
    now = pick(ask(family, "children", model="a/base"), "id")
    everything = pick(ask(family, "children", model="a/base", include_withdrawn=True), "id", "link_status")
    on_the_4th = pick(ask(family, "children", model="a/base", as_of="2025-01-04"), "id", "link_status")
    assert ("a/former",) not in now
    assert ("a/former", "withdrawn") in everything
    assert ("a/former", "current") in on_the_4th
    assert ("a/former",) in pick(ask(family, "descendants", model="a/base", include_withdrawn=True), "id")
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
        ("a/ghost", 1),
        ("a/left", 1),
        ("a/one", 1),
        ("a/right", 1),
        ("a/tip", 1),
        ("a/vanished", 1),
    ]
    assert [row["id"] for row in ask(family, "top_parents", limit=2)] == ["a/base", "a/two"]
    assert pick(ask(family, "top_parents", as_of="2025-01-03"), "id", "children") >= {("a/base", 5)}


def test_of_two_models_that_bore_a_name_the_listed_one_answers_and_a_key_reaches_the_other(graph: Graph) -> None:
    write(
        graph,
        [
            model("a/name", key="OLD", status="gone", gone_at=day(2)),
            model("a/name", key="OLDER", status="gone", gone_at=day(1)),
            model("a/name", key="NEW"),
            *(model(f"a/{name}") for name in ("old-child", "new-child", "old-parent", "new-parent")),
        ],
        [
            link("a/old-child", "old"),
            link("a/new-child", "new"),
            link("old", "a/old-parent"),
            link("new", "a/new-parent"),
        ],
    )
    for name in ("model", "parents", "children", "ancestors", "descendants", "roots"):
        by_name, new, old = (ask(graph, name, model=called) for called in ("a/name", "NEW", "OLD"))
        assert by_name == new != old, name
    way = [("a/new-child", "a/name"), ("a/name", "a/new-parent")]
    assert pick(ask(graph, "path", model="a/name", other="a/new-child"), "child", "parent") == {way[0]}
    assert pick(ask(graph, "path", model="a/new-parent", other="a/name"), "child", "parent") == {way[1]}
    with graph.session() as session:
        session.run("MATCH (m:Model {key: 'NEW'}) DETACH DELETE m").consume()
    assert pick(ask(graph, "model", model="a/name"), "key") == {("OLD",)}


@pytest.fixture
def ladders(graph: Graph) -> Graph:
    """Ladders with 2^40 ways from bottom to top: of quantised copies, of fine-tuned ones, and of every kind of step."""
    kinds = {"q": ["quantized"], "f": ["finetune"], "x": list(RELATIONS)}
    write(
        graph,
        [
            model(
                f"{ladder}/{level}{side}",
                owner="l",
                gated="manual" if level == 0 else "false",
                weight_formats=["pytorch"],
            )
            for ladder in kinds
            for level in range(41)
            for side in "ab"
        ],
        [
            link(f"{ladder}/{level + 1}{child}", f"{ladder}/{level}{parent}", relations[level % len(relations)])
            for ladder, relations in kinds.items()
            for level in range(40)
            for child in "ab"
            for parent in "ab"
        ],
    )
    write_dataset(graph, "x", [f"{ladder.upper()}/0A" for ladder in kinds])
    return graph


@pytest.mark.parametrize("ladder", "qfx")
@pytest.mark.parametrize("name", [name for name in LIBRARY if ".." in LIBRARY[name].statement])
def test_a_ladder_of_two_to_the_fortieth_ways_is_answered_within_a_second(
    ladders: Graph, name: str, ladder: str
) -> None:
    known = {parameter.name for parameter in LIBRARY[name].parameters}
    top, middle, bottom = (f"{ladder}/{step}" for step in ("0a", "20a", "40a"))
    for given in ({"model": top, "other": bottom}, {"model": middle, "other": f"{ladder}/20b"}, {"model": bottom}):
        values = {key: value for key, value in ({"other": top, "dataset": "x"} | given).items() if key in known}
        ask(ladders, name, **values)  # the plan is made once and kept
        started = time.monotonic()
        ask(ladders, name, **values)
        assert time.monotonic() - started < 1, values


def test_the_rows_of_a_ladder_are_its_models(ladders: Graph) -> None:
    asked: list[tuple[str, dict[str, str], int]] = [
        ("descendants", {"model": "f/0a"}, 80),
        ("ancestors", {"model": "f/40a"}, 80),
        ("roots", {"model": "f/40a"}, 2),
        ("path", {"model": "f/40a", "other": "f/0b"}, 40),
        ("path", {"model": "f/40a", "other": "f/40b"}, 0),
        ("family", {"model": "f/20a"}, 82),
        ("generations", {"model": "f/0a"}, 40),
        ("common_ancestors", {"model": "f/40a", "other": "f/40b"}, 80),
        ("impact", {"model": "x/0a"}, 80),
        ("same_weights", {"model": "q/20a"}, 81),
        ("notify", {"model": "x/0a"}, 1),
        ("gated_bypass", {"model": "f/0a"}, 80),
        ("unsafe_weights", {"model": "q/0a"}, 80),
    ]
    for name, given, rows in asked:
        assert len(ask(ladders, name, **given)) == rows, name


@pytest.fixture
def everything(graph: Graph) -> Graph:
    """Every label, type and property that a query may name: else the server would warn of what it never saw."""
    with graph.session() as session:
        session.run(
            """
            CREATE (m:Model {key: 'A', id: 'a/base', id_lower: 'a/base', status: 'gone', gone_reason: 'unknown', owner: 'a',
                created_at: $t, modified_at: $t, first_seen: $t, listed_at: $t, gone_at: $t, absences: [$t, $t],
                downloads: 1, likes: 1, gated: 'false', disabled: false, pipeline_tag: 'x', library: 'x', license: 'mit',
                model_type: 'x', architectures: ['x'], parameters: 1, quantization: 'x', weight_formats: ['x'],
                languages: ['x'], has_card: true, cycle: 'A', url: 'x'}),
              (m)-[:DERIVED_FROM {relation: 'merge', sources: ['tag'], declared_as: ['x'], claims: ['card:merge'],
                resolved_by: 'current_id', rule: 'x', status: 'current', first_seen: $t, withdrawn_at: $t,
                absences: [$t, $t]}]->(m),
              (m)-[:TRAINED_ON {sources: ['tag']}]->(:Dataset {id: 'x', id_lower: 'x'}),
              (m)<-[:HEADED_BY]-(:Family {key: 'family:A', kind: 'family', root: 'a/base', size: 2, depth: 1,
                chain: ['A'], roots: 1}),
              (:Crawl {id: 'x', started_at: $t, finished_at: $t}),
              (:Crawl {id: 'y', state: 'loaded', kind: 'full', complete: true, started_at: $t, finished_at: $t, models_seen: 1,
                models_added: 1, models_changed: 1, models_retired: 1, models_listed: 1, edges_added: 1, edges_changed: 1,
                edges_withdrawn: 1, rejected: 1, rows_written: 1, versions: ['x'], families: 1, largest_family: 2,
                depth_profile: [1, 1], family_size_profile: [0, 1]}),
              (m)-[:PUBLISHED_BY]->(:Owner {name: 'a'}),
              (m)-[:LICENSED_UNDER]->(:License {id: 'mit', name: 'x', spdx: 'MIT', family: 'permissive', commercial_use: 'yes',
                share_alike: 'no', use_restrictions: 'no'}),
              (:FormerName {id: 'x', id_lower: 'x', model: 'A', since: $t, until: $t})-[:NOW]->(m)
            """,
            t=day(1),
        ).consume()
    return graph


def explained(connection: Connection, name: str) -> neo4j.ResultSummary:
    query = LIBRARY[name]
    values = {parameter.name: DEFAULTS.get(parameter.name, parameter.default) for parameter in query.parameters}
    with (
        neo4j.GraphDatabase.driver(connection.uri, auth=(connection.username, connection.password)) as driver,
        driver.session(database=connection.database) as session,
    ):
        return session.run(f"EXPLAIN {query.statement}", values).consume()


def operators(plan: dict[str, Any]) -> list[tuple[str, str]]:
    """The name of each operator, and what it works on."""
    name, details = plan["operatorType"].split("@")[0], plan["args"].get("Details", "")
    return [(name, details), *(o for child in plan.get("children", ()) for o in operators(child))]


@pytest.mark.parametrize("name", LIBRARY)
@pytest.mark.usefixtures("everything")
def test_the_server_has_nothing_to_say_against_a_query(connection: Connection, name: str) -> None:
    objects = explained(connection, name).gql_status_objects
    assert [status.status_description for status in objects if status.is_notification] == []


@pytest.mark.parametrize(
    "name", [name for name in LIBRARY if "*0.." in LIBRARY[name].statement or "*1.." in LIBRARY[name].statement]
)
@pytest.mark.usefixtures("everything")
def test_a_traversing_query_never_walks_path_by_path(connection: Connection, name: str) -> None:
    plan = explained(connection, name).plan
    assert plan is not None
    found = operators(plan)
    walks = {name for name, _on in found if name.startswith(("VarLengthExpand", "ShortestPath", "StatefulShortest"))}
    assert walks
    assert walks <= {"VarLengthExpand(Pruning,BFS,All)", "ShortestPath"}
    assert [on for name, on in found if name == "NodeByLabelScan" and ":Model" in on] == []
    assert "AllNodesScan" not in {name for name, _on in found}


@pytest.mark.usefixtures("everything")
def test_a_query_file_runs_as_it_stands(schema_graph: Graph) -> None:
    """As cypher-shell and Neo4j Browser run it: the whole file, comments included, with the example's parameters."""
    for query in LIBRARY.values():
        with schema_graph.session(neo4j.READ_ACCESS) as session:
            values = session.run(f"RETURN {query.example} AS example").single(strict=True)["example"]
            result = session.run(query.text.rstrip().removesuffix(";"), values)
            assert list(result.keys()) == [column.name for column in query.columns], query.name
            result.consume()


def test_an_answer_cannot_write(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    writing = library.SavedQuery(
        **{**vars(LIBRARY["model"]), "statement": "CREATE (x:Model {key: 'x'}) RETURN x.key AS id"},
    )
    monkeypatch.setitem(LIBRARY._queries, "model", writing)
    with pytest.raises(HubGenealogyError, match="read access mode"):
        ask(graph, "model", model="x")


def test_the_library_ships_with_the_package() -> None:
    assert {path.stem for path in shipped("queries").glob("*/*.cypher")} == set(LIBRARY)
