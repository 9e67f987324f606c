"""A curated file in the form of the index's own project files: what somebody who read a project says of each criterion.

    project: {name: …, link: …}
    opencode: {class: open|partial|closed, link: …, notes: …}
    …                                     and so on for the other criteria; an empty class says nothing

https://github.com/opening-up-chatgpt/opening-up-chatgpt.github.io/tree/main/projects has these files.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from crawler.errors import UsageError, nearest
from crawler.files import read_given
from crawler.openness.rules import CLOSED, CRITERIA, NOT_DERIVABLE, OPEN, PARTIAL

LARGEST: Final = 1 << 20
CLASSES: Final = (OPEN, PARTIAL, CLOSED)
_ABOUT: Final = frozenset({"project", "org"})
_REPOSITORY = re.compile(r"https?://(?:www\.)?(?:huggingface\.co|hf\.co)/([\w.-]+/[\w.-]+)(?:[/?#].*)?")
_NO_OWNERS = ("datasets/", "spaces/", "collections/", "blog/", "papers/", "docs/")


@dataclass(frozen=True, slots=True)
class Entry:
    """What a curated file says of a criterion."""

    verdict: str | None = None
    link: str | None = None
    notes: str | None = None


@dataclass(frozen=True)
class Curated:
    """A curated file."""

    name: str | None = None
    """What it calls the project that it is about."""
    link: str | None = None
    entries: Mapping[str, Entry] = field(default_factory=dict)
    """Criterion → what it says; a criterion that it leaves out is not here."""

    @property
    def repository(self) -> str | None:
        """The model on the Hub that it is about, where its link leads to one."""
        found = _REPOSITORY.fullmatch(self.link or "")
        return found[1] if found and not found[1].startswith(_NO_OWNERS) else None


def read_file(file: Path) -> Curated:
    """Read a curated file; UsageError says what is wrong with it, and where."""
    text = read_given(file, LARGEST)
    try:
        return parse(text)
    except ValueError as error:
        raise UsageError(f"{file}: {error}") from None


def parse(text: str) -> Curated:
    """A curated file from its text; ValueError says what is wrong with it."""
    try:
        content = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ValueError(f"it is no YAML: {' '.join(str(error).split())[:200]}") from None
    if not isinstance(content, dict) or not CRITERIA.keys() & content.keys():
        raise ValueError(f"it has none of the criteria {', '.join(CRITERIA)}")
    for key in content.keys() - CRITERIA.keys() - _ABOUT:
        raise ValueError(f"{str(key)[:60]!r} is no criterion{nearest(str(key)[:60], CRITERIA)}")
    project = _mapping(content, "project")
    return Curated(
        name=_text(project, "project", "name"),
        link=_text(project, "project", "link"),
        entries={name: _entry(content, name) for name in CRITERIA if name in content},
    )


def _entry(content: Mapping[Any, Any], name: str) -> Entry:
    values = _mapping(content, name)
    verdict = _text(values, name, "class")
    if verdict is not None and verdict not in CLASSES:
        raise ValueError(f"{name}.class is {verdict[:60]!r}: write open, partial or closed, or leave it empty")
    return Entry(verdict, _text(values, name, "link"), _text(values, name, "notes"))


def _mapping(content: Mapping[Any, Any], name: str) -> Mapping[Any, Any]:
    value = content.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ValueError(  # noqa: TRY004  # the content is wrong, not an argument
            f"{name} has no class, link and notes below it"
        )
    return value


def _text(values: Mapping[Any, Any], place: str, name: str) -> str | None:
    value = values.get(name)
    if isinstance(value, dict | list):
        raise ValueError(f"{place}.{name} is no text")  # noqa: TRY004  # the content is wrong, not an argument
    return None if value is None else str(value).strip() or None


def agreement(verdict: str, entry: Entry) -> str | None:
    """How a verdict of the rules stands to what a curated file says; None where neither says anything."""
    if verdict == NOT_DERIVABLE:
        return None if entry.verdict is None else "only the file"
    if entry.verdict is None:
        return "only the listing"
    return "same" if entry.verdict == verdict else "differs"
