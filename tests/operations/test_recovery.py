"""What docs/operations.md says to do after a failure, done."""

import shutil
import subprocess
from dataclasses import replace

import pytest

from demo.simulated_hub import SimulatedHub
from tests.support.program import Program


@pytest.fixture
def two_nights(program: Program, hub: SimulatedHub) -> tuple[str, str]:
    """The crawls of two nights; between them the Hub changed."""
    first = program.crawl()["crawl"]
    hub.rename("HuggingFaceH4/zephyr-7b-beta", "HuggingFaceH4/zephyr-7b-final")
    hub.delete("mistralai/Mistral-7B-Instruct-v0.2")
    return first, program.crawl()["crawl"]


def done(program: Program, *arguments: str) -> None:
    result = program.run(*arguments)
    assert result.code == 0, result.err


@pytest.mark.usefixtures("two_nights")
def test_a_backup_restored_elsewhere_gives_the_same_graph_and_the_next_crawl_finds_nothing_new(
    program: Program, hub: SimulatedHub
) -> None:
    program = program.with_settings(HUB_GENEALOGY_DATASETS_CRAWL="on")
    hub.datasets.replace_listing([{"_id": "65f000000000000000000001", "id": "maker/set"}])
    program.crawl()
    before = program.digest()
    backup = program.home.with_name("backup.tar.gz")
    # As in docs/operations.md; `flock` and the program exclude each other.
    command = ["flock", "-n", str(program.home / "lock"), "tar", "-C", str(program.home), "-czf", str(backup)]
    subprocess.run([*command, "state.json", "changes", "snapshots", "datasets/snapshots"], check=True)
    restored = replace(program, home=program.home.with_name("restored"))
    restored.home.mkdir()
    subprocess.run(["tar", "-C", str(restored.home), "-xzf", str(backup)], check=True)
    done(restored, "rebuild")
    done(restored, "doctor")
    assert restored.digest() == before
    assert restored.crawl()["rows_written"] == 0


@pytest.mark.usefixtures("two_nights")
def test_while_a_backup_holds_the_lock_a_crawl_ends_with_75(program: Program) -> None:
    with subprocess.Popen(["flock", "-n", str(program.home / "lock"), "cat"], stdin=subprocess.PIPE) as backup:
        while not program.run("status", "--format", "json").json()["locked"]:
            assert backup.poll() is None
        result = program.run("crawl")
        assert result.code == 75
        assert "another process works on" in result.messages[-1]
        backup.kill()


def test_a_damaged_last_snapshot_is_made_again_from_its_archive(program: Program, two_nights: tuple[str, str]) -> None:
    before = program.digest()
    _first, last = two_nights
    (program.home / "snapshots" / last / "models.parquet").write_bytes(b"damaged")
    for name in ("snapshots", "changes"):
        shutil.move(program.home / name / last, program.home / f"{name}-{last}-damaged")
    done(program, "load")
    done(program, "doctor")
    assert program.digest() == before
    assert program.crawl()["rows_written"] == 0


@pytest.mark.usefixtures("two_nights")
def test_a_lost_state_is_refused_and_a_restored_one_goes_on(program: Program) -> None:
    kept = program.home.with_name("kept")
    program.home.rename(kept)
    result = program.run("crawl")
    assert result.code == 1
    assert "was made from another state folder" in result.messages[-1]
    shutil.rmtree(program.home)
    kept.rename(program.home)
    assert program.crawl()["rows_written"] == 0
