"""What a crawl asked the Hub about single models, as the simulated Hub saw it."""

from collections.abc import Callable

from crawler.hub.archive import Archive
from demo.simulated_hub import SimulatedHub
from tests.support.program import Program


def asked_for_files(hub: SimulatedHub) -> list[str]:
    """The names of the models whose files were asked for, as the requests came."""
    return [one.path.removeprefix("/api/models/") for one in hub.requests() if one.query == "blobs=true"]


def asked_for_cards(hub: SimulatedHub) -> list[str]:
    """The names of the models whose cards were asked for, as the requests came."""
    return [one.path.removeprefix("/").removesuffix("/resolve/main/README.md") for one in hub.card_requests()]


def asked_in_a_night(nights: Program, hub: SimulatedHub, asked: Callable[[SimulatedHub], list[str]]) -> list[str]:
    """Crawl once; return what `asked` tells of it, in the order of the questions: several are on their way at a time."""
    hub.forget_requests()
    result = nights.run("crawl")
    assert result.code == 0, result.err
    order = [answer.name for answer in Archive(max((nights.home / "archive").iterdir())).details()]
    return sorted(asked(hub), key=order.index)


def links(nights: Program, name: str) -> set[tuple[str, str, str, str]]:
    """(parent, relation, certainty, link_status) of the parents of a model."""
    rows = nights.run("query", "parents", "--model", name, "--format", "json").json()
    return {(row["id"], row["relation"], row["certainty"], row["link_status"]) for row in rows}
