"""Data sets that are made from others: the models that name them count as well, on random graphs as in plain Python."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.answers.resolve import KINDS, resolve
from crawler.answers.run import read_session
from crawler.graph.connection import Graph
from tests.support.data_sets import LINKS, MODELS, TRAINED, Links, made_from, write_datasets
from tests.support.lineage_graph import ask, day, link, model, pick, wipe, write

HUB = "https://huggingface.co"


@settings(max_examples=40)
@given(links=LINKS, trained=TRAINED, include_withdrawn=st.booleans(), as_of=st.sampled_from([None, 2, 4, 8]))
def test_models_that_name_a_data_set_made_from_another_are_reached(
    schema_graph: Graph, links: Links, trained: set[tuple[str, str]], include_withdrawn: bool, as_of: int | None
) -> None:
    wipe(schema_graph)
    write(schema_graph, [model(name) for name in MODELS])
    write_datasets(schema_graph, links, trained)
    # On day 2 there was no link yet; on day 4, none was withdrawn.
    then = {} if as_of == 2 else dict.fromkeys(links, "current") if as_of == 4 else links
    best: dict[str, tuple[bool, int, str]] = {}
    for withdrawn in (False, True) if include_withdrawn else (False,):
        for name, distance in made_from(then, "s/a", withdrawn=withdrawn).items():
            best[name] = min(best.get(name, (withdrawn, distance, name)), (withdrawn, distance, name))
    expected: dict[str, tuple[bool, int, str]] = {}
    for one, name in trained:
        if name in best:
            expected[one] = min(expected.get(one, best[name]), best[name])
    rows = ask(
        schema_graph, "dataset_impact", dataset="S/A", include_withdrawn=include_withdrawn,
        as_of=None if as_of is None else day(as_of),
    )  # fmt: skip
    assert pick(rows, "id", "class", "link_status", "dataset") == {
        (one, "trained_on", "withdrawn" if withdrawn else "current", name)
        for one, (withdrawn, _, name) in expected.items()
    }
    assert len(rows) == len(expected)


def test_descendants_are_reached_through_a_data_set_that_is_made_from_another(graph: Graph) -> None:
    write(graph, [model("m/top"), model("m/below")], [link("m/below", "m/top")])
    write_datasets(graph, {("s/b", "s/a"): "current", ("s/c", "s/b"): "current"}, {("m/top", "s/c")})
    rows = ask(graph, "dataset_impact", dataset="s/a")
    assert pick(rows, "id", "class", "depth", "root", "dataset") == {
        ("m/top", "trained_on", 0, "m/top", "s/c"),
        ("m/below", "retrained", 1, "m/top", "s/c"),
    }


@pytest.mark.parametrize("text", ["old/name", "OLD/Name", f"{HUB}/datasets/old/name"])
def test_a_former_name_of_a_data_set_finds_it_and_is_said(
    graph: Graph, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    graph.write(
        "CREATE (:Dataset {key: 'D', id: 'new/home', id_lower: 'new/home', status: 'listed', former_names: ['Old/name']})"
    )
    graph.write("CREATE (:Crawl {id: '1', started_at: datetime()})")
    with caplog.at_level("INFO"), read_session(graph) as session:
        assert resolve(session, text, HUB, KINDS["dataset"]).key == "D"
    assert "Old/name is now called new/home" in caplog.messages
