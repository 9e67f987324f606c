"""Every command in every odd environment: no traceback, an exit code that is documented, and one line of what to do."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from crawler.cli import cli
from demo.simulated_hub import SimulatedHub
from tests.support.every_command import commands, place
from tests.support.small_hub import FAMILY

REPOSITORY = Path(__file__).parents[2]
CODES = {0, 1, 2, 3, 75}


@dataclass(frozen=True)
class Environment:
    """How the process of the commands is started, beside what all have in common."""

    name: str
    variables: Mapping[str, str | None] = field(default_factory=dict)
    redirections: str = ""
    argument: bytes = b""
    # What `doctor` must say, and every command that fails otherwise than in a plain environment.
    named: str = ""


SECRET = "s3cret"
PLAIN = "nothing is odd"
NO_READER = "stdout without a reader"  # as after `| head`: there is nobody to tell
ENVIRONMENTS = [
    Environment(PLAIN),
    Environment("offline mode", {"HF_HUB_OFFLINE": "1"}, named="HF_HUB_OFFLINE"),
    Environment("certificates missing", {"SSL_CERT_FILE": "/nowhere/ca.pem"}, named="SSL_CERT_FILE"),
    Environment("certificates not PEM", {"SSL_CERT_FILE": __file__}, named="SSL_CERT_FILE"),
    Environment("proxy of an unknown scheme", {"ALL_PROXY": f"socks://u:{SECRET}@127.0.0.1:1"}, named="ALL_PROXY"),
    Environment("proxy half written", {"http_proxy": f"http://u:{SECRET}@[::1"}, named="HTTP_PROXY"),
    Environment("proxy away", {"HTTP_PROXY": "http://127.0.0.1:1"}, named="HTTP_PROXY"),
    Environment(
        "user without an entry", {"HOME": None, "HUB_GENEALOGY_HOME": None, "NOBODY": "1"}, named="HUB_GENEALOGY_HOME"
    ),
    Environment("user without a cache", {"HOME": None, "NEO4J_URI": None, "NOBODY": "1"}, named="XDG_CACHE_HOME"),
    Environment("stdin closed", redirections="<&-"),
    Environment("stdout closed", redirections=">&-"),
    Environment("stderr closed", redirections="2>&-"),
    Environment("all streams closed", redirections="<&- >&- 2>&-"),
    Environment("stdout full", redirections=">/dev/full"),
    Environment("stderr full", redirections="2>/dev/full"),
    Environment(NO_READER, redirections="| true"),
    Environment("C locale", {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}),
    Environment("Latin-1 locale and streams", {"LANG": "de_DE.ISO-8859-1", "PYTHONIOENCODING": "latin-1:strict"}),
    Environment("argument not UTF-8", argument=b"caf\xe9", named="an argument is not UTF-8"),
    Environment("state folder not UTF-8", {"HUB_GENEALOGY_HOME": "/nowhere/caf\udce9"}, named="home: "),
    Environment("home not UTF-8", {"HUB_GENEALOGY_HOME": None, "HOME": "/nowhere/caf\udce9"}, named="HOME"),
    Environment("password not UTF-8", {"NEO4J_PASSWORD": f"{SECRET}\udce9"}, named="neo4j.password"),
    Environment("state folder below a file", {"HUB_GENEALOGY_HOME": f"{__file__}/state"}, named="Not a directory"),
    Environment("state folder too long", {"HUB_GENEALOGY_HOME": "/nowhere/" + 300 * "x"}, named="File name too long"),
    Environment("password in the endpoint", {"HF_ENDPOINT": f"http://user:{SECRET}@127.0.0.1:1"}, named="HF_TOKEN"),
    Environment(
        "password in the database's address", {"NEO4J_URI": f"bolt://user:{SECRET}@127.0.0.1:1"}, named="NEO4J_PASSWORD"
    ),
    Environment("database's address half written", {"NEO4J_URI": "bolt://[::1"}, named="NEO4J_URI"),
]
BY_NAME = {environment.name: environment for environment in ENVIRONMENTS}
COMMANDS = list(commands(cli))


@pytest.fixture(scope="module")
def folders(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Future[Path]]]:
    """Environment → the folder with what every command did in it: those that are asked for, two at a time."""
    mine = [item for item in request.session.items if item.path == request.path and isinstance(item, pytest.Function)]
    wanted = dict.fromkeys([PLAIN, *(str(item.callspec.params["name"]) for item in mine)])
    with SimulatedHub(FAMILY) as hub, ThreadPoolExecutor(2) as pool:
        yield {
            name: pool.submit(_run, BY_NAME[name], hub.url, tmp_path_factory.mktemp("environment")) for name in wanted
        }


def _run(environment: Environment, hub: str, folder: Path) -> Path:
    common: dict[str, str | None] = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(REPOSITORY),
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "HF_ENDPOINT": hub,
        "NEO4J_URI": "bolt://127.0.0.1:1",
        "HUB_GENEALOGY_HOME": str(folder / "state"),
        "HUB_GENEALOGY_HUB_PATIENCE": "0s",
        "HUB_GENEALOGY_LINEAGE_REDIRECTS": "0",
        "HUB_GENEALOGY_SWEEP_MAX_TAIL_AGE": "off",
    }
    variables = {name: value for name, value in (common | {**environment.variables}).items() if value is not None}
    with (folder / "start.out").open("wb") as out, (folder / "start.err").open("wb") as err:
        subprocess.run(
            ["sh", "-c", f'"$@" {environment.redirections}', "sh",
             sys.executable, "-m", "tests.support.every_command", str(folder), environment.argument.hex()],
            env=variables, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=err, check=True,
        )  # fmt: skip
    return folder


def _code(folder: Path, arguments: tuple[str, ...]) -> int:
    return int(json.loads((folder / "codes.json").read_text())[" ".join(arguments)])


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("name", BY_NAME)
def test_every_command_ends_with_one_line_and_a_code(
    name: str, arguments: tuple[str, ...], folders: dict[str, Future[Path]]
) -> None:
    folder, named = folders[name].result(), BY_NAME[name].named
    code = _code(folder, arguments)
    files = [place(folder, arguments, stream) for stream in ("out", "err")]
    # Read as UTF-8; None where the stream does not go to a file.
    out, err = (file.read_text(encoding="utf-8") if file.exists() else None for file in files)
    said = f"{out}{err}"
    assert code in CODES, said
    assert not re.search(rf"Traceback|Exception ignored|Logging error|Warning:|{SECRET}", said)
    assert name != NO_READER or "stdout" not in (err or "")
    if code != 0 and err is not None and (out is not None or arguments != ("doctor",)):
        errors = [line for line in err.splitlines() if line.startswith("error: ") or '"level": "error"' in line]
        failures = [line for line in (out or "").splitlines() if line.startswith("fail ")]
        if name == NO_READER and not errors:
            return
        assert len(errors) == (not failures), said
    if named and (arguments == ("doctor",) or code not in (0, _code(folders[PLAIN].result(), arguments))):
        # Without NEO4J_URI, a question to a folder without a state ends before anything else can be wrong.
        assert named in said or "there is no graph in" in said
