"""Models of the simulated Hub change while somebody walks them."""

import gzip
import json
import time
from pathlib import Path

import pytest

from demo.simulated_hub import SimulatedHub
from tests.support.small_hub import BASE, FAMILY, IN_ORDER, get, hub_id, model, walk


def test_a_rename_keeps_the_id_redirects_the_old_name_and_is_followed_by_the_children(hub: SimulatedHub) -> None:
    hub.rename("Maker/base", "Owner/first")
    assert get(hub, "/api/models/maker/base").headers["Location"] == "/api/models/Owner/first"
    assert hub.record(hub_id(1)) == BASE | {"id": "Owner/first", "author": "Owner"}
    followed = FAMILY[1] | {
        "tags": ["base_model:Owner/first", "base_model:finetune:Owner/first"],
        "baseModels": {"relation": "finetune", "models": [{"_id": hub_id(1), "id": "Owner/first"}]},
    }
    assert hub.record("tuner/one") == followed


def test_a_rename_may_leave_the_old_tags_beside_the_new(hub: SimulatedHub) -> None:
    hub.rename("Maker/base", "Maker/first", keep_old_tags=True)
    assert (hub.record("tuner/one") or {})["tags"] == [
        "base_model:Maker/base",
        "base_model:Maker/first",
        "base_model:finetune:Maker/base",
        "base_model:finetune:Maker/first",
    ]


def test_a_new_repository_can_take_an_old_name(hub: SimulatedHub) -> None:
    hub.rename("Maker/base", "Maker/first")
    hub.create(model(9, "Maker/base"))
    assert get(hub, "/api/models/Maker/base").json["_id"] == hub_id(9)
    hub.delete("Maker/base")
    assert get(hub, "/api/models/Maker/base").headers["Location"] == "/api/models/Maker/first"


def test_gating_disabling_and_updating_change_the_record(hub: SimulatedHub) -> None:
    hub.gate("tuner/one", "manual")
    hub.disable("tuner/one")
    hub.update("tuner/one", {"likes": 99, "tags": None})
    answer = get(hub, "/api/models/tuner/one")
    assert answer.status == 200
    assert (answer.json["gated"], answer.json["disabled"], answer.json["likes"]) == ("manual", True, 99)
    assert "tags" not in answer.json
    assert walk(hub, "/api/models?sort=likes")[0] == "tuner/one"


def test_a_deleted_and_a_private_model_are_gone_and_a_hidden_one_is_only_not_listed(hub: SimulatedHub) -> None:
    hub.delete("tuner/one")
    hub.update("tuner/two", {"private": True})
    hub.hide("x/last")
    assert walk(hub, IN_ORDER) == ["Maker/base", "legacy-name"]
    statuses = [get(hub, f"/api/models/{name}").status for name in ("tuner/one", "tuner/two", "x/last")]
    assert statuses == [401, 401, 200]
    hub.show("x/last")
    hub.update("tuner/two", {"private": False})
    assert walk(hub, IN_ORDER) == ["Maker/base", "tuner/two", "legacy-name", "x/last"]


def test_a_change_can_wait_for_the_nth_listing_request(hub: SimulatedHub) -> None:
    hub.delete("x/last", after=2)
    hub.create(model(6, "x/late"), after=1)
    get(hub, "/api/models/x/last")
    assert walk(hub, f"{IN_ORDER}&limit=2") == ["Maker/base", "tuner/one", "tuner/two", "legacy-name", "x/late"]


def test_creation_ascending_misses_nothing_under_churn_and_an_update_slips_through_last_modified(
    hub: SimulatedHub,
) -> None:
    hub.update("Maker/base", {"lastModified": "2025-01-01T00:00:00.000Z"}, after=2)
    assert "Maker/base" not in walk(hub, "/api/models?sort=lastModified&limit=2")
    hub.update("Maker/base", {"lastModified": "2025-01-02T00:00:00.000Z"}, after=2)
    assert walk(hub, f"{IN_ORDER}&limit=2") == [record["id"] for record in FAMILY]


def test_changes_of_a_replay_are_applied_from_a_file(hub: SimulatedHub, tmp_path: Path) -> None:
    week = tmp_path / "week.jsonl.gz"
    changes = [
        {"op": "add", "record": model(7, "new/one")},
        {"op": "delete", "_id": hub_id(5), "id": "x/last"},
    ]
    week.write_bytes(gzip.compress("\n".join(map(json.dumps, changes)).encode()))
    assert hub.apply(week) == 2
    assert walk(hub, IN_ORDER)[-2:] == ["legacy-name", "new/one"]
    assert hub.replace_listing(FAMILY[:1]) == 1
    assert walk(hub, IN_ORDER) == ["Maker/base"]


def test_thirty_thousand_changes_take_seconds(hub: SimulatedHub) -> None:
    walk(hub, IN_ORDER)
    began = time.monotonic()
    hub.apply({"op": "add", "record": model(number, f"bulk/m{number}")} for number in range(10, 30_010))
    assert time.monotonic() - began < 10
    assert len(walk(hub, IN_ORDER)) == 30_005


def test_an_impossible_change_is_refused_at_once_or_told_at_the_next_order(hub: SimulatedHub) -> None:
    with pytest.raises(ValueError, match="no model 'no/body'"):
        hub.delete("no/body")
    with pytest.raises(ValueError, match="unknown change 'vanish'"):
        hub.apply([{"op": "vanish"}], after=1)
    hub.delete("no/body", after=1)
    assert get(hub, IN_ORDER).status == 200
    with pytest.raises(ValueError, match="when its time had come"):
        hub.requests()
