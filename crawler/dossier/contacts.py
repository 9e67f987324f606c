"""Whom to contact, in which order, and how: one row for each owner, by the rules of the saved query `notify`.

An owner is in the wave of its strongest class. A contact is never better than it is: a discussion page is public, and
an owner's page takes no message.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from crawler.dossier.form import HUB, Contact, OwnerKind, copied
from crawler.dossier.rows import Members, importance, standing
from crawler.records.forgetting import is_stand_in
from crawler.relatives.model import Member
from crawler.relatives.ways import CLASSES, Way

DIRECTIONS = ("self", "upstream", "beside", "downstream")
# When an owner is contacted, by the class of its wave.
TURNS = {
    "itself": 1,
    "trained_on": 1,
    "same_weights": 1,
    "needs_parent": 2,
    "retrained": 2,
    "mixed": 2,
    "unclear": 3,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A model whose owner is to be contacted, and how it is related to what the dossier is about."""

    member: Member
    direction: str = "self"
    klass: str = "itself"
    certainty: str | None = None
    withdrawn: bool = False
    depth: int = 0

    @property
    def wave(self) -> int:
        """0 is the model itself, or one that names the data set; then the classes, strongest first."""
        return CLASSES.index(self.klass) + 1 if self.klass in CLASSES else 0


def on_ways(direction: str, members: Members, ways: Mapping[str, Way]) -> Iterator[Asked]:
    """The relatives at the ends of these ways."""
    for key, way in ways.items():
        yield Asked(members[key], direction, way.klass, way.certainty, way.withdrawn, way.depth)


def contacts(relatives: Iterable[Asked], owners: Iterable[OwnerKind]) -> tuple[Contact, ...]:
    """The owners of these models: the first turn first, of each direction the strongest class, then the largest.

    `owners` is what is known of them.
    """
    known = {one.owner: one for one in owners}
    groups: dict[tuple[str, bool, str], list[Asked]] = {}
    for one in relatives:
        group = (one.direction, one.withdrawn, one.member.owner or one.member.key)
        groups.setdefault(group, []).append(one)
    return tuple(sorted((_contact(found, known) for found in groups.values()), key=_order))


def _contact(found: list[Asked], owners: Mapping[str, OwnerKind]) -> Contact:
    wave = min(one.wave for one in found)
    asked = sorted(
        (one for one in found if one.wave == wave),
        key=lambda one: (one.member.status != "listed", one.depth, importance(one.member)),
    )
    listed = [one.member for one in asked if one.member.status == "listed"]
    first, member = asked[0], asked[0].member
    kind, quality = how(member)
    owner_kind, verified = what(member.owner, owners)
    return copied(
        Contact,
        member,
        owner_kind=owner_kind,
        verified=verified,
        turn=TURNS[first.klass],
        direction=first.direction,
        wave=wave,
        klass=first.klass,
        link_status=standing(withdrawn=first.withdrawn),
        certainty=first.certainty,
        depth=first.depth,
        models=len(asked),
        listed=len(listed),
        total_downloads=sum(one.downloads or 0 for one in listed),
        all_models=len(found),
        owner_url=f"{HUB}/{member.owner}" if _has_page(member) else None,
        kind=kind,
        quality=quality,
    )


def what(owner: str | None, owners: Mapping[str, OwnerKind]) -> tuple[str | None, bool | None]:
    """The kind of an owner, and whether it is verified."""
    if owner is None:
        return None, None
    return (owners[owner].kind, owners[owner].verified) if owner in owners else ("unknown", None)


def how(member: Member) -> tuple[str, str]:
    """Where its owner can be reached, and how good that is."""
    if member.contact is not None:
        return "discussion", "public"
    return ("owner_page", "indirect") if _has_page(member) else ("none", "none")


def _has_page(member: Member) -> bool:
    """Whether its owner has a page: nobody knows that of one who is forgotten."""
    return member.owner is not None and not is_stand_in(member.owner)


def _order(row: Contact) -> tuple[object, ...]:
    return (
        row.turn,
        row.link_status,
        DIRECTIONS.index(row.direction),
        row.wave,
        -row.children,
        -row.total_downloads,
        row.owner or "",
        row.key,
    )
