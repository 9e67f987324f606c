"""Asks the Hub each question once and stores the answer in the archive; outages are bounded.

A run that was killed resumes with the questions that have no answer: those that were on their way are asked again.
"""

import logging
from collections.abc import Iterable
from concurrent.futures import FIRST_EXCEPTION, wait
from dataclasses import replace
from datetime import timedelta
from itertools import groupby, takewhile
from threading import Lock
from typing import Protocol, Self

from crawler.cards import READER
from crawler.cards.said import said
from crawler.cards.text import decoded
from crawler.errors import HubGenealogyError
from crawler.hub.archive import Archive, Detail, DetailAnswer, Publisher
from crawler.questions.at_once import in_order, started
from crawler.questions.question import CARD, FILES, OWNER, Question, Topic
from crawler.records.forgetting import Forgotten
from crawler.records.listings import LISTINGS, MODELS, Listing
from crawler.records.weights import WeightFile

logger = logging.getLogger(__name__)

# After this many failures in a row, the rest of an optional topic waits for the next crawl.
MAX_CONSECUTIVE_FAILURES = 3
# Stored for a question that got no answer.
NO_ANSWER = Detail(0)


class Asked(Protocol):
    """What `HubClient` answers: a name, and the patience for it."""

    def detail(self, name: str, patience: timedelta | None = None, listing: Listing = MODELS) -> Detail:
        """The record of a repository of that listing."""

    def files(self, name: str, patience: timedelta | None = None) -> tuple[Detail, tuple[WeightFile, ...]]:
        """The same, and the files that hold its weights."""

    def card(self, name: str, patience: timedelta | None = None) -> tuple[Detail, bytes]:
        """The text of its card."""

    def owner(self, name: str, patience: timedelta | None = None) -> tuple[int, Publisher | None]:
        """The status of the answer, and what the owner is."""


def ask(questions: Iterable[Question], archive: Archive, hub: Asked, forgotten: Forgotten) -> None:
    """Ask `questions`, which are grouped by topic, and store the answers in `archive`.

    Those that count in different rate limits are asked at the same time, after the required ones. Questions that the archive
    already answers are skipped. Raises HubUnreachableError if a required question gets no answer within its patience; the
    answers so far are kept. An answer that leads to a `forgotten` owner is stored without its name.
    """
    answered = {(answer.topic, answer.key, answer.name) for answer in archive.details()}
    unanswered = [q for q in questions if (q.topic.name, q.key, q.name) not in answered]
    required = [q for q in unanswered if q.topic.required]
    rest = [q for q in unanswered if not q.topic.required]
    by_bucket = [[q for q in rest if q.topic.bucket == bucket] for bucket in sorted({q.topic.bucket for q in rest})]
    with _Asking(archive, hub, forgotten) as asking:
        for together in ([required], by_bucket):
            done, _ = wait([started(asking.ask, some) for some in together], return_when=FIRST_EXCEPTION)
            for one in done:
                one.result()
    archive.all_asked()


class _Asking:
    """Asks, and stores the answers of each topic in the order of its questions. Nothing is stored after its `with` block."""

    def __init__(self, archive: Archive, hub: Asked, forgotten: Forgotten) -> None:
        self._archive, self._hub, self._forgotten = archive, hub, forgotten
        self._listing = LISTINGS[archive.crawl.listing]
        self._lock, self._over = Lock(), False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._over = True

    def ask(self, questions: list[Question]) -> None:
        """Ask one topic after another."""
        for topic, of_topic in groupby(questions, key=lambda question: question.topic):
            asked = self._ask_topic(topic, of_topic)
            logger.info("asked the Hub %d questions (%s)", asked, topic.name.replace("_", " "))

    def _ask_topic(self, topic: Topic, questions: Iterable[Question]) -> int:
        """Ask the questions of one topic; return how many were asked."""
        failures = asked = 0
        # An outage leaves the rest for the next crawl; what is on its way then is waited for.
        due = takewhile(lambda _: failures < MAX_CONSECUTIVE_FAILURES and not self._over, questions)
        for question, answer in in_order(self._answer, due, topic.at_once):
            try:
                stored = answer.result()
                failures = 0
            except HubGenealogyError as error:
                if topic.required:
                    raise
                stored = _unanswered(question)
                failures += 1
                logger.warning("the Hub gives no answer for %s: %s", question.name, error)
                if failures == MAX_CONSECUTIVE_FAILURES:
                    logger.warning("the remaining questions are left for the next crawl")
            asked += 1
            with self._lock:
                if not self._over:
                    self._archive.add_detail(stored)
        return asked

    def _answer(self, question: Question) -> DetailAnswer:
        """What the Hub answers, without the names of forgotten owners."""
        answer, forgotten = _answer(question, self._hub, self._listing), self._forgotten
        return replace(
            answer,
            detail=replace(answer.detail, id=forgotten.value(answer.detail.id)),
            weights=tuple(replace(file, name=forgotten.text(file.name)) for file in answer.weights),
            said=tuple(replace(one, target=forgotten.text(one.target)) for one in answer.said),
        )


def _answer(question: Question, hub: Asked, listing: Listing) -> DetailAnswer:
    topic = question.topic
    if topic == CARD:
        # The text is not kept: it is a stranger's, and may hold what is personal. What it says of parents is.
        detail, body = hub.card(question.name, topic.patience)
        found = tuple(said(decoded(body) or "", question.name))
        return replace(_unanswered(question), detail=detail, said=found, reader=READER)
    if topic == OWNER:
        status, publisher = hub.owner(question.name, topic.patience)
        return replace(_unanswered(question), detail=Detail(status), publisher=publisher)
    if topic != FILES:
        return replace(_unanswered(question), detail=hub.detail(question.name, topic.patience, listing))
    detail, weights = hub.files(question.name, topic.patience)
    # The name may lead to another repository by now.
    return replace(_unanswered(question), detail=detail, weights=weights if detail.key == question.key else ())


def _unanswered(question: Question) -> DetailAnswer:
    return DetailAnswer(question.key, question.name, NO_ANSWER, question.topic.name, question.revision)
