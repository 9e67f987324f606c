"""The saved queries: `queries/<topic>/<name>.cypher`, read and checked.

One file serves Neo4j Browser, cypher-shell, the driver and a reader unchanged; `docs/queries.md` describes its format.
The header is compared with the statement, so that the two cannot drift apart.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crawler.answers import checks
from crawler.errors import HubGenealogyError, UsageError, nearest
from crawler.logs import CONTROL

PARAMETER_TYPES = ("string", "integer", "float", "boolean", "datetime", "list<string>")
COLUMN_TYPES = (*PARAMETER_TYPES, "list<integer>", "list<float>", "list<datetime>")
# All other parameters must have a default.
MAY_BE_REQUIRED = ("model", "other", "owner", "dataset", "license")
# Parameters that mean the same in every query have one type.
COMMON_TYPES = {
    **dict.fromkeys(MAY_BE_REQUIRED, "string"),
    "limit": "integer",
    "max_depth": "integer",
    "kind": "list<string>",
    "along": "list<string>",
    "status": "list<string>",
    "as_of": "datetime",
    "include_withdrawn": "boolean",
    "order": "string",
    "owner_kind": "list<string>",
}

_NAME = "[a-z][a-z0-9_]*"
_PARAMETER = re.compile(rf"@param ({_NAME}) (\S+) (?:(required)|default=(\S+)) — (\S.*)")
_COLUMN = re.compile(rf"@returns ({_NAME}) (\S+) — (\S.*)")
_EMPTY = re.compile(r"@empty — (\S.*)")
_BUDGET = re.compile(r"@budget (\d+(?:\.\d+)?) s")
_EXAMPLE = re.compile(r":param (\{.*\})")


@dataclass(frozen=True)
class Parameter:
    """One `@param` line. `default` counts only where the parameter is not required."""

    name: str
    type: str
    required: bool
    default: Any
    meaning: str


@dataclass(frozen=True)
class Column:
    """One `@returns` line."""

    name: str
    type: str
    meaning: str


@dataclass(frozen=True)
class SavedQuery:
    """One file of the library."""

    name: str
    topic: str
    path: Path
    title: str
    prose: str
    parameters: tuple[Parameter, ...]
    columns: tuple[Column, ...]
    empty: str
    """What an answer without rows means."""
    budget: float
    """How many seconds the whole answer may take on the full Hub (3.1 million models) with warm caches."""
    example: str
    statement: str
    text: str

    @property
    def traverses(self) -> bool:
        """Whether it follows paths of variable length."""
        return checks.follows_paths(self.statement)


class Library(Mapping[str, SavedQuery]):
    """The saved queries by name, ordered by topic."""

    def __init__(self) -> None:
        self._queries: dict[str, SavedQuery] = {}
        self._left_out: dict[Path, HubGenealogyError] = {}

    def add(self, query: SavedQuery) -> None:
        """Add a query; HubGenealogyError if its name is taken."""
        other = self._queries.setdefault(query.name, query)
        if other is not query:
            raise HubGenealogyError(f"{query.path}:1: the name {query.name!r} is taken by {other.path}")

    def leave_out(self, path: Path, error: HubGenealogyError) -> None:
        """Note a file whose query is not here, and why."""
        self._left_out[path] = error

    @property
    def left_out(self) -> list[HubGenealogyError]:
        """Why files of one's own were left out, with file and line."""
        return list(self._left_out.values())

    def __iter__(self) -> Iterator[str]:
        return iter(self._queries)

    def __len__(self) -> int:
        return len(self._queries)

    def __getitem__(self, name: str) -> SavedQuery:
        return self._queries[name]

    def find(self, name: str) -> SavedQuery:
        """Return the query of that name.

        Raises UsageError with the nearest names if there is none, or the error of its file if that was left out.
        """
        if name not in self._queries:
            if error := next((error for path, error in self._left_out.items() if path.stem == name), None):
                raise error
            hint = nearest(name, self._queries) or "; see hub-genealogy query --list"
            raise UsageError(f"unknown query {name!r}{hint}")
        return self._queries[name]

    def by_topic(self) -> dict[str, list[SavedQuery]]:
        """Topic → its queries."""
        topics: dict[str, list[SavedQuery]] = {}
        for query in self._queries.values():
            topics.setdefault(query.topic, []).append(query)
        return topics


def load(folder: Path, own: Path | None = None) -> Library:
    """Read every `<topic>/<name>.cypher` below `folder`, and below `own`, a user's folder.

    Raises HubGenealogyError with file and line for a bad file in `folder`; one in `own` is left out.
    """
    library = Library()
    for path in _files(folder):
        library.add(_read_in(folder, path))
    if own is not None:
        for path in _files(own):
            try:
                library.add(_read_in(own, path))
            except HubGenealogyError as error:
                library.leave_out(path, error)
    return library


def _files(folder: Path) -> Iterator[Path]:
    """The query files below a folder, without those of an editor or of version control."""
    for path in sorted(folder.rglob("*.cypher")):
        if not any(part.startswith(".") for part in path.relative_to(folder).parts):
            yield path


def _read_in(folder: Path, path: Path) -> SavedQuery:
    """Read a file that must have its place in a folder of queries, and a name."""
    parts = path.relative_to(folder).with_suffix("").parts
    if len(parts) != 2:
        raise HubGenealogyError(
            f"{path}:1: a saved query must be in a folder named after its topic: {folder}/<topic>/{path.name}"
        )
    for part in parts:
        if not re.fullmatch(_NAME, part):
            raise HubGenealogyError(
                f"{path}:1: {part!r} is not a name for a topic or query: use small letters, digits and _, a letter first"
            )
    return read(path)


def read(path: Path) -> SavedQuery:
    """Read and check one query file.

    Raises UsageError where it cannot be read, and HubGenealogyError with file and line for the first broken rule.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise UsageError(f"{path}: cannot be read: {reason}") from None
    return parse(text, path)


def parse(text: str, path: Path) -> SavedQuery:
    """Parse and check the text of a query file; `path` gives its name and its topic."""
    for number, line in enumerate(text.split("\n"), start=1):
        if hidden := CONTROL.search(line):
            raise HubGenealogyError(
                f"{path}:{number}: U+{ord(hidden[0]):04X} steers a terminal or cannot be seen: remove it"
            )
    lines = text.splitlines()
    length = next((i for i, line in enumerate(lines) if not line.startswith("//")), len(lines))
    header = _Header(path)
    for number, line in enumerate(lines[:length], start=1):
        header.add(number, line.removeprefix("//").strip())
    statement = "\n".join(lines[length:])
    header.check(length)
    try:
        checks.check(
            statement,
            parameters={p.name for p in header.parameters},
            columns=[c.name for c in header.columns],
        )
    except checks.StatementError as error:
        raise HubGenealogyError(f"{path}:{length + error.line}: {error}") from None
    return SavedQuery(
        name=path.stem,
        topic=path.parent.name,
        path=path,
        title=header.title,
        prose="\n".join(header.prose).strip(),
        parameters=tuple(header.parameters),
        columns=tuple(header.columns),
        empty=header.empty,
        budget=header.budget,
        example=header.example,
        statement=statement.strip().removesuffix(";").rstrip(),
        text=text,
    )


def _fits(default: Any, kind: str) -> bool:
    """Whether a default has the parameter's type; null fits every type."""
    if default is None:
        return True
    if kind == "list<string>":
        return isinstance(default, list) and all(isinstance(item, str) for item in default)
    if isinstance(default, bool):
        return kind == "boolean"
    return isinstance(default, {"integer": int, "float": int | float, "boolean": bool}.get(kind, str))


class _Header:
    """The comment at the top of a file, line by line."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.title = ""
        self.prose: list[str] = []
        self.parameters: list[Parameter] = []
        self.columns: list[Column] = []
        self.empty = ""
        self.budget = 0.0
        self.example = ""

    def _wrong(self, line: int, what: str) -> HubGenealogyError:
        return HubGenealogyError(f"{self.path}:{line}: {what}")

    def add(self, number: int, line: str) -> None:
        if number == 1:
            self.title = line
        elif line.startswith("@param"):
            self.parameters.append(self._parameter(number, line))
        elif line.startswith("@returns"):
            self.columns.append(self._column(number, line))
        elif line.startswith("@empty"):
            self.empty = self._match(_EMPTY, number, line, "@empty — what an answer without rows means")[1]
        elif line.startswith("@budget"):
            self.budget = float(self._match(_BUDGET, number, line, "@budget 0.5 s")[1])
        elif line.startswith(":param"):
            self.example = self._match(_EXAMPLE, number, line, ":param {name: value, …}")[1]
        elif line.startswith("@"):
            mark = line.split(maxsplit=1)[0]
            raise self._wrong(
                number, f"unknown mark {mark!r}{nearest(mark, ('@param', '@returns', '@empty', '@budget'))}"
            )
        elif not (self.parameters or self.columns):
            self.prose.append(line)
        elif line:
            raise self._wrong(number, "prose stands before the first @param or @returns")

    def _match(self, pattern: re.Pattern[str], number: int, line: str, form: str) -> re.Match[str]:
        match = pattern.fullmatch(line)
        if match is None:
            raise self._wrong(number, f"this line is written `// {form}`")
        return match

    def _parameter(self, number: int, line: str) -> Parameter:
        form = "@param name type required — meaning`, or with `default=…` for `required"
        name, kind, required, default, meaning = self._match(_PARAMETER, number, line, form).groups()
        if kind not in PARAMETER_TYPES:
            raise self._wrong(number, f"unknown type {kind!r}{nearest(kind, PARAMETER_TYPES)}")
        try:
            value = None if required else json.loads(default)
        except ValueError:
            raise self._wrong(number, f'the default {default!r} is not null, false, 25 or "text"') from None
        if name in {parameter.name for parameter in self.parameters}:
            raise self._wrong(number, f"the parameter {name!r} is declared twice")
        if required and name not in MAY_BE_REQUIRED:
            raise self._wrong(
                number, f"the parameter {name!r} needs a default: only {', '.join(MAY_BE_REQUIRED)} may be required"
            )
        if kind != COMMON_TYPES.get(name, kind):
            raise self._wrong(number, f"the parameter {name!r} is of the type {COMMON_TYPES[name]} in every query")
        if not _fits(value, kind):
            raise self._wrong(number, f"the default {default} is no {kind}")
        return Parameter(name, kind, bool(required), value, meaning)

    def _column(self, number: int, line: str) -> Column:
        match = self._match(_COLUMN, number, line, "@returns name type — meaning")
        if match[2] not in COLUMN_TYPES:
            raise self._wrong(number, f"unknown type {match[2]!r}{nearest(match[2], COLUMN_TYPES)}")
        if match[1] in {column.name for column in self.columns}:
            raise self._wrong(number, f"the column {match[1]!r} is declared twice")
        return Column(*match.groups())

    def check(self, last: int) -> None:
        """Check that the header, which ends at line `last`, is complete."""
        if not self.title:
            raise self._wrong(1, "the first line is `// Title`")
        if not any(self.prose):
            raise self._wrong(2, "prose that says what the answer means is missing")
        if not self.columns:
            raise self._wrong(last, "no column is declared with @returns")
        if not self.empty:
            raise self._wrong(last, "a line `// @empty — what an answer without rows means` is missing")
        if not self.budget:
            raise self._wrong(last, "a line `// @budget 0.5 s`, the time it may take on the full Hub, is missing")
        named = set(re.findall(r"(?:[{,]\s*)([A-Za-z_]\w*)\s*:", checks.bare(self.example)))
        declared = {parameter.name for parameter in self.parameters}
        if named != declared:
            raise self._wrong(
                last,
                "the example `// :param {…}` must set every parameter, so that it runs as it is pasted; "
                f"it differs in {', '.join(sorted(named ^ declared))}",
            )
