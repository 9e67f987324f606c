"""The words of `hub-genealogy query` that click leaves: the query, what it is about, and its parameters as options."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import click

from crawler.answers.library import MAY_BE_REQUIRED, Parameter, SavedQuery
from crawler.errors import UsageError, nearest


@dataclass(frozen=True)
class Words:
    """What stands on the command line."""

    positional: tuple[str, ...]
    options: tuple[tuple[str, str], ...]
    """Parameters that are given as options: name and value."""


def read(words: Sequence[str], flags: Collection[str]) -> Words:
    """Sort the words: `--max-depth 3` and `--max-depth=3` are the parameter max_depth.

    `flags` are the parameters that are true where no value follows, and false as `--no-include-withdrawn`. Raises
    UsageError for an option without a value.
    """
    positional: list[str] = []
    options: list[tuple[str, str]] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if not word.startswith("-"):
            positional.append(word)
            continue
        if not word.startswith("--"):
            if set(word[1:]) in ({"v"}, {"q"}):
                raise UsageError(f"{word} stands before the command: hub-genealogy {word} query …")
            raise UsageError(f"there is no option {word}: hub-genealogy query --help shows them")
        option, equals, value = word.removeprefix("--").partition("=")
        name = option.replace("-", "_")
        if not equals:
            if name.removeprefix("no_") in flags and name not in flags:
                name, value = name.removeprefix("no_"), "false"
            elif name in flags and not (rest and rest[0].lower() in {"true", "false"}):
                value = "true"
            elif rest and not rest[0].startswith("--"):
                value = rest.pop(0)
            else:
                raise UsageError(f"--{option} needs a value")
        options.append((name, value))
    return Words(tuple(positional), tuple(options))


def parameters(
    query: SavedQuery, subjects: Sequence[str], options: Sequence[tuple[str, str]], others: Collection[str]
) -> list[str]:
    """`name=value` for each option, and for each subject as one of the parameters that can be required, in their order.

    A query that requires any takes no others. Raises UsageError for a subject too many, and for an option that is
    like one of the query's or like one of `others`, the options of every query.
    """
    known = {parameter.name.replace("_", "-") for parameter in query.parameters}
    for name, _ in options:
        option = name.replace("_", "-")
        if option not in known and (close := nearest(option, [*known, *others], prefix="--")):
            raise UsageError(f"{query.name} has no option --{option}; nearest: {close.replace(', ', ', --')}")
    required = [parameter.name for parameter in query.parameters if parameter.required]
    taken = required or [parameter.name for parameter in query.parameters if parameter.name in MAY_BE_REQUIRED]
    if len(subjects) > len(taken):
        wanted = f"takes only {' and '.join(taken)}" if taken else "takes nothing"
        raise UsageError(
            f"{query.name} {wanted} beside options, not {subjects[len(taken)]!r}: give a parameter as --name value"
        )
    return [f"{name}={value}" for name, value in [*zip(taken, subjects, strict=False), *options]]


def _default(parameter: Parameter) -> str:
    if parameter.required:
        return "required"
    return f"default: {parameter.default if isinstance(parameter.default, str) else json.dumps(parameter.default)}"


def help_text(query: SavedQuery, context: click.Context) -> str:
    """What `query NAME --help` prints: what the query is about, and its parameters as options."""
    formatter = context.make_formatter()
    required = [parameter.name.upper() for parameter in query.parameters if parameter.required]
    formatter.write_usage(f"{context.command_path} {query.name}", " ".join([*required, "[OPTIONS]"]))
    formatter.write_paragraph()
    with formatter.indentation():
        formatter.write_text(query.title)
    rows = [
        (
            f"--{parameter.name.replace('_', '-')}",
            f"{parameter.meaning}  [{_default(parameter)}]",
        )
        for parameter in query.parameters
    ]
    if rows:
        with formatter.section("Parameters"):
            formatter.write_dl(rows)
    formatter.write_paragraph()
    formatter.write_text(f"{context.command_path} --help has the other options, {query.name} --show the whole query.")
    return formatter.getvalue()
