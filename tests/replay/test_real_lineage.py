"""Lineage on real data: nothing that the files declare is lost, and what is inferred holds against what is declared."""

from pathlib import Path
from typing import Any

import duckdb
import pytest

from benchmarks.inference import hidden, replay, scores, snapshot_of
from crawler.records.rules import DEFAULT_RULES
from crawler.reports.figures import figures
from crawler.snapshot.read import create
from tests.support.replays import edges_of, lines

pytestmark = pytest.mark.replay


@pytest.fixture(scope="module")
def last_week(data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[dict[str, Any]], Path]:
    """The models that are listed after ten weeks, and their snapshot."""
    records = replay(data)
    return records, snapshot_of(records, tmp_path_factory.mktemp("last_week"))


def counted(snapshot: Path) -> dict[tuple[str, str], int]:
    return {(table, figure): count for table, figure, count, _share in figures(snapshot)}


def tell(what: str, snapshot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\n{what}:")
        for table, figure, count, share in figures(snapshot):
            if table.startswith(("models", "relations", "evidence", "how", "declarations", "said")):
                print(f"  {table}: {figure}: {count:,}" + (f" ({share:.1%})" if share is not None else ""))


def test_every_parent_that_the_files_name_is_a_link(
    last_week: tuple[list[dict[str, Any]], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    records, snapshot = last_week
    tell("the listing after ten weeks", snapshot, capsys)
    with duckdb.connect() as db:
        for table in ("models", "edges"):
            create(db, table, table, snapshot)
        found = db.execute(
            "SELECT c.id, p.id_lower, e.relation FROM edges e JOIN models c ON c.key = e.child JOIN models p ON p.key = e.parent"
        ).fetchall()
    assert len(found) == len(set(found))
    assert set(found) == edges_of({record["_id"]: record for record in records})
    numbers = counted(snapshot)
    assert numbers["declarations unexplained", "of a listed model, neither a link nor rejected"] == 0
    assert numbers["models", "listed"] == len(records)


def test_every_declaration_of_complete_records_is_a_link_and_cards_say_what_tags_do_not(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    records = [record for record in lines(data / "full-records-2025.jsonl.gz") if "_id" in record]
    snapshot = snapshot_of(records, tmp_path)
    tell("complete records", snapshot, capsys)
    numbers = counted(snapshot)
    assert numbers["declarations unexplained", "of a listed model, neither a link nor rejected"] == 0
    assert numbers["said outside the tags only", "card"] == 75


def test_the_rules_that_are_on_find_the_declared_parent_95_times_in_100(
    last_week: tuple[list[dict[str, Any]], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    with hidden(last_week[1], agree=False) as db:
        found = scores(db)
        [(circles, parents)] = db.execute(
            """
            WITH RECURSIVE up(child, model) AS (
                SELECT child, parent FROM inferred
                UNION SELECT up.child, l.parent FROM up
                JOIN (SELECT * FROM links UNION SELECT child, parent FROM inferred) l ON l.child = up.model
                WHERE up.child <> up.model)
            SELECT (SELECT count(*) FROM up WHERE child = model), (SELECT count(*) - count(DISTINCT child) FROM inferred)"""
        ).fetchall()
    with capsys.disabled():
        print("\n" + "\n".join(f"  {row.rule}: precision {row.precision:.1%}, {row}" for row in found))
    assert {row.rule for row in found if row.rule in DEFAULT_RULES} == {
        rule for rule in DEFAULT_RULES if rule.startswith("name:")
    }
    assert [row.rule for row in found if row.rule in DEFAULT_RULES and row.precision < 0.95] == []
    assert (circles, parents) == (0, 0)
