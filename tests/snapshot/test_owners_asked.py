"""Which owners the Hub is asked about, and when again."""

from datetime import UTC, datetime, timedelta

import duckdb

from crawler.hub.archive import Detail
from tests.support.small_hub import child, model
from tests.support.sweeps import Sweeps

DAY = datetime(2025, 1, 1, 3, tzinfo=UTC)
FEW, MANY = model(1, "few/base", downloads=10**6), model(2, "many/base", downloads=1)
PAGE = [FEW, MANY, child(3, "x/a", FEW), child(4, "x/b", MANY), child(5, "x/c", MANY)]


class Hub:
    """Knows everybody but those in `away`, of whom it says nothing that decides anything."""

    def __init__(self, *away: str) -> None:
        self.away, self.asked = away, list[str]()

    def __call__(self, name: str) -> Detail:
        self.asked.append(name)
        return Detail(403 if name in self.away else 200)


def asked(sweeps: Sweeps, day: int, *away: str, owners: int = 1000, page: list[dict[str, object]] = PAGE) -> list[str]:
    hub = Hub(*away)
    sweeps.sweep(page, look_up=hub, owners=owners, redirects=0, started=DAY + timedelta(days=day))
    return hub.asked


def kept(sweeps: Sweeps) -> set[tuple[str, int, str | None]]:
    with duckdb.connect() as db:
        rows = db.read_parquet(str(sweeps.snapshot / "owners.parquet")).select("name", "status", "kind").fetchall()
    return set(rows)


def test_the_owners_whose_models_are_declared_as_parents_most_often_come_first(sweeps: Sweeps) -> None:
    assert asked(sweeps, 0, owners=2) == ["many", "few"]
    assert asked(sweeps, 1, owners=2) == ["x"]


def test_an_owner_is_asked_about_again_after_90_days(sweeps: Sweeps) -> None:
    assert set(asked(sweeps, 0)) == {"many", "few", "x"}
    assert asked(sweeps, 89) == []
    assert set(asked(sweeps, 90)) == {"many", "few", "x"}


def test_what_decides_nothing_leaves_what_was_known_and_waits_behind_the_others(sweeps: Sweeps) -> None:
    asked(sweeps, 0, "few")
    assert kept(sweeps) == {("many", 200, "organisation"), ("few", 403, None), ("x", 200, "organisation")}
    assert asked(sweeps, 90, "many", "few", "x") == ["many", "x", "few"]
    assert kept(sweeps) == {("many", 403, "organisation"), ("few", 403, None), ("x", 403, "organisation")}


def test_an_owner_without_a_model_is_forgotten(sweeps: Sweeps) -> None:
    asked(sweeps, 0)
    moved = [record | {"id": str(record["id"]).replace("few/", "new/")} for record in PAGE]
    assert asked(sweeps, 1, page=moved) == ["new"]
    assert {name for name, *_ in kept(sweeps)} == {"many", "new", "x"}
