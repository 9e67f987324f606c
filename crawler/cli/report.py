"""`hub-genealogy report`: the dossier of a model or a data set, and what changed since one was made."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import astuple
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import click
import neo4j

from crawler.answers import context, formats
from crawler.answers.context import Context
from crawler.answers.resolve import DATASET, MODEL, Kind, resolve
from crawler.answers.run import read_session
from crawler.cli.options import moment_option, output, with_options
from crawler.cli.restriction import OPTIONS, left_out, read_filters
from crawler.dossier import check
from crawler.dossier.form import AnyReport, Filters, ModelReport
from crawler.dossier.gather import Request, dataset_report, model_report, saved
from crawler.dossier.html import write_html
from crawler.dossier.texts import LANGUAGES
from crawler.dossier.write import write_descendants, write_json
from crawler.errors import UsageError
from crawler.graph.connection import open_graph
from crawler.graph.state import check_readable
from crawler.readable import counted
from crawler.relatives.model import Relatives
from crawler.settings import Settings

logger = logging.getLogger(__name__)

# The first is the default. Only a page has a language, and a picture of the family.
WRITERS: Mapping[str, Callable[[AnyReport, Relatives | None, TextIO, str], None]] = {
    "html": write_html,
    "json": lambda made, _family, out, _language: write_json(made, out),
    "csv": lambda made, _family, out, _language: write_descendants(made, out),
}
CHECK_FORMATS = ("table", "json", "csv")


@click.command()
@click.argument("model", required=False)
@click.option(
    "--dataset",
    metavar="ID",
    help="Report on a data set: the models that name it or one made from it, and their descendants.",
)
@click.option(
    "--check",
    "checked",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="List what changed since the report in FILE was made; exit code 1 if anything did.",
)
@click.option(
    "--format",
    "output_format",
    type=click.Choice(sorted({*WRITERS, *CHECK_FORMATS})),
    help="How to write it (default: html, one page that needs no network; with --check, table). csv has a row for each "
    "descendant.",
)
@click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    default=LANGUAGES[0],
    show_default=True,
    help="The language of the page.",
)
@click.option("--to", "file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write into FILE.")
@click.option("--as-of", metavar="DAY", help="Report as of the end of this day (UTC), or as of a time.")
@with_options(*OPTIONS)
@click.pass_obj
def report(
    settings: Settings,
    *,
    model: str | None,
    dataset: str | None,
    checked: Path | None,
    output_format: str | None,
    language: str,
    file: Path | None,
    as_of: str | None,
    kind: tuple[str, ...],
    along: tuple[str, ...],
    status: tuple[str, ...],
) -> int:
    """Make the dossier of MODEL for a rights request.

    It holds what MODEL descends from and what descends from it, how sure each link is, whom to contact in which order,
    and what the graph cannot know.
    """
    if sum(bool(given) for given in (model, dataset, checked)) != 1:
        raise UsageError("name a model, or --dataset ID, or --check FILE: one of them")
    if checked is not None:
        if as_of:
            raise UsageError("--check compares with the graph as it is now: leave out --as-of")
        if kind or along or status:
            raise UsageError(
                "--check compares with a report of the same filters: leave out --kind, --along and --status"
            )
        return _check(settings, checked, _chosen(output_format, CHECK_FORMATS), file)
    filters = read_filters(kind=kind, along=along, status=status)
    write, day = WRITERS[_chosen(output_format, tuple(WRITERS))], moment_option(as_of)
    text, sort = (dataset, DATASET) if dataset else (model, MODEL)
    with _asked(settings) as asked:
        made, family = asked.report(text or "", sort, day, filters)
    with output(file) as out:
        write(made, family, out, language)
    logger.info(
        "%s: %s, %s to contact",
        made.model["id"] if isinstance(made, ModelReport) else made.dataset,
        counted(made.summary.descendants, "descendant", "descendants"),
        counted(sum(made.summary.turns.values()), "owner", "owners"),
    )
    for limit in made.limits:
        if limit.code == "filtered":
            logger.info("%s", left_out(filters, int(str(limit.figures["models"]))))
    asked.say_context()
    return 0


def _check(settings: Settings, checked: Path, output_format: str, file: Path | None) -> int:
    before = check.read_report(checked)
    with _asked(settings) as asked:
        if isinstance(before, ModelReport):
            # A name that no listing held may be a model's by now.
            after, _ = asked.report(str(before.model["key"]).removeprefix("absent:"), MODEL, None, before.filters)
        else:
            # A data set that was renamed keeps its key; one that was but a name may be listed by now.
            named = before.key if before.key and not before.key.startswith("absent:") else before.dataset
            after, _ = asked.report(named, DATASET, None, before.filters)
    changes = list(check.changes(before, after))
    with output(file) as out:
        if changes or output_format != "table":  # a heading above nothing tells a reader nothing
            formats.WRITERS[output_format](check.COLUMNS, map(astuple, changes), out)
    logger.info(
        "%s since the report of crawl %s%s",
        counted(len(changes), "change", "changes"),
        before.crawl.id,
        f", as of {before.as_of}" if before.as_of else "",
    )
    asked.say_context()
    return 1 if changes else 0


class _Asked:
    """A graph to make reports of."""

    def __init__(self, settings: Settings, session: neo4j.Session) -> None:
        self._settings = settings
        self._session = session
        self._now = datetime.now(UTC)
        self._known: Context = context.read(session)

    def report(self, text: str, kind: Kind, as_of: str | None, filters: Filters) -> tuple[AnyReport, Relatives | None]:
        """The dossier of what `text` means, and the family of a model.

        HubGenealogyError with the nearest names where it means nothing.
        """
        if as_of:
            for level, remark in self._known.check_time("as_of", as_of, self._now):
                logger.log(level, "%s", remark)
        meant = resolve(self._session, text, self._settings["hub.endpoint"], kind)
        request = Request(text, meant, as_of, self._now, self._settings["query.timeout"], filters)
        if kind is MODEL:
            return model_report(self._session, self._known, request)
        return dataset_report(self._session, self._known, request), None

    def say_context(self) -> None:
        """Say which crawl the report stands at, how old that is, and what it does not tell."""
        for level, remark in self._known.remarks(saved("impact"), self._now):
            logger.log(level, "%s", remark)


@contextmanager
def _asked(settings: Settings) -> Iterator[_Asked]:
    with open_graph(settings) as graph:
        check_readable(graph)
        with read_session(graph) as session:
            yield _Asked(settings, session)


def _chosen(output_format: str | None, known: tuple[str, ...]) -> str:
    if output_format not in (None, *known):
        raise UsageError(f"--format is {' or '.join(known)} here, not {output_format}")
    return output_format or known[0]
