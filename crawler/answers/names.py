"""Which model a user means: its name, a name it bore before, another spelling of it, or its address on the Hub."""

import logging
import re
from collections.abc import Collection, Mapping
from difflib import SequenceMatcher
from typing import Any, LiteralString

import neo4j
from neo4j.exceptions import ClientError

from crawler.errors import HubGenealogyError
from crawler.records.naming import Bearer, meaning
from crawler.records.references import Unreadable, read_typed

logger = logging.getLogger(__name__)

NEAREST = 3
LONGEST_NAME = 200

_BEARERS: LiteralString = """
CALL () {
  MATCH (m:Model) WHERE m.key = $name RETURN m, m.id AS name, false AS former, false AS learned
  UNION MATCH (m:Model {id: $name}) RETURN m, m.id AS name, false AS former, false AS learned
  UNION MATCH (m:Model {id_lower: $lower}) RETURN m, m.id AS name, false AS former, false AS learned
  UNION MATCH (f:FormerName {id_lower: $lower})-[:NOW]->(m) RETURN m, f.id AS name, true AS former, f.since IS NULL AS learned
}
RETURN m.key AS key, m.id AS id, m.status AS status, name, former, learned ORDER BY key, name, former
"""

_SAME_LAST_PART: LiteralString = """
CALL db.index.fulltext.queryNodes('model_names', $terms) YIELD node
WHERE node:Model AND node.id_lower ENDS WITH $ending
RETURN node.key AS key, node.id AS id, node.status AS status, node.id AS name
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


def resolve(session: neo4j.Session, text: str, endpoint: str) -> Bearer:
    """The model that `text` means by the rule of `naming`, or the only model whose name without its owner it is.

    Whatever was not its exact name, and each other model of that name, is said in the log. Raises HubGenealogyError,
    with the nearest names, where there is no such model.
    """
    name = from_address(text, endpoint)
    bearers = [Bearer(**row) for row in _read(session, _BEARERS, {"name": name, "lower": name.lower()})]
    chosen = choose(name, bearers) or _by_last_part(session, name)
    if chosen is None:
        raise unknown(name, nearest_names(session, name))
    _say(text, name, chosen, bearers)
    return chosen


def from_address(text: str, endpoint: str) -> str:
    """The name in an address of the Hub, such as https://huggingface.co/org/model/tree/main; other text as it is.

    Raises HubGenealogyError for the address of something that is no model.
    """
    name = read_typed(text, endpoint)
    if isinstance(name, Unreadable):
        raise HubGenealogyError(f"{text.strip()!r} is not the address of a model")
    return name


def choose(name: str, bearers: Collection[Bearer]) -> Bearer | None:
    """The model that `name` means, of `bearers` of that name; None where there are none.

    Raises HubGenealogyError where several have it in another case, and none in this one.
    """
    chosen = meaning(name, bearers)
    if chosen is None and bearers:
        spellings = ", ".join(sorted({bearer.name for bearer in bearers}))
        raise HubGenealogyError(f"no model is spelt {name!r}, but several are in another case: {spellings}")
    return chosen


def _say(text: str, name: str, chosen: Bearer, bearers: Collection[Bearer]) -> None:
    if chosen.key == name:
        return
    # Models of the name in another case are others only where no model has it in this one.
    others = {b.key: b for b in bearers if b.key != chosen.key and (b.name == name or chosen.name != name)}
    for other in others.values():
        logger.warning(
            "another model bore the name %s too: %s, %s; to ask about that one, give its key %s",
            other.name,
            other.id,
            other.status,
            other.key,
        )
    if chosen.former:
        logger.info("%s is now called %s", chosen.name, chosen.id)
    elif text != chosen.id:
        logger.info("%s: taken as %s", text, chosen.id)
    if chosen.status != "listed":
        what = "deleted or private now" if chosen.status == "gone" else "named by others, but in no listing so far"
        logger.info("%s is %s: %s", chosen.id, chosen.status, what)


def _by_last_part(session: neo4j.Session, name: str) -> Bearer | None:
    """The only model whose name without its owner is `name`."""
    terms = words(name)
    if "/" in name or not terms:
        return None
    query = {"terms": " AND ".join(terms), "ending": f"/{name.lower()}"}
    found = [Bearer(**row) for row in _read_index(session, _SAME_LAST_PART, query)]
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
