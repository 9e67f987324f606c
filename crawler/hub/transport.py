"""One HTTP request to the Hub: what is sent and to whom, and what an answer may cost.

Statuses are raised here and not by the client library. The library fails on an error's body that is not a JSON object
or not UTF-8, as the error pages of gateways are.
"""

import json
import math
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx2  # the transport of huggingface_hub: its errors are what its functions raise
from huggingface_hub.errors import OfflineModeIsEnabled
from huggingface_hub.utils import (
    RateLimitInfo,
    build_hf_headers,
    get_session,
    http_stream_backoff,
    parse_ratelimit_headers,
)

from crawler import __version__
from crawler.errors import UsageError
from crawler.settings import BY_NAME, Settings

# A page of a thousand records is some 1 MB, 3 MB with everything: beyond this it is an accident or an attack.
LARGEST_BODY = 128 * 2**20
# A server that sends a byte a second never exceeds hub.timeout, so the whole answer has a bound too.
TIMEOUTS_A_BODY = 5
PROXIES = ("ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
# What the library's HTTP client reads from the environment.
READ_BY_CLIENT = (*PROXIES, "SSL_CERT_FILE", "SSL_CERT_DIR")
# A header value that can be sent: printable ASCII, without a space at its ends.
_HEADER = re.compile(r"[!-~](?:[ -~]*[!-~])?")


class BrokenAnswerError(Exception):
    """An answer that is not what was asked for: HTML, cut JSON, too much of it."""


class StatusError(Exception):
    """An answer with the status of an error: `reason` is what the Hub said, `rate` what its headers said of the rate."""

    def __init__(self, status: int, reason: str, rate: RateLimitInfo | None) -> None:
        super().__init__(f"answers {status}")
        self.status, self.reason, self.rate = status, reason, rate


@dataclass(frozen=True)
class Received:
    """An answer below status 400: `link` is the next page as the Hub names it, `date` the Hub's clock."""

    status: int
    body: bytes
    link: str | None
    location: str | None
    rate: RateLimitInfo | None
    date: datetime | None


class _InTime(httpx2.SyncByteStream):
    """Checks the time with every chunk received: a compressed body can trickle in for long without yielding data."""

    def __init__(self, stream: httpx2.SyncByteStream, check: Callable[[], None]) -> None:
        self._stream, self._check = stream, check

    def __iter__(self) -> Iterator[bytes]:
        for part in self._stream:
            self._check()
            yield part

    def close(self) -> None:
        self._stream.close()


class Transport:
    """Sends single requests to the Hub at the set endpoint. The token goes there and nowhere else."""

    def __init__(
        self, settings: Settings, monotonic: Callable[[], float] = time.monotonic, at_most: float = math.inf
    ) -> None:
        """Raises UsageError for a token or a contact that no header can hold. `at_most` bounds hub.timeout."""
        self.endpoint: str = settings["hub.endpoint"]
        self.timeout: float = min(settings["hub.timeout"].total_seconds(), at_most)
        self._monotonic = monotonic
        # The endpoint is a host and, behind some proxies, a path on it.
        self._prefix = urlsplit(self.endpoint).path
        self._origin = self.endpoint.removesuffix(self._prefix)
        token, contact = _sendable(settings, "hub.token"), _sendable(settings, "hub.contact")
        # `token=False`: never the one that a login left on this machine, only the one that was set for this program.
        self.headers: Mapping[str, str] = build_hf_headers(
            token=token or False,
            library_name="hub-genealogy",
            library_version=__version__,
            user_agent={"contact": contact} if contact else None,
        )

    def get(self, url: str) -> Received:
        """Send one request, without repetition.

        Raises StatusError for 4xx and 5xx, BrokenAnswerError for a body that is too large or too slow, httpx2.HTTPError
        for a connection that fails, and UsageError where the environment allows no request at all.
        """
        deadline = self._monotonic() + TIMEOUTS_A_BODY * self.timeout
        _open_client()
        try:
            with http_stream_backoff(
                "GET", url, max_retries=0, retry_on_exceptions=(), retry_on_status_codes=(),
                headers=dict(self.headers), timeout=self.timeout, follow_redirects=False,
            ) as response:  # fmt: skip
                return self._received(response, deadline)
        except OfflineModeIsEnabled:
            raise UsageError("HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE forbids requests to the Hub: unset it") from None
        except httpx2.InvalidURL as error:
            raise UsageError(f"{self.endpoint} is not an address ({error}): check HF_ENDPOINT") from None

    def here(self, address: str, url: str) -> str | None:
        """`address`, as the answer to a request for `url` names it, on the set endpoint.

        Mirrors pass on Links and redirects that name the Hub's own host. The path and query are kept, the host never.
        None for what is no address of the Hub's API, BrokenAnswerError for what is no address at all.
        """
        try:
            path = str(httpx2.URL(url).join(address).raw_path, "ascii")
        except (httpx2.InvalidURL, ValueError):
            raise BrokenAnswerError(f"it names {address[:100]!r}, which is no address") from None
        if path.startswith(f"{self._prefix}/api/"):
            return f"{self._origin}{path}"
        return f"{self.endpoint}{path}" if path.startswith("/api/") else None

    def _received(self, response: httpx2.Response, deadline: float) -> Received:
        rate = parse_ratelimit_headers(response.headers)
        if response.status_code >= 400:
            body = b""
            with suppress(BrokenAnswerError, httpx2.DecodingError):  # the status says enough
                body = self._body(response, deadline)
            raise StatusError(response.status_code, _reason(body), rate)
        return Received(
            status=response.status_code,
            body=self._body(response, deadline),
            link=response.links.get("next", {}).get("url"),
            location=response.headers.get("location"),
            rate=rate,
            date=_date(response.headers.get("date")),
        )

    def _body(self, response: httpx2.Response, deadline: float) -> bytes:
        """The whole body, unpacked; BrokenAnswerError where it is too large or too slow."""

        def check() -> None:
            if self._monotonic() > deadline:
                raise BrokenAnswerError(f"not whole after {TIMEOUTS_A_BODY * self.timeout:.0f} s")

        if isinstance(response.stream, httpx2.SyncByteStream):
            response.stream = _InTime(response.stream, check)
        parts, size = [], 0
        for part in response.iter_bytes():
            parts.append(part)
            size += len(part)
            if size > LARGEST_BODY:
                raise BrokenAnswerError(f"more than {LARGEST_BODY >> 20} MiB")
        return b"".join(parts)


def set_variables(names: tuple[str, ...]) -> list[str]:
    """Those of `names` that the environment sets, in capitals or in lower case."""
    return [name for name in names if os.environ.get(name) or os.environ.get(name.lower())]


def unreachable(endpoint: str, error: BaseException) -> str:
    """What happened, and where to look, when no connection to `endpoint` came about."""
    look_at = ", ".join(["HF_ENDPOINT", *set_variables(PROXIES)])
    reason = one_line(f"{type(error).__name__}: {error}", 200)
    return f"the Hub at {endpoint} cannot be reached ({reason}): check {look_at} and the network"


def one_line(text: str, length: int) -> str:
    """`text` without line breaks, cut at `length`."""
    return " ".join(text.split())[:length]


def _open_client() -> None:
    """Set up the HTTP client that the library shares; UsageError for whatever stands in its way."""
    try:
        get_session()
    except Exception as error:  # noqa: BLE001  # of files, of certificates, of addresses: all from the environment
        # A proxy's address may hold a password, and the error a part of it.
        secret = any("@" in os.environ.get(name, "") for proxy in PROXIES for name in (proxy, proxy.lower()))
        reason = type(error).__name__ if secret else one_line(f"{type(error).__name__}: {error}", 200)
        variables = ", ".join(set_variables(READ_BY_CLIENT) or READ_BY_CLIENT)
        raise UsageError(
            f"no request to the Hub can be made ({reason}): check {variables} in the environment"
        ) from None


def _sendable(settings: Settings, name: str) -> str | None:
    """The setting `name`, as a header of every request can hold it. Raises UsageError, which does not show it."""
    text = (settings[name] or "").strip()
    if text and _HEADER.fullmatch(text) is None:
        variable = BY_NAME[name].alias or BY_NAME[name].variable
        raise UsageError(f"{name} ({variable}) holds characters that cannot be sent: only printable ASCII can")
    return text or None


def _reason(body: bytes) -> str:
    """What an error's body says, in one line: its `error` where it is the Hub's, else all of it."""
    try:
        error = json.loads(body)["error"]
    except (ValueError, TypeError, LookupError, RecursionError):
        error = None
    return one_line(error if isinstance(error, str) else body.decode(errors="replace"), 1000)


def _date(text: str | None) -> datetime | None:
    """The time in a Date header; None for what is none."""
    try:
        date = parsedate_to_datetime(text or "")
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
