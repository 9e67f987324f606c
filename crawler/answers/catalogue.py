"""The list of saved queries, shipped ones and a user's own, for people and for programs."""

import logging
from dataclasses import asdict
from typing import Any, TextIO

from crawler.answers import formats, library
from crawler.answers.library import Library, SavedQuery
from crawler.answers.table import terminal_width, wrapped
from crawler.errors import UsageError
from crawler.records import words
from crawler.resources import shipped
from crawler.settings import Settings

logger = logging.getLogger(__name__)

SHORT = ("topic", "name", "title", "required", "budget", "own")
LEAST_TITLE = 20
WHOLE = (*SHORT, "prose", "parameters", "columns", "empty", "example")

# What a comment calls the words of a table, and the property or column that holds them.
_WORDS = (
    ("The kinds of links", "relation", words.RELATIONS),
    ("The classes, strongest first", "class", words.CLASSES),
    ("The certainties, strongest first", "certainty", words.CERTAINTIES),
)


def saved_queries(settings: Settings) -> Library:
    """The shipped queries and those in the folder that `query.folder` names.

    A file of one's own that breaks a rule or repeats a name is left out: see `Library.left_out`.
    """
    folder = settings["query.folder"]
    if folder is None:
        return library.load(shipped("queries"))
    if not folder.is_dir():
        raise UsageError(f"query.folder: {folder} is not a folder")
    return library.load(shipped("queries"), own=folder)


def warn_of_left_out(queries: Library) -> None:
    """Name each file of one's own that was left out, with the reason."""
    for error in queries.left_out:
        logger.warning("left out: %s", error)


def explained(query: SavedQuery, width: int | None = None) -> str:
    """The text of the file; before the statement, a comment with the meaning of the words that its answer uses.

    For a terminal of `width`, its comments are broken; what is to be pasted, `:param` and the statement, is not.
    """
    columns = {column.name for column in query.columns}
    lines = []
    others = {word: meaning for word, meaning in words.OTHER_CLASSES.items() if f"'{word}'" in query.statement}
    for heading, name, meanings in _WORDS:
        said = [f".{name}", *(f"'{word}'" for word in meanings if "_" in word)]
        if name in columns or any(text in query.statement for text in said):
            told = {**meanings, **others} if name == "class" else meanings
            lines += [f"// {heading}:", *(f"//   {word}: {meaning}" for word, meaning in told.items()), "//"]
    start = query.text.index(query.statement)
    header = query.text[:start] + ("\n".join(lines[:-1]) + "\n\n" if lines else "")
    if width is not None:
        header = "".join(f"{part}\n" for line in header.splitlines() for part in _broken(line, width))
    return header + query.text[start:]


def _broken(line: str, width: int) -> list[str]:
    """A comment in lines that are not wider; any other line as it is."""
    if len(line) <= width or not line.startswith("// ") or line.startswith("// :param"):
        return [line]
    first, *more = wrapped(line.removeprefix("//").lstrip(), width - len("//   "))
    return [f"// {first}", *(f"//   {part}" for part in more)]


def required(query: SavedQuery) -> list[str]:
    """The names of its required parameters."""
    return [parameter.name for parameter in query.parameters if parameter.required]


def write(queries: Library, output_format: str, out: TextIO) -> None:
    """Write the list: as a table by topic, or as csv, json or jsonl; json and jsonl hold the whole headers."""
    if output_format == "table":
        out.write(by_topic(queries, terminal_width(out)))
        return
    columns = SHORT if output_format.startswith("csv") else WHOLE
    entries = [_entry(query) for query in queries.values()]
    formats.WRITERS[output_format](columns, ([entry[column] for column in columns] for entry in entries), out)


def by_topic(queries: Library, width: int | None = None) -> str:
    """One line for each query: its name, its required parameters and its title, which a terminal of `width` may break."""
    rows = {
        topic: [(query.name, ", ".join(required(query)), query.title) for query in members]
        for topic, members in queries.by_topic().items()
    }
    widths = [max((len(row[i]) for members in rows.values() for row in members), default=0) for i in (0, 1)]
    lines = []
    for topic, members in rows.items():
        lines.append(f"{topic}:")
        for name, needs, title in members:
            start = f"  {name:<{widths[0]}}  {needs:<{widths[1]}}  "
            first, *more = [title] if width is None else wrapped(title, max(width - len(start), LEAST_TITLE))
            lines += [start + first, *(" " * len(start) + part for part in more)]
    return "".join(line + "\n" for line in lines)


def is_own(query: SavedQuery) -> bool:
    """Whether the query is a user's, not a shipped one."""
    return not query.path.is_relative_to(shipped("queries"))


def _entry(query: SavedQuery) -> dict[str, Any]:
    kept = ("topic", "name", "title", "budget", "prose", "empty", "example")
    return {name: getattr(query, name) for name in kept} | {
        "required": required(query),
        "own": is_own(query),
        "parameters": [asdict(parameter) for parameter in query.parameters],
        "columns": [asdict(column) for column in query.columns],
    }
