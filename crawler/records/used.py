"""What is used of a record: the keys that the parser reads. `kept` leaves out the rest before anything is stored.

A card holds what its author liked to write: texts of widgets, prompts of gates, telephone numbers. The archive gets none
of it. A test compares `USED` with what the parser reads, and `parse(kept(record))` with `parse(record)`.
"""

import json
from collections.abc import Callable
from typing import Any, Final

from crawler.records.page import UnreadableRecord, kept_unreadable
from crawler.records.redaction import redacted
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
PAPER_TAGS: Final = ("arxiv:", "doi:")


_PREFIXES: Final = (PARENT_TAG, LICENSE_TAG, DATASET_TAG, *PAPER_TAGS)


def is_used(tag: str) -> bool:
    """Whether the parser reads the tag."""
    return tag.startswith(_PREFIXES) or tag in WEIGHT_FORMATS or tag.lower() in MARKERS


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
        "source_datasets": _DATASET_NAMES,
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
    "inferenceProviderMapping": {"provider": None, "status": None},
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
# Of data sets: their listing knows fewer fields.
DATASET_EXPAND: Final = tuple(
    field
    for field in EXPAND
    if field
    not in ("baseModels", "config", "gguf", "inferenceProviderMapping", "library_name", "pipeline_tag", "safetensors")
)
POPULARITY: Final = ("downloads", "likes")
# What changes most is written last: a record that is as it was begins as it did.
_ORDERED: Final[Shape] = {name: USED[name] for name in sorted(USED, key=lambda name: name in POPULARITY)}
# Stands where an object held only what is not used: whether it was empty counts.
LEFT_OUT: Final = "..."


def kept(record: Any) -> Any:
    """What is kept of an object of the listing: its used values as they are, people taken out of its texts.

    The keys of an object are written in one order. A list within a list is written flat, as it is read. A record that
    cannot be read leaves its key and its beginning.
    """
    unread = record if isinstance(record, UnreadableRecord) else kept_unreadable(record)
    if unread is not None:
        return {LEFT_OUT: [unread.key, unread.text]}
    return _kept(record, _ORDERED)


def kept_text(record: Any) -> bytes:
    """`kept`, as JSON. `crawler.records.listed` writes the same, faster."""
    return as_text(kept(record))


def as_text(kept_record: Any) -> bytes:
    """What is stored of what `kept` returns."""
    return json.dumps(kept_record, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def _kept(value: Any, shape: Shape) -> Any:
    """`value` without what `shape` does not use."""
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, list):
        return _kept_items(value, shape) or ([None] if value else [])
    if not isinstance(value, dict):
        return value
    inner = shape if isinstance(shape, dict) else {}
    return {key: _kept(value[key], inner[key]) for key in inner if key in value} or ({LEFT_OUT: None} if value else {})


def _kept_items(value: list[Any], shape: Shape) -> list[Any]:
    if not callable(shape):
        return [_kept(item, shape) for item in flat(value)]
    return [_kept(item, None) for item in flat(value) if not isinstance(item, str) or shape(item)]
