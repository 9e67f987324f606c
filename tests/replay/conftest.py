import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of the real data, which is not in the repository."""
    folder = Path(os.environ.get("REPLAY_DATA", ""))
    if not os.environ.get("REPLAY_DATA") or not (folder / "replay" / "baseline.jsonl.gz").is_file():
        pytest.fail("these tests run on real data: make test-replay DATA=<its folder>", pytrace=False)
    return folder
