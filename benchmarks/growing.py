"""A made listing that lives through nights: repositories are added, edited, touched, renamed and deleted."""

import random
from abc import ABC, abstractmethod
from array import array
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha1

FIRST, LAST = 0x62200000, 0x6A900000  # seconds since 1970: March 2022 to October 2026

# What a night does to the repositories that it touches.
EDITED, TOUCHED, DELETED, RENAMED = range(4)
_FATES = (EDITED,) * 6 + (TOUCHED,) * 4 + (DELETED,) * 3 + (RENAMED,)
# A third of what a night changes are new repositories.
NEW_SHARE = 1 / 3
# In the order of the last change, this many old repositories follow those that the last night changed.
OLD = 3000


class Growing(ABC):
    """The repositories of a made listing, by their number, which is also their order of creation."""

    def __init__(self, size: int, seed: int) -> None:
        self._chance, self._seed = random.Random(seed), seed
        self._versions = bytearray()
        self._modified = array("q")
        self._made = array("q")
        self._gone = bytearray()
        self._renames = bytearray()
        self.night = 0
        self.changed: set[int] = set()
        """The numbers of the repositories that the last night made or changed, deleted ones aside."""
        self._span = size

    def __len__(self) -> int:
        """How many repositories were ever made."""
        return len(self._modified)

    @abstractmethod
    def record(self, number: int) -> bytes:
        """The record of one repository, as the listing has it."""

    def grow(self, moment: int | None = None) -> None:
        """Make one more repository, at `moment` or at its place between FIRST and LAST."""
        made = FIRST + (LAST - FIRST) * len(self) // self._span if moment is None else moment
        self._made.append(made)
        self._modified.append(made)
        self._versions.append(0)
        self._gone.append(0)
        self._renames.append(0)

    def pass_night(self, share: float, now: datetime) -> None:
        """Change about `share` of the repositories: a third are new, the others edited, touched, deleted or renamed."""
        chance, moment = self._chance, int(now.timestamp())
        self.night += 1
        self.changed = set()
        count = round(len(self) * share)
        born = round(count * NEW_SHARE)
        for _ in range(count - born):
            number = chance.randrange(len(self))
            if self._gone[number]:
                continue
            fate = chance.choice(_FATES)
            if fate == DELETED:
                self._gone[number] = 1
                self.changed.discard(number)
                continue
            self._modified[number] = moment
            self.changed.add(number)
            if fate == RENAMED:
                self._renames[number] = (self._renames[number] + 1) % 256
            elif fate == EDITED:
                self._versions[number] = (self._versions[number] + 1) % 256
        for _ in range(born):
            self.changed.add(len(self))
            self.grow(max(LAST, moment))

    def records(self) -> Iterator[bytes]:
        """The records of all listed repositories, oldest first, as the Hub writes them."""
        return (self.record(number) for number in range(len(self)) if not self._gone[number])

    def last_changed(self) -> Iterator[bytes]:
        """The records of what the last night made or changed, and then some old ones: newest first."""
        changed = sorted(self.changed, reverse=True)
        old = [n for n in range(min(OLD, len(self))) if n not in self.changed and not self._gone[n]]
        return (self.record(number) for number in changed + sorted(old, key=lambda n: -self._modified[n]))

    def _mix(self, number: int) -> int:
        """32 bits from which all that no chance decides of a repository is taken."""
        return (number * 2654435761 + self._seed) & 0xFFFFFFFF

    def _revision(self, number: int) -> str:
        text = f"{number} {self._versions[number]} {self._modified[number]}"
        return sha1(text.encode(), usedforsecurity=False).hexdigest()

    def _created(self, number: int) -> int:
        return self._made[number]

    def _renamed(self, name: str, number: int) -> str:
        """`name`, as it is after the renames of this repository."""
        renames = self._renames[number]
        return f"{name}-v{renames}" if renames else name


def iso(seconds: int) -> str:
    """A time as the Hub writes it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
