"""The parents that a record declares, from every field where a declaration can stand (see `evidence`).

A data set declares in one field of its card, `source_datasets`, from which data sets it is made.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from msgspec import Struct

from crawler.records.redaction import redacted
from crawler.records.references import Kind, Unreadable, names_in, read_reference, visible
from crawler.records.used import PARENT_TAG, is_used
from crawler.records.values import LONGEST_TEXT, MOST, UNPRINTABLE, Reader, flat, shown

# The relations that the Hub writes, in the order of how much of the parent's weights the child holds, most first.
HUB_RELATIONS = ("quantized", "adapter", "finetune", "merge")
# Only a relation that the Hub itself writes splits a tag; in `llama:latest` the colon is part of the spelling.
_TYPED = re.compile(rf"(?P<relation>{'|'.join(HUB_RELATIONS)}):(?P<name>.+)", re.DOTALL)

# What the cards of data sets call a source that has no repository.
_NOT_ON_THE_HUB = re.compile(r"other(-.*)?", re.IGNORECASE | re.DOTALL)


class Declared(Struct, frozen=True):
    """One declaration of one parent: `spelling` is the text as found, `target` the repository that it names."""

    source: str
    spelling: str
    target: str
    relation: str | None = None
    hub_id: str | None = None


class _Spelled(NamedTuple):
    """A value where a name belongs, before it is read, and the field where it stands."""

    source: str
    field: str
    spelling: Any
    relation: str | None = None
    hub_id: str | None = None


class Fields(NamedTuple):
    """The fields of a record where a parent can be declared. Each is read once, and rejected once if it is unreadable."""

    base_models: dict[str, Any]
    tags: list[str]
    card: dict[str, Any]
    config: dict[str, Any]


def read_fields(record: dict[str, Any], reader: Reader) -> Fields:
    """The fields of `record`. A field of the wrong type is rejected and counts as absent."""
    return Fields(
        base_models=reader.mapping("baseModels", record.get("baseModels")),
        tags=reader.strings("tags", record.get("tags"), is_used),
        card=reader.mapping("cardData", record.get("cardData")),
        config=reader.mapping("config", record.get("config")),
    )


def declared_parents(fields: Fields, reader: Reader) -> list[Declared]:
    """Every declaration of a parent, each once. A spelling that names nothing the Hub could hold is rejected."""
    spelled = [
        *_in_base_models(fields.base_models, reader),
        *_in_tags(fields.tags),
        *_in_card(fields.card, reader),
        *_in_adapter_config(fields.config, reader),
    ]
    declared = _each_once(spelled, "model", "baseModels", reader)
    # The Hub writes a bare tag beside each typed one; it adds nothing.
    typed = {d.spelling for d in declared if d.source == "tag" and d.relation is not None}
    return [d for d in declared if not (d.source == "tag" and d.relation is None and d.spelling in typed)]


def declared_sources(card: dict[str, Any], reader: Reader) -> list[Declared]:
    """The data sets from which the card of a data set says it is made.

    `original` says that there is none. `extended|squad` names one; `extended|other-…` one that is not on the Hub.
    """
    where = "cardData.source_datasets"
    names = (name for value in flat(card.get("source_datasets")) for name in names_in(value, "dataset"))
    spelled = [
        _Spelled("card", where, name)
        for name in reader.first(where, names)
        if not (isinstance(name, str) and name.strip().lower() == "original")
    ]
    return _each_once(spelled, "dataset", where, reader)


def _each_once(spelled: Iterable[_Spelled], kind: Kind, where: str, reader: Reader) -> list[Declared]:
    """The declarations that can be read, each once; of the targets beyond MOST, their number is rejected under `where`."""
    declared: dict[Declared, None] = {}
    parents: set[str] = set()
    beyond: set[str] = set()  # one text can name several repositories
    for one in spelled:
        spelling = redacted(one.spelling) if isinstance(one.spelling, str) else one.spelling
        for target in _targets(one.field, spelling, kind, reader):
            if target not in parents and len(parents) == MOST:
                beyond.add(target)
                continue
            parents.add(target)
            declared[Declared(one.source, _spelling(spelling), target, one.relation, one.hub_id)] = None
    reader.too_many(where, len(beyond))
    return list(declared)


def _targets(where: str, spelling: Any, kind: Kind, reader: Reader) -> tuple[str, ...]:
    if not isinstance(spelling, str):
        reader.reject(where, spelling, "not_a_name")
        return ()
    targets = _read_source(spelling) if kind == "dataset" else read_reference(spelling)
    if isinstance(targets, Unreadable):
        reader.reject(where, spelling, targets.reason)
        return ()
    return targets


def _read_source(spelling: str) -> tuple[str, ...] | Unreadable:
    extended, bar, name = spelling.strip().partition("|")
    if extended.strip().lower() != "extended":
        return read_reference(spelling, "dataset")
    if not bar:
        return Unreadable("placeholder")
    if _NOT_ON_THE_HUB.fullmatch(name.strip()):
        return Unreadable("not_a_dataset")
    return read_reference(name, "dataset")


def _spelling(text: str) -> str:
    """The text as a graph property can hold it: unchanged, or escaped and cut (ending in …) where it must be."""
    text = text.strip()
    readable = len(text) <= LONGEST_TEXT and not UNPRINTABLE.search(text) and visible(text) == text
    return text if readable else shown(text)


def _in_base_models(base_models: dict[str, Any], reader: Reader) -> Iterator[_Spelled]:
    relation = _relation("baseModels", base_models.get("relation"), reader)
    for model in reader.first("baseModels", flat(base_models.get("models"))):
        if not isinstance(model, dict):
            yield _Spelled("hub", "baseModels", model, relation)
            continue
        name, key = model.get("id"), reader.text("baseModels", model.get("_id"))
        # A base model without a name is still identified by its key.
        if name is None or name == "":
            name = key
        if name is None:
            reader.reject("baseModels", model, "no_name")
        else:
            yield _Spelled("hub", "baseModels", name, relation, key)


def _in_tags(tags: list[str]) -> Iterator[_Spelled]:
    for tag in tags:
        if tag.startswith(PARENT_TAG):
            rest = tag[len(PARENT_TAG) :]
            typed = _TYPED.fullmatch(rest)
            if typed:
                yield _Spelled("tag", "tags", typed["name"], typed["relation"])
            else:
                yield _Spelled("tag", "tags", rest)


def _in_card(card: dict[str, Any], reader: Reader) -> Iterator[_Spelled]:
    relation = _relation("cardData.base_model_relation", card.get("base_model_relation"), reader)
    names = (name for value in flat(card.get("base_model")) for name in names_in(value, "model"))
    for name in reader.first("cardData.base_model", names):
        yield _Spelled("card", "cardData.base_model", name, relation)


def _in_adapter_config(config: dict[str, Any], reader: Reader) -> Iterator[_Spelled]:
    peft = reader.mapping("config.peft", config.get("peft"))
    where = "config.peft.base_model_name_or_path"
    for name in reader.first(where, flat(peft.get("base_model_name_or_path"))):
        yield _Spelled("adapter_config", where, name, "adapter")


def _relation(where: str, value: Any, reader: Reader) -> str | None:
    """The claimed relation as it is written, cut to 40 characters. Only one of HUB_RELATIONS can become a link's."""
    if isinstance(value, str) and value.strip():
        return shown(redacted(value).strip().lower())[:40]
    if value not in (None, "", []):
        reader.reject(where, value, "not_a_relation")
    return None
