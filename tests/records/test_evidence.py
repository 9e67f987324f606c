"""The certainty of a link is a function of its sources: the strongest, weakened where a rule added something."""

from itertools import combinations

import duckdb
import pytest

from crawler.records.evidence import CERTAINTIES, CERTAINTY, CERTAINTY_SQL, SOURCES, certainty_of

ALL_SUBSETS = [list(found) for size in range(len(SOURCES) + 1) for found in combinations(SOURCES, size)]


@pytest.mark.parametrize(
    ("sources", "certainty"),
    [
        (["hub"], "declared_by_hub"),
        (["hub", "tag", "card", "adapter_config"], "declared_by_hub"),
        (["tag"], "declared_by_author"),
        (["card", "adapter_config"], "declared_by_author"),
        (["adapter_config"], "observed_in_files"),
        (["inferred"], "inferred"),
        (["hub", "inferred"], "observed_in_files"),
        (["card", "inferred"], "observed_in_files"),
        (["adapter_config", "inferred"], "observed_in_files"),
        ([], "inferred"),
        (["a source of a later version"], "inferred"),
    ],
)
def test_the_strongest_source_decides_and_a_rule_beside_it_weakens_it(sources: list[str], certainty: str) -> None:
    assert certainty_of(sources) == certainty


def test_sql_computes_the_same() -> None:
    with duckdb.connect() as db:
        db.execute("CREATE TABLE links (sources VARCHAR[])")
        db.executemany("INSERT INTO links VALUES (?)", [(sources,) for sources in [*ALL_SUBSETS, ["unknown"]]])
        found = db.execute(f"SELECT sources, {CERTAINTY_SQL} FROM links").fetchall()  # noqa: S608  # our own text
    assert len(found) == len(ALL_SUBSETS) + 1
    assert found == [(sources, certainty_of(sources)) for sources, _certainty in found]


def test_every_source_gives_a_known_certainty() -> None:
    assert set(CERTAINTY.values()) <= set(CERTAINTIES)
