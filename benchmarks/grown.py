"""A made Hub of any size, grown in the shape of the real one, and the nights that it lives through.

Names, dates and links are invented, by a fixed seed. The shape follows figures of the replay at week 10 (305,249 models,
106,361 references); `docs/performance.md` compares both. Growth is by copying: most links choose the parent of an earlier
link, the rest any model or a name that no listing holds. That gives the power law of children that the Hub has
(H. A. Simon, "On a class of skew distribution functions", Biometrika 1955). Owners grow in the same way.
"""

import json
import random
from array import array
from dataclasses import dataclass
from datetime import datetime

from benchmarks.growing import Growing, iso
from benchmarks.grown_datasets import SHARE, GrownDatasets

SEED = 20250521
# The share of models that declare parents. It is 0.32 in the replay; on the Hub of 2026 there are 0.52 links a model.
DECLARING = 0.48
# How many parents a declaring model names: 97 of 100 name one.
PARENT_COUNTS = ((1, 9718), (2, 126), (3, 53), (4, 39), (5, 29), (6, 17), (8, 12), (12, 6))
RELATIONS = (("finetune", 427), ("quantized", 265), ("adapter", 207), ("merge", 101))
# The share of links that name a model that no listing holds; of those that go on with a chain of one author; of those
# that copy the parent of an earlier link. The rest take any model.
ABSENT = 0.045
CHAINED = 0.005
COPIED = 0.84
# How likely a chain goes on: the longest of the Hub have some dozens of steps.
CHAIN_GOES_ON = 0.85
# Of 100 models, 24 are the first of their owner; so are the first models of all.
NEW_OWNER = 0.236
FIRST_OWNERS = 500
# Copying begins after this many links. Without the delay, the first parent gets a quarter of all links.
FIRST_PARENTS = 20
LICENSES = ("apache-2.0", "mit", "llama3", "cc-by-nc-4.0", "openrail", "other", None, None, None)
TASKS = ("text-generation", "text-to-image", "text-classification", None)
LANGUAGES = ("en", "fr", "zh", "de", "es")
# One model in three names a data set; of 100 such names, 4 are of none that is listed, and one is in capitals.
NAMING, UNLISTED, CAPITALS = 3, 4, 1
# One record in 300 has something that the parser rejects.
ODD = 300


@dataclass(frozen=True, slots=True)
class Link:
    """A declared parent: the number of a model, or of an absent name where `absent` is set."""

    parent: int
    absent: bool


class GrownHub(Growing):
    """The models of a made Hub, by their number, which is also their order of creation; and its data sets."""

    def __init__(self, models: int, seed: int = SEED) -> None:
        super().__init__(models, seed)
        self.datasets = GrownDatasets(max(1, round(models * SHARE)))
        self._first_datasets = len(self.datasets)
        self._owners = array("i")
        self._starts = array("q", [0])
        self._parents = array("q")  # negative: an absent name
        self._known_parents = array("q")
        self._chain_end = 0
        self._relations = bytearray()
        self._owner_count = 0
        self._absent_count = 0
        for _ in range(models):
            self.grow()

    def pass_night(self, share: float, now: datetime) -> None:
        """Change about `share` of the models, and of the data sets."""
        super().pass_night(share, now)
        self.datasets.pass_night(share, now)

    def name(self, number: int) -> str:
        """The present name of a model."""
        return self._renamed(f"owner-{self._owners[number]}/model-{number}", number)

    def links(self, number: int) -> list[Link]:
        """The parents that a model declares."""
        parents = self._parents[self._starts[number] : self._starts[number + 1]]
        return [Link(-parent - 1, absent=True) if parent < 0 else Link(parent, absent=False) for parent in parents]

    def relation(self, number: int) -> str:
        """The relation of a model to its parents."""
        return RELATIONS[self._relations[number]][0]

    def owner(self, number: int) -> int:
        """The number of a model's owner."""
        return self._owners[number]

    def record(self, number: int) -> bytes:
        """One record of about 1.1 kB, with the fields that a crawl asks for."""
        mix = self._mix(number)
        name = self.name(number)
        version = self._versions[number]
        license_ = LICENSES[(mix + version) % len(LICENSES)]
        task = TASKS[(mix >> 4) % len(TASKS)]
        card: dict[str, object] = {}
        tags = ["transformers", "safetensors"]
        relation, named, resolved = self.relation(number), [], []
        for link in self.links(number):
            parent = f"absent-{link.parent % 997}/lost-{link.parent}" if link.absent else self.name(link.parent)
            tags += [f"base_model:{parent}", f"base_model:{relation}:{parent}"]
            named.append(parent)
            if not link.absent:
                resolved.append({"_id": self._id(link.parent), "id": parent})
        if named:
            card["base_model"] = named[0] if len(named) == 1 else named
        if license_:
            tags.append(f"license:{license_}")
            card["license"] = license_
        if mix % NAMING == 0:
            dataset = self._dataset(mix)
            tags.append(f"dataset:{dataset}")
            card["datasets"] = [dataset]
        if number % ODD == 0:
            card["datasets"] = [f"./data/of/{number} and more"]
        card["language"] = [LANGUAGES[mix % 5]]
        tags += [LANGUAGES[mix % 5], "region:us", *(f"note-{(mix >> shift) % 4096}" for shift in (3, 7, 11, 13))]
        card["tags"] = tags[-4:]
        # Parts of a card that no crawl uses, which make up much of a real record.
        card["widget"] = [{"text": f"An example text of the model card number {number}. " * (1 + mix % 6)}]
        card["model-index"] = [{"name": name, "results": []}]
        record: dict[str, object] = {
            "_id": self._id(number),
            "id": name,
            "author": name.partition("/")[0],
            "cardData": card,
            "config": {"architectures": ["LlamaForCausalLM"], "model_type": ("llama", "bert", "qwen2")[mix % 3]},
            "createdAt": iso(self._created(number)),
            "disabled": False,
            # Two models in three are downloaded by other numbers each night.
            "downloads": mix % 5000 + (self.night * 7 if mix % 3 else 0),
            "gated": "auto" if mix % 60 == 0 else False,
            "lastModified": iso(self._modified[number]),
            "library_name": "peft" if named and relation == "adapter" else "transformers",
            "likes": mix % 50,
            "private": False,
            "safetensors": {"parameters": {"BF16": mix * 3}, "total": mix * 3},
            "sha": self._revision(number),
            "tags": tags,
        }
        if resolved:
            record["baseModels"] = {"relation": relation, "models": resolved}
        if task:
            record["pipeline_tag"] = task
        return json.dumps(record, separators=(",", ":")).encode()

    def _id(self, number: int) -> str:
        return f"{self._created(number):08x}{number:016x}"

    def _dataset(self, mix: int) -> str:
        """The name of a data set, as a card has it. A few are named much more often than the rest."""
        point, kind = (mix >> 8 & 0xFFFF) / 0x10000, (mix >> 4) % 100
        if kind < UNLISTED:
            return f"absent-{mix % 97}/data-{mix % 4999}"
        name = self.datasets.first_name(int(self._first_datasets * point**3))
        return name.upper() if kind < UNLISTED + CAPITALS else name

    def grow(self, moment: int | None = None) -> None:
        """Make one more model, after its owner and its parents are chosen."""
        chance, number = self._chance, len(self._owners)
        if number < FIRST_OWNERS or chance.random() < NEW_OWNER:
            self._owners.append(self._owner_count)
            self._owner_count += 1
        else:
            self._owners.append(self._owners[int(chance.random() * number)])
        links = 0
        if number and chance.random() < DECLARING:
            links = _weighted(PARENT_COUNTS, chance)
        for _ in range(links):
            parent = self._parent(number)
            self._parents.append(parent)
            if parent >= 0:
                self._known_parents.append(parent)
        self._relations.append(0 if links == 0 else _chosen(RELATIONS, chance))
        self._starts.append(len(self._parents))
        super().grow(moment)

    def _parent(self, number: int) -> int:
        chance = self._chance
        kind = chance.random()
        if kind < ABSENT:
            self._absent_count += 1
            return -self._absent_count
        if kind < ABSENT + CHAINED:
            above, self._chain_end = self._chain_end, number
            return above if chance.random() < CHAIN_GOES_ON else int(chance.random() * number)
        if len(self._known_parents) >= FIRST_PARENTS and kind < ABSENT + CHAINED + COPIED:
            return self._known_parents[int(chance.random() * len(self._known_parents))]
        return int(chance.random() * number)


def _weighted(choices: tuple[tuple[int, int], ...], chance: random.Random) -> int:
    point = chance.random() * sum(weight for _, weight in choices)
    for value, weight in choices:
        point -= weight
        if point < 0:
            return value
    return choices[-1][0]


def _chosen(choices: tuple[tuple[str, int], ...], chance: random.Random) -> int:
    return _weighted(tuple((index, weight) for index, (_, weight) in enumerate(choices)), chance)
