"""A state folder that is damaged, or that somebody else prepared: one line that names the file, and nothing else happens."""

from pathlib import Path
from typing import Any

import duckdb
import pytest

from crawler.snapshot.parquet import reading
from tests.support.program import Program
from tests.support.strangers import fit_hash, forget_hashes


def rename_column(file: Path, column: str, name: str) -> None:
    """Write the Parquet file anew with another name for a column, and its hash."""
    quoted = name.replace('"', '""')
    with duckdb.connect() as db:
        db.execute(f"CREATE TABLE kept AS SELECT * RENAME ({column} AS \"{quoted}\") FROM read_parquet('{file}')")  # noqa: S608  # our own file
        db.execute(f"COPY kept TO '{file}'")
    fit_hash(file)


def hostile(target: Path) -> str:
    """The name of a column that writes `target`, where it becomes SQL."""
    return f"a\" FROM (SELECT 1 AS a); COPY (SELECT 'x') TO '{target}'; SELECT 1 AS \"a"


def refused(program: Program, file: Path, *command: str) -> str:
    """The one line that refuses `file`."""
    result = program.run(*command)
    assert result.code == 1, result.err
    message = result.messages[-1]
    assert message.startswith(str(file))
    return message


@pytest.fixture
def crawled(program: Program) -> tuple[Path, Path]:
    """The folders of a crawl's snapshot and change set."""
    crawl = program.crawl()["crawl"]
    return program.home / "snapshots" / crawl, program.home / "changes" / crawl


def test_a_column_name_of_a_change_set_never_becomes_sql(
    program: Program, crawled: tuple[Path, Path], tmp_path: Path
) -> None:
    before, outside = program.digest(), tmp_path / "outside"
    file = crawled[1] / "models.put.parquet"
    rename_column(file, "likes", hostile(outside))
    assert "a column that no version of this program writes" in refused(program, file, "rebuild")
    assert not outside.exists()
    assert program.digest() == before


def test_a_column_name_of_a_snapshot_never_becomes_sql(
    program: Program, crawled: tuple[Path, Path], tmp_path: Path
) -> None:
    outside, file = tmp_path / "outside", crawled[0] / "models.parquet"
    rename_column(file, "likes", hostile(outside))
    for command in (["crawl"], ["lineage", "mistralai/Mistral-7B-v0.1"], ["figures"]):
        assert "a column that no version of this program writes" in refused(program, file, *command)
    assert not outside.exists()


def test_a_reader_writes_nothing_and_reads_nothing_else(tmp_path: Path) -> None:
    given, other = tmp_path / "given", tmp_path / "other"
    for folder in (given, other):
        folder.mkdir()
        duckdb.execute(f"COPY (SELECT 1 AS a) TO '{folder}/a.parquet'")
    with reading(given / "a.parquet") as db:
        assert db.execute(f"FROM '{given / 'a.parquet'}'").fetchall() == [(1,)]
        for statement in (
            f"COPY (SELECT 1) TO '{other / 'b.parquet'}'",
            f"COPY (SELECT 1) TO '{given / 'b.parquet'}'",
            f"FROM '{other / 'a.parquet'}'",
            f"FROM '{given}/../other/a.parquet'",
            f"ATTACH '{other / 'c.duckdb'}'",
            "SET enable_external_access = true",
            "RESET allowed_paths",
        ):
            with pytest.raises((duckdb.PermissionException, duckdb.InvalidInputException)):
                db.execute(statement)
    assert {path.name for path in [*given.iterdir(), *other.iterdir()]} == {"a.parquet"}


@pytest.mark.parametrize("table", ["models", "edges", "licenses"])
def test_a_table_that_a_snapshot_has_lost_is_not_empty(
    program: Program, crawled: tuple[Path, Path], table: str
) -> None:
    file = crawled[0] / f"{table}.parquet"
    file.unlink()
    assert "is missing" in refused(program, file, "crawl")
    assert any(str(file) in check["message"] for check in failed(program))


def test_an_earlier_snapshot_that_does_not_list_its_tables_has_models_all_the_same(
    program: Program, crawled: tuple[Path, Path]
) -> None:
    forget_hashes(crawled[0], "rows")
    file = crawled[0] / "models.parquet"
    file.unlink()
    assert "is missing" in refused(program, file, "crawl")


def test_a_file_that_a_change_set_has_lost_is_not_empty(program: Program, crawled: tuple[Path, Path]) -> None:
    before, file = program.digest(), crawled[1] / "derived_from.put.parquet"
    file.unlink()
    assert "is missing" in refused(program, file, "rebuild")
    assert program.digest() == before
    assert any(str(file) in check["message"] for check in failed(program))


@pytest.mark.parametrize("hashed", [True, False])
@pytest.mark.parametrize("part", ["snapshot", "changes"])
def test_a_file_that_was_cut_off_is_named_in_one_line(
    program: Program, crawled: tuple[Path, Path], part: str, *, hashed: bool
) -> None:
    before = program.digest()
    file = crawled[0] / "edges.parquet" if part == "snapshot" else crawled[1] / "models.put.parquet"
    file.write_bytes(file.read_bytes()[:-100])
    if not hashed:
        forget_hashes(file.parent)
    for command in [["crawl"], ["figures"]] if part == "snapshot" else [["rebuild"]]:
        assert ("its SHA-256 differs" if hashed else "cannot be read") in refused(program, file, *command)
    assert program.digest() == before
    assert any(str(file) in check["message"] for check in failed(program))


def failed(program: Program) -> list[Any]:
    """What `doctor` finds wrong."""
    result = program.run("doctor", "--format", "json")
    assert result.code == 1
    return [check for check in result.json() if check["verdict"] == "fail"]
