"""Which owners the Hub is asked about, and when again."""

from datetime import UTC, datetime, timedelta

import duckdb

from crawler.hub.archive import Detail
from tests.support.small_hub import child, model
from tests.support.sweeps import Sweeps

DAY = datetime(2025, 1, 1, 3, tzinfo=UTC)
FEW, MANY = model(1, "few/base", downloads=10**6), model(2, "many/base", downloads=1)
PAGE = [FEW, MANY, child(3, "x/a", FEW), child(4, "x/b", MANY), child(5, "x/c", MANY)]


class Answers:
    """Knows everybody but those in `away`, of whom it says nothing that decides anything."""

    def __init__(self, *away: str) -> None:
        self.away, self.asked = away, list[str]()

    def __call__(self, name: str) -> Detail:
        self.asked.append(name)
        return Detail(403 if name in self.away else 200)


def asked(hub: Sweeps, day: int, *away: str, owners: int = 1000, page: list[dict[str, object]] = PAGE) -> list[str]:
    answers = Answers(*away)
    hub.sweep(page, look_up=answers, owners=owners, redirects=0, started=DAY + timedelta(days=day))
    return answers.asked


def kept(hub: Sweeps) -> set[tuple[str, int, str | None]]:
    with duckdb.connect() as db:
        rows = db.read_parquet(str(hub.snapshot / "owners.parquet")).select("name", "status", "kind").fetchall()
    return set(rows)


def test_the_owners_whose_models_are_declared_as_parents_most_often_come_first(hub: Sweeps) -> None:
    assert asked(hub, 0, owners=2) == ["many", "few"]
    assert asked(hub, 1, owners=2) == ["x"]


def test_an_owner_is_asked_about_again_after_90_days(hub: Sweeps) -> None:
    assert set(asked(hub, 0)) == {"many", "few", "x"}
    assert asked(hub, 89) == []
    assert set(asked(hub, 90)) == {"many", "few", "x"}


def test_what_decides_nothing_leaves_what_was_known_and_waits_behind_the_others(hub: Sweeps) -> None:
    asked(hub, 0, "few")
    assert kept(hub) == {("many", 200, "organisation"), ("few", 403, None), ("x", 200, "organisation")}
    assert asked(hub, 90, "many", "few", "x") == ["many", "x", "few"]
    assert kept(hub) == {("many", 403, "organisation"), ("few", 403, None), ("x", 403, "organisation")}


def test_an_owner_without_a_model_is_forgotten(hub: Sweeps) -> None:
    asked(hub, 0)
    moved = [record | {"id": str(record["id"]).replace("few/", "new/")} for record in PAGE]
    assert asked(hub, 1, page=moved) == ["new"]
    assert {name for name, *_ in kept(hub)} == {"many", "new", "x"}
