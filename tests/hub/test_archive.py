"""The archive keeps bytes as they were given, survives a kill at any byte, and says in one line what is wrong with it."""

import gzip
import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.errors import HubGenealogyError
from crawler.hub.archive import Archive, Page
from crawler.manifests import CrawlManifest, Extent, WalkManifest
from tests.support.full_disk import files_no_longer_than

BODY = '[{"_id": "k1", "id": "org/é"},\r\n {"_id": "k2"}]\n'.encode()


def page(number: int, body: bytes = BODY) -> Page:
    return Page(
        number=number,
        url=f"https://hub.example/api/models?cursor={number}",
        next=f"https://hub.example/api/models?cursor={number + 1}",
        sha256=hashlib.sha256(body).hexdigest(),
        bytes=len(body),
        models=2,
        first="k1",
        last="k2",
        last_created_at="2026-01-01T00:00:00.000Z",
        fetched_at="2026-01-02T00:00:00.000+00:00",
    )


CRAWL = CrawlManifest(crawl="000001", kind="full", started_at=datetime(2026, 1, 2, tzinfo=UTC))


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """An archive of two pages."""
    archive = Archive(tmp_path / "archive" / "000001")
    archive.begin(CRAWL)
    archive.add(page(1), BODY)
    archive.add(page(2), b"[]")
    return archive


def index(archive: Archive) -> Path:
    return archive.folder / "pages.jsonl"


def whole(file: Path) -> Extent:
    content = file.read_bytes()
    return Extent(len(content), hashlib.sha256(content).hexdigest())


def stored(archive: Archive, number: int) -> Path:
    return archive.folder / "pages" / f"{number:06d}.json.gz"


def test_bytes_come_back_exactly_as_stored(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "a")
    archive.begin(CRAWL)
    for number, body in enumerate((BODY, b"", b"\x00\xff\r\n", b"[]" * 100_000), start=1):
        archive.add(page(number, body), body)
    assert [archive.read(kept) for kept in archive.pages()] == [BODY, b"", b"\x00\xff\r\n", b"[]" * 100_000]


def test_pages_are_kept_compressed_and_the_same_page_gives_the_same_file(archive: Archive, tmp_path: Path) -> None:
    other = Archive(tmp_path / "other")
    other.begin(CRAWL)
    other.add(page(1), BODY)
    assert stored(archive, 1).read_bytes() == stored(other, 1).read_bytes()
    assert gzip.decompress(stored(archive, 1).read_bytes()) == BODY


def test_what_was_begun_restated_and_ended_is_read_back(archive: Archive) -> None:
    assert (archive.crawl, archive.walk) == (CRAWL, None)
    restated = replace(CRAWL, max_models=2)
    ended = WalkManifest(complete=True, finished_at=CRAWL.started_at)
    archive.restate(restated)
    archive.end(ended)
    again = Archive(archive.folder)
    assert again.crawl == restated
    assert again.walk == replace(ended, crawl="000001", pages=whole(index(archive)))
    assert again.pages() == [page(1), page(2)]


def test_an_archive_without_pages_has_none(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "a")
    archive.begin(CRAWL)
    assert archive.pages() == []


def test_a_kill_at_any_byte_of_the_index_costs_one_page_at_most(archive: Archive) -> None:
    whole = index(archive).read_bytes()
    first = whole.index(b"\n") + 1
    for cut in range(len(whole)):
        index(archive).write_bytes(whole[:cut])
        before = [page(1)] if cut >= first else []
        assert archive.pages() == before
    archive.add(page(2), b"[]")
    assert index(archive).read_bytes() == whole


def test_a_page_that_is_added_again_replaces_the_half_that_a_kill_left(archive: Archive) -> None:
    stored(archive, 3).with_name("000003.json.gz.tmp").write_bytes(b"half")
    stored(archive, 3).write_bytes(b"an older half")
    archive.add(page(3), BODY)
    assert archive.read(archive.pages()[2]) == BODY
    assert not stored(archive, 3).with_name("000003.json.gz.tmp").exists()


WHOLE = gzip.compress(BODY)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(None, id="missing"),
        pytest.param(b"", id="empty"),
        pytest.param(b"plain text", id="not compressed"),
        pytest.param(WHOLE[:-12], id="cut off"),
        pytest.param(WHOLE[:12] + bytes(20) + WHOLE[32:], id="zeros in the middle"),
        pytest.param(WHOLE[:10] + b"\xff" * 10, id="no deflate stream"),
        pytest.param(WHOLE + b"more", id="something behind it"),
        pytest.param(gzip.compress(BODY + b" "), id="another page"),
    ],
)
def test_a_damaged_page_is_one_line_that_names_its_file(archive: Archive, damage: bytes | None) -> None:
    if damage is None:
        stored(archive, 1).unlink()
    else:
        stored(archive, 1).write_bytes(damage)
    with pytest.raises(HubGenealogyError) as caught:
        archive.read(page(1))
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(str(stored(archive, 1)))
    assert message.endswith("the archive is damaged; crawl anew")


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b"\x00" * 40, id="zeros after a loss of power"),
        pytest.param(b"not JSON", id="words"),
        pytest.param(b"\xff\xfe", id="not UTF-8"),
        pytest.param(b"[1]", id="a list"),
        pytest.param(b'{"number": 1}', id="fields are missing"),
        pytest.param(json.dumps(vars(page(1)) | {"more": 1}).encode(), id="a field too many"),
    ],
)
def test_a_damaged_index_is_one_line_that_names_it(archive: Archive, line: bytes) -> None:
    with index(archive).open("ab") as file:
        file.write(line + b"\n")
    with pytest.raises(HubGenealogyError) as caught:
        archive.pages()
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(str(index(archive)))
    assert message.endswith("the archive is damaged; crawl anew")


def test_a_full_disk_says_what_to_do_and_leaves_the_archive_as_it_was(archive: Archive) -> None:
    body = bytes(range(256)) * 400
    large = replace(page(3), sha256=hashlib.sha256(body).hexdigest(), bytes=len(body))
    with files_no_longer_than(1000), pytest.raises(HubGenealogyError, match=r"cannot be written: .*free some space"):
        archive.add(large, body)
    assert archive.pages() == [page(1), page(2)]
    archive.add(large, body)
    assert archive.read(archive.pages()[2]) == body


def test_a_disk_that_fills_up_within_a_line_of_the_index_leaves_no_part_of_it(archive: Archive) -> None:
    before = index(archive).read_bytes()
    length = len(json.dumps(vars(page(3)))) + 1
    for room in range(0, length, 7):
        with files_no_longer_than(len(before) + room), pytest.raises(HubGenealogyError, match="free some space"):
            archive.add(page(3), BODY)
        assert index(archive).read_bytes() == before


def test_a_folder_that_is_there_already_is_no_new_archive(archive: Archive) -> None:
    with pytest.raises(HubGenealogyError, match="cannot be written: File exists"):
        Archive(archive.folder).begin(CRAWL)
