"""`hub-genealogy openness`: how open a model is, by 14 criteria, and how that changes from parent to child."""

import logging
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import astuple, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import neo4j

from crawler.answers import context, formats, library
from crawler.answers.resolve import resolve
from crawler.answers.run import read_session
from crawler.cli.options import format_option
from crawler.errors import UsageError
from crawler.graph.connection import open_graph
from crawler.graph.state import check_readable
from crawler.openness import curated
from crawler.openness.curated import Curated, Entry, agreement
from crawler.openness.read import read_family, read_model
from crawler.openness.rules import Finding, judge
from crawler.openness.steps import changes
from crawler.readable import counted
from crawler.records.naming import Bearer
from crawler.resources import shipped
from crawler.settings import Settings

logger = logging.getLogger(__name__)

COLUMNS = tuple(field.name for field in fields(Finding))
BESIDE = ("agreement", "curated", "curated_notes", "curated_url", "curated_source")
STEPS = ("id", "parent", "relation", "created_at", "criterion", "parent_verdict", "verdict", "change", "reason")


@click.command()
@click.argument("model")
@click.option(
    "--curated",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Lay a curated file beside it: YAML in the form of the index's own project files.",
)
@click.option(
    "--family",
    "whole_family",
    is_flag=True,
    help="Show how each member of its family differs from its parent, oldest first, instead of the criteria.",
)
@format_option
@click.pass_obj
def openness(settings: Settings, *, model: str, file: Path | None, whole_family: bool, output_format: str) -> None:
    """Show how open MODEL is, by 14 criteria, with the evidence.

    The criteria are those of Liesenfeld, Lopez & Dingemanse (2023). Each is open, partial, closed or not derivable, as far
    as the Hub's listing shows it. What it does not show is not derivable, never closed. docs/openness.md explains each rule.
    """
    if file and whole_family:
        raise UsageError("--curated is about one model: leave out --family")
    beside = curated.read_file(file) if file else None
    now = datetime.now(UTC)
    with open_graph(settings) as graph:
        check_readable(graph)
        with read_session(graph) as session:
            known = context.read(session)
            found = resolve(session, model, settings["hub.endpoint"])
            columns, rows = _family(session, found.key) if whole_family else (COLUMNS, _findings(session, found.key))
    if beside and file:
        columns, rows = (*COLUMNS, *BESIDE), _with_curated(rows, beside, beside.link or file.name)
    formats.WRITERS[output_format](columns, rows, sys.stdout)
    sys.stdout.flush()  # the answer comes before what is said of it, also where both go into one file
    if beside and file:
        _say_curated(file, beside, found, rows)
    if whole_family and not rows:
        logger.info("no rows: no member of its family differs from a parent of its own, or it has no relatives")
    for level, remark in known.remarks(library.read(shipped("queries") / "genealogy" / "ancestors.cypher"), now):
        logger.log(level, "%s", remark)


def _findings(session: neo4j.Session, key: str) -> list[tuple[Any, ...]]:
    return [astuple(one) for one in judge(read_model(session, key).facts(key))]


def _family(session: neo4j.Session, key: str) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    rows = [
        (
            one.child.id,
            one.parent.id,
            one.relation,
            one.child.created_at,
            one.after.criterion,
            one.before.verdict,
            one.after.verdict,
            one.change,
            one.after.reason,
        )
        for one in changes(*read_family(session, key))
    ]
    return STEPS, rows


def _with_curated(rows: Iterable[tuple[Any, ...]], beside: Curated, source: str) -> list[tuple[Any, ...]]:
    both = []
    for row in rows:
        criterion, verdict, *_ = row
        entry = beside.entries.get(criterion, Entry())
        both.append((*row, agreement(verdict, entry), entry.verdict, entry.notes, entry.link, source))
    return both


def _say_curated(file: Path, beside: Curated, found: Bearer, rows: Iterable[tuple[Any, ...]]) -> None:
    counts = Counter(row[len(COLUMNS)] for row in rows)
    differ = [row[0] for row in rows if row[len(COLUMNS)] == "differs"]
    logger.info(
        "%s is about %s: %s the same, %s%s, %s only in the file",
        file,
        beside.name or beside.link or "a project that it does not name",
        counted(counts["same"], "verdict is", "verdicts are"),
        counted(len(differ), "differs", "differ"),
        f" ({', '.join(differ)})" if differ else "",
        counts["only the file"],
    )
    if beside.repository and beside.repository.lower() != found.id.lower():
        logger.warning("%s is about %s, not about %s: compare with care", file, beside.repository, found.id)
