"""The rules on names and files, made ready for the scripts that apply them."""

from collections.abc import Sequence

import duckdb

from crawler.records.rules import MARKS, NAME_RULES


def prepare(db: duckdb.DuckDBPyConnection, rules: Sequence[str], *, agree: bool = True) -> None:
    """Give `4_evidence` and `4_inferred` the rules that are on; `agree`: whether architecture and size must agree."""
    for name, value in {"rules": list(rules), "marks": MARKS, "agree": agree}.items():
        db.execute(f"SET VARIABLE {name} = $value", {"value": value})
    db.execute("CREATE TABLE name_rules (rule VARCHAR, mark VARCHAR, packed BOOLEAN, place INTEGER)")
    db.executemany(
        "INSERT INTO name_rules VALUES (?, ?, ?, ?)",
        [(rule.name, rule.mark, rule.packed, place) for place, rule in enumerate(NAME_RULES)],
    )
