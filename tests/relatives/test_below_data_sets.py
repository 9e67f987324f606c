"""What hangs from a data set: reports, cases and feeds say on random graphs what plain Python says."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.answers import context
from crawler.answers.run import read_session
from crawler.cases.gather import models_of
from crawler.dossier.gather import Request, dataset_report
from crawler.feeds.family import Family, Rows, Subject
from crawler.graph.connection import Graph
from crawler.records.naming import Bearer
from tests.support.data_sets import DATASETS, LINKS, Links, made_from, write_datasets
from tests.support.graph_parts import write_crawls
from tests.support.lineage_graph import ask, day, wipe, write
from tests.support.plain_lineages import CERTAINTIES, CLASSES, Lineage, best_ways, in_force, lineages

NOW = datetime(2025, 2, 1, tzinfo=UTC)
Trained = set[tuple[str, str]]
# Of a model: whether only withdrawn links lead there, its class, certainty and depth, the model at the end of its way, and the
# data set that this one names.
Expected = dict[str, tuple[bool, str, str, int, str, str]]


def named(set_links: Links, trained: Trained) -> dict[str, tuple[bool, int, str]]:
    """What each model names: whether only withdrawn links lead there, the steps, and the data set."""
    found: dict[str, tuple[bool, int, str]] = {}
    for withdrawn in (True, False):
        near = made_from(set_links, "s/a", withdrawn=withdrawn)
        for model in {model for model, name in trained if name in near}:
            found[model] = min((withdrawn, near[name], name) for one, name in trained if one == model and name in near)
    return found


def plain(lineage: Lineage, set_links: Links, trained: Trained, at: datetime | None) -> Expected:
    """By walking every way to every model that names one of the data sets."""
    naming = named(set_links, trained)
    best: dict[str, tuple[bool, int, int, int, str, str]] = {}
    for model, (late, _steps, name) in naming.items():
        sure = CERTAINTIES.index("declared_by_author")
        found = [(model, (late, -1, sure, 0, model, name))]
        for withdrawn in (False, True):
            links = in_force(lineage.links, at, None, include_withdrawn=withdrawn)
            for below, way in best_ways(links, lineage.names, model).items():
                found.append((below, (late or withdrawn, way.rank, way.sure, way.depth, model, name)))
        for below, worth in found:
            best[below] = min(best.get(below, worth), worth)
    classes = ["trained_on", *CLASSES]
    return {
        key: (withdrawn, classes[rank + 1], CERTAINTIES[sure], depth, top, name)
        for key, (withdrawn, rank, sure, depth, top, name) in best.items()
    }


def at_that_time(set_links: Links, at: datetime | None) -> Links:
    """The links between data sets are made on day 3, and withdrawn on day 6."""
    if at is None or at >= day(6):
        return set_links
    return dict.fromkeys(set_links, "current") if at >= day(3) else {}


@settings(max_examples=30, deadline=None)
@given(lineage=lineages(most=6), set_links=LINKS, data=st.data())
def test_reports_cases_and_feeds_follow_data_sets_that_are_made_from_the_one_asked_about(
    schema_graph: Graph, lineage: Lineage, set_links: Links, data: st.DataObject
) -> None:
    pairs = st.tuples(st.sampled_from(lineage.names), st.sampled_from(DATASETS))
    trained: Trained = data.draw(st.sets(pairs, max_size=4))
    wipe(schema_graph)
    write(schema_graph, lineage.models, lineage.links)
    write_datasets(schema_graph, set_links, {(key.lower(), name) for key, name in trained})
    write_crawls(schema_graph, {"id": "000001", "started_at": day(1)})
    as_of = None if lineage.at is None else lineage.at.isoformat()
    request = Request("s/a", Bearer("S/A", "s/a", "listed", "s/a"), as_of, NOW, timedelta(minutes=1))
    with read_session(schema_graph) as session:
        report = dataset_report(session, context.read(session), request)
        case = models_of(session, "dataset", "S/A")
    then = plain(lineage, at_that_time(set_links, lineage.at), trained, lineage.at)
    assert {
        one.key: (one.is_withdrawn, one.klass, one.certainty, one.depth, one.path[-1].upper(), one.dataset)
        for one in report.descendants
    } == then
    rows = ask(schema_graph, "dataset_impact", dataset="s/a", as_of=as_of)
    assert {
        row["id"].upper(): (
            row["link_status"] == "withdrawn", row["class"], row["certainty"], row["depth"], row["root"].upper(), row["dataset"],
        )
        for row in rows
    } == then  # fmt: skip
    now = plain(lineage, set_links, trained, None)
    assert {
        one.key: (
            one.link_status == "withdrawn", one.klass, one.certainty or "declared_by_author", one.depth, one.dataset or "s/a"
        )
        for one in case
    } == {key: (*rest, name) for key, (*rest, _top, name) in now.items()}  # fmt: skip
    feed = fed(lineage, set_links, trained).facts()
    assert [(one.key, one.klass, one.link_status, one.depth, one.dataset) for one in feed] == [
        (one.key, one.klass, one.link_status, one.depth, one.dataset) for one in case
    ]


def fed(lineage: Lineage, set_links: Links, trained: Trained) -> Family:
    """The same graph as change sets tell it."""
    edges = [(entry["child"], entry["parent"], entry["properties"]) for entry in lineage.links]
    rows = Rows(
        [(0, False, one["key"], one["id"], one["status"], one.get("owner"), None, None) for one in lineage.models],
        [(0, False, child, parent, of["relation"], of["certainty"], of["status"]) for child, parent, of in edges],
        [(0, False, model, name.upper()) for model, name in sorted(trained)],
        [(0, False, name.upper(), name) for name in DATASETS],
        [(0, False, child.upper(), parent.upper(), status) for (child, parent), status in set_links.items()],
    )
    family = Family(Subject("dataset", "S/A"), sorted({model for model, _ in trained}), ["S/A"])
    assert family.take(rows)
    return family
