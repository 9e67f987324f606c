"""Where the shipped `queries/` and `schema/` are: inside the installed package, or beside it in a checkout."""

from pathlib import Path

PACKAGE = Path(__file__).parent


def shipped(name: str) -> Path:
    """The folder `name` (queries, schema) that belongs to this version of the package."""
    installed = PACKAGE / name
    return installed if installed.is_dir() else PACKAGE.parent / name
