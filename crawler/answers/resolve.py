"""What a user's text means in the graph: a model, an owner, a data set or a licence. One mechanism for all four."""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, LiteralString

import neo4j
from neo4j.exceptions import ClientError

from crawler.answers import names
from crawler.records.naming import Bearer
from crawler.records.references import TypedKind

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Kind:
    """What a parameter can name, and how it is found in the graph."""

    noun: str
    address: TypedKind | None
    """The kind of address that it has on the Hub; None: it has none."""
    found_by: tuple[LiteralString, ...]
    """Statements that return bearers of the name. The first that returns any decides."""
    alike: tuple[LiteralString, ...]
    """Statements that return names like it, as `id`. The first that returns any decides."""
    perhaps_same: LiteralString | None = None
    """A statement that returns, as `id`, others that may be the same thing under another name."""


MODEL = Kind(
    noun=names.NOUNS["model"],
    address="model",
    found_by=(
        """
        CALL () {
          MATCH (m:Model) WHERE m.key = $name RETURN m, m.id AS name, false AS former, false AS learned
          UNION MATCH (m:Model {id: $name}) RETURN m, m.id AS name, false AS former, false AS learned
          UNION MATCH (m:Model {id_lower: $lower}) RETURN m, m.id AS name, false AS former, false AS learned
          UNION MATCH (f:FormerName {id_lower: $lower})-[:NOW]->(m)
                RETURN m, f.id AS name, true AS former, f.since IS NULL AS learned
        }
        RETURN m.key AS key, m.id AS id, m.status AS status, name, former, learned ORDER BY key, name, former
        """,
        # The only model whose name without its owner it is.
        """
        WITH $words AS words WHERE words <> '' AND NOT $name CONTAINS '/'
        CALL db.index.fulltext.queryNodes('model_names', words) YIELD node
        WHERE node:Model AND node.id_lower ENDS WITH '/' + $lower
        WITH node ORDER BY node.status <> 'listed', node.key LIMIT 2
        WITH collect(node) AS found WHERE size(found) = 1
        UNWIND found AS m
        RETURN m.key AS key, m.id AS id, m.status AS status, m.id AS name, false AS former, false AS learned
        """,
    ),
    alike=(
        """
        WITH $similar AS words WHERE words <> ''
        CALL db.index.fulltext.queryNodes('model_names', words, {limit: 300}) YIELD node
        RETURN DISTINCT node.id AS id ORDER BY id
        """,
        """
        MATCH (m:Model) WHERE $start <> '' AND m.id_lower STARTS WITH $start
        RETURN DISTINCT m.id AS id ORDER BY id LIMIT 300
        """,
    ),
)

OWNER = Kind(
    noun=names.NOUNS["owner"],
    address="owner",
    found_by=(
        """
        MATCH (o:Owner {name: $name})
        RETURN o.name AS key, o.name AS id, 'listed' AS status, o.name AS name, false AS former, false AS learned
        """,
        """
        MATCH (o:Owner) WHERE o.name IS NOT NULL AND toLower(o.name) = $lower
        RETURN o.name AS key, o.name AS id, 'listed' AS status, o.name AS name, false AS former, false AS learned
        ORDER BY key
        """,
        # The only owner to whom the models of that owner have gone.
        """
        MATCH (f:FormerName) WHERE f.id_lower STARTS WITH $lower + '/'
        MATCH (f)-[:NOW]->(m:Model) WHERE m.owner IS NOT NULL
        WITH min(split(f.id, '/')[0]) AS name, collect(DISTINCT m.owner) AS owners WHERE size(owners) = 1
        RETURN owners[0] AS key, owners[0] AS id, 'listed' AS status, name, true AS former, true AS learned
        """,
    ),
    alike=(
        """
        MATCH (o:Owner) WHERE o.name IS NOT NULL
        WITH o.name AS id, size([part IN $parts WHERE toLower(o.name) CONTAINS part]) AS shared WHERE shared > 0
        RETURN id ORDER BY shared DESC, id LIMIT 300
        """,
    ),
)

DATASET = Kind(
    noun=names.NOUNS["dataset"],
    address="dataset",
    found_by=(
        """
        MATCH (d:Dataset) WHERE d.id_lower = $lower OR d.key = $name
        RETURN d.key AS key, d.id AS id, CASE d.status WHEN 'gone' THEN 'gone' ELSE 'listed' END AS status, d.id AS name,
               false AS former, false AS learned ORDER BY key
        """,
        # One that had the name before.
        """
        MATCH (d:Dataset) UNWIND [name IN d.former_names WHERE toLower(name) = $lower][..1] AS name
        RETURN d.key AS key, d.id AS id, CASE d.status WHEN 'gone' THEN 'gone' ELSE 'listed' END AS status, name,
               true AS former, false AS learned ORDER BY key
        """,
        # The only data set of that name without its owner, where one of the two names has no owner.
        """
        MATCH (d:Dataset) WHERE d.id_lower = $last OR d.id_lower ENDS WITH '/' + $last
        WITH collect(d) AS found WHERE size(found) = 1
        UNWIND found AS d
        WITH d WHERE NOT ($name CONTAINS '/' AND d.id_lower CONTAINS '/')
        RETURN d.key AS key, d.id AS id, CASE d.status WHEN 'gone' THEN 'gone' ELSE 'listed' END AS status, d.id AS name,
               false AS former, false AS learned
        """,
    ),
    alike=(
        """
        MATCH (d:Dataset) WHERE d.id_lower IS NOT NULL
        WITH d.id AS id, size([part IN $parts WHERE d.id_lower CONTAINS part]) AS shared WHERE shared > 0
        RETURN id ORDER BY shared DESC, id LIMIT 300
        """,
    ),
    perhaps_same="""
        CALL () {
          MATCH (d:Dataset {id_lower: $last}) WHERE $id CONTAINS '/' RETURN d.id AS id
          UNION MATCH (d:Dataset) WHERE NOT $id CONTAINS '/' AND d.id_lower ENDS WITH '/' + $last RETURN d.id AS id
        }
        RETURN id ORDER BY id
        """,
)

LICENSE = Kind(
    noun=names.NOUNS["license"],
    address=None,
    found_by=(
        """
        MATCH (l:License) WHERE l.id = $name OR toLower(l.id) = $lower OR l.id = replace(replace($lower, ' ', '-'), '_', '-')
        RETURN l.id AS key, l.id AS id, 'listed' AS status, l.id AS name, false AS former, false AS learned ORDER BY key
        """,
        """
        MATCH (l:License) WHERE toLower(l.spdx) = $lower OR toLower(l.name) = $lower
        RETURN l.id AS key, l.id AS id, 'listed' AS status, l.id AS name, false AS former, false AS learned ORDER BY key
        """,
    ),
    alike=("MATCH (l:License) RETURN l.id AS id ORDER BY id",),
)

_REMOVED: LiteralString = "MATCH (c:Crawl) RETURN coalesce(sum(c.models_removed), 0) AS removed"

# The parameters, in whichever query, that name something of the graph.
KINDS = {"model": MODEL, "other": MODEL, "owner": OWNER, "dataset": DATASET, "license": LICENSE}


def resolve(session: neo4j.Session, text: str, endpoint: str, kind: Kind = MODEL) -> Bearer:
    """What `text` means, by the rule of `naming`; of several ways to find it, the first that finds anything decides.

    Whatever was not its exact name, and each other bearer of that name, is said in the log. Raises HubGenealogyError,
    with the nearest names, where there is nothing of that name.
    """
    name = names.from_address(text, endpoint, kind.address) if kind.address else text.strip()
    values = _values(name)
    for statement in kind.found_by:
        bearers = [Bearer(**row) for row in _read(session, statement, values)]
        if chosen := names.choose(name, bearers, kind.noun):
            _say(kind, text, name, chosen, bearers)
            _say_perhaps_same(session, kind, chosen)
            return chosen
    removed = _read(session, _REMOVED, {})[0]["removed"] if kind is MODEL else 0
    near = next(filter(None, (_read(session, statement, values) for statement in kind.alike)), [])
    raise names.unknown(name, names.most_alike(name, (row["id"] for row in near)), kind.noun, removed)


def _values(name: str) -> dict[str, Any]:
    """What the statements take, whichever they are."""
    words = names.words(name)
    return {
        "name": name,
        "lower": name.lower(),
        "last": name.lower().rsplit("/", 1)[-1],
        "words": " AND ".join(words),
        "similar": " ".join(map(_fuzzy, words)),
        "start": (name.split("/", maxsplit=1)[0] if "/" in name else name[:3]).lower(),
        "parts": names.parts(name),
    }


def _fuzzy(word: str) -> str:
    return f"{word}~{2 if len(word) > 5 else 1}" if len(word) > 2 else word


def _say(kind: Kind, text: str, name: str, chosen: Bearer, bearers: Collection[Bearer]) -> None:
    # Others of the name in another case count only where none has it in this one.
    others = {b.key: b for b in bearers if b.key != chosen.key and (b.name == name or chosen.name != name)}
    for other in others.values():
        logger.warning(
            "another %s bore the name %s too: %s, %s; to ask about that one, give its key %s",
            kind.noun,
            other.name,
            other.id,
            other.status,
            other.key,
        )
    if chosen.former and kind is OWNER:
        logger.warning("%s has no models any more: all of them now belong to %s", chosen.name, chosen.id)
    elif chosen.former:
        logger.info("%s is now called %s", chosen.name, chosen.id)
    elif kind is DATASET and "/" in name and "/" not in chosen.id:
        logger.warning("%s: taken as %s, which is named without an owner; it may be another's", text, chosen.id)
    elif text != chosen.id:
        logger.info("%s: taken as %s", text, chosen.id)
    if chosen.status != "listed":
        what = "deleted or private now" if chosen.status == "gone" else "named by others, but in no listing so far"
        logger.info("%s is %s: %s", chosen.id, chosen.status, what)


def _say_perhaps_same(session: neo4j.Session, kind: Kind, chosen: Bearer) -> None:
    """What may be the same thing under another name has an answer of its own, which is easily forgotten."""
    if kind.perhaps_same is None:
        return
    found = [row["id"] for row in _read(session, kind.perhaps_same, _values(chosen.id) | {"id": chosen.id})]
    if found:
        shown = ", ".join(found[: names.NEAREST]) + (", …" if len(found) > names.NEAREST else "")
        logger.warning(
            "there is also %s, which may be the same %s as %s: ask about it too", shown, kind.noun, chosen.id
        )


def _read(session: neo4j.Session, statement: LiteralString, values: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of the statement; none where it needs the full-text index and the graph lacks it."""
    try:
        return session.execute_read(lambda transaction: transaction.run(statement, values).data())
    except ClientError as error:
        if error.code != "Neo.ClientError.Procedure.ProcedureCallFailed":
            raise
        logger.debug("the full-text index does not answer: %s", error)
        return []
