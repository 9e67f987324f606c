"""The favourites that draw show the models of the saved queries; the one that finds names finds what Browser must be told."""

import re
from pathlib import Path
from typing import Any

import neo4j
import pytest

from crawler.answers.plan import operators
from crawler.exports import favourites
from crawler.graph.connection import Connection, Graph
from tests.support.lineage_graph import LIBRARY, ask, day, link, model, write, write_dataset, write_former_name

DRAWN_AT_MOST = 300  # circles, by Browser
LINKS = "links of the kinds"


def statement(path: Path) -> str:
    return path.read_text(encoding="utf-8").rstrip().removesuffix(";")


def drawn(graph: Graph, picture: str, queries: tuple[str, ...], **given: Any) -> list[neo4j.graph.Path]:
    """The paths of a drawing, with the parameters that the saved queries beside it take and their defaults."""
    text = statement(favourites.PICTURES / f"{picture}.cypher")
    known = {parameter.name: parameter.default for name in queries for parameter in LIBRARY[name].parameters}
    assert set(re.findall(r"\$(\w+)", text)) <= set(known)
    with graph.session(neo4j.READ_ACCESS) as session:
        return [record["p"] for record in session.run(text, known | given)]


def models_of(paths: list[neo4j.graph.Path]) -> set[str]:
    return {node["id"] for path in paths for node in path.nodes if "Model" in node.labels}


def links_of(paths: list[neo4j.graph.Path]) -> set[tuple[str, str]]:
    return {(path.start_node["id"], path.end_node["id"]) for path in paths if path.start_node and path.end_node}


@pytest.fixture
def family(graph: Graph) -> Graph:
    """A base and what came of it, in every state.

    base ◀─ left ◀─ tip ◀─ tail          a diamond with a tail that was named on the 6th
    base ◀─ right ◀─ tip
    base ◀╌ tip                          a link between two members that was withdrawn on the 5th
    base ◀─ vanished ◀─ orphan           a model in the middle that is gone
    base ◀╌ former                       a model whose only link was withdrawn
    base ◀─ again                        a link that was withdrawn from the 3rd to the 6th
    base ◀─ self ↺
    ghost ◀─ base                        a parent that no listing holds
    one ⇄ two ◀─ three                   a family whose head is a circle
    """
    names = ("base", "left", "right", "tip", "tail", "orphan", "former", "again", "self", "one", "two", "three")
    withdrawn: dict[str, Any] = {"status": "withdrawn", "withdrawn_at": day(5)}
    write(
        graph,
        [
            *(model(f"a/{name}") for name in names),
            model("a/vanished", status="gone", gone_at=day(4), gone_reason="deleted_or_private"),
            {"key": "A/GHOST", "id": "a/ghost", "status": "absent", "first_seen": day(1)},
            model("a/base") | {"key": "0", "status": "gone", "gone_at": day(2)},  # an earlier bearer of the name
        ],
        [
            link("a/left", "a/base"),
            link("a/right", "a/base", "adapter"),
            link("a/tip", "a/left", "merge"),
            link("a/tip", "a/right", "merge"),
            link("a/tip", "a/base", **withdrawn),
            link("a/tail", "a/tip", "quantized", first_seen=day(6)),
            link("a/vanished", "a/base"),
            link("a/orphan", "a/vanished", "quantized"),
            link("a/former", "a/base", **withdrawn),
            link("a/again", "a/base", absences=[day(3), day(6)]),
            link("a/self", "a/base"),
            link("a/self", "a/self"),
            link("a/base", "a/ghost"),
            link("a/one", "a/two"),
            link("a/two", "a/one", "unknown"),
            link("a/three", "a/two"),
            link("a/three", "0"),
        ],
    )
    return graph


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"include_withdrawn": True},
        {LINKS: ["finetune", "merge"]},
        {"as_of": day(4)},
        {"as_of": "2025-01-04", "include_withdrawn": True},
    ],
    ids=str,
)
@pytest.mark.parametrize(
    ("picture", "queries"),
    [
        ("descendants", ("descendants",)),
        ("ancestors", ("ancestors",)),
        ("surroundings", ("parents", "children")),
    ],
)
def test_a_drawing_has_the_models_of_its_query(
    family: Graph, picture: str, queries: tuple[str, ...], given: dict[str, Any]
) -> None:
    for name in ("base", "left", "tip", "tail", "orphan", "former", "again", "self", "ghost", "one", "three"):
        asked = {"model": f"a/{name}", **given}
        if LINKS in asked:
            asked["along"] = asked.pop(LINKS)
        rows = {row["id"] for query in queries for row in ask(family, query, **asked)}
        assert models_of(drawn(family, picture, queries, **asked)) == (rows | {asked["model"]} if rows else set()), name


@pytest.mark.parametrize(
    "given", [{"kind": ["merge"]}, {"status": ["gone", "absent"]}, {"status": ["gone"], "as_of": day(4)}], ids=str
)
def test_surroundings_are_restricted_as_parents_and_children_are(family: Graph, given: dict[str, Any]) -> None:
    for name in ("base", "left", "tip", "orphan"):
        asked = {"model": f"a/{name}", **given}
        rows = {row["id"] for query in ("parents", "children") for row in ask(family, query, **asked)}
        assert models_of(drawn(family, "surroundings", ("parents", "children"), **asked)) == (
            rows | {asked["model"]} if rows else set()
        )


@pytest.mark.parametrize("include_withdrawn", [False, True])
@pytest.mark.parametrize("picture", ["descendants", "ancestors"])
def test_a_drawing_is_as_deep_as_its_query(family: Graph, picture: str, include_withdrawn: bool) -> None:
    asked = {
        "model": "a/base" if picture == "descendants" else "a/tail",
        "max_depth": 1 if picture == "descendants" else 2,
        "include_withdrawn": include_withdrawn,
    }
    rows = {row["id"] for row in ask(family, picture, **asked)}
    assert 1 <= len(rows) < len(ask(family, picture, model=asked["model"]))
    assert models_of(drawn(family, picture, (picture,), **asked)) == rows | {asked["model"]}


def test_a_withdrawn_link_between_two_models_is_drawn_only_where_it_is_asked_for(family: Graph) -> None:
    usual = links_of(drawn(family, "descendants", ("descendants",), model="a/base"))
    with_them = links_of(drawn(family, "descendants", ("descendants",), model="a/base", include_withdrawn=True))
    assert with_them - usual == {("a/tip", "a/base"), ("a/former", "a/base")}
    assert ("a/self", "a/self") in usual


def test_a_large_family_is_drawn_up_to_what_browser_shows_in_the_order_of_the_query(graph: Graph) -> None:
    count = DRAWN_AT_MOST + 100
    write(
        graph,
        [model("a/base"), *(model(f"a/{n}", downloads=n) for n in range(count)), model("a/far", downloads=10**6)],
        [*(link(f"a/{n}", "a/base") for n in range(count)), link("a/far", "a/0")],
    )
    for picture, query in (("descendants", "descendants"), ("surroundings", "children")):
        first = {row["id"] for row in ask(graph, query, model="a/base", limit=DRAWN_AT_MOST - 1)}
        assert models_of(drawn(graph, picture, ("descendants", "children"), model="a/base")) == first | {"a/base"}
        assert len(first) == DRAWN_AT_MOST - 1


def test_surroundings_have_everything_next_to_a_model_but_its_family(graph: Graph) -> None:
    write(graph, [model("a/base"), model("a/child"), model("a/grandchild")],
          [link("a/child", "a/base"), link("a/grandchild", "a/child")])  # fmt: skip
    write_dataset(graph, "org/data", ["A/BASE"])
    write_former_name(graph, "a/first", "A/BASE")
    graph.write(
        "MATCH (m:Model {key: 'A/BASE'}) CREATE (m)-[:PUBLISHED_BY]->(:Owner {name: 'a'}), "
        "(m)-[:LICENSED_UNDER]->(:License {id: 'mit'}), (m)<-[:HEADED_BY]-(:Family {key: 'family:A', root: 'a/base'})"
    )
    paths = drawn(graph, "surroundings", ("parents", "children"), model="a/base")
    assert {(*node.labels, node.get("id", node.get("name"))) for path in paths for node in path.nodes} == {
        ("Model", "a/base"), ("Model", "a/child"), ("Owner", "a"), ("License", "mit"), ("Dataset", "org/data"),
        ("FormerName", "a/first"),
    }  # fmt: skip


@pytest.fixture
def names(graph: Graph) -> Graph:
    write(
        graph,
        [
            model("mistralai/Mistral-7B-v0.1", downloads=5),
            model("TheBloke/Mistral-7B-Instruct-v0.2-GGUF", downloads=9),
            model("teknium/OpenHermes-2.5-Mistral-7B", downloads=7, status="gone", gone_at=day(2)),
            model("google/gemma-7b"),
        ],
    )
    write_former_name(graph, "alpha/first-try", "GOOGLE/GEMMA-7B")
    write_dataset(graph, "HuggingFaceH4/ultrachat_200k", ["GOOGLE/GEMMA-7B"])
    graph.write("CREATE (:Owner {name: 'google'}), (:Owner {name: 'mistralai'})")
    graph.write("CALL db.index.fulltext.awaitEventuallyConsistentIndexRefresh()")
    return graph


def found(graph: Graph, text: str) -> list[tuple[str, str, str | None]]:
    asked = re.sub(
        r"^WITH '[^']*' AS text", "WITH $text AS text", statement(favourites.FIND), count=1, flags=re.MULTILINE
    )
    assert "$text" in asked
    with graph.session(neo4j.READ_ACCESS) as session:
        return [(row["kind"], row["name"], row["found_as"]) for row in session.run(asked, text=text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Names that begin with the text, then the most downloaded, then those that are gone.
        (
            "mistral",
            [
                ("model", "mistralai/Mistral-7B-v0.1", None),
                ("owner", "mistralai", None),
                ("model", "TheBloke/Mistral-7B-Instruct-v0.2-GGUF", None),
                ("model", "teknium/OpenHermes-2.5-Mistral-7B", None),
            ],
        ),
        ("Mistral-7B-v0.1", [("model", "mistralai/Mistral-7B-v0.1", None)]),
        ("HERMES 2.5", [("model", "teknium/OpenHermes-2.5-Mistral-7B", None)]),
        ("Google", [("owner", "google", None), ("model", "google/gemma-7b", None)]),
        ("first-try", [("model", "google/gemma-7b", "alpha/first-try")]),
        ("ultrachat_200k", [("data set", "HuggingFaceH4/ultrachat_200k", None)]),
        ("no such name", []),
        ("", []),
        ('"*~ (+-) [x TO y] {\\/', []),
        ("gemma AND NOT 7b", []),
    ],
)
def test_a_name_is_found_by_its_parts(names: Graph, text: str, expected: list[tuple[str, str, str | None]]) -> None:
    assert found(names, text) == expected


@pytest.mark.usefixtures("names")
def test_models_are_found_by_the_index_of_their_names(connection: Connection) -> None:
    with neo4j.GraphDatabase.driver(connection.uri, auth=(connection.username, connection.password)) as driver:
        plan = driver.execute_query(f"EXPLAIN {statement(favourites.FIND)}").summary.plan
    assert plan is not None
    scanned = {step.details for step in operators(plan) if step.operator in ("NodeByLabelScan", "AllNodesScan")}
    assert scanned == {"o:Owner", "d:Dataset"}
