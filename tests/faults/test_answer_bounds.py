"""Whatever a server answers, one request takes bounded time and memory, and ends as an answer or as one line."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from crawler import settings
from crawler.hub.client import HubClient
from crawler.hub.transport import BrokenAnswerError, StatusError, Transport
from crawler.operations.hub_check import check_hub
from crawler.records.page import MOST_SIGNS, MOST_VALUES, PageError, UnreadableRecord, read_page
from demo.simulated_hub import SimulatedHub
from tests.support.clocks import FakeClock

Serve = Callable[[socket.socket], None]


@contextmanager
def server(serve: Serve) -> Iterator[str]:
    """A server that reads each request and lets `serve` answer on the bare connection."""

    def answer(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.recv(65536)
            serve(connection)

    def listen() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=answer, args=(listener.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=listen, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)


def answers(head: str, body: bytes = b"[]") -> Serve:
    """Answers 200 with these headers."""
    return lambda connection: connection.sendall(
        f"HTTP/1.1 200 OK\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
    )


def endless(start: bytes, more: bytes, pause: float = 0.0) -> Serve:
    def serve(connection: socket.socket) -> None:
        connection.sendall(start)
        while True:
            connection.sendall(more)
            time.sleep(pause)

    return serve


def transport(url: str, timeout: float = 2) -> Transport:
    return Transport(settings.load(environment={"HF_ENDPOINT": url}), at_most=timeout)


MANY = "9" * 5000


@pytest.mark.parametrize(
    "header",
    [
        f'RateLimit: "api";r={MANY};t=1',
        f'RateLimit: "api";r=1;t={MANY}',
        f'RateLimit: "api";r=0;t=1\r\nRateLimit-Policy: "fixed window";"api";q={MANY};w=300',
        'RateLimit: "api";r=0;t=1\r\nRateLimit-Policy: ' + "q=1" * 20_000,
        f"Retry-After: {MANY}",
        f"Date: {MANY}",
        f"Date: Mon, {MANY} Jan 2026 00:00:00 GMT",
        "Date: Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
        f"Date: Mon, 01 Jan 2026 00:00:00 +{MANY}",
        "Date: Mon, 01 Jan 2026 00:00:00 +99999999999999999999",
        f"Age: {MANY}",
        "Link: " + "<" * 50_000,
        "Link: " + ", <x>;" * 10_000,
    ],
    ids=lambda header: header[:40],
)
def test_headers_of_thousands_of_characters_do_no_harm(header: str) -> None:
    with server(answers(f"{header}\r\n")) as url:
        start = time.monotonic()
        received = transport(url).get(f"{url}/api/models")
        assert time.monotonic() - start < 2
    assert (received.status, received.body) == (200, b"[]")


def test_a_length_of_thousands_of_digits_is_a_broken_connection() -> None:
    with server(
        lambda connection: connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {MANY}\r\n\r\n[]".encode())
    ) as url:
        checks = list(check_hub(settings.load(environment={"HF_ENDPOINT": url})))
    assert [(check.name, check.verdict) for check in checks] == [("hub", "fail")]


@pytest.mark.parametrize(
    "serve",
    [
        pytest.param(endless(b"HTTP/1.1 200 OK\r\nX: ", b"x", 0.05), id="a header, byte by byte"),
        pytest.param(endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), id="interim answers without end"),
        pytest.param(
            endless(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n", b" ", 0.05), id="a body, byte by byte"
        ),
    ],
)
def test_an_answer_that_never_ends_is_ended(serve: Serve) -> None:
    with server(serve) as url:
        start = time.monotonic()
        with pytest.raises(BrokenAnswerError, match="not whole after 4 s"):
            transport(url, 0.8).get(f"{url}/api/models")
        assert time.monotonic() - start < 10


def test_a_request_after_one_that_was_ended_is_answered() -> None:
    with server(endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n")) as url, pytest.raises(BrokenAnswerError):
        transport(url, 0.5).get(f"{url}/api/models")
    with server(answers("")) as url:
        assert transport(url, 10).get(f"{url}/api/models").body == b"[]"


@pytest.mark.parametrize("status", ["500 Oops", "404 Gone", "429 Slow"])
def test_of_an_error_no_more_is_read_than_is_shown(status: str) -> None:
    chunk = b"10000\r\n" + b"{}," * 21845 + b" \r\n"
    serve = endless(f"HTTP/1.1 {status}\r\nTransfer-Encoding: chunked\r\n\r\n".encode(), chunk)
    with server(serve) as url, pytest.raises(StatusError) as caught:
        transport(url, 10).get(f"{url}/api/models")
    assert caught.value.reason == ""


def test_more_models_than_were_asked_for_are_a_broken_page(hub: SimulatedHub) -> None:
    clock = FakeClock()
    client = HubClient(settings.load(environment={"HF_ENDPOINT": hub.url}), clock.sleep, clock.monotonic)
    url = f"{hub.url}/api/models?limit=5"
    assert len(client.page(url, at_most=5).models) == 5
    with pytest.raises(Exception, match="more than 4 records, though no more were asked for"):
        client.page(url, at_most=4)


def test_doctor_says_where_the_hub_gives_more_than_was_asked_for() -> None:
    with server(answers("", b'[{"_id":"k","id":"a/b"}' + b',{"_id":"k","id":"a/b"}' * 10 + b"]")) as url:
        checks = {check.name: check for check in check_hub(settings.load(environment={"HF_ENDPOINT": url}))}
    assert checks["listing"].verdict == "fail"
    assert "more than 10 records, though no more were asked for" in checks["listing"].message


@pytest.mark.parametrize(
    "answer", [b'{"_id":"k","id":"a/b","x":' + b"[" * 10_000 + b"]" * 10_000 + b"}", b"[" * 100_000, b"{}," * 9]
)
def test_a_single_answer_that_is_no_repository_is_broken(answer: bytes) -> None:
    clock = FakeClock()
    with server(answers("", answer)) as url:
        client = HubClient(settings.load(environment={"HF_ENDPOINT": url}), clock.sleep, clock.monotonic)
        with pytest.raises(Exception, match="stays malformed"):
            client.detail("a/b")


@pytest.mark.parametrize("name", ["a/b" + "x" * 300, "john@example.com", "a b", "a\x1b"])
def test_a_single_answer_with_a_name_that_no_repository_has_is_broken(name: str) -> None:
    clock = FakeClock()
    body = f'{{"_id":"k","id":"{name}"}}'.replace("\x1b", "\\u001b").encode()
    with server(answers("", body)) as url:
        client = HubClient(settings.load(environment={"HF_ENDPOINT": url}), clock.sleep, clock.monotonic)
        with pytest.raises(Exception, match="stays malformed"):
            client.detail("a/b")


WITHIN = """
import resource, sys
from crawler.records.page import PageError, read_page
resource.setrlimit(resource.RLIMIT_AS, (1000 * 2**20,) * 2)
start, unit, end, size = (part.encode() for part in sys.argv[1:])
body = start + unit * (int(size) // len(unit)) + end
try:
    print(len(read_page(body, 1000)))
except PageError as error:
    print(error)
"""


def read_within_a_gigabyte(start: str, unit: str, end: str, size: int) -> tuple[str, str]:
    command = [sys.executable, "-c", WITHIN, start, unit, end, str(size)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    return done.stdout.strip(), done.stderr


@pytest.mark.parametrize("unit", ["{},", "[],", '{"a":{},"b":[0]},', '"ab",', "1000,", "[[[[0]]]],"])
def test_a_page_of_128_mib_of_records_takes_no_gigabyte(unit: str) -> None:
    said = "more than 1,000 records, though no more were asked for"
    assert read_within_a_gigabyte("[", unit, "1]", 128 * 2**20) == (said, "")


@pytest.mark.parametrize("unit", ["{},", "[],", '{"a":1},'])
def test_one_record_of_128_mib_of_structure_takes_no_gigabyte(unit: str) -> None:
    assert read_within_a_gigabyte('[{"x":[', unit, "1]}]", 128 * 2**20) == (f"more than {MOST_SIGNS:,} values", "")


def test_as_many_values_as_are_read_take_no_gigabyte() -> None:
    assert read_within_a_gigabyte('[{"x":[', '{"a":1},', "1]}]", 8 * (MOST_VALUES // 2 - 10)) == ("1", "")


def test_a_record_of_millions_of_values_costs_itself_only() -> None:
    big = b'{"_id":"big","x":[' + b"{}," * MOST_VALUES + b"1]}"
    read = read_page(b'[{"_id":"a"},' + big + b',{"_id":"b"}]', 3)
    assert (read[0], read[2]) == ({"_id": "a"}, {"_id": "b"})
    assert isinstance(read[1], UnreadableRecord)
    assert read[1].key == "big"


@pytest.mark.parametrize("end", ["]", ",undefined]"])
def test_a_page_of_as_many_records_as_were_asked_for_is_read(end: str) -> None:
    assert read_page(f"[{{}},{{}}{end}".encode(), 3)[:2] == [{}, {}]
    with pytest.raises(PageError, match="more than 1 records, though no more were asked for"):
        read_page(f"[{{}},{{}}{end}".encode(), 1)
