"""A Hub to sweep."""

from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.support.sweeps import Sweeps


@pytest.fixture
def in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep DuckDB's scratch database in memory: a third of the time, and the same tables."""
    connect = duckdb.connect
    config: dict[str, Any] = {"autoinstall_known_extensions": "false"}
    monkeypatch.setattr(duckdb, "connect", lambda *_args, **_kwargs: connect(":memory:", config=config))


@pytest.fixture
def hub(tmp_path: Path, in_memory: None) -> Sweeps:  # noqa: ARG001  # a fixture for its effect
    """A Hub that was never swept."""
    return Sweeps(tmp_path)
