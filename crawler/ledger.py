"""Which owners are forgotten: `forgotten.json` in the state folder, which nobody else can read.

It holds a key and the stand-ins that the key makes of their names, never a name. Without the key, no stand-in can be made of a
name, so the next crawl would take the names in again: the file belongs into every backup.
"""

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec

from crawler.errors import HubGenealogyError
from crawler.files import is_there, read_json, write_json, writing
from crawler.records.forgetting import Forgotten

FILE = "forgotten.json"
_KEY_BYTES = 32


@dataclass(frozen=True, kw_only=True)
class _Content:
    key: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
    tokens: tuple[Annotated[str, msgspec.Meta(pattern="^forgotten-[a-z2-7]{16}$")], ...]
    unfinished: bool


def read(home: Path) -> Forgotten:
    """The forgotten owners of the state folder `home`. HubGenealogyError where the file cannot be read."""
    content = _read(home)
    return Forgotten() if content is None else _forgotten(content)


def is_unfinished(home: Path) -> bool:
    """Whether a name may still stand in the state or in the graph."""
    content = _read(home)
    return content is not None and content.unfinished


def add(home: Path, name: str) -> Forgotten:
    """Add an owner; from now on no crawl takes the name in. What has to be done stays noted until `finished`."""
    content = _read(home) or _Content(key=secrets.token_hex(_KEY_BYTES), tokens=(), unfinished=False)
    tokens = tuple(sorted({*content.tokens, _forgotten(content).token(name.lower())}))
    content = _Content(key=content.key, tokens=tokens, unfinished=True)
    _write(home, content)
    return _forgotten(content)


def finished(home: Path) -> None:
    """Note that no name is left."""
    content = _read(home)
    if content is not None:
        _write(home, _Content(key=content.key, tokens=content.tokens, unfinished=False))


def _forgotten(content: _Content) -> Forgotten:
    return Forgotten(bytes.fromhex(content.key), frozenset(content.tokens))


def _read(home: Path) -> _Content | None:
    file = home / FILE
    if not is_there(file):
        return None
    try:
        return msgspec.convert(read_json(file), _Content)
    except msgspec.ValidationError as error:
        raise HubGenealogyError(
            f"{file} does not hold what this program writes ({error}): restore it from a backup"
        ) from None


def _write(home: Path, content: _Content) -> None:
    with writing(f"the state folder {home}"):
        write_json(home / FILE, msgspec.to_builtins(content), 0o600)
