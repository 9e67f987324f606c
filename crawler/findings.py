"""Findings of others: links that a provenance tool or an auditor found, imported as a source of evidence of their own.

Each import is one file of `evidence/` in the state folder, which nobody else can read. A crawl copies the files into its archive,
so that the snapshot follows from the archive alone. See docs/lineage.md.
"""

import csv
import io
import json
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec

from crawler.errors import HubGenealogyError, UsageError
from crawler.files import is_there, read_bytes, read_given, read_json, replacing, write_json, writing
from crawler.records.references import Unreadable, read_reference
from crawler.records.values import LONGEST_TEXT, UNPRINTABLE
from crawler.records.words import RELATIONS

FOLDER: Final = "evidence"
NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
COLUMNS: Final = ("child", "parent", "relation", "source", "note")
MOST: Final = 1_000_000
LARGEST: Final = 64 << 20
LONGEST: Final = 2000
_NEEDED: Final = ("child", "parent")

_Text = Annotated[str, msgspec.Meta(max_length=LONGEST)]


@dataclass(frozen=True, slots=True)
class Finding:
    """A link that somebody found: names as they were given; `relation` None where it is not said."""

    child: _Text
    parent: _Text
    relation: _Text | None = None
    source: _Text | None = None
    note: _Text | None = None

    @property
    def names(self) -> tuple[str, str]:
        """The names of the repositories that `child` and `parent` spell."""
        return _name(self.child), _name(self.parent)


@dataclass(frozen=True, kw_only=True)
class Import:
    """What was imported under one name."""

    name: str
    imported_at: datetime
    findings: tuple[Finding, ...]


def read_file(file: Path) -> list[Finding]:
    """The findings in a user's file, CSV with a header or a JSON array of objects. UsageError names the first wrong row."""
    text = read_given(file, LARGEST)
    rows = _json_rows(file, text) if text.lstrip().startswith(("[", "{")) else _csv_rows(file, text)
    if not rows:
        raise UsageError(f"{file} holds no finding")
    if len(rows) > MOST:
        raise UsageError(f"{file} holds {len(rows):,} findings, more than {MOST:,}: divide it")
    return [_finding(f"{file}, row {number}", row) for number, row in enumerate(rows, start=1)]


def _csv_rows(file: Path, text: str) -> list[dict[str, Any]]:
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise UsageError(f"{file} is no CSV: {error}") from None
    header = [name.strip().lower() for name in lines[0]] if lines else []
    _check_columns(f"the header of {file}", header)
    rows = []
    for number, cells in enumerate((cells for cells in lines[1:] if cells), start=1):
        if len(cells) != len(header):
            raise UsageError(f"{file}, row {number} has {len(cells)} cells, the header has {len(header)}")
        rows.append(dict(zip(header, map(_not_inert, cells), strict=True)))
    return rows


def _not_inert(cell: str) -> str:
    # The writer of CSV puts an apostrophe before what a spreadsheet would run: crawler/answers/formats.py.
    return cell[1:] if re.match("'+[=+\\-@\uff1d\uff0b\uff0d\uff20\t\r\n]", cell) else cell


def _json_rows(file: Path, text: str) -> list[dict[str, Any]]:
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{file} is no JSON: {error}") from None
    if not isinstance(rows, list):
        raise UsageError(f"{file} must hold an array of objects, one for each finding")
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise UsageError(f"{file}, row {number} is no object")
        _check_columns(f"{file}, row {number}", list(row))
    return rows


def _check_columns(where: str, names: Sequence[str]) -> None:
    for name in names:
        if name not in COLUMNS:
            raise UsageError(f"{where} has the column {name[:40]!r}; the columns are {', '.join(COLUMNS)}")
        if names.count(name) > 1:
            raise UsageError(f"{where} has the column {name!r} twice")
    for name in _NEEDED:
        if name not in names:
            raise UsageError(f"{where} lacks the column {name!r}; child and parent are needed")


def _finding(where: str, row: dict[str, Any]) -> Finding:
    cells: dict[str, str | None] = {}
    for name in COLUMNS:
        value = row.get(name)
        if value is not None and not isinstance(value, str):
            raise UsageError(f"{where}: {name} is no text")
        text = (value or "").strip()
        longest = LONGEST_TEXT if name in _NEEDED else LONGEST
        if len(text) > longest:
            raise UsageError(f"{where}: {name} has more than {longest} characters")
        if UNPRINTABLE.search(text if name != "note" else re.sub(r"[\t\r\n]", " ", text)):
            raise UsageError(f"{where}: {name} has control characters")
        cells[name] = text or None
    for name in _NEEDED:
        if not _name(cells[name] or ""):
            raise UsageError(f"{where}: {name} must be the name of one model, not {(cells[name] or '')[:80]!r}")
    if cells["relation"] is not None and cells["relation"] not in RELATIONS:
        raise UsageError(f"{where}: the relation must be one of {', '.join(RELATIONS)}, not {cells['relation'][:40]!r}")
    finding = Finding(cells["child"] or "", cells["parent"] or "", cells["relation"], cells["source"], cells["note"])
    child, parent = finding.names
    if child.lower() == parent.lower():
        raise UsageError(f"{where}: {child} is named as its own parent")
    return finding


def _name(spelling: str) -> str:
    """The one repository that a spelling names; nothing where it names none, or several."""
    targets = read_reference(spelling)
    return "" if isinstance(targets, Unreadable) or len(targets) != 1 else targets[0]


def check_name(name: str) -> str:
    """`name`, where an import can be called so."""
    if not NAME.fullmatch(name):
        raise UsageError(f"{name[:60]!r} cannot be the name of an import: use up to 40 of a-z, 0-9, '.', '_' and '-'")
    return name


def names(folder: Path) -> list[str]:
    """The names of the imports in `folder`, which need not be there."""
    if not is_there(folder):
        return []
    try:
        found = [name.removesuffix(".json") for name in os.listdir(folder) if name.endswith(".json")]  # noqa: PTH208  # names are enough
    except OSError as error:
        raise HubGenealogyError(
            f"{folder} cannot be read: {error.strerror or error}; make it readable, then try again"
        ) from None
    return sorted(name for name in found if NAME.fullmatch(name))


def read(folder: Path, name: str) -> Import:
    """The import of that name. HubGenealogyError where it is missing or damaged."""
    file = _file(folder, name)
    try:
        content = msgspec.convert(read_json(file), Import)
    except msgspec.ValidationError as error:
        raise HubGenealogyError(
            f"{file} does not hold what this program writes ({error}): restore it from a backup"
        ) from None
    if content.name != name:
        raise HubGenealogyError(f"{file} holds the import {content.name[:60]!r}: restore it from a backup")
    return content


def write(folder: Path, content: Import) -> None:
    """Write an import, whole or not at all, in place of one of the same name."""
    with writing(f"the import {_file(folder, content.name)}"):
        folder.mkdir(mode=0o700, exist_ok=True)
        write_json(_file(folder, content.name), _plain(content), 0o600)


def _plain(content: Import) -> dict[str, Any]:
    findings = [{key: value for key, value in asdict(one).items() if value is not None} for one in content.findings]
    return {"name": content.name, "imported_at": content.imported_at.isoformat(), "findings": findings}


def remove(folder: Path, name: str) -> None:
    """Remove an import."""
    with writing(f"the folder {folder}"):
        _file(folder, name).unlink()


def hand_on(folder: Path, to: Path, wanted: Sequence[str]) -> None:
    """Copy the imports of these names, and leave no other in `to`."""
    with writing(f"the imports {to}"):
        for name in names(to):
            if name not in wanted:
                _file(to, name).unlink()
        if wanted:
            to.mkdir(mode=0o700, exist_ok=True)
        for name in wanted:
            read(folder, name)
            with replacing(_file(to, name), mode=0o600) as file:
                file.write(read_bytes(_file(folder, name)))


def rewrite(folder: Path, replaced: Callable[[Any], Any]) -> bool:
    """Replace texts in every import of `folder`; say whether anything changed."""
    changed = False
    for name in names(folder):
        content = read(folder, name)
        new = replace(content, findings=scrubbed(content.findings, replaced))
        if new != content:
            write(folder, new)
            changed = True
    return changed


def scrubbed(found: Sequence[Finding], replaced: Callable[[Any], Any]) -> tuple[Finding, ...]:
    """The findings with other texts: `replaced` takes the names of forgotten owners out."""
    return tuple(_replaced(one, replaced) for one in found)


def mentions(folder: Path, replaced: Callable[[Any], Any]) -> bool:
    """Whether `rewrite` would change anything."""
    every = (read(folder, name).findings for name in names(folder))
    return any(scrubbed(found, replaced) != found for found in every)


def _replaced(one: Finding, replaced: Callable[[Any], Any]) -> Finding:
    return Finding(*(replaced(getattr(one, name)) for name in COLUMNS))


def _file(folder: Path, name: str) -> Path:
    return folder / f"{name}.json"
