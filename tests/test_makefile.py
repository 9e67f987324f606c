import os
import shutil
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
# Notes each of its arguments, and the state folder that it would work on.
STUB = """#!/bin/sh
printf '%s\\0' "$HUB_GENEALOGY_HOME" "$@" >> called
"""
HOSTILE = [
    "a'; touch x; '",
    'a"; touch x; "',
    "$(touch x)",
    "$(shell touch x)",
    "${shell touch x}",
    "`touch x`",
    "$$(touch x)",
    "a\ntouch x",
    "* ? [a-z] ~ # % \\",
    "--format=json",
    "$(MAKEFILE_LIST) $HOME",
]


class Checkout:
    """A folder with this Makefile, a finished .venv, and a stub in place of the program."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("pyproject.toml", "constraints.txt", "requirements.txt", "Makefile"):
            shutil.copyfile(REPOSITORY / name, folder / name)
        (folder / ".venv").mkdir()
        for installed in (".ready", ".dist"):
            (folder / ".venv" / installed).touch()
        stub = folder / "stub"
        stub.write_text(STUB)
        stub.chmod(0o755)

    def make(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        # Without the variables of a make that these tests run under, or of this user.
        environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | variables
        return subprocess.run(
            ["make", *arguments, "HUB_GENEALOGY=./stub"],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def called(self) -> list[str]:
        """The state folder and the arguments of the stub's calls."""
        return (self.folder / "called").read_text().split("\0")[:-1]

    @property
    def files(self) -> set[str]:
        return {path.name for path in self.folder.iterdir()}


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_help_is_the_default_and_lists_every_target(checkout: Checkout) -> None:
    shown = checkout.make()
    assert shown.returncode == 0
    listed = {line.split()[1] for line in shown.stdout.splitlines()}
    phony = next(line for line in (checkout.folder / "Makefile").read_text().splitlines() if line.startswith(".PHONY:"))
    assert listed == set(phony.split()[1:])


@pytest.mark.parametrize("value", HOSTILE)
def test_a_value_on_the_command_line_stays_data(checkout: Checkout, value: str) -> None:
    before = checkout.files
    done = checkout.make("query", "NAME=descendants", f"MODEL={value}")
    assert done.returncode == 0, done.stderr
    assert checkout.called[1:] == ["query", "-p", f"model={value}", "--", "descendants"]
    assert checkout.files == before | {"called"}


@pytest.mark.parametrize("value", HOSTILE)
def test_a_value_in_the_environment_stays_data(checkout: Checkout, value: str) -> None:
    before = checkout.files
    done = checkout.make("query", NAME=value, MODEL="maker/model", FORMAT=value)
    assert done.returncode == 0, done.stderr
    assert checkout.called[1:] == ["query", "-p", "model=maker/model", f"--format={value}", "--", value]
    assert checkout.files == before | {"called"}


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("name", ["limit", "AS_OF", "of_their_own"])
def test_any_parameter_can_be_given_and_stays_data(checkout: Checkout, name: str, value: str) -> None:
    before = checkout.files
    done = checkout.make("query", "NAME=children", "MODEL=maker/model", f"{name}={value}", "FORMAT=csv")
    assert done.returncode == 0, done.stderr
    asked = ["-p", "model=maker/model", "-p", f"{name.lower()}={value}"]
    assert checkout.called[1:] == ["query", *asked, "--format=csv", "--", "children"]
    assert checkout.files == before | {"called"}


@pytest.mark.parametrize("value", HOSTILE)
def test_what_means_the_same_in_every_query_is_taken_from_the_environment_too(checkout: Checkout, value: str) -> None:
    before = checkout.files
    common = {name: f"{value}{name}" for name in ("LIMIT", "MAX_DEPTH", "KIND", "ALONG", "AS_OF", "INCLUDE_WITHDRAWN")}
    done = checkout.make("query", "NAME=children", **common, UNRELATED="x")
    assert done.returncode == 0, done.stderr
    asked = [part for name in common for part in ("-p", f"{name.lower()}={common[name]}")]
    assert checkout.called[1:] == ["query", *asked, "--", "children"]
    assert checkout.files == before | {"called"}


@pytest.mark.parametrize("name", ["max-depth", "max.depth", "limit;ls", "größe"])
def test_a_name_that_no_parameter_has_reaches_the_program_that_refuses_it(checkout: Checkout, name: str) -> None:
    done = checkout.make("query", "NAME=children", f"{name}=3")
    assert done.returncode == 0, done.stderr
    assert checkout.called[1:4] == ["query", "-p", f"{name}="]
    assert checkout.called[4:] == ["--", "children"]


def test_settings_and_what_make_knows_are_no_parameters(checkout: Checkout) -> None:
    known = [
        "NEO4J_URI=bolt://127.0.0.1:1",
        "HF_ENDPOINT=http://x",
        "HUB_GENEALOGY_HOME=/x",
        "PYTHON=python3",
        "DATA=y",
    ]
    done = checkout.make("query", "NAME=children", *known, "-s")
    assert done.returncode == 0, done.stderr
    assert checkout.called == ["/x", "query", "--", "children"]


def test_further_parameters_are_split_at_blanks_and_nowhere_else(checkout: Checkout) -> None:
    checkout.make("query", "NAME=path", "OTHER=a/b", "PARAMS=limit=3  along=merge,adapter q=* r=$(shell touch x);ls")
    given = ["limit=3", "along=merge,adapter", "q=*", "r=$(shell", "touch", "x);ls", "other=a/b"]
    assert checkout.called[1:] == ["query", *(part for text in given for part in ("-p", text)), "--", "path"]
    assert "x" not in checkout.files


def test_a_question_without_name_is_refused_in_one_line(checkout: Checkout) -> None:
    refused = checkout.make("query", "MODEL=maker/model")
    assert refused.returncode != 0
    assert refused.stdout == ""
    assert refused.stderr.startswith("make query needs the name of a saved query")
    assert checkout.called[1:] == ["query", "--list"]


def test_the_filters_of_a_report_are_passed_on(checkout: Checkout) -> None:
    checkout.make("report", "MODEL=a/b", "KIND=merge,adapter", "ALONG=merge", "STATUS=gone")
    assert checkout.called[1:] == ["report", "--kind=merge,adapter", "--along=merge", "--status=gone", "--", "a/b"]


@pytest.mark.parametrize("value", HOSTILE)
def test_what_a_report_is_asked_stays_data(checkout: Checkout, value: str) -> None:
    before = checkout.files
    said = (f"MODEL={value}", f"LANGUAGE={value}", f"TO={value}", f"AS_OF={value}")
    done = checkout.make("report", *said, FORMAT=value)
    assert done.returncode == 0, done.stderr
    asked = [f"--format={value}", f"--language={value}", f"--to={value}", f"--as-of={value}"]
    assert checkout.called[1:] == ["report", *asked, "--", value]
    (checkout.folder / "called").unlink()
    assert checkout.make("report", f"DATASET={value}", f"CHECK={value}").returncode == 0
    assert checkout.called[1:] == ["report", f"--dataset={value}", f"--check={value}"]
    assert checkout.files == before | {"called"}


def test_the_language_of_the_system_is_not_that_of_a_report(checkout: Checkout) -> None:
    assert checkout.make("report", "MODEL=a/b", LANGUAGE="en_US:en").returncode == 0
    assert checkout.called[1:] == ["report", "--", "a/b"]


def test_a_report_of_nothing_is_refused_in_one_line(checkout: Checkout) -> None:
    refused = checkout.make("report", "FORMAT=json")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("make report needs a model")


@pytest.mark.parametrize("value", HOSTILE)
def test_what_a_tree_is_asked_for_stays_data(checkout: Checkout, value: str) -> None:
    before = checkout.files
    done = checkout.make("tree", f"MODEL={value}", f"FORMAT={value}", f"MAX_DEPTH={value}", AS_OF=value)
    assert done.returncode == 0, done.stderr
    asked = [f"--format={value}", f"--max-depth={value}", f"--as-of={value}"]
    assert checkout.called[1:] == ["tree", *asked, "--", value]
    assert checkout.files == before | {"called"}


@pytest.mark.parametrize(
    ("value", "option"),
    [("true", "--include-withdrawn"), ("false", "--no-include-withdrawn"), ("maybe", "--include-withdrawn=maybe")],
)
def test_a_tree_takes_withdrawn_links_as_a_query_does(checkout: Checkout, value: str, option: str) -> None:
    checkout.make("tree", "MODEL=maker/model", f"INCLUDE_WITHDRAWN={value}", "OPTIONS=--all -q")
    assert checkout.called[1:] == ["tree", "--all", "-q", option, "--", "maker/model"]


def test_a_tree_without_a_model_is_refused_in_one_line(checkout: Checkout) -> None:
    refused = checkout.make("tree")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("make tree needs a model, as in: make tree MODEL=")
    assert "called" not in checkout.files


@pytest.mark.parametrize("target", ["query", "crawl"])
@pytest.mark.parametrize("code", [1, 2, 75])
def test_a_failure_fails_make_whatever_signals_it_ignores(checkout: Checkout, target: str, code: int) -> None:
    (checkout.folder / "stub").write_text(f"#!/bin/sh\necho 'what is wrong' >&2; exit {code}\n")
    failed = checkout.make(target, "NAME=descendants")
    assert (failed.returncode, failed.stdout) == (2, "")
    assert failed.stderr.startswith("what is wrong\n")


def test_the_state_folder_is_var_and_an_environment_variable_moves_it(checkout: Checkout, tmp_path: Path) -> None:
    checkout.make("crawl", "OPTIONS=--dry-run --max-models 5")
    assert checkout.called == [f"{tmp_path}/var", "crawl", "--dry-run", "--max-models", "5"]
    (tmp_path / "called").unlink()
    checkout.make("crawl", HUB_GENEALOGY_HOME="/elsewhere/$(shell touch x)")
    assert checkout.called == ["/elsewhere/$(shell touch x)", "crawl"]


def test_questions_go_to_the_graph_of_the_demo_until_there_is_another(checkout: Checkout, tmp_path: Path) -> None:
    (tmp_path / "var" / "demo").mkdir(parents=True)
    asked = checkout.make("query", "NAME=top_parents")
    assert "graph of make demo" in asked.stderr
    assert asked.stdout == ""
    checkout.make("crawl")
    (tmp_path / "var" / "changes" / "000001").mkdir(parents=True)
    checkout.make("query", "NAME=top_parents")
    checkout.make("query", "NAME=top_parents", HUB_GENEALOGY_HOME="/elsewhere")
    question = ["query", "--", "top_parents"]
    var = f"{tmp_path}/var"
    assert checkout.called == [f"{var}/demo", *question, var, "crawl", var, *question, "/elsewhere", *question]


def test_stopping_stops_the_server_of_the_demo_and_the_own_one(checkout: Checkout, tmp_path: Path) -> None:
    (tmp_path / "var" / "demo" / "neo4j").mkdir(parents=True)
    checkout.make("db-stop")
    (tmp_path / "var" / "neo4j").mkdir()
    checkout.make("db-stop")
    stop, var = ["db", "stop"], f"{tmp_path}/var"
    assert checkout.called == [f"{var}/demo", *stop, f"{var}/demo", *stop, var, *stop]


def test_a_replay_without_its_data_says_what_is_missing(checkout: Checkout, tmp_path: Path) -> None:
    refused = checkout.make("test-replay", f"DATA={tmp_path}/no'thing")
    assert refused.returncode != 0
    assert refused.stderr.startswith(f"no real data at {tmp_path}/no'thing: name its folder")


@pytest.mark.parametrize("target", ["test", "coverage", "test-replay", "soak"])
def test_what_collects_all_tests_installs_the_packages_that_any_of_them_imports(
    checkout: Checkout, target: str
) -> None:
    (checkout.folder / ".venv" / ".dist").unlink()
    done = checkout.make("--dry-run", target)
    assert done.returncode == 0, done.stderr
    assert "--group dist" in done.stdout
