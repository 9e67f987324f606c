"""The look-alikes in a report: candidates to look at by hand, which are never taken for relatives."""

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from crawler.dossier.form import LookAlike
from crawler.graph.connection import Connection, Graph
from tests.support.graph_parts import write_crawls
from tests.support.lineage_graph import ask, day, link, model, wipe, write, write_dataset
from tests.support.pages import Page
from tests.support.program import Program, Result

SHAPE: dict[str, Any] = {"parameters": 7, "model_type": "llama", "architectures": ["LlamaForCausalLM"]}
FIELDS = LookAlike.__struct_fields__


@pytest.fixture
def graph(schema_graph: Graph) -> Graph:
    wipe(schema_graph)
    write(
        schema_graph,
        [model("a/base", owner="a", **SHAPE, created_at=day(1)), model("b/child", owner="b", **SHAPE)],
        [link("b/child", "a/base")],
    )
    write_crawls(schema_graph, {"id": "000001", "started_at": day(1)}, {"id": "000002", "started_at": day(9)})
    return schema_graph


@pytest.fixture
def report(graph: Graph, connection: Connection, tmp_path: Path) -> Callable[..., Result]:
    assert graph
    return lambda *arguments: Program(tmp_path / "home", connection, {}).run("report", *arguments)


def alike(numbers: Iterable[int], made: int = 3) -> list[dict[str, Any]]:
    born = {"created_at": day(made), "listed_at": day(made)}
    return [model(f"c/like-{n:02}", owner="c", **SHAPE, **born, downloads=n) for n in numbers]


def said(done: Result) -> str:
    return re.sub(r"\s+", " ", Page(done.out).text.replace("\u2019", "'"))


def codes(found: dict[str, Any]) -> set[str]:
    return {limit["code"] for limit in found["limits"]}


def test_the_first_fifty_are_the_rows_of_the_saved_query_and_the_report_says_how_many_there_are(
    graph: Graph, report: Callable[..., Result]
) -> None:
    write(graph, alike(range(51)))
    found = report("a/base", "--format", "json").json()
    assert (found["summary"]["look_alikes"], len(found["look_alikes"])) == (51, 50)
    rows = ask(graph, "look_alikes", model="a/base")
    assert [row["key"] for row in found["look_alikes"]] == [row["key"] for row in rows[:50]]
    first = {name: rows[0][name] for name in FIELDS}
    assert found["look_alikes"][0] == first | {"created_at": "2025-01-03T03:00:00Z"}
    page = said(report("a/base"))
    assert "There are 51 candidates. The 50 for which the most speaks are shown; the saved query look_alikes" in page


def test_a_candidate_is_no_descendant_and_nobody_to_contact(graph: Graph, report: Callable[..., Result]) -> None:
    write(graph, alike([1]))
    done = report("a/base")
    found = json.loads(Page(done.out).held["application/json"])
    assert [row["id"] for row in found["look_alikes"]] == ["c/like-01"]
    assert [row["id"] for row in found["descendants"]] == ["b/child"]
    assert {row["owner"] for row in found["contacts"]} == {"a", "b"}
    assert (found["summary"]["descendants"], found["summary"]["owners"]) == (1, 1)
    assert "A candidate is a hint to look at a model by hand. It is not a known descendant" in said(done)


def test_one_that_once_declared_the_model_is_a_withdrawn_descendant_too(
    graph: Graph, report: Callable[..., Result]
) -> None:
    write(graph, alike([1]), [link("c/like-01", "a/base", status="withdrawn", withdrawn_at=day(5))])
    found = report("a/base", "--format", "json").json()
    assert [row["speaks_for"] for row in found["look_alikes"]] == [["declared_once"]]
    assert {(row["id"], row["link_status"]) for row in found["descendants"]} == {
        ("b/child", "current"),
        ("c/like-01", "withdrawn"),
    }


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "There is no candidate. That is no proof that nobody copied the model without saying so."),
        ("fr", "Il n'y a aucun candidat. Cela ne prouve pas que personne n'ait copié le modèle sans le dire."),
    ],
)
def test_a_search_that_finds_none_is_told_as_one_and_proves_nothing(
    report: Callable[..., Result], language: str, sentence: str
) -> None:
    found = report("a/base", "--format", "json").json()
    assert (found["summary"]["look_alikes"], found["look_alikes"]) == (0, [])
    assert not [code for code in codes(found) if code.startswith("look_alikes")]
    assert sentence in said(report("a/base", "--language", language))


@pytest.mark.parametrize("missing", [{"parameters"}, {"model_type", "architectures"}], ids=["size", "architecture"])
@pytest.mark.parametrize(
    ("language", "section", "limit"),
    [
        ("en", "Nothing could be compared.", "Models that look like this one could not be searched for"),
        ("fr", "Aucune comparaison n'a été possible.", "Les modèles semblables n'ont pas pu être cherchés"),
    ],
)
def test_a_model_that_says_too_little_of_itself_is_not_said_to_have_no_look_alikes(
    graph: Graph, report: Callable[..., Result], *, missing: set[str], language: str, section: str, limit: str
) -> None:
    shape = {name: value for name, value in SHAPE.items() if name not in missing}
    write(graph, [model("d/untold", **shape), model("d/like", **shape)])
    done = report("d/untold", "--language", language)
    found = json.loads(Page(done.out).held["application/json"])
    assert (found["summary"]["look_alikes"], found["look_alikes"]) == (None, [])
    assert "look_alikes_not_comparable" in codes(found)
    page = said(done)
    assert [text for text in (section, limit) if text not in page] == []
    assert not re.search("no candidate|aucun candidat", page)


def test_an_earlier_day_has_the_candidates_of_that_day(graph: Graph, report: Callable[..., Result]) -> None:
    late = [{**one, "status": "gone", "gone_at": day(6)} for one in alike([1])] + alike([2], made=7)
    write(graph, late)
    then, now = (report("a/base", "--format", "json", *asked).json() for asked in (("--as-of", "2025-01-04"), ()))
    assert [row["id"] for row in then["look_alikes"]] == ["c/like-01"]
    assert [row["id"] for row in now["look_alikes"]] == ["c/like-02"]
    assert (then["summary"]["look_alikes"], now["summary"]["look_alikes"]) == (1, 1)


def test_a_data_set_has_no_look_alikes_and_says_so(graph: Graph, report: Callable[..., Result]) -> None:
    write(graph, alike([1]))
    write_dataset(graph, "Some/Set", ["A/BASE"])
    done = report("--dataset", "Some/Set")
    found = json.loads(Page(done.out).held["application/json"])
    assert (found["summary"]["look_alikes"], "look_alikes" in found) == (None, False)
    assert "look_alikes_not_searched" in codes(found)
    assert "look-alikes" not in [one.get("id") for one in Page(done.out).all("h2")]
    assert "Models that look alike without declaring a link are not in this dossier." in said(done)


def test_a_check_compares_no_look_alikes(graph: Graph, report: Callable[..., Result], tmp_path: Path) -> None:
    file = tmp_path / "kept.json"
    assert report("a/base", "--format", "json", "--to", str(file)).code == 0
    write(graph, alike([1]))
    assert report("--check", str(file)).code == 0


def test_a_report_of_the_first_form_which_has_no_look_alikes_is_checked(
    graph: Graph, report: Callable[..., Result], tmp_path: Path
) -> None:
    content = report("a/base", "--format", "json").json() | {"form": 1}
    del content["look_alikes"], content["summary"]["look_alikes"]
    file = tmp_path / "first.json"
    file.write_text(json.dumps(content))
    assert report("--check", str(file)).code == 0
    write(graph, [model("g/new", owner="g")], [link("g/new", "b/child", "adapter")])
    done = report("--check", str(file), "--format", "json")
    assert [(row["change"], row["id"]) for row in done.json()] == [("new", "g/new")]
