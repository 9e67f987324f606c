"""What a crawl's archive holds of what is said outside the listing: parents, weight files, and what owners are."""

from collections.abc import Iterable, Sequence
from typing import Any

import duckdb

from crawler import findings
from crawler.errors import HubGenealogyError
from crawler.hub.archive import Archive, DamagedArchiveError, DetailAnswer
from crawler.questions.question import ABSENT_NAME, CARD, CONCLUSIVE_STATUSES, FILES, OWNER
from crawler.snapshot.tables import TABLES, ddl


def read_findings(db: duckdb.DuckDBPyConnection, archive: Archive) -> None:
    """Make the table `findings` of the imported findings that the archive holds."""
    db.execute(f"CREATE TABLE findings ({ddl(TABLES['findings'])})")
    for name in archive.crawl.imports:
        found = _findings(archive, name)
        pairs = [one.names for one in found]
        columns = {
            "position": list(range(len(found))),
            "child": [child for child, _ in pairs],
            "parent": [one.parent for one in found],
            "target": [target for _, target in pairs],
            "relation": [None if one.relation == "unknown" else one.relation for one in found],
            "source": [one.source for one in found],
            "note": [one.note for one in found],
        }
        values = _values("findings", columns)
        db.execute(
            f"INSERT INTO findings BY NAME SELECT $name AS name, {values}", {"name": name, **columns}
        )  # our own names


def _findings(archive: Archive, name: str) -> tuple[findings.Finding, ...]:
    try:
        return findings.read(archive.folder / findings.FOLDER, name).findings
    except HubGenealogyError as error:
        raise DamagedArchiveError(f"{error}; or crawl anew") from None


def read_absent(db: duckdb.DuckDBPyConnection, answers: Sequence[DetailAnswer]) -> None:
    """Make `answered`, what the Hub said of names that no listing holds."""
    found = [answer for answer in answers if answer.topic == ABSENT_NAME.name]
    columns = {
        "name": [answer.name for answer in found],
        "status": [answer.detail.status for answer in found],
        "key": [None if answer.detail.private else answer.detail.key for answer in found],
        "id": [answer.detail.id for answer in found],
    }
    db.execute(f"CREATE TABLE answered AS SELECT {_values('asked', columns)}", columns)  # our own names


def read_enrichment(db: duckdb.DuckDBPyConnection, answers: Sequence[DetailAnswer]) -> None:
    """Make `enrichment`, this crawl's answers about single models."""
    found = [answer for answer in answers if answer.topic in (CARD.name, FILES.name)]
    columns = {
        "model": [answer.key for answer in found],
        "topic": [answer.topic for answer in found],
        "status": [answer.detail.status for answer in found],
        "revision": [answer.revision for answer in found],
        "reader": [answer.reader for answer in found],
    }
    db.execute(f"CREATE TABLE enrichment AS SELECT {_values('enriched', columns)}", columns)  # our own names


def read_said(db: duckdb.DuckDBPyConnection, answers: Sequence[DetailAnswer]) -> None:
    """Make `told`, the models whose cards this crawl read, and `told_said`, what these say; the last answer counts."""
    cards = {
        answer.key: answer.said
        for answer in answers
        if answer.topic == CARD.name and answer.key and answer.detail.status in CONCLUSIVE_STATUSES
    }
    db.execute("CREATE TABLE told AS SELECT unnest($keys::VARCHAR[]) AS child", {"keys": list(cards)})
    rows = [(key, place, one) for key, said in cards.items() for place, one in enumerate(said)]
    columns = {
        "child": [key for key, _, _ in rows],
        "position": [place for _, place, _ in rows],
        "rule": [one.rule for _, _, one in rows],
        "target": [one.target for _, _, one in rows],
        "relation": [one.relation for _, _, one in rows],
        "generated": [one.generated for _, _, one in rows],
    }
    db.execute(f"CREATE TABLE told_said AS SELECT {_values('said', columns)}", columns)  # our own names


def read_weights(db: duckdb.DuckDBPyConnection, answers: Sequence[DetailAnswer]) -> None:
    """Make `weighed`, the models whose files this crawl was told, and `weighed_files`, their weights; the last answer counts.

    An answer that the model is not there, or about another model that has its name now, says nothing of its weights.
    """
    held = {
        answer.key: answer.weights
        for answer in answers
        if answer.topic == FILES.name and answer.key and answer.detail.status == 200 and answer.detail.key == answer.key
    }
    db.execute("CREATE TABLE weighed AS SELECT unnest($keys::VARCHAR[]) AS model", {"keys": list(held)})
    rows = [(key, file) for key, weights in held.items() for file in weights]
    columns = {
        "model": [key for key, _ in rows],
        "name": [file.name for _, file in rows],
        "size": [file.size for _, file in rows],
        "sha256": [file.sha256 for _, file in rows],
    }
    db.execute(f"CREATE TABLE weighed_files AS SELECT {_values('weights', columns)}", columns)  # our own names


def read_owners(db: duckdb.DuckDBPyConnection, answers: Sequence[DetailAnswer]) -> None:
    """Make `told_owners`, what the Hub said of owners; the last answer counts."""
    told = {answer.name: answer for answer in answers if answer.topic == OWNER.name}
    columns: dict[str, list[Any]] = {
        "name": list(told),
        "status": [answer.detail.status for answer in told.values()],
        "kind": [answer.publisher and answer.publisher.kind for answer in told.values()],
        "verified": [answer.publisher and answer.publisher.verified for answer in told.values()],
    }
    db.execute(f"CREATE TABLE told_owners AS SELECT {_values('owners', columns)}", columns)  # our own names


def _values(table: str, columns: Iterable[str]) -> str:
    """What selects rows of `table` from one list for each column, given as parameters."""
    return ", ".join(f"unnest(${column}::{TABLES[table][column]}[]) AS {column}" for column in columns)
