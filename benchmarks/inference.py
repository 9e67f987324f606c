"""How sure the rules are that find undeclared lineage: measured on declared links that are hidden from them.

`python -m benchmarks.inference ../shared/data` prints the tables of docs/lineage.md. A rule is asked for the parent of
each model that declares one, as if that model declared none; what it finds is held against the declaration.
"""

import gzip
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from crawler.hub.archive import Archive, Page
from crawler.records.rules import DEFAULT_RULES, NAME_RULES, OWN_NAME, NameRule
from crawler.snapshot.build import build, run
from crawler.snapshot.inference import prepare
from crawler.snapshot.number import number

Record = dict[str, Any]
WHEN = "2026-01-01T00:00:00.000+00:00"

# Rules that were tried and are not offered: names of adapters, of fine-tunes, and of anything at all.
TRIED = (
    NameRule("tried: -LoRA", "q?lora|dora|adapters?|peft", packed=True),
    NameRule("tried: -DPO, -SFT, -Instruct, …", "dpo|sft|orpo|kto|grpo|instruct|chat|it|finetuned?|ft|merged", packed=False),
    NameRule("tried: any last part", "[^-_.]+", packed=False),
)  # fmt: skip


@dataclass(frozen=True)
class Score:
    """What one rule found: `exact` the declared parent itself; `nearer` a model that descends from the declared parent,
    as where a card was copied with its parent's name in it; `other` anything else. `new`: models that declare nothing.
    """

    rule: str
    exact: int
    nearer: int
    other: int
    new: int

    @property
    def precision(self) -> float:
        """Of what was found for models that declare a parent, the share that is the declared one."""
        return self.exact / (self.exact + self.nearer + self.other or 1)


def lines(path: Path) -> Iterator[Record]:
    """The records of a file of JSON lines."""
    with gzip.open(path, "rt", encoding="utf-8") as opened:
        yield from map(json.loads, opened)


def replay(data: Path, weeks: int = 10) -> list[Record]:
    """The models that are listed after `weeks` of the replay."""
    listed = {record["_id"]: record for record in lines(data / "replay" / "baseline.jsonl.gz")}
    for week in range(1, weeks + 1):
        for change in lines(data / "replay" / f"week-{week:02d}.jsonl.gz"):
            if change["op"] == "add":
                listed[change["record"]["_id"]] = change["record"]
            else:
                listed.pop(change["_id"], None)
    return list(listed.values())


def snapshot_of(records: Sequence[Record], folder: Path) -> Path:
    """The snapshot of a listing of `records`, made as a crawl makes it."""
    archive = Archive(folder / "archive")
    archive.begin({"crawl": "1", "kind": "full", "started_at": WHEN, "popularity": "sweep", "max_vanished_share": 1.0,
                   "accept_vanished": False})  # fmt: skip
    for page_number, start in enumerate(range(0, len(records), 1000), start=1):
        page = records[start : start + 1000]
        body = json.dumps(page).encode()
        digest = hashlib.sha256(body).hexdigest()
        archive.add(
            Page(page_number, f"page {page_number}", None, digest, len(body), len(page), None, None, None, WHEN), body
        )
    archive.end({"complete": True, "reasons": [], "finished_at": WHEN})
    build(archive, None, folder / "snapshot")
    return folder / "snapshot"


def hidden(snapshot: Path, *, agree: bool, rules: Iterable[NameRule] = NAME_RULES) -> duckdb.DuckDBPyConnection:
    """Apply `rules` to every model of `snapshot` as if it declared nothing; the table `judged` holds what they found."""
    db = duckdb.connect()
    for table in ("models", "names", "edges"):
        path = str(snapshot / f"{table}.parquet")
        db.execute(f"CREATE VIEW {table} AS SELECT * FROM read_parquet('{path}')")  # noqa: S608  # a path of ours
    rules = list(rules)
    prepare(db, [*(rule.name for rule in rules), OWN_NAME], agree=agree)
    if not set(rules) <= set(NAME_RULES):  # each of these has its own marks: a format's would be cut off, too
        db.execute("SET VARIABLE marks = $marks", {"marks": "|".join(rule.mark for rule in rules)})
        db.execute("DELETE FROM name_rules")
        db.executemany("INSERT INTO name_rules VALUES (?, ?, ?, 0)", [(r.name, r.mark, r.packed) for r in rules])
    db.execute("""
        CREATE TABLE real AS SELECT * FROM models WHERE status <> 'absent';
        CREATE TABLE reference AS
        SELECT child, parent, substr(parent, 8) AS target_lower FROM edges WHERE parent LIKE 'absent:%';
        CREATE TABLE undeclared AS SELECT key FROM real;
        CREATE TABLE links AS SELECT child, parent FROM edges;
    """)
    run(db, "4_inferred")
    db.execute("""
        CREATE TABLE judged AS
        WITH RECURSIVE up(child, model) AS (
            SELECT child, parent FROM inferred
            UNION
            SELECT up.child, e.parent FROM up JOIN edges e ON e.child = up.model
        )
        SELECT i.*, c.id AS child_id, p.id AS parent_id,
               EXISTS (SELECT 1 FROM edges e WHERE e.child = i.child) AS declares,
               EXISTS (SELECT 1 FROM edges e WHERE e.child = i.child AND e.parent = i.parent) AS exact,
               EXISTS (SELECT 1 FROM edges e JOIN up ON up.child = e.child AND up.model = e.parent
                       WHERE e.child = i.child) AS nearer
        FROM inferred i JOIN real c ON c.key = i.child JOIN real p ON p.key = i.parent
    """)
    return db


def scores(db: duckdb.DuckDBPyConnection) -> list[Score]:
    """One row for each rule."""
    rows = db.execute("""
        SELECT rule, count(*) FILTER (declares AND exact), count(*) FILTER (declares AND nearer AND NOT exact),
               count(*) FILTER (declares AND NOT exact AND NOT nearer), count(*) FILTER (NOT declares)
        FROM judged GROUP BY ALL ORDER BY ALL""").fetchall()
    return [Score(*row) for row in rows]


def agreement(snapshot: Path) -> dict[str, tuple[int, int]]:
    """How often architecture and size agree: (agreeing, all) of declared pairs, and of pairs that nobody declares."""
    with hidden(snapshot, agree=False) as db:
        pairs = """
            SELECT count(*) FILTER (c.model_type = p.model_type AND coalesce(c.architectures = p.architectures, false)
                       AND c.parameters BETWEEN p.parameters * 0.98 AND p.parameters * 1.02), count(*)
            FROM real c JOIN real p ON {join}
            WHERE c.key <> p.key AND c.model_type IS NOT NULL AND p.model_type IS NOT NULL
              AND c.parameters IS NOT NULL AND p.parameters IS NOT NULL"""
        declared = "EXISTS (SELECT 1 FROM edges e WHERE e.child = c.key AND e.parent = p.key)"
        strangers = f"p.key IN (SELECT parent FROM edges) AND NOT {declared}"  # noqa: S608  # our own text
        found = {
            "declared": db.execute(pairs.format(join=declared)).fetchone(),
            "not declared": db.execute(pairs.format(join=strangers)).fetchone(),
        }
        return {name: (row[0], row[1]) for name, row in found.items() if row}


def table(rows: Iterable[Score], derived: int) -> Iterator[str]:
    """The scores as lines of Markdown; `derived`: all models that declare a parent."""
    yield "| rule | on | exact | nearer | other | precision | exact or nearer | recall added | undeclared models found |"
    yield "|---|---|--:|--:|--:|--:|--:|--:|--:|"
    for row in rows:
        all_found = row.exact + row.nearer + row.other
        near = (row.exact + row.nearer) / (all_found or 1)
        on = "yes" if row.rule in DEFAULT_RULES else ""
        yield (
            f"| `{row.rule}` | {on} | {row.exact:,} | {row.nearer:,} | {row.other:,} | {row.precision:.1%} | {near:.1%} "
            f"| {row.exact / derived:.1%} | {row.new:,} |"
        )


def main(data: Path) -> None:
    """Print the tables."""
    with TemporaryDirectory() as folder:
        listing = snapshot_of(replay(data), Path(folder) / "replay")
        derived = 0
        for rules in (NAME_RULES, *([rule] for rule in TRIED)):
            with hidden(listing, agree=False, rules=rules) as db:
                derived = number(db, "SELECT count(DISTINCT child) FROM edges")
                # What a tried rule finds within one owner is shown under its own name.
                found = [row for row in scores(db) if rules is NAME_RULES or row.rule != OWN_NAME]
                print("\n".join(list(table(found, derived))[0 if rules is NAME_RULES else 2 :]))
        print(f"\n{derived:,} models of the replay's last week declare a parent.\n")
        records = [record for record in lines(data / "full-records-2025.jsonl.gz") if "_id" in record]
        complete = snapshot_of(records, Path(folder) / "complete")
        with hidden(complete, agree=True) as db:
            print("\n".join(table(scores(db), number(db, "SELECT count(DISTINCT child) FROM edges"))))
        for name, (agreeing, pairs) in agreement(complete).items():
            print(f"\narchitecture and size agree in {agreeing:,} of {pairs:,} pairs that are {name}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
