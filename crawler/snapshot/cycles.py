"""Cycles of a directed graph: its strongly connected components.

Kosaraju's algorithm, with explicit stacks instead of recursion: a cycle may be longer than Python's stack.
"""

from collections.abc import Iterable, Mapping, Sequence

Links = Mapping[int, Sequence[int]]


def cycles(links: Iterable[tuple[int, int]]) -> list[list[int]]:
    """The strongly connected components of at least two members, each sorted, in order of their least members."""
    forward: dict[int, list[int]] = {}
    backward: dict[int, list[int]] = {}
    for source, target in links:
        forward.setdefault(source, []).append(target)
        backward.setdefault(target, []).append(source)
    found = []
    placed: set[int] = set()
    # In reverse order of completion, a node's component is what reaches it backwards and is not placed yet.
    for node in reversed(_in_order_of_leaving(forward)):
        component = _reached(node, backward, placed)
        if len(component) > 1:
            found.append(sorted(component))
    return sorted(found)


def _in_order_of_leaving(links: Links) -> list[int]:
    """The nodes that have a link out, in the order in which a depth-first search completes them."""
    left: list[int] = []
    met: set[int] = set()
    for start in links:
        if start in met:
            continue
        met.add(start)
        path = [(start, iter(links[start]))]
        while path:
            node, rest = path[-1]
            target = next((target for target in rest if target in links and target not in met), None)
            if target is None:
                left.append(node)
                path.pop()
            else:
                met.add(target)
                path.append((target, iter(links[target])))
    return left


def _reached(start: int, links: Links, placed: set[int]) -> list[int]:
    """`start` and everything it reaches outside `placed`; all of it is then added to `placed`."""
    if start in placed:
        return []
    placed.add(start)
    reached = [start]
    for node in reached:
        for target in links.get(node, ()):
            if target not in placed:
                placed.add(target)
                reached.append(target)
    return reached
