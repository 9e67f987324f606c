"""What docs/browser.md tells an analyst to do, done in a real Chromium with the local server's own Neo4j Browser.

BROWSER_PICTURES=FOLDER writes the pictures of that page into a folder: see make pictures.
"""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from crawler.answers.library import SavedQuery
from crawler.graph.connection import Connection, Graph
from crawler.local.server import LocalServer
from tests.support import golden
from tests.support.lineage_graph import LIBRARY
from tests.support.neo4j_browser import Window, opened
from tests.support.program import Program

pytestmark = pytest.mark.browser

TOPICS = LIBRARY.by_topic()
PICTURES = os.environ.get("BROWSER_PICTURES")
BASE = "mistralai/Mistral-7B-v0.1"
BLUE, RED = "#2F6DB5", "#C0504D"  # of models and of DERIVED_FROM in the style


@dataclass(frozen=True)
class Desk:
    """An analyst's desk: the window, what it is connected to, and the files to drop onto it."""

    window: Window
    connection: Connection
    graph: Graph
    favourites: Path
    style: Path


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    home = tmp_path_factory.mktemp("analyst")
    server = LocalServer(home, heap="512m", page_cache="128m")
    files = (home / "favourites.zip", home / "hub-genealogy.grass")
    for name, file in zip(("favourites", "style"), files, strict=True):
        assert Program(home, None, {}).run("export", name, str(file)).code == 0
    try:
        connection = server.start()
        status = server.status()
        assert status.browser is not None
        with golden.sample_graph(connection) as graph, opened(status.browser) as window:
            yield Desk(window, connection, graph, *files)
    finally:
        server.stop()


@pytest.fixture(scope="module")
def connected(desk: Desk) -> Desk:
    """Connected, with the favourites and the style in place."""
    window = desk.window
    picture(window, "connect")
    window.connect(desk.connection)
    window.drop(desk.style)
    expect(window.page.get_by_test_id("frameCommand").first).to_have_text(":style")
    window.open_favourites()
    window.drop(desk.favourites)
    expect(window.page.get_by_test_id("savedScriptsFolder-genealogy")).to_be_visible()
    return desk


def picture(window: Window, name: str) -> None:
    if PICTURES:
        window.picture(Path(PICTURES) / f"browser-{name}.png")


def title(query: SavedQuery) -> str:
    return f"{query.name}: {query.title}"


def set_parameters(window: Window, values: dict[str, Any]) -> None:
    window.write(f":param {json.dumps(values)}")
    expect(window.run()).to_contain_text("Successfully set your parameters.")


def streamed(frame: Locator) -> int:
    """How many records the frame says that it got."""
    done = re.compile(r"streaming (\d+) records.* completed after|\(no changes, no records\)", re.DOTALL)
    expect(frame).to_contain_text(done)
    match = done.search(frame.inner_text())
    return int(match[1] or 0) if match else -1


def test_the_favourites_are_the_queries_by_topic(connected: Desk) -> None:
    window = connected.window
    assert [name for name in window.folders if name in {*TOPICS, "pictures"}] == ["pictures", *TOPICS]
    for topic, queries in TOPICS.items():
        window.unfold(topic)
        expect(window.page.get_by_test_id(f"scriptTitle-{title(queries[0])}")).to_be_visible()
        assert set(window.titles(topic)) == {title(query) for query in queries}
        if topic == "genealogy":
            picture(window, "favourites")
        window.unfold(topic)


def test_one_favourite_sets_every_parameter(connected: Desk) -> None:
    window = connected.window
    window.choose("Set parameters (edit the model, then run)")
    expect(window.editor).to_contain_text(":param")
    frame = window.run()
    expect(frame).to_contain_text("Successfully set your parameters.")
    named = {parameter.name for query in LIBRARY.values() for parameter in query.parameters}
    assert set(re.findall(r'"(\w+)": ', frame.inner_text())) >= named
    picture(window, "parameters")


def with_rows(topic: str) -> tuple[SavedQuery, dict[str, Any]]:
    """A query of the topic and the golden case with the most rows that fit a screen."""
    cases = [
        (len(case["rows"]), query.name, case)
        for query in TOPICS[topic]
        for case in golden.read(query.name)["cases"]
        if 0 < len(case["rows"]) <= 50
    ]
    assert cases, f"no golden case of {topic} has rows"
    _, name, case = max(cases, key=lambda found: found[:2])
    return LIBRARY[name], case


@pytest.mark.parametrize("topic", TOPICS)
def test_a_query_of_each_topic_gives_its_rows(connected: Desk, topic: str) -> None:
    window = connected.window
    query, case = with_rows(topic)
    defaults = {parameter.name: parameter.default for parameter in query.parameters}
    set_parameters(window, defaults | case["parameters"])
    window.unfold(topic)
    window.choose(title(query))
    frame = window.run()
    assert streamed(frame) == len(case["rows"])
    first = next(value for value in case["rows"][0].values() if value is not None)
    expect(frame.locator("tbody tr").first).to_contain_text(str(first))
    assert set(frame.locator("thead th").all_inner_texts()) >= {column.name for column in query.columns}
    if topic == "genealogy":
        picture(window, "table")
    window.unfold(topic)


def test_a_family_is_drawn_in_the_colours_of_the_style(connected: Desk) -> None:
    window = connected.window
    set_parameters(window, {"model": BASE})
    window.unfold("pictures")
    window.choose("descendants, drawn: what a model became, up to three steps")
    frame = window.run()
    with connected.graph.session() as session:
        members, relations = session.run(
            "MATCH p = (:Model {id: $model})<-[:DERIVED_FROM*1..3]-(:Model) UNWIND relationships(p) AS e "
            "UNWIND nodes(p) AS n RETURN count(DISTINCT n), collect(DISTINCT e.relation)",
            model=BASE,
        ).single(strict=True)
    expect(frame.locator("svg g.node")).to_have_count(members)
    circles = frame.locator("svg g.node circle.b-outline")
    assert {circle.get_attribute("fill") for circle in circles.all()} == {BLUE}
    arrows = frame.locator("svg g.relationship path.b-outline")
    assert {arrow.get_attribute("fill") for arrow in arrows.all()} == {RED}
    captions = {text.strip(".…") for text in frame.locator("svg g.relationship text").all_text_contents()}
    assert all(any(relation.startswith(caption) for relation in relations) for caption in captions)
    assert {"finetune", "quantized"} & captions
    window.page.wait_for_timeout(4_000)  # until the drawing is at rest
    picture(window, "graph")
    window.unfold("pictures")


def test_nothing_was_fetched_from_another_machine(connected: Desk) -> None:
    assert connected.window.elsewhere == []
