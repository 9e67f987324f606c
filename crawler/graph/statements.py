"""How the rows of each graph table get into Neo4j: one statement to put them, one to take them away.

Every statement is idempotent, finds its nodes by the key of a constraint, and takes `$rows`. Times come as
milliseconds since 1970 and become DateTime on the server, which is much faster than in the driver.
"""

from dataclasses import dataclass, field

from crawler.changes.tables import LABELS, POPULAR, STATUS_LABELS, TABLES, GraphTable
from crawler.snapshot.columns import Column


@dataclass(frozen=True)
class Statements:
    """`put` returns the number of rows it found a place for; `properties` are the columns that are set as they are.

    `defaults` are the expressions of those that the change sets of earlier versions lack, `earlier` of keys alone.
    """

    put: str
    delete: str
    properties: tuple[str, ...] = ()
    defaults: dict[str, str] = field(default_factory=dict)
    earlier: dict[str, str] = field(default_factory=dict)


# The status is read from the row: to read it from the node, which was just written, would hold back all rows.
_STATUS = (
    f"REMOVE n:{':'.join(STATUS_LABELS.values())}",
    *(
        f"FOREACH (_ IN CASE row.properties.status WHEN '{status}' THEN [1] ELSE [] END | SET n:{label})"
        for status, label in STATUS_LABELS.items()
    ),
)
_NODES = {table.element: table for table in TABLES if table.ends is None}


def _of_node(table: GraphTable) -> Statements:
    """As in: UNWIND $rows AS row MERGE (n:Model {key: row.key}) SET n += row.properties RETURN count(*) AS placed."""
    node = f"(n:{table.element} {{{', '.join(f'{key}: row.{key}' for key in table.keys)}}})"
    parts = [f"MERGE {node}"]
    if table.join:
        parts = [
            f"MATCH (m:Model {{key: row.{table.join.column}}})",
            *parts,
            f"MERGE (n)-[:{table.join.type}]->(m)",
        ]
    columns = tuple(column for column in table.properties if column.property_name not in table.keys)
    delete = f"UNWIND $rows AS row MATCH {node} DETACH DELETE n"
    return _statements(parts, "n", table, columns, delete)


def _of_relationship(table: GraphTable, start: str, end: str) -> Statements:
    """As in: UNWIND $rows AS row MATCH (a:Model {key: row.child}) MATCH (b:Model {key: row.parent}) MERGE (a)-[r:…]->(b) …

    Where the start alone is the key, the relationship moves to the new end.
    """
    columns = dict(zip(("a", "b"), (*table.keys, *table.others), strict=True))
    labels = {"a": start, "b": end}
    nodes = {
        name: f"({name}:{labels[name]} {{{_NODES[labels[name]].keys[0]}: row.{columns[name]}}})" for name in columns
    }
    parts = [f"MATCH {node}" for node in nodes.values()]
    if columns["b"] not in table.keys:
        parts.append(
            "CALL (a, b, row) { WITH * WHERE NOT row.added "
            f"MATCH (a)-[before:{table.element}]->(other) WHERE other <> b DELETE before }}"
        )
        nodes["b"] = f"(b:{end})"
    parts.append(f"MERGE (a)-[r:{table.element}]->(b)")
    delete = f"UNWIND $rows AS row MATCH {nodes['a']}-[r:{table.element}]->{nodes['b']} DELETE r"
    return _statements(parts, "r", table, table.properties, delete)


def _statements(
    parts: list[str],
    variable: str,
    table: GraphTable,
    columns: tuple[Column, ...],
    delete: str,
) -> Statements:
    last = _STATUS if table.shows_status else ()
    plain = tuple(column.property_name for column in columns if not column.is_time)
    values = [f"{variable} += row.properties"] if plain else []
    values += [f"{variable}.{column.property_name} = {_time(column)}" for column in columns if column.is_time]
    if values:
        parts = [*parts, f"SET {', '.join(values)}"]
    return Statements(
        f"UNWIND $rows AS row {' '.join((*parts, *last))} RETURN count(*) AS placed",
        delete,
        plain,
        table.defaults,
        table.earlier,
    )


def _time(column: Column) -> str:
    if column.type.endswith("[]"):
        return f"[time IN row.{column.property_name} | datetime({{epochMillis: time}})]"
    return f"CASE WHEN row.{column.property_name} IS NOT NULL THEN datetime({{epochMillis: row.{column.property_name}}}) END"


STATEMENTS = {
    table.name: _of_relationship(table, *table.ends) if table.ends else _of_node(table) for table in TABLES
} | {
    table.popularity: Statements(
        put=f"UNWIND $rows AS row MATCH (n:{table.element} {{key: row.key}}) SET n += row.properties RETURN count(*) AS placed",
        delete="",  # popularity goes with its node
        properties=table.uncompared,
    )
    for table in POPULAR
}

# Nodes before what joins them; what goes away goes last, joins before nodes.
_NODE_TABLES = tuple(LABELS.values())
_JOIN_TABLES = tuple(table.name for table in TABLES if table.ends)
STEPS = (
    *((table, "put") for table in (*_NODE_TABLES, *_JOIN_TABLES, *(table.popularity for table in POPULAR))),
    *((table, "del") for table in (*_JOIN_TABLES, *reversed(_NODE_TABLES))),
)
