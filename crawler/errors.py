"""Everything that can go wrong in a way a user can act on; the class decides the exit code.

HubGenealogyError            1   failed
├── OutputLostError          1   stdout takes no more
│   └── ReaderGoneError      1   the reader of stdout has gone away, as `head` does; no message
├── UsageError               2   the command, a setting or a parameter is wrong
├── SafetyRefusedError       3   finished, but a safety check refused part of the work
├── TryLaterError           75   nothing is broken here: lock held, Hub or database away, graph being built
│   ├── LockHeldError
│   ├── HubUnreachableError
│   ├── GraphUnreachableError
│   └── GraphBeingBuiltError
└── InterruptedRunError    130   stopped by a signal (143 for SIGTERM), state saved

A message is one line: what, where, and what to do next. Anything else that is raised is a bug and keeps its traceback.
"""

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class HubGenealogyError(Exception):
    """A failure that the user can understand from one line."""

    exit_code = 1


class OutputLostError(HubGenealogyError):
    """What was to be written to stdout did not get there."""


class ReaderGoneError(OutputLostError):
    """The reader of stdout has gone away; nobody is left to be told."""


class UsageError(HubGenealogyError):
    """The command, a setting or a parameter is wrong."""

    exit_code = 2


class SafetyRefusedError(HubGenealogyError):
    """The run finished, but a safety check refused part of the work."""

    exit_code = 3


class TryLaterError(HubGenealogyError):
    """Nothing is broken here; the same command may succeed later."""

    exit_code = 75


class LockHeldError(TryLaterError):
    """Another process writes to this state folder."""


class HubUnreachableError(TryLaterError):
    """The Hub did not answer within the set patience."""


class GraphUnreachableError(TryLaterError):
    """Neo4j does not answer."""


class GraphBeingBuiltError(TryLaterError):
    """The graph is not whole yet; an answer from it would be silently incomplete."""


class InterruptedRunError(HubGenealogyError):
    """The run was stopped by a signal; what was done is kept."""

    exit_code = 130

    def __init__(self, message: str, signal_number: int) -> None:
        super().__init__(message)
        self.exit_code = 128 + signal_number


def nearest(name: str, known: "Iterable[str]", prefix: str = "; nearest: ", count: int = 3) -> str:
    """The names in `known` closest to `name`, ready to append to a message; empty where none is close."""
    by_lower = {candidate.lower(): candidate for candidate in known}
    close = get_close_matches(name.lower(), by_lower, n=count, cutoff=0.5)
    return prefix + ", ".join(by_lower[lower] for lower in close) if close else ""
