"""The graph as tables: what of a snapshot becomes nodes and relationships, and by which key a row is told from others.

A snapshot decides the graph completely: the graph after a crawl is these tables, and a change set is the difference
between those of two snapshots.
"""

from dataclasses import dataclass

from crawler.snapshot.columns import FAMILY, FORMER_NAME, LICENSE, LINK, MODEL, OWNER, Column

# The second label of a node, by its status: Neo4j Browser colours by label, and by nothing else.
STATUS_LABELS = {"gone": "Gone", "absent": "Absent"}


@dataclass(frozen=True)
class Join:
    """The relationship from a node to its model, made with the node and never moved."""

    type: str
    column: str
    """The column that holds the key of the model."""
    meaning: str


@dataclass(frozen=True)
class GraphTable:
    """Rows of one label or relationship type, made of the snapshot tables of the schema `{s}`."""

    name: str
    element: str
    """The label or the relationship type."""
    meaning: str
    keys: tuple[str, ...]
    """What tells a row from others: properties of a node, or columns that name the ends of a relationship."""
    rows: str
    """The part of the query from FROM on."""
    columns: tuple[Column, ...] = ()
    ends: tuple[str, str] | None = None
    """Of a relationship: the labels of its ends."""
    join: Join | None = None
    """Of a node that is put together with a relationship to a model."""
    others: tuple[str, ...] = ()
    """Columns that are no properties, beside the keys: they name the node at the other end of a relationship."""
    shows_status: bool = False
    """Of a node: whether it has a second label of STATUS_LABELS."""

    @property
    def properties(self) -> tuple[Column, ...]:
        """The columns that are properties in the graph."""
        return tuple(column for column in self.columns if column.in_graph)

    def written(self, verb: str) -> dict[str, str]:
        """The columns of its file in a change set, with their DuckDB types; `verb` is put or del."""
        keys = dict.fromkeys(self.keys, "VARCHAR")
        if verb == "del":
            return keys
        properties = {column.property_name: column.type for column in self.properties}
        return keys | dict.fromkeys(self.others, "VARCHAR") | properties | {"added": "BOOLEAN"}

    @property
    def uncompared(self) -> tuple[str, ...]:
        """Properties that a row carries when it is written anyway, but that are no reason to write one."""
        return tuple(column.property_name for column in self.properties if not column.compared)

    @property
    def select(self) -> str:
        """The rows, with keys and properties as columns."""
        properties = {column.property_name: column.value or column.name for column in self.properties}
        values = {name: name for name in (*self.keys, *self.others)} | properties
        columns = ", ".join(name if value == name else f"{value} AS {name}" for name, value in values.items())
        return f"SELECT {columns} {self.rows}"  # our own names


MODELS = GraphTable(
    "models", "Model", "a repository on the Hub, across renames; or a name that no listing ever held",
    ("key",), "FROM {s}.models", MODEL, shows_status=True,
)  # fmt: skip
_PUBLISHED = "FROM {s}.models WHERE status <> 'absent' AND owner IS NOT NULL"

TABLES = (
    MODELS,
    GraphTable(
        "owners", "Owner", "a publisher: a person or an organisation",
        ("name",), f"FROM (SELECT DISTINCT owner AS name {_PUBLISHED}) LEFT JOIN {{s}}.owners USING (name)",  # our own names
        OWNER,
    ),
    GraphTable(
        "datasets", "Dataset", "a data set that a model names as its training data",
        ("id_lower",),
        "FROM (SELECT lower(d.id) AS id_lower, min(d.id) AS id FROM (SELECT unnest(datasets) AS d FROM {s}.models) GROUP BY ALL)",
        (Column("id_lower", "VARCHAR", "its name in lower case"), Column("id", "VARCHAR", "its name")),
    ),
    GraphTable("licenses", "License", "a licence that a model carries, with its terms", ("id",), "FROM {s}.licenses", LICENSE),
    GraphTable(
        "former_names", "FormerName", "a name that a model had before, or that the Hub redirects to it",
        ("id_lower", "model"), "FROM {s}.names", FORMER_NAME,
        join=Join("NOW", "model", "the model that bears or bore the name"),
    ),
    GraphTable(
        "families", "Family", "a large family or a much followed model, as the newest crawl found it",
        ("key",), "FROM {s}.families", FAMILY,
        join=Join("HEADED_BY", "head", "the model at the head of the family"), others=("head",),
    ),
    GraphTable(
        "derived_from", "DERIVED_FROM", "a derivation, from the child to its parent",
        ("child", "parent"), "FROM {s}.edges", LINK, ("Model", "Model"),
    ),
    GraphTable(
        "published_by", "PUBLISHED_BY", "a model's publisher",
        ("model",), f"FROM (SELECT key AS model, owner {_PUBLISHED})",  # our own names
        ends=("Model", "Owner"), others=("owner",),
    ),
    GraphTable(
        "trained_on", "TRAINED_ON", "a data set that the model says it was trained on",
        ("model", "dataset"),
        "FROM (SELECT key AS model, lower(d.id) AS dataset, d.sources AS sources"
        " FROM (SELECT key, unnest(datasets) AS d FROM {s}.models))",
        (Column("sources", "VARCHAR[]", "where the model says so: tag, card"),), ("Model", "Dataset"),
    ),
    GraphTable(
        "licensed_under", "LICENSED_UNDER", "a licence that the model declares",
        ("model", "license"), "FROM (SELECT key AS model, unnest(licenses) AS license FROM {s}.models)",
        ends=("Model", "License"),
    ),
)  # fmt: skip

# Counted in the graph after each load: label or relationship type, and the table that holds its rows.
LABELS = {table.element: table.name for table in TABLES if table.ends is None}
TYPES = {table.element: table.name for table in TABLES if table.ends} | {
    table.join.type: table.name for table in TABLES if table.join
}
# The labels of the two ends of each relationship type.
ENDS = {table.element: table.ends for table in TABLES if table.ends} | {
    table.join.type: (table.element, "Model") for table in TABLES if table.join
}
