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
from tests.support.lineage_graph import LIBRARY, ask
from tests.support.neo4j_browser import Window, opened
from tests.support.program import Program

pytestmark = pytest.mark.browser

TOPICS = LIBRARY.by_topic()
DEFAULTS = {p.name: p.default for query in LIBRARY.values() for p in query.parameters if not p.required}
SET_PARAMETERS = "Set parameters (edit the model, then run)"
FIND = "Find a name (edit the text, then run)"
DESCENDANTS = "descendants, drawn: what a model became"
ANCESTORS = "ancestors, drawn: what a model came from"
SURROUNDINGS = "surroundings, drawn: parents, children, owner, licences, data sets, former names"
# The README's picture: some of the family of Mistral 7B.
README = """MATCH p = (m:Model)-[:DERIVED_FROM*1..3]->(:Model {id: 'mistralai/Mistral-7B-v0.1'})
WHERE m.owner IN ['Intel', 'TheBloke', 'Weyaxi'] RETURN p"""
PICTURES = os.environ.get("BROWSER_PICTURES")
BASE = "mistralai/Mistral-7B-v0.1"
BLUE, RED = "#2F6DB5", "#C0504D"  # of models and of DERIVED_FROM in the style
GONE, ABSENT = "#B7C6D9", "#FFFFFF"  # of models that are not listed


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
    window.choose(SET_PARAMETERS)
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
    expect(frame.get_by_text("Warn", exact=True)).to_have_count(0)
    first = next(value for value in case["rows"][0].values() if value is not None)
    expect(frame.locator("tbody tr").first).to_contain_text(str(first))
    assert set(frame.locator("thead th").all_inner_texts()) >= {column.name for column in query.columns}
    if topic == "genealogy":
        picture(window, "table")
    window.unfold(topic)


def test_names_are_found_by_their_parts(connected: Desk) -> None:
    window = connected.window
    window.choose(FIND)
    expect(window.editor).to_contain_text("WITH 'mistral 7b' AS text")
    frame = window.run()
    expect(frame.locator("tbody")).to_contain_text(f'"{BASE}"')
    picture(window, "find")


def fitted(frame: Locator) -> None:
    """Let a drawing come to rest, with the whole frame to itself."""
    expect(frame.locator("svg g.node").first).to_be_visible()
    panel = frame.get_by_label("Collapse the node properties display")
    if panel.count():
        panel.click()
    frame.page.wait_for_timeout(4_000)
    frame.get_by_label("zoom-to-fit").click()
    frame.page.wait_for_timeout(1_000)


def drawn(window: Window, name: str, **given: Any) -> Locator:
    """The frame with a drawing of the model and the other parameters that are given."""
    set_parameters(window, DEFAULTS | given)
    window.unfold("pictures")
    window.choose(name)
    frame = window.run()
    fitted(frame)
    return frame


def captions(parts: Locator) -> list[str]:
    """What stands in the circles or on the arrows of a drawing, its lines joined."""
    return sorted(" ".join(" ".join(part.locator("text").all_text_contents()).split()) for part in parts.all())


def test_a_family_is_drawn_in_the_colours_of_the_style_with_the_models_of_its_query(connected: Desk) -> None:
    window = connected.window
    frame = drawn(window, DESCENDANTS, model=BASE)
    members = {row["id"] for row in ask(connected.graph, "descendants", model=BASE)} | {BASE}
    found = captions(frame.locator("svg g.node"))
    assert len(found) == len(members)
    short = {name.split("/")[1] for name in members}
    assert [text for text in found if not any(name.startswith(text.rstrip("….")) for name in short)] == []
    assert "Mistral-7B-v0.1" in found
    circles = frame.locator("svg g.node circle.b-outline")
    assert {circle.get_attribute("fill") for circle in circles.all()} == {BLUE}
    arrows = frame.locator("svg g.relationship path.b-outline")
    assert {arrow.get_attribute("fill") for arrow in arrows.all()} == {RED}
    assert {"finetune", "quantized", "merge"} & set(captions(frame.locator("svg g.relationship")))
    window.unfold("pictures")
    drawn(window, DESCENDANTS, model=BASE, max_depth=1)
    picture(window, "graph")
    window.unfold("pictures")


def coloured(frame: Locator) -> set[tuple[str, str | None]]:
    """The first word in each circle, and its colour."""
    return {
        (captions(node.locator("xpath=."))[0].split()[0], node.locator("circle.b-outline").get_attribute("fill"))
        for node in frame.locator("svg g.node").all()
    }


def test_what_is_gone_says_so_in_a_drawing(connected: Desk) -> None:
    window = connected.window
    frame = drawn(window, DESCENDANTS, model="meta-llama/Llama-2-7b-hf")
    found = captions(frame.locator("svg g.node"))
    assert [text for text in found if text.startswith("gone ")] == ["gone llama-2-7b-recipes"]
    assert len(found) == 4
    assert {fill for word, fill in coloured(frame) if word == "gone"} == {GONE}
    assert {fill for word, fill in coloured(frame) if word != "gone"} == {BLUE}
    picture(window, "gone")
    window.unfold("pictures")


def test_what_was_never_listed_has_a_colour_of_its_own(connected: Desk) -> None:
    window = connected.window
    [row] = ask(connected.graph, "absent_parents", limit=1)
    frame = drawn(window, DESCENDANTS, model=row["id"])
    assert {fill for word, fill in coloured(frame) if word == "absent"} == {ABSENT}
    assert BLUE in {fill for _word, fill in coloured(frame)}
    picture(window, "absent")
    window.unfold("pictures")


def test_what_is_withdrawn_or_inferred_says_so_in_a_drawing(connected: Desk) -> None:
    window = connected.window
    frame = drawn(window, ANCESTORS, model="example-lab/pinned-mistral", include_withdrawn=True)
    assert captions(frame.locator("svg g.relationship"))[0].startswith("withd")
    window.unfold("pictures")
    frame = drawn(window, ANCESTORS, model="example-lab/phi-2-AWQ")
    assert captions(frame.locator("svg g.relationship"))[0].startswith("infer")
    window.unfold("pictures")


def test_surroundings_have_no_family_circle(connected: Desk) -> None:
    window = connected.window
    frame = drawn(window, SURROUNDINGS, model="HuggingFaceH4/zephyr-7b-beta")
    found = {circle.get_attribute("fill") for circle in frame.locator("svg g.node circle.b-outline").all()}
    assert found == {BLUE, "#E0A32E", "#4E9A6B", "#8E6BB8"}  # models, owner, licence, data sets
    window.unfold("pictures")


def test_the_readmes_picture_is_in_the_products_own_style(connected: Desk) -> None:
    window = connected.window
    window.write(README)
    frame = window.run()
    frame.get_by_title("Fullscreen", exact=True).click()
    fitted(frame)
    assert len(captions(frame.locator("svg g.node"))) == 8
    if PICTURES:
        window.picture(Path(PICTURES) / "browser.png")
    frame.get_by_title("Close fullscreen", exact=True).click()


def test_nothing_was_fetched_from_another_machine(connected: Desk) -> None:
    assert connected.window.elsewhere == []
