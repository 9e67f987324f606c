"""Whole reports of random genealogies, against the saved queries on the same graph."""

import io
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.answers import context
from crawler.answers.run import read_session
from crawler.dossier.check import changes
from crawler.dossier.form import NO_FILTERS, AnyReport, DatasetReport, Filters, ModelReport
from crawler.dossier.gather import Request, dataset_report, model_report
from crawler.dossier.write import write_json
from crawler.graph.connection import Graph
from crawler.records.naming import Bearer
from tests.support.graph_parts import write_crawls, write_kinds, write_owners
from tests.support.lineage_graph import LIBRARY, ask, day, pick, wipe, write, write_dataset
from tests.support.plain_lineages import Lineage, lineages

NOW = datetime(2025, 2, 1, tzinfo=UTC)
NOTIFY = [column.name for column in LIBRARY["notify"].columns]
KINDS = {"ann": ("person", None), "bob": ("organisation", True), "cy": (None, None)}
# A path may be another one that is as good.
IMPACT = [column.name for column in LIBRARY["impact"].columns if column.name not in {"path", "steps", "url"}]


def request(key: str, as_of: str | None, filters: Filters) -> Request:
    return Request(key, Bearer(key, key.lower(), "listed", key.lower()), as_of, NOW, timedelta(minutes=1), filters)


def of_model(graph: Graph, key: str, as_of: str | None = None, filters: Filters = NO_FILTERS) -> ModelReport:
    with read_session(graph) as session:
        return model_report(session, context.read(session), request(key, as_of, filters))[0]


def of_dataset(graph: Graph, name: str, as_of: str | None = None) -> DatasetReport:
    with read_session(graph) as session:
        asked = Request(name, Bearer(name, name, "listed", name), as_of, NOW, timedelta(minutes=1))
        return dataset_report(session, context.read(session), asked)


def text(report: AnyReport) -> str:
    out = io.StringIO()
    write_json(report, out)
    return out.getvalue()


def builtins(rows: Any) -> list[dict[str, Any]]:
    return [msgspec.to_builtins(row) for row in rows]


def with_pages(report: AnyReport) -> list[dict[str, Any]]:
    """The descendants with their discussion pages."""
    return [msgspec.to_builtins(one) | {"contact": report.discussion(one)} for one in report.descendants]


def fill(graph: Graph, lineage: Lineage) -> str | None:
    wipe(graph)
    write(graph, lineage.models, lineage.links)
    write_owners(graph)
    write_kinds(graph, KINDS)
    write_crawls(graph, {"id": "000001", "started_at": day(1)})
    return None if lineage.at is None else lineage.at.isoformat()


@settings(max_examples=50, deadline=None)
@given(lineage=lineages())
def test_a_report_holds_what_impact_notify_and_same_weights_say(schema_graph: Graph, lineage: Lineage) -> None:
    as_of = fill(schema_graph, lineage)
    report = of_model(schema_graph, lineage.model, as_of)
    asked = {"model": lineage.model, "as_of": as_of}
    impact = ask(schema_graph, "impact", **asked, paths=None)
    assert pick(with_pages(report), *IMPACT) == pick(impact, *IMPACT)
    assert len(report.descendants) == len(impact)
    notify = ask(schema_graph, "notify", **asked)
    contacts = [row for row in builtins(report.contacts) if row["direction"] != "beside"]
    assert pick(contacts, *NOTIFY) == pick(notify, *NOTIFY)
    assert len(contacts) == len(notify)
    assert all(
        row["verified"] == (True if row["owner"] == "bob" else None)
        for row in contacts
        if row["owner_kind"] != "unknown"
    )
    known = {(one.owner, one.kind, one.verified) for one in report.owners}
    assert known <= {("ann", "person", None), ("bob", "organisation", True)}
    assert {owner for owner, _kind, _verified in known} == {
        row["owner"] for row in builtins(report.contacts) if row["owner_kind"] != "unknown"
    }
    same = ask(schema_graph, "same_weights", **asked)
    assert {one.key for one in report.beside} == {row["key"] for row in same if row["role"] == "sibling"}
    for one in [*report.ancestors, *report.descendants]:
        steps = [report.evidence[place] for place in one.evidence]
        assert [step.relation for step in steps] == list(one.steps)
        assert (len(one.path), len(steps), any(step.withdrawn for step in steps)) == (
            one.depth + 1,
            one.depth,
            one.is_withdrawn,
        )
        entries = {(e["child"].lower(), e["parent"].lower()): e["properties"] for e in lineage.links}
        assert [(step.relation, list(step.sources), step.first_seen) for step in steps] == [
            (entry["relation"], entry["sources"], entry["first_seen"])
            for entry in (entries[ends] for ends in pairwise(one.path))
        ]
    roots = {row["id"] for row in ask(schema_graph, "roots", model=lineage.model, as_of=as_of, include_withdrawn=True)}
    assert set(report.summary.roots) == roots - {lineage.model.lower()}


@settings(max_examples=50, deadline=None)
@given(lineage=lineages())
def test_a_restricted_report_has_the_relatives_that_the_saved_queries_find(
    schema_graph: Graph, lineage: Lineage
) -> None:
    as_of = fill(schema_graph, lineage)
    given = {"kind": lineage.kind, "along": lineage.relations, "status": lineage.statuses}
    filters = Filters(**{name: tuple(values or ()) for name, values in given.items()})
    report, whole = of_model(schema_graph, lineage.model, as_of, filters), of_model(schema_graph, lineage.model, as_of)
    asked = {"model": lineage.model, "as_of": as_of, "include_withdrawn": True, **given}
    shown = {}
    for side, rows in (("ancestors", report.ancestors), ("descendants", report.descendants)):
        shown[side] = {one.id for one in rows}
        assert shown[side] == {row["id"] for row in ask(schema_graph, side, **asked)}
        assert all(set(one.steps) <= set(lineage.relations or one.steps) for one in rows)
    found = shown["ancestors"] | shown["descendants"]
    everything = {one.id for one in [*whole.ancestors, *whole.descendants]}
    figures = [one.figures for one in report.limits if one.code == "filtered"]
    assert figures == ([{"filters": str(filters), "models": len(everything - found)}] if filters else [])
    assert report.summary.descendants == len(report.descendants)
    assert {one.id for one in report.contacts if one.direction in ("upstream", "downstream")} <= found
    assert {name for one in report.licence_conflicts for name in one.models} <= found | {lineage.model.lower()}


@settings(max_examples=20, deadline=None)
@given(lineage=lineages())
def test_a_report_is_the_same_bytes_each_time_and_reads_back_as_itself(schema_graph: Graph, lineage: Lineage) -> None:
    as_of = fill(schema_graph, lineage)
    first, second = (of_model(schema_graph, lineage.model, as_of) for _time in range(2))
    assert text(first) == text(second)
    read_back = msgspec.json.decode(text(first), type=AnyReport)
    assert text(read_back) == text(first)
    assert list(changes(read_back, second)) == []


@settings(max_examples=40, deadline=None)
@given(lineage=lineages(), data=st.data())
def test_a_data_set_report_holds_what_dataset_impact_says(
    schema_graph: Graph, lineage: Lineage, data: st.DataObject
) -> None:
    as_of = fill(schema_graph, lineage)
    trained = data.draw(st.lists(st.sampled_from(lineage.names), unique=True, min_size=1, max_size=3))
    write_dataset(schema_graph, "Some/Set", trained)
    report = of_dataset(schema_graph, "Some/Set", as_of)
    rows = ask(schema_graph, "dataset_impact", dataset="Some/Set", as_of=as_of)
    columns = ("id", "class", "certainty", "link_status", "depth", "status", "owner", "children", "contact")
    found = with_pages(report)
    assert pick(found, *columns) == pick(rows, *columns)
    assert {(row["id"], row["path"][-1]) for row in found} == pick(rows, "id", "root")
    assert {(one.key, one.sources) for one in report.trained_on} == {(key, ("card",)) for key in trained}
