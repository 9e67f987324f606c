"""The pages, and parts of pages, that `make reference` makes from the program and its queries."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import click

from crawler.answers import library
from crawler.answers.library import Column, Parameter, SavedQuery
from crawler.changes.crawl_node import CRAWL
from crawler.changes.tables import STATUS_LABELS, TABLES
from crawler.cli import cli
from crawler.graph import mirror
from crawler.records.words import CERTAINTIES, CLASSES, OTHER_CLASSES, RELATIONS, STATUSES
from crawler.resources import shipped
from crawler.settings import SETTINGS
from crawler.snapshot import columns as data
from tests.support import modules, query_tables

REPOSITORY = Path(__file__).resolve().parents[2]
DOCS = REPOSITORY / "docs"
WIDTH = 100
NOTE = "<!-- Made by `make reference`: change the program, then run it. -->\n"


def commands() -> str:
    """docs/commands.md: the help of every command."""
    parts = [
        "# Commands\n",
        NOTE,
        "What `hub-genealogy COMMAND --help` prints. `python -m crawler` is the same program.\n",
        "stdout is data, stderr is logs. Logs are text; `crawl` writes one JSON object a line where stderr is no terminal.\n",
    ]
    for path, text in _helps(cli, _context(cli, "hub-genealogy")):
        parts.append(f"## {path}\n\n```text\n{text.rstrip()}\n```\n")
    return "\n".join(parts)


def _helps(command: click.Command, context: click.Context) -> Iterator[tuple[str, str]]:
    yield context.command_path, command.get_help(context)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            member = command.get_command(context, name)
            if member is not None:
                yield from _helps(member, _context(member, name, context))


def _context(command: click.Command, name: str, parent: click.Context | None = None) -> click.Context:
    return click.Context(command, parent, name, **{**command.context_settings, "terminal_width": WIDTH})


def settings() -> str:
    """docs/settings.md: every setting."""
    parts = [
        "# Settings\n",
        NOTE,
        "A setting is read from the settings file, overridden by the environment, overridden by `--set NAME=VALUE`. An unknown",
        "setting or unreadable value is an error, exit code 2. The settings file is the one that `--config` names, else",
        "`hub-genealogy.yml` in the working folder, else `hub-genealogy.yml` in the state folder. `doctor` names the one that is",
        "used.\n",
        "```yaml\nsweep:\n  max_vanished_share: 0.05\nneo4j:\n  heap: 2g\n```\n",
        "A file that `--config` does not name must belong to you or to root, and no other user may be able to write it or its",
        "folder. Otherwise, for example in `/tmp`, every command ends with exit code 2 and says why. The program does not pass",
        "over such a file, because you may rely on its settings. If you trust the file, name it with `--config`.\n",
        "Keep secrets in the environment: values given with `--set` are visible in process lists. The token goes to another",
        "address than `https://huggingface.co` only if token and address are set in the same place: both in the environment, or",
        "both in one file. Otherwise a warning says that it is not sent. A password is not sent to a `neo4j.uri` that stands in",
        "a file which `--config` does not name, unless the password stands there too.\n",
        "| setting | environment variable | default | meaning |\n|---|---|---|---|",
    ]
    rows = []
    for setting in SETTINGS:
        variables = " or ".join(f"`{name}`" for name in (setting.alias, setting.variable) if name)
        default = "" if setting.default is None else f"`{setting.default}`"
        rows.append(f"| `{setting.name}` | {variables} | {default} | {setting.meaning.replace('|', chr(92) + '|')} |")
    return "\n".join(parts) + "\n" + "\n".join(rows) + "\n"


def queries() -> str:
    """queries/README.md: every saved query, as its header tells it."""
    found = library.load(shipped("queries"))
    parts = [
        "# The saved queries\n",
        NOTE.replace("the program", "a query's header"),
        f"{len(found)} questions that this graph can answer, by topic. [docs/queries.md](../docs/queries.md) says how to ask",
        "them, what the parameters mean that many of them share, and how to add your own;",
        "[docs/browser.md](../docs/browser.md) how to use them in Neo4j Browser. The budget is the time that the whole answer",
        "may take on the full Hub, 3.1 million models.\n",
        "| query | answers | needs | budget |\n|---|---|---|---:|",
        *(
            f"| [{query.name}](#{query.name}) | {_cell(query.title)} | {needs} | {query.budget:g} s |"
            for query in found.values()
            for needs in [", ".join(f"`{one.name}`" for one in query.parameters if one.required)]
        ),
    ]
    for topic, members in found.by_topic().items():
        parts.append(f"\n## {topic}/")
        parts += [_query(query) for query in members]
    return "\n".join(parts) + "\n"


def _query(query: SavedQuery) -> str:
    parts = [
        f"\n### {query.name}\n",
        f"**{query.title}.** [{query.topic}/{query.name}.cypher]({query.topic}/{query.name}.cypher)\n",
        query.prose,
        f"\nNo row: {query.empty}.\n",
    ]
    if query.parameters:
        parts += ["| parameter | type | default | meaning |\n|---|---|---|---|", *map(_parameter, query.parameters), ""]
    return "\n".join([*parts, "| column | type | meaning |\n|---|---|---|", *map(_column, query.columns)])


def _parameter(one: Parameter) -> str:
    default = "required" if one.required else f"`{json.dumps(one.default, ensure_ascii=False)}`"
    return f"| `{one.name}` | {one.type.replace('<', '&lt;')} | {default} | {_cell(one.meaning)} |"


def _column(one: Column) -> str:
    return f"| `{one.name}` | {one.type.replace('<', '&lt;')} | {_cell(one.meaning)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def data_model() -> str:
    """docs/data-model.md: every label, relationship type and property."""
    parts = [
        "# The data model\n",
        NOTE,
        "What the graph holds: every label, every relationship type and every property. A property is absent where it is not",
        "known, and never an empty text. Times are UTC. [docs/lineage.md](lineage.md) says how links are found. `read from`",
        "names the fields of the Hub's listing; a property without them is decided by the crawl.\n",
    ]
    nodes = {table.element: table for table in TABLES if table.ends is None}
    for table in nodes.values():
        keys = " and ".join(f"`{key}`" for key in table.keys)
        parts.append(f"## {table.element}\n\n{_sentence(table.meaning)} Its key is {keys}.\n")
        if table.join:
            parts.append(f"`(:{table.element})-[:{table.join.type}]->(:Model)`: {table.join.meaning}.\n")
        if table.shows_status:
            labels = " and ".join(f"`{label}` where it is {status}" for status, label in STATUS_LABELS.items())
            parts.append(f"Its `status` is a second label too, which Neo4j Browser can colour: {labels}.\n")
        parts.append(_properties(table.properties))
    for table in TABLES:
        if table.ends:
            start, end = table.ends
            parts.append(f"## {table.element}\n\n`(:{start})-[:{table.element}]->(:{end})`: {table.meaning}.\n")
            if table.properties:
                parts.append(_properties(table.properties))
    start, end = mirror.ENDS
    parts.append(
        f"## {mirror.LABEL}\n\nThe mirror of a case in [the register](cases.md#in-the-graph), made by crawls, `rebuild` and "
        "the commands of `case`. It is no part of `graph dump` and `graph hash`. Its key is `id`.\n"
    )
    parts.append(_properties(mirror.CASE))
    parts.append(f"## {mirror.TYPE}\n\n`(:{start})-[:{mirror.TYPE}]->(:{end})`: a model that the case concerns.\n")
    parts.append(_properties(mirror.CONCERNS))
    parts.append(
        "## Crawl\n\nA crawl, and what the graph stands at. The numbers of the newest one describe the graph.\n"
    )
    parts.append(_properties(CRAWL))
    parts.append(
        "Two more labels are the program's own: `SchemaMigration` (the schema files that were applied) and `Lease` (who writes)."
    )
    return "\n".join(parts) + "\n"


def _properties(columns: Iterable[data.Column]) -> str:
    rows = [
        f"| `{one.property_name}` | {_neo4j_type(one.type)} | {fields} | {_cell(one.meaning)} |\n"
        for one in columns
        for fields in [", ".join(f"`{name}`" for name in one.fields)]
    ]
    return "".join(["| property | type | read from | meaning |\n|---|---|---|---|\n", *rows])


def _neo4j_type(kind: str) -> str:
    names = {"VARCHAR": "string", "BIGINT": "integer", "BOOLEAN": "boolean", "TIMESTAMP": "datetime", "DATE": "date"}
    return f"list&lt;{names[kind[:-2]]}&gt;" if kind.endswith("[]") else names[kind]


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def words() -> str:
    """docs/words.md: the names of relations, statuses, classes and certainties."""
    parts = [
        "# The words of the answers\n",
        NOTE,
        "Answers name kinds of links, statuses, kinds of dependence and degrees of certainty. None of them is a probability.\n",
        "## Relations: the kinds of links\n",
        "A link leads from a child to its parent. Its `relation` is `copy` where their weight files are identical. Else it",
        "is what the Hub says, else what the author says, else what the child's files show; [lineage.md](lineage.md) has the",
        "rules.\n",
        _meanings("relation", RELATIONS),
        "## Statuses: what crawls know of a model\n",
        _meanings("status", STATUSES),
        "## Classes: how a descendant depends on a model's weights\n",
        "Strongest first. A path is as strong as its weakest step, and a descendant is rated by its strongest path.\n",
        _meanings("class", CLASSES),
        "Some rows rate no descendant; in the column `class` of these stands:\n",
        _meanings("class", OTHER_CLASSES),
        "## Certainties: how sure a link is\n",
        "Strongest first. A path is as sure as its least sure link. [lineage.md](lineage.md) says which sources give which",
        "evidence, and how often each rule that infers links is right.\n",
        _meanings("certainty", CERTAINTIES),
    ]
    return "\n".join(parts)


def _meanings(heading: str, meanings: Mapping[str, str]) -> str:
    rows = [f"| `{word}` | {_cell(meaning)} |\n" for word, meaning in meanings.items()]
    return "".join([f"| {heading} | meaning |\n|---|---|\n", *rows])


PAGES = {
    "docs/commands.md": commands,
    "docs/settings.md": settings,
    "docs/data-model.md": data_model,
    "docs/words.md": words,
    "docs/query-tables.md": query_tables.page,
    "queries/README.md": queries,
    modules.PAGE: modules.contributing,
}


def main(folder: Path = REPOSITORY) -> None:
    """Write the pages into `folder`."""
    for name, page in PAGES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
