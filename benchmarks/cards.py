"""How sure the rules are that read the text of cards: measured on declared parents that are hidden from them.

`python -m benchmarks.cards ../shared/data` prints the tables of docs/lineage.md. The front matter of each card of 2025 is
hidden, and what the text names is held against the declaration. No card of 2022 declares a parent, so what is found there is
counted; `--read 200` prints as many finds of hand-written sentences, at random, to be read by eye, and `--read-missed 100` as
many cards in which nothing was found.
"""

import argparse
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from crawler.cards import TRUSTED
from crawler.cards.rules import RULES
from crawler.cards.said import Said, said
from crawler.cards.text import read
from crawler.records.references import read_reference
from crawler.records.values import flat
from tests.support.replays import lines

EVERY = frozenset(rule.name for rule in RULES)


@dataclass(frozen=True)
class Judged:
    """A model, the parents that it declares, and what its text says."""

    model: str
    declared: frozenset[str]
    found: Sequence[Said]


@dataclass
class Score:
    """What one rule found: `exact` a declared parent, `other` anything else; `new`: of models that declare nothing."""

    exact: int = 0
    other: int = 0
    new: int = 0
    models: set[str] = field(default_factory=set)
    """The models of which it found a declared parent."""


def declared(record: dict[str, Any]) -> frozenset[str]:
    """The parents in the front matter of a record, in lower case."""
    values = flat((record.get("cardData") or {}).get("base_model"))
    return frozenset(name.lower() for value in values if isinstance(value, str) for name in _names(value))


def _names(value: str) -> tuple[str, ...]:
    names = read_reference(value)
    return names if isinstance(names, tuple) else ()


def judge(data: Path, rules: frozenset[str]) -> list[Judged]:
    """The cards of 2025, read without their front matter (`said` never reads it)."""
    records = {record["id"]: record for record in lines(data / "full-records-2025.jsonl.gz")}
    return [
        Judged(card["id"], declared(records[card["id"]]), said(card["card"], card["id"], rules))
        for card in lines(data / "cards-2025.jsonl.gz")
    ]


def held_back(model: str) -> bool:
    """Whether a model is in the half on which no rule is developed."""
    return sha256(model.encode()).digest()[0] % 2 == 1


def scores(judged: Iterable[Judged]) -> dict[str, Score]:
    """The score of each rule that found anything."""
    found: dict[str, Score] = {}
    for one in judged:
        for parent in one.found:
            score = found.setdefault(parent.rule, Score())
            if not one.declared:
                score.new += 1
            elif parent.target.lower() in one.declared:
                score.exact += 1
                score.models.add(one.model)
            else:
                score.other += 1
    return found


def table(judged: Sequence[Judged], counted: Counter[str]) -> Iterator[str]:
    """The scores as lines of Markdown. `counted`: what each rule found in the cards of 2022."""
    derived = sum(bool(one.declared) for one in judged)
    found = scores(judged)
    yield "| rule | written by | on | exact | other | precision | recall | found in 2022 |"
    yield "|---|---|---|--:|--:|--:|--:|--:|"
    groups = {"all of tools": True, "all of persons": False}
    rows = [(f"`{rule.name}`", rule.generated, "yes" if rule.name in TRUSTED else "", [rule.name]) for rule in RULES]
    rows += [(f"**{name}**", by, "", [r.name for r in RULES if r.generated is by]) for name, by in groups.items()]
    for name, generated, on, names in rows:
        parts = [found[rule] for rule in names if rule in found]
        exact, other = sum(part.exact for part in parts), sum(part.other for part in parts)
        models = set().union(*(part.models for part in parts))
        precision = f"{exact / (exact + other):.1%}" if exact + other else ""
        yield (
            f"| {name} | {'a tool' if generated else 'a person'} | {on} | {exact:,} | {other:,} | {precision} "
            f"| {len(models) / (derived or 1):.1%} | {sum(counted[rule] for rule in names):,} |"
        )


def main(data: Path, to_read: int, missed: int, seed: int) -> None:
    """Print the tables and what is to be read."""
    old = {card["id"]: card["card"] for card in lines(data / "cards-2022.jsonl.gz")}
    finds = [(model, one) for model, text in old.items() for one in said(text, model, EVERY)]
    counted = Counter(one.rule for _, one in finds)
    judged = judge(data, EVERY)
    for name, half in (("developed on", False), ("held back", True)):
        part = [one for one in judged if held_back(one.model) is half]
        print(f"\n{name}: {len(part):,} cards, {sum(bool(one.declared) for one in part):,} with a declared parent\n")
        print("\n".join(table(part, counted)))
    with_find = {model for model, _ in finds}
    print(f"\n2022: {len(with_find):,} of {len(old):,} cards name a parent")
    chance = random.Random(seed)
    by_hand = [(model, one) for model, one in finds if not one.generated]
    for model, one in chance.sample(by_hand, min(to_read, len(by_hand))):
        print(f"\n{model} <- {one.target} ({one.rule})\n{_around(old[model], one.target)}")
    nothing = sorted(old.keys() - with_find)
    for model in chance.sample(nothing, min(missed, len(nothing))):
        print(f"\n{model}\n{read(old[model]).raw.strip()[:600]}")


def _around(card: str, target: str) -> str:
    text = read(card).raw
    # Not as a part of a longer name, such as the model's own.
    found = re.search(rf"(?<![\w-]){re.escape(target)}(?![\w-])", text, re.IGNORECASE)
    place = found.start() if found else 0
    return " ".join(text[max(place - 220, 0) : place + len(target) + 60].split())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--read", type=int, default=0)
    parser.add_argument("--read-missed", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    main(given.data, given.read, given.read_missed, given.seed)
