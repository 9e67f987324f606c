"""A wrong clock: the crawl ends before it writes a time, and goes on where the clock is right again."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler import settings
from crawler.crawl import crawl
from crawler.crawl_warnings import CrawlWarning
from crawler.errors import HubGenealogyError
from crawler.hub.archive import Page
from crawler.hub.walk import Verdict, check_clock, high_water_mark, verdict
from crawler.manifests import CrawlManifest
from crawler.stages import Options, utc_now
from demo.simulated_hub import SimulatedHub

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
YEARS = timedelta(days=3650)
FULL = CrawlManifest(crawl="1", kind="full", started_at=NOW, max_tail_age=3600.0, max_clock_skew=600.0)


def page(*, created: datetime, hub_date: datetime | None = None) -> Page:
    """The only page of a walk that ended now, whose last model was created then."""
    return Page(
        number=1,
        url="https://hub.example/api/models",
        next=None,
        sha256="",
        bytes=2,
        models=1,
        first="k1",
        last="k1",
        last_created_at=created.isoformat(),
        fetched_at=NOW.isoformat(),
        hub_date=hub_date.isoformat() if hub_date else None,
    )


def dry_run(hub: SimulatedHub, home: Path, ahead: timedelta = timedelta(), **values: str) -> dict[str, Any]:
    """A crawl that needs no database, by a clock that is `ahead`."""
    environment = {
        "HF_ENDPOINT": hub.url,
        "HUB_GENEALOGY_HOME": str(home),
        "HUB_GENEALOGY_SWEEP_MAX_TAIL_AGE": "off",
        "HUB_GENEALOGY_DATASETS_CRAWL": "off",
    }
    loaded = settings.load(environment=environment | values)
    return crawl(loaded, Options(dry_run=True), lambda: utc_now() + ahead)


@pytest.mark.parametrize("ahead", [YEARS, -YEARS], ids=["ahead", "behind"])
def test_a_crawl_by_a_clock_that_is_years_off_is_refused(hub: SimulatedHub, tmp_path: Path, ahead: timedelta) -> None:
    with pytest.raises(HubGenealogyError, match=r"this machine's clock says .*, the Hub's .*: set the clock right"):
        dry_run(hub, tmp_path, ahead)
    assert dry_run(hub, tmp_path, ahead, HUB_GENEALOGY_HUB_MAX_CLOCK_SKEW="off")["complete"] is True


def test_a_clock_that_is_a_little_off_is_no_fault(hub: SimulatedHub, tmp_path: Path) -> None:
    assert dry_run(hub, tmp_path, timedelta(minutes=5))["complete"] is True


def test_a_last_crawl_from_the_future_is_refused_with_the_way_out(hub: SimulatedHub, tmp_path: Path) -> None:
    dry_run(hub, tmp_path)
    snapshot = tmp_path / "snapshots" / "000007-20360301T120000Z"
    snapshot.mkdir()
    later = (utc_now() + YEARS).isoformat()
    manifest = {
        "crawl": snapshot.name, "previous": None, "kind": "full", "started_at": later, "finished_at": later,
        "complete": True, "vanished": 0, "retirement_refused": False, "popularity_at": None, "mark": later,
        "models_seen": 0, "rejected": 0,
    }  # fmt: skip
    (snapshot / "snapshot.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(HubGenealogyError, match="set the clock right; if it is right") as error:
        dry_run(hub, tmp_path)
    assert f"snapshots/{snapshot.name}" in str(error.value)
    assert str(tmp_path) in str(error.value)


@pytest.mark.parametrize(
    ("hub", "limit", "refused"),
    [
        (NOW + timedelta(seconds=600), 600.0, False),
        (NOW + timedelta(seconds=601), 600.0, True),
        (NOW - timedelta(seconds=601), 600.0, True),
        (NOW + YEARS, None, False),
        (None, 600.0, False),
    ],
)
def test_how_far_a_clock_may_be_off(hub: datetime | None, limit: float | None, refused: bool) -> None:
    if refused:
        with pytest.raises(HubGenealogyError, match="set the clock right"):
            check_clock(hub, NOW, limit)
    else:
        check_clock(hub, NOW, limit)


def test_a_newest_model_from_the_future_does_not_show_that_the_end_was_reached() -> None:
    pages = [page(created=NOW + timedelta(days=1))]
    assert verdict(pages, FULL).reasons == (CrawlWarning.of("created_in_future", ahead="1 day 0 h"),)
    assert verdict([page(created=NOW + timedelta(minutes=9))], FULL).complete


def test_the_mark_of_a_sweep_is_the_hubs_own_time_where_it_tells_it() -> None:
    complete = Verdict(complete=True)
    hub_date = NOW - timedelta(minutes=7)
    assert high_water_mark([page(created=NOW, hub_date=hub_date)], complete, FULL) == hub_date
    assert high_water_mark([page(created=NOW)], complete, FULL) == NOW
