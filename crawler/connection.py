"""Where a graph is and how to sign in: what a local server hands out and what a driver is opened with."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Connection:
    """Where a graph is and how to sign in."""

    uri: str
    username: str
    password: str = field(repr=False)
    database: str = "neo4j"
