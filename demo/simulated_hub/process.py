"""The simulated Hub as a test holds it: a process that starts, obeys, remembers, and ends with the test."""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from demo.simulated_hub.quota import UNLIMITED

Record = Mapping[str, Any]
_PACKAGE = Path(__file__).parent
_PATIENCE = 300


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request that the Hub received."""

    number: int
    path: str
    query: str
    headers: dict[str, str]  # lower-cased names; of the token only its presence is kept
    with_token: bool
    time: float  # seconds since 1970, when it came in
    status: int | None  # None: the connection was dropped without an answer
    faults: tuple[str, ...]  # the kinds of faults that struck it
    page_ids: tuple[str, ...]  # the `_id`s of the page, faults aside


class Repositories:
    """One listing of a running Hub: its models, or its data sets."""

    port: int

    def __init__(self, of: str, port: int) -> None:
        self._of = of
        self.port = port

    def replace_listing(self, listing: Iterable[Record] | Path | str) -> int:
        """Other repositories in place of all; how many there are."""
        return int(self._order("listing", of=self._of, **_source("records", listing))["repositories"])

    def apply(self, changes: Iterable[Record] | Path | str, *, after: int = 0) -> int:
        """Apply changes in order, as in the replay files or as the methods below make them; how many there were.

        They happen at once, or right after the `after`-th listing request from now has been answered.
        """
        return int(self._order("changes", of=self._of, after=after, **_source("changes", changes))["changes"])

    def create(self, record: Record, *, after: int = 0) -> None:
        """A new model, or another record for the `_id`."""
        self.apply([{"op": "create", "record": record}], after=after)

    def update(self, model: str, fields: Record, *, after: int = 0) -> None:
        """Set fields of a model (None takes one away); give `lastModified` too if it is to change."""
        self.apply([{"op": "update", "_id": model, "fields": fields}], after=after)

    def rename(self, model: str, to: str, *, keep_old_tags: bool = False, after: int = 0) -> None:
        """Keep the `_id`, redirect the old name, and give the new one to the tags and baseModels of the children."""
        self.apply([{"op": "rename", "_id": model, "to": to, "keep_old_tags": keep_old_tags}], after=after)

    def redirect(self, name: str, to: str, *, after: int = 0) -> None:
        """Let a name that no model bears lead to another, as legacy names do."""
        self.apply([{"op": "redirect", "from": name, "to": to}], after=after)

    def delete(self, model: str, *, after: int = 0) -> None:
        """Take a model away; names that lead to it then lead nowhere."""
        self.apply([{"op": "delete", "_id": model}], after=after)

    def gate(self, model: str, gated: str = "auto", *, after: int = 0) -> None:
        """Gate a model: auto or manual."""
        self.apply([{"op": "gate", "_id": model, "gated": gated}], after=after)

    def disable(self, model: str, *, after: int = 0) -> None:
        """Disable a model."""
        self.apply([{"op": "disable", "_id": model}], after=after)

    def hide(self, model: str, *, after: int = 0) -> None:
        """Leave a model out of the listing, though its detail call still answers: a hole in the sweep."""
        self.apply([{"op": "hide", "_id": model}], after=after)

    def show(self, model: str, *, after: int = 0) -> None:
        """List a hidden model again."""
        self.apply([{"op": "show", "_id": model}], after=after)

    def requests(self) -> list[Request]:
        """Every request since the start or `forget_requests`, in the order of arrival."""
        return [
            Request(**asked | {"faults": tuple(asked["faults"]), "page_ids": tuple(asked["page_ids"])})
            for asked in self._order("log")
        ]

    def listing_requests(self) -> list[Request]:
        """The requests for a page of the listing."""
        return [request for request in self.requests() if request.path == f"/api/{self._of}"]

    def detail_requests(self) -> list[Request]:
        """The requests for one repository."""
        return [request for request in self.requests() if request.path.startswith(f"/api/{self._of}/")]

    def records(self) -> list[dict[str, Any]]:
        """What a whole walk should find now, in the order of `_id`."""
        return list(self._order("records", of=self._of))

    def record(self, model: str) -> dict[str, Any] | None:
        """One repository, hidden and private ones included."""
        found: dict[str, Any] | None = self._order("records", of=self._of, name=model)
        return found

    def _order(self, order: str, **options: Any) -> Any:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=_PATIENCE)
        try:
            connection.request("POST", f"/_control/{order}", json.dumps(options))
            response = connection.getresponse()
            answer = json.loads(response.read())
        finally:
            connection.close()
        if response.status != 200:
            raise ValueError(answer["error"])
        return answer


class SimulatedHub(Repositories):
    """A Hub of its own process; `listing` are its models: a list of records, or a JSON Lines file, compressed or not.

    `datasets` are its data sets, with the same methods.
    """

    def __init__(
        self,
        listing: Iterable[Record] | Path | str = (),
        *,
        port: int = 0,
        quota: int = UNLIMITED,
        token_quota: int | None = None,
        window: float = 300,
        host: str = "",
        datasets: Iterable[Record] | Path | str = (),
        cards: Path | None = None,
        owners: Path | None = None,
        files: Path | None = None,
    ) -> None:
        super().__init__("models", port)
        self._datasets = datasets if isinstance(datasets, Path | str) else list(datasets)
        self._listing = Path(listing) if isinstance(listing, Path | str) else list(listing)
        self._options = [f"--quota={quota}", f"--window={window}", f"--host={host}"]
        if token_quota is not None:
            self._options.append(f"--token-quota={token_quota}")
        if cards is not None:
            self._options.append(f"--cards={cards}")
        if owners is not None:
            self._options.append(f"--owners={owners}")
        if files is not None:
            self._options.append(f"--files={files}")
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """What `HF_ENDPOINT` is set to."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def datasets(self) -> Repositories:
        """Its data sets."""
        return Repositories("datasets", self.port)

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._running().pid

    def start(self) -> None:
        """Start the process, on the port it had before if it had one, with the listing it was constructed with."""
        if self._process is not None:
            raise RuntimeError("the simulated Hub is already running")
        command = [sys.executable, str(_PACKAGE), "--obey-stdin", f"--port={self.port}", *self._options]
        if isinstance(self._listing, Path):
            command.append(f"--listing={self._listing}")
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=_environment()
        )
        try:
            self.port = int(self._heard().rpartition(":")[2])
            if isinstance(self._listing, list):
                self.replace_listing(self._listing)
            if self._datasets:
                self.datasets.replace_listing(self._datasets)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the process; what happened in it is forgotten."""
        process, self._process = self._process, None
        if process is None:
            return
        with process:  # closes the pipes; the end of its input is what it waits for
            process.communicate(timeout=None)

    def pause(self, seconds: float | None = None) -> None:
        """Drop all connections and refuse new ones, for so long or until `resume`; nothing is forgotten."""
        self._say("pause" if seconds is None else f"pause {seconds}")

    def resume(self) -> None:
        """Listen again, on the same port."""
        self._say("resume")

    def begin_anew(self, listing: Iterable[Record] | Path | str) -> int:
        """List other models, be as if just started, and say how many models there are.

        There are then no data sets, faults, changes to come, limits or requests.
        """
        if self._process is None:
            self.start()
        self.resume()
        return int(self._order("anew", **_source("records", listing))["repositories"])

    def fault(
        self,
        kind: str,
        *,
        at: int = 1,
        times: int | None = 1,
        holding: str = "",
        target: str = "listing",
        **options: Any,
    ) -> None:
        """Spoil the `at`-th request from now and the next `times` - 1 (None: all); see `faults.py` for the kinds.

        `target` is listing, detail, datasets, dataset, card or any; with `holding`, an `_id`, only pages that hold it count.
        `raw` is bytes. Requests above the quota are not counted.
        """
        if "raw" in options:
            options["raw"] = base64.b64encode(options["raw"]).decode()
        self._order("faults", kind=kind, at=at, times=times, holding=holding, target=target, options=options)

    def heal(self) -> None:
        """Expect no more faults; what is stalled or slow already stays so."""
        self._order("heal")

    def set_quota(
        self, anonymous: int, *, token: int | None = None, window: float = 300, resolvers: int = UNLIMITED
    ) -> None:
        """Other rate limits; a new window begins now. `resolvers` is how many cards may be asked for in one."""
        token = anonymous if token is None else token
        self._order("quota", anonymous=anonymous, token=token, window=window, resolvers=resolvers)

    def card_requests(self) -> list[Request]:
        """The requests for the text of a card; where they are redirected to is left out."""
        return [request for request in self.requests() if request.path.endswith("/resolve/main/README.md")]

    def owner_requests(self) -> list[Request]:
        """The requests about owners."""
        return [request for request in self.requests() if request.path.endswith("/overview")]

    def forget_requests(self) -> None:
        """Begin the log anew."""
        self._order("forget")

    def _say(self, word: str) -> None:
        process = self._running()
        if process.stdin is None:
            raise RuntimeError("the simulated Hub has no input")
        process.stdin.write(f"{word}\n")
        process.stdin.flush()
        self._heard()

    def _heard(self) -> str:
        """The next line that the process writes."""
        process = self._running()
        line = process.stdout.readline() if process.stdout else ""
        if not line:
            raise RuntimeError(f"the simulated Hub ended with code {process.wait()}; see its stderr")
        return line.strip()

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None:
            raise RuntimeError("the simulated Hub is not running")
        return self._process


def _source(kind: str, given: Iterable[Record] | Path | str) -> dict[str, Any]:
    """The lines of an order: a file that the process reads, or the lines themselves."""
    return {"path": str(given)} if isinstance(given, Path | str) else {kind: list(given)}


def _environment() -> dict[str, str]:
    """The environment without what would change how this process behaves or prints."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
