"""A model with its relatives: the models above and below it, and the links between them, as the graph has them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Member:
    """One model of a family. Times and status are those of the day that was asked about, the rest is today's."""

    key: str
    id: str
    status: str
    """listed, gone or absent."""
    owner: str | None = None
    children: int = 0
    """How many models declare it as their parent, or once did, also outside the family that is read."""
    downloads: int | None = None
    likes: int | None = None
    license: str | None = None
    gated: str | None = None
    url: str | None = None
    created_at: datetime | None = None
    revision: str | None = None
    """The commit at which a crawl last listed it; a crawl of an earlier version did not ask for it."""
    providers: tuple[str, ...] = ()
    """The inference providers that serve it today."""
    contact: str | None = None
    """Its discussion page; None where it is not listed today."""


@dataclass(frozen=True, slots=True)
class Link:
    """A declared step from a child to its parent; both are keys of members."""

    child: str
    parent: str
    relation: str
    certainty: str
    sources: tuple[str, ...] = ()
    withdrawn: bool = False
    """The child no longer declares it, on the day that was asked about."""
    first_seen: datetime | None = None
    declared_as: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Relatives:
    """The models that `key` descends from or that descend from it, itself included, and every link among them."""

    key: str
    members: Mapping[str, Member]
    links: tuple[Link, ...]
    above: frozenset[str]
    """Keys of its ancestors, without itself."""
    below: frozenset[str]
    """Keys of its descendants, without itself; on a cycle, a key can be in both."""
