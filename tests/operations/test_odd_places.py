"""Where a state folder lies, and what somebody has put into it: names mean themselves, and nothing hangs or is followed."""

import json
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from crawler.changes.diff import ChangeSet, check_order, diff
from crawler.errors import HubGenealogyError
from crawler.files import read_json, write_json
from crawler.graph.load import batches
from crawler.hub.archive import Archive, DamagedArchiveError
from crawler.hub.client import HubClient
from crawler.hub.walk import next_url
from crawler.operations import metrics
from crawler.reports.figures import figures
from crawler.settings import load
from crawler.snapshot.parquet import confined
from crawler.snapshot.read import check
from crawler.state import State
from tests.support.program import Program
from tests.support.strangers import fit_hash, forget_hashes
from tests.support.sweeps import Sweeps, child, record

RECORDS = [record("a", "org/a", card_license="mit", downloads=1), child("b", "org/b", "org/a")]


@contextmanager
def in_time() -> Iterator[None]:
    """The block must not wait for anything."""
    signal.alarm(60)
    try:
        yield
    finally:
        signal.alarm(0)


def swept(folder: Path) -> Sweeps:
    """Two sweeps of a Hub, with their change sets."""
    hub = Sweeps(folder)
    assert hub.sweep(RECORDS).changes.models_added == 2
    assert hub.sweep([*RECORDS, record("c", "org/c")]).changes.models_added == 1
    return hub


def put_rows(hub: Sweeps) -> list[Any]:
    """What a load reads of the last change set."""
    changes = ChangeSet(hub.folder / "changes" / "000002")
    with confined(changes.folder) as db:
        return [row["key"] for rows in batches(db, changes, "models", "put", start=0, size=10) for row in rows]


def listed(hub: Sweeps) -> int | None:
    """How many listed models the figures count."""
    return next(
        count for title, figure, count, _share in figures(hub.snapshot) if (title, figure) == ("models", "listed")
    )


# The second one is what the first one's name matches, if it is a pattern.
@pytest.mark.parametrize(
    ("name", "beside"),
    [
        pytest.param("a*c", "abc", id="a star"),
        pytest.param("a?c", "abc", id="a question mark"),
        pytest.param("a[bc]c", "abc", id="brackets"),
        pytest.param("**", "abc", id="two stars"),
        pytest.param("a[", "ab", id="half a bracket"),
        pytest.param("'quoted'", "quoted", id="quotes"),
    ],
)
def test_a_path_means_itself(tmp_path: Path, name: str, beside: str) -> None:
    Sweeps(tmp_path / beside).sweep([record("x", "org/x")]).sweep([record("y", "org/y")]).changes  # noqa: B018  # makes it
    hub = swept(tmp_path / name)
    assert put_rows(hub) == ["c"]
    assert listed(hub) == 3


def test_a_folder_that_reads_like_a_column_gives_no_column_its_value(tmp_path: Path) -> None:
    hub = swept(tmp_path / "status=gone" / "key=x")
    assert put_rows(hub) == ["c"]
    assert listed(hub) == 3


@pytest.mark.parametrize("name", ["lock", "state.json", "run.json"])
@pytest.mark.parametrize(
    "put", [os.mkfifo, Path.mkdir, lambda path: path.symlink_to("/dev/zero")], ids=["pipe", "folder", "device"]
)
def test_something_else_in_the_place_of_a_file_is_one_line_of_every_command(
    tmp_path: Path, name: str, put: Callable[[Path], None]
) -> None:
    program = Program(tmp_path / "home", None, {"HF_ENDPOINT": "http://127.0.0.1:9"})
    State(program.home)
    (program.home / name).unlink(missing_ok=True)
    put(program.home / name)
    for command in (["status"], ["doctor"]):
        with in_time():
            result = program.run(*command)
        # Whether the lock is held is not known then: that is no failure of `status`.
        assert result.code == (0 if (name, command) == ("lock", ["status"]) else 1), result.err
        assert name in result.out + result.err
    if name == "lock":
        with (
            in_time(),
            pytest.raises(HubGenealogyError, match=f"the lock in .* cannot be written: it is a .*{name}"),
            State(program.home).locked(),
        ):
            pass


def test_a_link_in_the_place_of_a_crawl_is_refused_and_other_names_are_left_out(tmp_path: Path) -> None:
    state = State(tmp_path / "home")
    for name in ("lost+found", "000001-a.tmp", ".hidden", "notes"):
        (state.archives / name).mkdir()
    assert state.crawls(state.archives) == []
    (state.archives / "000001-a").symlink_to(tmp_path)
    with pytest.raises(HubGenealogyError, match="000001-a is a link or a file"):
        state.crawls(state.archives)


@pytest.mark.parametrize("name", ["pages.jsonl", "details.jsonl", "walk.json", "pages"])
def test_a_link_in_an_archive_is_not_followed(tmp_path: Path, name: str) -> None:
    hub = swept(tmp_path / "state")
    archive = Archive(hub.folder / "archive" / "000002")
    path, moved = archive.folder / name, tmp_path / name
    if path.exists():
        path.rename(moved)
    else:
        moved.touch()
    path.symlink_to(moved)
    with pytest.raises(HubGenealogyError, match=f"{name} cannot be read .it is a symbolic link"):
        archive.pages(), archive.details()


@pytest.mark.parametrize("lost", ["pages.jsonl", "a line of pages.jsonl", "details.jsonl"])
def test_what_a_finished_archive_has_lost_is_a_damage(tmp_path: Path, lost: str) -> None:
    hub = Sweeps(tmp_path).sweep([RECORDS[0]], [RECORDS[1]])
    archive = Archive(tmp_path / "archive" / "000001")
    file = archive.folder / lost.rpartition(" ")[2]
    if lost == "details.jsonl":
        write_json(
            archive.folder / "walk.json",
            read_json(archive.folder / "walk.json") | {"answers": {"bytes": 9, "sha256": "0" * 64}},
        )
    elif lost == "pages.jsonl":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes().splitlines(keepends=True)[0])
    with pytest.raises(DamagedArchiveError, match="it is not what was written"):
        archive.pages(), archive.details()
    assert hub.number == 1


@pytest.mark.parametrize(
    "change", [{"models": 7}, {"number": "../../1"}, {"number": 3}, {"next": "https://evil.example/"}]
)
def test_a_value_that_changes_in_the_index_of_an_unfinished_walk_is_a_damage(
    tmp_path: Path, change: dict[str, Any]
) -> None:
    archive = Archive(tmp_path / "000001")
    Sweeps(tmp_path / "s").sweep(RECORDS)
    shutil.copytree(tmp_path / "s" / "archive" / "000001", archive.folder)
    (archive.folder / "walk.json").unlink()
    [page] = archive.pages()
    line = (archive.folder / "pages.jsonl").read_text(encoding="utf-8")
    name, value = next(iter(change.items()))
    changed = json.loads(line) | {name: value}
    (archive.folder / "pages.jsonl").write_text(json.dumps(changed) + "\n", encoding="utf-8")
    with pytest.raises(DamagedArchiveError, match="its digest differs"):
        archive.pages()
    assert page.number == 1


@pytest.mark.parametrize(
    ("link", "leads_to"),
    [
        pytest.param(
            "https://hub.example/api/models?cursor=7", "https://hub.example/api/models?cursor=7", id="as the Hub"
        ),
        pytest.param(
            "https://evil.example/api/models?cursor=7", "https://hub.example/api/models?cursor=7", id="another host"
        ),
        pytest.param(
            "//evil.example/api/models?c=7", "https://hub.example/api/models?c=7", id="another host, relative"
        ),
        pytest.param("https://hub.example/api/whoami-v2", None, id="another question"),
        pytest.param("https://evil.example/", None, id="another page"),
        pytest.param("file:///etc/passwd", None, id="a file"),
        pytest.param("http://[", None, id="no address"),
    ],
)
def test_a_walk_is_resumed_at_an_address_that_the_hub_could_have_given(
    tmp_path: Path, link: str, leads_to: str | None
) -> None:
    client = HubClient(load(environment={"HF_ENDPOINT": "https://hub.example", "HUB_GENEALOGY_HOME": str(tmp_path)}))
    hub = Sweeps(tmp_path).sweep(RECORDS)
    archive = Archive(hub.folder / "archive" / "000001")
    pages = [replace(archive.pages()[0], next=link)]
    if leads_to is None:
        with pytest.raises(DamagedArchiveError, match="its page 1 does not lead to a page of the Hub"):
            next_url(client, pages, archive.crawl)
    else:
        assert next_url(client, pages, archive.crawl) == leads_to


def test_a_change_set_that_is_missing_between_two_others_is_refused(tmp_path: Path) -> None:
    hub = swept(tmp_path / "sweeps")
    hub.sweep(RECORDS).changes  # noqa: B018  # makes it
    state = State(tmp_path / "home")
    shutil.rmtree(state.changes)
    shutil.copytree(hub.folder / "changes", state.changes)
    check_order(state)
    shutil.rmtree(state.changes / "000002")
    with pytest.raises(
        HubGenealogyError, match="000003 follows crawl 000002, but the change set before it is that of 000001"
    ):
        check_order(state)


def test_a_broken_page_of_a_table_without_a_hash_is_one_line(tmp_path: Path) -> None:
    hub = swept(tmp_path)
    file = hub.snapshot / "models.parquet"
    forget_hashes(hub.snapshot)
    whole = file.read_bytes()
    said = set()
    for place in range(4, len(whole) // 2, 97):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        said.add(refusal(hub.snapshot))
    # Without a hash, a value that is only another one cannot be told.
    refusals = [text for text in said if text]
    assert len(refusals) > 3
    assert [text for text in refusals if "\n" in text or "models.parquet cannot be read" not in text] == []


def refusal(snapshot: Path) -> str:
    """Why the snapshot is refused; empty if it is not."""
    try:
        check(snapshot)
    except HubGenealogyError as error:
        return str(error)
    return ""


def test_a_table_whose_values_are_of_another_type_is_refused_although_its_hash_fits(tmp_path: Path) -> None:
    hub = swept(tmp_path)
    file = hub.snapshot / "models.parquet"
    for value in ("'many'", "[1, 2]", "{'a': 1}"):
        with duckdb.connect() as db:
            db.execute(f"CREATE TABLE kept AS SELECT * REPLACE ({value} AS downloads) FROM read_parquet('{file}')")  # noqa: S608  # our own file
            db.execute(f"COPY kept TO '{file}'")
        fit_hash(file)
        with pytest.raises(
            HubGenealogyError, match=r"models.parquet (has values in downloads that are no BIGINT|cannot be read)"
        ):
            diff(None, hub.snapshot, tmp_path / "diff" / "000002")


def test_a_table_that_no_manifest_lists_is_not_read(tmp_path: Path) -> None:
    hub = swept(tmp_path)
    changes = ChangeSet(hub.folder / "changes" / "000002")
    shutil.copyfile(hub.folder / "changes" / "000001" / "licenses.put.parquet", changes.file("licenses", "put"))
    with pytest.raises(HubGenealogyError, match=r"licenses.put.parquet is there, but its manifest lists no rows of it"):
        changes.check()


def test_the_metrics_file_is_not_written_through_a_link(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    theirs = tmp_path / "theirs"
    theirs.write_text("theirs", encoding="utf-8")
    for name in ("a.prom", "b.prom.tmp"):
        (tmp_path / name).symlink_to(theirs)
    for name in ("a.prom", "b.prom"):
        metrics.write_failure(tmp_path / name, 1, datetime.now(UTC))
    assert theirs.read_text(encoding="utf-8") == "theirs"
    assert "exit_code 1" in (tmp_path / "b.prom").read_text(encoding="utf-8")
    assert ["a.prom cannot be written: it is a symbolic link" in record.getMessage() for record in caplog.records] == [
        True
    ]


@pytest.mark.parametrize("target", ["/dev/null", "/dev/stdout", "link"])
def test_an_export_is_written_into_files_alone(tmp_path: Path, target: str) -> None:
    (tmp_path / "theirs").touch()
    (tmp_path / "link").symlink_to("theirs")
    path = tmp_path / target
    before = path.lstat()
    result = Program(tmp_path / "home", None, {}).run("export", "style", str(path))
    assert (result.code, result.out) == (1, "")
    assert f"{path} cannot be written: it is a " in result.messages[-1]
    assert (path.lstat().st_ino, (tmp_path / "theirs").read_bytes()) == (before.st_ino, b"")


@pytest.mark.parametrize("content", [b'{"parser":"\xb3"}', b"[" * 100_000, b"", b'{"pages":1}'])
def test_rows_beside_an_archive_that_are_damaged_are_made_again(tmp_path: Path, content: bytes) -> None:
    hub = Sweeps(tmp_path).sweep(RECORDS)
    hub.build_again()
    rows = tmp_path / "archive" / "000001" / "rows" / "00001"
    whole = (rows / "made.json").read_bytes()
    (rows / "made.json").write_bytes(content)
    hub.build_again()
    assert (rows / "made.json").read_bytes() == whole
