"""The simulated Hub starts, pauses, remembers and ends; the Hub's own client believes it."""

import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from demo import SAMPLE
from demo.simulated_hub import SimulatedHub
from tests.support.small_hub import FAMILY, IN_ORDER, get, hub_id, wait_until, walk


@pytest.fixture
def hub() -> Iterator[SimulatedHub]:
    with SimulatedHub(FAMILY) as running:
        yield running


def test_a_paused_hub_drops_its_connections_refuses_new_ones_and_remembers(hub: SimulatedHub) -> None:
    hub.delete("x/last")
    kept = HTTPConnection("127.0.0.1", hub.port, timeout=5)
    kept.request("GET", IN_ORDER)
    kept.getresponse().read()
    hub.pause()
    kept_socket = kept.sock
    assert kept_socket.recv(1) == b""
    kept.close()
    with pytest.raises(ConnectionRefusedError):
        get(hub, IN_ORDER)
    hub.resume()
    assert len(walk(hub, IN_ORDER)) == 4


def test_a_pause_can_end_by_itself(hub: SimulatedHub) -> None:
    hub.pause(seconds=1)
    with pytest.raises(ConnectionRefusedError):
        get(hub, IN_ORDER)
    wait_until(hub, listens=True)
    assert get(hub, IN_ORDER).status == 200


def test_a_stopped_hub_starts_again_on_its_port_with_its_first_listing(hub: SimulatedHub) -> None:
    url = hub.url
    hub.delete("x/last")
    hub.stop()
    with pytest.raises(ConnectionRefusedError):
        get(hub, IN_ORDER)
    hub.start()
    assert hub.url == url
    assert len(walk(hub, IN_ORDER)) == 5


@pytest.mark.parametrize("end", [SimulatedHub.stop, SimulatedHub.pause])
def test_a_hub_that_begins_anew_has_forgotten_all(hub: SimulatedHub, end: Callable[[SimulatedHub], None]) -> None:
    hub.rename("Maker/base", "Maker/first")
    hub.fault("status", status=503, times=None)
    hub.delete("no/body", after=1)
    hub.delete("x/last", after=2)
    hub.set_quota(1)
    assert get(hub, IN_ORDER).status == 503
    end(hub)
    hub.begin_anew(FAMILY[:2])
    assert hub.requests() == []
    assert [get(hub, f"{IN_ORDER}&limit=1").status for _ in range(3)] == [200] * 3
    assert walk(hub, IN_ORDER) == ["Maker/base", "tuner/one"]
    assert get(hub, "/api/models/Maker/first").status == 401


def test_it_ends_with_its_holder_even_in_the_middle_of_an_answer() -> None:
    with SimulatedHub(FAMILY) as hub:
        hub.fault("stall", seconds=600)
        waiting = HTTPConnection("127.0.0.1", hub.port, timeout=30)
        waiting.request("GET", IN_ORDER)
        while not hub.listing_requests():
            time.sleep(0.01)
        pid, began = hub.pid, time.monotonic()
    assert time.monotonic() - began < 5
    waiting.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    gc.collect()  # a forgotten pipe would warn here, and a warning is an error


def test_the_log_says_who_asked_for_what_and_begins_anew(hub: SimulatedHub) -> None:
    began = time.time()
    get(hub, f"{IN_ORDER}&limit=2", **{"User-Agent": "somebody/1", "Authorization": "Bearer hf_secret"})
    (request,) = hub.requests()
    assert (request.number, request.path, request.status) == (1, "/api/models", 200)
    assert request.query == "sort=createdAt&direction=1&limit=2"
    assert request.headers["user-agent"] == "somebody/1"
    assert request.with_token
    assert "hf_secret" not in repr(request)
    assert began - 1 < request.time < time.time() + 1
    assert request.page_ids == (hub_id(1), hub_id(2))
    hub.forget_requests()
    assert hub.requests() == []


def test_it_runs_by_hand_as_a_folder(tmp_path: Path) -> None:
    listing = tmp_path / "listing.jsonl"
    listing.write_text("\n".join(map(json.dumps, FAMILY)))
    changes = tmp_path / "changes.jsonl"
    changes.write_text(json.dumps({"op": "redirect", "from": "base-uncased", "to": "Maker/base"}))
    folder = SAMPLE.parents[1] / "simulated_hub"
    command = [sys.executable, str(folder), "--listing", str(listing), "--changes", str(changes)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        assert process.stdout
        try:
            port = urlsplit(process.stdout.readline().strip()).port or 0
            hub = SimulatedHub(port=port)  # not its holder, but it knows the port
            assert len(walk(hub, IN_ORDER)) == 5
            assert get(hub, "/api/models/base-uncased").status == 307
            hub._order("pause", seconds=1)
            wait_until(hub, listens=False)
            wait_until(hub, listens=True)
            assert hub.record("x/last") == FAMILY[-1]
        finally:
            process.terminate()


CLIENT = """
import json
from huggingface_hub import HfApi
from huggingface_hub.utils import hf_raise_for_status, http_backoff
listed = [model.id for model in HfApi().list_models(sort="created_at", expand=["baseModels", "tags"])]
url, paged = f"{HfApi().endpoint}/api/models?sort=createdAt&direction=1&limit=2", []
while url:
    response = http_backoff("GET", url, timeout=10)
    hf_raise_for_status(response)
    paged += [record["id"] for record in response.json()]
    url = response.links.get("next", {}).get("url")
detail = HfApi().model_info("maker/BASE")
print(json.dumps({"listed": listed, "paged": paged, "detail": detail.id}))
"""


def test_the_hubs_own_client_walks_it_waits_for_its_quota_and_follows_its_redirects(
    hub: SimulatedHub, tmp_path: Path
) -> None:
    hub.fault("status", status=503, at=2)
    hub.fault("rate_limited", seconds=0, at=4)
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    environment = kept | {"HF_ENDPOINT": hub.url, "HF_HOME": str(tmp_path), "NO_PROXY": "127.0.0.1"}
    client = subprocess.run(
        [sys.executable, "-c", CLIENT], env=environment, check=True, stdout=subprocess.PIPE, text=True, timeout=60
    )
    names = [record["id"] for record in FAMILY]
    assert json.loads(client.stdout) == {"listed": names[::-1], "paged": names, "detail": "Maker/base"}
    assert [request.status for request in hub.listing_requests()] == [200, 503, 200, 429, 200, 200]
