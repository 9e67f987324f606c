"""A crawl stores nothing about people that it does not need: not in the archive, the tables, the changes or the graph."""

import gzip
import json
import os
import pty
import stat
import subprocess
import sys
from pathlib import Path

import duckdb

from demo.simulated_hub import SimulatedHub
from tests.support.program import CHECKOUT, Program
from tests.support.small_hub import BASE, model

SECRETS = ("example.com", "33612345678", "jdoe", "Call me")
CARD = {
    "base_model": ["Maker/base", "john@example.com", "/home/jdoe/out/checkpoint", {"note": "Call me"}],
    "datasets": ["C:\\Users\\jdoe\\data", "mail john@example.com"],
    "license": "john@example.com",
    "widget": [{"text": "Call me at +33612345678"}],
    "extra_gated_prompt": "Call me",
    "model-index": [{"name": "jdoe"}],
}
STRANGER = model(
    9,
    "stranger/model",
    cardData=CARD,
    library_name="john@example.com",
    tags=["jdoe", "base_model:/home/jdoe/out", "dataset:john@example.com", "region:us"],
    config={"peft": {"base_model_name_or_path": "/Users/jdoe/x", "revision": "jdoe"}, "tokenizer_config": "Call me"},
    gguf={"chat_template": "Call me"},
)


def stored_texts(home: Path) -> dict[str, str]:
    """Every file of the state folder as text."""
    texts = {}
    for path in filter(Path.is_file, home.rglob("*")):
        name = str(path.relative_to(home))
        if path.suffix == ".parquet":
            texts[name] = str(duckdb.read_parquet(str(path)).fetchall())
        else:
            content = path.read_bytes()
            texts[name] = (gzip.decompress(content) if path.suffix == ".gz" else content).decode()
    return texts


def test_no_address_telephone_number_or_prompt_of_a_card_is_stored_anywhere(
    program: Program, hub: SimulatedHub
) -> None:
    hub.begin_anew([BASE, STRANGER])
    program.crawl()
    texts = stored_texts(program.home) | {"the graph": program.run("graph", "dump").out}
    assert any(name.endswith(".json.gz") for name in texts)
    assert any(name.endswith("rejected.parquet") for name in texts)
    for name, text in texts.items():
        assert [secret for secret in SECRETS if secret in text] == [], name


def test_what_was_masked_is_counted_with_its_reason(program: Program, hub: SimulatedHub) -> None:
    hub.begin_anew([BASE, STRANGER])
    summary = program.crawl()
    [table] = program.home.glob("snapshots/*/rejected.parquet")
    rows = set(duckdb.read_parquet(str(table)).project("field, value, reason").fetchall())
    assert rows == {
        ("library_name", r"j\u2026@\u2026", "email"),
        ("cardData.license", r"j\u2026@\u2026", "email"),
        ("datasets", r"C:\\Users\\\u2026", "local_path"),
        ("datasets", r"mail j\u2026@\u2026", "not_a_repository_name"),
        ("datasets", r"j\u2026@\u2026", "email"),
        ("tags", r"/home/\u2026", "local_path"),
        ("cardData.base_model", r"j\u2026@\u2026", "email"),
        ("cardData.base_model", r"/home/\u2026", "local_path"),
        ("cardData.base_model", "<object>", "not_a_name"),
        ("config.peft.base_model_name_or_path", r"/Users/\u2026", "local_path"),
    }
    assert summary["rejected"] == len(rows)


def test_the_archive_is_for_its_owner_only(program: Program, hub: SimulatedHub) -> None:
    hub.begin_anew([BASE])
    program.crawl()
    [archive] = program.home.glob("archive/*")
    assert stat.S_IMODE(archive.stat().st_mode) == 0o700
    for page in archive.glob("pages/*"):
        assert stat.S_IMODE(page.stat().st_mode) == 0o600


def test_a_dump_on_a_terminal_shows_what_hides_and_stays_the_same_values(program: Program, hub: SimulatedHub) -> None:
    hub.begin_anew([BASE, model(9, "stranger/model", library_name="li\u200bb\u202er\U000e0041")])
    program.crawl()
    dump = program.run("graph", "dump").out
    assert "li\u200bb\u202er\U000e0041" in dump
    ours, terminal = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "crawler", "graph", "dump"], env=program.environment, stdout=terminal, cwd=CHECKOUT
    ):
        os.close(terminal)
        shown = b"".join(iter(lambda: read(ours), b"")).decode()
    os.close(ours)
    assert r"li\u200bb\u202er\udb40\udc41" in shown
    assert [json.loads(line) for line in shown.splitlines()] == [json.loads(line) for line in dump.splitlines()]


def read(descriptor: int) -> bytes:
    """What comes from a terminal; nothing when its program has ended."""
    try:
        return os.read(descriptor, 65536)
    except OSError:
        return b""
