"""The search in Python and the saved query `impact` rate every descendant alike, on random genealogies."""

from hypothesis import given, settings

from crawler.answers.run import read_session
from crawler.graph.connection import Graph
from crawler.relatives import ways
from crawler.relatives.read import read
from tests.support.lineage_graph import ask, wipe, write
from tests.support.plain_lineages import Lineage, lineages


@settings(max_examples=80, deadline=None)
@given(lineage=lineages())
def test_class_certainty_depth_and_kinds_of_steps_are_those_of_impact(schema_graph: Graph, lineage: Lineage) -> None:
    wipe(schema_graph)
    write(schema_graph, lineage.models, lineage.links)
    as_of = None if lineage.at is None else lineage.at.isoformat()
    with read_session(schema_graph) as session:
        found = read(session, lineage.model, as_of)
    best = ways.down(found.links, [lineage.model])
    rows = ask(schema_graph, "impact", model=lineage.model, as_of=as_of, paths=None)
    assert {
        (
            found.members[key].id,
            way.klass,
            way.certainty,
            "withdrawn" if way.withdrawn else "current",
            way.depth,
            found.members[key].status,
            found.members[key].children,
        )
        for key, way in best.items()
    } == {
        tuple(row[name] for name in ("id", "class", "certainty", "link_status", "depth", "status", "children"))
        for row in rows
    }
    assert len(rows) == len(best) == len(found.below)
