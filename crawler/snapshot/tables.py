"""The tables of a snapshot: what each row is, its columns and their DuckDB types. Times are UTC without an offset."""

from crawler.records.evidence import CERTAINTY_SQL

MODEL_COLUMNS = {
    "key": "VARCHAR",
    "id": "VARCHAR",
    "id_lower": "VARCHAR",
    "hub_id": "VARCHAR",
    "status": "VARCHAR",
    "gone_reason": "VARCHAR",
    "owner": "VARCHAR",
    "created_at": "TIMESTAMP",
    "modified_at": "TIMESTAMP",
    "first_seen": "TIMESTAMP",
    "listed_at": "TIMESTAMP",
    "gone_at": "TIMESTAMP",
    "absences": "TIMESTAMP[]",
    "downloads": "BIGINT",
    "likes": "BIGINT",
    "gated": "VARCHAR",
    "disabled": "BOOLEAN",
    "pipeline_tag": "VARCHAR",
    "library": "VARCHAR",
    "licenses": "VARCHAR[]",
    "model_type": "VARCHAR",
    "architectures": "VARCHAR[]",
    "parameters": "BIGINT",
    "weight_formats": "VARCHAR[]",
    "languages": "VARCHAR[]",
    "datasets": "STRUCT(id VARCHAR, sources VARCHAR[])[]",
    "has_card": "BOOLEAN",
    "quantization": "VARCHAR",
    "gguf_architecture": "VARCHAR",
    "markers": "VARCHAR[]",
    "new_version": "VARCHAR",
    "fields": "BIGINT",
    "seen_at": "TIMESTAMP",
    "cycle": "VARCHAR",
}

TABLES = {
    # One repository, or one name that no listing ever held (status absent). `seen_at`: the last crawl that listed it;
    # `cycle`: the least key on the cycle of current edges that the model is on.
    "models": MODEL_COLUMNS,
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
    # An earlier name of a model. `origin`: rename (two crawls saw it), resolution (the Hub's own showed it; legacy where
    # the name has no owner), redirect (the Hub leads from it to the model).
    "names": {
        "id_lower": "VARCHAR",
        "model": "VARCHAR",
        "id": "VARCHAR",
        "since": "TIMESTAMP",
        "until": "TIMESTAMP",
        "origin": "VARCHAR",
    },
    # A derivation, resolved. `step`: the step of the resolution that found the parent; `rule`: what inferred something of it.
    "edges": {
        "child": "VARCHAR",
        "parent": "VARCHAR",
        "relation": "VARCHAR",
        "sources": "VARCHAR[]",
        "certainty": "VARCHAR",
        "declared_as": "VARCHAR[]",
        "claims": "VARCHAR[]",
        "step": "VARCHAR",
        "rule": "VARCHAR",
        "name_doubt": "VARCHAR",
        "status": "VARCHAR",
        "first_seen": "TIMESTAMP",
        "withdrawn_at": "TIMESTAMP",
        "absences": "TIMESTAMP[]",
    },
    # The licences that models carry, with their terms.
    "licenses": {
        "id": "VARCHAR",
        "name": "VARCHAR",
        "spdx": "VARCHAR",
        "family": "VARCHAR",
        "commercial_use": "VARCHAR",
        "share_alike": "VARCHAR",
        "use_restrictions": "VARCHAR",
    },
    # A name that no listing held when the Hub was asked for it, and what it answered; `key` is that of the model it led to.
    "asked": {
        "name": "VARCHAR",
        "asked_at": "TIMESTAMP",
        "status": "INTEGER",
        "key": "VARCHAR",
        "id": "VARCHAR",
    },
    # One of the largest or deepest families (kind family: `size` members, `depth` steps of its longest `chain` of keys), or
    # one of the most followed models (kind followed: `size` descendants, the furthest `depth` steps away). `head`: a key.
    "families": {
        "key": "VARCHAR",
        "kind": "VARCHAR",
        "head": "VARCHAR",
        "root": "VARCHAR",
        "size": "BIGINT",
        "depth": "BIGINT",
        "roots": "BIGINT",
        "chain": "VARCHAR[]",
    },
    # What could not be understood: in which model's record, where, what it was, and why.
    "rejected": {
        "model": "VARCHAR",
        "id": "VARCHAR",
        "field": "VARCHAR",
        "value": "VARCHAR",
        "reason": "VARCHAR",
    },
}

# How a column is computed from others of its row, in files of versions that did not write it. Such a column must be a
# function of its row alone, so that reading an older file changes nothing in the graph.
DERIVED = {"certainty": CERTAINTY_SQL}

# Rows as they come from the pages, before a snapshot is made of them; times in milliseconds since 1970.
_PLACE = {"page": "INTEGER", "place": "INTEGER"}
_OF_SNAPSHOT = {
    "id_lower", "hub_id", "status", "gone_reason", "first_seen", "listed_at", "gone_at", "absences", "seen_at",
    "cycle",
}  # fmt: skip
PAGE_ROWS = {
    "models": _PLACE
    | {n: "BIGINT" if t == "TIMESTAMP" else t for n, t in MODEL_COLUMNS.items() if n not in _OF_SNAPSHOT},
    "declared": _PLACE | TABLES["declared"],
    "rejected": _PLACE | TABLES["rejected"],
}


def ddl(columns: dict[str, str]) -> str:
    """`columns` as the column list of CREATE TABLE."""
    return ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
