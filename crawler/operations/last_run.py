"""How the last run of `crawl`, `load`, `rebuild` or `forget` ended: `run.json` in the state folder.

Whoever holds its lock writes it, when a run begins and when it ends. A run without an end is at work, or was killed.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import msgspec

from crawler.errors import HubGenealogyError, InterruptedRunError
from crawler.files import DamagedFileError, is_there, read_json, write_json
from crawler.manifests import Moment

logger = logging.getLogger(__name__)

FILE = "run.json"


@dataclass(frozen=True, kw_only=True)
class LastRun:
    """One run; `reason` is what ended it where it failed, or what a safety check refused."""

    command: str
    started_at: Moment
    ended_at: Moment | None = None
    exit_code: int | None = None
    reason: str | None = None


class Ending:
    """How the run at work will have ended: with 0 and without a reason, unless somebody says otherwise."""

    exit_code = 0
    reason: str | None = None


@contextmanager
def noted(home: Path, command: str, clock: Callable[[], datetime]) -> Iterator[Ending]:
    """Note in the state folder that `command` runs, and how it ended. Entered by the one who holds the lock."""
    run = LastRun(command=command, started_at=clock())
    _write(home, run)
    ending = Ending()
    try:
        yield ending
    except BaseException as error:
        ours = isinstance(error, HubGenealogyError | InterruptedRunError)
        reason = str(error) if ours else f"{type(error).__name__}: {error}"
        _write(home, replace(run, ended_at=clock(), exit_code=exit_code_of(error), reason=" ".join(reason.split())))
        raise
    _write(home, replace(run, ended_at=clock(), exit_code=ending.exit_code, reason=ending.reason))


def exit_code_of(error: BaseException) -> int:
    """The exit code of a run that `error` ends."""
    return 130 if isinstance(error, KeyboardInterrupt) else int(getattr(error, "exit_code", 1))


def last_run(home: Path) -> LastRun | None:
    """The last run on this state folder; None where none was noted. HubGenealogyError where the note cannot be read."""
    file = home / FILE
    if not is_there(file):
        return None
    try:
        return msgspec.convert(read_json(file), LastRun)
    except (DamagedFileError, msgspec.ValidationError):
        raise HubGenealogyError(
            f"{file} is damaged and does not say how the last run ended: delete it; the next run writes it again"
        ) from None


def _write(home: Path, run: LastRun) -> None:
    """A note that cannot be written fails no run: what else cannot be written will say so."""
    try:
        write_json(home / FILE, msgspec.to_builtins(run))
    except OSError as error:
        logger.warning("the end of this run cannot be written to %s: %s", home / FILE, error.strerror or error)
