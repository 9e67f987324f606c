"""The nightly job on the sample: what it says, what it writes, what it leaves alone."""

import re
from typing import Any

import neo4j

from crawler.cli.crawl import in_one_line
from demo.simulated_hub import SimulatedHub
from tests.support.program import Program

SUMMARY = [
    "crawl", "kind", "complete", "models_seen", "models_added", "models_changed", "models_retired", "edges_added",
    "edges_changed", "edges_withdrawn", "rejected", "rows_written", "models_removed", "models_listed", "edges_current",
    "datasets", "exit_code", "seconds", "cases", "feeds", "warnings",
]  # fmt: skip


def rows(program: Program, query: str) -> set[tuple[Any, ...]]:
    graph = program.connection
    assert graph is not None
    with (
        neo4j.GraphDatabase.driver(graph.uri, auth=(graph.username, graph.password)) as driver,
        driver.session(database=graph.database) as session,
    ):
        return {tuple(record.values()) for record in session.run(query)}


def test_first_crawl_lists_every_model_and_second_writes_no_row(program: Program, sample: list[dict[str, Any]]) -> None:
    first = program.crawl()
    assert list(first) == SUMMARY
    assert list(first["seconds"]) == ["walk", "snapshot", "changes", "load"]
    assert (first["kind"], first["complete"], first["models_seen"]) == ("full", True, len(sample))
    listed = rows(program, "MATCH (m:Model {status: 'listed'}) RETURN m.key, m.id")
    assert listed == {(record["_id"], record["id"]) for record in sample}
    before = program.digest()

    second = program.crawl()
    assert second["crawl"] > first["crawl"]
    assert (second["rows_written"], second["models_added"], second["edges_added"]) == (0, 0, 0)
    assert program.digest() == before


def test_a_crawl_says_in_one_line_what_it_did(program: Program) -> None:
    first = program.run("--log-format", "text", "crawl")
    assert re.fullmatch(
        r"crawl \S+ complete: 172 models \(172 new, 0 gone\), (\d+) links \(\1 new, 0 withdrawn\), \d+ \w+; exit 0\n",
        first.out,
    ), first.out
    refused = program.with_settings(HUB_GENEALOGY_SWEEP_MAX_TAIL_AGE="1h").run("-q", "crawl", "--format", "json")
    assert refused.messages[:-1] == refused.json()["warnings"]
    assert refused.messages[-1].endswith("1 warning, exit 3")
    verbose = program.run("crawl", "--format", "json")
    assert verbose.messages[-1].startswith(f"crawl {verbose.json()['crawl']} complete: 172 models (0 new, 0 gone), ")


def test_the_line_of_a_crawl_fits_a_mail() -> None:
    summary = {
        "crawl": "000012-20251008T030000Z", "kind": "full", "complete": False, "models_listed": 3_104_221, "models_added": 9_812,
        "models_retired": 213, "models_removed": 0, "edges_current": 1_622_324, "edges_added": 4_551, "edges_withdrawn": 12,
        "exit_code": 3, "seconds": {"walk": 1700.0, "load": 160.4}, "warnings": ["one", "two"],
    }  # fmt: skip
    assert in_one_line(summary) == (
        "crawl 000012-20251008T030000Z incomplete: 3,104,221 models (9,812 new, 213 gone), "
        "1,622,324 links (4,551 new, 12 withdrawn), 31 min; 2 warnings, exit 3"
    )
    assert len(in_one_line(summary | {"complete": True, "exit_code": 0, "warnings": []})) <= 150
    assert "(9,812 new, 213 gone, 5 removed)" in in_one_line(summary | {"models_removed": 5})
    sets = {
        "complete": True,
        "listed": 700_123,
        "added": 51,
        "retired": 3,
        "removed": 0,
        "requests": 703,
        "seconds": 61.0,
    }
    assert "31 min; 700,123 data sets (51 new, 3 gone), 703 requests, 1 min; 2 w" in in_one_line(
        summary | {"datasets": sets}
    )
    sets |= {"complete": False, "removed": 2}
    assert "700,123 data sets (incomplete) (51 new, 3 gone, 2 removed)" in in_one_line(summary | {"datasets": sets})
    assert in_one_line(summary | {"kind": "incremental"}, dry_run=True).startswith(
        "crawl 000012-20251008T030000Z incremental (dry run): "
    )


def test_rebuild_makes_the_same_graph_to_the_last_property(program: Program, hub: SimulatedHub) -> None:
    program.crawl()
    hub.rename("HuggingFaceH4/zephyr-7b-beta", "HuggingFaceH4/zephyr-7b-final")
    hub.delete("mistralai/Mistral-7B-Instruct-v0.2")
    hub.update("TheBloke/zephyr-7B-beta-GGUF", {"tags": ["gguf"], "cardData": {}, "baseModels": None})
    summary = program.crawl()
    assert (summary["models_retired"], summary["edges_withdrawn"]) == (1, 1)
    program.crawl()
    assert rows(program, "MATCH (c:Crawl) RETURN sum(c.edges_withdrawn)") == {(1,)}, "each says what it withdrew itself"
    before = program.digest()

    result = program.run("rebuild")
    assert result.code == 0, result.err
    assert program.digest() == before


def test_rebuild_leaves_labels_that_are_not_ours_alone(program: Program) -> None:
    program.crawl()
    rows(program, "CREATE (:Note {text: 'mine'})")
    before = program.digest()
    assert program.run("rebuild").code == 0
    assert rows(program, "MATCH (n:Note) RETURN n.text") == {("mine",)}
    assert program.digest() == before


def test_a_rename_keeps_the_node_and_the_old_name_finds_it(program: Program, hub: SimulatedHub) -> None:
    program.crawl()
    hub.rename("HuggingFaceH4/zephyr-7b-beta", "HuggingFaceH4/zephyr-7b-final")
    program.crawl()
    assert rows(program, "MATCH (f:FormerName {id: 'HuggingFaceH4/zephyr-7b-beta'})-[:NOW]->(m) RETURN m.id") == {
        ("HuggingFaceH4/zephyr-7b-final",)
    }
    answer = program.run("query", "model", "--model", "HuggingFaceH4/zephyr-7b-beta", "--format", "json")
    assert answer.code == 0
    assert [row["id"] for row in answer.json()] == ["HuggingFaceH4/zephyr-7b-final"]
    assert any("HuggingFaceH4/zephyr-7b-final" in message for message in answer.messages)


def test_a_walk_that_misses_most_models_retires_none_and_exits_3(program: Program, hub: SimulatedHub) -> None:
    program.crawl()
    before = program.facts()
    records = hub.records()
    hub.replace_listing(records[:100])
    summary = program.crawl(code=3)
    assert summary["complete"] is True
    assert summary["models_retired"] == 0
    assert "--accept-vanished" in " ".join(summary["warnings"])
    assert program.facts() == before

    accepted = program.crawl("--accept-vanished")
    assert accepted["models_retired"] == len(records) - 100


def test_an_old_tail_makes_a_sweep_incomplete(program: Program, hub: SimulatedHub) -> None:
    program.crawl()
    hub.delete("mistralai/Mistral-7B-Instruct-v0.2")
    summary = program.crawl_with({"HUB_GENEALOGY_SWEEP_MAX_TAIL_AGE": "1h"}, code=3)
    assert (summary["complete"], summary["models_retired"]) == (False, 0)
    assert "sweep.max_tail_age" in " ".join(summary["warnings"])


def test_a_sample_is_never_complete_and_retires_nothing(program: Program, sample: list[dict[str, Any]]) -> None:
    program.crawl()
    summary = program.crawl("--max-models", "40")
    assert (summary["complete"], summary["models_seen"], summary["models_retired"]) == (False, 40, 0)
    assert len(rows(program, "MATCH (m:Model {status: 'listed'}) RETURN m.key")) == len(sample)


def test_a_dry_run_says_what_would_change_and_changes_nothing(program: Program, hub: SimulatedHub) -> None:
    program.crawl()
    before = program.digest()
    hub.delete("mistralai/Mistral-7B-Instruct-v0.2")
    summary = program.crawl("--dry-run")
    assert summary["models_retired"] == 1
    assert program.digest() == before
    assert sorted(path.name for path in program.home.iterdir()) == [
        "archive",
        "changes",
        "lock",
        "run.json",
        "snapshots",
        "state.json",
    ]
    assert program.crawl()["models_retired"] == 1


def test_a_page_without_link_in_the_middle_is_asked_again(program: Program, hub: SimulatedHub) -> None:
    hub.fault("no_link", at=3)
    assert program.crawl()["complete"] is True
    assert program.crawl()["rows_written"] == 0


def test_a_listing_that_ends_early_is_not_believed(
    program: Program, hub: SimulatedHub, sample: list[dict[str, Any]]
) -> None:
    program.crawl()
    hub.fault("no_link", at=3, times=None)
    # With the age of the newest model unknown, the share of the vanished is the guard that is left.
    summary = program.crawl(code=3)
    assert (summary["models_seen"], summary["models_retired"]) == (60, 0)
    assert len(rows(program, "MATCH (m:Model {status: 'listed'}) RETURN m.key")) == len(sample)


def test_outages_and_rate_limits_are_waited_out(
    program: Program, hub: SimulatedHub, sample: list[dict[str, Any]]
) -> None:
    hub.fault("status", status=503, at=1)
    hub.fault("drop", at=3)
    hub.fault("rate_limited", seconds=1, at=5)
    hub.fault("truncated", at=7)
    hub.fault("html", at=9)
    assert program.crawl()["models_seen"] == len(sample)


def test_the_token_goes_to_the_hub_and_into_no_file(program: Program, hub: SimulatedHub) -> None:
    result = Program(program.home, program.connection, {**program.settings, "HF_TOKEN": "hf_s3cret"}).run("-v", "crawl")
    assert result.code == 0
    assert all(request.with_token for request in hub.listing_requests())
    assert "hf_s3cret" not in result.out + result.err
    files = [path for path in program.home.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if b"hf_s3cret" in path.read_bytes()]


def test_what_has_long_been_gone_is_removed_where_that_is_asked_for_and_every_answer_says_so(
    program: Program, hub: SimulatedHub
) -> None:
    program = program.with_settings(HUB_GENEALOGY_KEEP_GONE="0s")
    program.crawl()
    hub.delete("city96/FLUX.1-dev-gguf")
    assert program.crawl()["models_removed"] == 0, "it has just gone"
    summary = program.crawl()
    assert (summary["models_removed"], summary["models_retired"], summary["exit_code"]) == (1, 0, 0)
    assert rows(program, "MATCH (c:Crawl) RETURN c.models_removed") == {(None,), (1,)}
    assert rows(program, "MATCH (m:Model) WHERE m.id = 'city96/FLUX.1-dev-gguf' RETURN m.key") == set()
    before = program.digest()
    assert program.run("rebuild").code == 0
    assert program.digest() == before

    unknown = program.run("report", "city96/FLUX.1-dev-gguf")
    assert unknown.code == 1
    assert "crawls removed 1 model that had long been gone (keep.gone)" in unknown.messages[-1]
    report = program.run("report", "black-forest-labs/FLUX.1-dev", "--format", "json")
    assert {"code": "removed", "figures": {"models": 1}} in report.json()["limits"]
    removed = "removed after having been gone for longer than keep.gone, and missing here: 1 model of the Hub"
    assert removed in " ".join(report.messages)
    assert removed in " ".join(program.run("query", "descendants", "-p", "model=black-forest-labs/FLUX.1-dev").messages)
