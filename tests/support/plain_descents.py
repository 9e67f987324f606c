"""How far and how certainly models are related, by a plain search, level by level; nothing here is shared with the queries."""

from collections.abc import Collection
from typing import Any

from tests.support.plain_lineages import CERTAINTIES, Links

# The number of steps on the shortest way, and of the shortest ways the weakest evidence on the most certain one.
Distance = tuple[int, int]
UP, DOWN = ("child", "parent"), ("parent", "child")


def sureness(entry: dict[str, Any]) -> int:
    return CERTAINTIES.index(entry["properties"]["certainty"])


def both_ways(links: Links) -> Links:
    """Each link, and the same link turned round."""
    return [*links, *({**entry, "child": entry["parent"], "parent": entry["child"]} for entry in links)]


def reached(links: Links, start: str, direction: tuple[str, str]) -> dict[str, Distance]:
    """Every model that can be reached from `start`, and `start` itself."""
    here, there = direction
    found: dict[str, Distance] = {start: (0, 0)}
    level = found
    while level:
        following: dict[str, Distance] = {}
        for entry in links:
            if entry[here] in level and entry[there] not in found:
                depth, sure = level[entry[here]]
                way = (depth + 1, max(sure, sureness(entry)))
                following[entry[there]] = min(way, following.get(entry[there], way))
        found = found | following
        level = following
    return found


def related(
    links: Links, start: str, direction: tuple[str, str], kind: Collection[str] | None
) -> dict[str, tuple[Distance, set[str]]]:
    """Every model whose last step is of these kinds, with its distance and the kinds of these steps."""
    here, there = direction
    ways = reached(links, start, direction)
    found: dict[str, tuple[Distance, set[str]]] = {}
    for entry in links:
        relation, other = entry["properties"]["relation"], entry[there]
        if entry[here] in ways and other not in (entry[here], start) and (kind is None or relation in kind):
            depth, sure = ways[entry[here]]
            way = (depth + 1, max(sure, sureness(entry)))
            least, kinds = found.get(other, (way, set()))
            found[other] = (min(least, way), kinds | {relation})
    return found
