"""Which model a user means: its name, a name it bore before, another spelling of it, or its address on the Hub."""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, LiteralString

import neo4j
from neo4j.exceptions import ClientError

from crawler.errors import HubGenealogyError
from crawler.records.references import Unreadable, read_typed

logger = logging.getLogger(__name__)

NEAREST = 3
LONGEST_NAME = 200

_CANDIDATES: LiteralString = """
CALL () {
  MATCH (m:Model) WHERE m.key = $name RETURN m, $name AS name, 'key' AS by
  UNION MATCH (m:Model {id: $name}) RETURN m, $name AS name, 'name' AS by
  UNION MATCH (f:FormerName {id_lower: $lower})-[:NOW]->(m) RETURN m, f.id AS name, 'former name' AS by
  UNION MATCH (m:Model {id_lower: $lower}) WHERE m.id <> $name RETURN m, m.id AS name, 'name' AS by
}
RETURN m.key AS key, m.id AS id, m.status AS status, name, by
ORDER BY by <> 'key', name <> $name, status <> 'listed', by = 'former name', status <> 'gone', m.gone_at DESC, key
"""

_SAME_LAST_PART: LiteralString = """
CALL db.index.fulltext.queryNodes('model_names', $terms) YIELD node
WHERE node:Model AND node.id_lower ENDS WITH $ending
RETURN node.key AS key, node.id AS id, node.status AS status, node.id AS name, 'last part' AS by
ORDER BY status <> 'listed', key LIMIT 2
"""

_SIMILAR: LiteralString = """
CALL db.index.fulltext.queryNodes('model_names', $terms, {limit: 300}) YIELD node
RETURN DISTINCT node.id AS id ORDER BY id
"""

_SAME_START: LiteralString = """
MATCH (m:Model) WHERE m.id_lower STARTS WITH $start
RETURN DISTINCT m.id AS id ORDER BY id LIMIT 300
"""


@dataclass(frozen=True)
class Found:
    """A model that a text may mean, and by which of its names it was found."""

    key: str
    id: str
    status: str
    name: str
    by: str


def resolve(session: neo4j.Session, text: str, endpoint: str) -> Found:
    """The model that `text` means; whatever was not its exact name is said in the log.

    Asked in this order: key, exact name, former name, another case, the last part of a name without its owner; of
    several models that bore the name, the listed one. Raises HubGenealogyError, with the nearest names, where there is
    none.
    """
    name = from_address(text, endpoint)
    rows = _read(session, _CANDIDATES, {"name": name, "lower": name.lower()})
    found = [Found(**row) for row in rows]
    exact = [candidate for candidate in found if candidate.name == name]
    chosen = _choose(name, exact or found) if found else _by_last_part(session, name)
    if chosen is None:
        raise unknown(name, nearest_names(session, name))
    _say(text, name, chosen)
    return chosen


def from_address(text: str, endpoint: str) -> str:
    """The name in an address of the Hub, such as https://huggingface.co/org/model/tree/main; other text as it is.

    Raises HubGenealogyError for the address of something that is no model.
    """
    name = read_typed(text, endpoint)
    if isinstance(name, Unreadable):
        raise HubGenealogyError(f"{text.strip()!r} is not the address of a model")
    return name


def _choose(name: str, found: list[Found]) -> Found:
    """The first of the candidates, which come in the order of preference; the others are named."""
    chosen = found[0]
    others = {candidate.key: candidate for candidate in found if candidate.key != chosen.key}
    equals = [other.id for other in others.values() if (other.status, other.by) == (chosen.status, chosen.by)]
    if chosen.name != name and set(equals) - {chosen.id}:
        spellings = ", ".join([chosen.id, *equals])
        raise HubGenealogyError(f"no model is spelt {name!r}, but several are in another case: {spellings}")
    for other in others.values():
        logger.warning(
            "another model bore the name %s too: %s, %s; to ask about that one, give its key %s",
            other.name,
            other.id,
            other.status,
            other.key,
        )
    return chosen


def _say(text: str, name: str, chosen: Found) -> None:
    if chosen.by == "key":
        return
    if chosen.by == "former name":
        logger.info("%s is now called %s", chosen.name, chosen.id)
    elif text != chosen.id:
        logger.info("%s: taken as %s", name if chosen.by == "last part" else text, chosen.id)
    if chosen.status != "listed":
        meaning = "deleted or private now" if chosen.status == "gone" else "named by others, but in no listing so far"
        logger.info("%s is %s: %s", chosen.id, chosen.status, meaning)


def _by_last_part(session: neo4j.Session, name: str) -> Found | None:
    """The only model whose name without its owner is `name`."""
    terms = words(name)
    if "/" in name or not terms:
        return None
    query = {"terms": " AND ".join(terms), "ending": f"/{name.lower()}"}
    found = [Found(**row) for row in _read_index(session, _SAME_LAST_PART, query)]
    return found[0] if len(found) == 1 else None


def nearest_names(session: neo4j.Session, name: str) -> list[str]:
    """The names in the graph most like `name`, best first."""
    name = name[:LONGEST_NAME]
    terms = words(name)
    rows = _read_index(session, _SIMILAR, {"terms": " ".join(map(_fuzzy, terms))}) if terms else []
    if not rows:
        start = name.split("/")[0] if "/" in name else name[:3]
        rows = _read(session, _SAME_START, {"start": start.lower()}) if start else []
    ranked = sorted(((_likeness(name, row["id"]), row["id"]) for row in rows), key=lambda pair: (-pair[0], pair[1]))
    return [candidate for likeness, candidate in ranked if likeness > 0.5][:NEAREST]


def words(name: str) -> list[str]:
    """The words of a name as the full-text index cuts them: letters, digits, `_` and inner dots, in lower case.

    Nothing in them has a meaning in the index's query language, so a name can hold no operator.
    """
    return re.findall(r"\w+(?:\.\w+)*", name[:LONGEST_NAME].lower())


def _fuzzy(word: str) -> str:
    return f"{word}~{2 if len(word) > 5 else 1}" if len(word) > 2 else word


def _likeness(name: str, candidate: str) -> float:
    """From 0 to 1; a name without an owner is compared with the last part."""
    other = candidate if "/" in name else candidate.rsplit("/", 1)[-1]
    return SequenceMatcher(None, name.lower(), other.lower()).ratio()


def unknown(name: str, near: list[str]) -> HubGenealogyError:
    """The error of a name that no model has or had, with the names that are nearest to it."""
    hint = f"; nearest: {', '.join(near)}" if near else ", and none has a name like it"
    return HubGenealogyError(f"no model is known as {name!r}{hint}")


def _read(session: neo4j.Session, statement: LiteralString, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    return session.execute_read(lambda transaction: transaction.run(statement, dict(values)).data())


def _read_index(session: neo4j.Session, statement: LiteralString, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Read through the full-text index; nothing where the graph lacks it."""
    try:
        return _read(session, statement, values)
    except ClientError as error:
        if error.code != "Neo.ClientError.Procedure.ProcedureCallFailed":
            raise
        logger.debug("the full-text index does not answer: %s", error)
        return []
