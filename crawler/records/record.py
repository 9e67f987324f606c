"""From one object of the Hub's listings to typed rows: the repository, the parents that it declares, and what is rejected.

A data set is a repository as a model is: what only models have stays empty.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct

from crawler.records.declarations import Declared, Fields, declared_parents, declared_sources, read_fields
from crawler.records.page import UnreadableRecord, kept_unreadable
from crawler.records.redaction import masked, redacted
from crawler.records.references import Unreadable, names_in, read_reference
from crawler.records.used import DATASET_TAG, EXPAND, LICENSE_TAG, MARKERS, PAPER_TAGS, WEIGHT_FORMATS, is_used
from crawler.records.values import MOST, Reader, Rejected, flat

_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NAME = re.compile(r"[^\s\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,300}")
_REVISION = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_BITS = {name: 1 << number for number, name in enumerate(EXPAND)}
# What the Hub says of a provider that serves the model; others only try it (staging), or fail to (error).
SERVED = "live"
_LICENSE = re.compile(r"[a-z0-9][a-z0-9._+-]{0,99}")
# What can stand behind https://arxiv.org/abs/ and https://doi.org/ as it is.
_PAPER = re.compile(
    r"arxiv:(?:\d{4}\.\d{4,5}|[a-z-]{1,20}(?:\.[A-Z]{2})?/\d{7})(?:v\d{1,3})?|doi:10\.\d{4,9}/[A-Za-z0-9._;()/:-]{1,200}",
    re.ASCII,
)


class Dataset(Struct, frozen=True):
    """A dataset that a model was trained on, and the sources that say so (tag, card)."""

    id: str
    sources: tuple[str, ...]


class Model(Struct, frozen=True):
    """A listed repository, a model or a data set. `key` is the Hub's immutable `_id`; times are milliseconds since 1970, UTC.

    `fields` has a bit for each field of EXPAND, in its order, that the record carries.
    """

    key: str
    id: str
    owner: str | None = None
    created_at: int | None = None
    modified_at: int | None = None
    revision: str | None = None
    downloads: int | None = None
    likes: int | None = None
    gated: str | None = None
    disabled: bool | None = None
    pipeline_tag: str | None = None
    library: str | None = None
    licenses: tuple[str, ...] = ()
    model_type: str | None = None
    architectures: tuple[str, ...] = ()
    parameters: int | None = None
    weight_formats: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    datasets: tuple[Dataset, ...] = ()
    papers: tuple[str, ...] = ()
    has_card: bool = False
    quantization: str | None = None
    gguf_architecture: str | None = None
    markers: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    new_version: str | None = None
    fields: int = 0


@dataclass(frozen=True, slots=True)
class Parsed:
    """What an object of the listing holds. `model` is None if the whole object was rejected."""

    model: Model | None = None
    declared: list[Declared] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)


def parse(record: Any) -> Parsed:
    """Read one object of the listing of models. Never raises: what cannot be used is rejected with its reason."""
    return _parsed(record, _read_model)


def parse_dataset(record: Any) -> Parsed:
    """Read one object of the listing of data sets, as `parse` does; its parents are the data sets that it is made from."""
    return _parsed(record, _read_dataset)


def _parsed(record: Any, read: Callable[[str, str, dict[str, Any], Reader], tuple[Model, list[Declared]]]) -> Parsed:
    unread = record if isinstance(record, UnreadableRecord) else kept_unreadable(record)
    if unread is not None:
        reader = Reader(unread.key, None)
        reader.reject("record", unread.text, "unreadable")
        return Parsed(rejected=reader.rejected)
    if not isinstance(record, dict):
        reader = Reader(None, None)
        reader.reject("record", record, "not_an_object")
        return Parsed(rejected=reader.rejected)
    reader, private = Reader(*_key_and_name(record)), record.get("private")
    if reader.model is None:
        reader.reject("_id", record.get("_id"), "no_key")
    elif reader.id is None:
        reader.reject("id", record.get("id"), "no_name")
    elif private is not None and private is not False:
        # The token's owner can see this model, but the graph is public. A flag that is unreadable counts as private.
        reader.reject("private", private, "private" if private is True else "not_a_flag")
    else:
        return Parsed(*read(reader.model, reader.id, record, reader), reader.rejected)
    return Parsed(rejected=reader.rejected)


def identity(record: Any) -> tuple[str, str] | None:
    """The key and the name of an object of the listing; None if one is missing or invalid, so `parse` takes no model."""
    key, name = _key_and_name(record) if isinstance(record, dict) else (None, None)
    return None if key is None or name is None else (key, name)


def _key_and_name(record: dict[str, Any]) -> tuple[str | None, str | None]:
    key, name = record.get("_id"), record.get("id")
    return (
        key if isinstance(key, str) and _KEY.fullmatch(key) else None,
        # No model has an e-mail address or a path as its name.
        name if isinstance(name, str) and _NAME.fullmatch(name) and not masked(redacted(name)) else None,
    )


def _read_model(key: str, name: str, record: dict[str, Any], reader: Reader) -> tuple[Model, list[Declared]]:
    fields = read_fields(record, reader)
    return _model(key, name, record, fields, reader), declared_parents(fields, reader)


def _read_dataset(key: str, name: str, record: dict[str, Any], reader: Reader) -> tuple[Model, list[Declared]]:
    tags = reader.strings("tags", record.get("tags"), is_used)
    card = reader.mapping("cardData", record.get("cardData"))
    dataset = Model(
        **_of_repository(key, name, record, reader),
        licenses=_licenses(card, tags, reader),
        languages=_languages(card, reader),
        has_card=isinstance(record.get("cardData"), dict),
        fields=_carried(record),
    )
    return dataset, declared_sources(card, reader)


def _of_repository(key: str, name: str, record: dict[str, Any], reader: Reader) -> dict[str, Any]:
    """What a model and a data set have alike, by the names of the fields."""
    return {
        "key": key,
        "id": name,
        "owner": (name.partition("/")[0] or None) if "/" in name else reader.text("author", record.get("author")),
        "created_at": reader.time("createdAt", record.get("createdAt")),
        "modified_at": reader.time("lastModified", record.get("lastModified")),
        "revision": _revision(record, reader),
        "downloads": reader.integer("downloads", record.get("downloads")),
        "likes": reader.integer("likes", record.get("likes")),
        "gated": _gated(record.get("gated"), reader),
        "disabled": reader.flag("disabled", record.get("disabled")),
    }


def _model(key: str, name: str, record: dict[str, Any], fields: Fields, reader: Reader) -> Model:
    tags, card, config = fields.tags, fields.card, fields.config
    gguf = reader.mapping("gguf", record.get("gguf"))
    return Model(
        **_of_repository(key, name, record, reader),
        pipeline_tag=reader.text("pipeline_tag", record.get("pipeline_tag")),
        library=reader.text("library_name", record.get("library_name")),
        licenses=_licenses(card, tags, reader),
        model_type=reader.text("config.model_type", config.get("model_type")),
        architectures=tuple(reader.texts("config.architectures", config.get("architectures"))),
        parameters=_parameters(record, gguf, reader),
        weight_formats=tuple(sorted(WEIGHT_FORMATS.intersection(tags).union({"gguf"} if gguf else ()))),
        languages=_languages(card, reader),
        datasets=_datasets(card, tags, reader),
        papers=_papers(tags, reader),
        has_card=isinstance(record.get("cardData"), dict),
        quantization=_quantization(config, reader),
        gguf_architecture=reader.text("gguf.architecture", gguf.get("architecture")),
        markers=_markers(record, config, tags),
        providers=_providers(record, reader),
        new_version=reader.text("cardData.new_version", card.get("new_version")),
        fields=_carried(record),
    )


def _providers(record: dict[str, Any], reader: Reader) -> tuple[str, ...]:
    """The inference providers that serve it now, sorted by name: the Hub orders them by the settings of the token's owner."""
    name, found = "inferenceProviderMapping", set()
    for one in reader.first(name, flat(record.get(name))):
        entry = reader.mapping(name, one)
        provider = reader.text(f"{name}.provider", entry.get("provider"))
        status = reader.text(f"{name}.status", entry.get("status"))
        if provider is not None and status == SERVED:
            found.add(provider)
    return tuple(sorted(found))


def _carried(record: dict[str, Any]) -> int:
    """The fields of EXPAND that the record carries, as bits: null and empty values count as absent."""
    carried = 0
    for name, bit in _BITS.items():
        value = record.get(name)
        if value or value is False or value == 0:
            carried |= bit
    return carried


def _revision(record: dict[str, Any], reader: Reader) -> str | None:
    """The commit at the head of the repository, as git writes its SHA-1 or SHA-256."""
    text = record.get("sha")
    if isinstance(text, str) and _REVISION.fullmatch(text):
        return text
    text = reader.text("sha", text)
    if text is None or _REVISION.fullmatch(text):
        return text
    reader.reject("sha", text, "not_a_revision")
    return None


def _quantization(config: dict[str, Any], reader: Reader) -> str | None:
    """The method by which the weights were quantized; `unknown` if the configuration does not name it."""
    made = reader.mapping("config.quantization_config", config.get("quantization_config"))
    method = reader.text("config.quantization_config", made.get("quant_method"))
    return method.lower() if method else "unknown" if made else None


def _markers(record: dict[str, Any], config: dict[str, Any], tags: list[str]) -> tuple[str, ...]:
    found = {tag.lower() for tag in tags}
    if record.get("library_name") == "peft" or isinstance(config.get("peft"), dict):
        found.add("peft")
    return tuple(sorted(MARKERS & found))


def _gated(value: Any, reader: Reader) -> str | None:
    if value is False or value is None:
        return None if value is None else "false"
    if value in ("auto", "manual"):
        return str(value)
    reader.reject("gated", value, "not_a_gate")
    return None


def _parameters(record: dict[str, Any], gguf: dict[str, Any], reader: Reader) -> int | None:
    safetensors = reader.mapping("safetensors", record.get("safetensors"))
    total = reader.integer("safetensors.total", safetensors.get("total"))
    return reader.integer("gguf.total", gguf.get("total")) if total is None else total


def _licenses(card: dict[str, Any], tags: list[str], reader: Reader) -> tuple[str, ...]:
    declared = reader.texts("cardData.license", card.get("license"))
    tagged = [tag.removeprefix(LICENSE_TAG) for tag in tags if tag.startswith(LICENSE_TAG)]
    found: dict[str, None] = {}
    for text in reader.first("license", [*declared, *tagged]):
        if _LICENSE.fullmatch(text.lower()):
            found[text.lower()] = None
        else:
            reader.reject("license", text, "not_a_license_id")
    return tuple(found)


def _papers(tags: list[str], reader: Reader) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for tag in tags:
        if _PAPER.fullmatch(tag):
            found[tag] = None
        elif tag.startswith(PAPER_TAGS):
            reader.reject("tags", tag, "not_a_paper")
    return tuple(found)


def _languages(card: dict[str, Any], reader: Reader) -> tuple[str, ...]:
    # YAML 1.1 reads `no`, the code of Norwegian, as false.
    language = card.get("language")
    if language is None:
        return ()
    codes = ["no" if item is False else item for item in flat(language)]
    return tuple(reader.texts("cardData.language", codes))


def _datasets(card: dict[str, Any], tags: list[str], reader: Reader) -> tuple[Dataset, ...]:
    spelled = [("tag", tag.removeprefix(DATASET_TAG)) for tag in tags if tag.startswith(DATASET_TAG)]
    named = [name for value in flat(card.get("datasets")) for name in names_in(value, "dataset")]
    if named:
        spelled += [("card", text) for text in reader.texts("cardData.datasets", named, names=True)]
    if not spelled:
        return ()
    names: dict[str, str] = {}
    sources: dict[str, dict[str, None]] = {}
    beyond: set[str] = set()  # one text can name several data sets
    for source, text in spelled:
        targets = read_reference(text, "dataset")
        if isinstance(targets, Unreadable):
            reader.reject("datasets", text, targets.reason)
            continue
        for target in targets:
            if target.lower() not in names and len(names) == MOST:
                beyond.add(target.lower())
                continue
            names.setdefault(target.lower(), target)
            sources.setdefault(target.lower(), {})[source] = None
    reader.too_many("datasets", len(beyond))
    return tuple(Dataset(names[lower], tuple(sources[lower])) for lower in names)
