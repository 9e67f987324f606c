"""The questions to the Hub about single repositories and owners, and the rules of each topic."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Topic:
    """One kind of question.

    `patience` limits the retries of one question (None: `hub.patience`). An outage ends the crawl if the topic is
    `required`; otherwise its remaining questions wait for the next crawl. An answer is reused until it is
    `ask_again_after` old (None: for one crawl only).
    """

    name: str
    required: bool
    patience: timedelta | None = None
    ask_again_after: timedelta | None = None
    requests: int = 1
    """How many requests one question takes at most, retries aside."""
    bucket: str = "api"
    """In which of the Hub's rate limits they count."""
    at_once: int = 1
    """How many questions may be on their way. More than one use the rate window up where an answer takes long."""


# A listed model that the walk did not see: was it removed, or did the walk miss it?
VANISHED = Topic("vanished", required=True)
# A declared name that no listing holds: was it renamed?
ABSENT_NAME = Topic("absent_name", required=False, patience=timedelta(minutes=1), ask_again_after=timedelta(days=30))
# A listed model: which files hold its weights? Asked again when its revision changes.
FILES = Topic("files", required=False, patience=timedelta(minutes=1), at_once=4)
# A listed model: which parents does the text of its card name? Asked again when its revision changes.
CARD = Topic("card", required=False, patience=timedelta(minutes=1), requests=2, bucket="resolvers", at_once=8)
# An owner of listed models: a person or an organisation?
OWNER = Topic("owner", required=False, patience=timedelta(minutes=1), ask_again_after=timedelta(days=90), requests=2)
TOPICS = (VANISHED, ABSENT_NAME, CARD, FILES, OWNER)
# What adds to what the walk saw: each has a budget a night (`enrich.…`), and a dry run does without.
ENRICHING = (FILES, CARD, OWNER)

# It exists (200), or it is missing or private. Any other status, such as 403 from a proxy, proves nothing.
CONCLUSIVE_STATUSES = frozenset({200, 401, 404, 410})


@dataclass(frozen=True)
class Question:
    """A question about the repository or the owner `name`; `key` is the key of the model that had this name, if any.

    The answer about a card depends on `revision`, which the listing gave for the model.
    """

    topic: Topic
    name: str
    key: str | None = None
    revision: str | None = None
