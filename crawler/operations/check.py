"""The outcome of one check of `doctor`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """What was looked at, how it is (ok, warn or fail), and where it is not well, what to do."""

    name: str
    verdict: str
    message: str


def ok(name: str, message: str) -> Check:
    """Nothing to do."""
    return Check(name, "ok", message)


def warn(name: str, message: str) -> Check:
    """A crawl can go on like this, but somebody should know."""
    return Check(name, "warn", message)


def fail(name: str, message: str) -> Check:
    """A crawl cannot go on like this."""
    return Check(name, "fail", message)
