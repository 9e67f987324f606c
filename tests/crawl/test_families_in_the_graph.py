"""Families, cycles and the profile, from the Hub into the graph."""

from pathlib import Path
from typing import Any

import neo4j
import pytest

from crawler.files import read_json, write_json
from crawler.graph.connection import Connection
from demo.simulated_hub import SimulatedHub
from tests.support.program import Program
from tests.support.small_hub import child, model
from tests.support.sweeps import drop_column

TOP = model(1, "maker/top")
MIDDLE = child(2, "maker/middle", TOP)
LEAF = child(3, "tuner/leaf", MIDDLE)
LEFT = model(4, "ring/left", cardData={"base_model": "ring/right"})
RIGHT = model(5, "ring/right", cardData={"base_model": "ring/left"})
SELF = model(6, "self/self", cardData={"base_model": "self/self"})


def rows(connection: Connection, query: str) -> set[tuple[Any, ...]]:
    with (
        neo4j.GraphDatabase.driver(connection.uri, auth=(connection.username, connection.password)) as driver,
        driver.session(database=connection.database) as session,
    ):
        return {tuple(record.values()) for record in session.run(query)}


def test_families_go_to_the_graph_change_with_it_and_are_rebuilt(empty_graph: Connection, tmp_path: Path) -> None:
    with SimulatedHub([TOP, MIDDLE, LEAF, LEFT, RIGHT, SELF]) as hub:
        settings = {"HF_ENDPOINT": hub.url, "HUB_GENEALOGY_SWEEP_MAX_VANISHED_SHARE": "1"}
        program = Program(tmp_path / "home", empty_graph, settings)
        first = program.crawl()
        headed = (
            "MATCH (f:Family)-[:HEADED_BY]->(m:Model) "
            "RETURN f.key = f.kind + ':' + m.key, f.kind, f.root, m.id, f.size, f.depth, f.roots"
        )
        assert rows(empty_graph, headed) == {
            (True, "family", "maker/top", "maker/top", 3, 2, 1),
            (True, "family", "ring/left", "ring/left", 2, 0, 0),
            (True, "followed", "maker/top", "maker/top", 2, 2, None),
            (True, "followed", "maker/middle", "maker/middle", 1, 1, None),
            (True, "followed", "ring/left", "ring/left", 1, 1, None),
            (True, "followed", "ring/right", "ring/right", 1, 1, None),
        }
        chain = "MATCH (f:Family {root: 'maker/top', kind: 'family'}) UNWIND f.chain AS key RETURN key"
        assert rows(empty_graph, chain) == {(TOP["_id"],), (MIDDLE["_id"],), (LEAF["_id"],)}
        on_cycle = "MATCH (m:Model) WHERE m.cycle IS NOT NULL RETURN m.id, m.cycle"
        assert rows(empty_graph, on_cycle) == {("ring/left", LEFT["_id"]), ("ring/right", LEFT["_id"])}
        [crawl] = rows(
            empty_graph,
            "MATCH (c:Crawl) RETURN c.models_listed, c.models_gone, c.models_absent, c.edges_current, c.edges_withdrawn, "
            "c.listed_with_parent, c.families, c.largest_family, c.models_on_cycles, c.longest_chain, "
            "size(c.depth_profile), c.depth_profile[0], c.depth_profile[1], size(c.family_size_profile), c.models_seen",
        )
        assert crawl == (6, 0, 0, 5, 0, 4, 2, 3, 2, 2, 3, 3, 1, 2, 6)

        again = program.crawl()
        assert again["rows_written"] == 0
        digest = program.digest()

        hub.delete("tuner/leaf")
        hub.update("ring/right", {"cardData": {}})
        hub.rename("maker/top", "maker/summit")
        program.crawl()
        assert program.digest() != digest
        assert rows(empty_graph, on_cycle) == set()
        assert rows(empty_graph, "MATCH (f:Family {kind: 'family'}) RETURN f.root, f.size, f.depth") == {
            ("maker/summit", 3, 2),
            ("ring/right", 2, 1),
        }
        newest = "MATCH (c:Crawl) WITH c ORDER BY c.id DESC LIMIT 1 RETURN c.models_gone, c.edges_withdrawn, c.families"
        assert rows(empty_graph, newest) == {(1, 1, 2)}

        digest = program.digest()
        assert program.run("rebuild").code == 0
        assert program.digest() == digest
        assert rows(empty_graph, newest) == {(1, 1, 2)}
    assert first["rows_written"] > 0


@pytest.mark.parametrize("at_once", [True, False])
def test_a_state_that_a_version_without_families_left_goes_on(
    empty_graph: Connection, tmp_path: Path, *, at_once: bool
) -> None:
    with SimulatedHub([TOP, MIDDLE, LEFT, RIGHT]) as hub:
        program = Program(tmp_path / "home", empty_graph, {"HF_ENDPOINT": hub.url})
        summary = program.crawl()
        digest = program.digest()
        without_families(program.home, summary["crawl"])
        assert program.run("rebuild").code == 0
        assert rows(empty_graph, "MATCH (f:Family) RETURN f.key") == set()
        assert rows(empty_graph, "MATCH (c:Crawl) RETURN c.families, c.models_seen") == {(None, 4)}
        if at_once:
            # Nothing happened on the Hub: what the earlier version did not compute is all there is to write.
            assert program.crawl()["rows_written"] == 5 + 2
            assert program.digest() == digest
        else:
            hub.delete("maker/middle")
            program.crawl("--accept-vanished")
            assert rows(empty_graph, "MATCH (f:Family {root: 'maker/top', kind: 'family'}) RETURN f.size") == {(2,)}


def without_families(home: Path, crawl: str) -> None:
    """Make snapshot and changes of `crawl` such as a version wrote them that knew no families."""
    for folder, table in ((home / "snapshots", "models"), (home / "changes", "models.put")):
        drop_column(folder / crawl / f"{table}.parquet", "cycle")
    (home / "snapshots" / crawl / "families.parquet").unlink()
    (home / "changes" / crawl / "families.put.parquet").unlink()
    for file in (home / "snapshots" / crawl / "snapshot.json", home / "changes" / crawl / "changes.json"):
        content = read_json(file)
        del content["profile"]
        if "totals" in content:
            del content["totals"]["Family"], content["totals"]["HEADED_BY"], content["rows"]["families"]
        else:
            del content["rows"]  # that version listed no rows of a snapshot
        write_json(file, content)
