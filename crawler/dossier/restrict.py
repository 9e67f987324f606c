"""A dossier of a part of a family: only along links of some kinds, only relatives of some kinds or statuses. Pure functions.

The filters mean what they mean in the saved queries `ancestors` and `descendants`. A way passes through relatives that
are not shown, as it does there.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from crawler.dossier.form import Beside, Filters
from crawler.relatives import ways
from crawler.relatives.model import Link, Member, Relatives
from crawler.relatives.ways import Way

# The kind of every step between two copies of one original.
COPIES = "quantized"


def along(family: Relatives, filters: Filters) -> Relatives:
    """The part of a family that links of the kinds in `along` connect with the model."""
    if not filters.along:
        return family
    links = used(family.links, filters)
    above, below = ways.up(links, family.key).keys(), ways.down(links, [family.key]).keys()
    keys = {family.key, *above, *below}
    return replace(
        family,
        members={key: family.members[key] for key in family.members if key in keys},
        links=tuple(link for link in links if link.child in keys and link.parent in keys),
        above=frozenset(above),
        below=frozenset(below),
    )


def used(links: tuple[Link, ...], filters: Filters) -> tuple[Link, ...]:
    """The links that ways may use."""
    return tuple(link for link in links if not filters.along or link.relation in filters.along)


def ancestors(found: Mapping[str, Way], family: Relatives, filters: Filters) -> dict[str, Way]:
    """Those that are shown: a link of the kinds in `kind` reaches them from the model or from another ancestor."""
    near = {family.key, *found}
    reached = {link.parent for link in _of_kind(family.links, filters) if link.child in near}
    return _shown(found, family.members, filters, reached)


def descendants(
    found: Mapping[str, Way],
    members: Mapping[str, Member],
    links: Iterable[Link],
    tops: Collection[str],
    filters: Filters,
) -> dict[str, Way]:
    """Those that are shown: their own link to one of `tops` or to another descendant is of the kinds in `kind`."""
    near = {*tops, *found}
    own = {link.child for link in _of_kind(links, filters) if link.parent in near}
    return _shown(found, members, filters, own)


def beside(found: Iterable[Beside], filters: Filters) -> tuple[Beside, ...]:
    """Those that are shown; their own step is one between copies."""
    if not all(COPIES in kinds for kinds in (filters.kind, filters.along) if kinds):
        return ()
    return tuple(one for one in found if not filters.status or one.status in filters.status)


def _of_kind(links: Iterable[Link], filters: Filters) -> Iterable[Link]:
    return (link for link in links if link.child != link.parent and (not filters.kind or link.relation in filters.kind))


def _shown(
    found: Mapping[str, Way], members: Mapping[str, Member], filters: Filters, stepped: Collection[str]
) -> dict[str, Way]:
    return {
        key: way
        for key, way in found.items()
        if (not filters.kind or key in stepped) and (not filters.status or members[key].status in filters.status)
    }
