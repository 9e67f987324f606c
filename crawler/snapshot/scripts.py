"""The scripts of the folder `sql`, in the order in which they are run, and the variables that they read."""

import logging
from pathlib import Path
from typing import Any

import duckdb

logger = logging.getLogger(__name__)

SQL = Path(__file__).parent / "sql"
STEPS = (
    "00_meaning",
    "01_seen",
    "02_models",
    "03_names",
    "04_resolve",
    "05_elsewhere",
    "06_successors",
    "07_first_meaning",
    "08_evidence",
    "09_undeclared",
    "10_inferred",
    "11_ending",
    "12_removed",
    "13_edges",
    "14_rest",
    "15_links",
    "16_families",
    "17_profile",
)


def set_variables(db: duckdb.DuckDBPyConnection, **variables: Any) -> None:
    """Give the scripts their variables."""
    for name, value in variables.items():
        db.execute(f"SET VARIABLE {name} = $value", {"value": value})


def run(db: duckdb.DuckDBPyConnection, first: str, last: str | None = None) -> None:
    """Run the scripts from `first` to `last`, or `first` alone."""
    for step in STEPS[STEPS.index(first) : STEPS.index(last or first) + 1]:
        logger.debug("snapshot: %s", step)
        db.execute((SQL / f"{step}.sql").read_text(encoding="utf-8"))
