"""One HTTP request to the Hub: headers, endpoint, and limits on the size and duration of the answer.

Error statuses are raised here, not by huggingface_hub. The library fails if the body of an error is not a UTF-8 JSON
object, as with the error pages of gateways.
"""

import json
import logging
import math
import os
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx2  # the transport of huggingface_hub: its errors are what its functions raise
from huggingface_hub.errors import OfflineModeIsEnabled
from huggingface_hub.utils import (
    RateLimitInfo,
    build_hf_headers,
    close_session,
    get_session,
    http_stream_backoff,
    parse_ratelimit_headers,
)

from crawler import __version__
from crawler.errors import UsageError
from crawler.settings import BY_NAME, Settings

logger = logging.getLogger(__name__)

# A page of a thousand records has about 1 MB, 3 MB with all fields. A larger body is an accident or an attack.
LARGEST_BODY = 128 * 2**20
# Of an error or a redirect, as much is read as is ever shown.
LARGEST_REASON = 64 * 2**10
# A header that has more than this is none that the Hub sends.
LONGEST_HEADER = 200
# A server that sends one byte a second never exceeds hub.timeout, so the whole answer has a limit too.
TIMEOUTS_A_BODY = 5
PROXIES = ("ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
# The environment variables that the HTTP client of huggingface_hub reads.
READ_BY_CLIENT = (*PROXIES, "SSL_CERT_FILE", "SSL_CERT_DIR")
# A valid header value: printable ASCII without surrounding spaces.
_HEADER = re.compile(r"[!-~](?:[ -~]*[!-~])?")


class BrokenAnswerError(Exception):
    """A malformed answer: HTML, cut JSON, or too large."""


class StatusError(Exception):
    """An answer with status 4xx or 5xx. `reason` is the Hub's message; `rate` is from its rate-limit headers."""

    def __init__(self, status: int, reason: str, rate: RateLimitInfo | None) -> None:
        super().__init__(f"answers {status}")
        self.status, self.reason, self.rate = status, reason, rate


@dataclass(frozen=True)
class Received:
    """An answer with a status below 400. `link` is the address of the next page as received; `date` is the Hub's clock."""

    status: int
    body: bytes
    link: str | None
    location: str | None
    rate: RateLimitInfo | None
    date: datetime | None


class _InTime(httpx2.SyncByteStream):
    """Checks the deadline at every chunk received: a compressed body can arrive slowly without yielding data."""

    def __init__(self, stream: httpx2.SyncByteStream, check: Callable[[], None]) -> None:
        self._stream, self._check = stream, check

    def __iter__(self) -> Iterator[bytes]:
        for part in self._stream:
            self._check()
            yield part

    def close(self) -> None:
        self._stream.close()


class Transport:
    """Sends single requests to the configured endpoint. The token is sent only there."""

    def __init__(
        self, settings: Settings, monotonic: Callable[[], float] = time.monotonic, at_most: float = math.inf
    ) -> None:
        """Raise UsageError if the token or the contact cannot be sent in a header. `at_most` limits hub.timeout."""
        self.endpoint: str = settings["hub.endpoint"]
        self.timeout: float = min(settings["hub.timeout"].total_seconds(), at_most)
        self._monotonic = monotonic
        # How often the client that all requests share was closed to end one of them.
        self._closed = 0
        # Behind some proxies, the endpoint is a host and a path.
        self._prefix = urlsplit(self.endpoint).path
        self._origin = self.endpoint.removesuffix(self._prefix)
        token, contact = _sendable(settings, "hub.token"), _sendable(settings, "hub.contact")
        if refused := settings.token_refused:
            logger.warning("%s", refused)
            token = None
        # `token=False`: never send the token of a login on this machine, only the one set for this program.
        self.headers: Mapping[str, str] = build_hf_headers(
            token=token or False,
            library_name="hub-genealogy",
            library_version=__version__,
            user_agent={"contact": contact} if contact else None,
        )

    def get(self, url: str, first: int | None = None) -> Received:
        """Send one request, without retries; of a longer body, only the `first` bytes are read, if that is given.

        Raises StatusError for 4xx and 5xx, BrokenAnswerError for a body that is too large or too slow, httpx2.HTTPError
        for a failed connection, and UsageError if the environment does not allow requests.
        """
        deadline = self._monotonic() + TIMEOUTS_A_BODY * self.timeout
        _open_client()
        try:
            with self._ended_after(TIMEOUTS_A_BODY * self.timeout), http_stream_backoff(
                "GET", url, max_retries=0, retry_on_exceptions=(), retry_on_status_codes=(),
                headers=dict(self.headers), timeout=self.timeout, follow_redirects=False,
            ) as response:  # fmt: skip
                return self._received(response, deadline, first)
        except OfflineModeIsEnabled:
            raise UsageError("HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE forbids requests to the Hub: unset it") from None
        except httpx2.InvalidURL as error:
            raise UsageError(f"{self.endpoint} is not an address ({error}): check HF_ENDPOINT") from None

    @contextmanager
    def _ended_after(self, seconds: float) -> Iterator[None]:
        """End a request that takes longer, also one whose headers never end: raise BrokenAnswerError."""
        over, closed_before = threading.Event(), self._closed

        def end() -> None:
            over.set()
            self._closed += 1
            close_session()  # the connection of the request is closed: reading from it fails

        # The body has the same limit, and ends in better order: it goes first.
        timer = threading.Timer(seconds + 0.5, end)
        timer.daemon = True
        timer.start()
        try:
            yield
        except StatusError:
            raise
        except Exception:  # whatever the client makes of a connection that is closed under it
            if over.is_set():
                raise BrokenAnswerError(f"not whole after {seconds:.0f} s") from None
            if self._closed != closed_before:
                raise BrokenAnswerError("its connection was closed with that of a request that took too long") from None
            raise
        finally:
            timer.cancel()

    def here(self, address: str, url: str) -> str | None:
        """Move `address`, from the answer to a request for `url`, to the configured endpoint.

        Mirrors pass on Links and redirects that name the Hub's own host: only path and query are kept. Returns None if
        it is not an address of the Hub's API. Raises BrokenAnswerError if it is not an address.
        """
        try:
            path = str(httpx2.URL(url).join(address).raw_path, "ascii")
        except (httpx2.InvalidURL, ValueError):
            raise BrokenAnswerError(f"it names {address[:100]!r}, which is no address") from None
        if path.startswith(f"{self._prefix}/api/"):
            return f"{self._origin}{path}"
        return f"{self.endpoint}{path}" if path.startswith("/api/") else None

    def _received(self, response: httpx2.Response, deadline: float, first: int | None) -> Received:
        rate = _rate(response.headers)
        if response.status_code >= 400:
            body = b""
            with suppress(BrokenAnswerError, httpx2.HTTPError):  # the status says enough
                body = self._body(response, deadline, LARGEST_REASON)
            raise StatusError(response.status_code, _reason(body), rate)
        return Received(
            status=response.status_code,
            body=self._body(response, deadline, LARGEST_BODY if response.status_code == 200 else LARGEST_REASON, first),
            link=response.links.get("next", {}).get("url"),
            location=response.headers.get("location"),
            rate=rate,
            date=_date(response.headers.get("date")),
        )

    def _body(self, response: httpx2.Response, deadline: float, largest: int, first: int | None = None) -> bytes:
        """Return the whole decompressed body, or its `first` bytes; raise BrokenAnswerError if it is too large or too slow."""

        def check() -> None:
            if self._monotonic() > deadline:
                raise BrokenAnswerError(f"not whole after {TIMEOUTS_A_BODY * self.timeout:.0f} s")

        if isinstance(response.stream, httpx2.SyncByteStream):
            response.stream = _InTime(response.stream, check)
        parts, size = [], 0
        for part in response.iter_bytes():
            parts.append(part)
            size += len(part)
            if first is not None and size >= first:
                return b"".join(parts)[:first]
            if size > largest:
                raise BrokenAnswerError(f"more than {largest / 2**20:g} MiB")
        return b"".join(parts)


def set_variables(names: tuple[str, ...]) -> list[str]:
    """Return those of `names` that the environment sets, in upper or lower case."""
    return [name for name in names if os.environ.get(name) or os.environ.get(name.lower())]


def unreachable(endpoint: str, error: BaseException) -> str:
    """Say why no connection to `endpoint` could be made, and what to check."""
    look_at = ", ".join(["HF_ENDPOINT", *set_variables(PROXIES)])
    reason = one_line(f"{type(error).__name__}: {error}", 200)
    return f"the Hub at {endpoint} cannot be reached ({reason}): check {look_at} and the network"


def one_line(text: str, length: int) -> str:
    """Return `text` without line breaks, at most `length` characters."""
    return " ".join(text.split())[:length]


def _open_client() -> None:
    """Create the HTTP client that huggingface_hub shares; raise UsageError if the environment prevents it."""
    try:
        get_session()
    except Exception as error:  # noqa: BLE001  # errors of files, certificates and addresses, all caused by the environment
        # The address of a proxy may contain a password, and the error may repeat it.
        secret = any("@" in os.environ.get(name, "") for proxy in PROXIES for name in (proxy, proxy.lower()))
        reason = type(error).__name__ if secret else one_line(f"{type(error).__name__}: {error}", 200)
        variables = ", ".join(set_variables(READ_BY_CLIENT) or READ_BY_CLIENT)
        raise UsageError(
            f"no request to the Hub can be made ({reason}): check {variables} in the environment"
        ) from None


def _rate(headers: httpx2.Headers) -> RateLimitInfo | None:
    """What the rate-limit headers say; None where they are absent or longer than any that the Hub sends."""
    found = {name: headers[name] for name in ("ratelimit", "ratelimit-policy") if name in headers}
    return parse_ratelimit_headers({name: text for name, text in found.items() if len(text) <= LONGEST_HEADER})


def _sendable(settings: Settings, name: str) -> str | None:
    """Return the setting `name` as a header value. Raises UsageError, without its value, if it cannot be sent."""
    text = (settings[name] or "").strip()
    if text and _HEADER.fullmatch(text) is None:
        variable = BY_NAME[name].alias or BY_NAME[name].variable
        raise UsageError(f"{name} ({variable}) holds characters that cannot be sent: only printable ASCII can")
    return text or None


def _reason(body: bytes) -> str:
    """Return the message in the body of an error, as one line: its `error` if it is the Hub's JSON, else the body."""
    try:
        error = json.loads(body)["error"]
    except (ValueError, TypeError, LookupError, RecursionError):
        error = None
    return one_line(error if isinstance(error, str) else body.decode(errors="replace"), 1000)


def _date(text: str | None) -> datetime | None:
    """Parse a Date header; None if it is not a date."""
    try:
        date = parsedate_to_datetime((text or "")[:LONGEST_HEADER])
    except (ValueError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
