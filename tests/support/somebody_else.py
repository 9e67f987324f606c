"""Another user: without the rights of root, if the tests run as root."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

NOBODY = 65534


@contextmanager
def somebody_else() -> Iterator[None]:
    """Run the block without the rights of root. What it imports must have been imported before."""
    if os.geteuid() != 0:
        yield
        return
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


@contextmanager
def another_user() -> Iterator[int]:
    """The number of a user who is not this one, for `os.chown` and `subprocess.run(user=…)`: both need the rights of root."""
    if os.geteuid() != 0:
        pytest.fail(
            "this test needs a second user: run it as root, as CI does, or with `unshare --map-root-user --map-auto`",
            pytrace=False,
        )
    yield NOBODY
