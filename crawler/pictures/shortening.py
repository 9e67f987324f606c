"""A picture with a bounded number of rows: the largest branches stay, and what goes is counted where it was."""

import heapq
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count

from crawler.pictures.grouping import Row, Tree


def shortened(tree: Tree, rows: int) -> Tree:
    """The tree in at most so many rows. Ancestors get a third of them, and what descendants leave."""
    if 1 + len(tree.above) + len(tree.below) <= rows:
        return tree
    above = _side(tree.above, max(rows // 3, rows - 1 - len(tree.below)))
    return replace(tree, above=above, below=_side(tree.below, rows - 1 - len(above)))


def _side(rows: Sequence[Row], limit: int) -> tuple[Row, ...]:
    """The rows that stand for the most models, together with those that they hang from.

    Where some of the rows that hang from one are left out, a last one counts their models. Where all are, it counts them
    itself.
    """
    if len(rows) <= limit:
        return tuple(rows)
    hanging: dict[int | None, list[int]] = defaultdict(list)
    weights = [row.size for row in rows]
    for number, row in enumerate(rows):
        hanging[row.parent].append(number)
    for number in range(len(rows) - 1, -1, -1):
        if (parent := rows[number].parent) is not None:
            weights[parent] += weights[number]
    return tuple(_renumbered(rows, hanging, weights, _kept(hanging, weights, limit)))


def _kept(hanging: dict[int | None, list[int]], weights: Sequence[int], limit: int) -> dict[int | None, int]:
    """The rows that stay, each with the number of those that hang from it and stay too."""
    kept: dict[int | None, int] = {None: 0}
    used = 0
    parents = {number: parent for parent, numbers in hanging.items() for number in numbers}
    waiting = [(-weights[number], number) for number in hanging[None]]
    heapq.heapify(waiting)
    while waiting:
        _, number = heapq.heappop(waiting)
        parent = parents[number]
        siblings = len(hanging[parent])
        # Some of the siblings, but not all, need one more row, which counts the others.
        cost = 1 + (0 < kept[parent] + 1 < siblings) - (0 < kept[parent] < siblings)
        if used + cost > limit:
            continue
        used += cost
        kept[parent] += 1
        kept[number] = 0
        for other in hanging.get(number, ()):
            heapq.heappush(waiting, (-weights[other], other))
    return kept


def _renumbered(
    rows: Sequence[Row],
    hanging: Mapping[int | None, Sequence[int]],
    weights: Sequence[int],
    kept: Mapping[int | None, int],
) -> Iterator[Row]:
    """The kept rows in their order, and those that count the others."""
    waiting: list[tuple[Row, int | None, int | None]] = []  # with its old number, and its parent's new one

    def look(number: int | None, new_number: int | None) -> int:
        """Let what hangs from a row wait; return how many models the row itself must count."""
        shown = [other for other in hanging.get(number, ()) if other in kept]
        gone = sum(weights[other] for other in hanging.get(number, ()) if other not in kept)
        if gone and (shown or number is None):
            depth = 1 if number is None else rows[number].depth + 1
            waiting.append((Row((), depth, None, hidden=gone), None, new_number))
            gone = 0
        waiting.extend((rows[other], other, new_number) for other in reversed(shown))
        return gone

    look(None, None)
    for new_number in count():
        if not waiting:
            return
        row, number, parent = waiting.pop()
        gone = 0 if number is None else look(number, new_number)
        yield replace(row, parent=parent, hidden=row.hidden + gone)
