"""`hub-genealogy doctor`: what is wrong with this installation."""

import json
from dataclasses import asdict

import click

from crawler.logs import printable
from crawler.operations.doctor import doctor as checks


@click.command()
@click.option(
    "--format", "output_format", type=click.Choice(["table", "json"]), default="table", help="How to print it."
)
@click.pass_context
def doctor(context: click.Context, output_format: str) -> None:
    """Look for what is wrong with this installation; exit 1 where anything fails."""
    done = []
    for check in checks(context.obj):
        done.append(check)
        if output_format == "table":
            click.echo(f"{check.verdict:<5} {check.name:<12} {printable(check.message)}")
    if output_format == "json":
        click.echo(json.dumps([asdict(check) for check in done]))
    context.exit(1 if any(check.verdict == "fail" for check in done) else 0)
