"""The simulated Hub lists data sets beside models, and one listing knows nothing of the other."""

from demo.simulated_hub import SimulatedHub
from tests.support.small_hub import BASE, FAMILY, get, hub_id, model, walk

IN_ORDER = "/api/datasets?sort=createdAt&direction=1"
# A data set may bear the name of a model.
SETS = [model(11, "maker/set"), model(12, "Maker/base"), model(13, "maker/more")]


def test_walks_the_data_sets_and_not_the_models() -> None:
    with SimulatedHub(FAMILY, datasets=SETS) as hub:
        assert walk(hub, f"{IN_ORDER}&limit=2") == ["maker/set", "Maker/base", "maker/more"]
        assert [len(request.page_ids) for request in hub.datasets.listing_requests()] == [2, 1]
        assert hub.listing_requests() == []


def test_answers_for_a_data_set_and_leads_on_from_its_former_name() -> None:
    with SimulatedHub(FAMILY, datasets=SETS) as hub:
        hub.datasets.rename(hub_id(11), "maker/renamed")
        assert get(hub, "/api/datasets/Maker/base").json["_id"] == hub_id(12)
        answer = get(hub, "/api/datasets/maker/set")
        assert (answer.status, answer.headers["Location"]) == (307, "/api/datasets/maker/renamed")
        assert get(hub, "/api/models/maker/set").status == 401
        assert get(hub, "/api/models/Maker/base").json["_id"] == BASE["_id"]
        assert len(hub.datasets.detail_requests()) == 2


def test_data_sets_change_after_requests_for_their_own_pages() -> None:
    with SimulatedHub(FAMILY, datasets=SETS) as hub:
        hub.datasets.hide(hub_id(13), after=1)
        get(hub, "/api/models")
        assert get(hub, IN_ORDER).names == ["maker/set", "Maker/base", "maker/more"]
        assert get(hub, IN_ORDER).names == ["maker/set", "Maker/base"]


def test_a_fault_strikes_the_listing_or_the_repository_that_it_is_meant_for() -> None:
    with SimulatedHub(FAMILY, datasets=SETS) as hub:
        hub.fault("status", status=503, target="datasets")
        hub.fault("status", status=502, target="dataset")
        paths = ("/api/models", "/api/models/Maker/base", "/api/datasets", "/api/datasets/maker/set")
        assert [get(hub, path).status for path in paths] == [200, 200, 503, 502]


def test_refuses_a_field_that_only_models_have() -> None:
    with SimulatedHub(FAMILY, datasets=SETS) as hub:
        assert get(hub, f"{IN_ORDER}&expand=cardData").status == 200
        assert get(hub, f"{IN_ORDER}&expand=baseModels").status == 400


def test_lists_no_data_sets_after_another_beginning() -> None:
    with SimulatedHub(FAMILY, datasets=SETS) as hub:
        hub.begin_anew(FAMILY)
        assert get(hub, IN_ORDER).names == []
        assert hub.datasets.replace_listing(SETS[:1]) == 1
        assert (hub.datasets.records(), hub.datasets.record("maker/set")) == (SETS[:1], SETS[0])
