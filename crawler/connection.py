"""Where a graph is and how to sign in: what a local server hands out and what a driver is opened with."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import neo4j
from neo4j.auth_management import AuthManager
from neo4j.exceptions import Neo4jError


@dataclass(frozen=True)
class Connection:
    """Where a graph is and how to sign in."""

    uri: str
    username: str
    password: str = field(repr=False)
    database: str = "neo4j"
    password_file: Path | None = None
    """Where the password of a local server stands."""
    check: Callable[[], None] | None = field(default=None, repr=False, compare=False)
    """Called each time before the password is sent; raises ServiceUnavailable where another program could receive it."""

    @property
    def auth(self) -> AuthManager:
        """How a driver signs in."""
        return _CheckedAuth(self)


class _CheckedAuth(AuthManager):
    """Gives a driver the password once it is connected and nothing has been sent, if the check lets it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get_auth(self) -> neo4j.Auth:
        if self._connection.check is not None:
            self._connection.check()
        return neo4j.basic_auth(self._connection.username, self._connection.password)

    def handle_security_exception(self, _auth: object, _error: Neo4jError) -> bool:
        return False  # another attempt would send the same


def wrong_password(where: str, file: Path) -> str:
    """What to say when the local server at `where` refuses its password. Nothing has to be erased for it."""
    return (
        f"{where} refuses the password in {file}: it was changed in the server, or the file was; write the one that was set "
        "last into the file. docs/neo4j.md says how to find out"
    )
