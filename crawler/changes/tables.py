"""The graph as tables: what of a snapshot becomes nodes and relationships, and by which key a row is told from others.

A snapshot decides the graph completely: the graph after a crawl is these tables, and a change set is the difference
between those of two snapshots.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from crawler.snapshot.columns import (
    DATASET,
    DATASET_LINK,
    FAMILY,
    FORMER_NAME,
    LICENSE,
    LINK,
    MODEL,
    OWNER,
    Column,
    defaults,
)

T = TypeVar("T")
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
    """Rows of one label, or of one relationship type between two labels: of the snapshot tables of the schemas `{s}` (models) and
    `{s}_datasets`, and of what `diff` makes of both.
    """

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

    popularity: str = ""
    """The table of a change set that has the uncompared properties of rows that changed in nothing else."""
    earlier: dict[str, str] = field(default_factory=dict)
    """Of keys that the change sets of earlier versions lack: what they are there, as expressions over the other columns."""

    @property
    def defaults(self) -> dict[str, str]:
        """The values of columns that the change sets of earlier versions lack, where they are not null."""
        return defaults(self.properties) | self.earlier

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
    def has_status(self) -> bool:
        """Whether its rows have a status."""
        return any(column.property_name == "status" for column in self.properties)

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
    ("key",), "FROM {s}.models", MODEL, popularity="popularity", shows_status=True,
)  # fmt: skip
DATASETS = GraphTable(
    "datasets", "Dataset", "a data set on the Hub, across renames; or a name that no listing ever held",
    ("key",), "FROM {s}.every_dataset", DATASET, popularity="dataset_popularity",
    earlier={"key": "'absent:' || id_lower"},
)  # fmt: skip
_PUBLISHED = "FROM {s}.models WHERE status <> 'absent' AND owner IS NOT NULL"
_PUBLISHED_SETS = "FROM {s}_datasets.models WHERE status <> 'absent' AND owner IS NOT NULL"

TABLES = (
    MODELS,
    GraphTable(
        "owners", "Owner", "a publisher: a person or an organisation",
        ("name",),
        f"FROM (SELECT owner AS name {_PUBLISHED} UNION SELECT owner AS name {_PUBLISHED_SETS})"  # our own names
        " LEFT JOIN {s}.owners USING (name)",
        OWNER,
    ),
    DATASETS,
    GraphTable(
        "licenses", "License", "a licence that a model or a data set carries, with its terms", ("id",),
        "FROM (FROM {s}.licenses UNION ALL BY NAME FROM {s}_datasets.licenses ANTI JOIN {s}.licenses USING (id))", LICENSE,
    ),
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
        ("model", "dataset_key"), "FROM {s}.trained",
        (
            Column("sources", "VARCHAR[]", "where the model says so: tag, card"),
            Column("declared_as", "VARCHAR[]", "every spelling of the data set that was found"),
        ),
        ("Model", "Dataset"), earlier={"dataset_key": "'absent:' || dataset"},
    ),
    GraphTable(
        "licensed_under", "LICENSED_UNDER", "a licence that the model declares",
        ("model", "license"), "FROM (SELECT key AS model, unnest(licenses) AS license FROM {s}.models)",
        ends=("Model", "License"),
    ),
    GraphTable(
        "dataset_derived_from", "DERIVED_FROM", "a derivation, from a data set to one that it is made from",
        ("child", "parent"), "FROM {s}_datasets.edges", DATASET_LINK, ("Dataset", "Dataset"),
    ),
    GraphTable(
        "dataset_published_by", "PUBLISHED_BY", "a data set's publisher",
        ("dataset",), f"FROM (SELECT key AS dataset, owner {_PUBLISHED_SETS})",  # our own names
        ends=("Dataset", "Owner"), others=("owner",),
    ),
    GraphTable(
        "dataset_licensed_under", "LICENSED_UNDER", "a licence that the data set declares",
        ("dataset", "license"), "FROM (SELECT key AS dataset, unnest(licenses) AS license FROM {s}_datasets.models)",
        ends=("Dataset", "License"),
    ),
)  # fmt: skip

POPULAR = tuple(table for table in TABLES if table.popularity)


def _of_each_type(found: Iterable[tuple[str, T]]) -> dict[str, tuple[T, ...]]:
    """What belongs to a relationship type: there can be several tables of one, between different labels."""
    of_type: dict[str, tuple[T, ...]] = {}
    for kind, one in found:
        of_type[kind] = (*of_type.get(kind, ()), one)
    return of_type


_JOINED = [(table, table.join) for table in TABLES if table.join]
# Counted in the graph after each load: label or relationship type, and the tables that hold its rows.
LABELS = {table.element: table.name for table in TABLES if table.ends is None}
TYPES = _of_each_type(
    [(table.element, table.name) for table in TABLES if table.ends]
    + [(join.type, table.name) for table, join in _JOINED]
)
# The labels of the two ends of each relationship type.
ENDS = _of_each_type(
    [(table.element, table.ends) for table in TABLES if table.ends]
    + [(join.type, (table.element, "Model")) for table, join in _JOINED]
)
