"""A snapshot that an earlier version wrote lacks columns and tables, and its manifest lists no tables: they count as empty."""

import duckdb

from tests.support.strangers import forget_hashes
from tests.support.sweeps import Sweeps, child, drop_column, record

RECORDS = [
    record("a", "org/a", card_license="mit", gated="auto"),
    record("b", "org/b", card_license="mit"),
]


def test_a_column_that_the_last_snapshot_lacked_is_written_where_it_has_a_value(hub: Sweeps) -> None:
    hub.sweep(RECORDS)
    drop_column(hub.snapshot / "models.parquet", "gated")
    hub.sweep(RECORDS)
    assert hub.rows("models", "key", "gated") == {("a", "auto"), ("b", None)}
    assert (hub.changes.rows_written, hub.changes.rows["models"]) == (1, {"put": 1, "del": 0})
    assert hub.sweep(RECORDS).changes.rows_written == 0


def test_a_table_that_the_last_snapshot_lacked_is_written_whole(hub: Sweeps) -> None:
    hub.sweep(RECORDS)
    (hub.snapshot / "licenses.parquet").unlink()
    forget_hashes(hub.snapshot, "rows")
    hub.sweep(RECORDS)
    assert hub.changes.rows["licenses"] == {"put": 1, "del": 0}
    assert hub.changes.rows_written == 1


def test_a_column_that_the_last_snapshot_had_and_this_version_does_not_know_is_left_aside(hub: Sweeps) -> None:
    hub.sweep(RECORDS)
    file = hub.snapshot / "models.parquet"
    with duckdb.connect() as db:
        db.execute(f"CREATE TABLE more AS SELECT *, 1 AS other FROM read_parquet('{file}')")  # noqa: S608  # our own file
        db.execute(f"COPY more TO '{file}'")
    forget_hashes(hub.snapshot)
    assert hub.sweep(RECORDS).changes.rows_written == 0


def test_a_certainty_that_the_last_snapshot_lacked_is_computed_and_writes_no_row(hub: Sweeps) -> None:
    records = [*RECORDS, child("c", "org/c", "org/a")]
    hub.sweep(records)
    drop_column(hub.snapshot / "edges.parquet", "certainty")
    hub.sweep(records)
    assert hub.rows("edges", "child", "certainty") == {("c", "declared_by_author")}
    assert hub.changes.rows_written == 0
