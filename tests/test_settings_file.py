"""The settings file that is found: whose it must be, and that it sends no secret of another place anywhere."""

import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from crawler.errors import UsageError
from crawler.graph.connection import connection_for
from crawler.hub.transport import Transport
from crawler.settings import Settings, load
from tests.support.program import Program
from tests.support.somebody_else import another_user

EVIL = "https://evil.example"
TEXT = f"hub: {{endpoint: '{EVIL}'}}\n"


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A working folder of this user alone, which others can reach."""
    with TemporaryDirectory(dir="/tmp") as folder:
        home = Path(folder, "home")
        home.mkdir()
        monkeypatch.setenv("HUB_GENEALOGY_HOME", str(home))
        monkeypatch.chdir(folder)
        yield Path(folder)
        monkeypatch.undo()


def settings_file(folder: Path, text: str = TEXT) -> Path:
    file = folder / "hub-genealogy.yml"
    file.write_text(text, encoding="utf-8")
    file.chmod(0o644)
    return file


def refused() -> str:
    with pytest.raises(UsageError) as caught:
        load()
    message = str(caught.value)
    assert "\n" not in message
    assert "--config" in message
    return message


def _group(path: Path, mode: int) -> None:
    os.chown(path, -1, 12345)
    path.chmod(mode)


def _their_link(file: Path, other: int) -> None:
    file.rename(file.with_name("real.yml"))
    file.symlink_to("real.yml")
    os.chown(file, other, other, follow_symlinks=False)


def _link_to_theirs(file: Path, other: int) -> None:
    file.rename(file.with_name("real.yml"))
    os.chown(file.with_name("real.yml"), other, other)
    file.symlink_to("real.yml")


def _pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def test_a_file_of_this_user_in_a_folder_of_this_user_is_read(here: Path) -> None:
    file = settings_file(here)
    found = load()
    assert (found["hub.endpoint"], found.file) == (EVIL, file.relative_to(here))


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        pytest.param(lambda file, other: os.chown(file, other, other), "it belongs to the user nobody", id="theirs"),
        pytest.param(lambda file, _other: file.chmod(0o646), "other users may write it", id="open to all"),
        pytest.param(lambda file, _other: _group(file, 0o664), "other users may write it", id="open to a group"),
        pytest.param(
            lambda file, _other: file.parent.chmod(0o1777), "may write in its folder", id="a folder like /tmp"
        ),
        pytest.param(lambda file, _other: _group(file.parent, 0o770), "may write in its folder", id="a group's folder"),
        pytest.param(
            lambda file, other: os.chown(file.parent, other, other),
            "its folder belongs to the user nobody",
            id="in theirs",
        ),
        pytest.param(_their_link, "it belongs to the user nobody", id="their link to ours"),
        pytest.param(_link_to_theirs, "it belongs to the user nobody", id="a link to theirs"),
        pytest.param(lambda file, _other: _pipe(file), "it is no file", id="a pipe, which would hang"),
    ],
)
def test_a_file_that_somebody_else_could_have_written_is_refused_with_the_reason(
    here: Path, spoil: Callable[[Path, int], None], why: str
) -> None:
    file = settings_file(here)
    with another_user() as other:
        spoil(file, other)
        message = refused()
        assert message.startswith(f"the settings file {file} is not read")
        assert why in message


def test_a_file_that_is_named_is_read_whoever_owns_it(here: Path) -> None:
    file = settings_file(here)
    with another_user() as other:
        os.chown(file, other, other)
        assert load(file)["hub.endpoint"] == EVIL


@pytest.mark.parametrize("file", ["/dev/zero", "large.yml"])
def test_a_file_that_is_named_is_read_up_to_a_megabyte(here: Path, file: str) -> None:
    (here / "large.yml").write_bytes(b"#" * (1 << 20) + b"\n")
    with pytest.raises(UsageError, match=f"the settings file {file} is not read: it is larger than 1 MB"):
        load(Path(file))


def test_a_file_in_the_state_folder_is_read_where_the_working_folder_has_none(here: Path) -> None:
    file = settings_file(here / "home", "keep: {archives: 7}")
    assert (load()["keep.archives"], load().file) == (7, file)
    settings_file(here, "keep: {archives: 8}")
    assert load()["keep.archives"] == 8
    (here / "hub-genealogy.yml").unlink()
    with another_user() as other:
        os.chown(file, other, other)
        assert refused().startswith(f"the settings file {file} is not read")


def test_doctor_names_the_file_and_a_refused_one_is_one_line_of_every_command(here: Path) -> None:
    program = Program(here / "home", None, {"HUB_GENEALOGY_HUB_ENDPOINT": "http://127.0.0.1:9"})

    def said() -> str:
        checks = {check["name"]: check["message"] for check in program.run("doctor", "--format", "json").json()}
        return str(checks["settings"])

    assert said() == "read from the environment; no file"
    file = settings_file(here / "home", "keep: {archives: 7}")
    assert said() == f"read from {file} and the environment"
    file.chmod(0o666)
    for command in (["doctor"], ["status"], ["crawl"]):
        result = program.run(*command)
        assert (result.code, result.out) == (2, "")
        assert f"the settings file {file} is not read" in result.err


def bearer(settings: Settings) -> bool:
    return "authorization" in {name.lower() for name in Transport(settings).headers}


@pytest.mark.parametrize(
    ("text", "environment", "overrides", "sent"),
    [
        pytest.param("", {"HF_TOKEN": "hf_x"}, {}, True, id="the Hub itself"),
        pytest.param("", {"HF_TOKEN": "hf_x", "HF_ENDPOINT": EVIL}, {}, True, id="both in the environment"),
        pytest.param(
            "", {"HF_TOKEN": "hf_x", "HUB_GENEALOGY_HUB_ENDPOINT": EVIL}, {}, True, id="the environment under two names"
        ),
        pytest.param("hub: {token: hf_x, endpoint: 'https://evil.example'}", {}, {}, True, id="both in one file"),
        pytest.param(TEXT, {"HF_TOKEN": "hf_x"}, {}, False, id="a file sends the token of the environment"),
        pytest.param("hub: {token: hf_x}", {"HF_ENDPOINT": EVIL}, {}, False, id="the environment sends a file's token"),
        pytest.param("", {"HF_TOKEN": "hf_x"}, {"hub.endpoint": EVIL}, False, id="the command line"),
        pytest.param(
            "", {"HF_TOKEN": "hf_x"}, {"hub.endpoint": "http://huggingface.co"}, False, id="the Hub in the clear"
        ),
        pytest.param(
            "",
            {"HF_TOKEN": "hf_x"},
            {"hub.endpoint": "https://huggingface.co:444"},
            False,
            id="another port of the Hub",
        ),
        pytest.param(
            "", {"HF_TOKEN": "hf_x"}, {"hub.endpoint": "https://huggingface.co/sub"}, True, id="below the Hub"
        ),
    ],
)
def test_the_token_goes_to_another_endpoint_only_from_where_that_is_set(
    here: Path,
    caplog: pytest.LogCaptureFixture,
    text: str,
    environment: dict[str, str],
    overrides: dict[str, str],
    *,
    sent: bool,
) -> None:
    file = settings_file(here, text)
    caplog.set_level(logging.WARNING)
    assert bearer(load(file, environment, overrides)) is sent
    assert [("is not sent to" in record.getMessage(), "hf_x" in record.getMessage()) for record in caplog.records] == (
        [] if sent else [(True, False)]
    )


def test_a_password_goes_to_a_database_of_a_file_that_was_only_found_if_it_stands_there_too(here: Path) -> None:
    settings_file(here, "neo4j: {uri: 'bolt://evil.example'}")
    secret = {"NEO4J_PASSWORD": "s3cret", "HUB_GENEALOGY_HOME": str(here / "home")}
    with pytest.raises(UsageError, match=r"is not sent to the neo4j\.uri of hub-genealogy\.yml") as caught:
        connection_for(load(environment=secret))
    assert "s3cret" not in str(caught.value)
    assert connection_for(load(here / "hub-genealogy.yml", secret)).password == "s3cret"
    assert connection_for(load(environment=secret | {"NEO4J_URI": "bolt://own"})).password == "s3cret"
    settings_file(here, "neo4j: {uri: 'bolt://own', password: other}")
    assert connection_for(load(environment={"HUB_GENEALOGY_HOME": "x"})).password == "other"


def test_yaml_that_is_nested_100_000_deep_is_one_line(here: Path) -> None:
    with pytest.raises(UsageError, match="is not YAML: it is nested too deeply"):
        load(settings_file(here, "[" * 100_000))
