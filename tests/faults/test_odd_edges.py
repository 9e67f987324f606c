"""An odd record at the edge of a page costs itself: the walk is still in order, complete, and asks nothing twice."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crawler.hub.archive import Archive, Page
from crawler.hub.walk import verdict, walk
from crawler.manifests import CrawlManifest, Kind
from crawler.records.forgetting import Forgotten
from demo.simulated_hub import SimulatedHub
from tests.support.clocks import FakeClock, client_of
from tests.support.small_hub import FAMILY

ODD = {
    "a key that is not of the Hub's form": {"_id": "zzz", "id": "x/odd"},
    "a key that the parser rejects": {"_id": "zzz zzz", "id": "x/odd"},
    "a name that the parser rejects": {"_id": "f" * 24, "id": "no name"},
    "no name": {"_id": "f" * 24},
    "a small key": {"_id": "0" * 23, "id": "x/odd"},
    "times that are none": {"_id": "zzz", "id": "x/odd", "createdAt": "zzz", "lastModified": "zzz"},
    "times before 1970": {"_id": "zzz", "id": "x/odd", "createdAt": "0001-01-01", "lastModified": "0001-01-01"},
}


def walked(hub: SimulatedHub, clock: FakeClock, folder: Path, kind: Kind) -> tuple[list[Page], CrawlManifest]:
    """The pages of a walk, two models on each."""
    archive = Archive(folder / "000001")
    start = datetime(2024, 4, 2, tzinfo=UTC)
    since = datetime(2024, 1, 1, tzinfo=UTC) if kind == "incremental" else None
    archive.begin(CrawlManifest(crawl="000001", kind=kind, started_at=start, page_size=2, since=since))
    pages = walk(client_of(hub, clock), archive, clock=lambda: start, arrived=lambda _: None, forgotten=Forgotten())
    return pages, archive.crawl


@pytest.mark.parametrize("position", [0, 2], ids=["first", "last"])
@pytest.mark.parametrize("kind", ["full", "incremental"])
@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_an_odd_record_at_the_edge_of_a_page_costs_itself(
    hub: SimulatedHub, clock: FakeClock, tmp_path: Path, *, odd: dict[str, Any], kind: Kind, position: int
) -> None:
    hub.fault("raw_record", raw=json.dumps(odd).encode(), position=position, times=None)
    pages, crawl = walked(hub, clock, tmp_path, kind)
    assert [page.models for page in pages] == [2] * len(FAMILY), "one of the models on each page, and the odd record"
    assert verdict(pages, crawl).reasons == ()
    # The last page is always asked for twice; no other page was.
    assert len(hub.listing_requests()) == len(pages) + 1
    assert sum(page.models for page in pages) == len(FAMILY) + len(pages)
