"""Makes the three standard streams usable, however this process was started.

| condition | result |
|---|---|
| stdin or stderr closed | the null device |
| stdout closed | writing fails, as on a full disk |
| an encoding other than UTF-8 | UTF-8; lone surrogates are written as escapes |
| stdout cannot be written | OutputLostError, once; further output is discarded |
| stderr cannot be written | log lines are discarded; the work continues |
"""

import io
import os
import sys
from typing import TYPE_CHECKING

from crawler.errors import OutputLostError, ReaderGoneError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


def set_up() -> None:
    """Replace `sys.stdin`, `sys.stdout` and `sys.stderr` as needed. Call it once, before anything is written."""
    # The order matters: opening a file takes the lowest free descriptor, which is the one of the closed stream.
    # Otherwise a file of ours could get descriptor 2, and receive what a library writes to stderr.
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
    """Discard all further output to stdout, including what is buffered."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.close(null)


class _Stdout(io.FileIO):
    """stdout. A failed write has its own exception class, to tell it from the failure of another file."""

    def write(self, data: "ReadableBuffer", /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            raise ReaderGoneError from None
        except OSError as error:
            raise OutputLostError(
                f"stdout cannot be written ({error.strerror or error}): the output is incomplete; redirect it to another file"
            ) from None


class _Stderr(io.FileIO):
    """stderr. A log line that cannot be written must not end the work."""

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
