"""Every command of the program in one environment, for the price of one start.

`python -m tests.support.every_command FOLDER HEX` loads the program as the environment of this process has it, then
forks for each command. FOLDER gets what each one wrote, and their exit codes in `codes.json`. A stream that is closed
or no regular file when this process starts stays as it is, and nothing of it is kept. HEX is one more argument of
every command, of whatever bytes; empty for none.
"""

import json
import os
import pwd
import stat
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import click

from crawler.cli import cli
from crawler.cli import main as program

# What a command is given so that it gets as far as it can without a database; each tuple is one run of it. A command
# that is not named here gets a model's name for every argument that it requires.
GIVEN: dict[str, tuple[tuple[str, ...], ...]] = {
    "case open": (("Maker/base", "--right", "erasure", "--received", "2026-01-31", "--reference", "R-1"),),
    "case show": (("1",),),
    "case set": (("1", "--model", "Maker/base", "--state", "contacted"),),
    "case note": (("1", "a note"),),
    "case extend": (("1", "--reason", "many owners"),),
    "case refuse": (("1", "--reason", "unfounded", "--remedies", "authority and court"),),
    "case close": (("1",),),
    "case export": (("1", "--format", "json"), ("1", "--format", "ics"), ("1", "--format", "csv")),
    "case letters": (("1", "--to", "letters"),),
    "crawl": ((), ("--dry-run",)),
    "feed": (("Maker/base",), ("--dataset", "Maker/set"), ("--owner", "Maker"), ("--case", "1")),
    "query": ((), ("--list",), ("children", "--model", "Maker/base")),
    "report": (("Maker/base",), ("--dataset", "Maker/set"), ("--check", "report.json")),
    "db reset": (("--yes",),),
    "forget": (("Maker", "--yes"),),
    "evidence import": (("found.csv", "--name", "audit"),),
    "export favourites": (("favourites.zip",),),
    "export style": (("-",),),
    "export cyclonedx": (("Maker/base",), ("Maker/base", "--to", "base.cdx.json")),
    "export prov": (("Maker/base",), ("Maker/base", "--to", "base.prov.json")),
    "export spdx": (("Maker/base",), ("Maker/base", "--to", "base.spdx.json")),
    "export graphml": (("Maker/base", "--to", "-"), ("--all", "--to", "-")),
    "export parquet": (("Maker/base", "--to", "family.parquet"), ("--all", "--to", "graph.parquet")),
}


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The arguments of every run: a new command is among them without a word here."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        here = (*path, name)
        if isinstance(command, click.Group):
            yield from commands(command, here)
            continue
        required = tuple("Maker/base" for p in command.params if isinstance(p, click.Argument) and p.required)
        yield from ((*here, *given) for given in GIVEN.get(" ".join(here), (required,)))


def place(folder: Path, arguments: tuple[str, ...], stream: str) -> Path:
    """The file for one stream of one run."""
    return folder / f"{' '.join(arguments).replace('/', '_')}.{stream}"


def _is_file(descriptor: int) -> bool:
    try:
        return stat.S_ISREG(os.fstat(descriptor).st_mode)
    except OSError:
        return False


def _nobody(uid: int) -> pwd.struct_passwd:
    raise KeyError(f"getpwuid(): uid not found: {uid}")


def _end_with(program: Callable[[], NoReturn]) -> NoReturn:
    """End this process as the interpreter would after `program`, without the time that it takes to tidy up."""
    try:
        program()
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else 1
    except BaseException:  # noqa: BLE001  # whatever it is, the test wants to see it
        traceback.print_exc()
        code = 1
    for stream in filter(None, (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__)):
        try:
            stream.flush()
        except OSError:
            code = 120
    os._exit(code)


def main() -> None:
    """Run every command, one after the other."""
    kept = [(descriptor, stream) for descriptor, stream in ((1, "out"), (2, "err")) if _is_file(descriptor)]
    if "NOBODY" in os.environ:  # a user without an entry in the list of users, as containers have
        pwd.getpwuid = _nobody
    folder, more = Path(sys.argv[1]), [os.fsdecode(bytes.fromhex(text)) for text in sys.argv[2:] if text]
    codes = {}
    for arguments in commands(cli):
        child = os.fork()
        if child == 0:
            for descriptor, stream in kept:
                file = os.open(place(folder, arguments, stream), os.O_WRONLY | os.O_CREAT)
                os.dup2(file, descriptor)
                os.close(file)  # its number may be that of a closed stream
            sys.argv = ["hub-genealogy", *arguments, *more]
            _end_with(program)
        codes[" ".join(arguments)] = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    (folder / "codes.json").write_text(json.dumps(codes), encoding="utf-8")


if __name__ == "__main__":
    main()
