"""What several commands share."""

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, TextIO

import click

from crawler import streams
from crawler.answers import parameters
from crawler.answers.formats import WRITERS
from crawler.errors import HubGenealogyError, OutputLostError, ReaderGoneError, UsageError
from crawler.files import is_there, replacing
from crawler.settings import Settings

logger = logging.getLogger(__name__)

format_option = click.option(
    "--format",
    "output_format",
    type=click.Choice(list(WRITERS)),
    default="table",
    show_default=True,
    help="How to print the answer.",
)


def moment_option(as_of: str | None) -> str | None:
    """The value of --as-of as queries take it; UsageError where it is neither a day nor a time."""
    try:
        return parameters.moment(as_of) if as_of else None
    except ValueError as error:
        raise UsageError(f"--as-of takes {error}, not {as_of!r}") from None


def kept_snapshots(settings: Settings) -> dict[str, Path]:
    """Crawl → its snapshot, oldest first; HubGenealogyError where there is none. Makes no state folder."""
    from crawler.operations.status import existing_state  # noqa: PLC0415  # most commands with a format need no state
    from crawler.state import way_to_a_state  # noqa: PLC0415  # as above

    state = existing_state(settings)
    if state is not None and (crawls := state.crawls(state.snapshots)):
        return {crawl: state.snapshots / crawl for crawl in crawls}
    raise HubGenealogyError(f"there is no snapshot in {settings.home}: {way_to_a_state(settings.home)}")


def print_summary(text: str) -> None:
    """Print the summary of work that is done: a stdout that takes no more does not make a failure of that work."""
    try:
        print(text, flush=True)
    except OutputLostError as error:
        streams.discard_output()
        if not isinstance(error, ReaderGoneError):
            logger.warning("%s", error)


@contextmanager
def output(file: Path | None) -> Iterator[TextIO]:
    """stdout, or a file that is written whole or not at all."""
    if file is None:
        yield sys.stdout
        return
    try:
        with replacing(file, mode=0o600) as written:
            out = TextIOWrapper(written, encoding="utf-8", newline="\n")
            yield out
            out.detach()
    except OSError as error:
        raise HubGenealogyError(f"{file} cannot be written: {error.strerror or error}") from None


def with_options(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A decorator: the command with these arguments and options, the first one first in its help."""

    def decorated(command: Any) -> Any:
        for decorate in reversed(options):
            command = decorate(command)
        return command

    return decorated


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """The place of a folder to make, which becomes `folder` when the block succeeds; other things may lie beside it.

    It is in a folder of our own: whatever else is there stays, and a failure leaves nothing.
    """
    if is_there(folder):
        raise HubGenealogyError(f"{folder} exists already: give another folder with --to, or remove it")
    try:
        with TemporaryDirectory(dir=folder.absolute().parent) as temporary:
            built = Path(temporary) / "built"
            yield built
            built.rename(folder)
    except OSError as error:
        raise HubGenealogyError(f"{folder} cannot be written: {error.strerror or error}") from None


def write_whole(file: Path, write: Callable[[BinaryIO], int]) -> int:
    """Let `write` write a file of bytes, whole or not at all; - is stdout. Returns what `write` does."""
    if str(file) == "-":
        return write(sys.stdout.buffer)
    try:
        with replacing(file) as out:
            return write(out)
    except OSError as error:
        raise HubGenealogyError(f"{file} cannot be written: {error.strerror or error}") from None
