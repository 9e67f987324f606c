"""What Cypher and web pages cannot do through the local server, and what docker compose sets like it."""

import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from unittest import mock

import neo4j
import pytest
import yaml
from neo4j.exceptions import AuthError, ClientError

from crawler.local.configuration import BROWSER_POLICY, CONFIGURATION
from crawler.local.server import LocalServer
from tests.support.neo4j_for_tests import lock_for_tests

COMPOSE = Path(__file__).parents[2] / "docker-compose.yml"


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServer]:
    local = LocalServer(tmp_path_factory.mktemp("home"), heap="512m", page_cache="64m", lock=lock_for_tests())
    with mock.patch.multiple("crawler.local.server", BOLT_PORT=27687, HTTP_PORT=27474):  # others test the usual ones
        local.start()
    yield local
    local.stop()


@pytest.fixture
def driver(local: LocalServer) -> Iterator[neo4j.Driver]:
    connection = local.start()
    with neo4j.GraphDatabase.driver(connection.uri, auth=(connection.username, connection.password)) as driver:
        yield driver


class _Web(ThreadingHTTPServer):
    """A web server that serves a table to whoever asks, and remembers who did."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        super().__init__(("127.0.0.1", 0), _Table)


class _Table(BaseHTTPRequestHandler):
    server: _Web

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"a,b\n")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def web() -> Iterator[_Web]:
    with _Web() as web:
        thread = threading.Thread(target=web.serve_forever)
        thread.start()
        yield web
        web.shutdown()
        thread.join()


@pytest.mark.parametrize("clause", ["LOAD CSV", "LO\\u0041D CSV"])
@pytest.mark.parametrize("name", ["/table.csv", "/etc/hostname", "/../conf/neo4j.conf"])
def test_cypher_reads_no_file(local: LocalServer, driver: neo4j.Driver, clause: str, name: str) -> None:
    (local.folder / "import").mkdir(exist_ok=True)
    (local.folder / "import" / "table.csv").write_text("a,b\n")
    with pytest.raises(ClientError, match=r"allow_csv_import_from_file_urls' is false"):
        driver.execute_query(f"{clause} FROM 'file://{name}' AS row RETURN row")


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1", "http://localhost", "http://0", "http://[::ffff:127.0.0.1]", "ftp://127.0.0.1"]
)
def test_cypher_asks_no_address(driver: neo4j.Driver, web: _Web, address: str) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{web.server_port}/seen"):
        pass
    with pytest.raises(
        ClientError, match=r"blocked via the configuration property internal\.dbms\.cypher_ip_blocklist"
    ):
        driver.execute_query(f"LOAD CSV FROM '{address}:{web.server_port}/unseen' AS row RETURN row")
    assert web.asked == ["/seen"]


def test_the_servers_own_procedures_stay(driver: neo4j.Driver) -> None:
    assert driver.execute_query("CALL dbms.components() YIELD name RETURN count(name) > 0 AS some").records[0]["some"]


def test_pages_of_other_origins_may_not_read_the_answers(local: LocalServer) -> None:
    browser = local.status().browser
    asked = urllib.request.Request(f"{browser}/", headers={"Origin": "http://other.example"})  # noqa: S310 - loopback
    with urllib.request.urlopen(asked) as answer:  # noqa: S310 - loopback
        assert answer.headers.get_all("Access-Control-Allow-Origin") == [browser]


def test_wrong_passwords_of_others_do_not_lock_the_owner_out(local: LocalServer) -> None:
    uri, user = local.start().uri, local.start().username
    for _ in range(5):
        with (
            neo4j.GraphDatabase.driver(uri, auth=(user, "a wrong password")) as stranger,
            pytest.raises(AuthError, match="unauthorized"),
        ):
            stranger.execute_query("RETURN 1")
    with neo4j.GraphDatabase.driver(uri, auth=(user, local.start().password)) as owner:
        owner.verify_connectivity()


def test_docker_compose_closes_the_same_doors_but_keeps_the_limit_of_wrong_passwords() -> None:
    environment = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]["neo4j"]["environment"]
    compose = {
        name.removeprefix("NEO4J_").replace("__", "\0").replace("_", ".").replace("\0", "_"): value
        for name, value in environment.items()
    }
    text = CONFIGURATION.format(host="127.0.0.1", bolt=7687, http=7474, heap="", page_cache="", policy=BROWSER_POLICY)
    settings = dict(line.split("=", 1) for line in text.splitlines() if not line.startswith("#"))
    closed = {name: value for name, value in settings.items() if "security" in name or name.startswith("internal.")}
    assert closed.pop("dbms.security.auth_max_failed_attempts") == "0"
    assert closed.items() <= compose.items()
    assert "dbms.security.auth_max_failed_attempts" not in compose
