"""A Hub on loopback that serves pages of ready-made records as fast as a socket takes them, for benchmarks at full size.

`demo.simulated_hub` keeps every model as an object and can change it between two pages; that costs more than the crawler
itself. This one only knows the records of one night, in a file, and answers:

- `GET /api/models`: by `sort=createdAt` (oldest first) or `sort=lastModified` (newest first), `limit` up to 1000, and a cursor.
  It sends whole records, whatever `expand` asks for.
- `GET /api/datasets`: the same of data sets.
- `GET /api/models/{id}?blobs=true`: the record with two weight files. Every tenth model holds those of the ninth one before it.
- `GET /api/models/{id}` and `GET /api/datasets/{id}`: 401, as the Hub answers for what is deleted. Only names that no listing
  holds are asked for.
- `GET /{id}/resolve/main/README.md`: a redirect to a card of 4 kB. Every third one names a parent as Transformers' Trainer does.

    with PageHub(folder) as hub:
        write_night(folder, grown)
        hub.url
    hub.asked  # how much of each window was used, and which cards were asked for
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from array import array
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from pathlib import Path
from socketserver import TCPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

from benchmarks.grown import GrownHub
from crawler.hub.client import CARD
from crawler.hub.rates import CACHED_FILES, bucket_of
from demo.simulated_hub.quota import UNLIMITED, Quota

LOOPBACK = "127.0.0.1"
PAGE = 1000
# The rest of a card.
FILLER = "What the model was trained for, and how well it does. Nothing here names another model.\n" * 46
SORTS = ("createdAt", "lastModified")
LISTINGS = ("/api/models", "/api/datasets")


def write_night(folder: Path, hub: GrownHub) -> None:
    """Write what the Hub lists on its present night; a PageHub of this folder serves it from then on."""
    for kind, growing in (("models", hub), ("datasets", hub.datasets)):
        _write(folder / f"{kind}-createdAt", growing.records())
        _write(folder / f"{kind}-lastModified", growing.last_changed())


def _write(path: Path, records: Iterable[bytes]) -> None:
    """The records one after another with a comma behind each, and where each begins."""
    starts = array("Q", [0])
    with path.with_suffix(".new").open("wb") as file:
        records = iter(records)
        while some := list(islice(records, PAGE)):
            for record in some:
                starts.append(starts[-1] + len(record) + 1)
            file.write(b",".join(some) + b",")
    with path.with_suffix(".starts").open("wb") as file:
        starts.tofile(file)
    path.with_suffix(".new").replace(path.with_suffix(".records"))


class _Order:
    """The records in one order, as their file has them now."""

    def __init__(self, path: Path) -> None:
        self.file = os.open(path.with_suffix(".records"), os.O_RDONLY)
        self.starts = array("Q", path.with_suffix(".starts").read_bytes())

    def __len__(self) -> int:
        return len(self.starts) - 1

    def record(self, place: int) -> dict[str, Any]:
        """The record at this place."""
        begin, end = self.starts[place], self.starts[place + 1]
        found: dict[str, Any] = json.loads(os.pread(self.file, end - begin - 1, begin))
        return found


@dataclass
class Asked:
    """What was asked for: `windows`: how many requests were let through in each window, by bucket; `cards` and `files`: the
    name of a model for each time that its card or its files were asked for.
    """

    windows: dict[str, list[int]] = field(default_factory=dict)
    refused: int = 0
    cards: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, folder: Path, quota: Quota, latency: float) -> None:
        self.latency = latency
        super().__init__((LOOPBACK, 0), _Handler, bind_and_activate=False)
        self.asked, self.began = Asked(), time.monotonic()
        self.folder, self.quota, self.lock = folder, quota, threading.Lock()
        self.orders: dict[str, _Order] = {}
        TCPServer.server_bind(self)  # without the look-up of the host's name that HTTPServer makes
        self.server_activate()

    def order(self, kind: str, sort: str) -> _Order:
        """The records of models or of data sets in this order, opened when they are first asked for."""
        name = f"{kind}-{sort}"
        with self.lock:
            if name not in self.orders:
                self.orders[name] = _Order(self.folder / name)
            return self.orders[name]

    def record(self, number: int) -> dict[str, Any]:
        """The record of the model of this number; of the next one where it was deleted."""
        order = self.order("models", "createdAt")
        return order.record(
            bisect_left(range(len(order)), number, key=lambda place: _number(order.record(place)["id"]))
        )

    def take(self, bucket: str, *, with_token: bool) -> tuple[bool, dict[str, str]]:
        """Count one request against the quota."""
        with self.lock:
            allowed, limits = self.quota.take(bucket, with_token=with_token)
            if not allowed:
                self.asked.refused += 1
                return allowed, limits
            windows = self.asked.windows.setdefault(bucket, [])
            window = int((time.monotonic() - self.began) // self.quota.window)
            windows += [0] * (window + 1 - len(windows))
            windows[window] += 1
            return allowed, limits

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error of ours."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 0
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        bucket = bucket_of(url.path)
        allowed, limits = self.server.take(bucket, with_token="Authorization" in self.headers)
        time.sleep(self.server.latency)
        if not allowed:
            self._say(429, {"error": "too many requests"}, limits)
        elif url.path.startswith(CACHED_FILES):
            self._card(limits)
        elif url.path.endswith(CARD):
            name = url.path.removesuffix(CARD).removeprefix("/")
            with self.server.lock:
                self.server.asked.cards.append(name)
            self._head(307, 0, limits | {"Location": f"{CACHED_FILES}{name}/README.md"})
        elif url.path in LISTINGS:
            self._page(url.path, url.query, limits)
        elif url.query == "blobs=true":
            self._files(url.path.removeprefix("/api/models/"), limits)
        elif url.path.startswith(tuple(f"{listing}/" for listing in LISTINGS)):
            self._say(401, {"error": "Invalid username or password."}, limits)
        else:
            self._say(404, {"error": "not found"}, limits)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class names it
        """Keep quiet."""

    def _page(self, path: str, query: str, limits: dict[str, str]) -> None:
        asked = parse_qs(query)
        sort = asked.get("sort", ["createdAt"])[0]
        if sort not in SORTS:
            self._say(400, {"error": f"sort is one of {', '.join(SORTS)}"}, limits)
            return
        order = self.server.order(path.rpartition("/")[2], sort)
        first = int(asked.get("cursor", ["0"])[0])
        last = min(first + min(int(asked.get("limit", [str(PAGE)])[0]), PAGE), len(order))
        headers = dict(limits)
        if last < len(order):
            more = urlencode(asked | {"cursor": [str(last)]}, doseq=True)
            headers["Link"] = f'<http://{self.headers["Host"]}{path}?{more}>; rel="next"'
        begin, end = order.starts[first], order.starts[last]
        size = max(end - begin - 1, 0)  # without the comma behind the last record
        self._head(200, size + 2, headers)
        self.connection.sendall(b"[")
        sent = 0
        while sent < size:
            sent += os.sendfile(self.connection.fileno(), order.file, begin + sent, size - sent)
        self.connection.sendall(b"]")

    def _card(self, limits: dict[str, str]) -> None:
        number = _number(self.path)
        text = FILLER
        if number % 3 == 0:
            parent = self.server.record(number // 2)["id"]
            link = f"[{parent}](https://huggingface.co/{parent})"
            text = f"This model is a fine-tuned version of {link} on an unknown dataset.\n\n{FILLER}"
        self._head(200, len(text), limits)
        self.connection.sendall(text.encode())

    def _files(self, name: str, limits: dict[str, str]) -> None:
        with self.server.lock:
            self.server.asked.files.append(name)
        number = _number(name)
        first = number - 9 if number % 10 == 9 else number  # who holds the same
        files = []
        for part in ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"):
            lfs = {
                "sha256": hashlib.sha256(f"{first} {part}".encode()).hexdigest(),
                "size": 1 << 30,
                "pointerSize": 135,
            }
            files.append({"rfilename": part, "size": 1 << 30, "blobId": "0" * 40, "lfs": lfs})
        self._say(200, self.server.record(number) | {"siblings": files}, limits)

    def _say(self, status: int, what: dict[str, Any], limits: dict[str, str]) -> None:
        body = json.dumps(what).encode()
        self._head(status, len(body), limits)
        self.connection.sendall(body)

    def _head(self, status: int, length: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(length))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()


def _number(path: str) -> int:
    """The number of the model that a name or the path of a request names."""
    return int(path.partition("/model-")[2].partition("/")[0].partition("-")[0])


class PageHub:
    """The server as a process of its own, which ends with its `with` block."""

    def __init__(
        self,
        folder: Path,
        *,
        quota: int = UNLIMITED,
        resolvers: int = UNLIMITED,
        window: float = 300,
        latency: float = 0,
    ) -> None:
        self._command = [
            sys.executable,
            "-m",
            "benchmarks.page_hub",
            str(folder),
            f"--quota={quota}",
            f"--resolvers={resolvers}",
            f"--window={window}",
            f"--latency={latency}",
        ]
        self._process: subprocess.Popen[str] | None = None
        self.url = ""
        self.asked = Asked()

    def __enter__(self) -> Self:
        root = Path(__file__).parent.parent
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root
        )
        assert self._process.stdout is not None  # noqa: S101  # a pipe was asked for
        self.url = self._process.stdout.readline().strip()
        if not self.url:
            raise RuntimeError("the Hub of the benchmark did not start: what it said is above")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            with self._process as process:
                said, _ = process.communicate()  # closes its input, which ends it
                self.asked = Asked(**json.loads(said))


def main() -> None:
    """Serve until the standard input ends."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    options.add_argument("folder", type=Path)
    options.add_argument("--quota", type=int, default=UNLIMITED, help="requests in a window")
    options.add_argument("--resolvers", type=int, default=UNLIMITED, help="requests for files in a window")
    options.add_argument("--window", type=float, default=300, help="seconds")
    options.add_argument("--latency", type=float, default=0, help="seconds before each answer")
    given = options.parse_args()
    quota = Quota(anonymous=given.quota, token=given.quota, resolvers=given.resolvers, window=given.window)
    server = _Server(given.folder, quota, given.latency)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"http://{LOOPBACK}:{server.server_address[1]}", flush=True)
    sys.stdin.read()
    print(json.dumps(asdict(server.asked)), flush=True)


if __name__ == "__main__":
    main()
