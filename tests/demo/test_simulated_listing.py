"""The listing, the detail calls and the quota of the simulated Hub are as the Hub's are known to be."""

import base64
import gzip
import json
import re
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from demo.simulated_hub import SimulatedHub
from tests.support.small_hub import FAMILY, IN_ORDER, get, hub_id, model, walk


def test_created_at_ascending_walks_every_model_in_the_order_of_its_id(hub: SimulatedHub) -> None:
    assert walk(hub, f"{IN_ORDER}&limit=2") == [record["id"] for record in FAMILY]
    assert [len(request.page_ids) for request in hub.listing_requests()] == [2, 2, 1]


@pytest.mark.parametrize("sort", ["createdAt", "lastModified", "downloads", "likes", "trendingScore"])
@pytest.mark.parametrize("direction", [1, -1])
def test_every_sort_walks_every_model_once_ties_broken_by_ascending_id(
    hub: SimulatedHub, sort: str, direction: int
) -> None:
    if sort in {"createdAt", "lastModified", "likes"}:  # no ties
        expected = FAMILY[::direction]
    else:
        expected = sorted(FAMILY, key=lambda record: direction * record.get(sort, 0))
    path = f"/api/models?sort={sort}&direction={direction}&limit=2"
    assert walk(hub, path) == [record["id"] for record in expected]


def test_descends_by_default(hub: SimulatedHub) -> None:
    assert walk(hub, "/api/models?sort=likes&limit=3")[0] == "x/last"


def test_a_link_names_the_asked_host_and_keeps_every_other_parameter(hub: SimulatedHub) -> None:
    link = urlsplit(get(hub, f"{IN_ORDER}&limit=2&expand[]=tags&expand=likes", Host="hub.example").next or "")
    assert (link.scheme, link.netloc, link.path) == ("http", "hub.example", "/api/models")
    asked = parse_qs(link.query)
    predicate = json.loads(base64.b64decode(asked.pop("cursor")[0]))
    assert asked == {"sort": ["createdAt"], "direction": ["1"], "limit": ["2"], "expand": ["tags", "likes"]}
    assert predicate == {"_id": {"$gt": hub_id(2)}}


def test_a_configured_host_stands_in_the_link() -> None:
    with SimulatedHub(FAMILY, host="mirror.example") as hub:
        assert (get(hub, f"{IN_ORDER}&limit=2").next or "").startswith("http://mirror.example/api/models?")


def test_a_full_last_page_has_no_link(hub: SimulatedHub) -> None:
    assert get(hub, f"{IN_ORDER}&limit=5").next is None


def test_the_limit_is_clamped_to_a_thousand() -> None:
    with SimulatedHub(model(number, f"many/m{number}") for number in range(1001)) as hub:
        assert len(get(hub, f"{IN_ORDER}&limit=5000").json) == 1000
        assert len(get(hub, IN_ORDER).json) == 1000


def test_expand_gives_exactly_what_was_asked_for_and_leaves_out_what_is_lacking(hub: SimulatedHub) -> None:
    records = get(hub, f"{IN_ORDER}&expand=baseModels&expand=gated&expand[]=likes").json
    assert records[0] == {"_id": hub_id(1), "id": "Maker/base", "likes": 1}
    assert records[1] == {
        "_id": hub_id(2),
        "id": "tuner/one",
        "baseModels": {"relation": "finetune", "models": [{"_id": hub_id(1), "id": "Maker/base"}]},
        "likes": 2,
    }


def test_who_has_no_inference_provider_has_an_empty_list_of_them(hub: SimulatedHub) -> None:
    hub.update("tuner/one", {"inferenceProviderMapping": [{"provider": "novita", "status": "live"}]})
    found = get(hub, f"{IN_ORDER}&expand=inferenceProviderMapping").json
    assert {one["id"]: len(one["inferenceProviderMapping"]) for one in found} == {
        record["id"]: int(record["id"] == "tuner/one") for record in FAMILY
    }


def test_without_expand_the_default_fields_come(hub: SimulatedHub) -> None:
    assert set(get(hub, IN_ORDER).json[0]) == {
        "_id",
        "id",
        "likes",
        "private",
        "downloads",
        "tags",
        "createdAt",
        "modelId",
    }  # fmt: skip - one name a line says no more


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("sort=createdAt&expand=likes&expand=childrenModelCount", "baseModels"),
        ("sort=id", "lastModified"),
        ("direction=0", "direction"),
        ("limit=none", "limit"),
        ("cursor=e30%3D%3D", "cursor"),
        ("pipeline_tag=x", "pipeline_tag"),
    ],
)
def test_a_bad_parameter_is_400_with_what_would_be_right(hub: SimulatedHub, query: str, said: str) -> None:
    answer = get(hub, f"/api/models?{query}")
    assert answer.status == 400
    assert said in answer.json["error"]


def test_filters_select_and_page(hub: SimulatedHub) -> None:
    assert walk(hub, f"{IN_ORDER}&filter=base_model:finetune:Maker/base&limit=1") == ["tuner/one", "tuner/two"]
    assert walk(hub, f"{IN_ORDER}&filter=region:us&filter=base_model:Maker/base") == []
    assert walk(hub, f"{IN_ORDER}&author=Maker") == ["Maker/base"]
    assert walk(hub, f"{IN_ORDER}&search=TUNER") == ["tuner/one", "tuner/two"]


def test_a_file_compressed_or_not_and_written_with_spaces_is_a_listing_too(tmp_path: Path) -> None:
    plain, packed = tmp_path / "listing.jsonl", tmp_path / "listing.jsonl.gz"
    lines = "\n".join(json.dumps(record) for record in FAMILY).encode()
    plain.write_bytes(lines)
    packed.write_bytes(gzip.compress(lines))
    for path in (plain, packed):
        with SimulatedHub(path) as hub:
            assert hub.records() == FAMILY


def test_text_that_utf8_cannot_hold_is_served_as_it_was_given() -> None:
    odd = {"base_model": "\ud800 \u202e \x00 é"}
    with SimulatedHub([model(1, "odd/text", cardData=odd)]) as hub:
        assert get(hub, f"{IN_ORDER}&expand=cardData").json[0]["cardData"] == odd


def test_a_detail_call_gives_the_whole_record(hub: SimulatedHub) -> None:
    assert get(hub, "/api/models/tuner/one").json == FAMILY[1]
    assert get(hub, "/api/models/legacy-name").json == FAMILY[3]
    assert get(hub, "/api/models/tuner/one?expand=likes").json == {"_id": hub_id(2), "id": "tuner/one", "likes": 2}


def test_another_case_is_redirected_relatively(hub: SimulatedHub) -> None:
    answer = get(hub, "/api/models/mAKER/Base")
    assert (answer.status, answer.headers["Location"]) == (307, "/api/models/Maker/base")


def test_a_legacy_name_is_redirected(hub: SimulatedHub) -> None:
    hub.redirect("base-uncased", "Maker/base")
    answer = get(hub, "/api/models/base-uncased")
    assert (answer.status, answer.headers["Location"]) == (307, "/api/models/Maker/base")


def test_a_missing_model_is_401_without_a_token_and_404_with_one(hub: SimulatedHub) -> None:
    anonymous = get(hub, "/api/models/no/body")
    assert (anonymous.status, anonymous.json) == (401, {"error": "Invalid username or password."})
    assert anonymous.headers["X-Error-Code"] is None
    known = get(hub, "/api/models/no/body", Authorization="Bearer hf_x")
    assert (known.status, known.headers["X-Error-Code"]) == (404, "RepoNotFound")
    assert [request.with_token for request in hub.detail_requests()] == [False, True]


def test_an_id_is_no_name(hub: SimulatedHub) -> None:
    assert get(hub, f"/api/models/{hub_id(1)}").status == 401


def test_other_paths_are_404(hub: SimulatedHub) -> None:
    for path in ("/api/agent-harnesses", "/", "/api/models/a/b/c", "/api/spaces"):
        assert get(hub, path).status == 404


def test_every_answer_says_what_is_left(hub: SimulatedHub) -> None:
    for path in (
        IN_ORDER,
        "/api/models/maker/base",
        "/api/models/no/body",
        "/api/models?sort=x",
        "/api/agent-harnesses",
    ):
        headers = get(hub, path).headers
        assert re.fullmatch(r'"api";r=\d+;t=\d+', headers["RateLimit"])
        assert re.fullmatch(r'"fixed window";"api";q=\d+;w=300', headers["RateLimit-Policy"])


def test_an_exhausted_quota_is_429_until_the_window_ends_and_a_token_has_its_own() -> None:
    with SimulatedHub(FAMILY, quota=2, token_quota=3) as hub:
        answers = [get(hub, IN_ORDER) for _ in range(3)]
        assert [answer.status for answer in answers] == [200, 200, 429]
        assert [answer.headers["RateLimit"].split(";")[1] for answer in answers] == ["r=1", "r=0", "r=0"]
        assert [get(hub, IN_ORDER, Authorization="Bearer hf_x").status for _ in range(4)] == [200, 200, 200, 429]
        hub.set_quota(1, window=2)  # a new window begins
        assert get(hub, IN_ORDER).status == 200
        refused = get(hub, IN_ORDER)
        assert refused.status == 429
        time.sleep(int(refused.headers["RateLimit"].rpartition("=")[2]))
        assert get(hub, IN_ORDER).status == 200
