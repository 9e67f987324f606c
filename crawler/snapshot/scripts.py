"""The scripts of the folder `sql`, and the variables that they read."""

import logging
from pathlib import Path
from typing import Any

import duckdb

logger = logging.getLogger(__name__)

SQL = Path(__file__).parent / "sql"


def set_variables(db: duckdb.DuckDBPyConnection, **variables: Any) -> None:
    """Give the scripts their variables."""
    for name, value in variables.items():
        db.execute(f"SET VARIABLE {name} = $value", {"value": value})


def run(db: duckdb.DuckDBPyConnection, script: str) -> None:
    """Run one script."""
    logger.debug("snapshot: %s", script)
    db.execute((SQL / f"{script}.sql").read_text(encoding="utf-8"))
