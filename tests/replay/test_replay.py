"""The Hub of March 2025, crawled; then three weeks of what it really gained and lost, one more crawl each.

The sets that the graph must hold are computed here from the files alone, by other means than the crawler's.
"""

import json
from collections import Counter, deque
from collections.abc import Iterator
from typing import Any

import neo4j
import pytest

from tests.support.replays import Replay, edges_of

pytestmark = [pytest.mark.replay, pytest.mark.timeout(1800)]


@pytest.fixture
def session(replay: Replay) -> Iterator[neo4j.Session]:
    with replay.graph.session() as opened:
        yield opened


def check(session: neo4j.Session, records: dict[str, dict[str, Any]]) -> None:
    """The graph holds the listed models and their declared parents, no more and no less."""
    listed = {tuple(r) for r in session.run("MATCH (m:Model {status: 'listed'}) RETURN m.key, m.id")}
    assert listed == {(record["_id"], record["id"]) for record in records.values()}
    found = {
        tuple(r)
        for r in session.run(
            "MATCH (c:Model {status: 'listed'})-[e:DERIVED_FROM {status: 'current'}]->(p) RETURN c.id, p.id_lower, e.relation"
        )
    }
    expected = edges_of(records)
    assert found == expected
    names = {record["id"].lower(): record for record in records.values()}
    not_listed = {
        tuple(r)
        for r in session.run(
            "MATCH (c:Model {status: 'listed'})-[e:DERIVED_FROM {status: 'current'}]->(p) WHERE p.status <> 'listed' "
            "RETURN c.id, p.id_lower, e.relation"
        )
    }
    assert not_listed == {edge for edge in expected if not parent_is_listed(edge, records, names)}


def parent_is_listed(
    edge: tuple[str, str, str], records: dict[str, dict[str, Any]], names: dict[str, dict[str, Any]]
) -> bool:
    """By the Hub's own id of the parent where the child's record has one, else by its name."""
    child, parent, _relation = edge
    resolved = {m["id"].lower(): m["_id"] for m in names[child.lower()].get("baseModels", {}).get("models", [])}
    return resolved[parent] in records if parent in resolved else parent in names


def test_baseline_and_three_weeks(replay: Replay, session: neo4j.Session, capsys: pytest.CaptureFixture[str]) -> None:
    def tell(text: str) -> None:
        with capsys.disabled():
            print(f"\n{text}", end="", flush=True)

    program, records = replay.program, replay.records
    before: dict[str, dict[str, Any]] = {}
    for week, summary in replay.weeks():
        tell(f"{week}: {json.dumps(summary)}")
        assert (summary["complete"], summary["models_seen"]) == (True, len(records))
        assert summary["models_added"] == len(records.keys() - before.keys())
        assert summary["models_retired"] == len(before.keys() - records.keys())
        stayed = {key: records[key] for key in records.keys() & before.keys()}
        # Of a model that stayed, every declared parent stayed too; whoever came brought theirs.
        assert edges_of(stayed) == edges_of({key: before[key] for key in stayed})
        new = edges_of({key: records[key] for key in records.keys() - before.keys()})
        assert (summary["edges_added"], summary["edges_withdrawn"]) == (len(new), 0)
        check(session, records)
        before = dict(records)

    again = program.crawl()
    assert (again["rows_written"], again["models_changed"], again["edges_changed"]) == (0, 0, 0)

    digest = program.digest()
    rebuilt = program.run("rebuild")
    assert rebuilt.code == 0, rebuilt.err
    assert program.digest() == digest
    tell(f"graph hash, before and after the rebuild: {digest}")

    children: dict[str, set[str]] = {}
    for child, parent in session.run(
        "MATCH (c:Model)-[e:DERIVED_FROM {status: 'current'}]->(p:Model) RETURN c.id, p.id"
    ):
        children.setdefault(parent, set()).add(child)
    for root, _count in Counter({parent: len(found) for parent, found in children.items()}).most_common(3):
        answer = program.run("query", "descendants", "--model", root, "--format", "json")
        assert answer.code == 0, answer.err
        depths = breadth_first(children, root)
        tell(f"descendants of {root}: {len(depths)}, at most {max(depths.values())} steps away")
        assert {(row["id"], row["depth"]) for row in answer.json()} == set(depths.items())


def breadth_first(children: dict[str, set[str]], root: str) -> dict[str, int]:
    """Every model that descends from `root`, with its distance."""
    depths = {root: 0}
    waiting = deque([root])
    while waiting:
        parent = waiting.popleft()
        for child in children.get(parent, ()):
            if child not in depths:
                depths[child] = depths[parent] + 1
                waiting.append(child)
    del depths[root]
    return depths
