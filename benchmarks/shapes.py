"""A made Hub of the shapes that are hard to search: all of its names, dates and links are invented, by a fixed seed."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

Record = dict[str, Any]
RELATIONS = ("quantized", "adapter", "finetune", "finetune", "merge")
LICENSES = ("apache-2.0", "mit", "llama3", "cc-by-nc-4.0", "gpl-3.0", None)
FORMATS = ("safetensors", "gguf", "pytorch")
OWNERS = 500
# What the benchmark asks about by name, beside what it finds in any graph.
NAMES = {
    "family": "family/head",
    "chain": "chain-0/0",
    "ladder": "ladder/0-a",
    "star": "star/head",
    "cycle": "cycle/0",
}


class Shapes:
    """The records of the listing. `size` scales what is wide, not what is deep."""

    def __init__(self, size: float = 1.0) -> None:
        self.size = size
        self._chance = random.Random(20251123)
        self._made = 0
        self._records: dict[str, Record] = {}

    def records(self) -> list[Record]:
        """Every model of the made Hub."""
        self._records.clear()
        self._family(self._wide(30_000))
        for chain in range(self._wide(100)):
            self._line(f"chain-{chain}", 40)
        self._ladder(40)
        self._star(self._wide(30_000))
        self._cycles(self._wide(300))
        for number in range(self._wide(1000)):
            self._add(f"lost/child-{number}", [f"nowhere/parent-{number % 50}"], "finetune")
        return list(self._records.values())

    def changes(self) -> list[dict[str, Any]]:
        """What happens before the second crawl: one model in twenty goes, some of the family withdraw their parents."""
        changes: list[dict[str, Any]] = []
        for name, record in self._records.items():
            fate = self._chance.random()
            if name in NAMES.values() or name.startswith("ladder/"):
                continue
            if fate < 0.05:
                changes.append({"op": "delete", "_id": record["_id"], "id": name})
            elif fate < 0.07 and name.startswith("family/"):
                tags = [tag for tag in record["tags"] if not tag.startswith("base_model:")]
                changes.append({"op": "update", "id": name, "fields": {"tags": tags, "cardData": {}}})
        return changes

    def _wide(self, count: int) -> int:
        return max(2, round(count * self.size))

    def _family(self, size: int) -> None:
        names = [self._add("family/head", [], "finetune")]
        for number in range(1, size):
            # Half derive from one of the first models, half from any: broad above, some dozen steps deep.
            low = int(len(names) * self._chance.random() ** self._chance.choice((1, 6)))
            relation = self._chance.choice(RELATIONS)
            parents = {names[low]} | ({self._chance.choice(names)} if relation == "merge" else set())
            names.append(self._add(f"family/{number}", sorted(parents), relation))

    def _line(self, owner: str, steps: int) -> None:
        above = self._add(f"{owner}/0", [], "finetune")
        for step in range(1, steps + 1):
            above = self._add(f"{owner}/{step}", [above], self._chance.choice(RELATIONS[:4]))

    def _ladder(self, rungs: int) -> None:
        above = [self._add(f"ladder/0-{side}", [], "merge") for side in "ab"]
        for rung in range(1, rungs + 1):
            above = [self._add(f"ladder/{rung}-{side}", above, "merge") for side in "ab"]

    def _star(self, children: int) -> None:
        head = self._add("star/head", [], "finetune")
        for number in range(children):
            self._add(f"star-{number % OWNERS}/child-{number}", [head], self._chance.choice(RELATIONS[:4]))

    def _cycles(self, count: int) -> None:
        # The first has a family below it, the others are two or three models each; then links from a model to itself.
        for cycle in range(count):
            members = [f"cycle/{cycle}", *(f"cycle/{cycle}-{step}" for step in range(1, 2 + cycle % 2))]
            for number, name in enumerate(members):
                self._add(name, [members[number - 1]], "finetune")
        for number in range(self._wide(1000)):
            self._add(f"cycle/below-{number}", ["cycle/0" if number < 25 else f"cycle/below-{number - 25}"], "finetune")
        for number in range(count):
            self._add(f"self/{number}", [f"self/{number}"], "finetune")

    def _add(self, name: str, parents: list[str], relation: str) -> str:
        chance, number = self._chance, self._made
        self._made += 1
        license_, form = chance.choice(LICENSES), chance.choice(FORMATS)
        tags = [form, *([f"license:{license_}"] if license_ else []), f"dataset:made/data-{number % 20}"]
        tags += [f"base_model:{parent}" for parent in parents]
        tags += [f"base_model:{relation}:{parent}" for parent in parents]
        card: Record = {"base_model": parents[0] if len(parents) == 1 else parents} if parents else {}
        self._records[name] = {
            "_id": f"{0x65000000 + number:08x}{number:016x}",
            "id": name,
            "author": name.partition("/")[0],
            "createdAt": (datetime(2022, 1, 1, tzinfo=UTC) + timedelta(minutes=number * 20)).isoformat(),
            "lastModified": "2025-11-01T00:00:00.000Z",
            "private": False,
            "gated": chance.choice((False, False, False, "auto", "manual")),
            "disabled": False,
            "downloads": int(chance.paretovariate(0.7)),
            "likes": number % 50,
            "pipeline_tag": "text-generation",
            "library_name": "peft" if relation == "adapter" else "transformers",
            "tags": tags,
            "cardData": card | ({"license": license_} if license_ else {}),
        }
        return name
