"""What is used of a record: the keys that the parser reads. `kept` leaves out the rest before anything is stored.

A card holds what its author liked to write: texts of widgets, prompts of gates, telephone numbers. The archive gets none
of it. A test compares `USED` with what the parser reads, and `parse(kept(record))` with `parse(record)`.
"""

import json
from collections.abc import Callable
from typing import Any, Final

import msgspec

from crawler.records.page import UnreadableRecord, kept_unreadable
from crawler.records.redaction import may_be_redacted, redacted
from crawler.records.references import NAME_KEYS
from crawler.records.values import flat

WEIGHT_FORMATS: Final = frozenset(
    {
        "coreml", "ggml", "gguf", "jax", "joblib", "keras", "litert", "mlx", "onnx", "openvino",
        "paddlepaddle", "pickle", "pytorch", "rust", "safetensors", "tensorrt", "tf", "tflite",
    }
)  # fmt: skip
# Tags and fields that show how a model was made where no declaration says it.
MARKERS: Final = frozenset({"mergekit", "peft"})
PARENT_TAG: Final = "base_model:"
LICENSE_TAG: Final = "license:"
DATASET_TAG: Final = "dataset:"


def is_used(tag: str) -> bool:
    """Whether the parser reads the tag."""
    return tag.startswith((PARENT_TAG, LICENSE_TAG, DATASET_TAG)) or tag in WEIGHT_FORMATS or tag.lower() in MARKERS


# What is read of a value: the keys of an object; of a text, whether it is read at all; or None: all of a text or number.
Shape = dict[str, Any] | Callable[[str], bool] | None

_MODEL_NAMES: Final[Shape] = dict.fromkeys(NAME_KEYS["model"])
_DATASET_NAMES: Final[Shape] = dict.fromkeys(NAME_KEYS["dataset"])
USED: Final[dict[str, Shape]] = {
    "_id": None,
    "id": None,
    "author": None,
    "baseModels": {"relation": None, "models": {"_id": None, "id": None}},
    "cardData": {
        "base_model": _MODEL_NAMES,
        "base_model_relation": None,
        "datasets": _DATASET_NAMES,
        "language": None,
        "license": None,
        "new_version": None,
    },
    "config": {
        "architectures": None,
        "model_type": None,
        "peft": {"base_model_name_or_path": None},
        "quantization_config": {"quant_method": None},
    },
    "createdAt": None,
    "disabled": None,
    "downloads": None,
    "gated": None,
    "gguf": {"architecture": None, "total": None},
    "lastModified": None,
    "library_name": None,
    "likes": None,
    "pipeline_tag": None,
    "private": None,
    "safetensors": {"total": None},
    "sha": None,
    "tags": is_used,
}
# The fields a crawl asks the listing for, and nothing else: https://huggingface.co/docs/hub/api
EXPAND: Final = tuple(field for field in USED if field not in ("_id", "id"))
# Stands where an object held only what is not used: whether it was empty counts.
LEFT_OUT: Final = "..."


def kept(record: Any) -> Any:
    """What is kept of an object of the listing: its used values as they are, people taken out of its texts.

    A list within a list is written flat, as it is read. A record that cannot be read leaves its key and its beginning.
    """
    unread = record if isinstance(record, UnreadableRecord) else kept_unreadable(record)
    if unread is not None:
        return {LEFT_OUT: [unread.key, unread.text]}
    return _kept(record, USED, _AS_THEY_ARE)


def kept_page(records: list[Any]) -> bytes:
    """The page that is stored of `records`."""
    return b"[" + b",".join(map(_kept_text, records)) + b"]"


# The types of values in which nobody can be named.
_AS_THEY_ARE: Final[frozenset[type]] = frozenset({bool, int, float, type(None)})
# Those that the fast encoder writes as they are: a float may be NaN.
_FAST: Final[frozenset[type]] = frozenset({bool, int, str, type(None)})
_encoded = msgspec.json.Encoder().encode


def _kept_text(record: Any) -> bytes:
    """`kept`, as JSON. Most records name nobody: they are looked at once, as a whole."""
    try:
        if type(record) is dict and LEFT_OUT not in record:
            fast = _encoded(_kept(record, USED, _FAST))
            if not may_be_redacted(fast.decode().lower()):
                return fast
    except (ValueError, OverflowError, TypeError):  # half a surrogate pair, a number of many digits, a fraction
        pass
    return json.dumps(kept(record), ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def _kept(value: Any, shape: Shape, plain: frozenset[type]) -> Any:
    """`value` without what `shape` does not use; other types than `plain` are looked at, texts among them redacted."""
    kind = type(value)
    if kind in plain:
        return value
    if kind is str:
        return redacted(value)
    if kind is list:
        return _kept_items(value, shape, plain) or ([None] if value else [])
    if kind is not dict:
        raise TypeError(f"a {kind.__name__} is not written fast")
    used = {}
    if type(shape) is dict:
        for key, inner in value.items():
            if key in shape:
                used[key] = inner if type(inner) in plain else _kept(inner, shape[key], plain)
    return used or ({LEFT_OUT: None} if value else used)


def _kept_items(value: list[Any], shape: Shape, plain: frozenset[type]) -> list[Any]:
    if not callable(shape):
        return [_kept(item, shape, plain) for item in flat(value)]
    return [_kept(item, None, plain) for item in flat(value) if type(item) is not str or shape(item)]
