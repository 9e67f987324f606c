"""What stands beside models and links in a graph: licences, owners, families and crawls, written by plain Cypher."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from crawler.graph.connection import Graph
from crawler.records.licenses import LICENSES

# A licence that the table does not have, as a card may name one.
UNHEARD_OF = "our-own-license"


def license_node(name: str) -> dict[str, str | None]:
    """The properties of a licence's node, as a snapshot has them."""
    unknown = dict.fromkeys(("commercial_use", "share_alike", "use_restrictions", "osi_approved"), "unknown")
    return asdict(LICENSES[name]) if name in LICENSES else {"id": name, **unknown}


def write_licenses(graph: Graph, licenses: Mapping[str, Iterable[str]]) -> None:
    """Model key → the licences that it carries; the first becomes its property, as a crawl has it."""
    rows = [{"key": key, "licenses": list(names)} for key, names in licenses.items()]
    with graph.session() as session:
        session.run(
            "UNWIND $nodes AS node CREATE (l:License) SET l = node",
            nodes=[license_node(name) for name in sorted({name for row in rows for name in row["licenses"]})],
        ).consume()
        session.run(
            "UNWIND $rows AS row MATCH (m:Model {key: row.key}) SET m.license = row.licenses[0] "
            "WITH m, row UNWIND row.licenses AS name MATCH (l:License {id: name}) CREATE (m)-[:LICENSED_UNDER]->(l)",
            rows=rows,
        ).consume()


def write_owners(graph: Graph) -> None:
    """A node for every owner that a listed or gone model names."""
    with graph.session() as session:
        session.run(
            "MATCH (m:Model) WHERE m.owner IS NOT NULL AND m.status <> 'absent' "
            "MERGE (o:Owner {name: m.owner}) MERGE (m)-[:PUBLISHED_BY]->(o)"
        ).consume()


def write_kinds(graph: Graph, kinds: Mapping[str, tuple[str | None, bool | None]]) -> None:
    """Owner → its kind, and whether it is verified; only of owners that have a node."""
    with graph.session() as session:
        session.run(
            "UNWIND $rows AS row MATCH (o:Owner {name: row[0]}) SET o.kind = row[1], o.verified = row[2]",
            rows=[[name, *said] for name, said in kinds.items()],
        ).consume()


def write_family(graph: Graph, kind: str, head: str, **properties: Any) -> None:
    """A family of that kind whose head has the key `head`."""
    with graph.session() as session:
        session.run(
            "MATCH (m:Model {key: $head}) CREATE (f:Family {key: $kind + ':' + $head, kind: $kind, root: m.id}) "
            "SET f += $properties CREATE (f)-[:HEADED_BY]->(m)",
            head=head,
            kind=kind,
            properties=properties,
        ).consume()


def write_crawls(graph: Graph, *crawls: Mapping[str, Any]) -> None:
    """Crawl nodes; what is not said is as in a full sweep of 2025-01-01 that was loaded and found nothing new."""
    nothing = dict.fromkeys(
        ("models_added", "models_changed", "models_retired", "edges_added", "edges_changed", "edges_withdrawn"), 0
    )
    began = datetime(2025, 1, 1, 3, tzinfo=UTC)
    usual = {
        "started_at": began,
        "state": "loaded",
        "made_from": "a state folder",
        "kind": "full",
        "complete": True,
        **nothing,
    }
    with graph.session() as session:
        session.run(
            "UNWIND $rows AS row CREATE (c:Crawl) SET c = row", rows=[{**usual, **crawl} for crawl in crawls]
        ).consume()


def labelled(graph: Graph) -> Counter[tuple[str, tuple[str, ...]]]:
    """How many models there are of each status with these labels."""
    with graph.session() as session:
        rows = session.run("MATCH (m:Model) RETURN m.status AS status, labels(m) AS labels")
        return Counter((row["status"], tuple(sorted(row["labels"]))) for row in rows)
