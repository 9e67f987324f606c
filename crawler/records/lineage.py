"""What a record says of its parents: every declaration, from every place where one can stand (see `evidence`)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from crawler.records.references import Unreadable, read_reference
from crawler.records.values import LONGEST_TEXT, Reader, flat, shown

# The relations that the Hub writes. Strongest first: how much of the parent's weights such a child holds.
HUB_RELATIONS = ("quantized", "adapter", "finetune", "merge")
# Where a name stands in an object that was written where a name belongs.
_NAME_KEYS = ("id", "name", "model", "model_id", "model_name", "base_model", "repo", "repo_id", "url")

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


def declared_parents(record: dict[str, Any], reader: Reader) -> list[Declared]:
    """Every declaration of a parent in `record`, each once; what names nothing a Hub could hold goes to `reader`."""
    found = [
        *_in_base_models(record.get("baseModels"), reader),
        *_in_tags(record.get("tags")),
        *_in_card(record.get("cardData"), reader),
        *_in_adapter_config(record.get("config"), reader),
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
    return shown(text) if len(text) > LONGEST_TEXT or _SAFE.search(text) else text


def _in_base_models(value: Any, reader: Reader) -> Iterator[_Found]:
    base_models = reader.mapping("baseModels", value)
    relation = _relation(base_models.get("relation"))
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


def _in_tags(value: Any) -> Iterator[_Found]:
    for tag in flat(value):
        if isinstance(tag, str) and tag.startswith(_TAG):
            rest = tag[len(_TAG) :]
            typed = _TYPED.fullmatch(rest)
            if typed:
                yield _Found("tag", "tags", typed["name"], typed["relation"])
            else:
                yield _Found("tag", "tags", rest)


def _in_card(value: Any, reader: Reader) -> Iterator[_Found]:
    card = reader.mapping("cardData", value)
    claimed = card.get("base_model_relation")
    relation = _relation(claimed)
    if relation is None and claimed not in (None, "", []):
        reader.reject("cardData.base_model_relation", claimed, "not_a_relation")
    for name in flat(card.get("base_model")):
        for spelling in _names_in(name) if isinstance(name, dict) else (name,):
            yield _Found("card", "cardData.base_model", spelling, relation)


def _names_in(value: dict[str, Any]) -> list[Any]:
    """The names in an object, from the places where one can stand; the object itself where there is none."""
    return [name for key in _NAME_KEYS for name in flat(value.get(key)) if name != ""] or [value]


def _in_adapter_config(value: Any, reader: Reader) -> Iterator[_Found]:
    config = value if isinstance(value, dict) else {}  # the record rejects what is no object
    peft = reader.mapping("config.peft", config.get("peft"))
    for name in flat(peft.get("base_model_name_or_path")):
        yield _Found("adapter_config", "config.peft.base_model_name_or_path", name, "adapter")


def _relation(value: Any) -> str | None:
    """The claimed relation in its own words, short enough to keep; only those of HUB_RELATIONS can become an edge's."""
    if not isinstance(value, str) or not value.strip():
        return None
    return shown(value.strip().lower())[:40]
