"""Records of the listing with anything in any place: what is read, what is not, and people where nobody should be named."""

from typing import Any

from hypothesis import strategies as st

from crawler.records.used import LEFT_OUT, USED
from tests.support.any_json import JSON, TEXTS

KEY = {"_id": "65f0000000000000000000aa", "id": "org/model"}
PEOPLE = (
    "john@example.com", "me+x@mail.example.co.uk", "/home/john/models/x", "C:\\Users\\John Smith\\out", "~john/x",
    "org/model, john@example.com", "john%40example.com", "base_model:john@example.com", "dataset:/Users/john/data",
    "license:john@example.com", "https://huggingface.co/john@example.com", "hf.co/org/model?email=john@example.com",
    "/home/john/.cache/huggingface/hub/models--org--model/snapshots/1", "file:///home/john", "org/model@john@example.com",
)  # fmt: skip
VALUES = JSON | st.sampled_from(PEOPLE) | st.lists(st.sampled_from(PEOPLE) | JSON, max_size=4)


def shaped(shape: Any) -> st.SearchStrategy[Any]:
    """Values of a shape, with other keys beside those that are used, and values of any other type."""
    if not isinstance(shape, dict):
        return VALUES | st.lists(VALUES, max_size=3)
    objects = st.fixed_dictionaries(
        {}, optional={key: shaped(inner) for key, inner in shape.items()} | {"other": VALUES}
    )
    return st.one_of(objects, objects, st.lists(objects | VALUES, max_size=3), VALUES)


def usual(shape: Any) -> st.SearchStrategy[Any]:
    """Values of a shape as almost all records have them."""
    if not isinstance(shape, dict):
        return st.none() | st.booleans() | st.integers(0, 2**70) | TEXTS | st.lists(TEXTS, max_size=3)
    inner = {key: usual(below) for key, below in shape.items()}
    return st.fixed_dictionaries({}, optional=inner | {"other": st.integers() | TEXTS})


_ANY = st.fixed_dictionaries(
    {},
    optional={field: shaped(shape) for field, shape in USED.items()}
    | {"_id": st.just("key") | JSON, "id": st.just("org/model") | TEXTS | JSON, LEFT_OUT: JSON, "siblings": JSON},
)
_USUAL = usual({name: shape for name, shape in USED.items() if name not in KEY})
RECORDS = st.one_of(_ANY, _ANY.map(lambda record: KEY | record), _USUAL.map(lambda record: KEY | record))
