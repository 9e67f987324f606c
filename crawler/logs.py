"""Logs on stderr: plain text, or one JSON object a line. stdout is for data only."""

import json
import logging
import os
import re
import sys
import textwrap
import time
from datetime import UTC, datetime

logger = logging.getLogger(__name__)

LEAST_WIDTH = 80
# What no text of a stranger may bring to a terminal: C0 and C1 control characters, line and paragraph separators, and
# all that Unicode says to show as nothing (Default_Ignorable_Code_Point, and the other characters of category Cf):
# zero-width and bidirectional characters, tags, fillers. A selector that gives an emoji its colours hides nothing.
CONTROL = re.compile(
    r"[\x00-\x08\x0a-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5"
    r"\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff0-\ufffb"
    r"\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
    r"|(?<![#*0-9\xa9\xae\u203c\u2049\u2100-\u27bf\u2900-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff])\ufe0f"
)


def printable(text: str) -> str:
    """`text` with every character that would steer a terminal, or that shows nothing, written out as an escape."""
    return text if text.isascii() and text.isprintable() else CONTROL.sub(_escaped, text)


def printable_json(line: str) -> str:
    """The same for a line of JSON, which stays the same value."""
    return (
        line if line.isascii() and line.isprintable() else CONTROL.sub(lambda match: json.dumps(match[0])[1:-1], line)
    )


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


class _TextFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        level = "" if record.levelno == logging.INFO else f"{record.levelname.lower()}: "
        text = f"{level}{printable(record.getMessage())}"
        if record.exc_info:
            return "\n".join([text, *map(printable, self.formatException(record.exc_info).split("\n"))])
        return "\n".join(broken(text, _terminal_width())) if sys.stderr.isatty() else text


def broken(text: str, width: int) -> list[str]:
    """The text in lines that are not wider, broken at spaces only, so that a name or a path in it can be copied."""
    return textwrap.wrap(text, width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False) or [text]


def _terminal_width() -> int:
    try:
        return max(os.get_terminal_size(sys.stderr.fileno()).columns, LEAST_WIDTH)
    except (OSError, ValueError):
        return LEAST_WIDTH


class _JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)


def set_up(verbosity: int = 0, *, json_lines: bool = False) -> None:
    """Send the logs of this program to stderr; `verbosity` -1 shows warnings only, 1 shows details too."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonFormatter() if json_lines else _TextFormatter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("neo4j.notifications").setLevel(
        logging.ERROR
    )  # what the server says of a query is printed readably
    logging.getLogger("crawler").setLevel({-1: logging.WARNING, 0: logging.INFO}.get(verbosity, logging.DEBUG))


class Progress:
    """How far a stage is: one line that is written over on a terminal, a log line every half minute elsewhere.

    With `total`, about how many there will be, it says the share that is done and the time that is left.
    """

    def __init__(self, stage: str, total: int | None = None) -> None:
        self._stage = stage
        self._total = total
        self._first: tuple[float, int] | None = None  # the time and the count of the first call
        json_lines = any(isinstance(handler.formatter, _JsonFormatter) for handler in logging.getLogger().handlers)
        self._terminal = sys.stderr.isatty() and not json_lines and logger.isEnabledFor(logging.INFO)
        self._every = 0.2 if self._terminal else 30.0
        self._said = time.monotonic()

    def __call__(self, count: int, what: str = "models") -> None:
        """Say that `count` of `what` are done, if it is time to."""
        now = time.monotonic()
        # The stage begins with its first call. A resumed walk begins with the pages of the run before.
        self._first = self._first or (now, count)
        if now - self._said < self._every:
            return
        self._said = now
        text = f"{self._stage}: {count:,} {what}, {self._share(count, now, *self._first)}{now - self._first[0]:.0f} s"
        if self._terminal:
            sys.stderr.write(f"\r\x1b[2K{text}")
            sys.stderr.flush()
        else:
            logger.info("%s", text)

    def _share(self, count: int, now: float, since: float, before: int) -> str:
        if self._total is None or count >= self._total:
            return ""
        share = f"{count / self._total:.0%} of about {self._total:,}, "
        if count <= before or now <= since:
            return share
        left = (self._total - count) * (now - since) / (count - before)
        return f"{share}about {left / 60:.0f} min left, " if left >= 90 else f"{share}about {left:.0f} s left, "

    def done(self) -> None:
        """Take the line off the terminal."""
        if self._terminal:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()
