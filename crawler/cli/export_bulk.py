"""`hub-genealogy export bulk`: the whole graph as CSV for `neo4j-admin database import`, without a database."""

import logging
from pathlib import Path

import click

from crawler.changes.diff import check_order
from crawler.cli.options import new_folder
from crawler.errors import HubGenealogyError
from crawler.files import create
from crawler.graph.bulk import check_room, rows_of
from crawler.graph.import_files import write_files
from crawler.operations.status import existing_state
from crawler.readable import counted
from crawler.settings import Settings
from crawler.snapshot.database import Limits
from crawler.state import way_to_a_state

logger = logging.getLogger(__name__)

# neo4j-admin reads its arguments from a file whose name follows an @.
ARGUMENTS = "arguments.txt"


@click.command("bulk")
@click.option("--to", "folder", type=click.Path(path_type=Path), metavar="FOLDER", default="hub-genealogy.bulk",
              show_default=True, help="The folder, which must not exist yet.")  # fmt: skip
@click.pass_obj
def bulk_command(settings: Settings, folder: Path) -> None:
    """The whole graph as CSV for `neo4j-admin database import`, made from the change sets of the state folder."""
    state = existing_state(settings)
    crawls = state.crawls(state.changes) if state else []
    if state is None or not crawls:
        raise HubGenealogyError(f"there are no change sets in {settings.home}: {way_to_a_state(settings.home)}")
    check_order(state)
    rows = rows_of(state)
    with new_folder(folder) as built:
        check_room(folder.absolute().parent, rows)
        files = write_files(built, state.changes, crawls, state.id, Limits.from_settings(settings))
        with create(built / ARGUMENTS, 0o666) as out:
            out.write("".join(f"{argument}\n" for argument in files.arguments_with("")))
    logger.info(
        "%s: %s, as of crawl %s; in that folder: neo4j-admin database import full neo4j @%s, then hub-genealogy load",
        folder, counted(rows, "row", "rows"), crawls[-1], ARGUMENTS,
    )  # fmt: skip
