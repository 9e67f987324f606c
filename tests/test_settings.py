"""Settings: where each comes from, which place wins, and what is said of a wrong one."""

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from crawler.errors import UsageError
from crawler.settings import BY_NAME, SETTINGS, Settings, load
from crawler.settings_file import NAME
from tests.support.somebody_else import somebody_else

NOTHING: dict[str, str] = {}


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A working folder without a settings file."""
    monkeypatch.chdir(tmp_path)


def written(text: str) -> Path:
    """A settings file with this text."""
    file = Path("settings.yml").absolute()
    file.write_text(text, encoding="utf-8")
    return file


def refused(
    file: Path | None = None, environment: dict[str, str] = NOTHING, overrides: dict[str, str] = NOTHING
) -> str:
    """The one line with which these settings are refused."""
    with pytest.raises(UsageError) as caught:
        load(file, environment, overrides)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_every_default_is_readable_and_typed() -> None:
    settings = load(environment=NOTHING)
    assert settings["sweep.max_tail_age"] == timedelta(hours=1)
    assert settings["sweep.max_vanished_share"] == 0.02
    assert settings["sweep.max_withdrawn_share"] == 0.02
    assert settings["sweep.max_fill_drop"] == 0.1
    assert settings["hub.max_clock_skew"] == timedelta(minutes=10)
    assert settings["hub.page_size"] == 1000
    assert settings["hub.token"] is None
    assert settings["neo4j.disposable"] is False
    assert settings.home.is_absolute()


def test_every_setting_has_a_variable_of_its_name() -> None:
    assert BY_NAME["sweep.max_tail_age"].variable == "HUB_GENEALOGY_SWEEP_MAX_TAIL_AGE"
    assert BY_NAME["home"].variable == "HUB_GENEALOGY_HOME"
    assert len({setting.variable for setting in SETTINGS}) == len(SETTINGS)


def test_the_command_line_wins_over_the_environment_and_that_over_the_file() -> None:
    file = written("load: {batch_rows: 1}\nhub: {page_size: 1}\nneo4j: {database: one}")
    environment = {"HUB_GENEALOGY_LOAD_BATCH_ROWS": "2", "HUB_GENEALOGY_HUB_PAGE_SIZE": "2"}
    settings = load(file, environment, {"load.batch_rows": "3"})
    assert (settings["load.batch_rows"], settings["hub.page_size"], settings["neo4j.database"]) == (3, 2, "one")


def test_the_programs_own_variable_wins_over_the_common_one() -> None:
    both = {"NEO4J_USERNAME": "common", "HUB_GENEALOGY_NEO4J_USERNAME": "own"}
    assert load(environment=both)["neo4j.username"] == "own"
    assert load(environment={"NEO4J_USERNAME": "common"})["neo4j.username"] == "common"


def test_the_default_file_is_read_where_there_is_one() -> None:
    NAME.write_text("home: here", encoding="utf-8")
    assert load(environment=NOTHING).home == Path("here").absolute()


def test_an_empty_variable_is_not_set() -> None:
    assert load(written("neo4j: {uri: bolt://one}"), {"NEO4J_URI": ""})["neo4j.uri"] == "bolt://one"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="an empty file"),
        pytest.param("# nothing\n", id="comments only"),
        pytest.param("sweep:\n  # max_tail_age: 1h\n", id="a section with comments only"),
        pytest.param("sweep: {max_tail_age: }", id="a name without a value"),
        pytest.param("sweep: {max_tail_age: null}", id="a null"),
    ],
)
def test_a_file_that_sets_nothing_leaves_the_defaults(text: str) -> None:
    assert load(written(text), NOTHING)["sweep.max_tail_age"] == timedelta(hours=1)


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        pytest.param("sweep: {max_tail_age: off}", "sweep.max_tail_age", None, id="off, which YAML reads as false"),
        pytest.param('sweep: {max_tail_age: "off"}', "sweep.max_tail_age", None, id="off in quotes"),
        pytest.param("sweep.max_tail_age: 90s", "sweep.max_tail_age", timedelta(seconds=90), id="a dotted name"),
        pytest.param("neo4j: {disposable: yes}", "neo4j.disposable", True, id="yes"),
        pytest.param("sweep: {max_vanished_share: 5e-2}", "sweep.max_vanished_share", 0.05, id="an exponent"),
        pytest.param("neo4j: {password: 0123}", "neo4j.password", "0123", id="a password of digits stays as it is"),
        pytest.param("neo4j: {password: Yes}", "neo4j.password", "Yes", id="a password that looks like a flag too"),
        pytest.param("neo4j: {password: 12:30:45}", "neo4j.password", "12:30:45", id="and one that looks like a time"),
        pytest.param("hub: {token: 2026-01-01}", "hub.token", "2026-01-01", id="and one that looks like a day"),
    ],
)
def test_yaml_values_are_read_as_they_are_written(text: str, name: str, value: Any) -> None:
    assert load(written(text), NOTHING)[name] == value


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        pytest.param("hub.timeout", "1.5m", timedelta(seconds=90), id="a fraction of a minute"),
        pytest.param("hub.timeout", "7 d", timedelta(days=7), id="a blank before the unit"),
        pytest.param("neo4j.heap", "2G", "2g", id="a size"),
        pytest.param("hub.endpoint", "http://127.0.0.1:8080/", "http://127.0.0.1:8080", id="a slash at the end"),
        pytest.param("sweep.max_vanished_share", "1", 1.0, id="everything"),
        pytest.param("home", "/srv/state", Path("/srv/state"), id="a folder"),
    ],
)
def test_values_are_typed(name: str, text: str, value: Any) -> None:
    assert load(environment=NOTHING, overrides={name: text})[name] == value


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        pytest.param("load.batch_rows", "0", "a whole number above 0", id="zero rows"),
        pytest.param("load.batch_rows", "1e3", "a whole number above 0", id="an exponent"),
        pytest.param("load.batch_rows", "٣", "a whole number above 0", id="digits of another script"),
        pytest.param("sweep.max_vanished_share", "2%", "a fraction from 0 to 1", id="a percentage"),
        pytest.param("sweep.max_vanished_share", "nan", "a fraction from 0 to 1", id="no number"),
        pytest.param("sweep.max_vanished_share", "1.01", "a fraction from 0 to 1", id="more than all"),
        pytest.param("hub.timeout", "60", "a time such as 30s", id="a time without unit"),
        pytest.param("hub.timeout", "-1s", "a time such as 30s", id="a time before"),
        pytest.param("hub.timeout", "9" * 20 + "d", "a time such as 30s", id="a time beyond all calendars"),
        pytest.param("hub.timeout", "9" * 400 + "d", "a time such as 30s", id="a number beyond all numbers"),
        pytest.param(
            "sweep.max_tail_age", "never", "a time such as 30s, 10m, 6h or 7d, or off", id="neither time nor off"
        ),
        pytest.param("popularity.cadence", "daily", "weekly, sweep or never", id="a cadence that is not offered"),
        pytest.param("neo4j.heap", "1", "a size such as 512m", id="a size without unit"),
        pytest.param("neo4j.disposable", "maybe", "true or false", id="a flag that is neither"),
        pytest.param("hub.endpoint", "huggingface.co", "an address such as https://", id="an address without scheme"),
        pytest.param("home", "~no-such-user-here/state", "a folder", id="the home of nobody"),
    ],
)
def test_a_wrong_value_is_named_with_its_place_and_what_is_wanted(name: str, text: str, expected: str) -> None:
    message = refused(overrides={name: text})
    assert message.startswith(f"{name}: {text!r} (--set) is not {expected}")
    assert f"({BY_NAME[name].variable})" in refused(environment={BY_NAME[name].variable: text})
    file = written(f"{name}: '{text}'")
    assert f"({file})" in refused(file)


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    file = written("sweep: {max_tail_ages: 1h}")
    unknown, nearest = "unknown setting 'sweep.max_tail_ages' in", "; nearest: sweep.max_tail_age"
    assert refused(file).startswith(f"{unknown} {file}{nearest}")
    assert refused(overrides={"sweep.max_tail_ages": "1h"}).startswith(f"{unknown} --set{nearest}")
    assert refused(environment={"HUB_GENEALOGY_SWEEP_MAX_TAIL": "1h"}).startswith(
        "unknown setting HUB_GENEALOGY_SWEEP_MAX_TAIL in the environment; nearest: HUB_GENEALOGY_SWEEP_MAX_TAIL_AGE"
    )
    assert refused(written("swep:\n")).startswith("unknown setting 'swep'")


def test_variables_of_other_programs_are_left_alone() -> None:
    assert load(environment={"HUB": "x", "NEO4J_AUTH": "x", "HF_HOME": "x"})["neo4j.uri"] is None


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"sweep: [1, 2", "is not YAML", id="a bracket that stays open"),
        pytest.param(b"- sweep", "must hold sections such as `sweep:`, not a list", id="a list"),
        pytest.param(b"sweep", "must hold sections such as `sweep:`, not a str", id="a word"),
        pytest.param(b"\xff\xfe", "cannot be read", id="not UTF-8"),
        pytest.param(b"a: \x00", "is not YAML", id="a control character"),
    ],
)
def test_a_file_that_is_no_settings_file_is_refused_by_name(content: bytes, says: str) -> None:
    file = Path("settings.yml")
    file.write_bytes(content)
    assert f"the settings file {file} {says}" in refused(file)


def test_a_file_that_is_asked_for_must_exist() -> None:
    assert refused(Path("missing.yml")).startswith("the settings file missing.yml cannot be read")


def test_no_secret_is_shown() -> None:
    secret = "hf_verySecret"
    settings = load(environment={"HF_TOKEN": secret, "NEO4J_PASSWORD": secret})
    assert (settings["hub.token"], settings["neo4j.password"]) == (secret, secret)
    assert secret not in f"{settings!r} {settings}"
    assert "'neo4j.username': 'neo4j'" in repr(settings)


@pytest.mark.parametrize("text", ['neo4j: {password: "%s', "neo4j:\n  password: %s\n bad", "hub: {token: [%s}"])
def test_no_secret_is_shown_of_a_file_that_is_not_yaml(text: str) -> None:
    message = refused(written(text % "hf_verySecret"))
    assert "is not YAML" in message
    assert "line " in message
    assert "hf_verySecret" not in message


def test_a_section_in_the_place_of_a_value_is_refused() -> None:
    assert refused(written("home: {x: 1}")).startswith("unknown setting 'home.x'")
    assert refused(written("hub: {timeout: {seconds: 5}}")).startswith("hub.timeout: ")


def test_settings_of_a_wrong_name_are_a_bug() -> None:
    with pytest.raises(KeyError):
        Settings({})["sweep.max_tail_ages"]


def test_a_working_folder_that_is_closed_to_this_user_holds_no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    with TemporaryDirectory(dir="/tmp") as folder:  # a place that another user can reach
        (Path(folder) / "hub-genealogy.yml").write_text("keep: {archives: 7}", encoding="utf-8")
        monkeypatch.chdir(folder)
        assert load(environment={})["keep.archives"] == 7
        Path(folder).chmod(0)
        with somebody_else():
            assert load(environment={"HUB_GENEALOGY_HOME": folder})["keep.archives"] == 2
        Path(folder).chmod(0o700)
        monkeypatch.undo()
