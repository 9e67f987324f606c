"""What a record says of its parents: every declaration, from every place where one can stand (see `evidence`)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from crawler.records.references import Unreadable, names_in, read_reference, visible
from crawler.records.values import LONGEST_TEXT, Reader, flat, shown

# The relations that the Hub writes. Strongest first: how much of the parent's weights such a child holds.
HUB_RELATIONS = ("quantized", "adapter", "finetune", "merge")
_TAG = "base_model:"
# Only a relation that the Hub itself writes splits a tag; in `llama:latest` the colon is part of the spelling.
_TYPED = re.compile(rf"(?P<relation>{'|'.join(HUB_RELATIONS)}):(?P<name>.+)", re.DOTALL)
# A graph property should hold a spelling whole; what is longer is cut and says so.
_SAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Declared:
    """One declaration of one parent: `spelling` as found, `target` the repository it denotes."""

    source: str
    spelling: str
    target: str
    relation: str | None = None
    hub_id: str | None = None


class _Found(NamedTuple):
    """A spelling before it is read."""

    source: str
    field: str
    spelling: Any
    relation: str | None = None
    hub_id: str | None = None


class Fields(NamedTuple):
    """The fields of a record where a parent can be declared. Each is read, or rejected, once for all who use it."""

    base_models: dict[str, Any]
    tags: list[str]
    card: dict[str, Any]
    config: dict[str, Any]


def read_fields(record: dict[str, Any], reader: Reader) -> Fields:
    """The fields of `record`; one that is not of its type is rejected, and reads as absent."""
    return Fields(
        base_models=reader.mapping("baseModels", record.get("baseModels")),
        tags=reader.strings("tags", record.get("tags")),
        card=reader.mapping("cardData", record.get("cardData")),
        config=reader.mapping("config", record.get("config")),
    )


def declared_parents(fields: Fields, reader: Reader) -> list[Declared]:
    """Every declaration of a parent, each once; what names nothing a Hub could hold is rejected."""
    found = [
        *_in_base_models(fields.base_models, reader),
        *_in_tags(fields.tags),
        *_in_card(fields.card, reader),
        *_in_adapter_config(fields.config, reader),
    ]
    declared: dict[Declared, None] = {}
    for place in found:
        for target in _targets(place, reader):
            declared[Declared(place.source, _spelling(place.spelling), target, place.relation, place.hub_id)] = None
    # The Hub writes a bare tag beside each typed one: it says nothing of its own.
    typed = {d.spelling for d in declared if d.source == "tag" and d.relation is not None}
    return [d for d in declared if not (d.source == "tag" and d.relation is None and d.spelling in typed)]


def _targets(place: _Found, reader: Reader) -> tuple[str, ...]:
    if not isinstance(place.spelling, str):
        reader.reject(place.field, place.spelling, "not_a_name")
        return ()
    targets = read_reference(place.spelling)
    if isinstance(targets, Unreadable):
        reader.reject(place.field, place.spelling, targets.reason)
        return ()
    return targets


def _spelling(text: str) -> str:
    text = text.strip()
    readable = len(text) <= LONGEST_TEXT and not _SAFE.search(text) and visible(text) == text
    return text if readable else shown(text)


def _in_base_models(base_models: dict[str, Any], reader: Reader) -> Iterator[_Found]:
    relation = _relation("baseModels", base_models.get("relation"), reader)
    for model in flat(base_models.get("models")):
        if not isinstance(model, dict):
            yield _Found("hub", "baseModels", model, relation)
            continue
        name, key = model.get("id"), reader.text("baseModels", model.get("_id"))
        # A base model without a name is still known by its key.
        if name is None or name == "":
            name = key
        if name is None:
            reader.reject("baseModels", model, "no_name")
        else:
            yield _Found("hub", "baseModels", name, relation, key)


def _in_tags(tags: list[str]) -> Iterator[_Found]:
    for tag in tags:
        if tag.startswith(_TAG):
            rest = tag[len(_TAG) :]
            typed = _TYPED.fullmatch(rest)
            if typed:
                yield _Found("tag", "tags", typed["name"], typed["relation"])
            else:
                yield _Found("tag", "tags", rest)


def _in_card(card: dict[str, Any], reader: Reader) -> Iterator[_Found]:
    relation = _relation("cardData.base_model_relation", card.get("base_model_relation"), reader)
    for value in flat(card.get("base_model")):
        for spelling in names_in(value, "model"):
            yield _Found("card", "cardData.base_model", spelling, relation)


def _in_adapter_config(config: dict[str, Any], reader: Reader) -> Iterator[_Found]:
    peft = reader.mapping("config.peft", config.get("peft"))
    for name in flat(peft.get("base_model_name_or_path")):
        yield _Found("adapter_config", "config.peft.base_model_name_or_path", name, "adapter")


def _relation(where: str, value: Any, reader: Reader) -> str | None:
    """The claimed relation in its own words, short enough to keep; only those of HUB_RELATIONS can become an edge's."""
    if isinstance(value, str) and value.strip():
        return shown(value.strip().lower())[:40]
    if value not in (None, "", []):
        reader.reject(where, value, "not_a_relation")
    return None
