"""Real records of two years: each is taken, or rejected with a reason."""

from collections import Counter
from pathlib import Path

import pytest

from crawler.records.record import Parsed, parse
from tests.support.replays import lines

pytestmark = pytest.mark.replay


def tell(what: str, parsed: list[Parsed], capsys: pytest.CaptureFixture[str]) -> None:
    taken = sum(one.model is not None for one in parsed)
    reasons = Counter(f"{r.field}: {r.reason}" for one in parsed for r in one.rejected)
    with capsys.disabled():
        print(f"\n{what}: {len(parsed)} records, {taken} taken; rejected: {dict(reasons.most_common())}")


def test_each_record_of_the_listing_of_2022_is_taken(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    records = list(lines(data / "api-2022.jsonl.gz"))
    for number, record in enumerate(records):
        record["_id"], record["id"] = f"{number:024x}", record["modelId"]
    parsed = [parse(record) for record in records]
    tell("api-2022", parsed, capsys)
    assert len(parsed) == 29_432
    assert [one.model.id for one in parsed if one.model] == [record["modelId"] for record in records]
    # Only fields that hold no name of anything were rejected, never a model.
    assert {r.field for one in parsed for r in one.rejected} <= {"datasets", "license"}


def test_each_complete_record_of_2025_is_taken_or_rejected_with_a_reason(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    records = list(lines(data / "full-records-2025.jsonl.gz"))
    parsed = [parse(record) for record in records]
    tell("full-records-2025", parsed, capsys)
    assert len(parsed) == 1_325
    without_key = {record["id"] for record in records if "_id" not in record}
    assert {r.id for one in parsed if one.model is None for r in one.rejected} == without_key
    assert len(without_key) == 1
    for record, one in zip(records, parsed, strict=True):
        if one.model is not None:
            card = record["cardData"].get("base_model") or []
            declared = {text for text in ([card] if isinstance(card, str) else card) if text}
            assert declared <= {d.spelling for d in one.declared if d.source == "card"} | {
                r.value for r in one.rejected if r.field == "cardData.base_model"
            }
            tags = {tag.split(":")[-1] for tag in record["tags"] if tag.startswith("base_model:")}
            assert tags == {d.spelling for d in one.declared if d.source == "tag"}
