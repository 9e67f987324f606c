"""`hub-genealogy forget`: a person's name taken out of everything that this program keeps."""

import logging
import sys

import click

from crawler import crawl as job
from crawler import ledger
from crawler.answers.names import from_address
from crawler.cli.options import print_summary
from crawler.errors import HubGenealogyError, UsageError
from crawler.forgetting.run import Changed, holds, unknown
from crawler.graph.connection import open_graph
from crawler.operations.status import existing_state
from crawler.readable import counted
from crawler.records.forgetting import NAME, is_stand_in
from crawler.settings import Settings
from crawler.snapshot.database import Limits
from crawler.state import holds_state, way_to_a_state

logger = logging.getLogger(__name__)

# So many repositories are named of those whose names still have the name in them.
_NAMED = 10


@click.command()
@click.argument("owner", metavar="OWNER")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def forget(settings: Settings, owner: str, yes: bool) -> None:
    """Replace the name of OWNER, a person, everywhere in the state folder and the graph; the lineage stays.

    A stand-in such as forgotten-mfrggzdfmztwq2lk takes the place of the name, and no crawl takes the name in again. It
    cannot be undone. docs/privacy.md says what it does and what it cannot do.
    """
    name = from_address(owner, settings["hub.endpoint"], "owner").strip()
    state = existing_state(settings)
    if state is None or not holds_state(settings.home):
        raise HubGenealogyError(f"there is no state in {settings.home}: {way_to_a_state(settings.home)}")
    if not NAME.fullmatch(name) or is_stand_in(name):
        raise HubGenealogyError(f"{name!r} is not what an owner on the Hub can be called: give the name alone")
    known, limits = ledger.read(settings.home), Limits.from_settings(settings)
    stand_in = known.token(name.lower())
    is_known = stand_in in known.tokens
    is_held = holds(state, name, limits)
    is_lost = state.forgets and not known.tokens  # the file that says who is forgotten
    if not is_held and not is_known and not is_lost:
        raise unknown(state, name)
    if not is_held and is_known and not ledger.is_unfinished(settings.home):
        print_summary(f"{name} is forgotten already, as {stand_in}; nothing had to be changed")
        return
    if not yes and not is_known:
        if not sys.stdin.isatty():
            raise UsageError("forget cannot be undone and there is no terminal to ask on: add --yes")
        click.confirm(f"Replace the name {name} everywhere in {state.home}, for good?", abort=True, err=True)
    changed = job.forget(settings, name)
    stand_in = ledger.read(settings.home).token(name.lower())
    _say(settings, name, stand_in, changed)


def _say(settings: Settings, name: str, stand_in: str, changed: Changed) -> None:
    with open_graph(settings) as graph:
        [models] = graph.read("MATCH (m:Model) WHERE toLower(m.owner) = $owner RETURN count(m) AS n", owner=stand_in)
        others = graph.read(
            "MATCH (m:Model) WHERE m.id_lower CONTAINS $name RETURN m.id AS id ORDER BY id", name=name.lower()
        )
    parts = (
        counted(models["n"], "model", "models"),
        counted(changed.files.change_sets, "change set", "change sets"),
        counted(changed.files.snapshots, "snapshot", "snapshots"),
        counted(changed.files.archives, "archive", "archives"),
        counted(changed.cases, "case", "cases"),
    )
    if others:
        shown = ", ".join(record["id"] for record in others[:_NAMED]) + (", …" if len(others) > _NAMED else "")
        logger.warning(
            "%s of other owners, with the name in their own: these are addresses and stay: %s",
            counted(len(others), "repository is", "repositories are"),
            shown,
        )
    if changed.left_in_database:
        logger.warning("%s", changed.left_in_database)
    logger.warning("reports, letters and exports that you wrote elsewhere, and backups, still hold the name")
    print_summary(f"{name} is forgotten, as {stand_in}: replaced in {', '.join(parts)}")
