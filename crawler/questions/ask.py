"""Asks the Hub each question once and stores the answer in the archive; outages are bounded.

A run that was killed between two questions resumes with the first one that has no answer.
"""

import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from itertools import groupby
from typing import Protocol

from crawler.cards import READER
from crawler.cards.said import said
from crawler.cards.text import decoded
from crawler.errors import HubGenealogyError
from crawler.hub.archive import Archive, Detail, DetailAnswer, Publisher
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
        """What an owner is, and the status of the answer."""


def ask(questions: Iterable[Question], archive: Archive, hub: Asked, forgotten: Forgotten) -> None:
    """Ask `questions`, which are grouped by topic, and store the answers in `archive`.

    Questions that the archive already answers are skipped. Raises HubUnreachableError if a required question gets no
    answer within its patience; the answers so far are kept. An answer that leads to a `forgotten` owner is stored without its
    name.
    """
    answered = {(answer.topic, answer.key, answer.name) for answer in archive.details()}
    for topic, of_topic in groupby(questions, key=lambda question: question.topic):
        open_questions = [q for q in of_topic if (topic.name, q.key, q.name) not in answered]
        if open_questions:
            asked = _ask_topic(topic, open_questions, archive, hub, forgotten)
            logger.info("asked the Hub %d questions (%s)", asked, topic.name.replace("_", " "))
    archive.all_asked()


def _ask_topic(topic: Topic, questions: list[Question], archive: Archive, hub: Asked, forgotten: Forgotten) -> int:
    """Ask the questions of one topic; return how many were asked."""
    failures = 0
    for number, question in enumerate(questions, start=1):
        try:
            answer = _answer(question, hub, LISTINGS[archive.crawl.listing])
            answer = replace(
                answer,
                detail=replace(answer.detail, id=forgotten.value(answer.detail.id)),
                weights=tuple(replace(file, name=forgotten.text(file.name)) for file in answer.weights),
                said=tuple(replace(one, target=forgotten.text(one.target)) for one in answer.said),
            )
            failures = 0
        except HubGenealogyError as error:
            if topic.required:
                raise
            answer = _unanswered(question)
            failures += 1
            logger.warning("the Hub gives no answer for %s: %s", question.name, error)
        archive.add_detail(answer)
        if failures == MAX_CONSECUTIVE_FAILURES:
            logger.warning("the remaining questions are left for the next crawl")
            return number
    return len(questions)


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
