"""What other programs keep in the graph's database: refused wherever it could be mistaken for ours, and never deleted.

Our nodes carry no mark of ours. They are recognised by properties that every one of them has had since it was made; owners
and datasets, which have little more than a name, by the models that point to them or by the change sets that made them.
"""

from pathlib import Path

from crawler.changes.diff import ChangeSet
from crawler.changes.tables import ENDS, LABELS, TYPES
from crawler.errors import HubGenealogyError
from crawler.graph import mirror
from crawler.graph.connection import Graph
from crawler.graph.state import check_counts, counted, counts, standing
from crawler.snapshot.parquet import reading
from crawler.state import State

# A node without these is not ours.
_ALWAYS_SET = {
    "Model": ("key", "id", "id_lower", "status", "first_seen"),
    "Owner": ("name",),
    "Dataset": ("id_lower", "id"),
    "License": ("id", "commercial_use", "share_alike", "use_restrictions"),
    "FormerName": ("id_lower", "model", "id"),
    "Family": ("key", "kind", "root", "size", "depth"),
    "Crawl": ("id", "made_from"),
    mirror.LABEL: tuple(column.property_name for column in mirror.CASE),
}
# Nor is one of these to which nothing points, unless a change set names it: a load writes them before the relationships.
# Listed data sets are known by what the Hub says of them.
_POINTED_AT = {
    "Owner": ("true", "PUBLISHED_BY", "owners", "name"),
    "Dataset": ("coalesce(n.status, 'absent') = 'absent'", "TRAINED_ON|DERIVED_FROM", "datasets", "id_lower"),
}
# No table of a change set has these.
_LABELS = (*LABELS, mirror.LABEL)
_TYPES = {*TYPES, mirror.TYPE}
_WAY_OUT = "give hub-genealogy a database of its own (NEO4J_URI, NEO4J_DATABASE)"


def check_ours_or_unused(graph: Graph) -> None:
    """Make sure that a database without a crawl of ours holds nothing that looks like a part of the graph.

    Raises HubGenealogyError where it does.
    """
    if standing(graph).state_id is not None:
        return
    others = {label: f"(n:{label})" for label in ("Crawl", mirror.LABEL)} | {mirror.TYPE: f"()-[n:{mirror.TYPE}]->()"}
    _refuse(graph, counts(graph) | counted(graph, others))


def check_nothing_foreign(graph: Graph, state: State) -> None:
    """Make sure that all nodes with our labels and all relationships of our types are ours; HubGenealogyError where not."""
    lacking = {label: " OR ".join(f"n.{name} IS NULL" for name in names) for label, names in _ALWAYS_SET.items()}
    found = counted(graph, {label: f"(n:{label}) WHERE {which}" for label, which in lacking.items()})
    for label, (which, kind, table, key) in _POINTED_AT.items():
        alone = graph.read(
            f"MATCH (n:{label}) WHERE n.{key} IS NOT NULL AND {which} AND NOT EXISTS {{ (:Model|Dataset)-[:{kind}]->(n) }} "
            f"RETURN n.{key} AS key"
        )
        found[label] += _unknown([str(record["key"]) for record in alone], table, key, state.changes)
    found |= _between_other_labels(graph)
    _refuse(graph, found)


def _between_other_labels(graph: Graph) -> dict[str, int]:
    """How many relationships of each of our types have a node at one end that none of ours has there."""
    ends = {
        kind: (
            [f"(:{label})-[n:{kind}]->()" for label in sorted({start for start, _end in pairs})],
            [f"()-[n:{kind}]->(:{label})" for label in sorted({end for _start, end in pairs})],
        )
        for kind, pairs in (ENDS | {mirror.TYPE: (mirror.ENDS,)}).items()
    }
    # Each of these is read from the server's count store.
    patterns = [f"()-[n:{kind}]->()" for kind in ends] + [p for both in ends.values() for each in both for p in each]
    found = counted(graph, {pattern: pattern for pattern in patterns})
    return {
        kind: found[f"()-[n:{kind}]->()"] - min(sum(found[p] for p in starts), sum(found[p] for p in stops))
        for kind, (starts, stops) in ends.items()
    }


def check_nothing_attached(graph: Graph) -> None:
    """Make sure that our nodes can be deleted: HubGenealogyError where they have relationships of other types."""
    types = graph.read("CALL db.relationshipTypes() YIELD relationshipType RETURN relationshipType AS kind")
    if {record["kind"] for record in types} <= _TYPES:
        return
    others = "&".join(f"!{kind}" for kind in sorted(_TYPES))
    for label in _LABELS:
        [record] = graph.read(f"MATCH (:{label})-[r:{others}]-() RETURN count(DISTINCT r) AS n")
        if record["n"]:
            raise HubGenealogyError(
                f"{record['n']} relationships that hub-genealogy did not make are attached to {label} nodes, and would be "
                f"deleted with them: remove them from the database {graph.database!r} first"
            )


def check_whole(graph: Graph, state: State, crawl: str) -> None:
    """Make sure that the graph holds what crawl `crawl` left in it, and nothing else; HubGenealogyError where not."""
    expected = ChangeSet(state.changes / crawl).manifest.totals
    found = counts(graph)
    if any(found[name] > n for name, n in expected.items()):
        check_nothing_foreign(graph, state)
    check_counts(found, expected, crawl)


def _refuse(graph: Graph, found: dict[str, int]) -> None:
    kinds = [f"{n} {name}" for name, n in found.items() if n]
    if kinds:
        raise HubGenealogyError(
            f"the database {graph.database!r} holds nodes or relationships of another program ({', '.join(kinds)}): {_WAY_OUT}"
        )


def _unknown(names: list[str], table: str, key: str, changes: Path) -> int:
    """How many of `names` no change set ever put into the graph."""
    files = list(changes.glob(f"*/{table}.put.parquet"))
    if not names or not files:
        return len(names)
    with reading(*files) as db:
        known = f"SELECT {key} FROM read_parquet($files)"  # noqa: S608  # our own names
        rows = db.execute(
            f"SELECT count(*) FROM (SELECT unnest($names) AS name) WHERE name NOT IN ({known})",  # noqa: S608  # likewise
            {"names": names, "files": [str(file) for file in files]},
        ).fetchall()
    return int(rows[0][0])
