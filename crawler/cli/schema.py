"""`schema apply` and `schema check`: the constraints and indexes of the graph."""

import click

from crawler.errors import HubGenealogyError
from crawler.graph import schema as migrations
from crawler.graph.connection import open_graph
from crawler.graph.foreign import check_ours_or_unused


@click.group()
def schema() -> None:
    """The constraints and indexes that the graph needs."""


@schema.command()
@click.pass_context
def apply(context: click.Context) -> None:
    """Apply the schema files that the graph lacks."""
    with open_graph(context.obj, may_be_new=True) as graph:
        check_ours_or_unused(graph)
        applied = migrations.apply(graph)
    print(f"applied {', '.join(f'V{m.version:03d} {m.name}' for m in applied)}" if applied else "nothing to apply")


@schema.command()
@click.pass_context
def check(context: click.Context) -> None:
    """Say which schema files the graph lacks; exit 1 where it lacks any."""
    with open_graph(context.obj) as graph:
        lacking = migrations.pending(graph)
    if lacking:
        names = ", ".join(f"V{m.version:03d} {m.name}" for m in lacking)
        raise HubGenealogyError(f"the graph lacks {names}: run hub-genealogy schema apply")
    print("the graph has every schema file of this version")
