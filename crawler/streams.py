"""The three standard streams, made fit for use whatever this process was started with.

| found | made |
|---|---|
| stdin or stderr closed | the null device |
| stdout closed | writing fails, as on a full disk |
| another encoding than UTF-8 | UTF-8; what it cannot express is written as an escape |
| stdout that takes no more | OutputLostError, once; the rest goes nowhere |
| stderr that takes no more | the rest goes nowhere, and the work goes on |
"""

import io
import os
import sys
from typing import TYPE_CHECKING

from crawler.errors import OutputLostError, ReaderGoneError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


def set_up() -> None:
    """Replace `sys.stdin`, `sys.stdout` and `sys.stderr` where need be. Called once, before anything is written."""
    # In this order: a closed stream gets the lowest free number, which is its own. No file of ours may ever get it:
    # what a library writes to stderr would end up in it.
    for descriptor, mode in ((0, os.O_RDONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, mode)
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  # as long as the process
    sys.stdout = _text(_Stdout(1, "wb", closefd=False))
    sys.stderr = _text(_Stderr(2, "wb", closefd=False), line_buffering=True)


def discard_output() -> None:
    """Let everything that is written to stdout from now on, and what waits to be written, go nowhere."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.close(null)


class _Stdout(io.FileIO):
    """stdout: a write that fails has a class of its own, so that it cannot be taken for a fault of a file."""

    def write(self, data: "ReadableBuffer", /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            raise ReaderGoneError from None
        except OSError as error:
            raise OutputLostError(
                f"stdout cannot be written ({error.strerror or error}): the output is not whole; give it a place that takes it"
            ) from None


class _Stderr(io.FileIO):
    """stderr: a log line that cannot be written must not end the work."""

    def write(self, data: "ReadableBuffer", /) -> int:
        try:
            written = super().write(data)
        except OSError:
            written = None
        return memoryview(data).nbytes if written is None else written


def _text(raw: io.FileIO, *, line_buffering: bool = False) -> io.TextIOWrapper:
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding="utf-8",
        errors="backslashreplace",
        line_buffering=line_buffering or raw.isatty(),
    )
