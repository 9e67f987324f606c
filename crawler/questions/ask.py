"""Asks the Hub each question once and stores the answer in the archive; outages are bounded.

A run that was killed between two questions resumes with the first one that has no answer.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from itertools import groupby

from crawler.errors import HubGenealogyError
from crawler.hub.archive import Archive, Detail, DetailAnswer
from crawler.questions.question import Question, Topic
from crawler.records.forgetting import Forgotten

logger = logging.getLogger(__name__)

# After this many failures in a row, the rest of an optional topic waits for the next crawl.
MAX_CONSECUTIVE_FAILURES = 3
# Stored for a question that got no answer.
NO_ANSWER = Detail(0)

# `HubClient.detail`: the name and its patience to the Hub's answer.
Ask = Callable[[str, timedelta | None], Detail]


def ask(questions: Iterable[Question], archive: Archive, detail: Ask, forgotten: Forgotten) -> None:
    """Ask `questions`, which are grouped by topic, and store the answers in `archive`.

    Questions that the archive already answers are skipped. Raises HubUnreachableError if a required question gets no
    answer within its patience; the answers so far are kept. An answer that leads to a `forgotten` owner is stored without its
    name.
    """
    answered = {(answer.topic, answer.key, answer.name) for answer in archive.details()}
    for topic, of_topic in groupby(questions, key=lambda question: question.topic):
        open_questions = [q for q in of_topic if (topic.name, q.key, q.name) not in answered]
        if open_questions:
            asked = _ask_topic(topic, open_questions, archive, detail, forgotten)
            logger.info("asked the Hub about %d repositories (%s)", asked, topic.name.replace("_", " "))
    archive.all_asked()


def _ask_topic(topic: Topic, questions: list[Question], archive: Archive, detail: Ask, forgotten: Forgotten) -> int:
    """Ask the questions of one topic; return how many were asked."""
    failures = 0
    for number, question in enumerate(questions, start=1):
        try:
            answer = detail(question.name, topic.patience)
            answer = replace(answer, id=forgotten.value(answer.id))
            failures = 0
        except HubGenealogyError as error:
            if topic.required:
                raise
            answer = NO_ANSWER
            failures += 1
            logger.warning("the Hub gives no answer for %s: %s", question.name, error)
        archive.add_detail(DetailAnswer(question.key, question.name, answer, topic.name))
        if failures == MAX_CONSECUTIVE_FAILURES:
            logger.warning("the remaining questions are left for the next crawl")
            return number
    return len(questions)
