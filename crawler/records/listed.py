"""The records of a page as they are kept, from its bytes: what `used.kept` makes of them, for a quarter of the processor time.

Almost every record has the form that is described here: it is read, cut to what is used and written by msgspec. A record
with anything else in a place that is used goes through `used.kept`. A test compares both.
"""

from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType, field

from crawler.records.page import has_too_many_values, read_page, read_record, too_many
from crawler.records.redaction import may_be_redacted
from crawler.records.used import LEFT_OUT, is_used, kept_text

_Text = str | UnsetType | None
_Names = str | list[str] | UnsetType | None
# A fraction is no count, but it is kept: as an integer alone, msgspec would take 1.0 for 1.
_Count = int | float | UnsetType | None
_Flag = bool | UnsetType | None


class _Part(Struct):
    """An object within a record."""

    left_out: UnsetType | None = field(name=LEFT_OUT, default=UNSET)


class _Parent(Struct):
    key: _Text = field(name="_id", default=UNSET)
    id: _Text = UNSET


class _BaseModels(_Part):
    relation: _Text = UNSET
    models: list[_Parent] | UnsetType = UNSET


class _Card(_Part):
    base_model: _Names = UNSET
    base_model_relation: _Text = UNSET
    datasets: _Names = UNSET
    language: _Names = UNSET
    license: _Names = UNSET
    new_version: _Text = UNSET
    source_datasets: _Names = UNSET


class _Peft(Struct):
    base_model_name_or_path: _Text = UNSET


class _Quantization(Struct):
    quant_method: _Text = UNSET


class _Config(_Part):
    architectures: _Names = UNSET
    model_type: _Text = UNSET
    peft: _Peft | UnsetType | None = UNSET
    quantization_config: _Quantization | UnsetType | None = UNSET


class _Gguf(_Part):
    architecture: _Text = UNSET
    total: _Count = UNSET


class _Safetensors(_Part):
    total: _Count = UNSET


class _Provider(Struct):
    provider: _Text = UNSET
    status: _Text = UNSET


class Listed(Struct):
    """A record as almost all are. Its keys are those of `USED`, in the order in which `kept` writes them."""

    key: str = field(name="_id")
    id: str
    author: _Text = UNSET
    base_models: _BaseModels | UnsetType | None = field(name="baseModels", default=UNSET)
    card: _Card | UnsetType | None = field(name="cardData", default=UNSET)
    config: _Config | UnsetType | None = UNSET
    created_at: _Text = field(name="createdAt", default=UNSET)
    disabled: _Flag = UNSET
    gated: bool | str | UnsetType | None = UNSET
    gguf: _Gguf | UnsetType | None = UNSET
    providers: list[_Provider] | UnsetType | None = field(name="inferenceProviderMapping", default=UNSET)
    last_modified: _Text = field(name="lastModified", default=UNSET)
    library_name: _Text = UNSET
    pipeline_tag: _Text = UNSET
    private: _Flag = UNSET
    safetensors: _Safetensors | UnsetType | None = UNSET
    sha: _Text = UNSET
    tags: list[str] | UnsetType | None = UNSET
    downloads: _Count = UNSET
    likes: _Count = UNSET


class _Parts(Struct):
    """The objects of a record, as they are written."""

    base_models: msgspec.Raw = field(name="baseModels", default=msgspec.Raw())
    card: msgspec.Raw = field(name="cardData", default=msgspec.Raw())
    config: msgspec.Raw = msgspec.Raw()
    gguf: msgspec.Raw = msgspec.Raw()
    safetensors: msgspec.Raw = msgspec.Raw()


_NOTHING = {
    "base_models": _BaseModels(),
    "card": _Card(),
    "config": _Config(),
    "gguf": _Gguf(),
    "safetensors": _Safetensors(),
}
_MARK = f'"{LEFT_OUT}"'.encode()
_cut = msgspec.json.Decoder(list[msgspec.Raw]).decode
_listed = msgspec.json.Decoder(Listed).decode
_parts = msgspec.json.Decoder(_Parts).decode
_encoded = msgspec.json.Encoder().encode
_OF_MSGSPEC = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError)


def kept_records(body: bytes, at_most: int | None = None) -> list[bytes]:
    """What is kept of each record of a page, as JSON. Raises PageError as `read_page` does."""
    records = None if has_too_many_values(body) else _records(body)
    if records is None:
        return [kept_text(record) for record in read_page(body, at_most)]
    if at_most is not None and len(records) > at_most:
        raise too_many(at_most)
    return [_kept(record) or kept_text(read_record(bytes(record))) for record in records]


def _records(body: bytes) -> list[msgspec.Raw] | None:
    """The records of a page as they are written; None where msgspec cannot tell them apart."""
    try:
        return _cut(body)
    except _OF_MSGSPEC:
        return None


def _kept(written: msgspec.Raw) -> bytes | None:
    """What is kept of a record of the usual form that names nobody; None for any other."""
    try:
        record = _listed(written)
    except _OF_MSGSPEC:
        return None
    if record.tags:
        used: list[Any] = [tag for tag in record.tags if is_used(tag)]
        record.tags = used or [None]
    text = _encoded(record)
    if _MARK in text:
        return None
    whole = _marked(record, _parts(written)) if b"{}" in text else text
    return None if whole is None or may_be_redacted(whole.decode().lower()) else whole


def _marked(record: Listed, written: _Parts) -> bytes | None:
    """The record with a mark in each object that held only what is not used; None where one lies deeper."""
    empty = 0
    for name, nothing in _NOTHING.items():
        part = getattr(record, name)
        if part == nothing:
            if bytes(getattr(written, name))[1:-1].strip():
                part.left_out = None
            else:
                empty += 1
    text = _encoded(record)
    return text if text.count(b"{}") == empty else None
