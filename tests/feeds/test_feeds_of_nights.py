"""Watched feeds and the nightly crawl: files that any web server can serve."""

import os
import sqlite3
import stat
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.cases import store
from crawler.feeds.watch import file_name
from crawler.graph.connection import Connection, Graph
from demo.simulated_hub import SimulatedHub
from tests.support.program import Program
from tests.support.small_hub import child, model

TODAY = str(date.today())  # noqa: DTZ011  # the day of this machine, as the program takes it
BASE = model(1, "Maker/base", sha="1" * 40)
ONE = child(2, "tuner/one", BASE) | {"sha": "2" * 40}
FAMILY = [BASE, ONE, child(3, "other/two", ONE) | {"sha": "3" * 40, "tags": ["dataset:some/Set"]}]
WATCHED = "Maker/base, dataset:some/set, owner:tuner"
FILES = {"model--Maker--base.atom", "dataset--some--set.atom", "owner--tuner.atom"}


@pytest.fixture(scope="module")
def changing_hub() -> Iterator[SimulatedHub]:
    with SimulatedHub() as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "public" / "feeds"


@pytest.fixture
def night(changing_hub: SimulatedHub, empty_graph: Connection, tmp_path: Path, folder: Path) -> Program:
    """A program that watches a model, a data set and an owner, before its first crawl."""
    changing_hub.begin_anew(FAMILY)
    settings = {
        "HF_ENDPOINT": changing_hub.url,
        "HUB_GENEALOGY_SWEEP_MAX_VANISHED_SHARE": "1",
        "HUB_GENEALOGY_FEEDS_FOLDER": str(folder),
        "HUB_GENEALOGY_FEEDS_WATCHED": WATCHED,
    }
    return Program(tmp_path / "home", empty_graph, settings)


def seen(folder: Path) -> dict[str, tuple[bytes, int, int]]:
    """Each file with its bytes, the time of its last change and what tells it from another file in its place."""
    found = {path.name: (path.read_bytes(), path.stat()) for path in folder.iterdir()}
    return {name: (content, state.st_mtime_ns, state.st_ino) for name, (content, state) in found.items()}


def titles(file: Path) -> list[str]:
    found = feedparser.parse(file.read_bytes())
    assert not found.bozo
    return [entry.title for entry in found.entries]


def test_a_crawl_writes_what_is_new_and_a_quiet_one_touches_no_file(
    night: Program, changing_hub: SimulatedHub, folder: Path
) -> None:
    first = night.crawl()
    assert (first["feeds"], first["warnings"]) == ({"written": 3, "unchanged": 0}, [])
    before = seen(folder)
    assert before.keys() == FILES
    quiet = night.crawl()
    assert quiet["feeds"] == {"written": 0, "unchanged": 3}
    assert seen(folder) == before

    changing_hub.create(child(4, "new/four", BASE))
    busy = night.run("--log-format", "text", "crawl")
    assert "; feeds: 1 written, 2 unchanged; exit 0\n" in busy.out
    after = seen(folder)
    assert {name for name in FILES if before[name] != after[name]} == {"model--Maker--base.atom"}
    assert titles(folder / "model--Maker--base.atom") == ["1 new", "3 new"]
    assert after["model--Maker--base.atom"][0].decode() == night.run("feed", "Maker/base").out


def test_a_model_that_is_renamed_keeps_its_file_and_its_feed(
    night: Program, changing_hub: SimulatedHub, folder: Path
) -> None:
    night.crawl()
    before = feedparser.parse((folder / "model--Maker--base.atom").read_bytes())
    changing_hub.rename("Maker/base", "Maker/second")
    night.crawl()
    after = feedparser.parse((folder / "model--Maker--base.atom").read_bytes())
    assert (after.feed.id, after.feed.title) == (before.feed.id, "What changes below Maker/second")
    assert after.entries[1:] == before.entries


def test_the_feed_of_a_case_has_what_the_crawl_brought_into_it(
    night: Program, changing_hub: SimulatedHub, folder: Path
) -> None:
    night.crawl()
    request = ("--right", "erasure", "--received", TODAY, "--reference", "R-1")
    assert night.run("case", "open", "Maker/base", *request).code == 0
    changing_hub.create(child(4, "new/four", BASE))
    night.crawl_with({"HUB_GENEALOGY_FEEDS_WATCHED": "case:1"})
    assert titles(folder / "case--1.atom") == ["1 new"]


def test_what_is_not_known_or_cannot_be_written_is_a_warning_and_the_others_are_written(
    night: Program, folder: Path
) -> None:
    watched = "Maker/bass, case:7, owner:tuner, dataset:some/set"
    folder.mkdir(parents=True)
    file = folder / "dataset--some--set.atom"
    file.symlink_to(folder / "elsewhere")
    done = night.crawl_with({"HUB_GENEALOGY_FEEDS_WATCHED": watched})
    assert (done["complete"], done["exit_code"], done["feeds"]) == (True, 0, {"written": 1, "unchanged": 0})
    said = {
        "model Maker/bass": "no model is known as 'Maker/bass'; nearest: Maker/base",
        "case 7": "there is no case 7: `hub-genealogy case list --all` shows all",
        "dataset some/set": f"the feed {file} cannot be written: it is a symbolic link ({file}); fix that and run the same "
        "command again: it continues from here",
    }
    assert done["warnings"] == [
        f"feeds.watched: {what} has no feed of this crawl ({why}); the next crawl tries again"
        for what, why in said.items()
    ]


def test_a_folder_that_cannot_be_made_is_a_warning(night: Program, folder: Path) -> None:
    folder.parent.write_text("a file in the way", encoding="utf-8")
    done = night.crawl()
    assert (done["exit_code"], done["feeds"], len(done["warnings"])) == (0, {"written": 0, "unchanged": 0}, 1)
    assert done["warnings"][0].startswith("the feeds were not brought up to date (the folder of feeds.folder, ")


def test_names_without_a_folder_are_a_warning_and_a_folder_alone_is_nothing(night: Program, folder: Path) -> None:
    done = night.crawl_with({"HUB_GENEALOGY_FEEDS_FOLDER": ""})
    assert done["warnings"] == ["no feed is written: feeds.watched is set, and feeds.folder is not"]
    done = night.crawl_with({"HUB_GENEALOGY_FEEDS_WATCHED": ""})
    assert (done["warnings"], done["feeds"]) == ([], None)
    assert not folder.exists()


def test_forgetting_an_owner_takes_the_name_out_of_the_feeds(night: Program, folder: Path) -> None:
    night.crawl()
    file = folder / "model--Maker--base.atom"
    assert b"tuner" in file.read_bytes()
    done = night.run("forget", "tuner", "--yes")
    assert done.code == 0, done.err
    assert b"tuner" not in file.read_bytes()
    assert titles(file) == ["3 new"]
    assert any("owner tuner has no feed of this crawl" in message for message in done.messages)


def test_status_says_how_many_feeds_were_written(night: Program, folder: Path) -> None:
    assert night.run("status", "--format", "json").json()["feeds"] == {
        "folder": str(folder),
        "watched": 3,
        "written": 0,
    }
    night.crawl()
    (folder / "owner--tuner.atom").unlink()
    assert f"feeds          2 of 3 are in {folder}\n" in night.run("status").out
    bare = night.with_settings(HUB_GENEALOGY_FEEDS_WATCHED="")
    assert bare.run("status", "--format", "json").json()["feeds"] is None
    assert "feeds" not in bare.run("status").out


def test_a_web_server_may_read_the_files_as_the_umask_says(night: Program, folder: Path) -> None:
    before = os.umask(0o022)
    try:
        night.crawl()
    finally:
        os.umask(before)
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o644}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755


def test_what_a_kill_between_the_load_and_the_feeds_leaves_out_the_next_crawl_writes(
    night: Program, changing_hub: SimulatedHub, opened_graph: Graph, folder: Path
) -> None:
    night.crawl()
    request = ("--right", "erasure", "--received", TODAY, "--reference", "R-1")
    assert night.run("case", "open", "Maker/base", *request).code == 0
    changing_hub.create(child(4, "new/four", BASE))
    before = seen(folder)
    # The crawl waits for the register when it has loaded.
    with closing(sqlite3.connect(store.path_of(night.home), isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        process = night.start("crawl")
        try:
            deadline = time.monotonic() + 60
            while len(opened_graph.read("MATCH (c:Crawl {state: 'loaded'}) RETURN c.id")) < 2:
                assert process.poll() is None, f"the crawl ended before it could be killed: {process.communicate()[1]}"
                assert time.monotonic() < deadline
        finally:
            process.kill()
            process.communicate(timeout=30)
    assert process.returncode == -9
    assert seen(folder) == before
    done = night.crawl()
    assert (done["models_added"], done["feeds"]) == (0, {"written": 1, "unchanged": 2})
    assert titles(folder / "model--Maker--base.atom") == ["1 new", "3 new"]


HOSTILE = ["../../etc/passwd", "/etc/passwd", "a/../b", ".", "..", "a/.hidden", "a\0b", "a/" + "b" * 5000, "a/é", "a\u202eb",
           "a/b/c", "a--b", "a/-b", "CON", "a b", "a\nb", "", "~root", "%2e%2e%2f"]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_no_name_leads_out_of_the_folder_or_is_hidden_in_it(name: str) -> None:
    for about in ("model", "dataset", "owner"):
        file = file_name(about, name)
        assert file == os.path.basename(file)  # noqa: PTH119  # the text itself
        assert file.isascii()
        assert file.startswith(f"{about}--")
        assert file.endswith(".atom")
        assert len(file) < 220


NAMES = st.text("ab/-._~ é", max_size=8)


@given(one=NAMES, other=NAMES)
def test_different_names_have_different_files(one: str, other: str) -> None:
    assert (file_name("model", one) == file_name("model", other)) == (one == other)


def test_a_settings_file_lists_what_is_watched_in_either_form(night: Program, tmp_path: Path) -> None:
    lines = {
        "with commas": "  watched: Maker/base, owner:tuner",
        "a list": "  watched:\n    - Maker/base\n    - owner: tuner\n    - Maker/base",
    }
    program = night.with_settings(HUB_GENEALOGY_FEEDS_WATCHED="")
    for text in lines.values():
        file = tmp_path / "hub-genealogy.yml"
        file.write_text(f"feeds:\n{text}\n", encoding="utf-8")
        found = program.run("--config", str(file), "status", "--format", "json").json()
        assert found["feeds"]["watched"] == 2
