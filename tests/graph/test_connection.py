"""Every error of the driver that reaches the command line is one line and an exit code that means something."""

import inspect
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from neo4j import exceptions
from neo4j.exceptions import DriverError, GqlError, Neo4jError

from crawler.errors import HubGenealogyError, TryLaterError, UsageError
from crawler.graph.connection import Connection, Graph, open_connection
from crawler.graph.state import check_readable
from crawler.settings import load
from tests.support.program import Program

# What passes without anybody doing something; the rest is failed.
PASSES = {
    "TransientError", "DatabaseUnavailable", "NotALeader", "ForbiddenOnReadOnlyDatabase", "SessionExpired",
    "ServiceUnavailable", "RoutingServiceUnavailable", "WriteServiceUnavailable", "ReadServiceUnavailable",
    "IncompleteCommit", "ConnectionPoolError", "ConnectionAcquisitionTimeoutError",
}  # fmt: skip
# The kinds that need more than a text to be made.
WITH_RESULT = (exceptions.ResultError, exceptions.SessionError, exceptions.TransactionError)
KINDS = [
    kind
    for _name, kind in inspect.getmembers(exceptions, inspect.isclass)
    if issubclass(kind, DriverError | Neo4jError)
]


def made(kind: type[GqlError]) -> GqlError:
    return kind(None, "said\nin two lines") if issubclass(kind, WITH_RESULT) else kind("said\nin two lines")


def from_server(code: str) -> Neo4jError:
    """The error that the driver makes of a server's answer."""
    error = Neo4jError._hydrate_neo4j(code=code, message="said\nin two lines")
    assert isinstance(error, Neo4jError)
    return error


def raised(graph: Connection, error: Exception) -> HubGenealogyError:
    with pytest.raises(HubGenealogyError) as caught, open_connection(graph):
        raise error
    assert "\n" not in str(caught.value)
    assert graph.uri in str(caught.value)
    return caught.value


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_of_the_driver_is_one_line_and_a_code(kind: type[GqlError], connection: Connection) -> None:
    assert raised(connection, made(kind)).exit_code == (75 if kind.__name__ in PASSES else 1)


@pytest.mark.parametrize(
    ("code", "exit_code", "part"),
    [
        ("Neo.ClientError.Security.Unauthorized", 1, "refuses the user 'neo4j' or its password"),
        ("Neo.ClientError.Security.AuthenticationRateLimit", 75, "wrong password too often"),
        ("Neo.ClientError.Security.CredentialsExpired", 1, "said in two lines"),
        ("Neo.ClientError.Security.Forbidden", 1, "said in two lines"),
        ("Neo.ClientError.Database.DatabaseNotFound", 1, "NEO4J_DATABASE"),
        ("Neo.TransientError.General.MemoryPoolOutOfMemoryError", 1, "too little memory"),
        ("Neo.TransientError.Transaction.DeadlockDetected", 75, "said in two lines"),
        ("Neo.TransientError.General.DatabaseUnavailable", 75, "said in two lines"),
        ("Neo.DatabaseError.General.UnknownError", 1, "said in two lines"),
        ("Neo.ClientError.Statement.SyntaxError", 1, "said in two lines"),
    ],
)
def test_what_the_server_answers_is_said_with_what_to_do(
    code: str, exit_code: int, part: str, connection: Connection
) -> None:
    error = raised(replace(connection, password_file=None), from_server(code))
    assert (error.exit_code, part in str(error)) == (exit_code, True), error


def test_a_local_server_that_ended_for_lack_of_memory_is_told_from_one_that_was_stopped(
    tmp_path: Path, connection: Connection
) -> None:
    log = tmp_path / "neo4j" / "logs" / "neo4j.out"
    log.parent.mkdir(parents=True)
    local = replace(connection, password_file=tmp_path / "neo4j" / "password")
    log.write_text("")
    assert "no Neo4j answers" in str(raised(local, exceptions.ServiceUnavailable("gone")))
    log.write_text("Terminating due to java.lang.OutOfMemoryError: Java heap space\n")
    error = raised(local, exceptions.ServiceUnavailable("gone"))
    assert ("neo4j.heap" in str(error), error.exit_code) == (True, 1)


@pytest.fixture
def stranger(opened_graph: Graph) -> Iterator[str]:
    """A user of the server: the one that the other tests sign in as must not be locked out."""
    with opened_graph.driver.session(database="system") as system:
        system.run("CREATE OR REPLACE USER stranger SET PASSWORD 'a right password' CHANGE NOT REQUIRED").consume()
        yield "stranger"
        system.run("DROP USER stranger").consume()


def test_each_wrong_password_in_a_row_is_one_line(connection: Connection, stranger: str, tmp_path: Path) -> None:
    """Whether the server locks the user after some of them, as one in Docker does, or not, as the local one."""
    wrong = Program(tmp_path, replace(connection, username=stranger, password="a wrong password"), {})
    results = [wrong.run("schema", "check") for _attempt in range(4)]
    assert [(result.code, len(result.messages)) for result in results[:3]] == [(1, 1)] * 3
    last = results[-1]
    assert (last.code, len(last.messages)) == (75 if "wrong password too often" in last.err else 1, 1)
    assert "NEO4J_PASSWORD" in last.messages[0]


def test_the_advice_about_the_password_of_a_local_server_names_the_file_and_no_command_that_erases(
    connection: Connection, stranger: str, tmp_path: Path
) -> None:
    wrong = replace(connection, username=stranger, password="a wrong password", password_file=tmp_path / "password")
    with pytest.raises(HubGenealogyError, match="refuses the password in") as refused, open_connection(wrong):
        pass
    assert str(tmp_path / "password") in str(refused.value)
    assert [word for word in ("reset", "rebuild", "erase") if word in str(refused.value)] == []


def test_the_drivers_own_words_are_in_the_details(connection: Connection, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG", logger="crawler"):
        raised(connection, exceptions.ResultConsumedError(None, "of a bug"))
    assert "ResultConsumedError: of a bug" in caplog.text


def test_what_is_no_error_of_the_driver_stays_as_it_is(connection: Connection) -> None:
    with pytest.raises(ZeroDivisionError), open_connection(connection):
        raise ZeroDivisionError
    with pytest.raises(TryLaterError, match="as it is"), open_connection(connection):
        raise TryLaterError("as it is")


@pytest.mark.parametrize("uri", ["http://127.0.0.1:7474", "https://127.0.0.1", "127.0.0.1:7687", "bolt:/127.0.0.1"])
def test_an_address_that_is_none_of_bolt_is_a_usage_error(uri: str) -> None:
    with pytest.raises(UsageError, match=r"neo4j.uri: .* is not an address such as bolt://127.0.0.1:7687"):
        load(environment={"NEO4J_URI": uri})


def test_a_server_that_does_not_answer_is_named_once_with_the_systems_reason(tmp_path: Path) -> None:
    away = Program(tmp_path, None, {"NEO4J_URI": "bolt://127.0.0.1:1"})
    result = away.run("graph", "hash")
    assert (result.code, result.messages) == (
        75,
        [
            "no Neo4j answers at bolt://127.0.0.1:1 (Connection refused): start it, or unset NEO4J_URI to use a local one"
        ],
    )


def test_an_empty_graph_names_rebuild_before_crawl(empty_graph: Connection) -> None:
    # After `db reset`, `crawl` refuses and `rebuild` is the way.
    with open_connection(empty_graph) as graph, pytest.raises(HubGenealogyError, match=r"rebuild.*crawl"):
        check_readable(graph)
