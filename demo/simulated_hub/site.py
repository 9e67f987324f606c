"""What the simulated Hub answers: routes, names, quota, and the record of who asked for what."""

import threading
import time
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

from demo.simulated_hub.answers import Answer, as_json
from demo.simulated_hub.changes import apply_all
from demo.simulated_hub.faults import Faults
from demo.simulated_hub.fields import ALWAYS, DETAILED
from demo.simulated_hub.listing import Listing
from demo.simulated_hub.pages import BadRequestError, checked_expand, page, parse
from demo.simulated_hub.quota import UNLIMITED, Quota

LISTING = "/api/models"
_KEPT_HEADERS = {"user-agent", "accept-encoding", "host", "accept"}


@dataclass(kw_only=True)
class Asked:
    """One request, as it is remembered."""

    number: int
    path: str
    query: str
    headers: dict[str, str]
    with_token: bool
    time: float
    status: int | None = None  # None: the connection was dropped without an answer
    faults: tuple[str, ...] = ()
    page_ids: tuple[str, ...] = ()


class Site:
    """The Hub behind the socket."""

    def __init__(self, listing: Listing, quota: Quota, host: str = "") -> None:
        self.listing = listing
        self.quota = quota
        self.host = host  # what links and redirects name, if not the host that was asked: a mirror passes them on
        self.faults = Faults()
        self.log: list[Asked] = []
        self.failures: list[str] = []  # told to whoever gives the next order
        self.lock = threading.RLock()
        self._waiting: list[tuple[int, list[dict[str, Any]]]] = []  # listing requests left, changes

    def answer(self, path: str, query: str, headers: dict[str, str]) -> Answer:
        """The answer to a GET request; the request is in the log before the answer leaves."""
        with self.lock:
            asked = Asked(
                number=len(self.log) + 1,
                path=path,
                query=query,
                headers={name: value for name, value in headers.items() if name in _KEPT_HEADERS},
                with_token="authorization" in headers,
                time=time.time(),
            )
            self.log.append(asked)
            allowed, rate_headers = self.quota.take(with_token=asked.with_token)
            answer = self._routed(path, query, asked) if allowed else as_json({"error": "Too Many Requests"}, 429)
            answer.headers = rate_headers | answer.headers
            if allowed:
                self._spoil(answer, asked)
            asked.status = None if answer.drop == "before" else answer.status
            asked.faults, asked.page_ids = tuple(answer.faults), answer.page_ids
            if allowed and path == LISTING:
                self._let_time_pass()
            return answer

    def later(self, changes: list[dict[str, Any]], after: int) -> None:
        """Apply changes when so many more listing requests have been answered; 0 is now."""
        with self.lock:
            if after == 0:
                apply_all(self.listing, changes)
            else:
                self._waiting.append((after, changes))

    def begin_anew(self) -> None:
        """Forget faults, changes to come, limits and requests; the listing stays."""
        self.faults.clear()
        self.quota.change(anonymous=UNLIMITED, token=UNLIMITED, window=300)
        self.log, self.failures, self._waiting = [], [], []

    def log_as_json(self) -> list[dict[str, Any]]:
        """The requests so far."""
        with self.lock:
            return [asdict(asked) for asked in self.log]

    def _routed(self, path: str, query: str, asked: Asked) -> Answer:
        try:
            if path == LISTING:
                return self._page(query, self.host or asked.headers.get("host", ""))
            name = unquote(path.removeprefix(f"{LISTING}/"))
            if path.startswith(f"{LISTING}/") and name and name.count("/") <= 1:
                return self._detail(name, query, with_token=asked.with_token)
        except BadRequestError as error:
            return as_json({"error": str(error)}, 400)
        return as_json({"error": "Sorry, we can't find the page you are looking for."}, 404)

    def _page(self, query_string: str, host: str) -> Answer:
        query = parse(query_string)
        found = page(self.listing, query)
        base = f"http://{host}{LISTING}?"
        return Answer(
            headers={} if found.next_query is None else {"Link": f'<{base}{found.next_query}>; rel="next"'},
            records=found.records,
            page_ids=found.ids,
            same_place=base + found.same_place_query,
        )

    def _detail(self, name: str, query_string: str, *, with_token: bool) -> Answer:
        expand = tuple(value for key, value in parse_qsl(query_string) if key in {"expand", "expand[]"})
        wanted = checked_expand(expand, DETAILED)
        row = self.listing.find(name)
        if row is not None and row.hub_id == name:
            row = None  # an _id is not a name
        target = self.listing.redirects.get(name.lower()) if row is None else row.name
        if target is not None and target != name:
            suffix = f"?{query_string}" if query_string else ""
            return Answer(
                status=307,
                headers={"Location": f"{self._elsewhere()}{LISTING}/{quote(target)}{suffix}"},
                body=f"Temporary Redirect. Redirecting to {LISTING}/{target}".encode(),
                content_type="text/plain; charset=utf-8",
            )
        if row is None or row.private:
            return _missing(with_token=with_token)
        return Answer(body=row.projected((*ALWAYS, *wanted)) if wanted else row.raw)

    def _elsewhere(self) -> str:
        """What redirects begin with: nothing on the Hub, its own address on a mirror that passes them on."""
        return f"http://{self.host}" if self.host else ""

    def _spoil(self, answer: Answer, asked: Asked) -> None:
        target = "listing" if asked.path == LISTING else "detail"
        host = self.host or asked.headers.get("host", "")
        self.faults.strike(answer, target=target, url=f"http://{host}{asked.path}?{asked.query}")

    def _let_time_pass(self) -> None:
        waiting = [(left - 1, changes) for left, changes in self._waiting]
        self._waiting = [(left, changes) for left, changes in waiting if left > 0]
        for left, changes in waiting:
            if left == 0:
                try:
                    apply_all(self.listing, changes)
                except (KeyError, TypeError, ValueError) as error:
                    self.failures.append(f"a change could not be made when its time had come: {error}")


def _missing(*, with_token: bool) -> Answer:
    if with_token:
        return as_json({"error": "Repository not found"}, 404, {"X-Error-Code": "RepoNotFound"})
    return as_json({"error": "Invalid username or password."}, 401)
