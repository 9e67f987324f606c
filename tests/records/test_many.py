"""A record of any size costs a bounded number of links and rows; what is beyond the bound is one row with its number."""

from collections import Counter
from typing import Any

import pytest

from crawler.records.record import parse
from crawler.records.used import kept
from crawler.records.values import MOST

KEY = {"_id": "65f0000000000000000000aa", "id": "org/model"}
MANY = 200_000
NAMES = [f"org/m{number}" for number in range(MANY)]
REST = f"{MANY - MOST} more than {MOST}"


def places(names: list[Any]) -> dict[str, dict[str, Any]]:
    """Each field that can hold many of something, with these names in it."""
    return {
        "cardData.base_model": {"cardData": {"base_model": names}},
        "baseModels": {"baseModels": {"models": [{"_id": "k", "id": name} for name in names]}},
        "tags": {"tags": [f"base_model:{name}" for name in names]},
        "config.peft.base_model_name_or_path": {"config": {"peft": {"base_model_name_or_path": names}}},
        "cardData.datasets": {"cardData": {"datasets": names}},
        "cardData.language": {"cardData": {"language": names}},
        "cardData.license": {"cardData": {"license": names}},
        "config.architectures": {"config": {"architectures": names}},
    }


@pytest.mark.parametrize("field", places([]))
def test_of_two_hundred_thousand_values_some_hundreds_are_read_and_one_row_counts_the_rest(field: str) -> None:
    record = KEY | places(NAMES)[field]
    parsed = parse(record)
    assert parsed.model is not None
    assert len(parsed.declared) <= MOST
    assert max(map(len, (parsed.model.datasets, parsed.model.languages, parsed.model.architectures))) <= MOST
    assert [(r.field, r.value) for r in parsed.rejected if r.reason == "too_many"] == [(field, REST)]
    assert len(parsed.rejected) <= MOST + 1
    assert parse(kept(record)) == parsed


@pytest.mark.parametrize("field", places([]))
@pytest.mark.parametrize("value", [7, {"x": 1}, "not a name", "john@example.com"], ids=str)
def test_of_many_values_that_cannot_be_used_some_hundreds_have_a_row(field: str, value: Any) -> None:
    parsed = parse(KEY | places([value] * 1000)[field])
    assert len(parsed.rejected) <= MOST + 1
    assert Counter(r.reason for r in parsed.rejected)["too_many"] == 1


def test_rows_that_were_left_out_are_counted() -> None:
    values = [7] * MOST
    fields = {"cardData": {"base_model": values, "datasets": values, "language": values}}
    parsed = parse(KEY | fields)
    assert len(parsed.rejected) == MOST + 1
    last = parsed.rejected[-1]
    assert (last.field, last.value, last.reason) == (
        "rejected",
        f"{2 * MOST} more values that cannot be used",
        "too_many",
    )


@pytest.mark.parametrize("field", ["cardData.base_model", "cardData.datasets"])
def test_texts_that_name_many_at_once_are_bounded_together(field: str) -> None:
    texts = [" ".join(f"o/{text}x{number}" for number in range(40)) for text in range(20)]
    parsed = parse(KEY | places(texts)[field])
    assert parsed.model is not None
    assert len({d.target for d in parsed.declared} | {d.id for d in parsed.model.datasets}) == MOST
    assert [(r.value, r.reason) for r in parsed.rejected] == [(f"{20 * 40 - MOST} more than {MOST}", "too_many")]


def test_as_many_as_the_bound_are_read_whole() -> None:
    parsed = parse(KEY | {"cardData": {"base_model": NAMES[:MOST]}, "baseModels": {"models": NAMES[:MOST]}})
    assert (len({d.target for d in parsed.declared}), parsed.rejected) == (MOST, [])


def test_a_parent_beyond_the_bound_that_is_named_elsewhere_too_keeps_all_its_sources() -> None:
    fields = {"cardData": {"base_model": NAMES[: MOST + 1]}, "config": {"peft": {"base_model_name_or_path": NAMES[0]}}}
    declared = parse(KEY | fields).declared
    assert {d.source for d in declared if d.target == NAMES[0]} == {"card", "adapter_config"}
