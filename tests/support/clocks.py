"""A clock that a test winds, and a client of the Hub that lives by it."""

from dataclasses import dataclass, field

from crawler import settings
from crawler.hub.client import HubClient
from crawler.records.page import read_record
from demo.simulated_hub import SimulatedHub

IN_ORDER = "/api/models?sort=createdAt&direction=1"


@dataclass
class FakeClock:
    """Time passes only while somebody sleeps."""

    now: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        if seconds:
            self.slept.append(seconds)
            self.now += seconds

    def monotonic(self) -> float:
        return self.now


def client_of(hub: SimulatedHub | str, clock: FakeClock | None = None, **environment: str) -> HubClient:
    """A client with these settings; without a clock it lives in real time."""
    endpoint = hub if isinstance(hub, str) else hub.url
    loaded = settings.load(environment={"HF_ENDPOINT": endpoint, **environment})
    if clock is None:
        return HubClient(loaded)
    return HubClient(loaded, sleep=clock.sleep, monotonic=clock.monotonic)


def first_page(client: HubClient, limit: int = 2) -> str:
    return f"{client.endpoint}{IN_ORDER}&limit={limit}"


def walked(client: HubClient, limit: int = 2) -> list[str]:
    """The names that a walk by Link meets; what goes wrong on the way is the client's business."""
    names: list[str] = []
    visited: set[str] = set()
    url: str | None = first_page(client, limit)
    while url is not None:
        answer = client.page(url, visited)
        visited.add(url)
        names += [model["id"] for model in map(read_record, answer.models) if isinstance(model, dict)]
        url = answer.next
    return names
