"""Files that are replaced together with the list of their hashes, so that a kill at any moment leaves nothing in between.

The new files are written beside the old ones. Then the list is replaced, which is one step. Then each new file takes its place.
A run that was killed is gone on with by the hashes: a new file that the list names takes its place, any other is removed.
"""

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from crawler.files import is_there, sync_folder

NEW = ".new"


def new_of(file: Path) -> Path:
    """Where the new content of `file` waits."""
    return file.with_name(file.name + NEW)


def place(files: Iterable[Path]) -> None:
    """Put the new content of each file in its place."""
    folders = set()
    for file in files:
        new_of(file).replace(file)
        folders.add(file.parent)
    for folder in sorted(folders):
        sync_folder(folder)


def settle(file: Path, is_listed: Callable[[Path], bool]) -> None:
    """Go on with `file` where a run was killed: `is_listed` says whether a file is the one that the list names."""
    new = new_of(file)
    if not is_there(new):
        return
    if not is_listed(file) and is_listed(new):
        place([file])
    else:
        new.unlink()


def remove_leftovers(home: Path, folders: Iterable[Path]) -> None:
    """Remove what runs that were killed left in the state folder: parts of files, and the folders of dry runs."""
    patterns = ("**/*.tmp", "**/forget.duckdb*", "**/forget.spill")
    left = [path for folder in folders for pattern in patterns for path in folder.glob(pattern)]
    for path in [*left, *home.glob("*.tmp"), *home.glob("dry-run-*")]:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
