"""The page that `hub-genealogy report` writes of a graph."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from crawler.dossier import html
from crawler.graph.connection import Connection, Graph
from tests.support.graph_parts import write_crawls
from tests.support.lineage_graph import day, link, model, wipe, write, write_dataset, write_former_name
from tests.support.pages import Page
from tests.support.program import Program, Result


@pytest.fixture
def graph(schema_graph: Graph) -> Graph:
    wipe(schema_graph)
    write(
        schema_graph,
        [
            model("a/base", gated="manual", owner="a"),
            model("b/small", gated="false", owner="b"),
            model("c/later", owner="c", status="gone", gone_at=day(5)),
            {"key": "absent:d/never", "id": "d/never", "status": "absent", "owner": "d", "first_seen": day(1)},
            model("e/alone", gated="false", owner="e"),
        ],
        [
            link("b/small", "a/base", "quantized"),
            link("c/later", "b/small"),
            {**link("a/base", "x"), "parent": "absent:d/never"},
        ],
    )
    write_former_name(schema_graph, "old/base", "A/BASE")
    write_former_name(schema_graph, "b/small", "C/LATER")
    write_dataset(schema_graph, "Some/Set", ["B/SMALL"])
    write_crawls(schema_graph, {"id": "000001", "started_at": day(1)}, {"id": "000002", "started_at": day(7)})
    return schema_graph


@pytest.fixture
def report(graph: Graph, connection: Connection, tmp_path: Path) -> Callable[..., Result]:
    assert graph
    return lambda *arguments: Program(tmp_path / "home", connection, {}).run("report", *arguments)


def test_a_page_is_the_default_and_holds_the_object_of_the_json_report(report: Callable[..., Result]) -> None:
    done = report("a/base")
    assert done.code == 0
    assert done.out.startswith("<!DOCTYPE html>\n")
    page = Page(done.out)
    held, found = json.loads(page.held["application/json"]), report("a/base", "--format", "json").json()
    assert {**held, "made_at": None} == {**found, "made_at": None}
    assert [one["id"] for one in page.all("h2")][:3] == ["summary", "contacts", "figure"]
    assert "b/small" in page.text


def test_a_page_is_checked_as_the_json_report_is(graph: Graph, report: Callable[..., Result], tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    assert report("a/base", "--language", "fr", "--to", str(file)).code == 0
    assert report("--check", str(file)).code == 0
    write(graph, [model("f/new", owner="f")], [link("f/new", "b/small", "adapter")])
    done = report("--check", str(file), "--format", "json")
    assert done.code == 1
    assert [(row["change"], row["id"], row["after"]) for row in done.json()] == [("new", "f/new", "needs_parent")]


def test_a_page_with_its_descendants_in_short_is_checked_too(
    graph: Graph, report: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(html, "WHOLE", 0)
    file = tmp_path / "page.html"
    assert report("a/base", "--to", str(file)).code == 0
    assert report("--check", str(file)).code == 0
    with graph.session() as session:
        session.run("MATCH (m:Model {key: 'B/SMALL'}) SET m.gated = 'auto'").consume()
    done = report("--check", str(file), "--format", "json")
    assert [(row["id"], row["what"], row["before"], row["after"]) for row in done.json()] == [
        ("b/small", "gate", "false", "auto")
    ]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("c/later", ("gone (deleted or made private)", "disparu (supprimé ou rendu privé)")),
        (
            "d/never",
            (
                "never listed; it is known only because other models name it",
                "jamais répertorié ; connu seulement parce que d'autres modèles le nomment",
            ),
        ),
        ("old/base", ("Asked for as “old/base”.", "Nom demandé : « old/base ».")),
        (
            "old/base",
            (
                "old/base (since: 1 January 2025, 3:00 UTC; until: ",
                "old/base (depuis : 1er janvier 2025 à 3 h 00 (UTC) ; jusqu'à : ",
            ),
        ),
        (
            "b/small",
            ("also the name of C/LATER, now or once", "également le nom de C/LATER, aujourd'hui ou autrefois"),
        ),
        (
            "e/alone",
            (
                "e/alone derives from no model that the graph knows.",
                "e/alone ne dérive d'aucun modèle connu du graphe.",
            ),
        ),
        ("e/alone", ("That is no proof that there is none.", "Cela ne prouve pas qu'il n'en existe aucun.")),
    ],
)
def test_what_is_known_of_an_unusual_model_is_told(
    report: Callable[..., Result], asked: str, said: tuple[str, str]
) -> None:
    for language, text in zip(("en", "fr"), said, strict=True):
        done = report(asked, "--language", language)
        assert done.code == 0
        assert text in re.sub(r"\s+", " ", Page(done.out).text.replace("\u2019", "'"))


def test_an_unknown_name_makes_no_page(report: Callable[..., Result], tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    done = report("a/bass", "--to", str(file))
    assert (done.code, done.out, file.exists()) == (1, "", False)


def test_a_data_set_has_a_page_in_both_languages(report: Callable[..., Result]) -> None:
    english, french = (Page(report("--dataset", "some/set", "--language", one).out).text for one in ("en", "fr"))
    assert "1 known model names the data set Some/Set or one that is made from it." in english
    assert "1 modèle connu nomme le jeu de données Some/Set ou un autre qui en est tiré." in french


def test_an_earlier_day_is_told(report: Callable[..., Result]) -> None:
    assert (
        "Situation au 4 janvier 2025." in Page(report("a/base", "--as-of", "2025-01-04", "--language", "fr").out).text
    )
