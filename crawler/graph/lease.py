"""One writer for one graph: a lease that is taken before the walk, renewed while it lasts, and fenced in every batch.

The state folder's lock tells the processes of one host apart; the lease does it for hosts that share a database. Its
times are the server's, so that clocks of different hosts do not matter. A lease that was not renewed for two minutes is
stale and may be taken over; so may one that this very state folder holds, since whoever holds its lock now knows that
the process before is dead.
"""

import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from uuid import uuid4

import neo4j
from neo4j.exceptions import DriverError, Neo4jError

from crawler.errors import LockHeldError
from crawler.graph.connection import Graph

logger = logging.getLogger(__name__)

SECONDS = 120
RENEW_EVERY = 30.0

_TAKE = """
MERGE (l:Lease {name: 'writer'})
SET l.touched = timestamp()  // the write lock comes before the decision
WITH l, coalesce(l.until < datetime(), true) OR (l.host = $host AND l.state = $state) AS free
FOREACH (_ IN CASE WHEN free THEN [1] END |
  SET l.holder = $holder, l.host = $host, l.state = $state, l.since = datetime(),
      l.until = datetime() + duration({seconds: $seconds}))
RETURN free, l.host AS host, toString(l.since) AS since, toString(l.until) AS until
"""
_RENEW = """
MATCH (l:Lease {name: 'writer', holder: $holder})
SET l.until = datetime() + duration({seconds: $seconds})
RETURN count(l) AS renewed
"""


class Lease:
    """The lease on a graph, held by this process."""

    def __init__(self, graph: Graph, state_id: str) -> None:
        self._graph = graph
        self._state_id = state_id
        self._holder = uuid4().hex
        self._renewing = threading.Lock()

    def take(self) -> None:
        """Take the lease; LockHeldError where another process holds it."""
        host = socket.gethostname()
        values = {"holder": self._holder, "host": host, "state": self._state_id, "seconds": SECONDS}
        [found] = self._graph.write(_TAKE, **values)
        if not found["free"]:
            raise LockHeldError(
                f"a crawl on {found['host']} has been writing to this graph since {found['since']}: try again when it has "
                f"ended (if it is dead, its lease ends at {found['until']})"
            )

    def renew(self, tx: neo4j.ManagedTransaction) -> None:
        """Renew the lease as a part of `tx`; LockHeldError, and so nothing written, where another has taken it over."""
        if tx.run(_RENEW, holder=self._holder, seconds=SECONDS).single(strict=True)["renewed"] != 1:
            raise LockHeldError("another process has taken over the lease on this graph: nothing more is written here")

    def release(self) -> None:
        """Give the lease up."""
        self._graph.write("MATCH (l:Lease {name: 'writer', holder: $holder}) DELETE l", holder=self._holder)

    def renew_until(self, stop: threading.Event) -> None:
        """Renew the lease now and then, for stages that write nothing for long; what fails here shows at the next batch."""
        while not stop.wait(RENEW_EVERY):
            try:
                with self._renewing, self._graph.session() as session:
                    session.execute_write(self.renew)
            except (DriverError, Neo4jError, LockHeldError) as error:
                logger.debug("the lease was not renewed: %s", error)

    @contextmanager
    def moving(self) -> Iterator[None]:
        """Hold the lease on the database before the block and on another one after it; renew none in between.

        Raises LockHeldError where another process has taken it over.
        """
        with self._renewing:
            with self._graph.session() as session:
                session.execute_write(self.renew)
            yield
        self.take()


def holder(graph: Graph, idle: str | None = None) -> str | None:
    """Who holds the lease on `graph`, since when and until when; None where nobody does. A stale one is nobody's.

    `idle` is a state folder of this machine on which no process works: a lease of it was left by one that was killed.
    """
    found = graph.read(
        "MATCH (l:Lease {name: 'writer'}) WHERE l.until >= datetime() "
        "RETURN l.host AS host, l.state AS state, toString(l.since) AS since, toString(l.until) AS until"
    )
    for one in found:
        text = f"{one['host']} since {one['since']}, until {one['until']}"
        killed = idle is not None and (one["host"], one["state"]) == (socket.gethostname(), idle)
        return f"{text}; that run was killed, and the next one takes over" if killed else text
    return None


@contextmanager
def leased(graph: Graph, state_id: str) -> Iterator[Lease]:
    """Hold the lease on `graph` for the block; LockHeldError at once where another process holds it."""
    lease = Lease(graph, state_id)
    lease.take()
    stop = threading.Event()
    keeper = threading.Thread(target=lease.renew_until, args=(stop,), daemon=True, name="lease")
    keeper.start()
    try:
        yield lease
    finally:
        stop.set()
        keeper.join(timeout=5)
        with suppress(DriverError, Neo4jError):  # a database that is away forgets the lease in two minutes
            lease.release()
