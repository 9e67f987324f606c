"""The simulated Hub fails in the way, and at the moment, that was asked for."""

import gzip
import time
import zlib
from http.client import BadStatusLine, IncompleteRead
from typing import Any

import pytest

from demo.simulated_hub import SimulatedHub
from tests.support.small_hub import FAMILY, IN_ORDER, get, hub_id, walk


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 429, 500, 501, 502, 503, 504, 520, 529])
def test_the_nth_request_fails_with_a_status_as_often_as_asked(hub: SimulatedHub, status: int) -> None:
    hub.fault("status", status=status, at=2, times=2, headers={"Retry-After": "1"})
    answers = [get(hub, IN_ORDER) for _ in range(4)]
    assert [answer.status for answer in answers] == [200, status, status, 200]
    assert answers[1].headers["Retry-After"] == "1"
    assert answers[1].headers["RateLimit"]
    assert [request.faults for request in hub.listing_requests()] == [(), ("status",), ("status",), ()]


def test_429_comes_with_the_seconds_to_wait_or_with_nothing(hub: SimulatedHub) -> None:
    hub.fault("rate_limited", seconds=7)
    hub.fault("status", status=429, rate_headers=False, at=2)
    assert get(hub, IN_ORDER).headers["RateLimit"] == '"api";r=0;t=7'
    assert get(hub, IN_ORDER).headers["RateLimit"] is None


def test_a_fault_can_stick_to_the_page_that_holds_a_model(hub: SimulatedHub) -> None:
    hub.fault("status", status=500, holding=hub_id(3), times=None)
    first = get(hub, f"{IN_ORDER}&limit=2")
    assert [get(hub, first.next or "").status for _ in range(3)] == [500, 500, 500]
    assert get(hub, f"{IN_ORDER}&limit=2").status == 200
    hub.heal()
    assert get(hub, first.next or "").status == 200


def test_a_fault_can_strike_details_only(hub: SimulatedHub) -> None:
    hub.fault("status", status=503, target="detail")
    assert get(hub, IN_ORDER).status == 200
    assert [get(hub, "/api/models/x/last").status for _ in range(2)] == [503, 200]


def test_a_connection_is_dropped_before_the_answer_or_in_its_body(hub: SimulatedHub) -> None:
    hub.fault("drop")
    hub.fault("drop", where="middle", at=2)
    with pytest.raises((BadStatusLine, ConnectionError)):
        get(hub, IN_ORDER)
    with pytest.raises(IncompleteRead):
        get(hub, IN_ORDER)
    assert [request.status for request in hub.listing_requests()] == [None, 200]


def test_an_answer_stalls_or_comes_slowly(hub: SimulatedHub) -> None:
    size = len(get(hub, IN_ORDER).body)
    hub.fault("stall", seconds=0.5)
    hub.fault("slow", bytes_per_second=size * 2, at=2)
    for _ in range(2):
        began = time.monotonic()
        assert len(get(hub, IN_ORDER).json) == 5
        assert time.monotonic() - began > 0.4


def test_bodies_are_broken_in_many_ways(hub: SimulatedHub) -> None:
    whole = get(hub, IN_ORDER).body
    ways: list[tuple[str, dict[str, Any]]] = [
        ("truncated", {}),
        ("truncated_gzip", {}),
        ("html", {}),
        ("object", {}),
        ("empty_body", {}),
        ("nan", {}),
        ("body", {"raw": b"\xff\xfe", "content_type": "text/plain"}),
        ("raw_record", {"raw": b'{"_id":3}', "position": 1}),
    ]  # fmt: skip - one option a line says no more
    for at, (kind, options) in enumerate(ways, 1):
        hub.fault(kind, at=at, **options)
    cut, gzipped, html, wrapped, empty, nan, odd, extra = [get(hub, IN_ORDER) for _ in ways]
    assert cut.body == whole[: len(whole) // 2]
    assert gzipped.headers["Content-Encoding"] == "gzip"
    assert whole.startswith(zlib.decompressobj(31).decompress(gzipped.body))
    with pytest.raises(EOFError):
        gzip.decompress(gzipped.body)
    assert html.status == 200
    assert html.headers["Content-Type"].startswith("text/html")
    assert len(wrapped.json["models"]) == 5
    assert empty.body == b""
    assert b'"trendingScore":NaN' in nan.body
    assert odd.body == b"\xff\xfe"
    assert extra.json[1] == {"_id": 3}
    assert len(extra.json) == 6


def test_a_body_can_be_huge_plain_or_folded_small(hub: SimulatedHub) -> None:
    hub.fault("oversize", size=20_000_000)
    hub.fault("oversize", size=20_000_000, compressed=True, at=2)
    plain, folded = get(hub, IN_ORDER), get(hub, IN_ORDER)
    assert len(plain.body) > 20_000_000
    assert len(plain.json) == 5
    assert len(folded.body) < 100_000
    assert len(gzip.decompress(folded.body)) == len(plain.body)


def test_links_mislead_in_many_ways(hub: SimulatedHub) -> None:
    path = f"{IN_ORDER}&limit=2"
    right = get(hub, path).next or ""
    hub.fault("same_page")
    hub.fault("no_link", at=2)
    hub.fault("link_host", host="elsewhere.example:81", at=3)
    hub.fault("link", value="<nonsense", at=4)
    assert (get(hub, path).next or "") == hub.url + path
    assert get(hub, path).next is None
    assert get(hub, path).next == right.replace(f"127.0.0.1:{hub.port}", "elsewhere.example:81")
    assert get(hub, path).headers["Link"] == "<nonsense"


@pytest.mark.parametrize("at", [1, 2, 3])
def test_an_empty_page_with_a_link_loses_nothing_unless_it_skips(hub: SimulatedHub, at: int) -> None:
    path = f"{IN_ORDER}&limit=2"
    hub.fault("empty_page", at=at)
    assert walk(hub, path) == [record["id"] for record in FAMILY]
    assert len({request.query for request in hub.listing_requests()}) == 4
    hub.fault("empty_page", skip=True)
    assert walk(hub, path) == [record["id"] for record in FAMILY[2:]]


def test_faults_add_up(hub: SimulatedHub) -> None:
    hub.fault("stall", seconds=0.3)
    hub.fault("status", status=502)
    began = time.monotonic()
    assert get(hub, IN_ORDER).status == 502
    assert time.monotonic() - began > 0.3


def test_a_fault_that_does_not_exist_is_refused(hub: SimulatedHub) -> None:
    with pytest.raises(ValueError, match="unknown fault 'rain'"):
        hub.fault("rain")
    with pytest.raises(ValueError, match="seconds"):
        hub.fault("stall")
