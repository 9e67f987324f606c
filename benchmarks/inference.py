"""How sure the rules are that find undeclared lineage: measured on declared links that are hidden from them.

`python -m benchmarks.inference ../shared/data` prints the tables of docs/lineage.md. A rule is asked
for the parent of each model that declares one, as if that model declared none; what it finds is held against the
declaration.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from crawler.records.rules import DEFAULT_RULES, MARKS, NAME_RULES, OWN_NAME, NameRule
from crawler.snapshot.database import number
from crawler.snapshot.inference import prepare
from crawler.snapshot.read import create
from crawler.snapshot.scripts import run
from tests.support.replays import lines, pass_week
from tests.support.sweeps import Sweeps

Record = dict[str, Any]
PAGE_SIZE = 1000

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


def replay(data: Path, weeks: int = 10) -> list[Record]:
    """The models that are listed after `weeks` of the replay."""
    listed = {record["_id"]: record for record in lines(data / "replay" / "baseline.jsonl.gz")}
    for week in range(1, weeks + 1):
        pass_week(listed, lines(data / "replay" / f"week-{week:02d}.jsonl.gz"))
    return list(listed.values())


def snapshot_of(records: Sequence[Record], folder: Path) -> Path:
    """The snapshot of a listing of `records`, made as a crawl makes it."""
    pages = [list(records[start : start + PAGE_SIZE]) for start in range(0, len(records), PAGE_SIZE)]
    return Sweeps(folder).sweep(*pages).snapshot


def hidden(snapshot: Path, *, agree: bool, rules: Iterable[NameRule] = NAME_RULES) -> duckdb.DuckDBPyConnection:
    """Apply `rules` to every model of `snapshot` as if it declared nothing; the table `judged` holds what they found."""
    db = duckdb.connect()
    for table in ("models", "names", "edges"):
        create(db, table, table, snapshot)
    rules = list(rules)
    # A rule that is tried has its own marks: a format's would be cut off, too.
    marks = MARKS if set(rules) <= set(NAME_RULES) else "|".join(rule.mark for rule in rules)
    prepare(db, [*(rule.name for rule in rules), OWN_NAME], name_rules=rules, marks=marks, agree=agree)
    db.execute("""
        CREATE TABLE real AS SELECT * FROM models WHERE status <> 'absent';
        CREATE TABLE reference AS
        SELECT child, parent, substr(parent, 8) AS target_lower FROM edges WHERE parent LIKE 'absent:%';
        CREATE TABLE undeclared AS SELECT key FROM real;
        CREATE TABLE links AS SELECT child, parent FROM edges;
    """)
    run(db, "10_inferred")
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
