"""The numbers of a dossier's first page, and what is usual on the Hub to compare them with."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from crawler.dossier.form import Ancestor, Contact, Relative, Summary, Usual
from crawler.relatives.ways import CLASSES

Rows = Sequence[Mapping[str, Any]]


def summary(
    descendants: Sequence[Relative],
    contacts: Sequence[Contact],
    *,
    ancestors: Sequence[Ancestor] = (),
    beside: int = 0,
    usual: Usual | None = None,
    look_alikes: int | None = None,
) -> Summary:
    """Count the rows."""
    current = [one for one in descendants if not one.is_withdrawn]
    classes = Counter(one.klass for one in current)
    status = Counter(one.status for one in current)
    turns: dict[str, int] = {}
    for contact in contacts:
        owner = contact.owner or contact.key
        turns[owner] = min(turns.get(owner, contact.turn), contact.turn)
    in_turn = Counter(turns.values())
    return Summary(
        descendants=len(descendants),
        withdrawn=len(descendants) - len(current),
        ancestors=len(ancestors),
        beside=beside,
        roots=tuple(one.id for one in ancestors if one.root),
        classes={name: classes[name] for name in ("trained_on", *CLASSES) if classes[name]},
        status={name: status[name] for name in ("listed", "gone", "absent") if status[name]},
        gated=sum(one.is_gated for one in current),
        open=sum(one.status == "listed" and one.gated == "false" for one in current),
        owners=len({one.owner for one in current if one.owner}),
        downloads=sum(one.downloads or 0 for one in current if one.status == "listed"),
        deepest=max((one.depth for one in current), default=0),
        turns={str(turn): in_turn[turn] for turn in (1, 2, 3)},
        usual=usual,
        look_alikes=look_alikes,
    )


def usual(descendants: int, relatives: int, family_sizes: Rows, most_followed: Rows) -> Usual | None:
    """What the saved queries `family_sizes` and `most_followed` say of a model with so many relatives by current links.

    None where the graph has no figures of families, or the model has no relatives.
    """
    size = 1 + relatives
    size_from = 1 << (size.bit_length() - 1)
    as_large = [row for row in family_sizes if row["size_from"] >= size_from]
    if size == 1 or not as_large:
        return None
    followed = [row["descendants"] for row in most_followed]
    is_ranked = bool(descendants and followed) and descendants >= min(followed)
    return Usual(
        size=size,
        size_from=size_from,
        families=sum(row["families"] for row in as_large),
        share=sum(row["share"] for row in as_large),
        followed_rank=1 + sum(count > descendants for count in followed) if is_ranked else None,
        followed_ranked=len(followed),
    )
