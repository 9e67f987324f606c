"""How openness changes from parent to child. Pure functions."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Final

from crawler.openness.facts import Family, Record, Step
from crawler.openness.rules import CLOSED, NOT_DERIVABLE, OPEN, PARTIAL, Finding, judge

CHANGES: Final = {
    "opened": "the child is more open than its parent",
    "closed": "the child is less open than its parent",
    "shown": "the child's record shows what that of its parent does not",
    "not shown": "the child's record does not show what that of its parent does",
}
_ORDER: Final = (CLOSED, PARTIAL, OPEN)


@dataclass(frozen=True, slots=True)
class Change:
    """A criterion in which a child differs from one of its parents."""

    child: Record
    parent: Record
    relation: str
    before: Finding
    after: Finding

    @property
    def change(self) -> str:
        """One of CHANGES."""
        return change(self.before.verdict, self.after.verdict)


def change(before: str, after: str) -> str:
    """What becomes of a verdict that differs: one of CHANGES."""
    if NOT_DERIVABLE in (before, after):
        return "shown" if before == NOT_DERIVABLE else "not shown"
    return "opened" if _ORDER.index(after) > _ORDER.index(before) else "closed"


def changes(family: Family, steps: Collection[Step]) -> Iterator[Change]:
    """Every change along these steps of the family: the oldest child first, then the order of the criteria."""
    judged = cache(lambda key: judge(family.facts(key)))
    for step in sorted(set(steps), key=lambda one: _place(family, one.child, one.parent)):
        if step.child == step.parent:
            continue
        for before, after in zip(judged(step.parent), judged(step.child), strict=True):
            if before.verdict != after.verdict:
                yield Change(family.records[step.child], family.records[step.parent], step.relation, before, after)


def _place(family: Family, child: str, parent: str) -> tuple[datetime, str, str, str, str]:
    one, other = family.records[child], family.records[parent]
    return one.created_at or datetime.max.replace(tzinfo=UTC), one.id, child, other.id, parent
