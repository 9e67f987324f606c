"""The rules on names and files, prepared for the scripts that apply them."""

from collections.abc import Sequence

import duckdb

from crawler.records.rules import MARKS, NAME_RULES, NameRule
from crawler.snapshot.scripts import set_variables


def prepare(
    db: duckdb.DuckDBPyConnection,
    rules: Sequence[str],
    *,
    name_rules: Sequence[NameRule] = NAME_RULES,
    marks: str = MARKS,
    agree: bool = True,
) -> None:
    """Give 08_evidence and 10_inferred the rules that are on; `agree`: whether architecture and size must agree.

    `name_rules` are all rules on names, `marks` matches what they cut off a name.
    """
    set_variables(db, rules=list(rules), marks=marks, agree=agree)
    db.execute("CREATE TABLE name_rules (rule VARCHAR, mark VARCHAR, packed BOOLEAN, rank INTEGER)")
    db.executemany(
        "INSERT INTO name_rules VALUES (?, ?, ?, ?)",
        [(rule.name, rule.mark, rule.packed, rank) for rank, rule in enumerate(name_rules)],
    )
