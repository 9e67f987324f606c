"""Settings: what can be set, its default, where it was set, and what is wrong with it.

A setting is read from the settings file, overridden by the environment, overridden by `--set` on the command line.
The environment name of `section.name` is `HUB_GENEALOGY_SECTION_NAME`; a few settings also have the name that the
Hub's client and Neo4j's own tools use (`HF_TOKEN`, `NEO4J_URI`, …).
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crawler import kinds, settings_file
from crawler.errors import UsageError, nearest

PREFIX = "HUB_GENEALOGY_"
THE_HUB = "https://huggingface.co"
LOG_FORMATS = ("auto", "text", "json")


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
        kinds.path,
        None,
        "the state folder: archive, snapshots, changes, local Neo4j (default: the user's data folder)",
    ),
    Setting("hub.endpoint", kinds.endpoint, THE_HUB, "the Hub to walk", alias="HF_ENDPOINT"),
    Setting("hub.token", kinds.text, None, "a read token: a higher rate limit", alias="HF_TOKEN", secret=True),
    Setting("hub.contact", kinds.text, None, "how the Hub can reach you, sent in the User-Agent"),
    Setting("hub.timeout", kinds.duration, "60s", "how long one request may stay silent"),
    Setting("hub.patience", kinds.duration, "6h", "how long an outage of the Hub is waited out before exit 75"),
    Setting("hub.page_size", kinds.whole, "1000", "models a page; the Hub gives at most 1000"),
    Setting(
        "hub.max_clock_skew",
        kinds.duration_or_off,
        "10m",
        "how far this machine's clock may be from the Hub's; off where it is not compared",
    ),
    Setting(
        "sweep.max_tail_age",
        kinds.duration_or_off,
        "1h",
        "how old the newest model of a complete sweep may be at the walk's end; off for replays and mirrors",
    ),
    Setting(
        "sweep.max_vanished_share", kinds.share, "0.02", "the largest share of listed models that one sweep may retire"
    ),
    Setting(
        "sweep.max_withdrawn_share",
        kinds.share,
        "0.02",
        "the largest share of current links that one crawl may withdraw",
    ),
    Setting(
        "sweep.max_fill_drop",
        kinds.share,
        "0.1",
        "by how much the share of records that carry a field may fall, as a fraction of what it was",
    ),
    Setting(
        "sweep.confirm_sample",
        kinds.count,
        "50",
        "how many of the vanished models are asked for one by one; 0 for none",
    ),
    Setting("sweep.resume_within", kinds.duration, "24h", "an interrupted walk older than this starts over"),
    Setting(
        "lineage.redirects",
        kinds.count,
        "1000",
        "how many names that no listing holds the Hub is asked for in one crawl, of models and of data sets each, each name "
        "once in 30 days; 0 for none",
    ),
    Setting(
        "enrich.cards",
        kinds.count,
        "3000",
        "how many models' cards the Hub is asked for in one crawl, each once per revision, for parents that only their text "
        "names; 0 for none. A card takes two of the 3,000 requests for files in 5 minutes without a token, 5,000 with one",
    ),
    Setting(
        "enrich.owners",
        kinds.count,
        "250",
        "how many owners the Hub is asked about in one crawl, each once in 90 days, whether they are persons or organisations; 0 "
        "for none. An owner takes one request or two of the 500 that the Hub allows in 5 minutes without a token",
    ),
    Setting(
        "enrich.files",
        kinds.count,
        "500",
        "how many models' files the Hub is asked for in one crawl, each once per revision, for models that hold the same "
        "weights: models of open cases, then those that declare no parent, then the others, by downloads; 0 for none. 500 take "
        "one more rate window of 5 minutes without a token, 1,000 with one",
    ),
    Setting(
        "lineage.rules",
        kinds.rules,
        ",".join(kinds.DEFAULT_LINK_RULES),
        "the rules that infer what nobody declared, and the sentences of cards that make links (docs/lineage.md), or off",
    ),
    Setting(
        "popularity.cadence",
        kinds.one_of("weekly", "sweep", "never"),
        "weekly",
        "when downloads and likes are refreshed: weekly, sweep or never",
    ),
    Setting(
        "datasets.crawl",
        kinds.one_of("on", "weekly", "off"),
        "on",
        "when the list of data sets is walked, too: on (in every crawl), weekly or off",
    ),
    Setting("keep.archives", kinds.whole, "2", "how many crawls' pages are kept; change sets are kept for ever"),
    Setting("keep.snapshots", kinds.whole, "2", "how many crawls' snapshots are kept"),
    Setting(
        "keep.gone",
        kinds.duration_or_off,
        "off",
        "how long the graph keeps a model or a data set that is gone and that no other one names; off: for ever",
    ),
    Setting(
        "disk.min_free",
        kinds.size,
        "200m",
        "the least free space with which a crawl begins; more where the last took more",
    ),
    Setting(
        "disk.max_temporary",
        kinds.size,
        "10g",
        "the most that DuckDB may write into temporary files; a crawl counts on it when it asks for room",
    ),
    Setting(
        "duckdb.memory",
        kinds.size,
        None,
        "memory for the tables of snapshot, changes and import (default: a sixteenth of the memory, from 500m to 4g)",
    ),
    Setting(
        "duckdb.threads", kinds.whole, None, "threads for the same (default: the processors that the crawl may use)"
    ),
    Setting(
        "metrics.textfile", kinds.prom, None, "a file for node_exporter's textfile collector, written by each crawl"
    ),
    Setting(
        "doctor.max_age",
        kinds.duration_or_off,
        "36h",
        "how old the last complete crawl may be before `doctor` fails; off where no crawl runs every night",
    ),
    Setting(
        "doctor.max_java_age",
        kinds.duration_or_off,
        "210d",
        "how old the release of the local server's Java may be before `doctor` warns: two quarterly updates and a month",
    ),
    Setting(
        "cases.term_months", kinds.months(1), "1", "the term of a case, in calendar months from the day of receipt"
    ),
    Setting("cases.extension_months", kinds.months(0), "2", "by how many months a case can be extended at most"),
    Setting(
        "feeds.folder", kinds.path, None, "a folder in which each crawl keeps the feeds of feeds.watched up to date"
    ),
    Setting(
        "feeds.watched",
        kinds.watched,
        None,
        "what these feeds are about, with commas or as a list of YAML: models, dataset:ID, owner:NAME, case:ID",
    ),
    Setting(
        "neo4j.uri", kinds.uri, None, "the database; when it is not set, a local server is started", alias="NEO4J_URI"
    ),
    Setting("neo4j.username", kinds.text, "neo4j", "its user", alias="NEO4J_USERNAME"),
    Setting("neo4j.password", kinds.text, None, "its password", alias="NEO4J_PASSWORD", secret=True),
    Setting("neo4j.database", kinds.text, "neo4j", "its database", alias="NEO4J_DATABASE"),
    Setting("neo4j.disposable", kinds.flag, "false", "whether tests may erase the database at neo4j.uri"),
    Setting(
        "neo4j.heap",
        kinds.memory,
        None,
        "heap of the local server (default: 1g and half of the graph's size, at most a quarter of the memory)",
    ),
    Setting(
        "neo4j.page_cache",
        kinds.memory,
        None,
        "page cache of the local server (default: the graph's size and a fifth, at least 512m, at most a quarter of the memory)",
    ),
    Setting(
        "neo4j.java",
        kinds.path,
        None,
        "the Java 21 or 25 of the local server: its home or its executable (default: the one of the extra `local`)",
    ),
    Setting("load.batch_rows", kinds.whole, "5000", "rows a transaction"),
    Setting(
        "load.bulk_share",
        kinds.share,
        "0.25",
        "the share of the graph from which on a load into the local server goes through neo4j-admin import",
    ),
    Setting("load.bulk_rows", kinds.whole, "100000", "the least rows for that: below, Bolt is faster"),
    Setting("query.folder", kinds.path, None, "a folder of saved queries of your own, `<topic>/<name>.cypher`"),
    Setting(
        "log.format", kinds.one_of(*LOG_FORMATS), "auto", "text, json, or auto: json for `crawl` without a terminal"
    ),
    Setting("query.timeout", kinds.duration, "2m", "how long one saved query may run"),
)
BY_NAME = {setting.name: setting for setting in SETTINGS}


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

    def __init__(self, texts: Mapping[str, tuple[str, str]], file: Path | None = None, *, named: bool = False) -> None:
        """`texts`: name → (text, where it was set); `file` is the settings file that was read, `named` if not just found."""
        self.file = file
        self._found = None if named else str(file)
        self._where = {name: where for name, (_text, where) in texts.items()}
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
    def token_refused(self) -> str | None:
        """Why the token is not sent to the endpoint, if so: another than the Hub gets it from whoever set both, or not at all."""
        token, endpoint = self._source("hub.token"), self._source("hub.endpoint")
        if not (self["hub.token"] or "").strip() or urlsplit(self["hub.endpoint"])[:2] == urlsplit(THE_HUB)[:2]:
            return None
        return (
            None
            if token == endpoint
            else (
                f"hub.token is set in {token} and is not sent to {self['hub.endpoint']}, which is set in {endpoint}: set both in "
                "one place, such as HF_TOKEN and HF_ENDPOINT in the environment, or none of them"
            )
        )

    @property
    def password_refused(self) -> str | None:
        """Why the password is not sent to the database, if so: a file that was merely found names that address, but not it."""
        address, password = self._source("neo4j.uri"), self._source("neo4j.password")
        if self["neo4j.uri"] is None or not self["neo4j.password"] or address == password or address != self._found:
            return None
        return (
            f"neo4j.password is set in {password} and is not sent to the neo4j.uri of {address}, which nobody named: name that "
            "file with --config, or set NEO4J_URI beside NEO4J_PASSWORD"
        )

    def _source(self, name: str) -> str:
        """Where a setting was set; the whole environment is one place."""
        where = self._where.get(name, "the default")
        return "the environment" if where in (BY_NAME[name].alias, BY_NAME[name].variable) else where

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
    given = _from_environment(os.environ if environment is None else environment)
    for name, value in (overrides or {}).items():
        _check_known(name, "--set")
        given[name] = (value, "--set")
    used = file or settings_file.found(None)
    if used is None:
        without = Settings(given)
        used = settings_file.found(without["home"])
        if used is None:
            return without
    return Settings(_from_file(used, named=file is not None) | given, used, named=file is not None)


def _check_known(name: str, where: str) -> None:
    if name not in BY_NAME:
        raise UsageError(f"unknown setting {name!r} in {where}{nearest(name, BY_NAME)}")


def _from_file(file: Path, *, named: bool) -> dict[str, tuple[str, str]]:
    content = settings_file.read(file, named=named)
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
                texts[name] = (_text(value), str(file))
    return texts


def _text(value: Any) -> str:
    """A value of YAML as it would be written in the environment: a list has commas, and `case: 1` is the same as case:1."""
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    return (
        ":".join(map(_text, next(iter(value.items())))) if isinstance(value, dict) and len(value) == 1 else str(value)
    )


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
