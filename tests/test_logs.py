"""Logs: one JSON object a line, or plain lines that no control character can reach."""

import io
import json
import logging
import os
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from datetime import datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crawler.logs import CONTROL, Progress, printable, printable_json, set_up

HOSTILE = "a\x1b[2J\x9b0m\r\nb\u2028\u202ec\x07\x7f"


class Terminal(io.StringIO):
    """A stderr that is a terminal, or not."""

    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    """Put the handlers and levels back."""
    root, crawler = logging.getLogger(), logging.getLogger("crawler")
    before = root.handlers, root.level, crawler.level
    yield
    root.handlers, root.level, crawler.level = before


def stderr(
    monkeypatch: pytest.MonkeyPatch, *, terminal: bool, verbosity: int = 0, json_lines: bool | None = None
) -> Terminal:
    """Log to a stand-in for stderr: text on a terminal and JSON elsewhere, if nothing else is asked for."""
    stream = Terminal(terminal=terminal)
    monkeypatch.setattr(sys, "stderr", stream)
    set_up(verbosity, json_lines=not terminal if json_lines is None else json_lines)
    return stream


def refuse() -> None:
    raise ValueError(HOSTILE)


def fail() -> None:
    try:
        refuse()
    except ValueError:
        logging.getLogger("crawler.x").exception("failed at %s", HOSTILE)


def test_json_logs_are_one_object_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = stderr(monkeypatch, terminal=False)
    logging.getLogger("crawler.x").info("first %s", HOSTILE)
    fail()
    first, second = map(json.loads, stream.getvalue().splitlines())
    assert set(first) == {"time", "level", "logger", "message"}
    assert (first["level"], first["logger"], first["message"]) == ("info", "crawler.x", f"first {HOSTILE}")
    assert datetime.fromisoformat(first["time"]).tzinfo is not None
    assert (second["level"], second["message"]) == ("error", f"failed at {HOSTILE}")
    assert second["exception"].startswith("Traceback")


def test_json_logs_are_ascii_whatever_they_say(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = stderr(monkeypatch, terminal=False)
    logging.getLogger("crawler").warning("é \ud800 %s", HOSTILE)
    line = stream.getvalue()
    assert line.isascii()
    assert not CONTROL.search(line.removesuffix("\n"))


def test_no_control_character_reaches_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = stderr(monkeypatch, terminal=True)
    logging.getLogger("crawler.x").warning("name %s", HOSTILE)
    fail()
    lines = stream.getvalue().split("\n")
    assert [line for line in lines if CONTROL.search(line)] == []
    assert lines[0] == r"warning: name a\u001b[2J\u009b0m\u000d\u000ab\u2028\u202ec\u0007\u007f"
    assert any(line.startswith("ValueError: a\\u001b[2J") for line in lines), "the traceback is there, written out"


def test_an_ordinary_line_on_a_terminal_has_no_ornament(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = stderr(monkeypatch, terminal=True)
    logging.getLogger("crawler").info("crawl %d is in", 7)
    assert stream.getvalue() == "crawl 7 is in\n"


@pytest.mark.parametrize(
    ("verbosity", "said"),
    [
        pytest.param(-1, ["warning"], id="quiet"),
        pytest.param(0, ["info", "warning"], id="as usual"),
        pytest.param(1, ["debug", "info", "warning"], id="verbose"),
    ],
)
def test_verbosity(monkeypatch: pytest.MonkeyPatch, verbosity: int, said: list[str]) -> None:
    stream = stderr(monkeypatch, terminal=False, verbosity=verbosity)
    for level in ("debug", "info", "warning"):
        getattr(logging.getLogger("crawler.x"), level)("said")
        getattr(logging.getLogger("neo4j"), level)("said")
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["level"] for line in lines if line["logger"] == "crawler.x"] == said
    assert [line["level"] for line in lines if line["logger"] == "neo4j"] == ["warning"]


@given(st.text(alphabet=st.characters(categories=["Cc", "Cf", "Zl", "Zp", "L", "Cs"])))
def test_printable_text_holds_no_control_character_and_loses_no_other(text: str) -> None:
    shown = printable(text)
    assert not CONTROL.search(shown)
    if not CONTROL.search(text):
        assert shown == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("a\u200bb\u200d\ufeff", r"a\u200bb\u200d\ufeff", id="zero-width characters"),
        pytest.param("\u202eabc\u2069\u200f", r"\u202eabc\u2069\u200f", id="marks of direction"),
        pytest.param("a\U000e0041\U000e007f", r"a\U000e0041\U000e007f", id="tags"),
        pytest.param("a\ufe00\ufe0f\U000e0100", r"a\ufe00\ufe0f\U000e0100", id="variation selectors that hide a text"),
        pytest.param(
            "❤\ufe0f\ufe0f", "❤\ufe0f\\ufe0f", id="one that gives an emoji its colours, and one that does not"
        ),
        pytest.param("a\u3164\u115f\xad", r"a\u3164\u115f\u00ad", id="fillers and soft hyphens"),
        pytest.param("é 名 ﷽ a\u0301", "é 名 ﷽ a\u0301", id="letters and accents"),
    ],
)
def test_what_shows_nothing_is_shown(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_every_character_of_format_and_control_is_shown_but_the_tab() -> None:
    unseen = [chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) in ("Cc", "Cf")]
    assert [character for character in unseen if printable(character) == character] == ["\t"]


@given(st.text(alphabet=st.characters(categories=["Cc", "Cf", "Mn", "L", "So"])))
@example("\x7f")
def test_a_line_of_json_stays_the_same_value(text: str) -> None:
    line = json.dumps({"id": text}, ensure_ascii=False)
    assert json.loads(printable_json(line)) == {"id": text}
    assert not CONTROL.search(printable_json(line))


def test_progress_is_written_over_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    stream = stderr(monkeypatch, terminal=True)
    progress = Progress("walk")
    for now[0] in (0.1, 0.3, 0.4, 61.0):
        progress(1000)
    progress.done()
    assert stream.getvalue() == "\r\x1b[2Kwalk: 1,000 models, 0 s\r\x1b[2Kwalk: 1,000 models, 61 s\r\x1b[2K"


def test_progress_is_a_log_line_every_half_minute_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    stream = stderr(monkeypatch, terminal=False)
    progress = Progress("load")
    for now[0] in (1.0, 29.0, 31.0, 40.0, 62.0):  # the first call is the beginning
        progress(5, "rows")
    progress.done()
    messages = [json.loads(line)["message"] for line in stream.getvalue().splitlines()]
    assert messages == ["load: 5 rows, 30 s", "load: 5 rows, 61 s"]


def test_progress_towards_a_known_number_says_the_share_and_the_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    stream = stderr(monkeypatch, terminal=False)
    progress = Progress("walk", 3_000_000)
    for now[0], count in ((10.0, 500_000), (40.0, 800_000), (90.0, 1_300_000), (250.0, 2_900_000), (290.0, 3_100_000)):
        progress(count)
    messages = [json.loads(line)["message"] for line in stream.getvalue().splitlines()]
    assert messages == [
        "walk: 800,000 models, 27% of about 3,000,000, about 4 min left, 30 s",
        "walk: 1,300,000 models, 43% of about 3,000,000, about 3 min left, 80 s",
        "walk: 2,900,000 models, 97% of about 3,000,000, about 10 s left, 240 s",
        "walk: 3,100,000 models, 280 s",
    ], "the time left follows from the speed of this run, which resumed at 500,000 models"


def test_progress_is_a_log_line_on_a_terminal_too_where_json_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    stream = stderr(monkeypatch, terminal=True, json_lines=True)
    progress = Progress("load")
    for now[0] in (1.0, 31.0):
        progress(5, "rows")
    progress.done()
    assert [json.loads(line)["message"] for line in stream.getvalue().splitlines()] == ["load: 5 rows, 30 s"]


def test_logs_go_to_stderr_and_stdout_stays_empty() -> None:
    program = "import logging; from crawler.logs import set_up; set_up(); logging.getLogger('crawler').info('x')"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    assert done.stdout == ""
    assert done.stderr == "x\n"


def test_on_a_terminal_a_long_message_is_broken_between_words(monkeypatch: pytest.MonkeyPatch) -> None:
    path = "/a/path/" + "that-is-long/" * 10
    stream = stderr(monkeypatch, terminal=True)
    logging.getLogger("crawler").warning("%s %s", "some words " * 12, path)
    lines = stream.getvalue().splitlines()
    assert [line for line in lines if len(line) > 80] == [f"  {path}"]
    assert " ".join(stream.getvalue().split()) == "warning: " + "some words " * 12 + path
    plain = stderr(monkeypatch, terminal=False, json_lines=False)
    logging.getLogger("crawler").warning("%s %s", "some words " * 12, path)
    assert plain.getvalue().count("\n") == 1
