"""The pace follows the rate limit that the Hub states: each window is used, none is overrun, whoever else uses it."""

import math
import threading
import time
from collections.abc import Callable, Iterator

import httpx2
import pytest
from huggingface_hub import close_session, set_client_factory
from huggingface_hub.utils._http import default_client_factory

from demo.simulated_hub import Request, SimulatedHub
from tests.support.clocks import FakeClock, client_of, walked
from tests.support.small_hub import get, model

ENDPOINT = "http://hub.invalid"
QUOTA, TOKEN_QUOTA, WINDOW = 500, 1000, 300
PAGES = 3118  # a whole walk of the Hub


class RatedHub:
    """A Hub of `PAGES` pages that counts requests in the windows of a fake clock; `others` may use up requests, too."""

    def __init__(self, clock: FakeClock, seconds_a_request: float, others: Callable[[int], int] = lambda _: 0) -> None:
        self.clock, self.seconds_a_request, self.others = clock, seconds_a_request, others
        self.began = clock.now
        self.used: dict[int, int] = {}  # requests of ours in each window
        self.taken: dict[int, int] = {}  # and everybody's
        self.refused = 0

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.clock.now += self.seconds_a_request
        window, passed = divmod(self.clock.now - self.began, WINDOW)
        number = int(window)
        quota = TOKEN_QUOTA if "authorization" in request.headers else QUOTA
        before = self.taken.get(number, 0)
        self.taken[number] = min(quota, before + self.others(number)) + 1
        self.used[number] = self.used.get(number, 0) + 1
        headers = {
            "RateLimit": f'"api";r={max(quota - self.taken[number], 0)};t={math.ceil(WINDOW - passed)}',
            "RateLimit-Policy": f'"fixed window";"api";q={quota};w={WINDOW}',
        }
        if self.taken[number] > quota:
            self.refused += 1
            return httpx2.Response(429, headers=headers, json={"error": "Too Many Requests"})
        page = int(request.url.params.get("cursor", "0"))
        if page + 1 < PAGES:
            headers["Link"] = f'<{ENDPOINT}/api/models?cursor={page + 1}>; rel="next"'
        return httpx2.Response(200, headers=headers, json=[{"_id": f"{page:024x}", "id": f"m/{page}"}])

    def full_windows(self, quota: int) -> list[float]:
        """The share of the quota that was used of each window but the last, the others' part aside."""
        free = [quota - (self.taken[number] - self.used[number]) for number in sorted(self.used)][:-1]
        return [self.used[number] / part for number, part in zip(sorted(self.used), free, strict=False)]


@pytest.fixture
def night() -> Iterator[Callable[[RatedHub], None]]:
    """Lets the client's requests end in a function instead of a socket."""

    def end_in(hub: RatedHub) -> None:
        set_client_factory(lambda: httpx2.Client(transport=httpx2.MockTransport(hub)))

    yield end_in
    set_client_factory(default_client_factory)
    close_session()


@pytest.mark.parametrize("seconds_a_request", [0.02, 0.2, 0.55])
@pytest.mark.parametrize(("environment", "quota"), [({}, QUOTA), ({"HF_TOKEN": "hf_x"}, TOKEN_QUOTA)])
def test_a_night_of_rate_limits(
    night: Callable[[RatedHub], None], environment: dict[str, str], quota: int, seconds_a_request: float
) -> None:
    clock = FakeClock()
    hub = RatedHub(clock, seconds_a_request)
    night(hub)
    assert walked(client_of(ENDPOINT, clock, **environment)) == [f"m/{page}" for page in range(PAGES)]
    assert hub.refused == 0
    able = min(quota, WINDOW / seconds_a_request)  # what could be asked for in a window at all
    windows = [share * quota / able for share in hub.full_windows(quota)]
    assert len(windows) == math.ceil(PAGES / able) - 1
    assert min(windows) >= 0.9
    assert max(hub.taken.values()) <= quota


def test_what_somebody_else_uses_of_the_quota_costs_waiting_and_never_the_walk(
    night: Callable[[RatedHub], None],
) -> None:
    clock = FakeClock()
    # Every third window somebody takes all of it at once, in the others some while we ask.
    hub = RatedHub(clock, 0.05, others=lambda window: QUOTA if window % 3 == 2 else window % 2)
    night(hub)
    assert walked(client_of(ENDPOINT, clock, HUB_GENEALOGY_HUB_PATIENCE="1s")) == [f"m/{page}" for page in range(PAGES)]
    assert 0 < hub.refused <= len(hub.used)
    assert max(clock.slept) <= WINDOW + 1


def test_a_higher_quota_is_found_and_a_lower_one_kept_from_one_answer_to_the_next(
    night: Callable[[RatedHub], None],
) -> None:
    walks = []
    for environment in ({}, {"HF_TOKEN": "hf_x"}):
        clock = FakeClock()
        hub = RatedHub(clock, 0.02)
        night(hub)
        walked(client_of(ENDPOINT, clock, **environment))
        walks.append(clock.now - hub.began)
    assert walks[1] < 0.6 * walks[0]


def windows_of(requests: list[Request]) -> list[list[Request]]:
    """The requests, parted where nobody asked for the better part of a second."""
    parts: list[list[Request]] = [[]]
    for request in requests:
        if parts[-1] and request.time - parts[-1][-1].time > 0.8:
            parts.append([])
        parts[-1].append(request)
    return parts


def test_windows_of_real_time_are_used_and_not_overrun() -> None:
    records = [model(number, f"m/{number}") for number in range(1, 1002)]
    with SimulatedHub(records) as hub:
        hub.set_quota(250, window=6)
        assert len(walked(client_of(hub), limit=1)) == len(records)
        requests = hub.listing_requests()
    assert [request.status for request in requests if request.status != 200] == []
    parts = [len(part) for part in windows_of(requests)]
    assert sum(parts) == len(records)
    assert len(parts) == 5
    assert min(parts[:-1]) >= 0.9 * 250
    assert max(parts) <= 250


def test_a_second_user_of_the_same_address_costs_waiting_in_real_time() -> None:
    records = [model(number, f"m/{number}") for number in range(1, 301)]
    with SimulatedHub(records) as hub:
        hub.set_quota(100, window=2)
        stop = threading.Event()

        def ask_too() -> None:
            deadline = time.monotonic() + 60
            while not stop.is_set() and time.monotonic() < deadline:
                get(hub, "/api/models?limit=1")
                time.sleep(0.02)

        other = threading.Thread(target=ask_too)
        other.start()
        try:
            names = walked(client_of(hub, HUB_GENEALOGY_HUB_PATIENCE="1s"), limit=1)
        finally:
            stop.set()
            other.join()
    assert names == [record["id"] for record in records]
