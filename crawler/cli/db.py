"""`hub-genealogy db`: the local Neo4j of this state folder."""

import json
import logging
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from crawler.errors import UsageError
from crawler.settings import Settings

if TYPE_CHECKING:
    from crawler.local.server import LocalServer

log = logging.getLogger(__name__)


@click.group()
def db() -> None:
    """The local Neo4j: a real server on this machine, one for each state folder."""


@db.command()
@click.pass_obj
def start(settings: Settings) -> None:
    """Start it, if it does not run, and wait until it answers."""
    server = _server(settings)
    ran = server.status().running
    connection = server.start()
    if ran:
        log.info("Neo4j runs already, at %s", connection.uri)


@db.command()
@click.pass_obj
def stop(settings: Settings) -> None:
    """Stop it; its graph stays."""
    server = _server(settings)
    log.info("Neo4j in %s %s", server.home, "is stopped" if server.stop() else "did not run")


@db.command()
@click.option(
    "--format", "output_format", type=click.Choice(["table", "json"]), default="table", help="How to print it."
)
@click.pass_obj
def status(settings: Settings, output_format: str) -> None:
    """Show where it is, how to sign in, and whether it runs."""
    found = asdict(_server(settings, even_with_uri=True).status())
    if output_format == "json":
        click.echo(json.dumps(found))
        return
    for name, value in found.items():
        shown = {True: "yes", False: "no", None: "none"}.get(value, value)
        click.echo(f"{name:<14} {shown}")


@db.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def reset(settings: Settings, yes: bool) -> None:
    """Stop it and erase its graph; archive, snapshots and changes stay."""
    server = _server(settings)
    if not yes:
        if not sys.stdin.isatty():
            raise UsageError("db reset erases the graph and there is no terminal to ask on: add --yes")
        click.confirm(f"Erase the graph in {server.folder}?", abort=True, err=True)
    server.reset()
    log.info("the graph in %s is erased; `hub-genealogy rebuild` makes it anew", server.folder)


def _server(settings: Settings, *, even_with_uri: bool = False) -> "LocalServer":
    if settings["neo4j.uri"] and not even_with_uri:
        raise UsageError("this command is about the local Neo4j, but NEO4J_URI names another server: unset it first")
    from crawler.local.server import LocalServer  # noqa: PLC0415 - its packages are the optional extra `local`

    return LocalServer.from_settings(settings)
