"""What a card says of a model's parents."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from crawler.cards import TRUSTED
from crawler.cards.rules import AXOLOTL_CONFIG, BLOCKS, GENERATED, HAND, MERGEKIT_CONFIG, MERGEKIT_LIST, Rule
from crawler.cards.text import CLOSE, OPEN, OTHER, Block, Card, Name, read
from crawler.records.references import Unreadable, read_reference

# The templates in which a name stands bare, without a link: what is not marked is marked before the rules read it.
_BARE: Final = re.compile(
    r"^(These are (?:Q?LoRA|DoRA|textual inversion) adapt?ion weights for|This is a dreambooth model derived from"
    r"|This pipeline was finetuned from|These are controlnet weights trained on|Finetuned from model\s*:"
    r"|(?:\d+\. )?Check requirements from the original repo)"
    r"\s*([A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)??)(?=\.?(?:\s|$))",
    re.IGNORECASE,
)
_BLOCKS: Final = {rule.name: rule for rule in BLOCKS}
_LISTED: Final = re.compile(
    r"^[ \t]*(?:- )?[ \t]*(?:base_)?model:[ \t]*[\"']?([\w.-]+/[\w.-]+)(?=[\"' \t+]|$)", re.MULTILINE
)
_TUNED: Final = re.compile(r"^base_model:[ \t]*[\"']?([\w.-]+(?:/[\w.-]+)?)[\"']?[ \t]*(?:#.*)?$", re.MULTILINE)
_ADAPTER: Final = re.compile(r"^adapter:[ \t]*[\"']?q?lora\b", re.MULTILINE)
_STOPS: Final = (". ", "! ", "? ")
# A sentence that speaks of another model: of the one that was named just before, or of one that has a name of its own.
_INDIRECT: Final = re.compile(
    r"(?:\b(?:which|that|who)\s+(?:is|was|are|were|has been)\s+(?:\w+\s+){0,3}"
    rf"|{OTHER}\W{{0,3}}(?:(?:\w+\W+){{0,2}}(?:is|was)\s+(?:\w+\s+){{0,3}}|(?:an?|the|our)?\W{{0,3}}))$",
    re.IGNORECASE,
)
_SUBJECT: Final = re.compile(
    rf"{OPEN}(\d+){CLOSE}(?:\W{{0,3}}(?:\w+\W+){{0,2}}(?:is|was)\b|\W{{0,5}}(?:(?:an?|the|our)\W{{1,3}})?$)",
    re.IGNORECASE,
)
# A sentence that says what is not the parent.
_NEGATED: Final = re.compile(
    r"\b(?:unlike|instead of|not (?:a )?fine-?tuned|compared (?:to|with)|outperforms|better than|similar to|teacher"
    r"|results of|distill\w*|from scratch|tokeni[sz]er of)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Said:
    """A parent that a sentence of a card names."""

    target: str
    rule: str
    relation: str | None
    generated: bool


def said(text: str, own: str, rules: Collection[str] = TRUSTED) -> list[Said]:
    """The parents that the card of the model `own` names, each once: of several sentences, the first, generated ones before."""
    card = read(text)
    every = [*_merged(card), *_configured(card), *(one for block in card.blocks for one in _in_block(block, own))]
    # A card may call its model without the owner.
    itself = (own.lower(), own.lower().rpartition("/")[2])
    every = [one for one in every if one.rule in rules and one.target.lower() not in itself]
    if quantized := [one for one in every if one.generated and one.relation == "quantized"]:
        # Quantizers mostly copy the rest of the card from the model that they quantized.
        every = quantized
    written = {one.target.lower() for one in every if not one.generated and one.relation != "merge"}
    if len(written) > 1:
        # The parents of a whole series, or of several parts of the model: which of them is this model's own is not said.
        every = [one for one in every if one.generated or one.relation == "merge"]
    found: dict[str, Said] = {}
    for one in sorted(every, key=lambda one: not one.generated):
        found.setdefault(one.target.lower(), one)
    return list(found.values())


def _in_block(block: Block, own: str) -> Iterator[Said]:
    block = _with_bare_name(block)
    for rule in GENERATED + HAND:
        for match in rule.pattern.finditer(block.text):
            if not rule.generated and _is_indirect(block, match.start(), own):
                continue
            if not rule.generated and _NEGATED.search(_sentence(block.text, match.start(), match.end())):
                continue
            yield from (_said(block, rule, int(number)) for number in match.groups() if number is not None)


def _said(block: Block, rule: Rule, number: int) -> Said:
    return Said(block.names[number].name, rule.name, rule.relation, rule.generated)


def _is_indirect(block: Block, start: int, own: str) -> bool:
    """Whether what begins at `start` is said of another model than `own`."""
    before = block.text[_beginning(block.text, start) : start]
    if _INDIRECT.search(before[-100:]):
        return True
    subjects = [block.names[int(found[1])].name.lower().rpartition("/")[2] for found in _SUBJECT.finditer(before)]
    return bool(subjects) and subjects[-1] != own.lower().rpartition("/")[2]


def _sentence(text: str, start: int, end: int) -> str:
    stops = [place for place in (text.find(stop, end) for stop in _STOPS) if place >= 0]
    return text[_beginning(text, start) : min(stops, default=len(text))]


def _beginning(text: str, start: int) -> int:
    return max(text.rfind(stop, 0, start) for stop in _STOPS) + 1


def _with_bare_name(block: Block) -> Block:
    found = _BARE.match(block.text)
    if found is None:
        return block
    names = read_reference(found[2].rstrip("."))
    if isinstance(names, Unreadable) or len(names) != 1:
        return block
    text = f"{found[1]} {OPEN}{len(block.names)}{CLOSE}{block.text[found.end() :]}"
    return Block(block.form, text, (*block.names, Name(names[0], "code")))


def _merged(card: Card) -> Iterator[Said]:
    """The list that mergekit writes below its sentence."""
    rule, listing = _BLOCKS[MERGEKIT_LIST], False
    for block in card.blocks:
        if listing and block.form != "item":
            return
        if listing and block.names:
            yield _said(block, rule, 0)
        listing = listing or bool(rule.pattern.match(block.text))


def _configured(card: Card) -> Iterator[Said]:
    """The models in the configurations of mergekit and Axolotl that stand in a card."""
    merge, axolotl = _BLOCKS[MERGEKIT_CONFIG], _BLOCKS[AXOLOTL_CONFIG]
    for code in card.code:
        if merge.pattern.search(code):
            yield from (Said(name, merge.name, merge.relation, generated=True) for name in _LISTED.findall(code))
        elif axolotl.pattern.search(code) and (found := _TUNED.search(code)):
            yield Said(found[1], axolotl.name, "adapter" if _ADAPTER.search(code) else "finetune", generated=True)
