"""Small Hubs that change at random, swept again and again, against the rules written out plainly in Python."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.support.sweeps import Record, Rows, Sweeps, record, resolved

# So few that names are left and taken again.
NAMES = ["org/a", "org/A", "lab/a", "Lab/a", "lab/b", "org/b", "org/c"]
LEGACY = ["a", "b", "c"]
SWEEPS = 6


@dataclass
class Live:
    """A model as the Hub has it: its record, made anew for every sweep."""

    key: str
    name: str
    card: list[str] = field(default_factory=list)
    hub: tuple[str, str] | None = None

    def record(self) -> Record:
        """Its object in the listing: the card names its parents, or the Hub does, never both."""
        if self.hub is not None:
            return record(self.key, self.name, baseModels={"models": [{"_id": self.hub[0], "id": self.hub[1]}]})
        return record(self.key, self.name, card_base_model=self.card)


class Hub:
    """A Hub where models are made, deleted, renamed and given other parents."""

    def __init__(self, rng: random.Random, swept: "Mapping[str, Known]") -> None:
        self.rng = rng
        self.swept = swept
        self.live: dict[str, Live] = {}
        self.made = 0

    def change(self) -> None:
        """Do one thing at random."""
        rng = self.rng
        free = [name for name in NAMES if name not in {model.name for model in self.live.values()}]
        what = rng.choice(["create", "create", "delete", "rename", "declare", "declare"])
        if what == "create" and free:
            self.made += 1
            key = f"k{self.made}"
            self.live[key] = Live(key, rng.choice(free))
            self._declare(self.live[key])
        elif self.live:
            model = rng.choice(list(self.live.values()))
            if what == "delete":
                del self.live[model.key]
            elif what == "rename" and free:
                model.name = rng.choice(free)
            elif what == "declare":
                self._declare(model)

    def _declare(self, model: Live) -> None:
        model.card, model.hub = self.rng.sample(NAMES, self.rng.choice([0, 1, 1, 2])), None
        if self.rng.random() < 0.3:
            # The key may be of a model that is gone, or that no sweep will ever meet.
            model.card, model.hub = [], (self.rng.choice([*self.swept, "hidden"]), self.rng.choice(NAMES))


@dataclass
class Known:
    """What the sweeps so far have seen of a model."""

    live: Live
    name: str
    seen: int
    gone: int | None = None


class Rules:
    """The rules of the resolution, name by name."""

    def __init__(self) -> None:
        self.sweep = 0
        self.known: dict[str, Known] = {}
        # Key → the former names of the model, by their lower case: one spelling of each is kept, the last.
        self.spelt: dict[str, dict[str, str]] = {}
        # (child, name) → the model that the declaration meant when it was first seen, and whether that is certain.
        self.meant: dict[tuple[str, str], tuple[str, bool]] = {}

    def see(self, models: list[Live], *, complete: bool) -> None:
        """Take in one sweep."""
        self.sweep += 1
        for model in models:
            before = self.known.get(model.key)
            if before is not None and before.name != model.name:
                self.spelt.setdefault(model.key, {})[before.name.lower()] = before.name
            copy = Live(model.key, model.name, list(model.card), model.hub)
            self.known[model.key] = Known(copy, model.name, self.sweep)
            for child, name in list(self.meant):
                if child == model.key and name not in model.card:
                    del self.meant[child, name]
        for known in self.known.values():
            if complete and known.gone is None and known.seen != self.sweep:
                known.gone = self.sweep

    def models(self) -> Rows:
        """(key, name, status) of every model that a listing held."""
        return {(key, known.name, "listed" if known.gone is None else "gone") for key, known in self.known.items()}

    def edges(self) -> Rows:
        """(child, parent) of every declaration of a listed model."""
        found: Rows = set()
        for key, known in self.known.items():
            if known.gone is None:
                for name in known.live.card:
                    meant, certain = self.meant.get((key, name), ("", False))
                    if not certain:
                        meant, certain = self.means(name)
                        self.meant[key, name] = (meant, certain)
                    found.add((key, meant))
                if known.live.hub is not None:
                    parent, name = known.live.hub
                    found.add((key, parent if parent in self.known else self.means(name)[0]))
        return found

    def means(self, name: str) -> tuple[str, bool]:
        """The key of the model that `name` denotes today, and whether that is no guess from a name in another case."""
        lower = name.lower()
        bearers = [(k.name, key, k.gone is None, True) for key, k in self.known.items()]
        bearers += [
            (was, key, self.known[key].gone is None, False)
            for key, names in self.spelt.items()
            for was in names.values()
        ]
        exact = [(listed, current, key) for was, key, listed, current in bearers if was == name]
        if exact:
            return max(exact)[2], True
        cased = [(listed, current, key) for was, key, listed, current in bearers if was.lower() == lower]
        best = {key for listed, _, key in cased if listed} or {key for _, _, key in cased}
        if len(best) == 1:
            _, current, key = max(cased)
            return key, not current
        return f"absent:{lower}", False


def check_numbers(hub: Sweeps, graph: dict[str, Any], listed_before: int, listed: int) -> None:
    """The manifest adds up, and says how much of everything there is."""
    manifest = hub.changes
    assert listed_before + manifest.models_added - manifest.models_retired == listed
    written = {name: sum(count.values()) for name, count in manifest.rows.items()}
    assert manifest.rows_written == sum(written.values()) - written["popularity"]
    assert manifest.totals == {
        "Model": len(graph["models"]),
        "Owner": len(graph["owners"]),
        "Dataset": 0,
        "License": 0,
        "FormerName": len(graph["former_names"]),
        "Family": len(graph["families"]),
        "DERIVED_FROM": len(graph["derived_from"]),
        "PUBLISHED_BY": len(graph["published_by"]),
        "TRAINED_ON": 0,
        "LICENSED_UNDER": 0,
        "NOW": len(graph["former_names"]),
        "HEADED_BY": len(graph["families"]),
    }


@pytest.mark.parametrize("seed", range(4))
def test_every_sweep_of_a_changing_hub_follows_the_rules(hub: Sweeps, seed: int) -> None:
    rng = random.Random(seed)
    rules, graph = Rules(), dict[str, dict[tuple[Any, ...], Record]]()
    world = Hub(rng, rules.known)
    ever: Rows = set()
    for _ in range(SWEEPS):
        for _ in range(rng.randint(1, 5)):
            world.change()
        complete = rng.random() < 0.7
        seen = [model for model in world.live.values() if complete or rng.random() < 0.5]
        listed_before = sum(known.gone is None for known in rules.known.values())
        rules.see(seen, complete=complete)
        page = [model.record() for model in seen]
        hub.sweep(page, complete=complete)

        real = {row for row in hub.models() if row[2] != "absent"}
        assert real == rules.models()
        listed = {key for key, _, status in real if status == "listed"}
        edges = hub.edges()
        current = {(child, parent) for child, parent, status in edges if status == "current"}
        assert {edge for edge in current if edge[0] in listed} == rules.edges()
        assert {key for key, _, status in hub.models() if status == "absent"} == {
            parent for _, parent, _ in edges if parent.startswith("absent:")
        }
        ever |= current
        pairs = {(child, parent) for child, parent, _ in edges}
        assert {edge for edge in ever - pairs if not edge[1].startswith("absent:")} == set(), (
            "no link to a model is lost"
        )

        hub.apply_to(graph)
        assert graph == hub.graph()
        check_numbers(hub, graph, listed_before, len(listed))
    hub.sweep(page, complete=complete)
    assert hub.changes.rows_written == 0
    assert hub.folded() == hub.graph() == graph


def evidence(rng: random.Random, key: str, name: str, made: int) -> Record:
    """A record with any mixture of declarations, legacy names and keys of models that may come later among them."""

    def some() -> list[str]:
        return rng.sample([*LEGACY, *NAMES[:4]], rng.choice([0, 1, 1, 2, 3]))

    fields: dict[str, Any] = {}
    if rng.random() < 0.6:
        fields["tags"] = [f"base_model:{rng.choice(['', 'merge:', 'adapter:', 'odd:'])}{parent}" for parent in some()]
    if rng.random() < 0.6:
        fields["card_base_model"] = some()
    if rng.random() < 0.6:
        parents = [(f"k{rng.randint(1, made + 1)}", parent) for parent in some()]
        fields["baseModels"] = resolved(rng.choice(["finetune", "merge", "quantized"]), *parents)
    if rng.random() < 0.2:
        fields["config"] = {"peft": {"base_model_name_or_path": rng.choice(LEGACY)}}
    return record(key, name, **fields)


@pytest.mark.parametrize("seed", range(2, 5))
def test_whatever_is_declared_a_sweep_like_the_one_before_writes_nothing(hub: Sweeps, seed: int) -> None:
    rng = random.Random(seed)
    live: dict[str, Record] = {}
    graph: dict[str, dict[tuple[Any, ...], Record]] = {}
    made = 0
    for _ in range(4):
        for _ in range(rng.randint(1, 5)):
            taken = {known["id"] for known in live.values()}
            free = [name for name in [*LEGACY, *NAMES[:4]] if name not in taken]
            what = rng.random()
            if what < 0.45 and free:
                made += 1
                live[f"k{made}"] = evidence(rng, f"k{made}", rng.choice(free), made)
            elif live and what < 0.55:
                del live[rng.choice(list(live))]
            elif live:
                key = rng.choice(list(live))
                live[key] = evidence(rng, key, rng.choice([live[key]["id"], *free[:1]]), made)
        complete = rng.random() < 0.75
        page = [known for known in live.values() if complete or rng.random() < 0.5]
        for _ in range(2):
            hub.sweep(page, complete=complete)
            hub.apply_to(graph)
            assert graph == hub.graph()
        assert hub.changes.rows_written == 0
    assert hub.folded() == graph
