"""Data sets are walked beside models: what they are, what they are made from, and which models were trained on them."""

import time
from typing import Any

import pytest

from crawler.graph.connection import Graph
from crawler.graph.import_files import write_files
from demo.simulated_hub import SimulatedHub
from tests.support.neo4j_for_tests import empty
from tests.support.program import Program
from tests.support.small_hub import BASE, child, hub_id, model

SQUAD, MORE, PLAIN = hub_id(11), hub_id(12), hub_id(13)
SETS = [
    model(11, "rajpurkar/squad", tags=["license:mit"], cardData={"license": "mit", "source_datasets": ["original"]}),
    model(
        12, "org/More", cardData={"source_datasets": ["extended|squad", "absent/x", "extended|other-z"]}, gated="auto"
    ),
    model(13, "org/plain"),
]
MODELS = [
    BASE,
    child(2, "tuner/one", BASE) | {"cardData": {"base_model": BASE["id"], "datasets": ["squad", "ORG/more", "no/set"]}},
    model(3, "tuner/two", tags=["dataset:rajpurkar/squad"], cardData={"datasets": ["rajpurkar/squad", "squad"]}),
]
# So few are a large share.
SETTINGS = {
    "HUB_GENEALOGY_DATASETS_CRAWL": "on",
    "HUB_GENEALOGY_HUB_PAGE_SIZE": "2",
    "HUB_GENEALOGY_SWEEP_MAX_VANISHED_SHARE": "1",
}


@pytest.fixture
def hub(hub: SimulatedHub) -> SimulatedHub:
    hub.begin_anew(MODELS)
    hub.datasets.replace_listing(SETS)
    # As legacy names do.
    hub.datasets.redirect("squad", "rajpurkar/squad")
    return hub


@pytest.fixture
def program(program: Program) -> Program:
    return program.with_settings(**SETTINGS)


def statuses(graph: Graph) -> dict[str, str]:
    return {row["id"]: row["status"] for row in graph.read("MATCH (d:Dataset) RETURN d.id AS id, d.status AS status")}


def trained(graph: Graph) -> set[tuple[str, str, tuple[str, ...]]]:
    rows = graph.read(
        "MATCH (m:Model)-[t:TRAINED_ON]->(d:Dataset) RETURN m.id AS m, d.key AS d, t.declared_as AS spelled"
    )
    return {(row["m"], row["d"], tuple(row["spelled"])) for row in rows}


def derived(graph: Graph) -> set[tuple[str, str, str, str]]:
    rows = graph.read(
        "MATCH (a:Dataset)-[e:DERIVED_FROM]->(b:Dataset) RETURN a.key AS a, b.key AS b, e.resolved_by AS step, e.status AS status"
    )
    return {(row["a"], row["b"], row["step"], row["status"]) for row in rows}


def node(graph: Graph, key: str) -> dict[str, Any]:
    [row] = graph.read("MATCH (d:Dataset {key: $key}) RETURN d {.*} AS d", key=key)
    return dict(row["d"])


def test_a_crawl_loads_data_sets_with_owners_licences_and_sources(program: Program, opened_graph: Graph) -> None:
    summary = program.crawl()
    assert (summary["complete"], summary["warnings"]) == (True, [])
    seconds = summary["datasets"].pop("seconds")
    assert summary["datasets"] == {
        "complete": True, "seen": 3, "listed": 3, "added": 3, "changed": 0, "retired": 0, "removed": 0,
        # Two pages, and the names that nothing bears: absent/x, no/set, squad.
        "rejected": 1, "requests": 5,
    }  # fmt: skip
    assert 0 < seconds <= summary["seconds"]["walk"] + summary["seconds"]["snapshot"]
    status = program.run("status").out
    assert f"3 data sets (3 new, 0 gone), 5 requests; crawl {summary['crawl']}, ended" in status
    assert statuses(opened_graph) == {
        "rajpurkar/squad": "listed", "org/More": "listed", "org/plain": "listed", "absent/x": "absent", "no/set": "absent",
    }  # fmt: skip
    squad = node(opened_graph, SQUAD)
    assert squad["former_names"] == ["squad"]
    assert (squad["license"], squad["owner"], squad["likes"]) == ("mit", "rajpurkar", 11)
    assert squad["url"] == "https://huggingface.co/datasets/rajpurkar/squad"
    assert node(opened_graph, MORE)["gated"] == "auto"
    assert derived(opened_graph) == {
        (MORE, SQUAD, "redirect", "current"),
        (MORE, "absent:absent/x", "absent", "current"),
    }
    owners = opened_graph.read("MATCH (d:Dataset)-[:PUBLISHED_BY]->(o:Owner) RETURN d.id AS id, o.name AS owner")
    assert {(row["id"], row["owner"]) for row in owners} == {
        ("rajpurkar/squad", "rajpurkar"), ("org/More", "org"), ("org/plain", "org"),
    }  # fmt: skip
    licences = opened_graph.read("MATCH (d:Dataset)-[:LICENSED_UNDER]->(l:License) RETURN d.id AS id, l.id AS license")
    assert {(row["id"], row["license"]) for row in licences} == {("rajpurkar/squad", "mit")}


def test_models_that_spell_a_data_set_differently_were_trained_on_the_same_one(
    program: Program, opened_graph: Graph
) -> None:
    program.crawl()
    assert trained(opened_graph) == {
        ("tuner/one", SQUAD, ("squad",)),
        ("tuner/one", MORE, ("ORG/more",)),
        ("tuner/one", "absent:no/set", ("no/set",)),
        ("tuner/two", SQUAD, ("rajpurkar/squad", "squad")),
    }


def test_a_second_night_asks_and_writes_nothing_anew_and_a_rebuild_makes_the_same_graph(
    hub: SimulatedHub, program: Program
) -> None:
    program.crawl()
    before = program.digest()
    hub.forget_requests()
    assert program.crawl()["rows_written"] == 0
    assert len(hub.datasets.listing_requests()) == 3  # the last page is asked for twice
    assert hub.datasets.detail_requests() == []
    assert program.digest() == before
    assert program.run("rebuild").code == 0
    assert program.digest() == before


def test_renames_gone_data_sets_and_withdrawn_sources_are_marked(
    hub: SimulatedHub, program: Program, opened_graph: Graph
) -> None:
    program.crawl()
    hub.datasets.rename(SQUAD, "rajpurkar/SQuAD1")
    hub.datasets.delete(PLAIN)
    hub.datasets.update(MORE, {"cardData": {"source_datasets": ["absent/x"]}})
    summary = program.crawl()
    assert (summary["models_changed"], summary["models_retired"]) == (0, 0)
    assert node(opened_graph, SQUAD)["former_names"] == ["rajpurkar/squad", "squad"]
    gone = node(opened_graph, PLAIN)
    assert (gone["status"], gone["gone_reason"]) == ("gone", "deleted_or_private")
    assert derived(opened_graph) == {
        (MORE, SQUAD, "redirect", "withdrawn"),
        (MORE, "absent:absent/x", "absent", "current"),
    }
    assert {(m, d) for m, d, _ in trained(opened_graph)} >= {("tuner/one", SQUAD), ("tuner/two", SQUAD)}
    before = program.digest()
    assert program.run("rebuild").code == 0
    assert program.digest() == before


def test_a_name_that_passes_to_another_data_set_moves_no_link_that_was_there(
    hub: SimulatedHub, program: Program, opened_graph: Graph
) -> None:
    says = {"cardData": {"datasets": ["org/plain"]}}
    hub.update(MODELS[0]["_id"], says)
    program.crawl()
    # On a night without a walk over the data sets, a name means what it meant in the last one.
    hub.create(model(4, "late/one") | says)
    program.crawl_with({"HUB_GENEALOGY_DATASETS_CRAWL": "off"})
    hub.datasets.rename(PLAIN, "org/first")
    hub.datasets.create(model(14, "org/plain"))
    hub.create(model(5, "late/two") | says)
    program.crawl()
    meant = {("Maker/base", PLAIN), ("late/one", PLAIN), ("late/two", hub_id(14))}
    assert named_plain(opened_graph) == meant
    assert program.crawl()["rows_written"] == 0
    before = program.digest()
    assert program.run("rebuild").code == 0
    assert program.digest() == before
    # Said anew, it means the one that bears the name now.
    hub.update(MODELS[0]["_id"], {"cardData": {}})
    program.crawl()
    hub.update(MODELS[0]["_id"], says)
    program.crawl()
    assert named_plain(opened_graph) == meant - {("Maker/base", PLAIN)} | {("Maker/base", hub_id(14))}


def named_plain(graph: Graph) -> set[tuple[str, str]]:
    return {(m, d) for m, d, spelled in trained(graph) if spelled == ("org/plain",)}


def test_data_sets_that_are_long_gone_and_that_nothing_names_are_removed(
    hub: SimulatedHub, program: Program, opened_graph: Graph
) -> None:
    hub.datasets.create(model(14, "org/source"))
    hub.datasets.create(model(15, "org/stays"))
    hub.datasets.update(PLAIN, {"cardData": {"source_datasets": ["org/source"]}})
    program = program.with_settings(HUB_GENEALOGY_KEEP_GONE="1s")
    program.crawl()
    for key in (SQUAD, MORE, PLAIN, hub_id(14)):
        hub.datasets.delete(key)
    assert program.crawl()["datasets"]["retired"] == 4
    time.sleep(1)
    summary = program.crawl()
    # Models name the two that stay.
    assert (summary["datasets"]["removed"], summary["models_removed"]) == (2, 0)
    assert {name for name, status in statuses(opened_graph).items() if status == "gone"} == {
        "rajpurkar/squad",
        "org/More",
    }
    assert {(a, b) for a, b, _, _ in derived(opened_graph)} == {(MORE, SQUAD), (MORE, "absent:absent/x")}
    before = program.digest()
    assert program.run("rebuild").code == 0
    assert program.digest() == before


def test_a_placeholder_becomes_the_data_set_that_is_listed_later(
    hub: SimulatedHub, program: Program, opened_graph: Graph
) -> None:
    program.crawl()
    hub.datasets.create(model(14, "No/Set"))
    hub.datasets.create(model(15, "absent/x"))
    program.crawl()
    assert "absent" not in statuses(opened_graph).values()
    assert ("tuner/one", hub_id(14), ("no/set",)) in trained(opened_graph)
    assert {(a, b) for a, b, _, _ in derived(opened_graph)} == {(MORE, SQUAD), (MORE, hub_id(15))}


def test_a_hole_in_the_walk_over_the_data_sets_retires_none_and_leaves_the_models_alone(
    hub: SimulatedHub, program: Program, opened_graph: Graph
) -> None:
    program.crawl()
    hub.datasets.hide(PLAIN)
    hub.delete(MODELS[2]["_id"])
    summary = program.crawl(code=3)
    [warning] = summary["warnings"]
    assert warning.startswith(
        "data sets: 1 of 1 vanished data sets that were asked for are still there, such as org/plain"
    )
    assert (summary["complete"], summary["models_retired"]) == (True, 1)
    assert statuses(opened_graph)["org/plain"] == "listed"


def test_a_hub_that_lists_no_data_sets_stops_no_crawl(hub: SimulatedHub, program: Program, opened_graph: Graph) -> None:
    program.crawl()
    before = program.facts()
    hub.fault("status", status=404, target="datasets", times=None)
    hub.update(MODELS[1]["_id"], {"pipeline_tag": "text-generation"})
    summary = program.crawl(code=3)
    assert summary["models_changed"] == 1
    assert summary["warnings"][0].startswith("data sets: the list of data sets was not walked (the Hub refuses ")
    assert statuses(opened_graph)["rajpurkar/squad"] == "listed"
    hub.heal()
    hub.update(MODELS[1]["_id"], {"pipeline_tag": None})
    program.crawl()
    assert program.facts() == before


@pytest.mark.parametrize("status", [None, 404])
def test_a_hub_that_never_listed_any_data_sets_is_no_error(
    hub: SimulatedHub, program: Program, opened_graph: Graph, status: int | None
) -> None:
    hub.datasets.replace_listing([])
    if status is not None:
        hub.fault("status", status=status, target="datasets", times=None)
    for _night in range(2):
        summary = program.crawl()
        [warning] = summary["warnings"]
        assert summary["complete"]
        assert warning.startswith(
            "data sets: this Hub lists no data sets" if status is None else "data sets: the list of"
        )
        assert status is None or warning.endswith("if this Hub has no data sets, set datasets.crawl to off")
    assert set(statuses(opened_graph).values()) == {"absent"}
    # What is listed later counts, and an empty list after that is an error.
    hub.heal()
    hub.datasets.replace_listing(SETS)
    assert program.crawl()["warnings"] == []
    hub.datasets.replace_listing([])
    [warning] = program.crawl(code=3)["warnings"]
    assert warning == "data sets: the listing is empty"


def test_without_the_setting_data_sets_are_names_that_models_give(
    hub: SimulatedHub, program: Program, opened_graph: Graph
) -> None:
    program.crawl_with({"HUB_GENEALOGY_DATASETS_CRAWL": "off"})
    assert hub.datasets.requests() == hub.requests()
    assert hub.datasets.listing_requests() == []
    assert set(statuses(opened_graph).values()) == {"absent"}
    # Switched on later, it ends in the graph of a crawl that had it from the beginning.
    program.crawl()
    switched_on = program.facts()
    empty(opened_graph)
    Program(program.home.with_name("other"), program.connection, program.settings).crawl()
    assert program.facts() == switched_on


def test_walks_them_once_a_week_where_that_is_set(hub: SimulatedHub, program: Program, opened_graph: Graph) -> None:
    weekly = {"HUB_GENEALOGY_DATASETS_CRAWL": "weekly"}
    program.crawl_with(weekly)
    hub.forget_requests()
    hub.update(MODELS[0]["_id"], {"cardData": {"datasets": ["squad"]}})
    program.crawl_with(weekly)
    # What they were is known, too, where only the models are walked; the night may be the first of a week.
    assert len(hub.datasets.listing_requests()) in {0, 3}
    assert ("Maker/base", SQUAD, ("squad",)) in trained(opened_graph)


def test_an_increment_takes_in_what_changed_in_both_listings(
    hub: SimulatedHub, program: Program, opened_graph: Graph
) -> None:
    program.crawl()
    now = "2999-01-01T00:00:00.000Z"
    hub.datasets.create(model(14, "org/new") | {"lastModified": now})
    hub.datasets.delete(PLAIN)
    hub.update(MODELS[0]["_id"], {"cardData": {"datasets": ["org/new"]}, "lastModified": now})
    summary = program.crawl("--incremental")
    assert summary["warnings"] == []
    assert statuses(opened_graph)["org/plain"] == "listed"  # only a full sweep retires
    assert ("Maker/base", hub_id(14), ("org/new",)) in trained(opened_graph)


def test_a_lost_snapshot_of_the_data_sets_is_missed(program: Program, opened_graph: Graph) -> None:
    program.crawl()
    [snapshot] = (program.home / "datasets" / "snapshots").iterdir()
    snapshot.rename(program.home / "elsewhere")
    result = program.run("crawl")
    assert result.code == 1
    assert f"has the data sets of crawl {snapshot.name}, which" in result.messages[-1]
    assert "listed" in statuses(opened_graph).values()


def test_the_name_of_a_forgotten_owner_goes_from_the_data_sets_too(
    hub: SimulatedHub, program: Program, opened_graph: Graph
) -> None:
    hub.datasets.update(PLAIN, {"cardData": {"source_datasets": ["extended|rajpurkar/squad"]}})
    program.crawl()
    assert program.run("forget", "rajpurkar", "--yes").code == 0
    names = " ".join(statuses(opened_graph))
    assert "rajpurkar" not in names
    assert {(a, b) for a, b, _, _ in derived(opened_graph)} >= {(MORE, SQUAD), (PLAIN, SQUAD)}
    before = program.digest()
    assert program.crawl()["rows_written"] == 0
    assert program.digest() == before


def test_an_import_gets_a_file_for_each_pair_of_ends(program: Program) -> None:
    program.crawl()
    [folder] = (program.home / "changes").iterdir()
    files = write_files(program.home / "files", folder.parent, [folder.name], "here")
    kinds = [kind for kind, _ in files.relationships]
    assert (kinds.count("DERIVED_FROM"), kinds.count("PUBLISHED_BY"), kinds.count("LICENSED_UNDER")) == (2, 2, 1)
    assert files.nodes["Dataset"] == "datasets.csv"
