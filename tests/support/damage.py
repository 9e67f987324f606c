"""One thing changed in a folder of files: a bit, a length, what stands at a name, a value of JSON.

`damage` is what disks, copies and people do. `forge` is what somebody does who makes the digests fit again.
"""

import json
import os
import random
import shutil
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crawler.files import DIGEST, digest_of, sha256_of

Change = Callable[[random.Random, Path, Path], str]

ODD_VALUES: tuple[Any, ...] = (
    None, True, -1, 0, 1, 2**31, 2**63, 10**30, 0.5, 1e308, "", "x", "\x00", "\ud800", "../../../outside/secret", "9" * 5000,
    "2026-01-01T00:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "https://evil.example/api/models?cursor=1",
    "//evil.example/api/models", [], {}, [None], [[]], {"a": 1}, ["x"] * 100,
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """What was done to which file of the folder."""

    file: Path
    what: str


def damage(rng: random.Random, folder: Path, files: list[Path]) -> Case:
    """Change one of `files` below `folder`."""
    file = rng.choice(files)
    change = rng.choice([_flip, _flip, _cut, _replace, _other, _value, _value])
    return Case(file, change(rng, folder / file, folder))


def forge(rng: random.Random, folder: Path, files: list[Path]) -> Case:
    """Change a value in one of `files`, or a bit of a table, and what says how it must be."""
    if tables := [file for file in files if file.suffix == ".parquet"]:
        file = rng.choice(tables)
        what = _flip(rng, folder / file, folder)
        _fit(folder / file)
        return Case(file, f"{what}, and its hash")
    file = rng.choice(files)
    return Case(file, _value(rng, folder / file, folder, sign=True))


def _fit(table: Path) -> None:
    """Let what lists the table list it as it is now."""
    names = {"snapshot.json": "sha256", "changes.json": "sha256", "made.json": "files"}
    manifest = next(table.with_name(name) for name in names if table.with_name(name).exists())
    content = json.loads(manifest.read_bytes())
    rows = manifest.name == "made.json"
    content[names[manifest.name]][table.stem if rows else table.name] = sha256_of(table)
    manifest.write_text(json.dumps(content if rows else _signed(content)), encoding="utf-8")


def _flip(rng: random.Random, file: Path, _folder: Path) -> str:
    content = bytearray(file.read_bytes())
    if not content:
        return "nothing: it is empty"
    bit = rng.randrange(len(content) * 8)
    content[bit // 8] ^= 1 << bit % 8
    file.write_bytes(content)
    return f"bit {bit}"


def _cut(rng: random.Random, file: Path, _folder: Path) -> str:
    length = rng.randrange(max(1, file.stat().st_size))
    os.truncate(file, length)
    return f"cut to {length} bytes"


def _replace(rng: random.Random, file: Path, folder: Path) -> str:
    secret = folder.parent / "outside" / "secret"
    content = file.read_bytes()
    file.unlink()
    kind = rng.choice(["nothing", "folder", "pipe", "socket", "link", "link to itself", "zeros", "nested", "text"])
    match kind:
        case "folder":
            file.mkdir()
        case "pipe":
            os.mkfifo(file)
        case "socket":
            with socket.socket(socket.AF_UNIX) as listening:
                here = os.open(file.parent, os.O_RDONLY)
                try:
                    listening.bind(f"/proc/self/fd/{here}/{file.name}")
                finally:
                    os.close(here)
        case "link":
            file.symlink_to(secret)
        case "link to itself":
            file.symlink_to(file.name)
        case "zeros":
            file.write_bytes(bytes(len(content)))
        case "nested":
            file.write_bytes(rng.choice([b"[", b'{"a":']) * 100_000)
        case "text":
            file.write_bytes(rng.choice([b"", b"{}", b"[]", b"null", b"\xff\xfe", b"\n", b"{}\n", b"PAR1"]))
    return f"in its place: {kind}"


def _other(rng: random.Random, file: Path, folder: Path) -> str:
    """Another file of the same name, as where a copy was put into the wrong folder; else any other file."""
    others = sorted(path for path in folder.rglob(file.name) if path != file and path.is_file())
    others = others or sorted(path for path in folder.rglob(f"*{file.suffix}") if path != file and path.is_file())
    if not others:
        return "nothing: there is no other"
    other = rng.choice(others)
    shutil.copyfile(other, file)
    return f"in its place: {other.relative_to(folder)}"


def _value(rng: random.Random, file: Path, folder: Path, *, sign: bool = False) -> str:
    """Another value, or none, somewhere in an object of JSON."""
    if file.suffix not in {".json", ".jsonl"}:
        return _flip(rng, file, folder)
    lines = file.read_bytes().splitlines(keepends=True) if file.suffix == ".jsonl" else [file.read_bytes()]
    if not lines:
        return "nothing: it is empty"
    number = rng.randrange(len(lines))
    content = json.loads(lines[number])
    places = [place for place in _places(content, ()) if not sign or place[0] != DIGEST]
    place = rng.choice(places)
    inner = content
    for step in place[:-1]:
        inner = inner[step]
    if rng.random() < 0.15:
        del inner[place[-1]]
        what = "removed"
    else:
        inner[place[-1]] = value = rng.choice(ODD_VALUES)
        what = f"{value!r:.60}"
    sign = sign and file.name != "made.json"  # which carries no digest
    text = json.dumps(_signed(content) if sign else content)
    lines[number] = f"{text}\n".encode()
    file.write_bytes(b"".join(lines))
    return f"{'signed, ' if sign else ''}line {number}, {'.'.join(map(str, place))}: {what}"


def _signed(content: dict[str, Any]) -> dict[str, Any]:
    content.pop(DIGEST, None)
    return {**content, DIGEST: digest_of(content)}


def _places(value: Any, here: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for name, part in inner for place in [(*here, name), *_places(part, (*here, name))]]


def signature(folder: Path) -> dict[str, tuple[int, ...]]:
    """What is below `folder`, and when each of it was changed."""
    found: dict[str, tuple[int, ...]] = {}
    for path in folder.rglob("*"):
        state = path.lstat()
        found[path.relative_to(folder).as_posix()] = (state.st_ino, state.st_mode, state.st_size, state.st_mtime_ns)
    return found
