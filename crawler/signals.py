"""SIGTERM and Ctrl-C: the batch or page at hand is finished, then the run stops; a second signal stops at once."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from crawler.errors import InterruptedRunError

_finishing = 0
_waiting: int | None = None


def install() -> None:
    """Let SIGTERM and SIGINT end this process as an InterruptedRunError, with the state saved."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)


def _stop(number: int, _frame: FrameType | None) -> None:
    global _waiting  # noqa: PLW0603  # a signal belongs to the process, and so does this
    if _finishing and _waiting is None:
        _waiting = number
    else:
        _raise(number)


def _raise(number: int) -> None:
    raise InterruptedRunError("stopped; what was done is kept, the same command goes on from there", number)


@contextmanager
def finishing() -> Iterator[None]:
    """Let a signal wait until the end of the block."""
    global _finishing, _waiting  # noqa: PLW0603  # as above
    _finishing += 1
    try:
        yield
    finally:
        _finishing -= 1
    if _waiting is not None and not _finishing:
        number, _waiting = _waiting, None
        _raise(number)
