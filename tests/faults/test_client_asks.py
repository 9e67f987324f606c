"""What the client sends, to whom, and what a detail answer comes to: over real sockets."""

from typing import Any

import pytest

from crawler import settings
from crawler.errors import HubUnreachableError, TryLaterError, UsageError
from crawler.hub.client import MAX_MALFORMED_PAGES
from crawler.hub.transport import Transport
from demo.simulated_hub import SimulatedHub
from tests.support.clocks import FakeClock, client_of, walked
from tests.support.small_hub import FAMILY

NAMES = [record["id"] for record in FAMILY]
SECRET = "hf_s3cret"


def test_the_token_goes_to_no_other_host(clock: FakeClock, said: list[str]) -> None:
    with SimulatedHub(FAMILY) as hub, SimulatedHub(FAMILY) as other:
        elsewhere = f"127.0.0.1:{other.port}"
        hub.fault("link_host", host=elsewhere, times=3)
        hub.fault("status", status=307, headers={"Location": f"http://{elsewhere}/api/models"}, at=4)
        hub.fault("status", status=307, headers={"Location": f"http://{elsewhere}/x/y"}, target="detail", times=None)
        client = client_of(hub, clock, HF_TOKEN=SECRET)
        assert walked(client) == NAMES
        with pytest.raises(HubUnreachableError):
            client.detail("Maker/base")
        assert other.requests() == []
        assert all(request.with_token for request in hub.requests())
        assert len(said) >= 1
        assert SECRET not in "".join(said)


@pytest.mark.parametrize("token", ["hf_s3\ncret", "hf_s3crät", "hf_s3 \x00cret", "hf_s3cret\u2028x"])
def test_a_token_that_cannot_be_sent_is_refused_at_once_and_not_shown(hub: SimulatedHub, token: str) -> None:
    with pytest.raises(UsageError) as caught:
        client_of(hub, HF_TOKEN=token)
    assert "HF_TOKEN" in str(caught.value)
    assert "s3" not in str(caught.value)


@pytest.mark.parametrize("ending", ["\n", " ", "\r\n"])
def test_a_token_with_the_line_end_of_its_file_is_sent_without_it(hub: SimulatedHub, ending: str) -> None:
    assert walked(client_of(hub, FakeClock(), HF_TOKEN=SECRET + ending)) == NAMES
    assert all(request.with_token for request in hub.listing_requests())


def test_a_contact_that_cannot_be_sent_is_refused_at_once(hub: SimulatedHub) -> None:
    for contact in ("Jürgen <j@example.org>", "me\nX-Forwarded-For: 10.0.0.1"):
        with pytest.raises(UsageError, match="HUB_GENEALOGY_HUB_CONTACT"):
            client_of(hub, HUB_GENEALOGY_HUB_CONTACT=contact)


def test_the_crawler_names_itself_its_version_and_its_contact(hub: SimulatedHub, clock: FakeClock) -> None:
    walked(client_of(hub, clock, HUB_GENEALOGY_HUB_CONTACT="ops@example.org"))
    for request in hub.listing_requests():
        assert "hub-genealogy/0" in request.headers["user-agent"]
        assert "ops@example.org" in request.headers["user-agent"]


@pytest.mark.parametrize("status", [401, 403, 404, 410, 451])
def test_a_model_that_the_hub_does_not_show_is_an_answer(hub: SimulatedHub, clock: FakeClock, status: int) -> None:
    hub.fault("status", status=status, target="detail")
    client = client_of(hub, clock)
    assert client.detail("Maker/base").status == status
    assert (client.detail("Maker/base").id, clock.slept) == ("Maker/base", [])


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("status", {"status": 503}), ("status", {"status": 429, "rate_headers": False}), ("drop", {}), ("html", {}),
        ("empty_body", {}), ("truncated", {}), ("body", {"raw": b"[" * 5000}), ("body", {"raw": b'{"_id":3,"id":"a/b"}'}),
    ],
)  # fmt: skip
def test_a_detail_answer_that_fails_is_asked_again(
    hub: SimulatedHub, clock: FakeClock, kind: str, options: dict[str, Any]
) -> None:
    hub.fault(kind, target="detail", **options)
    detail = client_of(hub, clock).detail("Maker/base")
    assert (detail.status, detail.key) == (200, FAMILY[0]["_id"])
    assert len(clock.slept) == 1


def test_a_renamed_model_is_followed_by_its_name_and_a_missing_one_is_not_there(
    hub: SimulatedHub, clock: FakeClock
) -> None:
    hub.rename("Maker/base", "Maker/first")
    client = client_of(hub, clock)
    assert client.detail("maker/BASE").id == "Maker/first"
    assert client.detail("nobody/nothing").status == 401
    assert client_of(hub, clock, HF_TOKEN=SECRET).detail("nobody/nothing").status == 404


def test_a_mirrors_redirect_that_names_the_hubs_own_host_is_followed_on_the_mirror(clock: FakeClock) -> None:
    with SimulatedHub(FAMILY, host="huggingface.co") as mirror:
        mirror.rename("Maker/base", "Maker/first")
        client = client_of(mirror, clock, HF_TOKEN=SECRET)
        assert client.detail("Maker/base").id == "Maker/first"
        assert walked(client) == ["Maker/first", *NAMES[1:]]
        assert clock.slept == []


@pytest.mark.parametrize(
    ("endpoint", "address", "here"),
    [
        ("http://h", "/api/models?c=%3D&d=[]", "http://h/api/models?c=%3D&d=[]"),
        ("http://h", "https://huggingface.co/api/models?c=1", "http://h/api/models?c=1"),
        ("http://h:8/m", "https://huggingface.co/api/models?c=1", "http://h:8/m/api/models?c=1"),
        ("http://h:8/m", "http://h:8/m/api/models?c=1", "http://h:8/m/api/models?c=1"),
        ("http://h:8/m", "/api/models/a/b", "http://h:8/m/api/models/a/b"),
        ("http://h", "//elsewhere/api/models", "http://h/api/models"),
        ("http://h", "http://h/x", None),
    ],
)
def test_every_address_is_asked_for_at_the_set_endpoint(endpoint: str, address: str, here: str | None) -> None:
    transport = Transport(settings.load(environment={"HF_ENDPOINT": endpoint}))
    assert transport.here(address, f"{endpoint}/api/models?limit=1") == here


@pytest.mark.parametrize("location", ["http://[::1", "/api/models/Maker/base", "", "//elsewhere.invalid/x"])
def test_redirects_that_lead_nowhere_end(hub: SimulatedHub, clock: FakeClock, location: str) -> None:
    hub.fault("status", status=307, headers={"Location": location}, target="detail", times=None)
    with pytest.raises(TryLaterError, match=r"redirects lead nowhere|is no address"):
        client_of(hub, clock).detail("Maker/base")
    assert len(hub.detail_requests()) <= 5 * MAX_MALFORMED_PAGES
