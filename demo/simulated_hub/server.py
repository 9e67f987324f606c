"""The socket: HTTP/1.1 with kept connections on loopback, and a server that can stop listening and come back."""

import sys
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RDWR, socket
from socketserver import TCPServer
from typing import Any
from urllib.parse import urlsplit

from demo.simulated_hub.answers import Answer, as_json
from demo.simulated_hub.control import CONTROL, Control
from demo.simulated_hub.site import Site

LOOPBACK = "127.0.0.1"


class _Server(ThreadingHTTPServer):
    """A listening socket, and the connections it has accepted."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, site: Site, control: Control) -> None:
        super().__init__((LOOPBACK, port), _Handler, bind_and_activate=False)
        self.site, self.control = site, control
        self.open: set[socket] = set()
        self.server_bind()

    def server_bind(self) -> None:
        """Take the port, without the look-up of the host's name that the base class makes."""
        TCPServer.server_bind(self)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error of ours."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Door:
    """The port: open, or closed so that connections are refused while everything behind it stays as it is."""

    def __init__(self, port: int, site: Site) -> None:
        self._site, self._control = site, Control(site, self)
        self._server = _Server(port, site, self._control)
        self.port = int(self._server.server_address[1])
        self._lock = threading.Lock()
        self._is_open = False

    def open(self) -> None:
        """Listen."""
        with self._lock:
            if not self._is_open:
                self._server.server_activate()
                threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
                self._is_open = True

    def close(self, seconds: float | None = None) -> None:
        """Drop every connection and refuse new ones, for so long or until `open`."""
        with self._lock:
            if not self._is_open:
                return
            self._server.shutdown()
            self._server.server_close()
            for connection in list(self._server.open):
                hang_up(connection)
            self._server = _Server(self.port, self._site, self._control)  # bound, so that nobody takes it; deaf
            self._is_open = False
        if seconds is not None:
            timer = threading.Timer(seconds, self.open)
            timer.daemon = True
            timer.start()


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        """Be known as long as the connection is open."""
        super().setup()
        self.server.open.add(self.connection)

    def finish(self) -> None:
        """Be forgotten."""
        self.server.open.discard(self.connection)
        super().finish()

    def do_GET(self) -> None:
        """Answer a question to the Hub, or to the simulation."""
        url = urlsplit(self.path)
        if url.path.startswith(CONTROL):
            self._control(url.path, b"")
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        self._send(self.server.site.answer(url.path, url.query, headers))

    def do_POST(self) -> None:
        """Change something behind the scenes."""
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        path = urlsplit(self.path).path
        if path.startswith(CONTROL):
            self._control(path, body)
        else:
            self._send(as_json({"error": "the simulated Hub only reads"}, 405))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it
        """Keep quiet: the requests are in the log that tests read."""

    def _control(self, path: str, body: bytes) -> None:
        answer, afterwards = self.server.control.obey(path.removeprefix(CONTROL), body)
        self._send(answer)
        self.wfile.flush()
        afterwards()

    def _send(self, answer: Answer) -> None:
        time.sleep(answer.stall)
        if answer.drop == "before":
            self._hang_up()
            return
        payload = answer.payload()
        padding = 0 if answer.gzip else answer.padding
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(payload) + padding))
        if answer.gzip:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        if answer.drop == "middle":
            self.wfile.write(payload[: len(payload) // 2])
            self._hang_up()
            return
        for block in answer.blocks(payload, padding):
            self.wfile.write(block)
            if answer.bytes_per_second:
                self.wfile.flush()
                time.sleep(len(block) / answer.bytes_per_second)

    def _hang_up(self) -> None:
        self.close_connection = True
        self.wfile.flush()
        hang_up(self.connection)


def hang_up(connection: socket) -> None:
    """End a connection at once, whatever is under way on it."""
    with suppress(OSError):  # the other side was quicker
        connection.shutdown(SHUT_RDWR)
