"""Families and cycles of the whole graph, from a snapshot's current edges.

A graph database takes minutes to answer questions about the whole graph; here they are answered once a crawl, on
integers. Each step costs about as much as reading its input: a ladder has 2^40 paths, but only 40 rungs. Self-links
are ignored.
"""

import duckdb

from crawler.snapshot.cycles import cycles
from crawler.snapshot.database import number
from crawler.snapshot.scripts import run, set_variables

# How many of each are kept as `Family` nodes.
LARGEST = 1000
DEEPEST = 100
FOLLOWED = 1000


def find_families(db: duckdb.DuckDBPyConnection) -> None:
    """Make the table `families` and mark the models on cycles."""
    set_variables(db, largest=LARGEST, deepest=DEEPEST, followed=FOLLOWED)
    run(db, "15_links")
    _components(db)
    _strong_components(db)
    _generations(db)
    _reach(db)
    run(db, "16_families")


def _components(db: duckdb.DuckDBPyConnection) -> None:
    """Make member_of (node, component): the weakly connected components, each named after one of its members.

    In each round, every node joins whichever of itself and its neighbours has the least hash; the hash changes from
    round to round. The groups become the nodes of the next round. At least a third of the nodes is expected to go in
    each round, whatever the graph looks like. The hashes decide how components are named, never who belongs to one.
    """
    db.execute("CREATE TEMP TABLE tie AS SELECT child AS a, parent AS b FROM link UNION SELECT parent, child FROM link")
    rounds = 0
    while number(db, "SELECT count(*) FROM tie"):
        rounds += 1
        db.execute(
            f"CREATE TEMP TABLE joined_{rounds} AS SELECT a AS node,"  # noqa: S608  # a number
            f" CASE WHEN hash(a, {rounds}) < min(hash(b, {rounds})) THEN a ELSE arg_min(b, hash(b, {rounds})) END AS leader"
            " FROM tie GROUP BY a"
        )
        db.execute(
            "CREATE OR REPLACE TEMP TABLE tie AS SELECT DISTINCT j.leader AS a, k.leader AS b FROM tie"  # noqa: S608  # a number
            f" JOIN joined_{rounds} j ON j.node = a JOIN joined_{rounds} k ON k.node = b WHERE j.leader <> k.leader"
        )
    db.execute("CREATE TEMP TABLE member_of (node INTEGER, component INTEGER)")
    # Backwards: a node belongs to the component of its leader; a node without ties leads itself.
    for finished in range(rounds, 0, -1):
        db.execute(
            "CREATE OR REPLACE TEMP TABLE member_of AS SELECT j.node, coalesce(m.component, j.leader) AS component"  # noqa: S608  # a number
            f" FROM joined_{finished} j LEFT JOIN member_of m ON m.node = j.leader"
        )
        db.execute(f"DROP TABLE joined_{finished}")


def _strong_components(db: duckdb.DuckDBPyConnection) -> None:
    """Make strong (node, scc): the strongly connected component of each node, named after its least member.

    A node that is on no cycle is its own component.
    """
    db.execute("CREATE TEMP TABLE rest AS FROM link")
    left, before = number(db, "SELECT count(*) FROM rest"), -1
    # A node without a link in, or without one out, is on no cycle.
    while left != before:
        db.execute(
            "CREATE OR REPLACE TEMP TABLE rest AS SELECT * FROM rest"
            " WHERE child IN (SELECT parent FROM rest) AND parent IN (SELECT child FROM rest)"
        )
        left, before = number(db, "SELECT count(*) FROM rest"), left
    members = [
        (node, component[0])
        for component in cycles(db.execute("SELECT child, parent FROM rest").fetchall())
        for node in component
    ]
    db.execute(
        "CREATE TEMP TABLE on_cycle AS SELECT unnest($nodes::INTEGER[]) AS node, unnest($components::INTEGER[]) AS scc",
        {"nodes": [node for node, _ in members], "components": [scc for _, scc in members]},
    )
    db.execute(
        "CREATE TEMP TABLE strong AS SELECT node, coalesce(c.scc, node) AS scc FROM node LEFT JOIN on_cycle c USING (node)"
    )


def _generations(db: duckdb.DuckDBPyConnection) -> None:
    """Make generation (scc, generation): the length of the longest path to it from a component without parents."""
    db.execute(
        "CREATE OR REPLACE TEMP TABLE rest AS SELECT DISTINCT c.scc AS child, p.scc AS parent"
        " FROM link JOIN strong c ON c.node = child JOIN strong p ON p.node = parent WHERE c.scc <> p.scc"
    )
    db.execute("CREATE TEMP TABLE newest AS SELECT DISTINCT scc FROM strong WHERE scc NOT IN (SELECT child FROM rest)")
    db.execute("CREATE TEMP TABLE generation (scc INTEGER, generation INTEGER)")
    reached = 0
    # A component comes one generation after the last of its parents.
    while number(db, "SELECT count(*) FROM newest"):
        db.execute("INSERT INTO generation SELECT scc, $generation FROM newest", {"generation": reached})
        db.execute(
            "CREATE OR REPLACE TEMP TABLE touched AS SELECT DISTINCT child AS scc FROM rest"
            " WHERE parent IN (SELECT scc FROM newest)"
        )
        db.execute(
            "CREATE OR REPLACE TEMP TABLE rest AS SELECT * FROM rest WHERE parent NOT IN (SELECT scc FROM newest)"
        )
        db.execute(
            "CREATE OR REPLACE TEMP TABLE newest AS SELECT scc FROM touched WHERE scc NOT IN (SELECT child FROM rest)"
        )
        reached += 1


def _reach(db: duckdb.DuckDBPyConnection) -> None:
    """Make reach (node, ancestor, distance): every descendant of every model once, with the shortest distance."""
    db.execute("CREATE TEMP TABLE reach AS SELECT child AS node, parent AS ancestor, 1 AS distance FROM link")
    db.execute("CREATE TEMP TABLE frontier AS SELECT node, ancestor FROM reach")
    distance = 1
    while number(db, "SELECT count(*) FROM frontier"):
        distance += 1
        db.execute(
            "CREATE OR REPLACE TEMP TABLE frontier AS SELECT DISTINCT l.child AS node, f.ancestor"
            " FROM frontier f JOIN link l ON l.parent = f.node"
            " ANTI JOIN reach r ON r.node = l.child AND r.ancestor = f.ancestor"
            " WHERE l.child <> f.ancestor"
        )
        db.execute("INSERT INTO reach SELECT *, $distance FROM frontier", {"distance": distance})
