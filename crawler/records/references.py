"""Which repository a text names. The only reader of the Hub's addresses and names, wherever they come from.

`read_reference` reads what a record declares and accepts only what the Hub could hold. `read_typed` reads what a user
types; the graph answers whether such a model exists.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal
from urllib.parse import unquote, urlsplit

from crawler.records.values import flat

Kind = Literal["model", "dataset"]
AddressKind = Literal["model", "dataset", "other"]
TypedKind = Literal["model", "dataset", "owner"]

# Generous on purpose: names older than today's rules of the Hub are still listed, and refusing a name that is listed
# would lose a link. 96 characters a part is the Hub's own bound.
REPOSITORY: Final = re.compile(r"(?!\.+(?:/|$))[A-Za-z0-9._-]{1,96}(?:/(?!\.+$)[A-Za-z0-9._-]{1,96})?")
# What people type where they mean "none".
PLACEHOLDERS: Final = frozenset(
    {"none", "null", "nil", "n/a", "na", "unknown", "-", "--", ".", "...", "tbd", "todo", "base_model"}
)
HOSTS: Final = ("huggingface.co", "www.huggingface.co", "hf.co", "www.hf.co")
LONGEST: Final = 1000
# Where a name stands in an object that was written where a name belongs.
NAME_KEYS: Final = {
    "model": ("id", "name", "model", "model_id", "model_name", "base_model", "repo", "repo_id", "url"),
    "dataset": ("id", "name", "dataset", "dataset_id", "dataset_name", "path", "repo", "repo_id", "url"),
}
# The first part of an address that leads to neither a model nor a dataset. No owner can have such a name.
_OTHER_PAGES: Final = frozenset(
    {"api", "blog", "collections", "course", "docs", "join", "learn", "metrics", "organizations", "papers", "posts"}
    | {"pricing", "settings", "spaces", "tasks", "transformers"}
)
# What follows a repository's name in an address. A legacy name has no owner, so it can be the second part.
_REPOSITORY_PAGES: Final = frozenset({"blob", "commit", "commits", "discussions", "raw", "resolve", "tree", "viewer"})
# A folder of the Hub client's cache, alone or inside a path: models--org--name/snapshots/…
_CACHED: Final = re.compile(r"(?:[^,;\n]*[/\\])?(models|datasets|spaces)--([^\s,;/\\]+)(?:[/\\][^,;\n]*)?")
_CACHED_KINDS: Final[dict[str, AddressKind]] = {"models": "model", "datasets": "dataset", "spaces": "other"}
# A masked one too: crawler/records/redaction.py. The end of a domain has letters only: `gpt2@v1.0` is a revision.
_EMAIL: Final = re.compile(r"[^@\s/]+@(?:[^@\s/]+\.[^\W\d_][^@\s/.]*|…)")
_LOCAL: Final = re.compile(r"[/~\\]|\.{1,2}[/\\]|[A-Za-z]:[/\\]|file:", re.IGNORECASE)
# What people put around a name: quotes, brackets and every blank of Unicode.
_AROUND: Final = "\"'`<>[]()" + "".join(filter(str.isspace, map(chr, range(0x3001))))
_SEPARATORS: Final = re.compile(r"\s*[,;\n]\s*|\s+")


@dataclass(frozen=True, slots=True)
class Address:
    """What an address of the Hub leads to; `name` is the repository's, as it is written there."""

    kind: AddressKind
    name: str = ""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A reference that names nothing a Hub could hold, with the reason."""

    reason: str


@lru_cache(maxsize=4096)  # a record repeats a parent in up to four places, and popular parents recur
def read_reference(spelling: str, kind: Kind = "model") -> tuple[str, ...] | Unreadable:
    """The names of the repositories that `spelling` denotes where a record declares a repository of that kind.

    An empty spelling denotes nothing and gives `()`; several names in one string give several. Quotes, a trailing slash
    or dot, a revision and invisible characters are no part of a name. See `read_address` for addresses.
    """
    text = _trimmed(visible(spelling))
    if not text:
        return ()
    if len(text) > LONGEST:
        return Unreadable("too_long")
    whole = _read_one(text, kind)
    if isinstance(whole, str):
        return (whole,)
    parts = [_read_one(part, kind) for part in map(_trimmed, _SEPARATORS.split(text)) if part]
    # Several names only where each of them has an owner: the words of a sentence have none.
    names = [part for part in parts if isinstance(part, str) and "/" in part]
    if len(parts) > 1 and len(names) == len(parts):
        return tuple(dict.fromkeys(names))
    return whole


def read_typed(text: str, endpoint: str, kind: TypedKind = "model") -> str | Unreadable:
    """The name of the repository of that kind, or of the owner, that a user's text means.

    That is the one in an address, or before a revision; of an owner, also the one in the address of any of its
    repositories. Any other text is returned as it is: it may be a key, or a name that only an old listing held.
    """
    text = visible(text).strip()
    address = read_address(text, endpoint)
    if address is None:
        if kind == "dataset":
            text = text.removeprefix("datasets/")  # as a data set is called beside models and Spaces
        return text if kind == "owner" or _EMAIL.fullmatch(text) else _before_revision(text) or text
    name = address.name.partition("/")[0] if kind == "owner" else address.name if kind == address.kind else ""
    return name or Unreadable(f"not_a_{kind}")


def read_address(text: str, endpoint: str | None = None) -> Address | None:
    """What `text` leads to on the Hub; None where it is no address of it.

    An address is a URL of one of HOSTS or of `endpoint`, with or without scheme; `hf://…`; or a folder of the Hub
    client's cache, such as `…/models--org--name/snapshots/…`.
    """
    if url := _hub_url(endpoint).fullmatch(text):
        return _read_path([unquote(part) for part in (url["path"] or "").split("/") if part])
    if "--" in text and (folder := _CACHED.fullmatch(text)):
        return Address(_CACHED_KINDS[folder[1]], folder[2].replace("--", "/"))
    return None


def visible(text: str) -> str:
    """`text` without the characters that show nothing: zero-width ones, byte-order marks, marks of direction."""
    return text if text.isascii() else "".join(c for c in text if unicodedata.category(c) != "Cf")


def names_in(value: Any, kind: Kind) -> list[Any]:
    """What stands for a name in a value that was written where a name belongs.

    Of an object, the values where a name can stand, or the object itself where it has none; any other value as it is.
    """
    if not isinstance(value, dict):
        return [value]
    return [name for key in NAME_KEYS[kind] for name in flat(value.get(key)) if name != ""] or [value]


@lru_cache(maxsize=8)
def _hub_url(endpoint: str | None) -> re.Pattern[str]:
    sites = [rf"{re.escape(host)}(?::\d+)?" for host in HOSTS]
    if endpoint is not None:
        # A mirror may itself be below a path; its addresses are read with and without it.
        base = urlsplit(endpoint)
        sites += [re.escape(site) for site in ((base.netloc + base.path).rstrip("/"), base.netloc) if site]
    start = rf"(?:hf://|(?:https?://)?(?:{'|'.join(sites)})(?:/|(?=[?#])|$))"
    return re.compile(rf"{start}(?P<path>[^?#]*)(?:[?#].*)?", re.IGNORECASE | re.DOTALL)


def _read_path(parts: list[str]) -> Address:
    kind: Kind = "model"
    if parts[:1] == ["api"] and parts[1:2] in (["models"], ["datasets"]):
        parts = parts[1:]
    if parts and (first := parts[0].lower()) in ("models", "datasets"):
        kind = "model" if first == "models" else "dataset"
        parts = parts[1:]
    if not parts or parts[0].lower() in _OTHER_PAGES:
        return Address("other")
    legacy = len(parts) == 1 or "@" in parts[0] or parts[1] in _REPOSITORY_PAGES
    return Address(kind, "/".join(parts[: 1 if legacy else 2]).partition("@")[0])


def _before_revision(text: str) -> str | None:
    name, _, revision = text.partition("@")
    return name if revision and REPOSITORY.fullmatch(name) and not re.search(r"\s", revision) else None


def _trimmed(text: str) -> str:
    text = text.strip(_AROUND)
    # What ends a sentence is no part of the name; where there is nothing else, it stays and is refused.
    return text.rstrip(_AROUND + "/.") or text


def _read_one(text: str, kind: Kind) -> str | Unreadable:  # noqa: PLR0911  # one line for each thing a spelling can be
    if text.lower() in PLACEHOLDERS:
        return Unreadable("placeholder")
    if address := read_address(text):
        return _read_name(address.name, kind) if address.kind == kind else Unreadable(f"not_a_{kind}")
    if REPOSITORY.fullmatch(text):
        return text
    if "://" in text:
        return Unreadable("foreign_url")
    if _EMAIL.fullmatch(text):
        return Unreadable("email")
    if _LOCAL.match(text) or "\\" in text:
        return Unreadable("local_path")
    if name := _before_revision(text):
        return _read_name(name, kind)
    if re.fullmatch(r"[^\s/]+(?:/[^\s/]+){2,}", text):
        return Unreadable("local_path")
    return Unreadable("not_a_repository_name")


def _read_name(text: str, kind: Kind) -> str | Unreadable:
    """The name inside an address or before a revision: read as it would be if it stood alone."""
    name = _trimmed(text)
    return _read_one(name, kind) if REPOSITORY.fullmatch(name) else Unreadable("not_a_repository_name")
