"""A document that is written as it is made is the one that is made first and written then."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from crawler.exports.written import Named, pieces
from tests.support.any_json import JSON
from tests.support.exported import STEERING

LONG: st.SearchStrategy[Any] = st.builds(list, st.lists(JSON, max_size=4)) | st.dictionaries(
    st.text(), JSON, max_size=4
)


@given(st.dictionaries(st.text(), JSON, min_size=1, max_size=3), st.lists(LONG, max_size=3))
def test_members_that_are_made_one_by_one_stand_where_a_list_or_an_object_would(
    fields: dict[str, Any], long: list[list[Any] | dict[str, Any]]
) -> None:
    whole = fields | {f"long {place}": value for place, value in enumerate(long)}
    made = fields | {
        f"long {place}": Named(value.items()) if isinstance(value, dict) else iter(value)
        for place, value in enumerate(long)
    }
    text = "".join(pieces(made))
    assert json.loads(text) == json.loads(json.dumps(whole))
    assert not STEERING.search(text)
    assert text.count("\n") >= len(whole) + sum(map(len, long)) + 1, "each field and each member has a line"
