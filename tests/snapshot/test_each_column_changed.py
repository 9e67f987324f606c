"""A change set has every model that differs in any property, however little: compared with plain Python."""

from pathlib import Path

import duckdb

from crawler.changes.tables import MODELS
from crawler.snapshot.tables import TABLES
from tests.support.strangers import fit_hash
from tests.support.sweeps import Sweeps, record

OTHER = {
    "VARCHAR": "'another'",
    "VARCHAR[]": "['another']",
    "TIMESTAMP": "TIMESTAMP '2020-02-02'",
    "TIMESTAMP[]": "[TIMESTAMP '2020-02-02']",
    "BIGINT": "77",
    "BOOLEAN": "NOT coalesce({column}, false)",
}
# These columns of a snapshot have values of another form; none is a property by itself.
NO_PROPERTY = {"key", "fields", "markers", "datasets", "seen_at"}


def test_a_model_that_differs_in_one_column_is_in_the_change_set(hub: Sweeps) -> None:
    columns = {name: kind for name, kind in TABLES["models"].items() if name not in NO_PROPERTY}
    models = [record(f"k{name}", f"org/{name}") for name in [*columns, "unchanged"]]
    old = hub.sweep(models).graph()["models"]
    hub.sweep(models)
    change_one_column_of_each(hub.snapshot / "models.parquet", columns)

    differing = {
        key: {name for name in row if row[name] != old[key][name]} for key, row in hub.graph()["models"].items()
    }
    assert set().union(*differing.values()) == {column.property_name for column in MODELS.properties} - {"key"}
    popular = {key for key, names in differing.items() if names and names <= set(MODELS.uncompared)}
    changed = {key for key, names in differing.items() if names} - popular
    assert popular == {("kdownloads",), ("klikes",)}
    assert ("kunchanged",) not in changed

    assert hub.changed("models", "put", ("key",)).keys() == changed
    assert hub.changed("popularity", "put", ("key",)).keys() == popular


def change_one_column_of_each(file: Path, columns: dict[str, str]) -> None:
    """Give the model `k<column>` another value in that column."""
    values = ", ".join(
        f"CASE WHEN key = 'k{name}' THEN {OTHER[kind].format(column=name)} ELSE {name} END AS {name}"
        for name, kind in columns.items()
    )
    with duckdb.connect() as db:
        db.execute(f"CREATE TABLE models AS SELECT * REPLACE ({values}) FROM read_parquet('{file}')")  # noqa: S608  # our own names
        db.execute(f"COPY models TO '{file}'")
    fit_hash(file)
