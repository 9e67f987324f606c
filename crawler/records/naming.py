"""Which model a name means, where several models bear it or bore it. The one rule of links, queries and reports.

0. Text that is a key means the model of that key.
1. A name in exactly this spelling: a listed model before a gone one, then a current name before a former one, then the
   newest model. The Hub's keys are in order of creation, so the newest has the greatest key.
2. A name in another case, only where one model has it. A gone model counts only where no listed model has the name.
3. A former name that no crawl saw: the Hub's own resolution, or its redirect, showed that it was the model's.
4. An absent model: others name it, but no listing held it.

`meaning` is the rule itself; `names.py` and `lineage.py` ask it. Where a query must choose among models by itself, it
does so in the words below: SQL_ORDER in the snapshot's resolution, CYPHER_ORDER in each saved query, which looks up a
current name or a key. Tests hold them to these words, and compare the answers.
"""

from collections.abc import Iterable
from dataclasses import dataclass

# The greatest is meant, of rows with the columns status (listed or gone), former and key.
SQL_ORDER = "(status = 'listed', NOT former, key)"
# The first is meant, of models `m` whose current name or key is the parameter `model`.
CYPHER_ORDER = "m.key = $model DESC, m.status <> 'listed', m.status <> 'gone', m.key DESC"


@dataclass(frozen=True, slots=True)
class Bearer:
    """A model and a name by which it can be found: its current name, the last one of a gone model, or a former one."""

    key: str
    id: str
    status: str
    name: str
    former: bool = False
    learned: bool = False  # a former name that no crawl saw


def meaning(name: str, bearers: Iterable[Bearer]) -> Bearer | None:
    """The model that `name` means, of `bearers` of that key or of that name in any case; None where it means none."""
    bearers = list(bearers)
    seen = [bearer for bearer in bearers if bearer.status != "absent" and not bearer.learned]
    return (
        next((bearer for bearer in bearers if bearer.key == name), None)
        or _preferred(bearer for bearer in seen if bearer.name == name)
        or _only(seen)
        or _preferred(bearer for bearer in bearers if bearer.learned)
        or next((bearer for bearer in bearers if bearer.status == "absent"), None)
    )


def _preferred(bearers: Iterable[Bearer]) -> Bearer | None:
    return max(bearers, key=lambda bearer: (bearer.status == "listed", not bearer.former, bearer.key), default=None)


def _only(bearers: list[Bearer]) -> Bearer | None:
    """The preferred one, where no other model has the name in another case: of the listed ones, if any are listed."""
    found = [bearer for bearer in bearers if bearer.status == "listed"] or bearers
    return _preferred(found) if len({bearer.key for bearer in found}) == 1 else None
