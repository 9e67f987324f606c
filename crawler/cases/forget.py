"""The register of cases without the names of forgotten owners: the only change of the trail of events, which is told in it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from crawler.cases import schema, store
from crawler.cases.register import Acting, Register
from crawler.errors import HubGenealogyError

# Texts in which a repository or an owner may be named. `by` is a user of this machine.
_TEXTS = {
    "cases": ("reference", "key", "subject"),
    "members": ("key", "id", "owner", "medium", "note", "dataset"),
    "events": ("key",),
}
_LISTS = {"members": "parents", "events": "details"}
# In the events of other kinds, these are states, classes and revisions.
_NAMES_BEFORE_AND_AFTER = ("renamed", "reparented")


def replace(home: Path, acting: Acting, forgotten: Callable[[Any], Any]) -> int:
    """Give every text of the register the value that `forgotten` has for it; return in how many cases one changed.

    All of it or nothing, and without a trace in the file.
    """
    with store.opened(home) as connection:
        if connection is None:
            return 0
        triggers = [one for migration in schema.MIGRATIONS for one in migration if "CREATE TRIGGER" in one]
        changed: set[int] = set()
        with store.changing(connection):
            for trigger in triggers:
                connection.execute(f"DROP TRIGGER {trigger.split()[2]}")
            for table in _TEXTS:
                place = {"cases": ("id",), "members": ("case", "key"), "events": ("number",)}[table]
                for row in connection.execute(f"SELECT * FROM {table}").fetchall():  # noqa: S608  # our own names
                    new = _replaced(home, table, dict(row), forgotten)
                    if new:
                        assigned = ", ".join(f"{column} = ?" for column in new)
                        where = " AND ".join(f'"{column}" = ?' for column in place)
                        connection.execute(
                            f"UPDATE {table} SET {assigned} WHERE {where}",  # noqa: S608  # likewise
                            (*new.values(), *(row[column] for column in place)),
                        )
                        changed.add(row["id" if table == "cases" else "case"])
            register = Register(connection, store.path_of(home), acting)
            for number in sorted(changed):
                register.tell_forgotten(number)
            for trigger in triggers:
                connection.execute(trigger)
        if changed:
            connection.execute("VACUUM")
        return len(changed)


def _replaced(home: Path, table: str, row: dict[str, Any], forgotten: Callable[[Any], Any]) -> dict[str, Any]:
    """The columns that change, with their new values."""
    new = {column: forgotten(row[column]) for column in _TEXTS[table]}
    if column := _LISTS.get(table):
        new[column] = _in_json(home, row[column], row.get("kind"), forgotten)
    return {column: value for column, value in new.items() if value != row[column]}


def _in_json(home: Path, text: Any, kind: str | None, forgotten: Callable[[Any], Any]) -> str:
    try:
        found = json.loads(text)
    except (TypeError, ValueError, RecursionError) as error:
        raise _damaged(home, error) from None
    if isinstance(found, dict):
        left = () if kind in _NAMES_BEFORE_AND_AFTER else ("from", "to")
        new: Any = {name: value if name in left else forgotten(value) for name, value in found.items()}
    else:
        new = sorted(forgotten(found))
    return str(text) if new == found else json.dumps(new, ensure_ascii=False)


def _damaged(home: Path, error: Exception) -> HubGenealogyError:
    return store.damaged(store.path_of(home), error)
