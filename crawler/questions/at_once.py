"""Several calls at a time, each in a thread of its own, and their results in the order of the calls."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

A = TypeVar("A")
R = TypeVar("R")


def in_order(call: Callable[[A], R], arguments: Iterable[A], at_once: int) -> Iterator[tuple[A, Future[R]]]:
    """Call for each of `arguments`, at most `at_once` at a time; yield each with its future, the oldest first.

    The next of `arguments` is taken after the oldest result has been looked at, so they can end early.
    """
    under_way: deque[tuple[A, Future[R]]] = deque()
    for argument in arguments:
        under_way.append((argument, started(call, argument)))
        if len(under_way) == at_once:
            yield under_way.popleft()
    yield from under_way


def started(call: Callable[[A], R], argument: A) -> Future[R]:
    """Start a call; the future has its result or its exception."""
    future: Future[R] = Future()

    def run() -> None:
        try:
            future.set_result(call(argument))
        except BaseException as error:  # noqa: BLE001  # whoever asks for the result gets it
            future.set_exception(error)

    # As a daemon: a call that waits for a rate window must not hold up the end of the program.
    Thread(target=run, daemon=True).start()
    return future
