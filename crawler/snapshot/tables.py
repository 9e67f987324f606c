"""The tables of a snapshot: what each row is, its columns and their DuckDB types. Times are UTC without an offset."""

from msgspec.structs import fields

from crawler.records.record import Model
from crawler.snapshot.columns import FAMILY, FORMER_NAME, LICENSE, LINK, MODEL, OWNER, stored

TABLES = {
    # One repository, or one name that no listing ever held (status absent).
    "models": stored(MODEL),
    # One declaration of one parent, as the child's record says it.
    "declared": {
        "child": "VARCHAR",
        "position": "INTEGER",
        "source": "VARCHAR",
        "spelling": "VARCHAR",
        "target": "VARCHAR",
        "relation": "VARCHAR",
        "hub_id": "VARCHAR",
    },
    # One finding of somebody else, as imported: `child` and `target` are the names of repositories, `parent` is the spelling.
    "findings": {
        "name": "VARCHAR",
        "position": "INTEGER",
        "child": "VARCHAR",
        "parent": "VARCHAR",
        "target": "VARCHAR",
        "relation": "VARCHAR",
        "source": "VARCHAR",
        "note": "VARCHAR",
    },
    # A parent that the text of a card names, by the newest answer. `rule` is the kind of sentence; `generated`: a tool wrote it.
    "said": {
        "child": "VARCHAR",
        "position": "INTEGER",
        "rule": "VARCHAR",
        "target": "VARCHAR",
        "relation": "VARCHAR",
        "generated": "BOOLEAN",
    },
    # A file that holds weights of a model, by the newest answer: its path in the repository, its size in bytes, its SHA-256.
    "weights": {
        "model": "VARCHAR",
        "name": "VARCHAR",
        "size": "BIGINT",
        "sha256": "VARCHAR",
    },
    # An earlier name of a model.
    "names": stored(FORMER_NAME),
    # A derivation, resolved.
    "edges": stored(LINK),
    # Of data sets: what a model's spelling of one still means, where the name means another one today.
    "meant": {
        "model": "VARCHAR",
        "target": "VARCHAR",
        "key": "VARCHAR",
    },
    # The licences that models carry, with their terms.
    "licenses": stored(LICENSE),
    # A name that no listing held when the Hub was asked for it, and what it answered; `key` is that of the model it led to.
    "asked": {
        "name": "VARCHAR",
        "asked_at": "TIMESTAMP",
        "status": "INTEGER",
        "key": "VARCHAR",
        "id": "VARCHAR",
    },
    # The newest answer about a single model, by topic (crawler/questions/question.py): `revision` is what the model was when
    # the Hub was asked, status 0 stands for no answer. `reader` is null for files.
    "enriched": {
        "model": "VARCHAR",
        "topic": "VARCHAR",
        "asked_at": "TIMESTAMP",
        "status": "INTEGER",
        "revision": "VARCHAR",
        "reader": "INTEGER",
    },
    # An owner about whom the Hub was asked. `status` is that of the newest answer; one that decides nothing leaves the kind.
    "owners": stored(OWNER),
    # One of the largest or deepest families, or one of the most followed models.
    "families": stored(FAMILY),
    # What could not be understood: in which model's record, where, what it was, and why.
    "rejected": {
        "model": "VARCHAR",
        "id": "VARCHAR",
        "field": "VARCHAR",
        "value": "VARCHAR",
        "reason": "VARCHAR",
    },
}

# Rows as they come from the pages, before a snapshot is made of them; times in milliseconds since 1970.
_PLACE = {"page": "INTEGER", "place": "INTEGER"}
PAGE_ROWS = {
    "models": _PLACE
    | {field.name: TABLES["models"][field.name].replace("TIMESTAMP", "BIGINT") for field in fields(Model)},
    "declared": _PLACE | TABLES["declared"],
    "rejected": _PLACE | TABLES["rejected"],
}


def ddl(columns: dict[str, str]) -> str:
    """`columns` as the column list of CREATE TABLE."""
    return ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
