"""`hub-genealogy query`: a saved query, asked and answered."""

import sys
from pathlib import Path

import click

from crawler.answers import catalogue, library, parameters
from crawler.answers.library import SavedQuery
from crawler.answers.table import terminal_width
from crawler.cli import query_arguments
from crawler.cli.options import format_option
from crawler.errors import UsageError
from crawler.settings import Settings


@click.command(
    # The help of a query's own parameters takes its name, so it is no option that click reads before all others.
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
    options_metavar="[OPTIONS]",
    epilog="Each parameter of a query is also an option: --model M, --max-depth 3 and --include-withdrawn are "
    "-p model=M, -p max_depth=3 and -p include_withdrawn=true.",
)
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[NAME [MODEL|OWNER|DATASET|LICENSE]]")
@click.option(
    "-p", "--param", "given", multiple=True, metavar="NAME=VALUE", help="A parameter; give as many as needed."
)
@format_option
@click.option(
    "--with-context",
    is_flag=True,
    help="With --format json: print one object with the answer, the crawl at which it stands, and the notes of stderr.",
)
@click.option(
    "--file",
    type=click.Path(path_type=Path),
    metavar="FILE.cypher",
    help="Run the query in this file, by the same rules, instead of a saved one.",
)
@click.option(
    "--list", "listing", is_flag=True, help="List the saved queries by topic, with the parameters that each one needs."
)
@click.option(
    "--show", is_flag=True, help="Print the query itself: what it means, its parameters and columns, its Cypher."
)
@click.option(
    "--explain",
    "explaining",
    is_flag=True,
    help="Print the server's plan and its warnings, without running the query.",
)
@click.option(
    "-h",
    "--help",
    "helping",
    is_flag=True,
    help="Show this message, or after NAME the parameters of that query, and exit.",
)
@click.pass_context
def query(
    ctx: click.Context,
    *,
    words: tuple[str, ...],
    given: tuple[str, ...],
    output_format: str,
    with_context: bool,
    file: Path | None,
    listing: bool,
    show: bool,
    explaining: bool,
    helping: bool,
) -> None:
    """Answer the saved query NAME from the graph. What follows NAME is what the query is about, such as a model."""
    settings: Settings = ctx.obj
    if helping and not words and file is None:
        click.echo(ctx.get_help())
        return
    queries = catalogue.saved_queries(settings)
    flags = {p.name for query in queries.values() for p in query.parameters if p.type == "boolean"}
    asked = query_arguments.read(words, flags)
    if listing:
        if asked.options:
            raise UsageError(f"--list has no option --{asked.options[0][0].replace('_', '-')}")
        catalogue.warn_of_left_out(queries)
        catalogue.write(queries, output_format, sys.stdout)
        return
    chosen, subjects = _choose(queries, file, asked)
    if helping:
        click.echo(query_arguments.help_text(chosen, ctx), nl=False)
        return
    if show:
        click.echo(catalogue.explained(chosen, terminal_width(sys.stdout)), nl=False)
        return
    from crawler.cli import answering  # noqa: PLC0415  # with the driver, which --list and --show do not need

    others = [name[2:] for option in ctx.command.params for name in option.opts if name.startswith("--")]
    texts = (*given, *query_arguments.parameters(chosen, subjects, asked.options, others))
    if explaining:
        answering.explain_plan(settings, chosen, parameters.values(chosen, texts, allow_missing=True), output_format)
        return
    if with_context and output_format != "json":
        raise UsageError(f"--with-context goes with --format json, not {output_format}")
    answering.Answer(settings, chosen, parameters.values(chosen, texts)).write(output_format, with_context=with_context)


def _choose(
    queries: library.Library, file: Path | None, asked: query_arguments.Words
) -> tuple[SavedQuery, tuple[str, ...]]:
    """The query, and the words after its name. A file of one's own that is left out is said, unless it is the one."""
    if file is not None:
        return library.read(file), asked.positional
    if not (asked.positional and asked.positional[0]):
        raise UsageError("name a saved query; hub-genealogy query --list shows them")
    chosen = queries.find(asked.positional[0])
    catalogue.warn_of_left_out(queries)
    return chosen, asked.positional[1:]
