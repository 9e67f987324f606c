"""The one place where files are written: nothing follows a link, nothing waits, nothing is there by half."""

import ast
import json
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from crawler.errors import HubGenealogyError, UsageError
from crawler.files import (
    DIGEST,
    DamagedFileError,
    append_line,
    keep_lines,
    open_regular,
    read_bytes,
    read_given,
    read_json,
    read_lines,
    replacing,
    resolved,
    sha256_of,
    write_json,
    writing,
)
from tests.support.somebody_else import another_user, somebody_else

PROGRAM = Path(__file__).parents[1] / "crawler"


def link(path: Path) -> None:
    path.symlink_to(path.with_name("target"))


def bind(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))


IN_THE_WAY = [
    pytest.param(link, "a symbolic link", id="link"),
    pytest.param(Path.mkdir, "a folder", id="folder"),
    pytest.param(os.mkfifo, "a named pipe", id="pipe"),
    pytest.param(bind, "a socket", id="socket"),
]


@contextmanager
def in_time() -> Iterator[None]:
    """The block must not wait for anything."""
    signal.alarm(20)
    try:
        yield
    finally:
        signal.alarm(0)


@pytest.mark.parametrize(("put", "what"), IN_THE_WAY)
def test_what_is_no_file_is_neither_read_nor_written(tmp_path: Path, put: Callable[[Path], None], what: str) -> None:
    (tmp_path / "target").write_text("theirs", encoding="utf-8")
    path = tmp_path / "file.json"
    put(path)
    attempts: list[Callable[[], object]] = [
        lambda: read_bytes(path),
        lambda: sha256_of(path),
        lambda: open_regular(path),
        lambda: read_lines(path),
        lambda: append_line(path, {"a": 1}),
        lambda: keep_lines(path, 0),
        lambda: write_json(path, {"a": 1}),
    ]
    for attempt in attempts:
        with in_time(), pytest.raises(OSError, match=what):
            attempt()
    with in_time(), pytest.raises(HubGenealogyError, match=f"{path} cannot be read .it is {what}"):
        read_json(path)
    with (
        pytest.raises(HubGenealogyError, match=f"the file cannot be written: it is {what} .*file.json"),
        writing("the file"),
    ):
        write_json(path, {"a": 1})
    assert (tmp_path / "target").read_text(encoding="utf-8") == "theirs"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["file.json", "target"]


def test_a_link_in_the_place_of_the_file_that_waits_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "theirs").write_text("theirs", encoding="utf-8")
    (tmp_path / "file.tmp").symlink_to("theirs")
    with replacing(tmp_path / "file") as file:
        file.write(b"ours")
    assert (tmp_path / "theirs").read_text(encoding="utf-8") == "theirs"
    assert (tmp_path / "file").read_bytes() == b"ours"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["file", "theirs"]


def test_a_block_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"old")
    with pytest.raises(KeyError), replacing(tmp_path / "file") as file:  # noqa: PT012  # the block is what fails
        file.write(b"new")
        raise KeyError
    assert [(entry.name, entry.read_bytes()) for entry in tmp_path.iterdir()] == [("file", b"old")]


def test_a_link_of_ones_own_on_the_way_is_followed_and_one_of_somebody_else_is_not() -> None:
    with TemporaryDirectory(dir="/tmp") as folder, another_user() as other:
        here = Path(folder).resolve()
        (here / "exports").mkdir()
        (here / "deep").mkdir()
        (here / "mine").symlink_to("exports")
        (here / "round").symlink_to("deep/../mine")
        for name in ("mine", "round"):
            assert resolved(here / name) == here / "exports"
            with replacing(here / name / "file") as file:
                file.write(b"ours")
            assert (here / "exports" / "file").read_bytes() == b"ours"
        (here / "theirs").symlink_to("exports")
        os.chown(here / "theirs", other, other, follow_symlinks=False)
        (here / "over").symlink_to("theirs")
        (here / "exports" / "file").unlink()
        for name in ("theirs", "over"):
            with (
                pytest.raises(PermissionError, match="theirs is a symbolic link of another user"),
                replacing(here / name / "file"),
            ):
                pass
        assert list((here / "exports").iterdir()) == []


def test_links_in_a_circle_are_one_line(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OSError, match="symbolic links"), replacing(tmp_path / "a" / "file"):
        pass


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param(b"[" * 100_000, "nested too deeply", id="nested 100,000 deep"),
        pytest.param(b'{"a":' * 100_000, "nested too deeply", id="objects 100,000 deep"),
        pytest.param(b"[1]", "does not hold what this program writes", id="a list"),
        pytest.param(b'{"a": NaN}', "NaN is no number", id="no number"),
        pytest.param(b'{"a": ' + b"9" * 5000 + b"}", "4300", id="a number of 5,000 digits"),
        pytest.param(b"\xff\xfe{}", "codec", id="no text"),
        pytest.param(b'{"digest": null}', "its digest differs", id="a digest that is none"),
    ],
)
def test_json_that_this_program_cannot_have_written_is_one_line(tmp_path: Path, text: bytes, why: str) -> None:
    path = tmp_path / "file.json"
    path.write_bytes(text)
    with pytest.raises(DamagedFileError, match=why) as caught:
        read_json(path)
    assert "\n" not in str(caught.value)
    (tmp_path / "lines.jsonl").write_bytes(text + b"\n")
    with pytest.raises(ValueError, match=why):
        read_lines(tmp_path / "lines.jsonl")


def test_a_value_that_changes_is_seen_and_the_layout_of_the_text_is_not_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    content = {"number": 1, "text": "é\ud800", "list": [{"a": 1.5}]}
    write_json(path, content)
    written = json.loads(path.read_bytes())
    path.write_text(json.dumps(written), encoding="utf-8")
    assert read_json(path) == content
    for changed in (written | {"number": 2}, written | {"more": None}, written | {DIGEST: "0" * 64}):
        path.write_text(json.dumps(changed), encoding="utf-8")
        with pytest.raises(DamagedFileError, match="it is not what was written"):
            read_json(path)


def test_json_of_an_earlier_version_has_no_digest(tmp_path: Path) -> None:
    (tmp_path / "file.json").write_text('{"a": 1}', encoding="utf-8")
    assert read_json(tmp_path / "file.json") == {"a": 1}


def test_a_file_that_no_memory_holds_is_not_read_into_it(tmp_path: Path) -> None:
    with (tmp_path / "file.json").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(HubGenealogyError, match="larger than anything that this program writes"):
        read_json(tmp_path / "file.json")


def test_a_file_that_the_user_names_may_be_a_link_and_has_a_bound(tmp_path: Path) -> None:
    (tmp_path / "file.csv").write_text("\ufeffchild,parent", encoding="utf-8")
    (tmp_path / "link.csv").symlink_to("file.csv")
    assert read_given(tmp_path / "link.csv", 1 << 20) == "child,parent"
    os.truncate(tmp_path / "file.csv", (1 << 20) + 1)
    with pytest.raises(UsageError, match=r"link.csv is larger than 1 MB, the most that is read"):
        read_given(tmp_path / "link.csv", 1 << 20)


def test_a_file_that_is_closed_to_this_user_is_one_line() -> None:
    with TemporaryDirectory(dir="/tmp") as folder:
        path = Path(folder) / "file.json"
        write_json(path, {"a": 1})
        path.chmod(0)
        Path(folder).chmod(0o755)
        with somebody_else(), pytest.raises(HubGenealogyError, match="Permission denied"):
            read_json(path)


# What writes files in its own way: the module, and why.
ELSEWHERE = {
    "files": "the one place",
    "local.java": "a server appends what it says to the log that was written anew for it",
    "local.relock": "a tool of the developers",
    "streams": "opens /dev/null for a stream that is closed",
    "snapshot.batch": "rows in the folder that `built_at` made for it",
}
WRITES = {
    "write_text",
    "write_bytes",
    "open",
    "touch",
    "symlink_to",
    "hardlink_to",
    "truncate",
    "copyfile",
    "copy",
    "copy2",
}


def _writers() -> Iterator[tuple[str, str, int]]:
    for path in sorted(PROGRAM.rglob("*.py")):
        module = ".".join(path.relative_to(PROGRAM).with_suffix("").parts)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in WRITES and not _only_reads(name, node) and not _is_help(node):
                yield module, name, node.lineno


def _only_reads(name: str, call: ast.Call) -> bool:
    """Whether a call of `open` names no mode that writes."""
    if name != "open":
        return False
    texts = [part.value for part in ast.walk(call) if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    flags = {part.attr for part in ast.walk(call) if isinstance(part, ast.Attribute)}
    return not flags & {"O_WRONLY", "O_RDWR", "O_CREAT"} and not any(
        set(text) <= set("rwabxt+") and set(text) & set("wax+") for text in texts
    )


def _is_help(call: ast.Call) -> bool:
    """Whether a call puts text into a page of help: click's formatters have a `write_text` as well."""
    function = call.func
    return isinstance(function, ast.Attribute) and getattr(function.value, "id", "") == "formatter"


def test_every_other_module_writes_through_this_one() -> None:
    found = {module for module, _name, _line in _writers()}
    assert "files" in found
    assert [(module, name, line) for module, name, line in _writers() if module not in ELSEWHERE] == []
    assert set(ELSEWHERE) <= found, "a module that is named here writes nothing any more"
