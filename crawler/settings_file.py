"""The settings file: where it is looked for, whose it must be, and what stands in it.

A file that `--config` names is read as it is. One that is merely found, in the working folder or in the state folder, could
be somebody else's: it must belong to this user or to root, and no other user may write it or its folder.
"""

import grp
import os
import pwd
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from crawler.errors import UsageError
from crawler.private import OTHERS_WRITE, user_name

NAME = Path("hub-genealogy.yml")
LARGEST = 1 << 20


class _Texts(yaml.SafeLoader):
    """Reads every value as the text that stands there: `0123` and `yes` can be a password. Only null stays null."""

    yaml_implicit_resolvers = {  # noqa: RUF012  # PyYAML's own way
        first: [(tag, pattern) for tag, pattern in resolvers if tag.endswith(":null")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def found(folder: Path | None) -> Path | None:
    """The settings file in `folder`, or in the working folder; none where this user may not look."""
    file = NAME if folder is None else folder / NAME
    return file if os.path.lexists(file) else None


def read(file: Path, *, named: bool) -> Any:
    """The content of the settings file. Raises UsageError for one that cannot be read, or may not be if it is not `named`."""
    try:
        text = _of_the_name(file) if named else _of_this_user(file)
        return yaml.load(text.decode(), _Texts)  # noqa: S506  # a safe loader's subclass
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"the settings file {file} cannot be read: {getattr(error, 'strerror', None) or error}"
        ) from None
    except RecursionError:
        raise UsageError(f"the settings file {file} is not YAML: it is nested too deeply") from None
    except (yaml.YAMLError, ValueError) as error:
        # Where and what, but not the line itself: a password may stand in it.
        mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None)
        where = f"line {mark.line + 1}: {problem}" if mark and problem else "it holds characters that no text has"
        raise UsageError(f"the settings file {file} is not YAML: {' '.join(where.split())}") from None


def _of_the_name(file: Path) -> bytes:
    """The content of a file that was named; a pipe will do, too."""
    with file.open("rb") as stream:
        content = stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise UsageError(
            f"the settings file {file} is not read: it is larger than 1 MB; name another file with --config"
        )
    return content


def _of_this_user(file: Path) -> bytes:
    """The content of a file that was found. The file that is looked at is the one that is read."""
    link, folder = file.lstat(), file.absolute().parent.stat()
    descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as stream:
        for why in _objections(link, os.fstat(descriptor), folder):
            raise UsageError(
                f"the settings file {file.absolute()} is not read: {why}; nothing was done; if you trust the file, name it "
                f"with --config; otherwise run from another folder"
            )
        return stream.read()


def _objections(link: os.stat_result, file: os.stat_result, folder: os.stat_result) -> Iterator[str]:
    if not stat.S_ISREG(file.st_mode):
        yield "it is no file"
    for what, state in (("it", link), ("it", file), ("its folder", folder)):
        if state.st_uid not in {0, os.geteuid()}:
            yield f"{what} belongs to the user {user_name(state.st_uid)}"
    for what, state in (("it", file), ("in its folder", folder)):
        if state.st_mode & OTHERS_WRITE and (state.st_mode & stat.S_IWOTH or not _is_own_group(state.st_gid)):
            yield f"other users may write {what}"


def _is_own_group(gid: int) -> bool:
    """Whether nobody but this user is in the group, as where every user has a group of the same name."""
    try:
        group, user = grp.getgrgid(gid), pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return False
    return group.gr_name == user and set(group.gr_mem) <= {user}
