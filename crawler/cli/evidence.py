"""`evidence import`, `list`, `show` and `remove`: findings of others as a source of evidence."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from crawler import findings, ledger
from crawler.answers import formats
from crawler.cli.options import format_option, print_summary
from crawler.errors import HubGenealogyError, UsageError, nearest
from crawler.operations.status import existing_state
from crawler.readable import counted
from crawler.reports.waiting import unknown_names
from crawler.settings import Settings
from crawler.state import State, way_to_a_state

_NEXT = "the next crawl takes it into the graph"


@click.group()
def evidence() -> None:
    """Links that others found, imported as a source of their own: imported:NAME."""


@evidence.command("import")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--name", required=True, metavar="NAME", help="What the source is called: imported:NAME.")
@click.pass_obj
def import_(settings: Settings, file: Path, name: str) -> None:
    """Import the findings of FILE, in place of an earlier import of the same name.

    FILE is CSV with a header, or a JSON array of objects, with the columns child, parent, relation, source and note;
    the last three may be missing or empty. The next crawl makes links of them.
    """
    findings.check_name(name)
    found = findings.read_file(file)
    state = _state(settings)
    folder = state.home / findings.FOLDER
    with state.locked():
        before = len(findings.read(folder, name).findings) if name in findings.names(folder) else None
        kept = findings.scrubbed(found, ledger.read(state.home).value)
        now = datetime.now(UTC).replace(microsecond=0)
        findings.write(folder, findings.Import(name=name, imported_at=now, findings=kept))
    last = state.snapshot(state.last_snapshot())
    children, parents = unknown_names(last, [one.names for one in kept])
    for what, names, then in (
        ("children", children, "no listed model is called so today, so these findings wait"),
        ("parents", parents, "no model is called so today, so they will be absent models"),
    ):
        for unknown in names:
            print(f"unknown among the {what}: {unknown}", file=sys.stderr)
        if names:
            print(f"{counted(len(names), 'unknown name', 'unknown names')} among the {what}: {then}", file=sys.stderr)
    replaced = "" if before is None else f", in place of {before:,}"
    print_summary(f"imported {counted(len(found), 'finding', 'findings')} as imported:{name}{replaced}; {_NEXT}")


@evidence.command("list")
@format_option
@click.pass_obj
def list_(settings: Settings, output_format: str) -> None:
    """List the imports."""
    folder = _state(settings).home / findings.FOLDER
    every = (findings.read(folder, name) for name in findings.names(folder))
    rows = [(one.name, len(one.findings), one.imported_at) for one in every]
    formats.WRITERS[output_format](("name", "findings", "imported_at"), rows, sys.stdout)


@evidence.command()
@click.argument("name", metavar="NAME")
@format_option
@click.pass_obj
def show(settings: Settings, name: str, output_format: str) -> None:
    """Print the findings of one import; csv and json can be imported again."""
    found = findings.read(_folder_with(_state(settings), name), name).findings
    rows = [tuple(getattr(one, column) for column in findings.COLUMNS) for one in found]
    formats.WRITERS[output_format](findings.COLUMNS, rows, sys.stdout)


@evidence.command()
@click.argument("name", metavar="NAME")
@click.pass_obj
def remove(settings: Settings, name: str) -> None:
    """Remove an import; the next crawl withdraws the links that no other source has."""
    state = _state(settings)
    with state.locked():
        folder = _folder_with(state, name)
        count = len(findings.read(folder, name).findings)
        findings.remove(folder, name)
    print_summary(
        f"removed imported:{name} with {counted(count, 'finding', 'findings')}; the next crawl withdraws the links that no "
        "other source has"
    )


def _folder_with(state: State, name: str) -> Path:
    folder = state.home / findings.FOLDER
    known = findings.names(folder)
    if name not in known:
        raise UsageError(
            f"there is no import {name[:60]!r}{nearest(name, known)}; there are {', '.join(known) or 'none'}"
        )
    return folder


def _state(settings: Settings) -> State:
    state = existing_state(settings)
    if state is None:
        raise HubGenealogyError(f"there is no state in {settings.home}: {way_to_a_state(settings.home)}")
    return state
