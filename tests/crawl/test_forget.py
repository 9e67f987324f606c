"""A person is forgotten: no byte of the name is left in the state or in the graph, and none comes back."""

import json
import os
import re
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from crawler import ledger
from crawler.forgetting.run import rewrite
from crawler.graph.connection import Connection, open_connection
from crawler.snapshot.database import Limits
from crawler.state import State
from demo.simulated_hub import SimulatedHub
from tests.support.every_byte import holding
from tests.support.neo4j_for_tests import empty
from tests.support.person import LISTING, NAME, first_night, second_night, third_night
from tests.support.program import Program, Result
from tests.support.small_hub import model

SETTINGS = {
    "HUB_GENEALOGY_HUB_PAGE_SIZE": "10",
    "HUB_GENEALOGY_POPULARITY_CADENCE": "sweep",
    "HUB_GENEALOGY_KEEP_ARCHIVES": "9",
    "HUB_GENEALOGY_KEEP_SNAPSHOTS": "9",
    "HUB_GENEALOGY_ENRICH_CARDS": "50",
    "HUB_GENEALOGY_ENRICH_FILES": "9",
    # So few models are a large share.
    "HUB_GENEALOGY_SWEEP_MAX_VANISHED_SHARE": "1",
}
NIGHTS = (first_night, second_night, third_night)
MAXIMUM_SECONDS = 60
FOUND = [
    {
        "child": "filler/21",
        "parent": f"https://huggingface.co/{NAME}/{NAME}-7B",
        "relation": "finetune",
        "note": f"seen by {NAME} herself",
    },
    {"child": f"{NAME}/unknown", "parent": "Maker/base", "source": f"{NAME}/data"},
]


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatedHub]:
    cards = tmp_path_factory.mktemp("cards")
    (cards / "filler" / "22").mkdir(parents=True)
    (cards / "filler" / "22" / "README.md").write_text(
        f"This model is a fine-tuned version of [{NAME}/of-a-card](https://huggingface.co/{NAME}/of-a-card).\n"
    )
    with SimulatedHub(LISTING, cards=cards) as running:
        yield running


def today() -> str:
    return time.strftime("%Y-%m-%d")


def done(result: Result) -> Result:
    assert result.code == 0, result.err
    return result


@pytest.fixture(scope="module")
def nights(hub: SimulatedHub, connection: Connection, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state folder after three crawls of a Hub on which a person publishes, with a case about one of her models."""
    with open_connection(connection) as graph:
        empty(graph)
    program = Program(tmp_path_factory.mktemp("nights") / "home", connection, {"HF_ENDPOINT": hub.url, **SETTINGS})
    found = program.home.parent / "found.json"
    found.write_text(json.dumps(FOUND))
    for night in NIGHTS:
        night(hub)
        program.crawl()
        done(program.run("evidence", "import", str(found), "--name", "audit"))
    opening = ("--right", "erasure", "--received", today(), "--reference", "R-1")
    done(program.run("case", "open", f"{NAME}/{NAME}-7B", *opening))
    done(program.run("case", "set", "1", "--owner", NAME, "--state", "contacted", "--note", f"wrote to {NAME}"))
    return program.home


@pytest.fixture
def program(nights: Path, hub: SimulatedHub, empty_graph: Connection, tmp_path: Path) -> Program:
    """A copy of that state with its graph, and the Hub as it was at the last crawl."""
    hub.begin_anew(LISTING)
    for night in NIGHTS:
        night(hub)
    shutil.copytree(nights, tmp_path / "home")
    program = Program(tmp_path / "home", empty_graph, {"HF_ENDPOINT": hub.url, **SETTINGS})
    done(program.run("rebuild"))
    return program


def forget(program: Program) -> Result:
    return done(program.run("forget", NAME, "--yes"))


def dumped(program: Program) -> list[str]:
    return done(program.run("graph", "dump")).out.splitlines()


def replaced(program: Program, lines: list[str]) -> Counter[str]:
    """The lines of a dump as they must be once the person is forgotten, in whatever order."""
    forgotten = ledger.read(program.home)
    return Counter(map(without_address, (forgotten.value(json.loads(line)) for line in lines)))


def without_address(content: Any) -> str:
    properties = content.get("node", content.get("edge"))["properties"]
    if "forgotten-" in properties.get("url", ""):
        del properties["url"]
    if "short_name" in properties:
        properties["short_name"] = properties["id"].rpartition("/")[2]
    if "declared_as" in properties:
        properties["declared_as"] = sorted(properties["declared_as"])
    return json.dumps(content, sort_keys=True)


def test_no_byte_of_the_name_is_left_and_the_rest_is_as_it_was(program: Program, hub: SimulatedHub) -> None:
    state = State(program.home)
    assert len(holding(program.home, NAME)) > 20
    before = dumped(program)
    manifests = {file: json.loads(file.read_text()) for file in program.home.glob("*/*/*.json")}
    answer = done(program.run("query", "descendants", "--model", f"{NAME}/{NAME}-7B", "--format", "json")).json()

    said = forget(program)
    token = ledger.read(program.home).token(NAME.lower())
    assert (
        f"{NAME} is forgotten, as {token}: replaced in 8 models, 3 change sets, 3 snapshots, 3 archives, 1 case"
        in said.out
    )
    assert "reports, letters and exports that you wrote elsewhere, and backups, still hold the name" in said.messages
    assert any("db.tx_log.rotation.retention_policy" in message for message in said.messages)

    assert holding(program.home, NAME) == []
    after = dumped(program)
    assert Counter(map(without_address, map(json.loads, after))) == replaced(program, before)
    assert NAME.lower() not in "\n".join(after).lower()
    # Of the manifests, hashes and sizes alone are others.
    for file, content in manifests.items():
        now = json.loads(file.read_text())
        for name in ("sha256", "pages", "answers", "digest", "bytes"):
            now.pop(name, None)
            content.pop(name, None)
        assert now == content, file
    name = ledger.read(program.home).token(NAME)
    now = done(program.run("query", "descendants", "--model", f"{name}/{name}-7B", "--format", "json")).json()
    assert [(row["depth"], row["relations"]) for row in now] == [(row["depth"], row["relations"]) for row in answer]
    assert len(now) > 5

    summary = program.crawl()
    assert (summary["rows_written"], summary["models_changed"], summary["warnings"]) == (0, 0, [])
    assert summary["cases"]["found"] == {}
    assert holding(program.home, NAME) == []
    assert {json.loads(line)["node"]["labels"][0] for line in set(dumped(program)) - set(after)} == {"Crawl"}

    digest = program.digest()
    done(program.run("rebuild"))
    assert program.digest() == digest
    assert holding(program.home, NAME) == []
    assert not [request for request in hub.detail_requests() if "forgotten-" in request.path]
    assert state.crawls(state.changes) == State(program.home).crawls(state.changes)


def test_what_she_publishes_later_is_taken_in_without_her_name(program: Program, hub: SimulatedHub) -> None:
    forget(program)
    hub.create(model(70, "JaneQDoe/newest", cardData={"base_model": "JaneQDoe/JaneQDoe-7B"}))
    hub.create(model(71, "tuner/newest", cardData={"base_model": "jANEqDOE/newest"}))
    assert program.crawl()["edges_added"] == 2
    dry = program.crawl("--dry-run")
    assert dry["rows_written"] == 0
    assert holding(program.home, NAME) == []
    token = ledger.read(program.home).token(NAME)
    assert any(f'"id":"{token}/newest"' in line for line in dumped(program))


def test_a_stand_in_is_nobody_s_address(program: Program, tmp_path: Path) -> None:
    forget(program)
    token = ledger.read(program.home).token(NAME)
    model = f"{token}/{token}-7B"
    done(program.run("case", "letters", "1", "--to", str(tmp_path / "letters")))
    texts = [path.read_text() for path in (tmp_path / "letters").iterdir()]
    commands = (
        ("query", "notify", "--model", model, "--format", "json"),
        ("query", "impact", "--model", "Maker/base", "--format", "json"),
        ("report", model, "--format", "html"),
        ("report", model, "--format", "csv"),
        ("feed", model),
        ("feed", "--owner", token),
    )
    texts += [done(program.run(*arguments)).out for arguments in commands]
    addresses = {
        found for text in texts for found in re.findall(r"huggingface\.co/\S*forgotten-[\w/-]*", text, re.IGNORECASE)
    }
    # What an author declared and what a finding names, as text.
    assert addresses == {f"huggingface.co/{model}/tree/main", f"huggingface.co/{model}"}
    assert all(token in text for text in texts[-6:])
    with (tmp_path / "letters" / "letters.csv").open() as file:
        assert "forgotten-" not in file.read()


def test_others_cannot_read_the_file_which_holds_no_name(program: Program) -> None:
    forget(program)
    file = program.home / ledger.FILE
    assert file.stat().st_mode & 0o777 == 0o600
    assert set(json.loads(file.read_text())) == {"key", "tokens", "unfinished", "digest"}


def test_a_crawl_without_the_file_that_says_who_is_forgotten_is_refused(program: Program) -> None:
    forget(program)
    (program.home / ledger.FILE).unlink()
    for command in (("crawl",), ("crawl", "--dry-run"), ("load",), ("rebuild",)):
        result = program.run(*command)
        assert (result.code, "forgotten.json is missing" in result.err) == (1, True), command
    # Nobody has a backup: the owner is forgotten anew.
    forget(program)
    program.crawl()
    assert holding(program.home, NAME) == []


def test_repositories_of_others_keep_their_addresses_and_are_named(
    hub: SimulatedHub, empty_graph: Connection, tmp_path: Path
) -> None:
    hub.begin_anew([model(1, "JaneQDoe/base"), model(2, "quants/janeqdoe-7B"), model(3, "other/JaneQDoe")])
    program = Program(tmp_path / "home", empty_graph, {"HF_ENDPOINT": hub.url})
    program.crawl()
    said = forget(program)
    assert any(
        message == "2 repositories are of other owners, with the name in their own: these are addresses and stay: "
        "other/JaneQDoe, quants/janeqdoe-7B"
        for message in said.messages
    ), said.messages
    ids = {json.loads(line)["node"]["properties"]["id"] for line in dumped(program) if '"Model"' in line}
    assert {"quants/janeqdoe-7B", "other/JaneQDoe"} < ids
    assert program.crawl()["rows_written"] == 0


def test_bad_input_changes_nothing(hub: SimulatedHub, empty_graph: Connection, tmp_path: Path) -> None:
    hub.begin_anew([model(1, "JaneQDoe/base"), model(2, "maker/base")])
    program = Program(tmp_path / "home", empty_graph, {"HF_ENDPOINT": hub.url})
    assert program.run("forget", NAME, "--yes").code == 1
    assert not program.home.exists()
    program.crawl()
    for arguments, code, text in (
        (("JaneQDo", "--yes"), 1, "no owner is known as 'JaneQDo'; nearest: JaneQDoe"),
        (("nobody-at-all", "--yes"), 1, "no owner is known as 'nobody-at-all', and none has a name like it"),
        (("a b", "--yes"), 1, "'a b' is not what an owner on the Hub can be called: give the name alone"),
        ((NAME,), 2, "forget cannot be undone and there is no terminal to ask on: add --yes"),
    ):
        result = program.run("forget", *arguments)
        assert (result.code, result.messages) == (code, [text])
    assert not (program.home / ledger.FILE).exists()
    assert any(NAME in line for line in dumped(program))
    with State(program.home).locked():
        busy = program.run("forget", NAME, "--yes")
    assert (busy.code, "another process works on" in busy.err) == (75, True)
    forget(program)
    again = done(program.run("forget", NAME))
    token = ledger.read(program.home).token(NAME.lower())
    assert again.out == f"{NAME} is forgotten already, as {token}; nothing had to be changed\n"
    url = done(program.run("forget", f"https://huggingface.co/{NAME.lower()}"))
    assert "is forgotten already" in url.out


def test_a_state_from_an_older_backup_is_done_again(program: Program, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    shutil.copytree(program.home, backup)
    forget(program)
    for name in ("changes", "snapshots", "archive"):
        shutil.rmtree(program.home / name)
        shutil.copytree(backup / name, program.home / name)
    assert "replaced in 8 models, 3 change sets" in forget(program).out
    assert holding(program.home, NAME) == []


class KilledError(BaseException):
    pass


def test_a_kill_at_any_step_is_made_up_for_without_the_name(program: Program, tmp_path: Path) -> None:
    """Each step is a file or a folder that takes its place; after each of them, all is read as before or as afterwards."""
    once = tmp_path / "home-0"
    steps: list[Path] = []
    shutil.copytree(program.home, once)
    with dying_at(None, steps):
        files = rewrite(State(once), ledger.add(once, NAME), Limits(), NAME)
    assert (files.archives, files.snapshots, files.change_sets) == (3, 3, 3)
    content = {path.relative_to(once): path.read_bytes() for path in once.rglob("*") if path.is_file()}
    assert len(steps) > 30
    for number in range(1, len(steps) + 1, len(steps) // 8):
        home = tmp_path / f"home-{number}"
        shutil.copytree(program.home, home)
        shutil.copy2(once / ledger.FILE, home / ledger.FILE)
        forgotten = ledger.read(home)
        with pytest.raises(KilledError), dying_at(number, []):
            rewrite(State(home), forgotten, Limits(), NAME)
        rewrite(State(home), forgotten, Limits())
        assert holding(home, NAME) == ["cases.sqlite"], number  # which follows the graph
        left = {path.relative_to(home): path.read_bytes() for path in home.rglob("*") if path.is_file()}
        assert left.keys() == content.keys(), number
        assert {path for path in left if left[path] != content[path]} == set(), number
        shutil.rmtree(home)


class dying_at:  # noqa: N801  # reads like a sentence
    """Count the renames of the block in `steps`, and end it before the one of that number."""

    def __init__(self, number: int | None, steps: list[Path]) -> None:
        self.number, self.steps = number, steps

    def __enter__(self) -> None:
        def counted(step: Callable[..., Any]) -> Callable[..., Any]:
            def one(*arguments: Any, **options: Any) -> Any:
                self.steps.append(Path(arguments[0]))
                if len(self.steps) == self.number:
                    raise KilledError
                return step(*arguments, **options)

            return one

        self.patches = [
            mock.patch.object(Path, "replace", counted(Path.replace)),
            mock.patch.object(os, "replace", counted(os.replace)),
            mock.patch.object(shutil, "rmtree", counted(shutil.rmtree)),
        ]
        for patch in self.patches:
            patch.start()

    def __exit__(self, *_error: object) -> None:
        for patch in self.patches:
            patch.stop()


# Where the kill strikes, and the command that then makes up for it.
PLACES = {
    "before the first file": (ledger.FILE, "forget"),
    "among the archives": ("archive/*/pages/*.new", "crawl"),
    "among the snapshots": ("snapshots/*/*.new", "load"),
    "among the change sets": ("changes/*/*.new", "rebuild"),
}


@pytest.mark.parametrize("place", PLACES)
def test_what_was_killed_is_finished_by_the_next_command_that_writes(place: str, program: Program) -> None:
    pattern, command = PLACES[place]
    process = program.start("forget", NAME, "--yes")
    deadline = time.monotonic() + MAXIMUM_SECONDS
    while not any(program.home.glob(pattern)):
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline
        time.sleep(0.001)
    process.kill()
    process.communicate(timeout=30)
    assert program.run("status", "--format", "json").json()["forgotten"] == {"owners": 1, "unfinished": True}
    assert "an owner is not forgotten everywhere yet" in program.run("doctor").out
    done(program.run(command, *([NAME, "--yes"] if command == "forget" else [])))
    assert program.run("status", "--format", "json").json()["forgotten"] == {"owners": 1, "unfinished": False}
    assert holding(program.home, NAME) == []
    assert NAME.lower() not in "\n".join(dumped(program)).lower()
    assert program.crawl()["rows_written"] == 0
