"""The words of the answers: the queries, which are read alone, spell them out in the same order."""

import re

import pytest

from crawler.records.words import CERTAINTIES, CLASSES, RELATIONS
from tests.support.lineage_graph import LIBRARY


@pytest.mark.parametrize("words", [CLASSES, CERTAINTIES], ids=["classes", "certainties"])
def test_queries_rank_by_the_words_in_their_order(words: dict[str, str]) -> None:
    literal = re.compile(rf"\['{next(iter(words))}', [^\]]*\]")
    lists = {found for query in LIBRARY.values() for found in literal.findall(query.statement)}
    assert str(list(words)) in lists
    assert lists <= {str(list(words)[:count]) for count in range(2, len(words) + 1)}


def test_every_relation_that_a_query_counts_has_a_meaning() -> None:
    named = {word for query in LIBRARY.values() for word in re.findall(r"relation = '(\w+)'", query.statement)}
    assert named
    assert named <= set(RELATIONS)
