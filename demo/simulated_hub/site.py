"""What the simulated Hub answers: routes, names, quota, and the record of who asked for what."""

import hashlib
import json
import re
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

from demo.simulated_hub.answers import Answer, as_json
from demo.simulated_hub.changes import apply_all
from demo.simulated_hub.faults import Faults
from demo.simulated_hub.fields import ALWAYS, VALID
from demo.simulated_hub.listing import Listing, Row, dumps
from demo.simulated_hub.pages import BadRequestError, checked_expand, page, parse
from demo.simulated_hub.quota import UNLIMITED, Quota

_PATH = re.compile(r"/api/(?P<kind>models|datasets)(?:/(?P<name>[^/]+(?:/[^/]+)?))?")
# By the listing: what faults call its pages and its repositories.
_TARGETS = {"models": ("listing", "detail"), "datasets": ("datasets", "dataset")}
# Where a card is asked for, and where the Hub redirects that to.
_CARD = "/resolve/main/README.md"
_CACHED = "/api/resolve-cache/models/"
# What owners are asked by, and the kind that each address knows.
_OVERVIEW = re.compile(r"/api/(organizations|users)/([^/]+)/overview")
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


@dataclass(frozen=True)
class Beside:
    """What the Hub knows beside its listings, read anew for each request.

    `cards` is a folder with <owner>/<name>/README.md, `files` one with the files of models, <owner>/<name>/…; `owners` is a
    JSON file, {name: {}} for a person and {name: {"isVerified": true}} for an organisation.
    """

    cards: Path | None = None
    files: Path | None = None
    owners: Path | None = None


NOTHING = Beside()


class Site:
    """The Hub behind the socket."""

    def __init__(self, listing: Listing, quota: Quota, host: str = "", beside: Beside = NOTHING) -> None:
        self.listings = {"models": listing, "datasets": Listing()}
        self.beside = beside
        self.quota = quota
        self.host = host  # what links and redirects name, if not the host that was asked: a mirror passes them on
        self.faults = Faults()
        self.log: list[Asked] = []
        self.failures: list[str] = []  # told to whoever gives the next order
        self.lock = threading.RLock()
        # The listing, requests for a page of it that are left, changes.
        self._waiting: list[tuple[str, int, list[dict[str, Any]]]] = []

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
            bucket = "resolvers" if _is_card(path) else "api"
            allowed, rate_headers = self.quota.take(bucket, with_token=asked.with_token)
            answer = self._routed(path, query, asked) if allowed else as_json({"error": "Too Many Requests"}, 429)
            answer.headers = rate_headers | answer.headers
            if allowed:
                self._spoil(answer, asked)
            asked.status = None if answer.drop == "before" else answer.status
            asked.faults, asked.page_ids = tuple(answer.faults), answer.page_ids
            match = _PATH.fullmatch(path)
            if allowed and match and match["name"] is None:
                self._let_time_pass(match["kind"])
            return answer

    def later(self, kind: str, changes: list[dict[str, Any]], after: int) -> None:
        """Apply changes to a listing after `after` more requests for a page of it; 0 applies them now."""
        with self.lock:
            if after == 0:
                apply_all(self.listings[kind], changes)
            else:
                self._waiting.append((kind, after, changes))

    def begin_anew(self) -> None:
        """Forget faults, changes to come, limits and requests; the listings stay."""
        self.faults.clear()
        self.quota.change(anonymous=UNLIMITED, token=UNLIMITED, window=300)
        self.log, self.failures, self._waiting = [], [], []

    def log_as_json(self) -> list[dict[str, Any]]:
        """The requests so far."""
        with self.lock:
            return [asdict(asked) for asked in self.log]

    def _routed(self, path: str, query: str, asked: Asked) -> Answer:
        try:
            match = _PATH.fullmatch(path)
            if match and match["name"] is None:
                return self._page(match["kind"], query, self.host or asked.headers.get("host", ""))
            if match:
                return self._detail(match["kind"], unquote(match["name"]), query, with_token=asked.with_token)
        except BadRequestError as error:
            return as_json({"error": str(error)}, 400)
        return self._beside_the_models(path, with_token=asked.with_token)

    def _beside_the_models(self, path: str, *, with_token: bool) -> Answer:
        if path.endswith(_CARD):
            return self._card(unquote(path.removesuffix(_CARD).removeprefix("/")), with_token=with_token)
        if path.startswith(_CACHED):
            return self._cached_card(unquote(path.removeprefix(_CACHED)))
        if found := _OVERVIEW.fullmatch(path):
            return self._overview(found[1], unquote(found[2]))
        return as_json({"error": "Sorry, we can't find the page you are looking for."}, 404)

    def _page(self, kind: str, query_string: str, host: str) -> Answer:
        query = parse(query_string, kind)
        found = page(self.listings[kind], query)
        base = f"http://{host}/api/{kind}?"
        return Answer(
            headers={} if found.next_query is None else {"Link": f'<{base}{found.next_query}>; rel="next"'},
            records=found.records,
            page_ids=found.ids,
            same_place=base + found.same_place_query,
        )

    def _detail(self, kind: str, name: str, query_string: str, *, with_token: bool) -> Answer:
        listing, query = self.listings[kind], parse_qsl(query_string)
        expand = tuple(value for key, value in query if key in {"expand", "expand[]"})
        wanted = checked_expand(expand, VALID[kind][1])
        row = listing.find(name)
        if row is not None and row.hub_id == name:
            row = None  # an _id is not a name
        target = listing.redirects.get(name.lower()) if row is None else row.name
        if target is not None and target != name:
            suffix = f"?{query_string}" if query_string else ""
            return Answer(
                status=307,
                headers={"Location": f"{self._elsewhere()}/api/{kind}/{quote(target)}{suffix}"},
                body=f"Temporary Redirect. Redirecting to /api/{kind}/{target}".encode(),
                content_type="text/plain; charset=utf-8",
            )
        if row is None or row.private:
            return _missing(with_token=with_token)
        if wanted:
            return Answer(body=row.projected((*ALWAYS, *wanted)))
        siblings = self._siblings(row)
        if siblings is None:
            return Answer(body=row.raw)
        if ("blobs", "true") not in query:
            siblings = [{"rfilename": file["rfilename"]} for file in siblings]
        return Answer(body=dumps(row.record | {"siblings": siblings}))

    def _siblings(self, row: Row) -> list[dict[str, Any]] | None:
        """The files of a model: those of its record, else those of the folder."""
        folder = None if self.beside.files is None else self.beside.files / row.name
        if "siblings" in row.record or folder is None or not folder.is_dir():
            return row.record.get("siblings")
        found = sorted(file for file in folder.rglob("*") if file.is_file())
        return [_sibling(file.relative_to(folder).as_posix(), file.read_bytes()) for file in found]

    def _card(self, name: str, *, with_token: bool) -> Answer:
        row = self.listings["models"].find(name)
        target = self.listings["models"].redirects.get(name.lower()) if row is None else row.name
        if target is not None and target != name:
            return Answer(status=307, headers={"Location": f"{self._elsewhere()}/{quote(target)}{_CARD}"})
        if row is None or row.private:
            return _missing(with_token=with_token)
        if self._card_file(name) is None:
            return as_json({"error": "Entry not found"}, 404, {"X-Error-Code": "EntryNotFound"})
        revision = row.record.get("sha") or "0" * 40
        return Answer(
            status=307,
            headers={"Location": f"{self._elsewhere()}{_CACHED}{quote(name)}/{revision}/README.md?etag=%22e%22"},
        )

    def _overview(self, kind: str, name: str) -> Answer:
        """An organisation's or a person's page; the wrong kind is not found."""
        known = json.loads(self.beside.owners.read_bytes()).get(name) if self.beside.owners else None
        if known is None or ("isVerified" in known) != (kind == "organizations"):
            return as_json(
                {"error": "This user does not exist" if kind == "users" else "This organization does not exist"}, 404
            )
        return as_json({"name": name, "numFollowers": 12, **known})

    def _cached_card(self, path: str) -> Answer:
        file = self._card_file(path.rpartition("/")[0].rpartition("/")[0])
        if file is None:
            return as_json({"error": "Entry not found"}, 404, {"X-Error-Code": "EntryNotFound"})
        return Answer(body=file.read_bytes(), content_type="text/plain; charset=utf-8")

    def _card_file(self, name: str) -> Path | None:
        if self.beside.cards is None:
            return None
        file = (self.beside.cards / name / "README.md").resolve()
        return file if file.is_relative_to(self.beside.cards.resolve()) and file.is_file() else None

    def _elsewhere(self) -> str:
        """What redirects begin with: nothing on the Hub, its own address on a mirror that passes them on."""
        return f"http://{self.host}" if self.host else ""

    def _spoil(self, answer: Answer, asked: Asked) -> None:
        match = _PATH.fullmatch(asked.path)
        page_of, one_of = _TARGETS[match["kind"] if match else "models"]
        target = page_of if match and match["name"] is None else "card" if _is_card(asked.path) else one_of
        host = self.host or asked.headers.get("host", "")
        self.faults.strike(answer, target=target, url=f"http://{host}{asked.path}?{asked.query}")

    def _let_time_pass(self, kind: str) -> None:
        waiting = [(of, left - (of == kind), changes) for of, left, changes in self._waiting]
        self._waiting = [one for one in waiting if one[1] > 0]
        for of, left, changes in waiting:
            if left == 0:
                try:
                    apply_all(self.listings[of], changes)
                except (KeyError, TypeError, ValueError) as error:
                    self.failures.append(f"a change could not be made when its time had come: {error}")


def _is_card(path: str) -> bool:
    return path.endswith(_CARD) or path.startswith(_CACHED)


def _sibling(name: str, content: bytes) -> dict[str, Any]:
    """A file as `blobs=true` describes it: a text by size, anything else by its SHA-256, too."""
    described = {"rfilename": name, "size": len(content)}
    if name.endswith((".md", ".json", ".txt")):
        return described
    return described | {
        "lfs": {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 135}
    }


def _missing(*, with_token: bool) -> Answer:
    if with_token:
        return as_json({"error": "Repository not found"}, 404, {"X-Error-Code": "RepoNotFound"})
    return as_json({"error": "Invalid username or password."}, 401)
