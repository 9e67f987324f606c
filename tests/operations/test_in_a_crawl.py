"""Retention, room on the disk and metrics, as the nightly job does them."""

from pathlib import Path

from crawler.state import State
from demo.simulated_hub import SimulatedHub
from tests.support.program import Program


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def with_settings(program: Program, **settings: str) -> Program:
    return program.with_settings(**{f"HUB_GENEALOGY_{name.upper()}": value for name, value in settings.items()})


def metric(file: Path, name: str) -> float:
    lines = [line.split(" ") for line in file.read_text(encoding="utf-8").splitlines()]
    return next(float(value) for first, value in (line[:2] for line in lines) if first == f"hub_genealogy_crawl_{name}")


def test_a_crawl_keeps_as_much_as_is_set_and_every_change_set(program: Program) -> None:
    keeping = with_settings(program, keep_archives="1", keep_snapshots="1")
    crawls = [keeping.crawl()["crawl"] for _night in range(3)]
    assert names(program.home / "archive") == crawls[-1:]
    assert names(program.home / "snapshots") == crawls[-1:]
    assert names(program.home / "changes") == crawls
    before = program.digest()
    assert program.run("rebuild").code == 0
    assert program.digest() == before


def test_a_full_disk_is_said_before_the_first_page(program: Program, hub: SimulatedHub) -> None:
    result = with_settings(program, disk_min_free="999999g").run("crawl")
    assert result.code == 1
    assert "a crawl needs 1073741 GB" in result.messages[-1]
    assert hub.listing_requests() == []


def test_the_metrics_tell_a_crawl_from_an_incomplete_and_from_a_failed_one(
    program: Program, hub: SimulatedHub, tmp_path: Path
) -> None:
    file = tmp_path / "hub_genealogy.prom"
    measured = with_settings(program, metrics_textfile=str(file))
    measured.crawl()
    assert (metric(file, "exit_code"), metric(file, "models_seen")) == (0, 172)
    complete = metric(file, "complete_timestamp_seconds")

    hub.replace_listing(hub.records()[:100])
    measured.crawl(code=3)
    assert (metric(file, "exit_code"), metric(file, "models_seen")) == (3, 100)

    hub.fault("status", status=403)
    assert measured.run("crawl").code == 1
    assert (metric(file, "exit_code"), metric(file, "models_seen")) == (1, 100)
    assert metric(file, "complete_timestamp_seconds") >= complete


def test_a_second_crawl_leaves_the_metrics_of_the_one_at_work_alone(program: Program, tmp_path: Path) -> None:
    program.crawl()
    file = tmp_path / "hub_genealogy.prom"
    measured = with_settings(program, metrics_textfile=str(file))
    with State(program.home).locked():
        assert measured.run("crawl").code == 75
    assert not file.exists()
