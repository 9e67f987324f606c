"""The file for Prometheus: what it holds after a crawl, an incomplete one, and one that failed."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.errors import GraphUnreachableError, InterruptedRunError, UsageError
from crawler.operations import metrics
from crawler.settings import load

FIRST = datetime(2026, 5, 1, 3, tzinfo=UTC)
SECOND = FIRST + timedelta(days=1)
SUMMARY: dict[str, Any] = {
    "crawl": "000001-20260501T020000Z", "kind": "full", "complete": True, "models_seen": 172, "models_added": 3,
    "models_changed": 2, "models_retired": 1, "models_removed": 0, "edges_added": 5, "edges_changed": 0, "edges_withdrawn": 0,
    "rejected": 0, "rows_written": 11, "exit_code": 0,
    "seconds": {"walk": 1.25, "snapshot": 0.5, "changes": 0.1, "load": 2.0},
    "datasets": {
        "complete": False, "seen": 9, "listed": 8, "added": 7, "changed": 6, "retired": 5, "removed": 4, "rejected": 3,
        "requests": 2, "seconds": 1.5,
    },
    "cases": {"open": 5, "due": 2, "overdue": 1, "found": {"new": 7}}, "warnings": ["one"],
}  # fmt: skip


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "hub_genealogy.prom"


def samples(file: Path) -> dict[str, float]:
    lines = file.read_text(encoding="utf-8").splitlines()
    pairs = [line.rsplit(" ", 1) for line in lines if not line.startswith("#")]
    return {name.removeprefix("hub_genealogy_crawl_"): float(value) for name, value in pairs}


def test_every_metric_has_its_meaning_and_type_before_its_samples(file: Path) -> None:
    metrics.write(file, SUMMARY, FIRST)
    text = file.read_text(encoding="utf-8")
    assert text.endswith("\n")
    described: list[str] = []
    for line in text.splitlines():
        if match := re.fullmatch(r"# HELP (hub_genealogy_crawl_[a-z_]+) .+\.", line):
            described.append(match[1])
        elif line.startswith("#"):
            assert line == f"# TYPE {described[-1]} gauge"
        else:
            assert re.fullmatch(rf'{described[-1]}(\{{stage="[a-z]+"\}})? [0-9.]+', line)
    assert described == [metrics.PREFIX + name for name in metrics.METRICS]
    found = samples(file)
    assert found["models_seen"] == 172
    assert found["complete"] == 1
    assert found["warnings"] == 1
    assert found['seconds{stage="walk"}'] == 1.25
    assert (found["cases_open"], found["cases_due"], found["cases_overdue"]) == (5, 2, 1)


def test_the_numbers_of_the_data_sets_stay_until_they_are_walked_again(file: Path) -> None:
    metrics.write(file, SUMMARY, FIRST)
    found = {name: value for name, value in samples(file).items() if name.startswith("datasets")}
    assert (found["datasets_listed"], found["datasets_complete"], found["datasets_seconds"], len(found)) == (
        8,
        0,
        1.5,
        10,
    )
    metrics.write(file, {**SUMMARY, "datasets": None}, SECOND)
    assert {name: value for name, value in samples(file).items() if name.startswith("datasets")} == found


def test_without_a_register_there_are_no_numbers_of_cases(file: Path) -> None:
    metrics.write(file, SUMMARY, FIRST)
    metrics.write(file, {**SUMMARY, "cases": None}, SECOND)
    assert {name for name in samples(file) if name.startswith("cases")} == set()


def test_the_time_of_the_last_complete_crawl_survives_an_incomplete_one(file: Path) -> None:
    metrics.write(file, SUMMARY, FIRST)
    metrics.write(file, {**SUMMARY, "complete": False, "exit_code": 3, "models_seen": 10}, SECOND)
    found = samples(file)
    assert (found["complete"], found["exit_code"], found["models_seen"]) == (0, 3, 10)
    assert found["complete_timestamp_seconds"] == FIRST.timestamp()
    assert found["end_timestamp_seconds"] == SECOND.timestamp()


def test_a_run_that_failed_says_so_and_keeps_the_numbers_of_the_one_before(file: Path) -> None:
    metrics.write(file, SUMMARY, FIRST)
    before = samples(file)
    metrics.write_failure(file, 75, SECOND)
    assert samples(file) == before | {"exit_code": 75, "end_timestamp_seconds": SECOND.timestamp()}


def test_a_first_run_that_failed_has_a_file_too(file: Path) -> None:
    metrics.write_failure(file, 1, FIRST)
    assert samples(file) == {"exit_code": 1, "end_timestamp_seconds": FIRST.timestamp()}


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (GraphUnreachableError("away"), 75),
        (InterruptedRunError("stopped", 15), 143),
        (KeyboardInterrupt(), 130),
        (ZeroDivisionError(), 1),
    ],
)
def test_what_ends_a_run_is_noted_and_goes_on(file: Path, error: BaseException, code: int) -> None:
    with pytest.raises(type(error)), metrics.failure_noted(file, lambda: FIRST):
        raise error
    assert samples(file)["exit_code"] == code


def test_a_run_that_ends_well_is_no_failure(file: Path) -> None:
    with metrics.failure_noted(file, lambda: FIRST):
        pass
    assert not file.exists()


def test_a_damaged_file_is_written_anew(file: Path) -> None:
    file.write_bytes(b"\xff\nhub_genealogy_crawl_complete_timestamp_seconds 1.2.3\nhub_genealogy_crawl_seconds{")
    metrics.write_failure(file, 1, FIRST)
    assert samples(file) == {"exit_code": 1, "end_timestamp_seconds": FIRST.timestamp()}


def test_a_folder_that_is_missing_is_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    metrics.write(tmp_path / "none" / "x.prom", SUMMARY, FIRST)
    assert "cannot be written" in caplog.text


def test_without_the_setting_nothing_is_written(caplog: pytest.LogCaptureFixture) -> None:
    metrics.write(None, SUMMARY, FIRST)
    metrics.write_failure(None, 1, FIRST)
    assert caplog.text == ""


def test_a_name_that_the_collector_would_not_read_is_refused() -> None:
    assert load(environment={"HUB_GENEALOGY_METRICS_TEXTFILE": "a/b.prom"})["metrics.textfile"] == Path("a/b.prom")
    with pytest.raises(UsageError, match=r"\.prom"):
        load(environment={"HUB_GENEALOGY_METRICS_TEXTFILE": "a/b.txt"})
