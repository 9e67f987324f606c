"""Which files of a repository hold its weights. Pure: from the Hub's list of its files."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Final

import msgspec

# A smaller file holds a test's random weights, or none: that two such files are equal says nothing.
LEAST_SIZE: Final = 2**20
_WEIGHTS: Final = re.compile(
    r"\.(?:safetensors|bin|gguf|ggml|pt|pth|ckpt|h5|msgpack|onnx|onnx_data|tflite|ot|nemo|mlmodel|npz)$", re.IGNORECASE
)
# What lies beside the weights: of training and text processing, and the eyes of a GGUF model (mmproj). Many models share
# these files without sharing weights.
_OTHER: Final = re.compile(
    r"tokeni[sz]er|vocab|sentencepiece|spiece|optimi[sz]er|scheduler|rng_state|scaler|training_?args|_optim_states|train(?:er|ing)_state"
    r"|random_states|(?:^|/)mmproj|(?:^|/)global_step\d+/|imatrix|calibration",
    re.IGNORECASE,
)
# The files that belong together, by their names, in SQL: all of one extension. Of GGUF, the shards of one model: a repository
# collects many.
SET_SQL: Final = r"""CASE WHEN lower(name) LIKE '%.gguf' THEN regexp_replace(lower(name), '-[0-9]+-of-[0-9]+[.]gguf$', '.gguf')
ELSE regexp_extract(lower(name), '[^.]+$') END"""
_SHA256: Final = re.compile("[0-9a-f]{64}")
_LARGEST: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class WeightFile:
    """A file that holds weights, by the Hub's list: its path in the repository, its size in bytes and its SHA-256."""

    name: str
    size: Annotated[int, msgspec.Meta(ge=0, le=_LARGEST)]
    sha256: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


def weight_files(siblings: Any) -> tuple[WeightFile, ...]:
    """The weight files among `siblings`, which is whatever the Hub's record has there, by name."""
    entries: Iterable[Any] = siblings if isinstance(siblings, list) else ()
    found = {file.name: file for entry in entries if (file := _weight_file(entry)) is not None}
    return tuple(found[name] for name in sorted(found))


def _weight_file(entry: Any) -> WeightFile | None:
    """A file of the list; None where it holds no weights, or is not stored with a SHA-256."""
    lfs = entry.get("lfs") if isinstance(entry, dict) else None
    if not isinstance(lfs, dict):
        return None
    name, size, sha256 = entry.get("rfilename"), lfs.get("size"), lfs.get("sha256")
    if not isinstance(name, str) or not isinstance(sha256, str) or type(size) is not int:
        return None
    if not LEAST_SIZE <= size <= _LARGEST or _SHA256.fullmatch(sha256) is None:
        return None
    return WeightFile(name, size, sha256) if _WEIGHTS.search(name) and not _OTHER.search(name) else None
