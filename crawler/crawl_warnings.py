"""The warnings of a crawl: a kind and its numbers, from which the text and the exit code follow."""

import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True)
class Kind:
    """How a warning reads, and whether it means that a safety check refused part of the crawl (exit code 3)."""

    text: str
    refuses: bool = True


# The word in a text, and not the name of a number.
_MODELS = re.compile(r"(?<!\{)\bmodels?\b")

# docs/operations.md says what to do about each of them.
KINDS: Final = MappingProxyType(
    {
        "empty_listing": Kind("the listing is empty"),
        "sample": Kind("a sample of {models} models was asked for", refuses=False),
        "link_back": Kind("the last page links back to a page that was walked"),
        "empty_page": Kind("page {page} came without models"),
        "disorder": Kind("page {page} does not come after the one before it in order of {order}"),
        "no_creation_time": Kind("the newest model has no readable time of creation ({found!r})"),
        "stale": Kind(
            "the newest model is {age} old, above sweep.max_tail_age ({limit}): a part of the listing may be missing"
        ),
        "created_in_future": Kind(
            "the newest model was created {ahead} after the end of the walk, by this machine's clock: the time says nothing "
            "about whether the end of the listing was reached; check the clock"
        ),
        "vanished_share": Kind(
            "{vanished} of {listed} listed models vanished ({share:.1%}), above sweep.max_vanished_share ({limit:.1%}): "
            "none was retired; if that is true, crawl again with --accept-vanished"
        ),
        "vanished_unknown": Kind(
            "the Hub would not say of any of {asked} vanished models whether it is gone (status {status}): none was retired"
        ),
        "hole": Kind(
            "{missed} of {asked} vanished models that were asked for are still there, such as {example}: the walk has a "
            "hole; none was retired"
        ),
        "forgotten_vanished": Kind(
            "{models} models of forgotten owners were not met, and have no name to ask the Hub for: they stay listed until the "
            "Hub confirms that others are gone, or until a crawl with --accept-vanished",
            refuses=False,
        ),
        "field_fell": Kind(
            "{field} fell from {before:.1%} to {now:.1%} of the records: the Hub's answer has changed; what was known from "
            "it stays, and no link was withdrawn; if that is true, crawl again with --accept-withdrawn"
        ),
        "withdrawn_share": Kind(
            "{withdrawn} of {links} links are no longer declared ({share:.1%}), above sweep.max_withdrawn_share "
            "({limit:.1%}): none was withdrawn; if that is true, crawl again with --accept-withdrawn"
        ),
        "nothing_listed": Kind("this Hub lists no models", refuses=False),
        "never_walked": Kind(
            "the list of models was not walked ({why}): if this Hub has no models, set datasets.crawl to off",
            refuses=False,
        ),
        "not_walked": Kind(
            "the list of models was not walked ({why}): what is known of them stays; remove the cause and crawl again"
        ),
        "earlier_version": Kind("{text}"),
    }
)


@dataclass(frozen=True)
class CrawlWarning:
    """One warning: its kind (a key of KINDS) and the numbers in its text."""

    kind: str
    numbers: dict[str, int | float | str | None] = field(default_factory=dict)

    @classmethod
    def of(cls, kind: str, **numbers: float | str | None) -> "CrawlWarning":
        """A warning of `kind` with its numbers."""
        return cls(kind, dict(numbers))

    def about(self, things: str) -> "CrawlWarning":
        """The same warning about other repositories than models."""
        return CrawlWarning(self.kind, self.numbers | {"things": things})

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"there is no warning of the kind {self.kind!r}")
        try:
            self.text  # noqa: B018  # what a file says may lack a number, or hold a text in its place
        except (LookupError, TypeError, ValueError):
            raise ValueError(f"a warning of the kind {self.kind!r} lacks its numbers") from None

    @property
    def things(self) -> str:
        """What it is about: models or data sets."""
        return str(self.numbers.get("things", "models"))

    @property
    def text(self) -> str:
        """The warning in one line."""
        text, things = KINDS[self.kind].text, self.things
        if things != "models":
            text = f"{{things}}: {_MODELS.sub(lambda word: things if word[0] == 'models' else things[:-1], text)}"
        return text.format(**self.numbers)

    @property
    def refuses(self) -> bool:
        """Whether a safety check refused part of the crawl."""
        return KINDS[self.kind].refuses


def from_text(text: str) -> CrawlWarning:
    """A warning that an earlier version kept as text. All of those refused something, except the one about a sample."""
    words = text.split()
    if text.startswith("a sample of ") and words[3].isdigit():
        return CrawlWarning("sample", {"models": int(words[3])})
    return CrawlWarning("earlier_version", {"text": text})
