"""What became of the models of a case since they were last looked at: new ones, and what changed of the others. Pure.

`changes` compares what the case knows with what the graph holds now; `adopted` is what the case knows afterwards. No model
leaves a case: one that is gone, or to which no link leads any more, stays in it with its state. Comparing twice finds
nothing the second time.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from crawler.cases.form import Facts

# How the key of a name that no listing ever held begins.
ABSENT = "absent:"


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to one model of a case: the `kind` of its event, and the facts before and after."""

    kind: str
    before: Facts | None
    after: Facts
    details: Mapping[str, Any] = field(compare=False)
    """What the event says of it."""


# What is compared. A change of anything else, such as the depth, is taken over without an event.
_COMPARED: Mapping[str, Callable[[Facts], str | None]] = {
    "renamed": lambda facts: facts.id,
    "gated": lambda facts: facts.gated,
    "changed": lambda facts: facts.revision,
    "reclassified": lambda facts: facts.klass,
}


def changes(known: Collection[Facts], found: Collection[Facts]) -> list[Change]:
    """The events between what a case knows of its models and what is found now, by key; new models come last."""
    return sorted(_changes(known, found), key=lambda change: (change.kind == "new", change.after.key))


def adopted(known: Collection[Facts], found: Collection[Facts]) -> dict[str, Facts]:
    """What the case knows afterwards, by the key that it knew each model by; a new model by its own."""
    return {(before or after).key: after for before, after in _pairs(known, found)}


def _changes(known: Collection[Facts], found: Collection[Facts]) -> Iterator[Change]:
    pairs = _pairs(known, found)
    ids = {facts.key: facts.id for facts in (*known, *(after for _, after in pairs))}
    keys = {before.key: after.key for before, after in pairs if before}
    for before, after in pairs:
        if before is None:
            stands = {"status": after.status, "link_status": after.link_status}
            stands |= {"dataset": after.dataset} if after.dataset else {}
            yield Change("new", None, after, {"id": after.id, "to": after.klass, **stands})
            continue
        standing = _standing(before.link_status, after.link_status)
        for kind in filter(None, (_presence(before.status, after.status), standing)):
            former = {} if before.key == after.key else {"former_key": before.key}
            yield Change(kind, before, after, {"id": after.id, **former})
        for kind, read in _COMPARED.items():
            old, new = read(before), read(after)
            # Whether access is restricted, and the revision, may not have been known before.
            if old != new and (old is not None or kind not in ("gated", "changed")):
                yield Change(kind, before, after, {"id": after.id, "from": old, "to": new})
        # A link that is withdrawn or declared again has an event of its own.
        if not standing and {keys.get(key, key) for key in before.parents} != set(after.parents):
            named = {"from": _named(before.parents, ids), "to": _named(after.parents, ids)}
            yield Change("reparented", before, after, {"id": after.id, **named})


def _named(keys: Iterable[str], ids: Mapping[str, str]) -> list[str]:
    return sorted(ids.get(key, key) for key in keys)


def _pairs(known: Collection[Facts], found: Collection[Facts]) -> list[tuple[Facts | None, Facts]]:
    """Each model as it was and as it is; None for one that is new."""
    now = {facts.key: facts for facts in found}
    kept = {before.key for before in known}
    left = {key: facts for key, facts in now.items() if key not in kept}
    in_order = sorted(left.values(), key=lambda facts: (facts.status == "listed", facts.key))
    by_name = {facts.id.lower(): facts for facts in in_order}  # of several, a listed one, and of these the newest
    pairs: list[tuple[Facts | None, Facts]] = []
    for before in known:
        after = now.get(before.key)
        if after is None and before.key.startswith(ABSENT):
            # A name that no listing had held has become that of a listed model, which has a key of its own.
            after = by_name.pop(before.key.removeprefix(ABSENT), None)
        after = replace(before, link_status="none") if after is None else after
        # Of a model that is not listed, the last known values stay.
        after = replace(after, gated=after.gated or before.gated, revision=after.revision or before.revision)
        left.pop(after.key, None)
        pairs.append((before, after))
    return pairs + [(None, facts) for facts in left.values()]


def _presence(before: str, after: str) -> str | None:
    if before == after:
        return None
    if after == "listed":
        return "listed" if before == "absent" else "returned"
    return "vanished" if after == "gone" else None


def _standing(before: str, after: str) -> str | None:
    return None if before == after else {"none": "detached", "withdrawn": "withdrawn", "current": "attached"}[after]
