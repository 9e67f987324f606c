"""Which model, owner, data set or licence a text means: the part that needs no database. `resolve` asks the graph.

A text may be the name, the name in another case, a name from before, or an address on the Hub.
"""

import re
from collections.abc import Collection, Iterable
from difflib import SequenceMatcher

from crawler.errors import HubGenealogyError
from crawler.readable import counted
from crawler.records.naming import Bearer, meaning
from crawler.records.references import TypedKind, Unreadable, read_typed

NEAREST = 3
LONGEST_NAME = 200
NOUNS = {"model": "model", "dataset": "data set", "owner": "owner", "license": "licence"}

# How many parts of a name are compared with every name of a graph.
_PARTS = 12


def from_address(text: str, endpoint: str, kind: TypedKind = "model") -> str:
    """The name in an address of the Hub, such as https://huggingface.co/org/model/tree/main; other text as it is.

    Raises HubGenealogyError for the address of something else.
    """
    name = read_typed(text, endpoint, kind)
    if isinstance(name, Unreadable):
        raise HubGenealogyError(f"{text.strip()!r} is not the address of {_a(NOUNS[kind])}")
    return name


def choose(name: str, bearers: Collection[Bearer], noun: str = "model") -> Bearer | None:
    """What `name` means, of `bearers` of that name; None where there are none.

    Raises HubGenealogyError where several have it in another case, and none in this one.
    """
    chosen = meaning(name, bearers)
    if chosen is None and bearers:
        spellings = ", ".join(sorted({bearer.name for bearer in bearers}))
        raise HubGenealogyError(f"no {noun} is spelt {name!r}, but several are in another case: {spellings}")
    return chosen


def unknown(name: str, near: list[str], noun: str = "model", removed: int = 0) -> HubGenealogyError:
    """The error of a name that nothing has or had, with the names that are nearest to it.

    `removed`: how many the graph knew once and keeps no longer.
    """
    hint = f"; nearest: {', '.join(near)}" if near else ", and none has a name like it"
    was = (
        f"; crawls removed {counted(removed, noun, noun + 's')} that had long been gone (keep.gone)" if removed else ""
    )
    return HubGenealogyError(f"no {noun} is known as {name!r}{hint}{was}")


def most_alike(name: str, candidates: Iterable[str]) -> list[str]:
    """The candidates most like `name`, best first; of a name without an owner, only last parts are compared."""
    name = name[:LONGEST_NAME]
    ranked = sorted((-_likeness(name, candidate), candidate) for candidate in set(candidates))
    return [candidate for unlikeness, candidate in ranked if unlikeness < -0.5][:NEAREST]


def _likeness(name: str, candidate: str) -> float:
    """From 0 to 1. The same name of another owner is alike, however different the owners."""
    last = candidate.rsplit("/", 1)[-1]
    if "/" not in name:
        return SequenceMatcher(None, name.lower(), last.lower()).ratio()
    likeness = SequenceMatcher(None, name.lower(), candidate.lower()).ratio()
    return max(likeness, 0.75) if name.rsplit("/", 1)[-1].lower() == last.lower() else likeness


def words(name: str) -> list[str]:
    """The words of a name as a full-text index cuts them: letters, digits, `_` and inner dots, in lower case.

    Nothing in them has a meaning in the index's query language, so a name can hold no operator.
    """
    return re.findall(r"\w+(?:\.\w+)*", name[:LONGEST_NAME].lower())


def parts(name: str) -> list[str]:
    """Some runs of three letters of the name, in lower case, spread over the whole of it; of a shorter name, the name."""
    text = name[:LONGEST_NAME].lower()
    runs = list(dict.fromkeys(text[i : i + 3] for i in range(max(len(text) - 2, 1))))
    return [run for run in runs[:: -(-len(runs) // _PARTS)] if run]


def _a(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"
