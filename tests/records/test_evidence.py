"""The certainty of a link is a function of its sources: the strongest, weakened where a rule added something."""

from itertools import combinations

import duckdb
import pytest

from crawler.records.evidence import CERTAINTIES, CERTAINTY, all_sources, certainty_of, certainty_sql

EVERY = all_sources(["audit", "tool"])
ALL_SUBSETS = [list(found) for size in range(len(EVERY) + 1) for found in combinations(EVERY, size)]


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
        (["files"], "observed_in_files"),
        (["card_text"], "said_in_text"),
        (["files", "card_text"], "observed_in_files"),
        (["card_text", "imported:audit"], "said_in_text"),
        (["imported:audit"], "imported"),
        (["imported:audit", "inferred"], "imported"),
        ([], "inferred"),
        (["a source of a later version"], "inferred"),
    ],
)
def test_the_strongest_source_decides_and_a_rule_beside_it_weakens_it(sources: list[str], certainty: str) -> None:
    assert certainty_of(sources) == certainty


def test_a_sentence_that_a_tool_wrote_counts_as_the_authors_declaration() -> None:
    assert certainty_of(["card_text"], generated=True) == "declared_by_author"


@pytest.mark.parametrize("generated", [True, False])
def test_sql_computes_the_same(*, generated: bool) -> None:
    with duckdb.connect() as db:
        db.execute("CREATE TABLE links (sources VARCHAR[], generated BOOLEAN)")
        db.executemany("INSERT INTO links VALUES (?, ?)", [(s, generated) for s in [*ALL_SUBSETS, ["unknown"]]])
        found = db.execute(f"SELECT sources, {certainty_sql('generated')} FROM links").fetchall()  # noqa: S608  # our own text
    assert len(found) == len(ALL_SUBSETS) + 1
    assert found == [(sources, certainty_of(sources, generated=generated)) for sources, _certainty in found]


def test_imports_stand_before_what_is_inferred_in_the_order_of_their_names() -> None:
    assert all_sources(["tool", "audit"])[-3:] == ["imported:audit", "imported:tool", "inferred"]


def test_every_source_gives_a_known_certainty() -> None:
    assert set(CERTAINTY.values()) <= set(CERTAINTIES)
