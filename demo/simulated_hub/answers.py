"""An answer on its way: what it says, and how it is delivered, so that a fault can spoil either."""

import json
import zlib
from dataclasses import dataclass, field
from typing import Any

_BLOCK = 1 << 16


@dataclass(kw_only=True)
class Answer:
    """What goes back to the client."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    content_type: str = "application/json; charset=utf-8"
    records: list[bytes] | None = None  # the body of a page, as long as no fault has replaced it
    page_ids: tuple[str, ...] = ()
    same_place: str = ""  # a URL that asks for this page by another cursor
    stall: float = 0  # seconds before the first byte
    bytes_per_second: float = 0  # 0: as fast as it goes
    drop: str = ""  # "before" the answer or in the "middle" of its body
    cut: bool = False  # half of the body is missing, and its length says nothing of it
    gzip: bool = False
    padding: int = 0  # spaces after the body
    faults: list[str] = field(default_factory=list)

    def payload(self) -> bytes:
        """The body as it is sent, without the padding of an uncompressed one."""
        body = self.body if self.records is None else b"[%b]" % b",".join(self.records)
        if self.gzip:
            body = _compressed(body, self.padding)
        return body[: len(body) // 2] if self.cut else body

    def blocks(self, payload: bytes, padding: int) -> list[memoryview]:
        """The payload and its padding in pieces, ten a second on a slow line; the padding takes no memory."""
        return _blocks(payload, padding, max(int(self.bytes_per_second / 10), 1) if self.bytes_per_second else _BLOCK)

    def replace(self, body: bytes, content_type: str = "") -> None:
        """Say something else."""
        self.body, self.records = body, None
        self.content_type = content_type or self.content_type


def as_json(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    """An answer that holds `value`."""
    return Answer(status=status, headers=headers or {}, body=json.dumps(value).encode())


def _blocks(payload: bytes, padding: int, size: int) -> list[memoryview]:
    view, spaces = memoryview(payload), memoryview(b" " * min(padding, size))
    pieces = [view[at : at + size] for at in range(0, len(view), size)]
    return pieces + [spaces[: min(size, padding - at)] for at in range(0, padding, size)]


def _compressed(body: bytes, padding: int) -> bytes:
    packer = zlib.compressobj(wbits=31)  # 31: with the header and trailer of gzip
    return b"".join([*(packer.compress(block) for block in _blocks(body, padding, _BLOCK)), packer.flush()])
