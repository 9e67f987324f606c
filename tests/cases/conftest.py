from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import cast

import pytest

from crawler.cases import register
from crawler.cases.form import Facts
from crawler.cases.register import Acting, Register, Request

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
ACTING = Acting(NOON, "anna")
MODELS = [
    Facts("B", "a/base", "itself", owner="a", gated="false", revision="r1"),
    Facts(
        "S",
        "b/small",
        "same_weights",
        "declared_by_hub",
        depth=1,
        owner="b",
        gated="false",
        revision="r1",
        parents=("B",),
    ),
    Facts("T", "b/tuned", "retrained", "declared_by_author", depth=2, owner="b", revision="r1", parents=("S",)),
    Facts("absent:c/never", "c/never", "unclear", "inferred", depth=1, status="absent", owner="c", parents=("B",)),
]

Opened = Callable[[], AbstractContextManager[Register]]


def request(reference: str = "R-1", received: date = date(2026, 11, 2), right: str = "erasure") -> Request:
    return Request(reference, right, "model", "B", "a/base", received, 1)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def cases(home: Path) -> Opened:
    """The register of a state folder; made when it is first opened."""
    return lambda: cast("AbstractContextManager[Register]", register.opened(home, ACTING, make=True))
