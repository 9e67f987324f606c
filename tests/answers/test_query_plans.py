"""What every saved query is held to: its plan, its time on a ladder, its text, its right to read only."""

from typing import Any

import neo4j
import pytest

from crawler.answers import library
from crawler.answers.parameters import RELATIONS
from crawler.errors import HubGenealogyError
from crawler.graph.connection import Connection, Graph
from crawler.resources import shipped
from tests.support.lineage_graph import LIBRARY, ask, ask_within, day, link, model, write, write_dataset

DEFAULTS: dict[str, Any] = {
    "model": "a/base",
    "other": "a/leaf",
    "max_depth": 100,
    "kind": None,
    "along": None,
    "as_of": None,
    "include_withdrawn": False,
    "limit": None,
    "dataset": "x",
    "since": None,
    "paths": 500,
}


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


def asks_about_one(query: library.SavedQuery) -> bool:
    return not {"model", "dataset"}.isdisjoint(parameter.name for parameter in query.parameters)


@pytest.mark.parametrize("ladder", "qfx")
@pytest.mark.parametrize("name", [name for name in LIBRARY if asks_about_one(LIBRARY[name])])
def test_a_ladder_of_two_to_the_fortieth_ways_is_answered_within_the_querys_budget(
    ladders: Graph, name: str, ladder: str
) -> None:
    known = {parameter.name for parameter in LIBRARY[name].parameters}
    top, middle, bottom = (f"{ladder}/{step}" for step in ("0a", "20a", "40a"))
    for given in ({"model": top, "other": bottom}, {"model": middle, "other": f"{ladder}/20b"}, {"model": bottom}):
        values = {key: value for key, value in ({"other": top, "dataset": "x"} | given).items() if key in known}
        ask(ladders, name, **values)  # the plan is made once and kept
        rows = ask_within(LIBRARY[name].budget, ladders, name, **values)
        assert len(rows) <= len(RELATIONS) * 82, values


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
        ("notify", {"model": "x/0a"}, 2),
        ("gated_bypass", {"model": "f/0a"}, 80),
        ("unsafe_weights", {"model": "q/0a"}, 80),
    ]
    for name, given, rows in asked:
        assert len(ask(ladders, name, **given)) == rows, name


def test_a_member_of_a_family_takes_less_than_two_kilobytes_of_the_servers_memory(
    graph: Graph, connection: Connection
) -> None:
    # A family of the full Hub has a million members, and its server 2.6 GiB for queries.
    size = 3000
    write(
        graph,
        [model(f"f/{number}") for number in range(size)],
        [link(f"f/{number}", f"f/{number // 9}") for number in range(1, size)],
    )
    values = DEFAULTS | {"model": "f/0", "status": None}
    with graph.driver.session(database=connection.database) as session:
        asked = session.run(neo4j.Query(f"PROFILE {LIBRARY['family'].statement}"), values)
        assert sum(1 for _ in asked) == size
        profile = asked.consume().profile
    assert profile is not None
    assert profile["args"]["GlobalMemory"] < 2000 * size


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
                languages: ['x'], papers: ['arxiv:2310.06825'], providers: ['x'], has_card: true, cycle: 'A', url: 'x'}),
              (m)-[:DERIVED_FROM {relation: 'merge', sources: ['tag'], certainty: 'declared_by_author', declared_as: ['x'],
                claims: ['card:merge'], resolved_by: 'current_id', rule: 'x', status: 'current', first_seen: $t,
                withdrawn_at: $t, absences: [$t, $t]}]->(m),
              (m)-[:TRAINED_ON {sources: ['tag']}]->(:Dataset {id: 'x', id_lower: 'x', former_names: ['x']}),
              (m)<-[:HEADED_BY]-(:Family {key: 'family:A', kind: 'family', root: 'a/base', size: 2, depth: 1,
                chain: ['A'], roots: 1}),
              (:Crawl {id: 'x', started_at: $t, finished_at: $t}),
              (:Crawl {id: 'y', state: 'loaded', kind: 'full', complete: true, started_at: $t, finished_at: $t, models_seen: 1,
                models_added: 1, models_changed: 1, models_retired: 1, models_listed: 1, edges_added: 1, edges_changed: 1,
                edges_withdrawn: 1, rejected: 1, rows_written: 1, versions: ['x'], families: 1, largest_family: 2,
                depth_profile: [1, 1], family_size_profile: [0, 1], models_gone: 1, models_absent: 1, listed_with_card: 1,
                listed_with_license: 1, listed_with_parent: 1, listed_with_several_parents: 1, listed_with_absent_parent: 1,
                listed_with_gone_parent: 1, listed_with_undeclared_parent: 1, listed_with_known_card: 1,
                listed_with_known_files: 1, growth_months: ['2025-01'], growth_models: [1], growth_gone: [1],
                growth_derived: [1], growth_copies: [1], growth_finetunes: [1], growth_adapters: [1], growth_quantized: [1],
                growth_merges: [1], growth_unknown: [1]}),
              (m)-[:PUBLISHED_BY]->(:Owner {name: 'a'}),
              (m)-[:LICENSED_UNDER]->(:License {id: 'mit', name: 'x', spdx: 'MIT', family: 'permissive', commercial_use: 'yes',
                share_alike: 'no', use_restrictions: 'no', osi_approved: 'yes'}),
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
    if any(parameter.name == "model" and parameter.required for parameter in LIBRARY[name].parameters):
        # Without a model, the whole graph is asked; whether by links or by models is the server's to choose.
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
