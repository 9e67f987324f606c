"""What a spelling of a parent names: the repository it denotes, or why it can denote none."""

import re
from dataclasses import dataclass

# Generous on purpose: names older than today's rules of the Hub are still listed, and refusing a name that is listed
# would lose a link. 96 characters a part is the Hub's own bound.
REPOSITORY = re.compile(r"(?!\.+(?:/|$))[A-Za-z0-9._-]{1,96}(?:/(?!\.+$)[A-Za-z0-9._-]{1,96})?")
# What people type where they mean "none".
PLACEHOLDERS = frozenset(
    {"none", "null", "nil", "n/a", "na", "unknown", "-", "--", ".", "...", "tbd", "todo", "base_model"}
)
_HUB_URL = re.compile(
    r"(?:https?://)?(?:www\.)?(?:huggingface\.co|hf\.co)(?:/(?P<path>[^?#]*))?(?:[?#].*)?", re.IGNORECASE | re.DOTALL
)
_NOT_MODELS = frozenset({"datasets", "spaces", "collections", "papers", "blog", "docs", "organizations", "api"})
_EMAIL = re.compile(r"[^@\s/]+@[^@\s/]+\.[^@\s/]+")
_LOCAL = re.compile(r"[/~\\]|\.{1,2}[/\\]|[A-Za-z]:[/\\]|file:", re.IGNORECASE)
# What people put around a name: quotes, brackets and every blank of Unicode.
_AROUND = "\"'`<>[]()" + "".join(filter(str.isspace, map(chr, range(0x3001))))
_SEPARATORS = re.compile(r"\s*[,;\n]\s*|\s+")
LONGEST = 1000


@dataclass(frozen=True)
class Unreadable:
    """A reference that names nothing a Hub could hold, with the reason."""

    reason: str


def read_reference(spelling: str) -> tuple[str, ...] | Unreadable:
    """The repository names that `spelling` denotes.

    An empty spelling denotes nothing and gives `()`; several names in one string give several; a Hub address,
    `name@revision`, quotes, a trailing slash or dot are read as the name they contain.
    """
    text = _trimmed(spelling)
    if not text:
        return ()
    if len(text) > LONGEST:
        return Unreadable("too_long")
    whole = _read_one(text)
    if isinstance(whole, str):
        return (whole,)
    parts = [_read_one(part) for part in map(_trimmed, _SEPARATORS.split(text)) if part]
    # Several names only where each of them has an owner: the words of a sentence have none.
    names = [part for part in parts if isinstance(part, str) and "/" in part]
    if len(parts) > 1 and len(names) == len(parts):
        return tuple(dict.fromkeys(names))
    return whole


def _trimmed(text: str) -> str:
    text = text.strip(_AROUND)
    # What ends a sentence is no part of the name; where there is nothing else, it stays and is refused.
    return text.rstrip(_AROUND + "/.") or text


def _read_one(text: str) -> str | Unreadable:  # noqa: PLR0911  # one line for each thing a spelling can be
    if text.lower() in PLACEHOLDERS:
        return Unreadable("placeholder")
    if url := _HUB_URL.fullmatch(text):
        return _read_path([part for part in (url["path"] or "").split("/") if part])
    if REPOSITORY.fullmatch(text):
        return text
    if "://" in text:
        return Unreadable("foreign_url")
    if _EMAIL.fullmatch(text):
        return Unreadable("email")
    if _LOCAL.match(text) or "\\" in text:
        return Unreadable("local_path")
    name, at, revision = text.partition("@")
    if at and revision and REPOSITORY.fullmatch(name) and not re.search(r"\s", revision):
        return _read_name(name)
    if re.fullmatch(r"[^\s/]+(?:/[^\s/]+){2,}", text):
        return Unreadable("local_path")
    return Unreadable("not_a_repository_name")


def _read_path(parts: list[str]) -> str | Unreadable:
    if parts and parts[0].lower() == "models":
        parts = parts[1:]
    if not parts or parts[0].lower() in _NOT_MODELS:
        return Unreadable("not_a_model")
    # /tree/main, /blob/main/…, /resolve/… and /commit/… follow the name; a legacy name has no owner.
    legacy = len(parts) == 1 or parts[1] in {"tree", "blob", "resolve", "raw", "commit", "discussions"}
    return _read_name("/".join(parts[: 1 if legacy else 2]).partition("@")[0])


def _read_name(text: str) -> str | Unreadable:
    """The name inside an address or before a revision: read as it would be if it stood alone."""
    name = _trimmed(text)
    return _read_one(name) if REPOSITORY.fullmatch(name) else Unreadable("not_a_repository_name")
