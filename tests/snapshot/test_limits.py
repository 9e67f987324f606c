"""What DuckDB may take for snapshot and changes, and what is said where that is too little."""

from pathlib import Path

import pytest

from crawler.errors import HubGenealogyError
from crawler.snapshot.database import MEBIBYTE, Limits, database
from crawler.snapshot.parquet import damaged

SORTED = "CREATE TABLE big AS SELECT hash(i)::VARCHAR || hash(i + 1)::VARCHAR AS x FROM range(4000000) r(i) ORDER BY x"


def test_the_limits_are_those_that_were_given(tmp_path: Path) -> None:
    with database(tmp_path, "some", limits=Limits(600 * MEBIBYTE, 3, 5 * MEBIBYTE)) as db:
        names = "memory_limit", "threads", "max_temp_directory_size"
        values = [db.execute("SELECT current_setting($name)", {"name": name}).fetchone() for name in names]
    assert values == [("600.0 MiB",), (3,), ("5.0 MiB",)]


@pytest.mark.parametrize("limits", [Limits(60 * MEBIBYTE, 2, MEBIBYTE)], ids=["too few temporary files"])
def test_work_that_does_not_fit_names_the_settings_and_no_file_as_damaged(tmp_path: Path, limits: Limits) -> None:
    with (
        pytest.raises(HubGenealogyError) as caught,
        database(tmp_path, "some", limits=limits) as db,
        damaged(tmp_path / "innocent.parquet"),
    ):
        db.execute(SORTED)
    message = str(caught.value)
    for part in (str(tmp_path), "60 MiB of memory", "1 MiB of temporary files", "duckdb.memory", "disk.max_temporary"):
        assert part in message
    assert "\n" not in message
    assert "innocent" not in message
    assert list(tmp_path.glob("*.duckdb")) == []


def test_what_does_not_fit_into_memory_goes_to_the_disk(tmp_path: Path) -> None:
    with database(tmp_path, "some", limits=Limits(100 * MEBIBYTE, 2, 2048 * MEBIBYTE)) as db:
        db.execute(SORTED)
        assert db.execute("SELECT count(*) FROM big").fetchone() == (4000000,)
