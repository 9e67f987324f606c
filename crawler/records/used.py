"""What is used of a record: the keys that the parser reads. `kept` leaves out the rest before anything is stored.

A card holds what its author liked to write: texts of widgets, prompts of gates, telephone numbers. The archive gets none
of it. A test compares `USED` with what the parser reads, and `parse(kept(record))` with `parse(record)`.
"""

import json
from collections.abc import Callable
from typing import Any, Final

from crawler.records.page import UnreadableRecord, read_page
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
    if isinstance(record, UnreadableRecord):
        return {LEFT_OUT: [record.key, record.text]}
    return _kept(record, USED)


def _kept(value: Any, shape: Shape) -> Any:
    kind = type(value)
    if kind is str:
        return redacted(value)
    if kind is dict:
        used = {key: _kept(value[key], shape[key]) for key in value if key in shape} if type(shape) is dict else {}
        return used or ({LEFT_OUT: None} if value else used)
    if kind is list:
        items: list[Any] = []
        for item in flat(value):
            if type(item) is not str:
                items.append(_kept(item, shape))
            elif not callable(shape) or shape(item):
                items.append(redacted(item))
        return items or ([None] if value else items)
    return value


def kept_page(records: list[Any]) -> bytes:
    """The page that is stored of `records`."""
    text = json.dumps([kept(record) for record in records], ensure_ascii=False, separators=(",", ":"))
    # A text may hold half a surrogate pair.
    return text.encode("utf-8", "surrogatepass")


def read_kept_page(body: bytes) -> list[Any]:
    """The records of a page that `kept_page` made; raises PageError for anything else."""
    return [_unreadable(record) or record for record in read_page(body)]


def _unreadable(record: Any) -> UnreadableRecord | None:
    match record:
        case {"...": [str() | None as key, str() as text]}:
            return UnreadableRecord(key, text)
    return None
