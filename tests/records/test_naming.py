"""Which of several models a name means."""

from itertools import permutations

import pytest

from crawler.records.naming import SQL_ORDER, Bearer, meaning
from crawler.snapshot import scripts

NAME = "org/model"


def listed(key: str, name: str = NAME, **fields: bool) -> Bearer:
    return Bearer(key, name, "listed", name, **fields)


def gone(key: str, name: str = NAME, **fields: bool) -> Bearer:
    return Bearer(key, name, "gone", name, **fields)


def absent(name: str = NAME) -> Bearer:
    return Bearer(f"absent:{name.lower()}", name, "absent", name)


@pytest.mark.parametrize(
    ("bearers", "key"),
    [
        pytest.param([], None, id="nobody"),
        pytest.param([listed("1"), listed("2")], "2", id="the newest of two listed"),
        pytest.param([gone("1"), gone("2")], "2", id="the newest of two gone"),
        pytest.param([listed("1"), gone("2")], "1", id="listed before gone"),
        pytest.param([listed("1"), listed("2", former=True)], "1", id="a current name before a former one"),
        pytest.param([listed("1", former=True), gone("2")], "1", id="a listed model's former name before a gone one's"),
        pytest.param([gone("1"), gone("2", former=True)], "1", id="a gone model's last name before its former ones"),
        pytest.param([gone("1"), listed("2", "ORG/model")], "1", id="this spelling before another case"),
        pytest.param(
            [gone("1", former=True), listed("2", "ORG/model")],
            "1",
            id="a former name in this spelling before another case",
        ),
        pytest.param([listed("1", "ORG/model")], "1", id="the only one in another case"),
        pytest.param([gone("1", "ORG/model", former=True)], "1", id="the only former one in another case"),
        pytest.param([listed("1", "ORG/model"), gone("2", "Org/model")], "1", id="the only listed one in another case"),
        pytest.param(
            [listed("1", "ORG/model"), listed("1", "Org/model", former=True)], "1", id="two names of one model"
        ),
        pytest.param([listed("1", "ORG/model"), listed("2", "Org/model")], None, id="two in another case"),
        pytest.param([listed("1", "ORG/model"), listed("2", "Org/model", former=True)], None, id="one of two formerly"),
        pytest.param([gone("1", "ORG/model"), gone("2", "Org/model")], None, id="two gone ones in another case"),
        pytest.param(
            [listed("1", former=True, learned=True), gone("2", "ORG/model")],
            "2",
            id="another case before a learned name",
        ),
        pytest.param(
            [listed("1", "ORG/model", former=True, learned=True), absent()],
            "1",
            id="a learned name before an absent model",
        ),
        pytest.param(
            [absent(), listed("1", "ORG/model"), listed("2", "Org/model")], "absent:org/model", id="else absent"
        ),
        pytest.param([absent("ORG/model")], "absent:org/model", id="an absent name in another case"),
    ],
)
def test_the_model_that_a_name_means(bearers: list[Bearer], key: str | None) -> None:
    for order in permutations(bearers):
        chosen = meaning(NAME, order)
        assert (chosen and chosen.key) == key


def test_a_key_means_its_own_model() -> None:
    chosen = meaning("2", [listed("1", "2"), gone("2")])
    assert chosen == gone("2")


def test_the_snapshot_chooses_in_the_words_of_the_rule() -> None:
    assert (scripts.SQL / "00_meaning.sql").read_text(encoding="utf-8").count(SQL_ORDER) == 2
