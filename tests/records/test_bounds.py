"""The first and last key and time of a page come from records that the parser takes, and from no others."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.records.bounds import Bounds
from crawler.records.bounds import bounds_of as bounds_of_kept
from crawler.records.page import UnreadableRecord
from crawler.records.used import kept_text
from tests.support.any_json import JSON


def bounds_of(page: list[Any]) -> Bounds:
    return bounds_of_kept([kept_text(record) for record in page])


def listed(number: int, **fields: Any) -> dict[str, Any]:
    """A record whose key and times grow with its number."""
    times = {"createdAt": f"2026-01-{number:02}T00:00:00.000Z", "lastModified": f"2026-02-{number:02}T00:00:00.000Z"}
    return {"_id": f"{number:024x}", "id": f"org/m{number}", **times} | fields


PAGE = [listed(1), listed(2)]
WHOLE = Bounds(
    first_key=f"{1:024x}",
    last_key=f"{2:024x}",
    last_created_at="2026-01-02T00:00:00.000Z",
    first_modified_at="2026-02-01T00:00:00.000Z",
    last_modified_at="2026-02-02T00:00:00.000Z",
)
NOTHING = Bounds(None, None, None, None, None)


def test_the_bounds_are_those_of_the_first_and_the_last_record() -> None:
    assert bounds_of(PAGE) == WHOLE


def test_a_page_without_models_has_no_bounds() -> None:
    assert bounds_of([]) == bounds_of([None, "x", {}, UnreadableRecord("k", "")]) == NOTHING


ODD = [
    pytest.param({"_id": "zzz", "id": "org/odd"}, id="a key that is not of the Hub's form"),
    pytest.param({"_id": "absent:org/x", "id": "org/odd"}, id="a key that the parser rejects"),
    pytest.param({"_id": "f" * 24, "id": "a name"}, id="a name that the parser rejects"),
    pytest.param({"_id": "f" * 24}, id="no name"),
    pytest.param({"_id": 7, "id": "org/odd"}, id="a number as key"),
    pytest.param(UnreadableRecord("f" * 24, ""), id="a record that cannot be read"),
    pytest.param(None, id="null"),
]


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_record_at_an_edge_moves_no_bound(odd: Any) -> None:
    if isinstance(odd, dict):
        odd |= {"createdAt": "tomorrow", "lastModified": 7}
    assert bounds_of([odd, *PAGE]) == bounds_of([*PAGE, odd]) == bounds_of([odd, *PAGE, odd]) == WHOLE


@pytest.mark.parametrize("time", ["tomorrow", "", 7, None, "1969-12-31T23:59:59Z", ["2026-01-01"]])
def test_an_odd_time_costs_the_bounds_nothing_but_itself(time: Any) -> None:
    page = [listed(1), listed(2), listed(3, createdAt=time, lastModified=time)]
    assert bounds_of(page) == Bounds(
        first_key=f"{1:024x}",
        last_key=f"{3:024x}",
        last_created_at="2026-01-02T00:00:00.000Z",
        first_modified_at="2026-02-01T00:00:00.000Z",
        last_modified_at="2026-02-02T00:00:00.000Z",
    )


def test_the_keys_of_a_listing_without_keys_of_the_hubs_form_all_count() -> None:
    keys = ["k1", "k2", "k3"]
    found = bounds_of([{"_id": key, "id": f"org/{key}"} for key in keys])
    assert (found.first_key, found.last_key) == ("k1", "k3")


@given(st.lists(JSON | st.fixed_dictionaries({"_id": JSON, "id": JSON, "createdAt": JSON, "lastModified": JSON})))
def test_whatever_is_on_a_page_its_bounds_can_be_told(page: list[Any]) -> None:
    found = bounds_of(page)
    assert (found.first_key is None) == (found.last_key is None)
