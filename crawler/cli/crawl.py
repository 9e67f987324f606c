"""The commands that write the graph: `crawl`, `load`, `rebuild`."""

import json
import logging
from typing import Any

import click

from crawler import crawl as job
from crawler.cases.form import in_short
from crawler.cli.options import print_summary
from crawler.operations.status import in_words
from crawler.readable import duration
from crawler.stages import Options

logger = logging.getLogger(__name__)


@click.command()
@click.option("--incremental", is_flag=True, help="Walk only what changed since the last crawl; retires nothing.")
@click.option(
    "--max-models",
    type=click.IntRange(min=1),
    metavar="N",
    help="Walk the first N models only: a sample, never complete.",
)
@click.option(
    "--dry-run",
    is_flag=True,
    help="Stop before the graph and say what would change; the state stays as it is. Cards, files and owners are counted, not "
    "asked for.",
)
@click.option("--accept-vanished", is_flag=True, help="Retire what vanished, however much it is.")
@click.option(
    "--accept-withdrawn",
    is_flag=True,
    help="Withdraw the links that are no longer declared, however many, and accept records that have lost fields.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How the summary is printed.",
)
@click.pass_context
def crawl(
    context: click.Context,
    max_models: int | None,
    form: str,
    *,
    incremental: bool,
    dry_run: bool,
    accept_vanished: bool,
    accept_withdrawn: bool,
) -> None:
    """Walk the Hub's model list and bring the graph up to date: the nightly job."""
    options = Options(
        incremental=incremental,
        max_models=max_models,
        accept_vanished=accept_vanished,
        accept_withdrawn=accept_withdrawn,
        dry_run=dry_run,
    )
    summary = job.crawl(context.obj, options)
    for warning in summary["warnings"]:
        logger.warning("%s", warning)
    sentence = in_one_line(summary, dry_run=dry_run)
    if form == "json":
        logger.log(logging.WARNING if summary["exit_code"] else logging.INFO, "%s", sentence)
    print_summary(json.dumps(summary) if form == "json" else sentence)
    context.exit(summary["exit_code"])


def in_one_line(summary: dict[str, Any], *, dry_run: bool = False) -> str:
    """What a crawl did, as the line of a log or a mail."""
    verdict = "complete" if summary["complete"] else "incomplete"
    warnings = len(summary["warnings"])
    cases = summary.get("cases")
    told = f"cases: {in_short(cases, cases['found'])}; " if cases and cases["open"] else ""
    feeds = summary.get("feeds")
    kept = f"feeds: {feeds['written']} written, {feeds['unchanged']} unchanged; " if feeds else ""
    said = {0: "", 1: "1 warning, "}.get(warnings, f"{warnings} warnings, ")
    sets = summary.get("datasets")
    walked = f"{in_words(sets)}, {sets['requests']:,} requests, {duration(sets['seconds'])}; " if sets else ""
    removed = f", {summary['models_removed']:,} removed" if summary["models_removed"] else ""
    return (
        f"crawl {summary['crawl']} {'incremental' if summary['kind'] == 'incremental' else verdict}"
        f"{' (dry run)' if dry_run else ''}: "
        f"{summary['models_listed']:,} models ({summary['models_added']:,} new, {summary['models_retired']:,} gone{removed}), "
        f"{summary['edges_current']:,} links ({summary['edges_added']:,} new, {summary['edges_withdrawn']:,} withdrawn), "
        f"{duration(sum(summary['seconds'].values()))}; {walked}{told}{kept}{said}exit {summary['exit_code']}"
    )


@click.command()
@click.pass_context
def load(context: click.Context) -> None:
    """Apply the change sets that the graph lacks."""
    crawls = job.load(context.obj)
    print_summary(f"applied {len(crawls)} change sets: {', '.join(crawls)}" if crawls else "the graph lacks nothing")


@click.command()
@click.pass_context
def rebuild(context: click.Context) -> None:
    """Make the graph anew from the change sets alone, offline."""
    crawls = job.rebuild(context.obj)
    print_summary(f"rebuilt from {len(crawls)} change sets: the graph stands at crawl {crawls[-1]}")
