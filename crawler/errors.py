"""Errors that a user can act on. The class decides the exit code.

HubGenealogyError            1   failed
├── OutputLostError          1   stdout cannot be written
│   └── ReaderGoneError      1   the reader of stdout has closed it, as `head` does; no message
├── UsageError               2   the command, a setting or a parameter is wrong
├── SafetyRefusedError       3   finished, but a safety check refused part of the work
└── TryLaterError           75   temporary: lock held, Hub or database unavailable, graph being built
    ├── LockHeldError
    ├── HubUnreachableError
    ├── GraphUnreachableError
    └── GraphBeingBuiltError
InterruptedRunError        130   stopped by a signal (143 for SIGTERM), state saved

A message is one line: what happened, where, and what to do. Any other exception is a bug and keeps its traceback.
"""

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class HubGenealogyError(Exception):
    """A failure that the user can understand from one line."""

    exit_code = 1


class OutputLostError(HubGenealogyError):
    """stdout could not be written."""


class ReaderGoneError(OutputLostError):
    """The reader of stdout has closed it; there is nobody to tell."""


class UsageError(HubGenealogyError):
    """The command, a setting or a parameter is wrong."""

    exit_code = 2


class SafetyRefusedError(HubGenealogyError):
    """The run finished, but a safety check refused part of the work."""

    exit_code = 3


class TryLaterError(HubGenealogyError):
    """A temporary failure: the same command may succeed later."""

    exit_code = 75


class LockHeldError(TryLaterError):
    """Another process writes to this state folder."""


class HubUnreachableError(TryLaterError):
    """The Hub did not answer within `hub.patience`."""


class GraphUnreachableError(TryLaterError):
    """Neo4j does not answer."""


class GraphBeingBuiltError(TryLaterError):
    """The graph is incomplete while it is being built; an answer from it would be silently incomplete."""


class InterruptedRunError(BaseException):
    """A signal stopped the run; finished work is kept.

    Like `KeyboardInterrupt`, it is no `Exception`: code that goes on after an error must not go on after a signal.
    """

    exit_code = 130

    def __init__(self, message: str, signal_number: int) -> None:
        super().__init__(message)
        self.exit_code = 128 + signal_number


def nearest(name: str, known: "Iterable[str]", prefix: str = "; nearest: ", count: int = 3) -> str:
    """Return the names in `known` closest to `name`, to append to a message; empty if none is close."""
    by_lower = {candidate.lower(): candidate for candidate in known}
    close = get_close_matches(name.lower(), by_lower, n=count, cutoff=0.5)
    return prefix + ", ".join(by_lower[lower] for lower in close) if close else ""
