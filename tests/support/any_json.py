"""Whatever a field of the listing may hold: any JSON value, and the values that tempt a parser."""

import string
from typing import Any

from hypothesis import strategies as st

from crawler.records.references import visible

# Surrogates too: JSON can spell half a pair, and Python reads it.
TEXTS = st.one_of(
    st.text(alphabet=st.characters(categories=["L", "N", "P", "Z", "C", "S"]), max_size=40),
    st.sampled_from(
        [
            "", " ", "\x00", "\ud800", "\u2028", "a\x1b[31m", "x" * 600, "org/model", "gpt2", "none", "org/model@main",
            "https://huggingface.co/org/model", "\ufefforg/model\u200b",
            "models--org--model", "hf://org/model", "2026-01-01T00:00:00.000Z", "9999-12-31T23:59:59-23:59", "0001-01-01",
            "mit", "base_model:", "base_model:org/model", "base_model:merge:org/model", "base_model:quantized:",
            "license:mit", "license:", "dataset:squad", "dataset:", "safetensors", "merge", "unknown", "hub:merge",
        ]
    ),
    st.text(alphabet=string.ascii_letters + "/-_. :", max_size=20),
)  # fmt: skip
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.integers(min_value=2**62, max_value=2**70), st.floats(), TEXTS
)
KEYS = st.sampled_from(
    [
        "id", "_id", "models", "relation", "base_model", "base_model_relation", "peft", "base_model_name_or_path",
        "license", "language", "datasets", "model_type", "architectures", "total", "self",
    ]
)  # fmt: skip
JSON: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.one_of(KEYS, TEXTS), inner, max_size=4)),
    max_leaves=8,
)


def says_something(value: Any) -> bool:
    """Whether there is more in a value than nulls, blanks and quotes."""
    if isinstance(value, list):
        return any(map(says_something, value))
    return bool(visible(value).strip("\"'`<>[]()").strip()) if isinstance(value, str) else value not in (None, {})
