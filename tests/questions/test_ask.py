"""Questions to the Hub: each asked once, answers kept, outages bounded."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.cards import READER
from crawler.errors import HubGenealogyError, HubUnreachableError
from crawler.hub.archive import Archive, Detail, Publisher
from crawler.manifests import CrawlManifest
from crawler.questions.ask import MAX_CONSECUTIVE_FAILURES, NO_ANSWER, ask
from crawler.questions.question import ABSENT_NAME, CARD, FILES, VANISHED, Question
from crawler.records.forgetting import Forgotten
from crawler.records.listings import MODELS, Listing
from crawler.records.weights import WeightFile

GONE = Detail(401)
NOBODY = Forgotten()


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    archive = Archive(tmp_path / "archive" / "000001")
    archive.begin(CrawlManifest(crawl="000001", kind="full", started_at=datetime(2026, 1, 1, tzinfo=UTC)))
    return archive


class Hub:
    """Answers 401 for every name, except that it is away for those of `away`."""

    def __init__(self, *away: str) -> None:
        self.away = set(away)
        self.asked: list[tuple[str, timedelta | None]] = []
        self.answers: dict[str, Detail] = {}
        self.weights: tuple[WeightFile, ...] = ()
        self.text = b""
        self.publisher: Publisher | None = None

    def files(self, name: str, patience: timedelta | None = None) -> tuple[Detail, tuple[WeightFile, ...]]:
        return self.detail(name, patience), self.weights

    def card(self, name: str, patience: timedelta | None = None) -> tuple[Detail, bytes]:
        return self.detail(name, patience), self.text

    def owner(self, name: str, patience: timedelta | None = None) -> tuple[int, Publisher | None]:
        return self.detail(name, patience).status, self.publisher

    def detail(
        self,
        name: str,
        patience: timedelta | None = None,
        listing: Listing = MODELS,  # noqa: ARG002  # names are looked up alike
    ) -> Detail:
        self.asked.append((name, patience))
        if name in self.away:
            raise HubUnreachableError("away")
        return self.answers.get(name, GONE)


def absent(*names: str) -> list[Question]:
    return [Question(ABSENT_NAME, name) for name in names]


def kept(archive: Archive) -> list[tuple[str, str | None, str, int]]:
    return [(answer.topic, answer.key, answer.name, answer.detail.status) for answer in archive.details()]


def test_answers_are_kept_with_their_topic_and_not_asked_for_again(archive: Archive) -> None:
    hub = Hub()
    ask([Question(VANISHED, "org/a", "k1"), *absent("org/a")], archive, hub, NOBODY)
    assert kept(archive) == [("vanished", "k1", "org/a", 401), ("absent_name", None, "org/a", 401)]
    ask([Question(VANISHED, "org/a", "k1"), *absent("org/a", "org/b")], archive, hub, NOBODY)
    assert [name for name, _ in hub.asked] == ["org/a", "org/a", "org/b"]


def test_each_topic_has_its_patience(archive: Archive) -> None:
    hub = Hub()
    ask([Question(VANISHED, "org/a", "k1"), *absent("org/b")], archive, hub, NOBODY)
    assert hub.asked == [("org/a", None), ("org/b", timedelta(minutes=1))]


def test_a_required_question_without_an_answer_ends_the_crawl_and_keeps_the_answers_before(archive: Archive) -> None:
    questions = [Question(VANISHED, name, name) for name in ("org/a", "org/b")]
    with pytest.raises(HubGenealogyError):
        ask(questions, archive, Hub("org/b"), NOBODY)
    assert kept(archive) == [("vanished", "org/a", "org/a", 401)]
    hub = Hub()
    ask(questions, archive, hub, NOBODY)
    assert [name for name, _ in hub.asked] == ["org/b"]


def test_failures_in_a_row_leave_the_rest_for_another_night(archive: Archive) -> None:
    names = [f"org/{number}" for number in range(MAX_CONSECUTIVE_FAILURES + 2)]
    hub = Hub(*names)
    ask(absent(*names), archive, hub, NOBODY)
    assert len(hub.asked) == MAX_CONSECUTIVE_FAILURES
    assert {status for *_, status in kept(archive)} == {NO_ANSWER.status}


def test_failures_that_are_not_in_a_row_stop_nothing(archive: Archive) -> None:
    names = [f"org/{number}" for number in range(9)]
    hub = Hub(*names[::2])
    ask(absent(*names), archive, hub, NOBODY)
    assert len(hub.asked) == len(names)


def test_answers_of_an_earlier_version_have_the_topic_that_their_key_tells(archive: Archive) -> None:
    detail = '{"status": 401, "key": null, "id": null, "private": false, "disabled": false}'
    lines = [f'{{"key": "k1", "name": "a", "detail": {detail}}}', f'{{"key": null, "name": "b", "detail": {detail}}}']
    (archive.folder / "details.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert kept(archive) == [("vanished", "k1", "a", 401), ("absent_name", None, "b", 401)]


def test_an_answer_that_leads_to_a_forgotten_owner_is_stored_without_the_name(archive: Archive) -> None:
    key = Forgotten(b"key")
    forgotten = Forgotten(b"key", frozenset({key.token("janeqdoe")}))
    hub = Hub()
    hub.answers["org/moved"] = Detail(200, "k1", "JaneQDoe/moved-here")
    ask(absent("org/moved"), archive, hub, forgotten)
    assert [answer.detail.id for answer in archive.details()] == [f"{key.token('JaneQDoe')}/moved-here"]


def test_the_files_of_a_model_are_stored_with_the_revision_and_without_a_forgotten_name(archive: Archive) -> None:
    key = Forgotten(b"key")
    forgotten = Forgotten(b"key", frozenset({key.token("janeqdoe")}))
    hub = Hub()
    hub.answers["org/a"] = Detail(200, "k1", "org/a")
    hub.weights = (WeightFile("JaneQDoe/model.safetensors", 1 << 21, "0" * 64),)
    ask([Question(FILES, "org/a", "k1", "r1")], archive, hub, forgotten)
    name = f"{key.token('JaneQDoe')}/model.safetensors"
    assert [(answer.revision, answer.weights) for answer in archive.details()] == [
        ("r1", (WeightFile(name, 1 << 21, "0" * 64),))
    ]


def test_what_a_card_says_is_stored_with_the_revision_and_the_reader_and_without_a_forgotten_name(
    archive: Archive,
) -> None:
    key = Forgotten(b"key")
    forgotten = Forgotten(b"key", frozenset({key.token("janeqdoe")}))
    hub = Hub()
    hub.answers["org/a"] = Detail(200)
    hub.text = b"This model is a fine-tuned version of [JaneQDoe/base](https://huggingface.co/JaneQDoe/base)."
    ask([Question(CARD, "org/a", "k1", "r1")], archive, hub, forgotten)
    [answer] = archive.details()
    assert (answer.revision, answer.reader) == ("r1", READER)
    assert [(one.target, one.relation) for one in answer.said] == [(f"{key.token('JaneQDoe')}/base", "finetune")]
    assert "JaneQDoe" not in (archive.folder / "details.jsonl").read_text(encoding="utf-8")


def test_the_files_of_another_repository_that_has_the_name_now_are_not_stored(archive: Archive) -> None:
    hub = Hub()
    hub.answers["org/a"] = Detail(200, "another", "org/b")
    hub.weights = (WeightFile("model.safetensors", 1 << 21, "0" * 64),)
    ask([Question(FILES, "org/a", "k1", "r1")], archive, hub, NOBODY)
    assert [(answer.detail.key, answer.weights) for answer in archive.details()] == [("another", ())]
