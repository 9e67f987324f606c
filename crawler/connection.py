"""Where a graph is and how to sign in: what a local server hands out and what a driver is opened with."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Connection:
    """Where a graph is and how to sign in."""

    uri: str
    username: str
    password: str = field(repr=False)
    database: str = "neo4j"
    password_file: Path | None = None
    """Where the password of a local server stands."""
