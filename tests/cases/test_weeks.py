"""A case over ten weeks of crawls: the trail alone explains where every model stands at the end."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest

from crawler.cases.form import STATES, Event, Facts
from crawler.cases.register import Word, opened
from tests.cases.conftest import ACTING, request

TODAY = date(2026, 11, 28)
# What a trail tells of a model: its name, class, status, link and state.
Standing = tuple[str, str, str, str, str]


def family(dice: Random) -> dict[str, Facts]:
    """A Hub's family of the first week; some of it is only named so far."""
    models = [Facts("0", "a/base", "itself", owner="a", revision="r0")]
    for number in range(1, 12):
        parent = dice.choice(models)
        absent = dice.random() < 0.3
        models.append(
            Facts(
                key=f"absent:o/{number}" if absent else str(number),
                id=f"o/{number}",
                klass=dice.choice(["same_weights", "retrained", "mixed"]),
                depth=parent.depth + 1,
                status="absent" if absent else "listed",
                gated=None if absent else "false",
                revision=None if absent else "r0",
                parents=(parent.key,),
            )
        )
    return {facts.key: facts for facts in models}


def a_week_later(hub: dict[str, Facts], week: int, dice: Random) -> dict[str, Facts]:
    """The same family after a week in which this and that happened."""
    moved: dict[str, str] = {}
    later = []
    for facts in hub.values():
        happened = dice.choice(
            ["nothing", "nothing", "edit", "rename", "gone", "back", "gate", "class", "link", "listed"]
        )
        there = facts.status == "listed"
        if happened == "edit" and there:
            facts = replace(facts, revision=f"r{week}")  # noqa: PLW2901  # the model as it is now
        elif happened == "rename" and there:
            facts = replace(facts, id=f"o/{facts.key}-{week}")  # noqa: PLW2901  # likewise
        elif happened == "gone" and there and facts.key != "0":
            facts = replace(facts, status="gone", gated=None)  # noqa: PLW2901  # likewise
        elif happened == "back" and facts.status == "gone":
            facts = replace(facts, status="listed", gated="false")  # noqa: PLW2901  # likewise
        elif happened == "gate" and there:
            facts = replace(facts, gated=dice.choice(["auto", "manual", "false"]))  # noqa: PLW2901  # likewise
        elif happened == "class" and facts.key != "0":
            facts = replace(facts, klass=dice.choice(["same_weights", "retrained", "mixed"]))  # noqa: PLW2901  # likewise
        elif happened == "link" and facts.key != "0":
            other = "current" if facts.link_status == "withdrawn" else "withdrawn"
            facts = replace(facts, link_status=other)  # noqa: PLW2901  # likewise
        elif happened == "listed" and facts.status == "absent":
            key = moved[facts.key] = facts.key.replace("absent:o/", "k")
            facts = replace(facts, key=key, status="listed", gated="false", revision="r0")  # noqa: PLW2901  # likewise
        later.append(facts)
    later.append(Facts(f"w{week}", f"n/{week}", "retrained", depth=1, gated="false", revision="r0", parents=("0",)))
    known = [replace(facts, parents=tuple(sorted(moved.get(key, key) for key in facts.parents))) for facts in later]
    return {facts.key: facts for facts in known if facts.key == "0" or dice.random() > 0.03}


def explained(first: Iterable[Facts], events: Iterable[Event]) -> dict[str, Standing]:
    """Where each model stands by the trail alone, from what the case was opened with."""
    found: dict[str, dict[str, Any]] = {
        facts.key: {
            "id": facts.id,
            "klass": facts.klass,
            "status": facts.status,
            "link": facts.link_status,
            "state": "to_contact",
        }
        for facts in first
    }
    links = {"detached": "none", "withdrawn": "withdrawn", "attached": "current"}
    for event in events:
        key, told = event.key, event.details
        if key is None:
            continue
        if event.kind == "new":
            stands = {"status": told["status"], "link": told["link_status"], "state": "to_contact"}
            found[key] = {"id": told["id"], "klass": told["to"], **stands}
            continue
        if "former_key" in told and told["former_key"] in found:
            found[key] = found.pop(told["former_key"])
        model = found[key]
        model["id"] = told["id"]
        if event.kind in links:
            model["link"] = links[event.kind]
        elif event.kind in ("vanished", "returned", "listed"):
            model["status"] = "gone" if event.kind == "vanished" else "listed"
        elif event.kind == "reclassified":
            assert model["klass"] == told["from"]
            model["klass"] = told["to"]
        elif event.kind == "set":
            assert model["state"] == told["from"]
            model["state"] = told["to"]
    return {key: tuple(model.values()) for key, model in found.items()}


@pytest.mark.parametrize("seed", range(12))
def test_after_ten_weeks_the_trail_explains_where_every_model_stands(home: Path, seed: int) -> None:
    dice = Random(seed)
    hub = first = family(dice)
    said: dict[str, str] = {}
    with opened(home, ACTING, make=True) as cases:
        assert cases is not None
        cases.open(replace(request(), key="0"), list(first.values()))
    for week in range(1, 11):
        with opened(home, ACTING) as cases:
            assert cases is not None
            for member in dice.sample(cases.members(1), 2):
                state = dice.choice(list(STATES))
                cases.set_model(1, member.facts.key, Word(state, TODAY))
                said[member.facts.key] = state
            hub = a_week_later(hub, week, dice)
            cases.adopt(1, list(hub.values()), f"{week:06d}")
            assert cases.adopt(1, list(hub.values()), f"{week:06d}") == []
    with opened(home, ACTING) as cases:
        assert cases is not None
        _, members, events = cases.whole(1)
    stand = {m.facts.key: (m.facts.id, m.facts.klass, m.facts.status, m.facts.link_status, m.state) for m in members}
    assert stand == explained(first.values(), events)
    assert hub.keys() <= stand.keys()
    assert len(stand) >= len(first) + 1
    survived = {key: state for key, state in said.items() if key in stand}
    assert {key: stand[key][4] for key in survived} == survived
