"""Takes forgotten owners out of texts and records: each name becomes a stand-in, which says nothing and is always the same.

A stand-in is a keyed hash of the name, so whoever has no key cannot make it, and nobody can read the name off it. Names that
differ in case alone, which the Hub takes as one, have stand-ins that differ in case alone; and the stand-in of a name in lower
case is in lower case. So whatever was equal stays equal, in this case or in any, and every link stays. Replacing twice changes
nothing.
"""

import hmac
import re
from base64 import b32decode, b32encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import cycle
from typing import Any, Final

import msgspec

from crawler.records.page import read_page, read_record
from crawler.records.references import HOSTS
from crawler.records.used import DATASET_TAG, LEFT_OUT, PARENT_TAG, as_text, kept

_RECORDS: Final = msgspec.json.Decoder(list[msgspec.Raw])
_PREFIX: Final = "forgotten-"
_BYTES: Final = 10
# What an owner can be called on the Hub.
NAME: Final = re.compile(r"(?!\.+$)[A-Za-z0-9._-]{1,96}")
# A stand-in, or the name of a repository of one. It is no address: nobody must be asked for it.
STAND_IN: Final = f"(?i)^forgotten-{'[a-z2-7]' * 16}(/|$)"  # without braces, which have a meaning in our SQL
_STAND_IN: Final = re.compile(STAND_IN)
# The Hub's own bound for each part of a name.
_LONGEST: Final = 96
# A shorter name can be part of any word.
_SHORT: Final = 4
# Names as they stand in texts: words with slashes between them. In a folder of the Hub client's cache, two dashes are a slash.
_SLASH: Final = r"(?:/|\\|%2[Ff])"
_WORD: Final = re.compile(r"[A-Za-z0-9._-]+")
_PATH: Final = re.compile(
    rf"(?P<scheme>[A-Za-z]+://)?(?P<start>{_SLASH})?(?P<path>{_WORD.pattern}(?:{_SLASH}+{_WORD.pattern})*)(?P<prefix>(?=:\S))?"
)
_ENCODED: Final = re.compile("%2[Ff]")
_PARTS: Final = re.compile(rf"({_SLASH}+)")
_CACHED: Final = re.compile(r"((?:models|datasets|spaces)--)(.+?)(--.*|)", re.IGNORECASE)
_BEFORE_OWNER: Final = frozenset({"api", "models", "datasets", "spaces"})
_RELATION: Final = re.compile(r"(?:(?:quantized|adapter|finetune|merge):)?")
# The keys of a card under which repositories are named.
_CARD_NAMES = ("base_model", "datasets", "new_version", "source_datasets")


def is_stand_in(name: str | None) -> bool:
    """Whether the owner of this name, or of this repository, was forgotten."""
    return name is not None and _STAND_IN.match(name) is not None


@dataclass(frozen=True)
class Forgotten:
    """The owners that are forgotten, known by their stand-ins alone."""

    key: bytes = b""
    tokens: frozenset[str] = frozenset()
    """The stand-ins of their names in lower case."""
    _digests: frozenset[bytes] = field(init=False, repr=False, compare=False)
    _known: Callable[[str], str | None] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        digests = frozenset(b32decode(token.removeprefix(_PREFIX).upper()) for token in self.tokens)
        object.__setattr__(self, "_digests", digests)
        # Owners recur: asking again costs a tenth of computing it.
        object.__setattr__(self, "_known", lru_cache(maxsize=1 << 16)(self._stand_in_of))

    def token(self, name: str) -> str:
        """The stand-in of a name, whether it is forgotten or not."""
        token = _PREFIX + b32encode(self._digest(name.lower())[:_BYTES]).decode().lower()
        if name == name.lower():
            return token
        # Another case of the name is another case of the stand-in: the first letter, then as the spelling decides.
        flips = (byte & 1 for byte in cycle(self._digest(name)))
        tail = token.removeprefix(_PREFIX)
        letters = [letter.upper() if next(flips) else letter for letter in tail]
        first = next((i for i, letter in enumerate(tail) if letter.isalpha()), 0)
        letters[first] = tail[first].upper()
        return _PREFIX + "".join(letters)

    def text(self, text: str) -> str:
        """`text` with a stand-in for each forgotten owner, alone or before a repository; and within the name of its own one."""
        return _PATH.sub(self._replaced, text) if self.tokens else text

    def may_change(self, text: str) -> bool:
        """Whether a text, as long as it may be, holds a word that is a forgotten name: most hold none, which is soon known."""
        if not self.tokens:
            return False
        words = set(_WORD.findall(_ENCODED.sub("/", text) if "%2" in text else text))
        return any(self._known(name) for word in words for part in word.split("--") for _, name, _ in _splits(part))

    def value(self, value: Any) -> Any:
        """The same for every text in a value of JSON; the keys of objects stay."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list | tuple):
            return type(value)(map(self.value, value))
        if isinstance(value, dict):
            return {key: self.value(inner) for key, inner in value.items()}
        return value

    def record(self, record: Any) -> Any:
        """An object of the listing, as the archive keeps it. Only fields in which a repository or an owner is named change."""
        if not isinstance(record, dict) or not self.tokens:
            return record
        if LEFT_OUT in record:
            return record | {LEFT_OUT: self.value(record[LEFT_OUT])}
        found = dict(record)
        for name in ("id", "author"):
            if name in found:
                found[name] = self.value(found[name])
        _within(found, "baseModels", lambda models: _replacing(models, ("models",), self._base_models))
        _within(found, "cardData", lambda card: _replacing(card, _CARD_NAMES, self.value))
        _within(found, "config", lambda config: _replacing(config, ("peft",), self.value))
        if isinstance(found.get("tags"), list):
            found["tags"] = [self._tag(tag) if isinstance(tag, str) else tag for tag in found["tags"]]
        return found

    def page(self, page: bytes) -> bytes:
        """A page as the archive keeps it. Records in which nobody is named stay as they are, byte for byte."""
        if not self.may_change(page.decode(errors="replace")):
            return page
        try:
            records: list[Any] = _RECORDS.decode(page)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
            records = read_page(page)
        return b"[" + b",".join(map(self._record_text, records)) + b"]"

    def _record_text(self, record: Any) -> bytes:
        if isinstance(record, msgspec.Raw):
            text = bytes(record)
            if not self.may_change(text.decode(errors="replace")):
                return text
            record = read_record(text)
        # Earlier versions stored what nobody reads, too.
        return as_text(self.record(kept(record)))

    def _base_models(self, models: Any) -> Any:
        if isinstance(models, list):
            return [self._base_models(model) for model in models]
        return _replacing(models, ("id",), self.value) if isinstance(models, dict) else self.value(models)

    def _tag(self, tag: str) -> str:
        """A tag that names a repository; the words that the Hub puts before it, and other tags, are no names."""
        if tag.startswith(DATASET_TAG):
            return DATASET_TAG + self.text(tag[len(DATASET_TAG) :])
        if not tag.startswith(PARENT_TAG):
            return tag
        rest = tag[len(PARENT_TAG) :]
        relation = _RELATION.match(rest)
        start = relation.end() if relation else 0
        return PARENT_TAG + rest[:start] + self.text(rest[start:])

    def _digest(self, text: str) -> bytes:
        return hmac.digest(self.key, text.encode(), "sha256")

    def _stand_in_of(self, word: str) -> str | None:
        return self.token(word) if self._digest(word.lower())[:_BYTES] in self._digests else None

    def _replaced(self, found: re.Match[str]) -> str:
        parts = _PARTS.split(found["path"])
        words = parts[::2]
        # `absent:org/model` is a key of ours, in which the word before the colon is no name.
        if len(words) == 1 and found["prefix"] is not None:
            return found[0]
        for place in self._owners(words, (found["scheme"] or "").lower(), local=found["start"] is not None):
            for before, name, after in _splits(words[place]):
                stand_in = self._known(name)
                if stand_in is not None:
                    words[place] = before + stand_in + self._own(name, after)
                    words[place + 1 :] = [self._own(name, word) for word in words[place + 1 :]]
                    parts[::2] = words
                    return (found["scheme"] or "") + (found["start"] or "") + "".join(parts)
        return found[0]

    def _owners(self, words: list[str], scheme: str, *, local: bool) -> Iterator[int]:
        """The places at which the name of an owner can stand: the part before the name of a repository, or all of a path."""
        first, last, address = 0, len(words) - 1, bool(scheme)
        if words[0].lower() in HOSTS or scheme.startswith("http"):
            address, first = True, 1
        while first < last and words[first].lower() in _BEFORE_OWNER:
            address, first = True, first + 1
        if not address and (local or last > 1):
            yield from range(len(words))  # a path on somebody's machine
        elif first <= last:
            yield first
            # The Hub client's cache may be anywhere.
            yield from (place for place, word in enumerate(words) if place > first and _CACHED.fullmatch(word))

    def _own(self, name: str, text: str) -> str:
        """The name of a repository of the forgotten owner `name`, without that name."""
        if not text:
            return text
        bounds = (r"(?<![A-Za-z0-9])", r"(?![A-Za-z0-9])") if len(name) < _SHORT else ("", "")
        replaced = re.sub(
            bounds[0] + re.escape(name) + bounds[1], lambda found: self.token(found[0]), text, flags=re.IGNORECASE
        )
        return replaced if len(replaced) <= max(_LONGEST, len(text)) or replaced == text else self.token(text)


def _splits(word: str) -> Iterator[tuple[str, str, str]]:
    """A word as what is before the owner's name, the name, and what is after it: a full stop may end a sentence."""
    if cached := _CACHED.fullmatch(word):
        yield cached[1], cached[2], cached[3]
        return
    yield "", word, ""
    name = word.strip("._-")
    if name not in ("", word):
        before, _, after = word.partition(name)
        yield before, name, after


def _replacing(value: Any, names: tuple[str, ...], replace: Callable[[Any], Any]) -> Any:
    if not isinstance(value, dict):
        return value
    return {key: replace(inner) if key in names else inner for key, inner in value.items()}


def _within(record: dict[str, Any], name: str, change: Callable[[Any], Any]) -> None:
    if name in record:
        record[name] = change(record[name])
