"""What goes wrong, and when.

A fault is expected on the n-th request of its kind from now on, or on the page that holds a given model, for so many
requests or for ever. Several faults may strike one answer; they do so in the order in which they were asked for.
"""

import base64
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from demo.simulated_hub import pages
from demo.simulated_hub.answers import Answer
from demo.simulated_hub.listing import Row

FOR_EVER = 1_000_000_000
# A page of models, a model, a page of data sets, a data set, or whatever is asked for.
TARGETS = ("listing", "detail", "datasets", "dataset", "card", "any")
_HTML = b"<!DOCTYPE html><html><head><title>Hugging Face</title></head><body><h1>Just a moment...</h1></body></html>"


@dataclass(kw_only=True)
class _Expected:
    kind: str
    spoil: Callable[[Answer, str], None]
    target: str
    holding: str  # an _id, or "" for any page
    wait: int  # requests of its kind before it strikes
    times: int

    def strikes(self, answer: Answer, target: str) -> bool:
        if self.target not in {target, "any"} or (self.holding and self.holding not in answer.page_ids):
            return False
        self.wait -= 1
        if self.wait > 0 or self.times <= 0:
            return False
        self.times -= 1
        return True


class Faults:
    """The faults that are still to come."""

    def __init__(self) -> None:
        self._expected: list[_Expected] = []

    def add(
        self,
        kind: str,
        *,
        at: int = 1,
        times: int | None = 1,
        target: str = "listing",
        holding: str = "",
        options: dict[str, Any],
    ) -> None:
        """Expect a fault on the `at`-th matching request from now and on the `times` - 1 after it."""
        if kind not in KINDS:
            raise ValueError(f"unknown fault {kind!r}; there are {', '.join(KINDS)}")
        if target not in TARGETS:
            raise ValueError(f"unknown target {target!r}; there are {', '.join(TARGETS)}")
        inspect.signature(KINDS[kind]).bind(Answer(), "", **options)
        self._expected.append(
            _Expected(
                kind=kind,
                spoil=lambda answer, url: KINDS[kind](answer, url, **options),
                target=target,
                holding=holding,
                wait=at,
                times=FOR_EVER if times is None else times,
            )
        )

    def clear(self) -> None:
        """Expect no more of them."""
        self._expected.clear()

    def strike(self, answer: Answer, *, target: str, url: str) -> None:
        """Spoil the answer to a request for `url` as was asked for."""
        for fault in self._expected:
            if fault.strikes(answer, target):
                answer.faults.append(fault.kind)
                fault.spoil(answer, url)
        self._expected = [fault for fault in self._expected if fault.times > 0]


def _status(
    answer: Answer,
    _: str,
    *,
    status: int,
    body: str = '{"error":"Simulated"}',
    headers: dict[str, str] | None = None,
    rate_headers: bool = True,
) -> None:
    """Another status; without the rate headers it looks like a gateway's answer, not the Hub's."""
    answer.replace(body.encode(), "" if body.startswith("{") else "text/html; charset=utf-8")
    answer.status = status
    kept = {name: value for name, value in answer.headers.items() if rate_headers and name.startswith("RateLimit")}
    answer.headers = kept | (headers or {})


def _rate_limited(answer: Answer, url: str, *, seconds: int) -> None:
    """429 with nothing left for so many seconds."""
    policy = answer.headers.get("RateLimit-Policy", "")
    headers = {"RateLimit": f'"api";r=0;t={seconds}', "RateLimit-Policy": policy}
    _status(answer, url, status=429, body='{"error":"Too Many Requests"}', headers=headers, rate_headers=False)


def _drop(answer: Answer, _: str, *, where: str = "before") -> None:
    """End the connection before the answer or in the middle of its body."""
    answer.drop = where


def _stall(answer: Answer, _: str, *, seconds: float) -> None:
    """Say nothing for a while, then answer as if nothing had been."""
    answer.stall += seconds


def _slow(answer: Answer, _: str, *, bytes_per_second: float) -> None:
    """Answer drop by drop."""
    answer.bytes_per_second = bytes_per_second


def _truncated(answer: Answer, _: str) -> None:
    """Half of the body, and a Content-Length that fits the half."""
    answer.cut = True


def _truncated_gzip(answer: Answer, _: str) -> None:
    """Half of a compressed body, and a Content-Length that fits the half."""
    answer.gzip = answer.cut = True


def _body(answer: Answer, _: str, *, raw: str, content_type: str = "", status: int = 200) -> None:
    """Any other body: `raw` is base64."""
    answer.replace(base64.b64decode(raw), content_type)
    answer.status = status


def _html(answer: Answer, _: str) -> None:
    """A page for people, with 200 and without a next link."""
    answer.replace(_HTML, "text/html; charset=utf-8")
    answer.headers.pop("Link", None)


def _object(answer: Answer, _: str) -> None:
    """An object where an array belongs, the records inside it."""
    answer.replace(b'{"models":[%b]}' % b",".join(answer.records or ()))


def _empty_body(answer: Answer, _: str) -> None:
    """Nothing, with 200."""
    answer.replace(b"")


def _nan(answer: Answer, _: str) -> None:
    """A number that JSON does not know, in the first record."""
    if answer.records:
        answer.records[0] = answer.records[0][:-1] + b',"trendingScore":NaN}'


def _oversize(answer: Answer, _: str, *, size: int, compressed: bool = False) -> None:
    """A right page followed by `size` spaces; compressed, a few kilobytes that unfold to all of them."""
    answer.padding, answer.gzip = size, compressed


def _raw_record(answer: Answer, url: str, *, raw: str, position: int = 0) -> None:
    """Any bytes as one more record; `raw` is base64. The last model of a full page is then the first of the next one."""
    if answer.records is None:
        return
    asked = urlsplit(url)
    query = pages.parse(asked.query, asked.path.rpartition("/")[2])
    if len(answer.records) == query.limit > 1:
        answer.records.pop()
        following = pages.query_after(query, Row(answer.records[-1]))
        answer.headers["Link"] = _next(urlunsplit(asked._replace(query=following)))
    answer.records.insert(position, base64.b64decode(raw))


def _same_page(answer: Answer, url: str) -> None:
    """A next link that leads to the page it stands on."""
    answer.headers["Link"] = _next(url)


def _empty_page(answer: Answer, _: str, *, skip: bool = False) -> None:
    """No records but a next link: to the same records by another cursor, or past them with `skip`."""
    answer.records = []
    if not skip:
        answer.headers["Link"] = _next(answer.same_place)


def _no_link(answer: Answer, _: str) -> None:
    """A page that looks like the last one."""
    answer.headers.pop("Link", None)


def _link_host(answer: Answer, _: str, *, host: str) -> None:
    """The right next link, at another host."""
    if "Link" in answer.headers:
        target = urlsplit(answer.headers["Link"].partition(">")[0].removeprefix("<"))
        answer.headers["Link"] = _next(urlunsplit(target._replace(netloc=host)))


def _link(answer: Answer, _: str, *, value: str) -> None:
    """Any other Link header."""
    answer.headers["Link"] = value


def _next(url: str) -> str:
    return f'<{url}>; rel="next"'


KINDS: dict[str, Callable[..., None]] = {
    "status": _status,
    "rate_limited": _rate_limited,
    "drop": _drop,
    "stall": _stall,
    "slow": _slow,
    "truncated": _truncated,
    "truncated_gzip": _truncated_gzip,
    "body": _body,
    "html": _html,
    "object": _object,
    "empty_body": _empty_body,
    "nan": _nan,
    "oversize": _oversize,
    "raw_record": _raw_record,
    "same_page": _same_page,
    "empty_page": _empty_page,
    "no_link": _no_link,
    "link_host": _link_host,
    "link": _link,
}
