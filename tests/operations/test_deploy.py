"""The files of `deploy/` and docs/operations.md: that they name what the program has."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from crawler import errors, settings
from crawler.operations.metrics import METRICS, PREFIX

REPOSITORY = Path(__file__).parent.parent.parent
DEPLOY = REPOSITORY / "deploy"
UNITS = sorted(path.name for path in DEPLOY.glob("*.*") if path.suffix in {".service", ".timer"})
OPERATIONS = (REPOSITORY / "docs" / "operations.md").read_text(encoding="utf-8")


def test_the_settings_file_is_readable_as_it_is_and_with_every_line_in_force(tmp_path: Path) -> None:
    text = (DEPLOY / "hub-genealogy.yml").read_text(encoding="utf-8")
    settings.load(DEPLOY / "hub-genealogy.yml", environment={})
    all_in_force = tmp_path / "all.yml"
    all_in_force.write_text(re.sub(r"^  # ([a-z_]+: )", r"  \1", text, flags=re.MULTILINE), encoding="utf-8")
    found = settings.load(all_in_force, environment={})
    assert found["metrics.textfile"].name == "hub_genealogy.prom"
    assert found["disk.min_free"] == 2 << 30


def test_the_alerts_ask_for_metrics_that_are_written() -> None:
    rules = yaml.safe_load((DEPLOY / "prometheus-alerts.yml").read_text(encoding="utf-8"))["groups"][0]["rules"]
    named = {name for rule in rules for name in re.findall(rf"{PREFIX}[a-z_]+", rule["expr"])}
    assert named <= {PREFIX + metric for metric in METRICS}
    assert {PREFIX + "exit_code", PREFIX + "complete_timestamp_seconds"} <= named


def test_the_crontab_has_one_job_and_no_percent_sign() -> None:
    lines = (DEPLOY / "crontab").read_text(encoding="utf-8").splitlines()
    jobs = [line for line in lines if line and not line.startswith("#") and not re.match(r"[A-Z_]+=", line)]
    assert len(jobs) == 1
    assert re.fullmatch(r"\d+ \d+ \* \* \*  /\S+/hub-genealogy [^%]+", jobs[0])


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd on this machine")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    for name in UNITS:
        text = (DEPLOY / name).read_text(encoding="utf-8")
        # The program is not installed there: any other that is will do.
        installed = text.replace("/opt/hub-genealogy/bin/hub-genealogy", "/bin/true")
        (tmp_path / name).write_text(installed, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", *(str(tmp_path / name) for name in UNITS)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


# The folders of docs/operations.md: everything that is installed, written or read is there.
LAYOUT = ("/opt/hub-genealogy", "/etc/hub-genealogy", "/var/lib/hub-genealogy", "/var/cache/hub-genealogy")
CHECKED = ["README.md", "docs/operations.md", *(f"deploy/{path.name}" for path in sorted(DEPLOY.iterdir()))]
# What belongs to the system or to another program.
OTHERS = ("/etc/systemd/system/", "/var/lib/prometheus/", "/srv/www/")


@pytest.mark.parametrize("name", CHECKED)
def test_every_path_is_of_the_one_layout(name: str) -> None:
    text = (REPOSITORY / name).read_text(encoding="utf-8")
    found = set(re.findall(r"(?<![\w.])/(?:opt|etc|srv|usr/local|var|home)/[\w./-]+", text))
    ours = {path for path in found if not path.startswith(OTHERS)} - {"/var/cache"}
    assert {path for path in ours if not path.startswith(LAYOUT)} == set()


def test_cron_and_systemd_run_the_same_program_with_the_same_settings() -> None:
    lines = [line for path in DEPLOY.iterdir() for line in path.read_text(encoding="utf-8").splitlines()]
    commands = [re.search(r"(/\S+/hub-genealogy --config \S+) ", line) for line in lines if not line.startswith("#")]
    found = [match[1] for match in commands if match]
    assert found == ["/opt/hub-genealogy/bin/hub-genealogy --config /etc/hub-genealogy/hub-genealogy.yml"] * 4
    assert settings.load(DEPLOY / "hub-genealogy.yml", environment={}).home == Path("/var/lib/hub-genealogy")


def test_systemds_own_folders_are_those_of_the_layout() -> None:
    for name in ("hub-genealogy.service", "hub-genealogy-neo4j.service"):
        text = (DEPLOY / name).read_text(encoding="utf-8")
        for line in ("User=hub-genealogy", "StateDirectory=hub-genealogy", "CacheDirectory=hub-genealogy"):
            assert f"\n{line}\n" in text
        assert "Environment=XDG_CACHE_HOME=%C\n" in text
    assert "\nXDG_CACHE_HOME=/var/cache\n" in (DEPLOY / "crontab").read_text(encoding="utf-8")


def test_the_instructions_install_every_unit_and_enable_those_that_can_be() -> None:
    steps = "\n".join(re.findall(r"```sh\n(.*?)```", OPERATIONS, re.DOTALL))
    installed, reloaded, enabled = (
        next(line for line in steps.splitlines() if line.startswith(start))
        for start in ("install -m 644 deploy/", "systemctl daemon-reload", "systemctl enable --now ")
    )
    assert {f"deploy/{name}" for name in UNITS} <= set(installed.split())
    assert steps.index(installed) < steps.index(reloaded) < steps.index(enabled)
    wanted = {name for name in UNITS if "[Install]" in (DEPLOY / name).read_text(encoding="utf-8")}
    assert set(enabled.split()[3:]) == wanted
    assert "/opt/hub-genealogy/bin/pip install --require-hashes -r requirements.txt" in steps


def test_every_exit_code_is_in_the_handbook() -> None:
    known = {kind.exit_code for kind in vars(errors).values() if isinstance(kind, type) and hasattr(kind, "exit_code")}
    rows = re.findall(r"^\| ([\d, ]+) \|", OPERATIONS, re.MULTILINE)
    assert known <= {int(code) for row in rows for code in row.split(",")}
