"""The fault matrix: each fault of the page loop, on the first, a middle and the last page, in a first crawl and in the
next one after the Hub has changed, once or for as long as the run goes on. Whatever the fault, after at most one
repetition the graph holds the facts of an undisturbed run: nothing lost, nothing doubled, nothing falsely retired.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crawler.graph.connection import Connection, Graph
from crawler.hub import client, rates, transport
from crawler.hub.archive import Archive
from demo.simulated_hub import SimulatedHub
from tests.support.fault_matrix import PAGES, change, keys_by_status, page_of, program, records
from tests.support.neo4j_for_tests import empty
from tests.support.output import say
from tests.support.program import Program

PLACES = {"first": 1, "middle": 2, "last": PAGES}
NOW = datetime.now(UTC).replace(microsecond=0)
RECORDS = records(NOW)


@dataclass(frozen=True)
class Fault:
    """A fault, the exit code of a run that meets it once, and that of a run in which it stays."""

    kind: str
    options: dict[str, Any] = field(default_factory=dict)
    once: int = 0
    stays: int = 75
    harmless_at: str = ""  # the place at which it alters nothing
    times: int | None = None  # how often it strikes when it stays
    timeout: str = "5s"
    body: Callable[[list[dict[str, Any]], int], bytes] | None = None  # of the listing and the page: its bytes instead


def status(code: int, **options: Any) -> Fault:
    refused = code in (400, 401, 403, 404)
    return Fault("status", {"status": code, **options}, once=1 if refused else 0, stays=1 if refused else 75)


FAULTS = {
    **{f"{code}": status(code) for code in (400, 401, 408, 429, 503, 529)},
    "429 without headers": status(429, rate_headers=False),
    "502 with a body that is no UTF-8": Fault("body", {"raw": b"<p>\xff</p>", "content_type": "text/html", "status": 502}),
    "429 with headers": Fault("rate_limited", {"seconds": 0}, stays=0, times=2),
    "a connection that is refused": Fault("pause"),
    "a connection dropped before the answer": Fault("drop"),
    "a connection dropped in the answer": Fault("drop", {"where": "middle"}),
    "silence": Fault("stall", {"seconds": 1.5}, timeout="0.3s"),
    "drop by drop": Fault("slow", {"bytes_per_second": 2000}, timeout="0.1s"),
    "cut JSON": Fault("truncated"),
    "cut gzip": Fault("truncated_gzip"),
    "HTML": Fault("html"),
    "an object": Fault("object"),
    "an empty body": Fault("empty_body"),
    "NaN": Fault("nan", stays=0),
    "a page beyond all measure": Fault("oversize", {"size": 2_400_000}),
    "a compressed page beyond all measure": Fault("oversize", {"size": 2_400_000, "compressed": True}),
    "a Link to itself": Fault("same_page"),
    "a Link to another host": Fault("link_host", {"host": "elsewhere.invalid"}, stays=0),
    "a Link that is no address": Fault("link", {"value": '<http://[::1>; rel="next"'}),
    "no Link": Fault("no_link", stays=3, harmless_at="last"),
    "an empty page with a Link": Fault("empty_page"),
    "an empty page in place of a full one": Fault("empty_page", {"skip": True}, stays=3),
    "the page before once more": Fault(
        "body", body=lambda all_, page: page_of(all_, max(page - 1, 1)), stays=3, harmless_at="first"
    ),
    # When it shows, the page that was jumped over is passed; the walk says so, and the next one is whole.
    "the page after too early": Fault(
        "body", body=lambda all_, page: page_of(all_, min(page + 1, PAGES)), once=3, stays=3, harmless_at="last"
    ),
    "a record that cannot be read": Fault("body", body=lambda listing, page: page_of(listing, page, poisoned=True), stays=0),
    "a record of a megabyte, without a key": Fault("raw_record", {"raw": b'{"id":"a/b","x":"' + b"x" * 10**6 + b'"}'}, stays=0),
    "ids that are numbers": Fault("raw_record", {"raw": b'{"_id":17,"id":18,"createdAt":19}', "position": 7}, stays=0),
    "dates from the year 0": Fault(
        "raw_record",
        {"raw": b'{"_id":"' + b"0" * 24 + b'","createdAt":"0000-00-00T00:00:00Z"}', "position": 3},
        stays=0,
    ),
}  # fmt: skip


@dataclass
class Count:
    """What the whole matrix came to."""

    cases: int = 0
    held: int = 0  # those in which nothing was lost, doubled or falsely retired
    repetitions: int = 0


@pytest.fixture(scope="module")
def count(request: pytest.FixtureRequest) -> Iterator[Count]:
    """Counts the cases; their number stands in the output of the run."""
    counted = Count()
    yield counted
    say(
        request.config,
        f"fault matrix: {counted.cases} cases of {len(FAULTS)} faults, {counted.repetitions} of them repeated; in "
        f"{counted.held} nothing was lost, doubled or falsely retired",
    )


@pytest.fixture(scope="module")
def undisturbed() -> list[str]:
    """The facts of a first crawl and of the next one without any fault, once they are known."""
    return []


@pytest.fixture
def hub(hub: SimulatedHub) -> SimulatedHub:
    """The Hub as it is before it changes."""
    hub.begin_anew(RECORDS)
    return hub


@pytest.fixture
def crawler(
    *, hub: SimulatedHub, opened_graph: Graph, empty_graph: Connection, undisturbed: list[str], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Program:  # fmt: skip
    """The program, its waits a fiftieth of a second, beside a Hub and a graph as at the beginning."""
    monkeypatch.setattr(client, "LONGEST_WAIT", 0.02)
    monkeypatch.setattr(rates, "LONGEST_WAIT", 0.02)
    monkeypatch.setattr(transport, "LARGEST_BODY", 2_000_000)
    if not undisturbed:
        crawler = program(hub, tmp_path / "undisturbed", empty_graph)
        crawler.crawl()
        first = crawler.facts()
        change(hub, NOW)
        crawler.crawl()
        undisturbed += [first, crawler.facts()]
        assert undisturbed[0] != undisturbed[1]
        hub.begin_anew(RECORDS)
        empty(opened_graph)
    return program(hub, tmp_path / "home", empty_graph)


def disturb(hub: SimulatedHub, fault: Fault, page: int, *, once: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `fault` strike the walk's request for `page`, once or as often as it is asked for."""
    if fault.kind == "pause":
        pause_at(hub, page, 0.3 if once else None, monkeypatch)
        return
    options, listing = dict(fault.options), hub.records()
    if fault.body is not None:
        options["raw"] = fault.body(listing, page)
    holding = listing[(page - 1) * len(listing) // PAGES]["_id"]
    hub.fault(fault.kind, holding=holding, times=1 if once else fault.times, **options)


def pause_at(hub: SimulatedHub, page: int, seconds: float | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse connections as soon as the pages before `page` are in the archive."""
    if page == 1:
        hub.pause(seconds)
        return
    add = Archive.add

    def add_and_pause(archive: Archive, *arguments: Any) -> None:
        add(archive, *arguments)
        if arguments[0].number == page - 1:
            hub.pause(seconds)

    monkeypatch.setattr(Archive, "add", add_and_pause)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", FAULTS)
def test_after_a_fault_the_graph_is_as_if_there_had_been_none(
    name: str, place: str, *, crawler: Program, hub: SimulatedHub, opened_graph: Graph, undisturbed: list[str],
    count: Count,
) -> None:  # fmt: skip
    fault, gone = FAULTS[name], list[str]()
    # In one crawl it strikes once, in the other it stays; each comes first on some page.
    first_crawl_once = (list(FAULTS).index(name) + PLACES[place]) % 2 == 0
    for number, facts in enumerate(undisturbed):
        once = first_crawl_once is (number == 0)
        if number == 1:
            gone = [change(hub, NOW)]
        with pytest.MonkeyPatch.context() as patch:
            disturb(hub, fault, PLACES[place], once=once, monkeypatch=patch)
            patience = "0.1s" if not once else "20s"
            waiting = {"HUB_GENEALOGY_HUB_TIMEOUT": fault.timeout, "HUB_GENEALOGY_HUB_PATIENCE": patience}
            run = crawler.with_settings(**waiting).run("crawl")
        hub.resume()
        hub.heal()
        assert run.code == expected(fault, place, once=once), run.err
        assert set(keys_by_status(opened_graph)["gone"]) <= set(gone)
        count.cases += 1
        if run.code != 0 or crawler.facts() != facts:
            count.repetitions += 1
            crawler.crawl()
            assert crawler.facts() == facts
        held = keys_by_status(opened_graph)
        assert held == {"listed": [record["_id"] for record in hub.records()], "gone": gone, "absent": []}
        count.held += 1


def expected(fault: Fault, place: str, *, once: bool) -> int:
    """The exit code of a run that meets `fault`."""
    if place == fault.harmless_at:
        return 0
    if once:
        return fault.once
    return fault.stays
