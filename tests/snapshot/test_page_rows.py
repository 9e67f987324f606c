"""The rows of archived pages: parsed, or copied from an earlier crawl's; both ways give the same."""

import hashlib
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.hub.archive import Archive
from crawler.manifests import CrawlManifest
from crawler.records.listings import MODELS
from crawler.records.record import Parsed, parse
from crawler.records.used import kept_text
from crawler.snapshot import batch
from crawler.snapshot import rows as page_rows
from crawler.snapshot.batch import BATCH_ROWS
from crawler.snapshot.rows import PageRows
from tests.support.any_json import JSON
from tests.support.sweeps import FIRST, Record, child, page, record

Table = list[tuple[Any, ...]]
RECORD = st.fixed_dictionaries(
    {"_id": st.sampled_from(["k1", "k2", "k3"]), "id": st.sampled_from(["org/a", "org/b", "org/c"])},
    optional={
        name: st.one_of(st.sampled_from([0, 1, 2.0, 10**16, -1, "7", None]), JSON)
        for name in ("downloads", "likes", "tags", "cardData", "createdAt", "gated", "private", "config")
    },
)
RECORDS = st.lists(st.one_of(RECORD, JSON), max_size=4)


def archive(folder: Path, *pages: list[Any] | bytes) -> Archive:
    """An archive of these pages; a page of bytes is kept as it is."""
    made = Archive(folder)
    made.begin(CrawlManifest(crawl=folder.name, kind="full", started_at=FIRST))
    for number, content in enumerate(pages, start=1):
        body = content if isinstance(content, bytes) else b"[" + b",".join(map(kept_text, content)) + b"]"
        kept, _ = page(number, [])
        made.add(replace(kept, sha256=hashlib.sha256(body).hexdigest(), bytes=len(body)), body)
    return made


def tables(of: Archive, earlier: Archive | None = None) -> dict[str, Table]:
    """Every row of the archive's pages, fingerprints included, in order."""
    with PageRows(of, earlier) as made, duckdb.connect() as db:
        folders = made.finish(of.pages())
        return {
            name: [
                row
                for folder in folders
                for row in db.execute(f"FROM read_parquet('{folder}/{name}.parquet')").fetchall()  # our own names
            ]
            for name in BATCH_ROWS
        }


def same_both_ways(folder: Path, first: list[Any], second: list[Any]) -> dict[str, Table]:
    """The rows of `second`, parsed; they must be what copying from `first` gives."""
    before = archive(folder / "1", *first)
    tables(before)
    copied = tables(archive(folder / "2", *second), before)
    parsed = tables(archive(folder / "3", *second))
    assert copied == parsed
    return parsed


@pytest.fixture
def parses(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The records that were parsed in this process, in order."""
    seen: list[Any] = []

    def noted(found: Any) -> Parsed:
        seen.append(found)
        return parse(found)

    monkeypatch.setattr(batch, "LISTINGS", {MODELS.name: replace(MODELS, parse=noted)})
    return seen


def test_a_record_is_parsed_again_only_where_more_than_its_popularity_changed(
    tmp_path: Path, parses: list[Any]
) -> None:
    def listing(downloads: int, task: str) -> list[Record]:
        return [
            child("k1", "org/a", "org/b", downloads=downloads, likes=downloads, tags=["dataset:/srv/data"]),
            record("k2", "org/b", downloads=downloads, likes=0, pipeline_tag=task),
            record("k3", "org/c", downloads=downloads),
        ]

    first = archive(tmp_path / "1", listing(1, "text-generation"))
    tables(first)
    parses.clear()
    second = archive(tmp_path / "2", [], listing(20, "fill-mask"))
    copied = tables(second, first)
    assert [found["_id"] for found in parses] == ["k2", "k3"], (
        "k3 has no likes, so nothing tells that nothing else changed"
    )
    assert copied == tables(archive(tmp_path / "3", [], listing(20, "fill-mask")))


@given(first=RECORDS, second=RECORDS, kept=st.lists(st.booleans(), max_size=4), seed=st.integers())
@settings(max_examples=25)
def test_copied_rows_are_those_that_parsing_gives(
    first: list[Any], second: list[Any], kept: list[bool], seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    again = [found for found, keep in zip(first, kept, strict=False) if keep]
    mixed = second + [_more_popular(found, random.Random(seed)) for found in again]
    same_both_ways(tmp_path_factory.mktemp("rows"), [first], [mixed, again])


def _more_popular(found: Any, chance: random.Random) -> Any:
    if not isinstance(found, dict):
        return found
    return {name: chance.randrange(9) if name in ("downloads", "likes") else value for name, value in found.items()}


def test_a_number_deeper_in_the_record_is_not_taken_for_its_downloads(tmp_path: Path) -> None:
    def listing(inner: int) -> list[list[Record]]:
        return [[record("k1", "org/a", card_downloads=inner, downloads=3, likes=inner)]]

    found = same_both_ways(tmp_path, listing(1), listing(2))
    names = list(BATCH_ROWS["models"])
    assert [(row[names.index("downloads")], row[names.index("likes")]) for row in found["models"]] == [(3, 2)]


def test_a_page_that_json_cannot_cut_is_parsed_record_by_record(tmp_path: Path) -> None:
    deep = b'[{"_id":"k1","id":"org/a"},{"_id":"k2","id":"org/b","tags":' + b"[" * 20_000 + b"]" * 20_000 + b"}]"
    found = same_both_ways(tmp_path, [deep], [deep])
    assert len(found["models"]) == 1
    assert len(found["rejected"]) == 1


def test_damaged_rows_and_rows_of_another_parser_are_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = archive(tmp_path / "1", [child("k1", "org/a", "org/b")])
    expected = tables(made)
    file = tmp_path / "1" / "rows" / "00001" / "models.parquet"
    body = bytearray(file.read_bytes())
    body[40] ^= 1
    file.write_bytes(body)
    assert tables(made) == expected
    (tmp_path / "1" / "rows" / "00001" / "made.json").write_text("[" * 9)
    assert tables(made) == expected
    before = file.stat().st_mtime_ns
    monkeypatch.setattr(batch, "parser_version", lambda: "another")
    assert tables(made) == expected
    assert file.stat().st_mtime_ns > before


def test_batches_that_several_processes_read_are_those_that_one_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = [[child(f"k{page}-{place}", f"org/m{page}-{place}", "org/m0-0") for place in range(3)] for page in range(5)]
    monkeypatch.setattr(page_rows, "BATCH_PAGES", 2)
    several = archive(tmp_path / "1", *pages)
    with PageRows(several) as rows:
        for count in range(len(pages)):
            rows.begin(several.pages()[:count])
        rows.finish(several.pages())
    found = tables(several)
    monkeypatch.setattr(page_rows, "BATCH_PAGES", 1000)
    assert found == tables(archive(tmp_path / "2", *pages))
