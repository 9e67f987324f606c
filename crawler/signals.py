"""SIGTERM and Ctrl-C: the run finishes the current batch or page, then stops. A second signal stops it at once."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from crawler.errors import InterruptedRunError

_finishing = 0
_waiting: int | None = None


def install() -> None:
    """Make SIGTERM and SIGINT raise InterruptedRunError, so that the state is saved."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)


def _stop(number: int, _frame: FrameType | None) -> None:
    global _waiting  # noqa: PLW0603  # signals are global to the process
    if _finishing and _waiting is None:
        _waiting = number
    else:
        _raise(number)


def _raise(number: int) -> None:
    raise InterruptedRunError("stopped; finished work is kept, and the same command resumes from there", number)


@contextmanager
def finishing() -> Iterator[None]:
    """Delay signals until the end of the block."""
    global _finishing, _waiting  # noqa: PLW0603  # as above
    _finishing += 1
    try:
        yield
    finally:
        _finishing -= 1
    if _waiting is not None and not _finishing:
        number, _waiting = _waiting, None
        _raise(number)
