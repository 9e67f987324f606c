"""What an answer says of a model that is no longer on the Hub: its page, its gate and its downloads."""

from typing import Any

import pytest

from crawler.graph.connection import Graph
from tests.support.graph_parts import write_crawls
from tests.support.lineage_graph import LIBRARY, ask, day, link, model, write, write_dataset

PAGE = "https://huggingface.co/a/taken"
# They are about names and about the model that has the name now.
ABOUT_NAMES = ("reused_names",)
# Its row is a data set.
ABOUT_DATASETS = ("dataset",)


@pytest.fixture
def taken(graph: Graph) -> Graph:
    """Two models that are gone since day 5; others have their names now, and no relatives.

    a/taken-root ◀─ a/base ◀─ a/taken ◀─ b/copy, c/copy
                    a/base ◀─ d/kin
    """
    shown = {"gated": "false", "weight_formats": ["pytorch"], "library": "peft", "license": "mit", "has_card": False}
    write(
        graph,
        [
            model("a/taken-root", status="gone", gone_at=day(5)),
            model("a/taken-root") | {"key": "ANOTHER NEW ONE"},
            model("a/base", owner="a", **(shown | {"gated": "auto"})),
            model("a/taken", owner="a", status="gone", gone_at=day(5), downloads=7, **shown),
            model("a/taken", owner="a", downloads=1) | {"key": "THE NEW ONE"},
            *(model(name, owner=name[0], **shown) for name in ("b/copy", "c/copy", "d/kin")),
        ],
        [
            link("a/base", "a/taken-root"),
            link("c/copy", "a/taken", "quantized"),
            link("d/kin", "a/base", "quantized"),
            link("a/taken", "a/base", "quantized", sources=["card", "inferred"], declared_as=["A/base"]),
            link("b/copy", "a/taken", "quantized"),
            link("a/taken", "a/taken", "quantized"),
        ],
    )
    write_dataset(graph, "some/set", ["A/TAKEN"])
    write_crawls(graph, {"id": "000001", "started_at": day(1)}, {"id": "000002", "started_at": day(6)})
    with graph.session() as session:
        session.run(
            "MATCH (m:Model {key: 'A/TAKEN'}) UNWIND ['family', 'followed'] AS kind "
            "CREATE (:Family {key: kind, kind: kind, root: m.id, size: 3, depth: 2, roots: 1, chain: [m.key]})-[:HEADED_BY]->(m)"
        ).consume()
    return graph


def answers(graph: Graph, name: str) -> list[dict[str, Any]]:
    """What the query says about each member of the family, today and on a day when the models were listed."""
    known = {parameter.name for parameter in LIBRARY[name].parameters}
    rows = []
    for about in ("A/BASE", "A/TAKEN-ROOT", "A/TAKEN", "B/COPY", "D/KIN")[: None if "model" in known else 1]:
        asked = {"model": about, "other": "C/COPY", "dataset": "some/set", "owner": "a", "as_of": None, "since": day(1)}
        given = {parameter: value for parameter, value in asked.items() if parameter in known}
        if "owner" in known:
            given["owner"] = None
        rows += ask(graph, name, **given)
        if "as_of" in known and about == "A/BASE":
            rows += ask(graph, name, **given | {"as_of": day(4)})
    return rows


def test_the_page_of_a_gone_model_is_not_that_of_whoever_has_its_name_now(taken: Graph) -> None:
    unseen = []
    for name, query in LIBRARY.items():
        rows = answers(taken, name)
        pages = [str(value) for row in rows for value in row.values() if str(value).startswith(PAGE)]
        assert name in ABOUT_NAMES or pages == [], name
        shown = {row.get("id", row.get("root")) for row in rows}
        if {"url", "status"} <= {column.name for column in query.columns} and not shown & {"a/taken", "a/taken-root"}:
            unseen.append(name)
    assert tuple(unseen) == ABOUT_DATASETS


def test_a_model_that_is_gone_is_not_open_whatever_it_was(taken: Graph) -> None:
    for name, query in LIBRARY.items():
        if {"gated", "status"} <= {column.name for column in query.columns} and name not in ABOUT_DATASETS:
            gone = [row["gated"] for row in answers(taken, name) if row["status"] == "gone"]
            assert gone, name
            assert set(gone) == {None}, name


def test_the_downloads_of_a_gone_model_are_the_last_known_and_counted_in_no_sum(taken: Graph) -> None:
    rows = {row["id"]: row["downloads"] for row in ask(taken, "impact", model="a/base")}
    assert rows["a/taken"] == 7
    assert ask(taken, "exposure_summary", model="a/base")[-1]["downloads"] == 0
    for query in LIBRARY.values():
        columns = {column.name: column.meaning for column in query.columns}
        if "downloads" in columns and "gone" in columns.get("status", ""):
            assert "last known" in columns["downloads"] or "listed" in columns["downloads"], query.name
