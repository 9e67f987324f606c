"""A name that several models bear or bore means the same one to a link, to `query`, to `lineage` and to a saved query."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.answers.resolve import resolve
from crawler.answers.run import read_session
from crawler.graph.connection import Graph
from crawler.hub.archive import Detail
from crawler.reports.lineage import explain
from tests.support.lineage_graph import ask, wipe, write
from tests.support.sweeps import Sweeps, child, record

HUB = "https://huggingface.co"
# Each listing holds so many families: models of one name, which no other family has.
FAMILIES = 8
SPELLINGS = ("owner/name", "Owner/name", "owner/NAME")
# Which of a family's four models a night's listing holds, each under which spelling, or under a name of its own (None).
NIGHT = st.lists(st.tuples(st.integers(1, 4), st.sampled_from([*SPELLINGS, None])), max_size=5)
# A history of three nights, and what the Hub answers for the name where nothing bears it on the first: a model's key.
HISTORY = st.tuples(NIGHT, NIGHT, NIGHT, st.none() | st.integers(1, 4))
DECLARES_EARLY, DECLARES_LATE = "z1", "z2"


@dataclass
class Plain:
    """What three nights of listings leave, read in the plainest way."""

    names: dict[str, str] = field(default_factory=dict)  # key: current or last name
    listed: set[str] = field(default_factory=set)
    former: dict[tuple[str, str], str] = field(default_factory=dict)  # key and lower-cased name: its last spelling
    learned: set[tuple[str, str]] = field(default_factory=set)  # lower-cased name and key

    def see(self, listing: dict[str, str]) -> None:
        for key, name in listing.items():
            before = self.names.get(key, name)
            if before != name:
                self.former[key, before.lower()] = before
        self.names |= listing
        self.listed = set(listing)

    def meaning(self, text: str) -> str:
        """The key of the model that `text` means."""
        current = [(key, name, 1) for key, name in self.names.items()]
        former = [(key, name, 0) for (key, _), name in self.former.items()]
        bearers = sorted(
            (key in self.listed, is_current, key, name)
            for key, name, is_current in current + former
            if name.lower() == text.lower()
        )
        exact = [key for _, _, key, name in bearers if name == text]
        if exact:
            return exact[-1]
        best = {key for listed, _, key, _ in bearers if listed} or {key for _, _, key, _ in bearers}
        if len(best) == 1:
            return best.pop()
        learned = sorted((key in self.listed, key) for name, key in self.learned if name == text.lower())
        return learned[-1][1] if learned else f"absent:{text.lower()}"


def spelt(spelling: str | None, family: int, model: int) -> str:
    return f"{spelling}{family}" if spelling else f"own/n{family}{model}"


def sweep_all(hub: Sweeps, histories: list[Any], texts: list[str]) -> Plain:
    """Sweep the three nights; on the last one a new model declares all `texts`."""
    leads_to = {
        spelt(SPELLINGS[0], family, 0): Detail(200, f"k{family}{history[3]}", "x/y")
        for family, history in enumerate(histories)
        if history[3]
    }
    plain = Plain()
    for night in range(3):
        rows = [
            (f"k{family}{model}", spelt(spelling, family, model))
            for family, history in enumerate(histories)
            for model, spelling in history[night]
        ]
        # The first night's declarations ask the Hub for the names that nothing bears.
        page = [record(*row) for row in rows] + [child(DECLARES_EARLY, "x/early", *leads_to)]
        if night == 2:
            page.append(child(DECLARES_LATE, "x/late", *texts))
        hub.sweep(page, look_up=lambda name: leads_to.get(name, Detail(401)))
        plain.see(dict(rows))
    known = hub.rows("names", "id_lower", "model", "origin")
    plain.learned = {(name, key) for name, key, origin in known if origin != "rename"}
    return plain


@pytest.fixture(scope="module")
def scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@settings(max_examples=6)
@given(histories=st.lists(HISTORY, min_size=FAMILIES, max_size=FAMILIES))
def test_links_queries_and_reports_mean_the_same_model_by_a_name(
    schema_graph: Graph, scratch: Path, histories: list[Any]
) -> None:
    hub = Sweeps(Path(tempfile.mkdtemp(dir=scratch)))
    texts = [spelt(spelling, family, 0) for family in range(FAMILIES) for spelling in SPELLINGS]
    plain = sweep_all(hub, histories, texts)
    expected = {text: plain.meaning(text) for text in texts}

    links = hub.rows("edges", "child", "parent", "declared_as")
    assert {text: parent for key, parent, spellings in links if key == DECLARES_LATE for text in spellings} == expected

    load_names(schema_graph, hub)
    with read_session(schema_graph) as session:
        assert {text: resolve(session, text, HUB).key for text in texts} == expected
    ids = {key: name for key, name, _ in hub.models()}
    assert {text: explain(hub.snapshot, text, HUB)[0] for text in texts} == {t: ids[expected[t]] for t in texts}

    # A saved query is asked by the key that `query` resolved; in Neo4j Browser, by a name that it knows as current only.
    assert [ask(schema_graph, "model", model=key)[0]["key"] for key in expected.values()] == list(expected.values())
    for text in texts:
        bearers = [(key in plain.listed, key) for key, name in ids.items() if name == text]
        found = [row["key"] for row in ask(schema_graph, "model", model=text)]
        assert found == ([max(bearers)[1]] if bearers else [])


def load_names(graph: Graph, hub: Sweeps) -> None:
    """Put the models of the last snapshot into the graph, with all their names."""
    wipe(graph)
    write(graph, [{"key": key, "id": name, "status": status} for key, name, status in hub.models()])
    with graph.session() as session:
        session.run(
            "UNWIND $rows AS row MATCH (m:Model {key: row[0]}) "
            "CREATE (:FormerName {id: row[1], id_lower: row[2], model: row[0], since: row[3]})-[:NOW]->(m)",
            rows=[list(row) for row in hub.rows("names", "model", "id", "id_lower", "since")],
        ).consume()
