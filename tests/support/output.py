"""Lines in the output of a run of the tests, from whichever process of it."""

import pytest

SAID = "said"


def say(config: pytest.Config, text: str) -> None:
    """Write a line to the output of the run; a worker's line comes when the worker has ended."""
    if hasattr(config, "workeroutput"):
        config.workeroutput.setdefault(SAID, []).append(text)
        return
    reporter, capture = (config.pluginmanager.get_plugin(name) for name in ("terminalreporter", "capturemanager"))
    if reporter is not None and capture is not None:
        with capture.global_and_fixture_disabled():
            reporter.ensure_newline()
            reporter.write_line(text)
