"""The local Neo4j: a real server on this machine, without Docker; one for each state folder.

`HOME/neo4j/` holds `data`, `logs`, `conf`, the file `password` (mode 600) and `run` (ports and process number, Java's
argument file, the lock). The server is a program of its own: it is started detached and stays when this process ends.
It listens on the loopback interface only.

The password is sent to nobody but that process: before each sign-in, it must be the one that was started here, and it
must be what listens on the port (`processes`).
"""

import json
import logging
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec
import neo4j
from neo4j.exceptions import AuthError, DriverError, Neo4jError, ServiceUnavailable
from psutil import Process

from crawler import private
from crawler.connection import Connection, wrong_password
from crawler.errors import GraphUnreachableError, HubGenealogyError
from crawler.local import jars, java, processes, runtime, side
from crawler.local.configuration import BROWSER_POLICY, CONFIGURATION, HOST
from crawler.local.memory import Memory
from crawler.local.ports import PORTS_TRIED, free_port, is_free
from crawler.local.processes import Run
from crawler.settings import Settings

log = logging.getLogger(__name__)

USERNAME = "neo4j"
BOLT_PORT, HTTP_PORT = 7687, 7474
STARTS_TRIED = 5  # each on other ports, where another program took one of them
START_SECONDS = 120.0
STOP_SECONDS = 120.0
SERVICE_SECONDS = 120.0  # until systemd starts a server anew that was stopped
ROOM = 100_000_000  # bytes: on a fuller disk the server comes up, but its database does not


@dataclass(frozen=True)
class Status:
    """What `db status` tells. Addresses are told while the server listens there: afterwards, anybody else may."""

    uri: str | None
    username: str
    password_file: str
    browser: str | None
    running: bool
    version: str
    home: str


class _PortTakenError(Exception):
    """Another program took a port of the server while it started."""


class LocalServer:
    """The Neo4j of the state folder `home`."""

    def __init__(
        self,
        home: Path,
        *,
        heap: str | None = None,
        page_cache: str | None = None,
        named_java: Path | None = None,
        lock: jars.Lock | None = None,
    ) -> None:
        self.home = home.resolve()
        self.lock = lock or jars.read_lock()
        self.named_java = named_java
        self.folder = self.home / "neo4j"
        self.memory = Memory(self.folder, heap, page_cache)
        self.password_file = self.folder / "password"
        self.log_file = self.folder / "logs" / "neo4j.out"  # what Java says itself
        self._log = self.folder / "logs" / "neo4j.log"  # what Neo4j says
        self._run_folder = self.folder / "run"
        self._run_file = self._run_folder / "server.json"
        self._arguments = self._run_folder / "server.arguments"
        self._temporary = self.folder / "tmp"  # Java's own

    @classmethod
    def from_settings(cls, settings: Settings) -> "LocalServer":
        """The local server of the state folder that is set, with the memory and the Java that are set."""
        return cls(
            settings.home,
            heap=settings["neo4j.heap"],
            page_cache=settings["neo4j.page_cache"],
            named_java=settings["neo4j.java"],
        )

    def start(self) -> Connection:
        """Make sure that the server runs and answers.

        Raises HubGenealogyError, with the line of the log that matters, when it does not come up.
        """
        with self._locked():
            run = self._last_run()
            if run is not None and self._process(run) is not None:
                with suppress(_PortTakenError):  # by another program, while a start before this one was killed
                    return self._answering(run)
            files = jars.ensure_jars(self.lock)
            held = "another Neo4j of this user has been starting for minutes: try again later"
            # Two servers of one user would choose the same free ports.
            with private.locked(jars.cache() / "starting", START_SECONDS + STOP_SECONDS, held):
                return self._start(files, run)

    def connection(self) -> Connection | None:
        """How to sign in to the server, which is not touched; None where it does not listen."""
        run = self._last_run()
        found = self._listening(run) if run is not None else None
        return None if run is None or found is None else self._connection(run, found)

    def process(self) -> Process | None:
        """The running server, which is not touched."""
        run = self._last_run()
        return self._process(run) if run is not None else None

    def stop(self) -> bool:
        """Stop the server; says whether there was one to stop."""
        if not self.folder.exists():
            return False
        with self._locked():
            return self._stop()

    def status(self) -> Status:
        """Where the server is and whether it runs, without touching it."""
        run = self._last_run()
        found = self._listening(run) if run is not None else None
        here = run if found is not None else None
        browser = here is not None and found is not None and processes.listens(found, here.http)
        return Status(
            uri=f"bolt://{HOST}:{here.bolt}" if here else None,
            username=USERNAME,
            password_file=str(self.password_file),
            browser=f"http://{HOST}:{here.http}" if here and browser else None,
            running=here is not None,
            version=here.version if here else self.lock.version,
            home=str(self.home),
        )

    def reset(self) -> None:
        """Stop the server and erase its graph, logs included; the password stays."""
        with self._locked():
            self._stop()
            side.discard(self.folder)
            side.erase(self.folder, self.folder / "data", self.folder / "logs")

    def admin(self, *arguments: str) -> str:
        """Run neo4j-admin with `arguments` on the stopped server; returns what it printed."""
        with self._locked():
            run = self._last_run()
            if run is not None and self._process(run) is not None:
                raise HubGenealogyError(f"the local Neo4j in {self.home} must be stopped first: hub-genealogy db stop")
            return self._admin(*arguments)

    def begin_import(self) -> Path:
        """Make a folder for an import beside the graph. It is the home of a Neo4j of its own."""
        with self._locked():
            return side.begin(self.folder)

    def import_graph(self, place: Path, arguments: list[str]) -> None:
        """Import files into the folder of `begin_import`. The server may run meanwhile; its next start serves the new graph."""
        environment = {"NEO4J_HOME": str(place), "NEO4J_CONF": str(place / "conf")}
        main, options = side.command(self.memory.set_page_cache, arguments), side.options(self.memory.set_heap, place)
        self._admin(*main, file=place / side.ARGUMENTS, options=options, environment=environment)
        with self._locked():
            side.finish(place)

    def discard_import(self) -> None:
        """Erase what an import left that no start of the server has put in place."""
        with self._locked():
            side.discard(self.folder)

    def restart(self) -> Connection:
        """Stop the server, and wait until it answers anew: where a service of systemd runs it, until that starts it."""
        with self._locked():
            found = self.process()
            service = None if found is None else side.service_of(found.pid)
            self._stop()
        deadline = time.monotonic() + (SERVICE_SECONDS if service else 0)
        while time.monotonic() < deadline and self.connection() is None:
            time.sleep(0.5)
        return self.start()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            private.make_folder(self.home)
            private.check_closed(self.home)
            for folder in (self.folder, self._run_folder, self.folder / "conf", self.folder / "logs", self._temporary):
                private.own_folder(folder)
            held = f"another process is starting or stopping the Neo4j in {self.home}: try again later"
            with private.locked(self._run_folder / "lock", START_SECONDS + STOP_SECONDS, held):
                yield
        except OSError as error:
            where = f": {error.filename}" if error.filename else ""
            way_out = "; run this as the owner of that folder" if isinstance(error, PermissionError) else ""
            raise HubGenealogyError(
                f"the local Neo4j in {self.home}: {error.strerror or error}{where}{way_out}"
            ) from None

    def _last_run(self) -> Run | None:
        try:
            return msgspec.json.decode(self._run_file.read_bytes(), type=Run)
        except PermissionError:
            raise HubGenealogyError(
                f"{self._run_file} cannot be read, so it is not known whether the local Neo4j runs: ask as its owner"
            ) from None
        except (OSError, msgspec.MsgspecError, ValueError):
            return None

    def _remember(self, run: Run) -> None:
        java.write_private(self._run_file, json.dumps(vars(run)))

    def _process(self, run: Run) -> Process | None:
        """The process of the last start, if it runs: one of this user, or for root one of the state folder's owner."""
        owner = os.geteuid() or self.home.stat().st_uid
        for folder in (self.folder, self._run_folder):
            private.check_own(folder, owner)
        return processes.find(run, self._arguments, owner)

    def _listening(self, run: Run) -> Process | None:
        """The process of the last start, if it is what listens on the port for the password."""
        found = self._process(run)
        return found if found is not None and processes.listens(found, run.bolt) else None

    def _start(self, files: list[Path], last: Run | None) -> Connection:
        if shutil.disk_usage(self.folder).free < ROOM:
            raise HubGenealogyError(f"the disk of {self.folder} is full: Neo4j needs {ROOM / 1e6:.0f} MB to start")
        log.info("starting Neo4j %s in %s", self.lock.version, self.home)
        begun = time.monotonic()
        bolt, http = (last.bolt, last.http) if last else (BOLT_PORT, HTTP_PORT)
        for _ in range(STARTS_TRIED):
            run = self._launch(files, free_port(bolt, BOLT_PORT), free_port(http, HTTP_PORT))
            try:
                connection = self._answering(run)
            except _PortTakenError:
                log.info("another program took port %d or %d while Neo4j started: trying others", run.bolt, run.http)
                further = secrets.randbelow(PORTS_TRIED)  # others who start at this moment choose differently
                bolt, http = BOLT_PORT + further, HTTP_PORT + further
            else:
                log.info(
                    "Neo4j answers at %s after %.0f s; Browser: http://%s:%d; it stays until `hub-genealogy db stop`",
                    connection.uri,
                    time.monotonic() - begun,
                    HOST,
                    run.http,
                )
                return connection
        raise HubGenealogyError(
            f"each time that Neo4j started, another program took one of its ports ({STARTS_TRIED} times, at last {run.bolt} "
            f"and {run.http} on {HOST}): find out which program it is, or set NEO4J_URI to a server of yours"
        )

    def _launch(self, files: list[Path], bolt: int, http: int) -> Run:
        executable = runtime.executable(self.named_java)
        side.take_place(self.folder)
        run = Run(bolt, http, self.lock.version, str(executable.resolve()))
        self._configure(run)
        self._set_password()
        main = [self.lock.main, f"--home-dir={self.folder}", f"--config-dir={self.folder}/conf"]
        java.write_arguments(self._arguments, files, self._options(), main)
        self._remember(run)
        shutil.rmtree(self._temporary)  # what a server that was killed left there
        private.make_folder(self._temporary)
        java.write_private(self.log_file, "")
        run = processes.noted(run, java.start(executable, self._arguments, self.log_file, self._environment()))
        self._remember(run)
        return run

    def _options(self) -> list[str]:
        return [f"-Xmx{self.memory.heap}", f"-Djava.io.tmpdir={self._temporary}"]

    def _stop(self) -> bool:
        found = self.process()
        if found is None:
            return False
        java.stop(found, STOP_SECONDS)
        return True

    def _configure(self, run: Run) -> None:
        text = CONFIGURATION.format(
            host=HOST,
            bolt=run.bolt,
            http=run.http,
            heap=self.memory.heap,
            page_cache=self.memory.page_cache,
            policy=BROWSER_POLICY,
        )
        java.write_private(self.folder / "conf" / "neo4j.conf", text)

    def _environment(self) -> dict[str, str]:
        return {"NEO4J_HOME": str(self.folder), "NEO4J_CONF": str(self.folder / "conf")}

    def _admin(
        self,
        *arguments: str,
        file: Path | None = None,
        options: list[str] | None = None,
        environment: dict[str, str] | None = None,
    ) -> str:
        argument_file = file or self._run_folder / f"admin-{secrets.token_hex(4)}.arguments"
        files, environment = jars.ensure_jars(self.lock), environment or self._environment()
        java.write_arguments(argument_file, files, options or self._options(), ["org.neo4j.cli.AdminTool", *arguments])
        try:
            done = java.run(runtime.executable(self.named_java), argument_file, environment)
        finally:
            argument_file.unlink(missing_ok=True)
        if done.returncode != 0:
            reason = java.telling_line(done.stderr + "\n" + done.stdout) or f"exit code {done.returncode}"
            raise HubGenealogyError(f"neo4j-admin {' '.join(arguments[:2])} failed: {reason}")
        return done.stdout

    def _set_password(self) -> None:
        """Before the first start of an empty folder: give the user its password."""
        if (self.folder / "data" / "databases" / "system").exists():
            self._password()
            return
        if not self.password_file.exists():
            java.write_private(self.password_file, secrets.token_urlsafe(24) + "\n")
        (self.folder / "data" / "dbms" / "auth.ini").unlink(missing_ok=True)  # of a start that was killed
        self._admin("dbms", "set-initial-password", "--", self._password())  # which may begin with a dash

    def _password(self) -> str:
        try:
            return self.password_file.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            raise HubGenealogyError(
                f"{self.password_file} is gone: restore it, or write the password of this server into a new one; docs/neo4j.md "
                "says how to find it"
            ) from None
        except OSError as error:
            raise HubGenealogyError(f"{self.password_file} cannot be read: {error.strerror or error}") from None

    def _connection(self, run: Run, listening: Process) -> Connection:
        """How to sign in to the process that was found listening."""
        known = listening  # before a driver connects

        def check() -> None:  # after it has connected
            nonlocal known
            last = self._last_run()
            now = self._listening(last) if last is not None and last.bolt == run.bolt else None
            if now is None:
                raise ServiceUnavailable(f"the local Neo4j does not listen on port {run.bolt} any more")
            if now != known:
                known = now  # this connection may have been taken by another program in between; the next one is not
                raise ServiceUnavailable("the local Neo4j was started anew")

        uri = f"bolt://{HOST}:{run.bolt}"
        return Connection(uri, USERNAME, self._password(), password_file=self.password_file, check=check)

    def _answering(self, run: Run) -> Connection:
        """Wait until the server listens and Bolt answers."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            listening = self._listening(run)
            if listening is not None and processes.listens(listening, run.http):
                connection = self._connection(run, listening)
                if self._answers(connection):
                    return connection
            if self._process(run) is None:
                words = self._last_words()
                if "already in use" in words or not (is_free(run.bolt) and is_free(run.http)):
                    raise _PortTakenError
                raise HubGenealogyError(
                    f"the local Neo4j ended while it started: {words} (logs: {self.log_file.parent})",
                )
            if time.monotonic() > deadline:
                raise GraphUnreachableError(
                    f"the local Neo4j did not answer within {START_SECONDS:.0f} s: {self._last_words()} "
                    f"(logs: {self.log_file.parent})",
                )
            time.sleep(0.2)

    def _last_words(self) -> str:
        """What the server said before it ended: to the console when Java failed, else to its log."""
        files = [file for file in (self._log, self.log_file) if file.exists()]
        texts = [file.read_text(encoding="utf-8", errors="replace") for file in files]
        return java.telling_line("\n".join(text.rpartition(" Starting...\n")[2] for text in texts)) or "it left no word"

    def _answers(self, connection: Connection) -> bool:
        try:
            with (
                neo4j.GraphDatabase.driver(connection.uri, auth=connection.auth, connection_timeout=5) as driver,
                driver.session(database=connection.database) as session,
            ):
                session.run("RETURN 1").consume()  # one attempt; `verify_connectivity` is content without a database
        except AuthError:
            raise HubGenealogyError(wrong_password("the local Neo4j", self.password_file)) from None
        except (OSError, DriverError, Neo4jError):
            return False
        return True
