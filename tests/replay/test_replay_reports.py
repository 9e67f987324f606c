"""Dossiers of real families: a past day as it was then."""

import json
from pathlib import Path

import pytest

from tests.support.replays import Replay

pytestmark = [pytest.mark.replay, pytest.mark.timeout(1800)]


@pytest.mark.usefixtures("graph")
def test_a_past_day_is_reported_as_it_was_then(replay: Replay, tmp_path: Path) -> None:
    assert len(replay.reports) > 1
    columns = ("key", "class", "certainty", "link_status", "depth", "steps", "status")
    for then in replay.reports:
        now = replay.program.run("report", then["model"]["key"], "--as-of", then["made_at"], "--format", "json").json()
        for side in ("ancestors", "descendants"):
            found, expected = ({row["key"]: row for row in one[side]} for one in (now, then))
            assert found.keys() == expected.keys()
            assert {key: [row[name] for name in columns] for key, row in found.items()} == {
                key: [row[name] for name in columns] for key, row in expected.items()
            }
            names = {row["id"]: row["key"] for row in expected.values()}
            names_now = {row["id"]: row["key"] for row in found.values()}
            for key, row in found.items():
                # By keys: a model may have another name by now.
                ways = (
                    [names_now.get(name) for name in row["path"]],
                    [names.get(name) for name in expected[key]["path"]],
                )
                assert ways[0] == ways[1]
    kept = tmp_path / "then.json"
    kept.write_text(json.dumps(replay.reports[0]))
    done = replay.program.run("report", "--check", str(kept), "--format", "json")
    new = {row["key"] for row in done.json() if row["change"] == "new" and row["side"] == "descendant"}
    last, first = ({row["key"] for row in report["descendants"]} for report in (replay.reports[-1], replay.reports[0]))
    if replay.reports[0]["model"]["key"] == replay.reports[-1]["model"]["key"]:
        assert new == last - first
    assert done.code == 1
