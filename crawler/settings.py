"""Settings: what can be set, its default, where it was set, and what is wrong with it.

A setting is read from `hub-genealogy.yml`, overridden by the environment, overridden by `--set` on the command line.
The environment name of `section.name` is `HUB_GENEALOGY_SECTION_NAME`; a few settings also have the name that the
Hub's client and Neo4j's own tools use (`HF_TOKEN`, `NEO4J_URI`, …).
"""

import math
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from crawler.errors import UsageError, nearest
from crawler.records.rules import DEFAULT_RULES, RULES

PREFIX = "HUB_GENEALOGY_"
DEFAULT_FILE = Path("hub-genealogy.yml")
LOG_FORMATS = ("auto", "text", "json")


def _text(value: str) -> str:
    return value


def _whole(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,12}", value) or int(value) == 0:
        raise ValueError("a whole number above 0")
    return int(value)


def _count(value: str) -> int:
    return 0 if value == "0" else _whole(value)


def _share(value: str) -> float:
    try:
        share = float(value)
    except ValueError:
        share = math.nan
    if not 0 <= share <= 1:
        raise ValueError("a fraction from 0 to 1, such as 0.02")
    return share


def _duration(value: str) -> timedelta:
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?) *(s|m|h|d)", value)
    if match is None:
        raise ValueError("a time such as 30s, 10m, 6h or 7d")
    unit = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}[
        match[2]
    ]
    try:
        return float(match[1]) * unit
    except OverflowError:
        raise ValueError("a time such as 30s, 10m, 6h or 7d: it is too long") from None


def _duration_or_off(value: str) -> timedelta | None:
    if value.lower() in {"off", "false"}:
        return None
    try:
        return _duration(value)
    except ValueError as error:
        raise ValueError(f"{error}, or off") from None


def _flag(value: str) -> bool:
    if value.lower() in {"true", "yes", "on", "1"}:
        return True
    if value.lower() in {"false", "no", "off", "0"}:
        return False
    raise ValueError("true or false")


def _memory(value: str) -> str:
    if not re.fullmatch(r"[0-9]+[mMgG]", value):
        raise ValueError("a size such as 512m or 2g")
    return value.lower()


def _size(value: str) -> int:
    number, unit = int(_memory(value)[:-1]), value[-1].lower()
    return number << (30 if unit == "g" else 20)


def _endpoint(value: str) -> str:
    if value.partition("://")[2].partition("/")[0].find("@") > 0:
        raise ValueError("an address without a user and a password: put a token into HF_TOKEN")
    try:
        # Reading the port is what finds one that is none, or half an IPv6 address.
        whole = urlsplit(value).hostname and urlsplit(value).port != 0
    except ValueError:
        whole = None
    if not whole or not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", value):
        raise ValueError("an address such as https://huggingface.co")
    return value.rstrip("/")


def _uri(value: str) -> str:
    if "@" in value:
        raise ValueError("an address without a user and a password: set NEO4J_USERNAME and NEO4J_PASSWORD")
    if not re.match(r"(bolt|neo4j)(\+s|\+ssc)?://", value):
        raise ValueError("an address such as bolt://127.0.0.1:7687 or neo4j+s://graph.example.org")
    return value


def _one_of(*choices: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in choices:
            raise ValueError(f"{', '.join(choices[:-1])} or {choices[-1]}")
        return value

    return read


def _rules(value: str) -> tuple[str, ...]:
    named = [] if value.lower() in {"off", "none"} else [part.strip() for part in value.split(",") if part.strip()]
    if unknown := [rule for rule in named if rule not in RULES]:
        raise ValueError(f"off, or some of {', '.join(RULES)} with commas; {unknown[0]!r} is none")
    return tuple(rule for rule in RULES if rule in named)


def _path(value: str) -> Path:
    if "\0" in value:
        raise ValueError("a path: no path holds a null character")
    try:
        path = Path(value).expanduser()
    except RuntimeError:
        raise ValueError("a folder: nobody has that home") from None
    str(path).encode()
    return path


def _prom(value: str) -> Path:
    if not value.endswith(".prom"):
        raise ValueError("a file whose name ends in .prom: the collector reads no other")
    return _path(value)


@dataclass(frozen=True)
class Setting:
    """One thing that can be set: its dotted name, how its text is read, its default as text, and what it means."""

    name: str
    read: Callable[[str], Any]
    default: str | None
    meaning: str
    alias: str | None = None
    secret: bool = False

    @property
    def variable(self) -> str:
        """The environment variable of this setting."""
        return PREFIX + self.name.upper().replace(".", "_")


SETTINGS = (
    Setting(
        "home",
        _path,
        None,
        "the state folder: archive, snapshots, changes, local Neo4j (default: the user's data folder)",
    ),
    Setting("hub.endpoint", _endpoint, "https://huggingface.co", "the Hub to walk", alias="HF_ENDPOINT"),
    Setting("hub.token", _text, None, "a read token: a higher rate limit", alias="HF_TOKEN", secret=True),
    Setting("hub.contact", _text, None, "how the Hub can reach you, sent in the User-Agent"),
    Setting("hub.timeout", _duration, "60s", "how long one request may stay silent"),
    Setting("hub.patience", _duration, "6h", "how long an outage of the Hub is waited out before exit 75"),
    Setting("hub.page_size", _whole, "1000", "models a page; the Hub gives at most 1000"),
    Setting(
        "hub.max_clock_skew",
        _duration_or_off,
        "10m",
        "how far this machine's clock may be from the Hub's; off where it is not compared",
    ),
    Setting(
        "sweep.max_tail_age",
        _duration_or_off,
        "1h",
        "how old the newest model of a complete sweep may be at the walk's end; off for replays and mirrors",
    ),
    Setting("sweep.max_vanished_share", _share, "0.02", "the largest share of listed models that one sweep may retire"),
    Setting(
        "sweep.max_withdrawn_share", _share, "0.02", "the largest share of current links that one crawl may withdraw"
    ),
    Setting(
        "sweep.max_fill_drop",
        _share,
        "0.1",
        "by how much the share of records that carry a field may fall, as a fraction of what it was",
    ),
    Setting(
        "sweep.confirm_sample", _count, "50", "how many of the vanished models are asked for one by one; 0 for none"
    ),
    Setting("sweep.resume_within", _duration, "24h", "an interrupted walk older than this starts over"),
    Setting(
        "lineage.redirects",
        _count,
        "1000",
        "how many names that no listing holds the Hub is asked for in one crawl, each once in 30 days; 0 for none",
    ),
    Setting(
        "lineage.rules",
        _rules,
        ",".join(DEFAULT_RULES),
        "the rules that infer what nobody declared (docs/lineage.md says how sure each is), or off",
    ),
    Setting(
        "popularity.cadence",
        _one_of("weekly", "sweep", "never"),
        "weekly",
        "when downloads and likes are refreshed: weekly, sweep or never",
    ),
    Setting("keep.archives", _whole, "2", "how many crawls' pages are kept; change sets are kept for ever"),
    Setting("keep.snapshots", _whole, "2", "how many crawls' snapshots are kept"),
    Setting(
        "disk.min_free", _size, "200m", "the least free space with which a crawl begins; more where the last took more"
    ),
    Setting("metrics.textfile", _prom, None, "a file for node_exporter's textfile collector, written by each crawl"),
    Setting(
        "doctor.max_age",
        _duration_or_off,
        "36h",
        "how old the last complete crawl may be before `doctor` fails; off where no crawl runs every night",
    ),
    Setting(
        "doctor.max_java_age",
        _duration_or_off,
        "210d",
        "how old the release of the local server's Java may be before `doctor` warns: two quarterly updates and a month",
    ),
    Setting("neo4j.uri", _uri, None, "the database; when it is not set, a local server is started", alias="NEO4J_URI"),
    Setting("neo4j.username", _text, "neo4j", "its user", alias="NEO4J_USERNAME"),
    Setting("neo4j.password", _text, None, "its password", alias="NEO4J_PASSWORD", secret=True),
    Setting("neo4j.database", _text, "neo4j", "its database", alias="NEO4J_DATABASE"),
    Setting("neo4j.disposable", _flag, "false", "whether tests may erase the database at neo4j.uri"),
    Setting("neo4j.heap", _memory, "1g", "heap of the local server"),
    Setting("neo4j.page_cache", _memory, "512m", "page cache of the local server"),
    Setting(
        "neo4j.java",
        _path,
        None,
        "the Java 21 or 25 of the local server: its home or its executable (default: the one of the extra `local`)",
    ),
    Setting("load.batch_rows", _whole, "5000", "rows a transaction"),
    Setting("query.folder", _path, None, "a folder of saved queries of your own, `<topic>/<name>.cypher`"),
    Setting("log.format", _one_of(*LOG_FORMATS), "auto", "text, json, or auto: json for `crawl` without a terminal"),
    Setting("query.timeout", _duration, "2m", "how long one saved query may run"),
)
BY_NAME = {setting.name: setting for setting in SETTINGS}


class _Texts(yaml.SafeLoader):
    """Reads every value as the text that stands there: `0123` and `yes` can be a password. Only null stays null."""

    yaml_implicit_resolvers = {  # noqa: RUF012  # PyYAML's own way
        first: [(tag, pattern) for tag, pattern in resolvers if tag.endswith(":null")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def user_folder(variable: str, below_home: str, way_out: str) -> Path:
    """The folder of this program in the one that `variable` names, by the XDG base directory specification.

    Raises UsageError where neither the variable nor the user's home says where that is, or not in UTF-8.
    """
    try:
        folder = Path(os.environ.get(variable) or Path.home() / below_home) / "hub-genealogy"
    except RuntimeError:
        raise UsageError(f"this user has no home folder: set HOME, {variable} or {way_out}") from None
    check_text(str(folder), f"the path that HOME or {variable} names")
    return folder


def default_home() -> Path:
    """The user's data folder for this program."""
    return user_folder("XDG_DATA_HOME", ".local/share", "HUB_GENEALOGY_HOME")


def check_text(text: str, what: str) -> None:
    """Make sure that `text`, which came from outside, is UTF-8: UsageError where it is not."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise UsageError(f"{what} is not UTF-8: {text!a}") from None


class Settings:
    """The values in force: `settings["sweep.max_tail_age"]`. Values are typed; a secret never shows in a repr."""

    def __init__(self, texts: Mapping[str, tuple[str, str]]) -> None:
        """`texts`: name → (text, where it was set)."""
        self._values: dict[str, Any] = {}
        for setting in SETTINGS:
            text, where = texts.get(setting.name, (setting.default, "the default"))
            if text is None:
                self._values[setting.name] = default_home() if setting.name == "home" else None
                continue
            # An address may hold a password.
            shown = "its value" if setting.secret or "@" in text else repr(text)
            try:
                text.encode()
                self._values[setting.name] = setting.read(text)
            except UnicodeEncodeError:
                raise UsageError(f"{setting.name}: {shown} ({where}) is not UTF-8") from None
            except ValueError as error:
                raise UsageError(f"{setting.name}: {shown} ({where}) is not {error}") from None

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __repr__(self) -> str:
        shown = {n: "***" if BY_NAME[n].secret and v is not None else v for n, v in self._values.items()}
        return f"Settings({shown})"

    @property
    def home(self) -> Path:
        """The state folder, absolute."""
        home: Path = self._values["home"]
        try:
            return home.absolute()
        except FileNotFoundError:
            raise UsageError(
                f"the working folder is gone, and home is a path below it ({home}): go to a folder that exists, or set "
                "HUB_GENEALOGY_HOME to an absolute path"
            ) from None


def load(
    file: Path | None = None,
    environment: Mapping[str, str] | None = None,
    overrides: Mapping[str, str] | None = None,
) -> Settings:
    """Read the settings in force.

    Raises UsageError, naming the place and the nearest right name, for a file that is missing or is no mapping, an
    unknown setting, or a value that cannot be read.
    """
    texts = _from_file(file)
    texts.update(_from_environment(os.environ if environment is None else environment))
    for name, value in (overrides or {}).items():
        _check_known(name, "--set")
        texts[name] = (value, "--set")
    return Settings(texts)


def default_file() -> Path | None:
    """The settings file of the working folder, if there is one; none where this user may not look."""
    return DEFAULT_FILE if os.path.isfile(DEFAULT_FILE) else None  # noqa: PTH113  # `Path.is_file` raises there


def _check_known(name: str, where: str) -> None:
    if name not in BY_NAME:
        raise UsageError(f"unknown setting {name!r} in {where}{nearest(name, BY_NAME)}")


def _from_file(file: Path | None) -> dict[str, tuple[str, str]]:
    if file is None:
        file = default_file()
        if file is None:
            return {}
    content = _parsed(file)
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise UsageError(
            f"the settings file {file} must hold sections such as `sweep:`, not a {type(content).__name__}"
        )
    texts: dict[str, tuple[str, str]] = {}
    for section, body in content.items():
        entries = {f"{section}.{k}": v for k, v in body.items()} if isinstance(body, dict) else {str(section): body}
        if body is None and any(name.startswith(f"{section}.") for name in BY_NAME):
            continue  # a section whose lines are all comments
        for name, value in entries.items():
            _check_known(name, str(file))
            if value is not None:
                texts[name] = (str(value), str(file))
    return texts


def _parsed(file: Path) -> Any:
    try:
        return yaml.load(file.read_text(encoding="utf-8"), _Texts)  # noqa: S506  # a safe loader's subclass
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the settings file {file} cannot be read: {error}") from None
    except yaml.YAMLError as error:
        # Where and what, but not the line itself: a password may stand in it.
        mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None)
        where = f"line {mark.line + 1}: {problem}" if mark and problem else "it holds characters that no text has"
        raise UsageError(f"the settings file {file} is not YAML: {' '.join(where.split())}") from None


def _from_environment(environment: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    by_variable = {setting.variable: setting for setting in SETTINGS}
    for variable in environment:
        if variable.startswith(PREFIX) and variable not in by_variable:
            raise UsageError(f"unknown setting {variable} in the environment{nearest(variable, by_variable)}")
    texts: dict[str, tuple[str, str]] = {}
    for setting in SETTINGS:
        for variable in filter(None, (setting.alias, setting.variable)):
            if environment.get(variable):
                texts[setting.name] = (environment[variable], variable)
    return texts
