"""Makes the tables of a snapshot in a thread, while the crawl waits for the Hub."""

from collections.abc import Iterator
from concurrent.futures import wait
from contextlib import contextmanager

from crawler.questions.at_once import started
from crawler.snapshot.build import Draft

# Seconds. An interrupt ends one statement, and the next one may begin before it is seen.
_AGAIN = 0.1


@contextmanager
def making(draft: Draft) -> Iterator[None]:
    """Make the tables of `draft` beside the block.

    Where the block raises an error, the thread is stopped. An error of the thread is raised at the end of the block.
    """
    made = started(Draft.make, draft)
    try:
        yield
        made.result()
    finally:
        while not wait([made], timeout=_AGAIN).done:
            draft.interrupt()
