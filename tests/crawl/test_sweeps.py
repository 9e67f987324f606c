"""What a night may believe: the vanished are asked for, an increment retires nothing, two writers are one too many."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import neo4j
import pytest

from crawler.graph.connection import Connection, open_connection
from crawler.local.server import LocalServer
from demo import SAMPLE
from demo.simulated_hub import SimulatedHub
from tests.support.neo4j_for_tests import empty
from tests.support.program import Program

GONE = "mistralai/Mistral-7B-Instruct-v0.2"


def rows(connection: Connection, query: str) -> set[tuple[Any, ...]]:
    with (
        neo4j.GraphDatabase.driver(connection.uri, auth=(connection.username, connection.password)) as driver,
        driver.session(database=connection.database) as session,
    ):
        return {tuple(record.values()) for record in session.run(query)}


def test_a_model_that_is_only_missing_from_the_listing_is_a_hole_in_the_walk(
    program: Program, hub: SimulatedHub, empty_graph: Connection
) -> None:
    program.crawl()
    hub.hide(GONE)
    summary = program.crawl(code=3)
    assert (summary["complete"], summary["models_retired"]) == (False, 0)
    assert GONE in " ".join(summary["warnings"])
    assert rows(empty_graph, f"MATCH (m:Model {{id: '{GONE}'}}) RETURN m.status") == {("listed",)}
    hub.show(GONE)
    assert program.crawl()["complete"] is True


def test_what_the_hub_confirms_is_gone_with_its_reason(
    program: Program, hub: SimulatedHub, empty_graph: Connection
) -> None:
    program.crawl()
    hub.delete(GONE)
    assert program.crawl()["models_retired"] == 1
    found = rows(empty_graph, f"MATCH (m:Model {{id: '{GONE}'}}) RETURN m.status, m.gone_reason")
    assert found == {("gone", "deleted_or_private")}
    assert f"/api/models/{GONE}" in {request.path for request in hub.detail_requests()}


def test_a_refusal_is_no_confirmation(program: Program, hub: SimulatedHub, empty_graph: Connection) -> None:
    program.crawl()
    hub.delete(GONE)
    hub.fault("status", status=403, times=None, target="detail")
    summary = program.crawl(code=3)
    assert (summary["complete"], summary["models_retired"]) == (True, 0)
    assert "403" in " ".join(summary["warnings"])
    assert rows(empty_graph, f"MATCH (m:Model {{id: '{GONE}'}}) RETURN m.status") == {("listed",)}


def test_a_repository_that_was_made_again_is_another_model(
    program: Program, hub: SimulatedHub, empty_graph: Connection, sample: list[dict[str, Any]]
) -> None:
    program.crawl()
    old = next(record for record in sample if record["id"] == GONE)
    hub.delete(GONE)
    hub.create({**old, "_id": "69f000000000000000000001", "createdAt": "2026-04-28T00:00:00.000Z"})
    summary = program.crawl()
    assert (summary["models_added"], summary["models_retired"]) == (1, 1)
    assert rows(empty_graph, f"MATCH (m:Model {{id: '{GONE}'}}) RETURN m.key, m.status") == {
        (old["_id"], "gone"),
        ("69f000000000000000000001", "listed"),
    }


def test_a_parent_under_the_name_it_had_before_the_first_crawl_is_found_by_the_hubs_redirect(
    program: Program, hub: SimulatedHub, empty_graph: Connection
) -> None:
    hub.create({"_id": "f" * 24, "id": "tester/child", "cardData": {"base_model": "mistralai/Former"}, "tags": []})
    hub.redirect("mistralai/Former", GONE)
    summary = program.crawl()
    found = "MATCH (c:Model {id: 'tester/child'})-[e:DERIVED_FROM]->(p) RETURN p.id, e.resolved_by, e.sources[0]"
    assert rows(empty_graph, found) == {(GONE, "redirect", "card")}
    former = f"MATCH (f:FormerName)-[:NOW]->(:Model {{id: '{GONE}'}}) RETURN f.id"
    assert rows(empty_graph, former) == {("mistralai/Former",)}
    asked = [request.path for request in hub.detail_requests()]
    assert asked == sorted(asked)
    assert "/api/models/mistralai/Former" in asked
    assert (summary["exit_code"], program.crawl()["rows_written"]) == (0, 0)
    assert asked == [request.path for request in hub.detail_requests()], "no name is asked for again within a month"


def test_a_hub_is_not_asked_for_names_where_that_is_set_off(program: Program, hub: SimulatedHub) -> None:
    program.crawl_with({"HUB_GENEALOGY_LINEAGE_REDIRECTS": "0"})
    assert list(hub.detail_requests()) == []


def test_a_hub_that_answers_no_name_costs_the_names_only(program: Program, hub: SimulatedHub) -> None:
    hub.fault("status", status=403, times=None, target="detail")
    assert program.crawl()["exit_code"] == 0
    assert len(list(hub.detail_requests())) == 3


def test_without_a_sample_nothing_is_confirmed(program: Program, hub: SimulatedHub, empty_graph: Connection) -> None:
    program.crawl()
    hub.delete(GONE)
    program.crawl_with({"HUB_GENEALOGY_SWEEP_CONFIRM_SAMPLE": "0"})
    assert f"/api/models/{GONE}" not in {request.path for request in hub.detail_requests()}
    assert rows(empty_graph, f"MATCH (m:Model {{id: '{GONE}'}}) RETURN m.gone_reason") == {("unknown",)}


def test_an_increment_needs_a_complete_crawl_before_it(program: Program) -> None:
    result = program.run("crawl", "--incremental")
    assert result.code == 2
    assert "hub-genealogy crawl" in result.messages[-1]


def test_increments_and_sweeps_end_where_sweeps_alone_do(
    program: Program, hub: SimulatedHub, empty_graph: Connection, tmp_path: Path
) -> None:
    with SimulatedHub(SAMPLE) as other_hub:
        nights = [change_one, change_two, change_three]
        program.crawl()
        for night in nights:
            night(hub)
            summary = program.crawl("--incremental")
            assert (summary["kind"], summary["complete"], summary["models_retired"]) == ("incremental", False, 0)
        assert summary["models_seen"] < len(hub.records())
        last = program.crawl()
        assert last["models_retired"] == 1
        mixed = program.facts()

        with open_connection(empty_graph) as graph:
            empty(graph)
        alone = Program(tmp_path / "alone", empty_graph, {**program.settings, "HF_ENDPOINT": other_hub.url})
        alone.crawl()
        for night in nights:
            night(other_hub)
            alone.crawl()
        assert alone.facts() == mixed


# A Hub of this test lives today, as far as changes go.
NOW = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
NEWCOMER = f"{int(time.time()):08x}0000000000000001"


def change_one(hub: SimulatedHub) -> None:
    hub.create(
        {
            "_id": NEWCOMER,
            "id": "example-lab/newcomer",
            "createdAt": NOW,
            "lastModified": NOW,
            "tags": ["base_model:finetune:mistralai/Mistral-7B-v0.1"],
            "cardData": {"base_model": "mistralai/Mistral-7B-v0.1"},
        }
    )


def change_two(hub: SimulatedHub) -> None:
    hub.update(
        "TheBloke/zephyr-7B-beta-GGUF", {"tags": ["gguf"], "cardData": {}, "baseModels": None, "lastModified": NOW}
    )
    hub.delete(GONE)


def change_three(hub: SimulatedHub) -> None:
    hub.rename("HuggingFaceH4/zephyr-7b-beta", "HuggingFaceH4/zephyr-7b-final")


def test_of_two_crawls_on_one_graph_exactly_one_works(program: Program, hub: SimulatedHub, tmp_path: Path) -> None:
    hub.fault("stall", seconds=30, at=3)
    first = program.start("crawl", "--format", "json")
    while not list(program.home.glob("archive/*/pages/000002.json.gz")):
        assert first.poll() is None
        time.sleep(0.01)
    second = Program(tmp_path / "second", program.connection, program.settings).run("crawl")
    assert second.code == 75
    assert "has been writing to this graph" in second.messages[-1]
    out, err = first.communicate(timeout=120)
    assert first.returncode == 0, err
    assert '"complete": true' in out


def test_a_lease_that_was_not_renewed_is_taken_over(program: Program, empty_graph: Connection) -> None:
    rows(
        empty_graph,
        "CREATE (:Lease {name: 'writer', holder: 'dead', host: 'elsewhere', state: 'x', since: datetime(), "
        "until: datetime() + duration({seconds: 60})})",
    )
    refused = program.run("crawl")
    assert refused.code == 75
    assert "elsewhere" in refused.messages[-1]
    rows(empty_graph, "MATCH (l:Lease) SET l.until = datetime() - duration({seconds: 1})")
    program.crawl()
    assert rows(empty_graph, "MATCH (l:Lease) RETURN l.holder") == set()


def test_a_load_whose_lease_was_taken_over_writes_nothing_more(program: Program, empty_graph: Connection) -> None:
    slow = program.with_settings(HUB_GENEALOGY_LOAD_BATCH_ROWS="1")
    process = slow.start("crawl")
    while not rows(empty_graph, "MATCH (c:Crawl {state: 'loading'}) WHERE c.offset > 5 RETURN c.id"):
        assert process.poll() is None
        time.sleep(0.02)
    rows(empty_graph, "MATCH (l:Lease) SET l.holder = 'another', l.state = 'another'")
    _out, err = process.communicate(timeout=60)
    assert process.returncode == 75
    assert "taken over the lease" in err


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[LocalServer]:
    """A Neo4j that a test may stop; no other server takes its ports meanwhile."""
    server = LocalServer(tmp_path / "server", heap="512m", page_cache="128m")
    with mock.patch.multiple("crawler.local.server", BOLT_PORT=27687, HTTP_PORT=27474):
        try:
            yield server
        finally:
            server.stop()


def test_a_database_that_is_away_for_a_while_costs_waiting_and_one_that_stays_away_exits_75(
    hub: SimulatedHub, own_server: LocalServer, tmp_path: Path, sample: list[dict[str, Any]]
) -> None:
    connection = own_server.start()
    program = Program(tmp_path / "home", connection, {"HF_ENDPOINT": hub.url, "HUB_GENEALOGY_LOAD_BATCH_ROWS": "1"})
    process = program.start("crawl", "--format", "json")
    while not rows(connection, "MATCH (c:Crawl {state: 'loading'}) WHERE c.offset > 5 RETURN c.id"):
        assert process.poll() is None
        time.sleep(0.02)
    own_server.stop()
    assert process.poll() is None
    assert own_server.start().uri == connection.uri
    try:
        out, err = process.communicate(timeout=300)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    assert process.returncode == 0, err
    assert f'"models_seen": {len(sample)}' in out
    before = program.facts()

    own_server.stop()
    gone = program.run("crawl")
    assert gone.code == 75
    own_server.start()
    program.crawl()
    assert program.facts() == before
