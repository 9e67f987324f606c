"""What the Hub is asked about one repository at a time, and what every answer of its topic is worth."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Topic:
    """One kind of question.

    `patience` is how long an outage is waited out for one question (None: `hub.patience`). An outage ends the crawl
    where the topic is `required`; otherwise the rest of its questions wait for another night. An answer that is
    `ask_again_after` old is asked for again (None: answers count for one crawl only).
    """

    name: str
    required: bool
    patience: timedelta | None = None
    ask_again_after: timedelta | None = None


# A listed model that the walk did not meet: is it gone, or has the walk a hole?
VANISHED = Topic("vanished", required=True)
# A declared name that no listing holds: what has become of it?
ABSENT_NAME = Topic("absent_name", required=False, patience=timedelta(minutes=1), ask_again_after=timedelta(days=30))
TOPICS = (VANISHED, ABSENT_NAME)

# Here it is; missing or private. Any other status, such as 403 from a proxy, says nothing about the repository.
CONCLUSIVE_STATUSES = frozenset({200, 401, 404, 410})


@dataclass(frozen=True)
class Question:
    """What the Hub says about the repository `name`; `key` is the key of the model that bore it, where one did."""

    topic: Topic
    name: str
    key: str | None = None
