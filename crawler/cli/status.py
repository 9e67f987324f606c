"""`hub-genealogy status`: where archive, snapshots and graph stand."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import click

from crawler.cases.form import found_in_short, in_short
from crawler.logs import printable
from crawler.operations.space import readable_size
from crawler.operations.status import in_words
from crawler.operations.status import status as read_status
from crawler.readable import counted, duration
from crawler.settings import Settings


@click.command()
@click.option(
    "--format", "output_format", type=click.Choice(["table", "json"]), default="table", help="How to print it."
)
@click.pass_obj
def status(settings: Settings, output_format: str) -> None:
    """Show where archive, snapshots and graph stand; starts and changes nothing."""
    found = read_status(settings, datetime.now(UTC))
    if output_format == "json":
        click.echo(json.dumps(found))
        return
    for name, value in _lines(found):
        click.echo(f"{name:<14} {printable(value)}")


def _lines(found: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield "state folder", found["home"] + ("" if found["exists"] else " (no state yet: the first crawl makes it)")
    for place in found["others"]:
        yield "", f"a state is in {place}: set HUB_GENEALOGY_HOME to it"
    yield (
        "writer",
        {True: "a process is at work", False: "none", None: "not known: the lock cannot be read"}[found["locked"]],
    )
    last, walk, graph, sizes = found["last_crawl"], found["interrupted"], found["graph"], found["bytes"]
    if found["last_run"] is not None:
        yield "last run", _run(found["last_run"], at_work=found["locked"])
    if last is None:
        yield "last crawl", "none yet"
    else:
        verdict = "complete" if last["complete"] else "incomplete"
        yield "last crawl", f"{last['crawl']}, {last['kind']}, {verdict}, {last['models_seen']:,} models seen"
        yield "", f"started {last['started_at']}, {_ago(last['age_seconds'])}"
        for warning in last["warnings"]:
            yield "", f"{'refused' if warning in last['refused'] else 'warning'}: {warning}"
    complete = found["last_complete"]
    if complete is not None:
        yield "last complete", f"{complete['crawl']}, ended {_ago(complete['age_seconds'])}"
    elif last is not None:
        yield "last complete", "none yet"
    yield from _datasets(found["datasets"])
    if walk is not None:
        doing = "in work" if found["locked"] else "interrupted; the next run goes on with it"
        far = "walked" if walk["walked"] else f"{walk['pages']:,} pages, {walk['models']:,} models so far"
        yield "unfinished", f"{walk['crawl']}, {walk['kind']}, {far}; {doing}"
    yield from _cases(found["cases"])
    yield from _enriched("cards", found["cards"])
    yield from _enriched("files", found["files"])
    yield from _forgotten(found["forgotten"])
    yield from _feeds(found["feeds"])
    yield "graph", _graph(graph)
    if graph["lease"]:
        yield "", f"its writer: {graph['lease']}"
    if graph["problem"]:
        yield "", graph["problem"]
    yield "change sets", f"{found['change_sets']:,}, {_size(sizes['changes'])}"
    yield "archives", f"{found['archives']:,}, {_size(sizes['archive'])}"
    yield "snapshots", f"{found['snapshots']:,}, {_size(sizes['snapshots'])}"
    yield "local Neo4j", _size(sizes["neo4j"])
    yield "free", readable_size(sizes["free"])


def _enriched(topic: str, asked: dict[str, Any] | None) -> Iterator[tuple[str, str]]:
    if asked is None:
        return
    budget = f"at most {asked['a_crawl']:,} more in each crawl" if asked["a_crawl"] else f"no more, enrich.{topic} is 0"
    yield topic, f"those of {counted(asked['known'], 'model', 'models')} are known as they are today; {budget}"


def _datasets(sets: dict[str, Any] | None) -> Iterator[tuple[str, str]]:
    if sets is not None:
        told = f"{in_words(sets)}, {counted(sets['requests'], 'request', 'requests')}"
        yield "data sets", f"{told}; crawl {sets['crawl']}, ended {_ago(sets['age_seconds'])}"


def _run(run: dict[str, Any], *, at_work: bool | None) -> str:
    if run["exit_code"] is None:
        began = f"{run['command']}, began {_ago(run['age_seconds'])}"
        return f"{began}, at work" if at_work else f"{began}, did not end: it was killed, or the machine stopped"
    reason = f": {run['reason']}" if run["reason"] else ""
    return f"{run['command']}, exit code {run['exit_code']}, {_ago(run['age_seconds'])}{reason}"


def _cases(cases: dict[str, Any] | None) -> Iterator[tuple[str, str]]:
    if cases is None:
        return
    yield "cases", f"not known: {cases['problem']}" if cases["problem"] else in_short(cases, {})
    if cases["crawl"]:
        yield "", f"crawl {cases['crawl']} was the last to find something: {found_in_short(cases['found'])}"


def _forgotten(forgotten: dict[str, Any] | None) -> Iterator[tuple[str, str]]:
    if forgotten is None:
        return
    unfinished = "; one of them not everywhere yet: the next crawl goes on with that" if forgotten["unfinished"] else ""
    yield "forgotten", counted(forgotten["owners"], "owner", "owners") + unfinished


def _feeds(feeds: dict[str, Any] | None) -> Iterator[tuple[str, str]]:
    if feeds is not None:
        yield "feeds", f"{feeds['written']} of {feeds['watched']} are in {feeds['folder']}"


def _graph(graph: dict[str, Any]) -> str:
    where = graph["uri"] or "local"
    if graph["problem"] and graph["running"] is None:
        return f"{where}, not known whether it runs"
    if graph["problem"] and graph["running"] and graph["building"] is None:
        return f"{where}, runs, but cannot be read"
    if not graph["running"]:
        if graph["uri"] is not None:
            return f"{where}, no answer"
        return f"{where}, not running" if graph["problem"] else "none yet"
    if graph["building"]:
        return f"{where}, being built, up to crawl {graph['loading']}"
    holds = f"stands at crawl {graph['at']}" if graph["at"] else "empty"
    loading = f", crawl {graph['loading']} is being applied" if graph["loading"] else ""
    lacks = graph["lacks"]
    return f"{where}, {holds}{loading}" + (f", lacks {len(lacks)} change sets" if lacks else "")


def _size(size: int | None) -> str:
    return "not known: the folder cannot be read" if size is None else readable_size(size)


def _ago(seconds: int) -> str:
    return f"{duration(max(seconds, 0))} ago"
