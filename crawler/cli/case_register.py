"""What the commands of `case` share: the register that they open, and the graph that shows what they change."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from crawler.cases import register
from crawler.cases.follow import Follower
from crawler.cases.register import Acting, Register
from crawler.errors import HubGenealogyError
from crawler.graph.connection import open_connection
from crawler.graph.state import standing
from crawler.operations.status import connection_as_it_is, existing_state
from crawler.settings import Settings

logger = logging.getLogger(__name__)


def acting_now() -> Acting:
    """Whoever runs this command, now."""
    return register.acting(datetime.now(UTC))


@contextmanager
def opened(settings: Settings, acting: Acting, number: int) -> Iterator[Register]:
    """The register, for a command about one of its cases; HubGenealogyError where there is no register."""
    with register.opened(settings.home, acting) as cases:
        if cases is None:
            raise HubGenealogyError(
                f"there is no case {number}: {settings.home} has no register; `case open` begins one"
            )
        yield cases


@contextmanager
def changing(settings: Settings, acting: Acting, number: int) -> Iterator[Register]:
    """The same for a command that changes the case: afterwards, the graph shows it."""
    with opened(settings, acting, number) as cases:
        yield cases
    show_in_graph(settings, acting, number)


def show_in_graph(settings: Settings, acting: Acting, number: int) -> None:
    """Let the graph show a case as it is now, where its server runs. While a run loads the graph, that run does it at its end."""
    try:
        state = existing_state(settings)
        connection = connection_as_it_is(settings) if state else None
        if state is None or connection is None:
            return
        with open_connection(connection) as graph:
            now = standing(graph)
            if now.at is not None and now.loading is None and now.state_id == state.id:
                Follower(graph, settings.home, acting).mirror_one(number)
    except HubGenealogyError as error:
        logger.warning("the graph does not show case %d as it is (%s); the next crawl makes up for it", number, error)
