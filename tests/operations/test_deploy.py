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


def test_every_exit_code_is_in_the_handbook() -> None:
    known = {kind.exit_code for kind in vars(errors).values() if isinstance(kind, type) and hasattr(kind, "exit_code")}
    rows = re.findall(r"^\| ([\d, ]+) \|", OPERATIONS, re.MULTILINE)
    assert known <= {int(code) for row in rows for code in row.split(",")}
