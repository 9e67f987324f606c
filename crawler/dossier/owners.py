"""What the Hub says of owners, as far as it was asked: a person or an organisation, and whether it is verified."""

from collections.abc import Iterable
from typing import LiteralString

import neo4j

from crawler.dossier.form import OwnerKind

# How many names a statement takes.
_BATCH = 10_000
_KINDS: LiteralString = """
UNWIND $names AS name
MATCH (o:Owner {name: name}) WHERE o.kind IS NOT NULL
RETURN o.name AS owner, o.kind AS kind, o.verified AS verified ORDER BY owner
"""


def read_owners(session: neo4j.Session, names: Iterable[str | None]) -> tuple[OwnerKind, ...]:
    """Those of these owners whose kind is known, by name."""
    every = sorted({name for name in names if name is not None})

    def work(transaction: neo4j.ManagedTransaction) -> tuple[OwnerKind, ...]:
        return tuple(
            OwnerKind(**row.data())
            for start in range(0, len(every), _BATCH)
            for row in transaction.run(_KINDS, names=every[start : start + _BATCH])
        )

    return session.execute_read(work)
