"""Every fault that one answer of the Hub can have, over real sockets: what is waited out, what is refused, what is said."""

import logging
import socket
import time
from typing import Any

import httpx2
import pytest

from crawler.errors import HubGenealogyError, HubUnreachableError
from crawler.hub import transport as transport_module
from crawler.hub.client import MAX_MALFORMED_PAGES, RETRIED_STATUSES, WINDOWS_A_DAY
from crawler.hub.rates import LONGEST_WAIT
from crawler.records.page import kept_unreadable, read_record
from demo.simulated_hub import SimulatedHub
from tests.support.clocks import FakeClock, client_of, first_page, walked
from tests.support.small_hub import FAMILY, model

NAMES = [record["id"] for record in FAMILY]
SECRET = "hf_s3cret"


def refused(error: type[HubGenealogyError], hub: SimulatedHub | str, clock: FakeClock, **environment: str) -> str:
    """The one line of the error that the first page ends in."""
    client = client_of(hub, clock, **environment)
    with pytest.raises(error) as caught:
        client.page(first_page(client))
    assert type(caught.value) is error
    message = str(caught.value)
    assert "\n" not in message
    return message


@pytest.mark.parametrize("at", [1, 2, 3])
@pytest.mark.parametrize("status", [408, 425, 429, 500, 501, 502, 503, 504, 520, 521, 522, 524, 529])
def test_a_passing_status_costs_a_short_wait(
    hub: SimulatedHub, clock: FakeClock, said: list[str], status: int, at: int
) -> None:
    hub.fault("status", status=status, at=at, rate_headers=False)
    assert walked(client_of(hub, clock)) == NAMES
    assert len(clock.slept) == 1
    assert 1 <= clock.slept[0] <= 2
    assert said == [f"the Hub: answers {status}; asking again in {clock.slept[0]:.0f} s"]


@pytest.mark.parametrize(("faults", "level"), [(1, "DEBUG"), (5, "DEBUG"), (7, "WARNING")])
def test_a_failure_is_a_warning_only_if_it_does_not_pass_within_a_minute(
    hub: SimulatedHub, clock: FakeClock, caplog: pytest.LogCaptureFixture, faults: int, level: str
) -> None:
    caplog.set_level(logging.DEBUG, logger="crawler.hub.client")
    hub.fault("status", status=503, times=faults)
    assert walked(client_of(hub, clock)) == NAMES
    said = [(record.levelname, record.getMessage()) for record in caplog.records if record.name == "crawler.hub.client"]
    if level == "DEBUG":
        assert {(name, text.split(";")[0]) for name, text in said} == {("DEBUG", "the Hub: answers 503")}
        return
    assert [name for name, _text in said][:2] + [name for name, _text in said][-2:] == [
        "DEBUG",
        "DEBUG",
        "WARNING",
        "INFO",
    ]
    assert said[-1][1].startswith("the Hub answers again, after 2 min")


def test_a_wait_for_the_next_rate_window_is_no_warning(
    hub: SimulatedHub, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="crawler.hub.client")
    hub.fault("rate_limited", seconds=290, times=3)
    assert walked(client_of(hub, clock)) == NAMES
    assert {record.levelname for record in caplog.records if record.name == "crawler.hub.client"} == {"INFO"}


@pytest.mark.parametrize("status", sorted(RETRIED_STATUSES))
def test_an_outage_is_waited_out_for_the_whole_of_the_set_patience_and_no_longer(
    hub: SimulatedHub, clock: FakeClock, status: int
) -> None:
    hub.fault("status", status=status, times=None)
    message = refused(HubUnreachableError, hub, clock, HUB_GENEALOGY_HUB_PATIENCE="6h")
    assert str(status) in message
    assert hub.url in message
    assert sum(clock.slept) == pytest.approx(6 * 3600)
    assert max(clock.slept) <= LONGEST_WAIT
    assert len(hub.listing_requests()) == len(clock.slept) + 1


def test_429_with_headers_waits_for_the_window_and_uses_no_patience(
    hub: SimulatedHub, clock: FakeClock, said: list[str]
) -> None:
    hub.fault("rate_limited", seconds=290, times=50)
    assert walked(client_of(hub, clock, HUB_GENEALOGY_HUB_PATIENCE="1s")) == NAMES
    assert clock.slept == [291] * 50
    assert said == ["the Hub: answers 429; asking again in 291 s"] * 50


@pytest.mark.parametrize("seconds", [0, 290])
def test_a_rate_that_lets_nothing_through_for_a_day_is_an_outage(
    hub: SimulatedHub, clock: FakeClock, seconds: int
) -> None:
    hub.fault("rate_limited", seconds=seconds, times=None)
    assert "429" in refused(HubUnreachableError, hub, clock, HUB_GENEALOGY_HUB_PATIENCE="1h")
    assert clock.slept[:WINDOWS_A_DAY] == [seconds + 1] * WINDOWS_A_DAY
    assert sum(clock.slept[WINDOWS_A_DAY:]) == pytest.approx(3600)
    assert len(hub.listing_requests()) == len(clock.slept) + 1


def test_a_window_that_is_said_to_end_in_years_is_looked_at_again_soon(hub: SimulatedHub, clock: FakeClock) -> None:
    hub.fault("rate_limited", seconds=10**15)
    assert walked(client_of(hub, clock)) == NAMES
    assert clock.slept == [LONGEST_WAIT + 1]


def test_a_used_up_window_in_a_good_answer_is_waited_for_before_the_next_request(
    hub: SimulatedHub, clock: FakeClock, said: list[str]
) -> None:
    client = client_of(hub, clock)
    hub.set_quota(2, window=300)
    assert client.page(first_page(client)).next is not None
    assert clock.slept == []
    assert "the rate window is used up" in said[0]
    client.page(first_page(client))
    assert 290 <= sum(clock.slept) <= 301


@pytest.mark.parametrize(("status", "body"), [(401, "Invalid username or password."), (403, "no"), (404, "gone")])
def test_a_refusal_is_no_outage(hub: SimulatedHub, clock: FakeClock, said: list[str], status: int, body: str) -> None:
    hub.fault("status", status=status, body=f'{{"error":"{body}"}}')
    message = refused(HubGenealogyError, hub, clock)
    assert str(status) in message
    assert body in message
    assert ("HF_TOKEN" in message) is (status == 401)
    assert (clock.slept, said) == ([], [])
    assert len(hub.listing_requests()) == 1


def test_a_field_that_the_hub_does_not_know_is_named_with_the_hubs_list(hub: SimulatedHub, clock: FakeClock) -> None:
    client = client_of(hub, clock)
    with pytest.raises(HubGenealogyError) as caught:
        client.page(f"{first_page(client)}&expand=author&expand=colour&expand=tags&expand=smell")
    message = str(caught.value)
    assert "does not know the field colour, smell" in message
    assert '"expand" must be one of [' in message
    assert "baseModels" in message
    assert caught.value.exit_code == 1
    assert clock.slept == []


@pytest.mark.parametrize("status", [400, 403, 429, 502, 503])
@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b'"later"', b"null", b'{"error":["a"]}', b'{"errors":7}', b'{"errors":["message"]}', b"[" * 5000,
        "<html><body>Zugriff verweigert für Sie</body></html>".encode("latin-1"), b"\xff\xfe\x00", b"a\r\nb\x00\x1b[31m",
    ],
)  # fmt: skip
def test_whatever_the_body_of_an_error_is_its_status_decides(
    hub: SimulatedHub, clock: FakeClock, status: int, body: bytes
) -> None:
    hub.fault("body", raw=body, content_type="text/html", status=status)
    if status in RETRIED_STATUSES:
        assert walked(client_of(hub, clock)) == NAMES
    else:
        assert str(status) in refused(HubGenealogyError, hub, clock)


@pytest.mark.parametrize("status", [404, 503])
def test_the_body_of_an_error_costs_no_more_than_a_page_may(hub: SimulatedHub, status: int) -> None:
    hub.fault("status", status=status, body="x" * 10_000)
    hub.fault("slow", bytes_per_second=100)
    client = client_of(hub, HUB_GENEALOGY_HUB_TIMEOUT="0.3s")
    began = time.monotonic()
    if status == 404:
        with pytest.raises(HubGenealogyError, match="404"):
            client.page(first_page(client))
    else:
        assert len(client.page(first_page(client)).models) == 2
    assert time.monotonic() - began < 10
    assert [request.status for request in hub.listing_requests()] == ([404] if status == 404 else [503, 200])


def test_a_refused_connection_is_waited_out(hub: SimulatedHub, said: list[str]) -> None:
    client = client_of(hub)
    hub.pause(1.5)
    assert walked(client) == NAMES
    assert said
    assert all("ConnectError" in line and "refused" in line for line in said)


@pytest.mark.parametrize("where", ["before", "middle"])
@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_dropped_connection_is_asked_again(
    hub: SimulatedHub, clock: FakeClock, said: list[str], where: str, at: int
) -> None:
    hub.fault("drop", where=where, at=at)
    assert walked(client_of(hub, clock)) == NAMES
    assert len(clock.slept) == len(said) == 1


def test_a_host_that_nobody_knows_is_waited_for_and_named(clock: FakeClock) -> None:
    message = refused(HubUnreachableError, "http://hub.invalid", clock, HUB_GENEALOGY_HUB_PATIENCE="10m")
    assert "http://hub.invalid" in message
    assert "HF_ENDPOINT" in message
    assert sum(clock.slept) == pytest.approx(600)


def test_a_port_where_nobody_listens_is_waited_for_and_named(clock: FakeClock) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
        message = refused(HubUnreachableError, address, clock, HUB_GENEALOGY_HUB_PATIENCE="1h")
    assert address in message
    assert sum(clock.slept) == pytest.approx(3600)


@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_silent_hub_is_given_up_after_the_timeout_and_asked_again(
    hub: SimulatedHub, said: list[str], at: int
) -> None:
    hub.fault("stall", seconds=20, at=at)
    began = time.monotonic()
    assert walked(client_of(hub, HUB_GENEALOGY_HUB_TIMEOUT="0.3s")) == NAMES
    assert time.monotonic() - began < 15
    assert len(said) == 1
    assert "ReadTimeout" in said[0]


@pytest.mark.parametrize("compressed", [False, True])
def test_a_page_that_comes_drop_by_drop_is_given_up_and_asked_again(said: list[str], compressed: bool) -> None:
    # Enough that a compressed page, too, is long in coming before any of it can be unfolded.
    records = [model(number, f"m/{number}", tags=[f"{number * 7919 % 10007:x}" * 3]) for number in range(1, 400)]
    with SimulatedHub(records) as hub:
        if compressed:
            hub.fault("oversize", size=0, compressed=True)
        hub.fault("slow", bytes_per_second=200)
        client = client_of(hub, HUB_GENEALOGY_HUB_TIMEOUT="0.3s")
        began = time.monotonic()
        assert len(client.page(first_page(client, 400)).models) == 399
        assert time.monotonic() - began < 10
        assert len(said) == 1
        assert "not whole after 2 s" in said[0]


# No page, for one reason or another: the fault, its options, and what the log says of it.
BROKEN: dict[str, tuple[str, dict[str, Any], str]] = {
    "cut JSON of the right length": ("truncated", {}, "cut off"),
    "cut gzip of the right length": ("truncated_gzip", {}, "cut off"),
    "gzip that is none": ("status", {"status": 200, "body": "[]", "headers": {"Content-Encoding": "gzip"}}, "Decoding"),
    "HTML": ("html", {}, "<!DOCTYPE html>"),
    "an object": ("object", {}, "a JSON dict instead of an array"),
    "an empty body": ("empty_body", {}, "an empty body"),
    "a word": ("body", {"raw": b"NaN"}, "a JSON float instead of an array"),
    "half an array": ("body", {"raw": b"[]", "status": 206}, "status 206"),
    "a redirect": ("status", {"status": 307, "headers": {"Location": "http://elsewhere.invalid/"}}, "status 307"),
    "a Link to itself": ("same_page", {}, "leads back"),
    "a Link that is no address": ("link", {"value": '<http://[::1>; rel="next"'}, "is no address"),
    "a Link with a tab": ("link", {"value": '<http://127.0.0.1/a\tb>; rel="next"'}, "is no address"),
}


@pytest.mark.parametrize("at", [1, 2])
@pytest.mark.parametrize("fault", BROKEN)
def test_what_is_no_page_is_asked_again(
    hub: SimulatedHub, clock: FakeClock, said: list[str], fault: str, at: int
) -> None:
    kind, options, reason = BROKEN[fault]
    hub.fault(kind, at=at, **options)
    assert walked(client_of(hub, clock)) == NAMES
    assert len(clock.slept) == len(said) == 1
    assert reason in said[0]


@pytest.mark.parametrize("fault", BROKEN)
def test_what_stays_no_page_ends_in_try_later_with_the_reason(hub: SimulatedHub, clock: FakeClock, fault: str) -> None:
    kind, options, reason = BROKEN[fault]
    hub.fault(kind, times=None, **options)
    message = refused(HubUnreachableError, hub, clock, HUB_GENEALOGY_HUB_PATIENCE="6h")
    assert reason in message
    assert len(hub.listing_requests()) == MAX_MALFORMED_PAGES
    assert sum(clock.slept) < 60


@pytest.mark.parametrize(
    "host", ["elsewhere.invalid", "127.0.0.1:1", "127.0.0.1.elsewhere.invalid", "user:word@127.0.0.1"]
)
def test_a_link_to_another_host_is_followed_on_ours(
    hub: SimulatedHub, clock: FakeClock, said: list[str], host: str
) -> None:
    hub.fault("link_host", host=host, times=None)
    client = client_of(hub, clock)
    following = client.page(first_page(client)).next
    assert following is not None
    assert following.startswith(f"{hub.url}/api/models?sort=createdAt&direction=1&limit=2&cursor=")
    assert walked(client) == NAMES
    assert (clock.slept, said) == ([], [])


@pytest.mark.parametrize(
    "address",
    [
        "http://huggingface.co/",
        "/api/datasets?cursor=x",
        "https://huggingface.co/api/models/x",
        "ftp://127.0.0.1/x",
        "next",
    ],
)
def test_a_link_to_something_else_than_the_listing_is_an_error_at_once(
    hub: SimulatedHub, clock: FakeClock, address: str
) -> None:
    hub.fault("link", value=f'<{address}>; rel="next"')
    message = refused(HubGenealogyError, hub, clock)
    assert f"leads to {address!r}, which is no page of this listing" in message
    assert "HF_ENDPOINT" in message
    assert clock.slept == []
    assert len(hub.listing_requests()) == 1


def test_a_link_back_to_a_page_that_was_walked_is_never_followed(hub: SimulatedHub, clock: FakeClock) -> None:
    client = client_of(hub, clock)
    first = first_page(client)
    second = client.page(first).next
    assert second is not None
    hub.fault("link", value=f'<{first}>; rel="next"', times=None)
    with pytest.raises(HubUnreachableError, match="leads back"):
        client.page(second, {first})


@pytest.mark.parametrize("compressed", [False, True])
def test_a_page_beyond_all_measure_is_given_up(
    hub: SimulatedHub, clock: FakeClock, said: list[str], compressed: bool
) -> None:
    hub.fault("oversize", size=200_000_000, compressed=compressed)
    assert walked(client_of(hub, clock)) == NAMES
    assert said == [f"the Hub: more than 128 MiB; asking again in {clock.slept[0]:.0f} s"]


def test_a_large_page_below_the_limit_is_read(
    hub: SimulatedHub, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(hub, clock)
    size = len(client.page(first_page(client)).body)
    monkeypatch.setattr(transport_module, "LARGEST_BODY", size)
    assert len(client.page(first_page(client)).models) == 2
    monkeypatch.setattr(transport_module, "LARGEST_BODY", size - 1)
    assert "MiB" in refused(HubUnreachableError, hub, clock)


def test_one_poisoned_record_leaves_its_neighbours(hub: SimulatedHub, clock: FakeClock) -> None:
    hub.fault("raw_record", raw=b'{"_id":"bad","tags":' + b"[" * 10_000 + b"]" * 10_000 + b"}", position=1)
    client = client_of(hub, clock)
    first, bad, second = map(read_record, client.page(first_page(client, limit=3)).models)
    assert [first["id"], second["id"]] == NAMES[:2]
    unread = kept_unreadable(bad)
    assert unread is not None
    assert unread.key == "bad"
    assert clock.slept == []


def test_numbers_that_json_does_not_know_leave_the_record_readable(hub: SimulatedHub, clock: FakeClock) -> None:
    hub.fault("nan", times=None)
    assert walked(client_of(hub, clock)) == NAMES
    assert clock.slept == []


def test_an_empty_page_with_a_link_is_walked_through(hub: SimulatedHub, clock: FakeClock) -> None:
    for at in (1, 3, 5):
        hub.fault("empty_page", at=at)
    assert walked(client_of(hub, clock)) == NAMES
    assert clock.slept == []


def test_empty_pages_without_end_end_the_walk(hub: SimulatedHub, clock: FakeClock) -> None:
    hub.fault("empty_page", times=None)
    with pytest.raises(HubUnreachableError, match="leads back"):
        walked(client_of(hub, clock))
    assert len(hub.listing_requests()) < 20


def test_errors_of_the_transport_are_known_by_their_class() -> None:
    # The policy names these two classes; what it waits out must be below them.
    for error in (httpx2.ReadTimeout, httpx2.ConnectError, httpx2.RemoteProtocolError, httpx2.ReadError):
        assert issubclass(error, httpx2.TransportError)
