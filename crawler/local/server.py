"""The local Neo4j: a real server on this machine, without Docker; one for each state folder.

`HOME/neo4j/` holds `data`, `logs`, `conf`, the file `password` (mode 600) and `run` (ports and process number, Java's
argument file, the lock). The server is a program of its own: it is started detached and stays when this process ends.
It listens on the loopback interface only.
"""

import json
import logging
import os
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import neo4j
from filelock import FileLock, Timeout
from neo4j.exceptions import AuthError, DriverError, Neo4jError
from psutil import Process

from crawler.connection import Connection
from crawler.errors import GraphUnreachableError, HubGenealogyError, LockHeldError
from crawler.local import jars, java, runtime
from crawler.settings import Settings

log = logging.getLogger(__name__)

HOST = "127.0.0.1"
USERNAME = "neo4j"
BOLT_PORT, HTTP_PORT = 7687, 7474
PORTS_TRIED = 500
# One for all of a user's state folders and caches.
_STARTING = Path(tempfile.gettempdir()) / f"hub-genealogy-starting-{os.getuid()}.lock"
START_SECONDS = 120.0
STOP_SECONDS = 120.0
ROOM = 100_000_000  # bytes: on a fuller disk the server comes up, but its database does not

CONFIGURATION = """\
# Written anew at every start of this server by hub-genealogy; changes made here are lost.
server.default_listen_address={host}
server.default_advertised_address={host}
server.bolt.listen_address={host}:{bolt}
server.bolt.advertised_address={host}:{bolt}
server.http.listen_address={host}:{http}
server.http.advertised_address={host}:{http}
server.https.enabled=false
server.memory.heap.max_size={heap}
server.memory.pagecache.size={page_cache}
db.tx_log.preallocate=false
dbms.usage_report.enabled=false
client.allow_telemetry=false
dbms.security.http_static_content_security_policy_header={policy}
dbms.security.http_access_control_allow_origin=http://{host}:{http}
# Cypher reads no file and asks no address (LOAD CSV); no procedure of a plugin is loaded, as none is called "none".
dbms.security.allow_csv_import_from_file_urls=false
internal.dbms.cypher_ip_blocklist=0.0.0.0/0,::/0
dbms.security.procedures.allowlist=none
# Nobody guesses a password of 24 random bytes. With a limit, three wrong ones of any local user stop the nightly crawl.
dbms.security.auth_max_failed_attempts=0
"""
# What the pages of Neo4j Browser may reach: this machine. As it comes, Browser loads fonts and scripts from others.
_LOOPBACK = " ".join(
    f"{scheme}://{host}:*" for scheme in ("ws", "wss", "http", "https") for host in (HOST, "localhost")
)
BROWSER_POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
    f"connect-src 'self' {_LOOPBACK}; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True)
class Status:
    """What `db status` tells; without a uri, the server was never started."""

    uri: str | None
    username: str
    password_file: str
    browser: str | None
    running: bool
    version: str
    home: str


@dataclass(frozen=True)
class Run:
    """What is remembered of the last start."""

    bolt: int
    http: int
    version: str
    pid: int | None = None


class LocalServer:
    """The Neo4j of the state folder `home`."""

    def __init__(
        self,
        home: Path,
        *,
        heap: str = "1g",
        page_cache: str = "512m",
        named_java: Path | None = None,
        lock: jars.Lock | None = None,
    ) -> None:
        self.home = home.resolve()
        self.lock = lock or jars.read_lock()
        self.heap = heap
        self.page_cache = page_cache
        self.named_java = named_java
        self.folder = self.home / "neo4j"
        self.password_file = self.folder / "password"
        self.log_file = self.folder / "logs" / "neo4j.out"  # what Java says itself
        self._log = self.folder / "logs" / "neo4j.log"  # what Neo4j says
        self._run_folder = self.folder / "run"
        self._run_file = self._run_folder / "server.json"
        self._arguments = self._run_folder / "server.arguments"

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
            if run is not None and self._runs(run):
                return self._answering(run)
            files = jars.ensure_jars(self.lock)
            with FileLock(_STARTING):  # two servers would choose the same free ports
                return self._start(files, run)

    def connection(self) -> Connection | None:
        """How to sign in to the server, which is not touched; None where it does not run."""
        run = self._last_run()
        return self._connection(run) if run is not None and self._runs(run) else None

    def process(self) -> Process | None:
        """The running server, which is not touched."""
        run = self._last_run()
        return java.find(self._arguments, run.pid) if run is not None else None

    def stop(self) -> bool:
        """Stop the server; says whether there was one to stop."""
        with self._locked():
            return self._stop()

    def status(self) -> Status:
        """Where the server is and whether it runs, without touching it."""
        run = self._last_run()
        running = run is not None and self._runs(run)
        return Status(
            uri=f"bolt://{HOST}:{run.bolt}" if run else None,
            username=USERNAME,
            password_file=str(self.password_file),
            browser=f"http://{HOST}:{run.http}" if run else None,
            running=running,
            version=run.version if run and running else self.lock.version,
            home=str(self.home),
        )

    def reset(self) -> None:
        """Stop the server and erase its graph, logs included; the password stays."""
        with self._locked():
            self._stop()
            for name in ("data", "logs"):
                if (self.folder / name).exists():  # a rename happens at once, or not at all
                    (self.folder / name).rename(self.folder / f"erased-{secrets.token_hex(4)}")
            for erased in self.folder.glob("erased-*"):
                shutil.rmtree(erased)

    def admin(self, *arguments: str) -> str:
        """Run neo4j-admin with `arguments` on the stopped server; returns what it printed."""
        with self._locked():
            run = self._last_run()
            if run is not None and self._runs(run):
                raise HubGenealogyError(f"the local Neo4j in {self.home} must be stopped first: hub-genealogy db stop")
            return self._admin(*arguments)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for name in ("run", "conf"):
                (self.folder / name).mkdir(exist_ok=True)
            with FileLock(self._run_folder / "lock", timeout=START_SECONDS + STOP_SECONDS):
                yield
        except Timeout:
            raise LockHeldError(f"another process is starting or stopping the Neo4j in {self.home}") from None
        except OSError as error:
            where = f": {error.filename}" if error.filename else ""
            way_out = "; run this as the owner of that folder" if isinstance(error, PermissionError) else ""
            raise HubGenealogyError(
                f"the local Neo4j in {self.home}: {error.strerror or error}{where}{way_out}"
            ) from None

    def _last_run(self) -> Run | None:
        try:
            return Run(**json.loads(self._run_file.read_text(encoding="utf-8")))
        except PermissionError:
            raise HubGenealogyError(
                f"{self._run_file} cannot be read, so it is not known whether the local Neo4j runs: ask as its owner"
            ) from None
        except (OSError, ValueError, TypeError):
            return None

    def _remember(self, run: Run) -> None:
        java.write_private(self._run_file, json.dumps(vars(run)))

    def _runs(self, run: Run) -> bool:
        return java.find(self._arguments, run.pid) is not None

    def _start(self, files: list[Path], last: Run | None) -> Connection:
        if shutil.disk_usage(self.folder).free < ROOM:
            raise HubGenealogyError(f"the disk of {self.folder} is full: Neo4j needs {ROOM / 1e6:.0f} MB to start")
        executable = runtime.executable(self.named_java)
        bolt = free_port(last.bolt if last else BOLT_PORT, BOLT_PORT)
        run = Run(bolt, free_port(last.http if last else HTTP_PORT, HTTP_PORT), self.lock.version)
        (self.folder / "logs").mkdir(exist_ok=True)
        self._configure(run)
        self._set_password()
        main = [self.lock.main, f"--home-dir={self.folder}", f"--config-dir={self.folder}/conf"]
        java.write_arguments(self._arguments, files, [f"-Xmx{self.heap}"], main)
        log.info("starting Neo4j %s in %s", self.lock.version, self.home)
        self._remember(run)
        started = time.monotonic()
        self.log_file.write_bytes(b"")
        pid = java.start(executable, self._arguments, self.log_file, self._environment())
        run = Run(run.bolt, run.http, run.version, pid)
        self._remember(run)
        connection = self._answering(run)
        log.info(
            "Neo4j answers at %s after %.0f s; Browser: http://%s:%d; it stays until `hub-genealogy db stop`",
            connection.uri,
            time.monotonic() - started,
            HOST,
            run.http,
        )
        return connection

    def _stop(self) -> bool:
        process = self.process()
        if process is None:
            return False
        java.stop(process, STOP_SECONDS)
        return True

    def _configure(self, run: Run) -> None:
        text = CONFIGURATION.format(
            host=HOST,
            bolt=run.bolt,
            http=run.http,
            heap=self.heap,
            page_cache=self.page_cache,
            policy=BROWSER_POLICY,
        )
        (self.folder / "conf" / "neo4j.conf").write_text(text, encoding="utf-8")

    def _environment(self) -> dict[str, str]:
        return {"NEO4J_HOME": str(self.folder), "NEO4J_CONF": str(self.folder / "conf")}

    def _admin(self, *arguments: str) -> str:
        argument_file = self._run_folder / f"admin-{secrets.token_hex(4)}.arguments"
        files = jars.ensure_jars(self.lock)
        java.write_arguments(argument_file, files, [f"-Xmx{self.heap}"], ["org.neo4j.cli.AdminTool", *arguments])
        try:
            done = subprocess.run(
                java.command(runtime.executable(self.named_java), argument_file),
                env=java.environment(self._environment()),
                cwd=self.folder,
                check=False,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                encoding="utf-8",
                errors="replace",
            )
        finally:
            argument_file.unlink()
        if done.returncode != 0:
            reason = telling_line(done.stderr + "\n" + done.stdout) or f"exit code {done.returncode}"
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
                f"{self.password_file} is gone: restore it, or make the graph anew with hub-genealogy db reset and then "
                "hub-genealogy rebuild",
            ) from None
        except OSError as error:
            raise HubGenealogyError(f"{self.password_file} cannot be read: {error.strerror or error}") from None

    def _connection(self, run: Run) -> Connection:
        return Connection(f"bolt://{HOST}:{run.bolt}", USERNAME, self._password(), password_file=self.password_file)

    def _answering(self, run: Run) -> Connection:
        """Wait until Bolt answers."""
        connection = self._connection(run)
        deadline = time.monotonic() + START_SECONDS
        while not self._answers(connection):
            if not self._runs(run):
                raise HubGenealogyError(
                    f"the local Neo4j ended while it started: {self._last_words()} (logs: {self.log_file.parent})",
                )
            if time.monotonic() > deadline:
                raise GraphUnreachableError(
                    f"the local Neo4j did not answer within {START_SECONDS:.0f} s: {self._last_words()} "
                    f"(logs: {self.log_file.parent})",
                )
            time.sleep(0.2)
        return connection

    def _last_words(self) -> str:
        """What the server said before it ended: to the console when Java failed, else to its log."""
        files = [file for file in (self._log, self.log_file) if file.exists()]
        texts = [file.read_text(encoding="utf-8", errors="replace") for file in files]
        return telling_line("\n".join(text.rpartition(" Starting...\n")[2] for text in texts)) or "it left no word"

    def _answers(self, connection: Connection) -> bool:
        try:
            auth = (connection.username, connection.password)
            with (
                neo4j.GraphDatabase.driver(connection.uri, auth=auth, connection_timeout=5) as driver,
                driver.session(database=connection.database) as session,
            ):
                session.run("RETURN 1").consume()  # one attempt; `verify_connectivity` is content without a database
        except AuthError:
            raise HubGenealogyError(
                f"the local Neo4j refuses the password in {self.password_file}: put the right one there, or make the graph "
                "anew with hub-genealogy db reset and then hub-genealogy rebuild",
            ) from None
        except (OSError, DriverError, Neo4jError):
            return False
        return True


def free_port(preferred: int, first: int) -> int:
    """`preferred` if it is free on the loopback interface, else the first free port from `first` on."""
    for port in chain([preferred], range(first, first + PORTS_TRIED)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what the server does, too
            try:
                probe.bind((HOST, port))
                probe.listen()
            except OSError:
                continue
            return port
    raise HubGenealogyError(f"no free port for Neo4j: {first} to {first + PORTS_TRIED - 1} are taken on {HOST}")


def telling_line(text: str) -> str:
    """The one line of a log that says why a Java program ended: its innermost cause, else its last error."""
    lines = [" ".join(line.split()) for line in text.splitlines()]
    lines = [line for line in lines if line and not re.match(r"at \S+\(|\.\.\. \d+ more$|Run with '--verbose'", line)]
    causes = [line.removeprefix("Caused by: ") for line in lines if line.startswith("Caused by: ")]
    errors = [line for line in lines if re.search(r"ERROR|[Ee]rror|Exception|[Ff]ailed", line)]
    return next(reversed(causes or errors or lines), "")[:500]
