"""Several questions on their way at a time: answers in the order asked, none lost, none twice."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.errors import HubUnreachableError
from crawler.hub.archive import Archive, Detail
from crawler.manifests import CrawlManifest
from crawler.questions.ask import MAX_CONSECUTIVE_FAILURES, ask
from crawler.questions.at_once import in_order
from crawler.questions.question import CARD, FILES, OWNER, Question, Topic
from crawler.records.forgetting import Forgotten
from demo.simulated_hub import SimulatedHub
from tests.support.clocks import client_of
from tests.support.small_hub import model

NAMES = [f"org/{number}" for number in range(40)]


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    archive = Archive(tmp_path / "archive" / "000001")
    archive.begin(CrawlManifest(crawl="000001", kind="full", started_at=datetime(2026, 1, 1, tzinfo=UTC)))
    return archive


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[SimulatedHub]:
    for name in NAMES:
        (tmp_path / "cards" / name).mkdir(parents=True)
        (tmp_path / "cards" / name / "README.md").write_text("# A model\n", encoding="utf-8")
    models = [model(number, name) for number, name in enumerate(NAMES)]
    with SimulatedHub(models, cards=tmp_path / "cards") as running:
        yield running


def questions(topic: Topic, *names: str) -> list[Question]:
    return [Question(topic, name, name, "r") for name in names]


def statuses(archive: Archive) -> list[tuple[str, int]]:
    return [(answer.name, answer.detail.status) for answer in archive.details()]


def test_results_come_in_the_order_of_the_calls_and_no_more_than_that_many_are_under_way() -> None:
    under_way: set[int] = set()
    most = 0

    def call(number: int) -> int:
        nonlocal most
        under_way.add(number)
        most = max(most, len(under_way))
        time.sleep(0.03 if number % 3 == 0 else 0.001)
        under_way.remove(number)
        return -number

    found = [(number, future.result()) for number, future in in_order(call, range(30), 4)]
    assert found == [(number, -number) for number in range(30)]
    assert 2 <= most <= 4


def test_the_answers_are_stored_in_the_order_of_the_questions_however_late_they_come(
    archive: Archive, hub: SimulatedHub
) -> None:
    hub.fault("stall", target="card", at=2, seconds=0.5)
    ask(questions(CARD, *NAMES), archive, client_of(hub), Forgotten())
    assert statuses(archive) == [(name, 200) for name in NAMES]
    assert len(hub.card_requests()) == len(NAMES)


def test_a_window_that_is_too_small_for_those_under_way_costs_waiting_and_no_answer(
    archive: Archive, hub: SimulatedHub
) -> None:
    hub.set_quota(1000, resolvers=30, window=2)  # a card takes two requests: three windows
    ask(questions(CARD, *NAMES), archive, client_of(hub), Forgotten())
    assert statuses(archive) == [(name, 200) for name in NAMES]
    let_through = [one for one in hub.requests() if one.status != 429]
    assert len(let_through) == 2 * len(NAMES)


def test_those_under_way_never_overrun_a_window_whose_size_is_known(archive: Archive, hub: SimulatedHub) -> None:
    hub.set_quota(1000, resolvers=50, window=2)
    client = client_of(hub)
    ask(questions(CARD, *NAMES), archive, client, Forgotten())
    assert statuses(archive) == [(name, 200) for name in NAMES]
    assert [one.status for one in hub.requests() if one.status == 429] == []


def test_an_outage_is_noticed_with_several_under_way_and_leaves_the_rest(archive: Archive, hub: SimulatedHub) -> None:
    hub.fault("status", target="card", times=None, status=503)
    ask(questions(CARD, *NAMES), archive, client_of(hub, HUB_GENEALOGY_HUB_PATIENCE="1s"), Forgotten())
    found = statuses(archive)
    assert {status for _, status in found} == {0}
    asked = {one.path.removesuffix("/resolve/main/README.md")[1:] for one in hub.card_requests()}
    assert [name for name, _ in found] == NAMES[: len(found)]
    assert asked == {name for name, _ in found}
    assert len(asked) <= MAX_CONSECUTIVE_FAILURES + CARD.at_once


class Meeting:
    """A Hub that answers a card only when a file is being asked for, and the other way round."""

    def __init__(self) -> None:
        self.both = threading.Barrier(2, timeout=20)

    def card(self, _name: str, _patience: object = None) -> tuple[Detail, bytes]:
        self.both.wait()
        return Detail(200), b""

    def files(self, name: str, _patience: object = None) -> tuple[Detail, tuple[()]]:
        self.both.wait()
        return Detail(200, name, name), ()

    def owner(self, _name: str, _patience: object = None) -> tuple[int, None]:
        raise HubUnreachableError("away")

    def detail(self, name: str, *_others: object) -> Detail:
        raise AssertionError(name)


def test_cards_and_files_have_limits_of_their_own_and_are_asked_for_at_the_same_time(archive: Archive) -> None:
    asked = [*questions(FILES, "org/a"), *questions(CARD, "org/a"), *questions(OWNER, "org")]
    ask(asked, archive, Meeting(), Forgotten())
    assert {(answer.topic, answer.detail.status) for answer in archive.details()} == {
        ("files", 200),
        ("card", 200),
        ("owner", 0),
    }


def test_what_ends_the_asking_of_one_limit_ends_that_of_the_other(archive: Archive, hub: SimulatedHub) -> None:
    hub.fault("stall", target="card", at=3, seconds=3, times=None)

    class Broken:
        """Fails as no Hub does for files; the rest is the simulated Hub."""

        def __init__(self) -> None:
            client = client_of(hub)
            self.card, self.owner, self.detail = client.card, client.owner, client.detail

        def files(self, _name: str, _patience: object = None) -> tuple[Detail, tuple[()]]:
            time.sleep(0.2)
            raise OSError("no space left")

    began = time.monotonic()
    with pytest.raises(OSError, match="no space left"):
        ask([*questions(FILES, "org/1"), *questions(CARD, *NAMES)], archive, Broken(), Forgotten())
    assert time.monotonic() - began < 2
    stored = statuses(archive)
    time.sleep(3.5)  # what was under way is answered by now, and is not stored
    assert statuses(archive) == stored
