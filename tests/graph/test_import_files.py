"""What an import reads: one CSV of each label and type, of all change sets, in which no value can be misread."""

import csv
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest

from crawler.errors import HubGenealogyError
from crawler.graph.bulk import check_room
from crawler.graph.import_files import ImportFiles, NotAsCsvError, write_files
from crawler.snapshot.database import Limits


class Usage(NamedTuple):
    total: int
    used: int
    free: int


def change_set(folder: Path, crawl: str, **tables: str) -> None:
    """A change set of rows that are written as SQL; a file that lacks columns is one of an earlier version."""
    (folder / crawl).mkdir(parents=True)
    for name, rows in tables.items():
        file = folder / crawl / f"{name.replace('_put', '.put').replace('_del', '.del')}.parquet"
        duckdb.sql(f"COPY ({rows}) TO '{file}'")


def written(tmp_path: Path) -> ImportFiles:
    changes = tmp_path / "changes"
    crawls = sorted(crawl.name for crawl in changes.iterdir())
    return write_files(tmp_path / "files", changes, crawls, "the state")


def test_an_import_keeps_to_the_memory_that_is_set(tmp_path: Path) -> None:
    many = "SELECT 'a' || i AS key, 'a' || i AS id, 'listed' AS status FROM range(300000) t(i)"
    for crawl in ("1", "2"):
        change_set(tmp_path / "changes", crawl, models_put=many)
    narrow = Limits(memory=4 * 2**20, threads=1, temporary=2**20)
    with pytest.raises(HubGenealogyError, match=r"raise duckdb\.memory"):
        write_files(tmp_path / "files", tmp_path / "changes", ["1", "2"], "the state", narrow)


def test_an_import_without_room_on_the_disk_is_refused_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(10**10, 10**10 - 900_000_000, 900_000_000))
    check_room(tmp_path, 1_000_000)
    with pytest.raises(HubGenealogyError) as caught:
        check_room(tmp_path, 1_100_000)
    assert str(caught.value) == (f"the disk of {tmp_path} has 900 MB free and an import needs 990 MB: free some space")


def rows(files: ImportFiles, name: str) -> list[dict[str, Any]]:
    with (files.folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def model(key: str, **values: str) -> str:
    given = {"key": f"'{key}'", "id": f"'{key}'", "status": "'listed'"} | values
    return f"SELECT {', '.join(f'{value} AS {name}' for name, value in given.items())}"


def test_of_each_key_the_row_that_was_put_last_is_imported_unless_it_was_deleted_afterwards(tmp_path: Path) -> None:
    changes = tmp_path / "changes"
    change_set(
        changes, "1",
        models_put=" UNION ALL ".join(model(key, downloads="1", likes="1", library="'old'") for key in "abc"),
        derived_from_put="SELECT 'a' AS child, 'b' AS parent, ['hub'] AS sources",
    )  # fmt: skip
    change_set(changes, "2", popularity_put="SELECT 'a' AS key, 5 AS downloads, NULL::BIGINT AS likes")
    change_set(
        changes, "3",
        models_put=model("b", library="'new'"),
        models_del="SELECT 'c' AS key",
        popularity_put="SELECT 'b' AS key, 7 AS downloads, 7 AS likes",
        derived_from_del="SELECT 'a' AS child, 'b' AS parent",
    )  # fmt: skip
    change_set(changes, "4", models_put=model("b", downloads="9", library="'newest'"))
    files = written(tmp_path)
    found = {
        (row["key:ID(Model)"], row["library:string"], row["downloads:long"], row["likes:long"])
        for row in rows(files, "models.csv")
    }
    assert found == {("a", "old", "5", ""), ("b", "newest", "9", "")}
    assert rows(files, "derived_from.csv") == []
    assert {(row["id:ID(Crawl)"], row["building:boolean"]) for row in rows(files, "crawls.csv")} == {
        ("1", ""), ("2", ""), ("3", ""), ("4", "true"),
    }  # fmt: skip


def test_columns_that_an_earlier_version_did_not_write_have_their_defaults(tmp_path: Path) -> None:
    change_set(
        tmp_path / "changes", "1",
        models_put=model("a", id="'org/name'"),
        derived_from_put="SELECT 'a' AS child, 'a' AS parent, ['inferred'] AS sources, 'current' AS status",
    )  # fmt: skip
    files = written(tmp_path)
    assert rows(files, "models.csv")[0]["short_name:string"] == "name"
    assert {(row["certainty:string"], row["remark:string"]) for row in rows(files, "derived_from.csv")} == {
        ("inferred", "inferred")
    }


def test_a_list_is_separated_by_a_character_that_no_list_holds(tmp_path: Path) -> None:
    change_set(tmp_path / "changes", "1", models_put=model("a", languages="['x' || chr(30) || 'y', '', ';']"))
    files = written(tmp_path)
    assert files.separator == 0x1F
    assert "--array-delimiter=U+001F" in files.arguments
    assert rows(files, "models.csv")[0]["languages:string[]"].split("\x1f") == ["x\x1ey", "", ";"]


@pytest.mark.parametrize("value", ["[]::VARCHAR[]", "['']"])
def test_a_list_for_which_csv_has_no_text_is_refused(tmp_path: Path, value: str) -> None:
    change_set(tmp_path / "changes", "1", models_put=model("a", languages=value))
    with pytest.raises(NotAsCsvError, match="1 rows of models have a list"):
        written(tmp_path)


@pytest.mark.parametrize(
    ("value", "broken"), [("chr(10)", True), ("'a' || chr(13)", True), ("chr(9) || chr(8232)", False)]
)
def test_line_breaks_in_values_are_announced(tmp_path: Path, value: str, broken: bool) -> None:
    change_set(tmp_path / "changes", "1", models_put=model("a", library=value))
    files = written(tmp_path)
    assert files.lines_in_values is broken
    assert f"--multiline-fields={str(broken).lower()}" in files.arguments
